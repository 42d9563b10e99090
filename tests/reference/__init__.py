"""The second, plain implementation that the product is checked against.

Written from the text of the model alone, without sight of the product's rules: ordinary Mesa with floats, ifs and loops, one
world at a time. Of the product it imports only the table of parameters, the case reader and the luck (test_independence.py
holds it to that), so that an agreement between the two, world by world, means something. It is also what an ordinary Mesa
user would have written, hence the opponent in benchmarks.

inputs.py     a world's numbers, its dated levers, its dice, the product lines
licensing.py  the law's reach, the authority, the firms
supply.py     the vendor: fear, stock, plan, orders, output, with the listing and on the path without it
ledger.py     the one path less the other
talks.py      the talks; persuasion.py  governments; procurement.py  carriers
figures.py    what is reported
month.py      `run(...)`: one world, month by month; a list of plain dicts
"""
