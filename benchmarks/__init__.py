"""How fast Chokepoint is, against plain Mesa written for the same rules. `python -m benchmarks` prints; nothing is asserted.

A figure in seconds says more about a machine than about a program, so each is set against something else that ran on the same
machine in the same minutes. docs/performance.md holds the figures of one such run.

plain_licensing/  the opponent: the licensing exchange alone, as an ordinary user of Mesa writes it
plain_month.py    the other opponent: the whole month in plain Mesa, as the tests have it
core.py           the month without talks, governments and carriers
speed.py          CPU time a world, of blocks of several sizes and of the two plain writings
startup.py        what a command costs before it does anything
batch.py          what a run spends on planning, simulating and storing, and how much memory it takes
jobs.py           two processes against one
agents.py         what many times as many agents cost, and more months; larger.py makes the cases
mesa_batch.py     mesa.batch_run over the plain month against `chokepoint run`
hotspots.py       where a block spends its time
report.py         the tables as Markdown, and docs/performance.md
"""
