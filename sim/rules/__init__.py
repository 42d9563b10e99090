"""Pure rules, one idea a file: numbers in, numbers out; no state, no dice, no branches on a world's value.

The same functions serve single numbers, the pairs of a table where something may happen, and whole tables of (rows, worlds).
"""
