"""Chokepoint from Python, for scripts and notebooks: what `import sim` offers. Pandas in, pandas out; the commands' own code between.

calls.py asks for runs, runs.py is a finished one, lists.py says what there is; one_world.py is the model for users of Mesa, ema.py for
users of the EMA workbench. docs/api.md shows all of it at work.
"""
