"""The opponent: the licensing exchange alone, 96 months of one world, as an ordinary user of Mesa writes it.

Floats, `if`, loops over lines, one model object a world, Mesa's own dice. It reads the shipped case as the product does, but its
own numbers stand here as literals, rounded and of an earlier writing: it is an opponent in a race and no second source. The
plain writing that the product is checked against, number by number, is tests/reference.

case.py       firms, their product lines, who hears whom
dated.py      the dated facts, one number a month
draws.py      a world's parameter values
rules.py      the formulas
exchange.py   the agents and the month
"""

from .case import read_case
from .draws import Values, draw
from .exchange import Exchange

__all__ = ["Exchange", "Values", "draw", "read_case"]
