"""The data dictionary: docs/outputs.md, every file of a results folder and every column in it.

`python -m sim.views.dictionary` prints it; `--write` writes it. Outcomes and measures come from sim/outcomes.py, the words of a case
from the first shipped one; a test holds the files' columns to those of real runs.
"""

from pathlib import Path

from sim.analysis.markdown import table
from sim.batch.summary import in_words, told
from sim.case import Case, read_case, shipped_case, shipped_cases
from sim.monthly import MONTHLY
from sim.outcomes import MEASURES, OUTCOMES
from sim.views.made import show_or_write

PAGE = Path(__file__).parents[2] / "docs" / "outputs.md"
YEARLY = {"sum": "sum of its months", "mean": "mean of its months", "end": "its last month's"}
KINDS = {  # kind of agent -> who that is
    "firm": "sellers of components (chipmakers.csv)",
    "group": "groups of the listed vendor's inputs (input_groups.csv)",
    "government": "governments (governments.csv)",
    "carrier": "carriers (carriers.csv)",
    "side": "the two sides of the talks: the controller, and the target",
}
Columns = tuple[tuple[str, str, str, str], ...]  # name, type, unit, meaning

_WORLD = ("world", "int64", "number", "World of the run, from 0; the same world in every run of one seed")
_YEAR = ("year", "int32", "year", "Calendar year; the last may have fewer than twelve months")
_BANDS = (
    ("mean", "mean over the worlds"),
    ("median", "half of the worlds lie below"),
    ("p5", "5 % of the worlds lie below"),
    ("p25", "25 % of the worlds lie below"),
    ("p75", "75 % of the worlds lie below"),
    ("p95", "95 % of the worlds lie below"),
)
WORLDS: Columns = (
    _WORLD,
    ("replicate", "int64", "number", "Decides its luck; as the world in a run, the same numbers at every point in a sweep"),
    ("sample", "int64", "number", "Decides its uncertain values; as the world in a run, as the replicate in a sweep"),
    ("PATH...", "double", "the parameter's", "A column for each number that varies: its value in this world (`chokepoint parameters`)"),
)
SERIES: Columns = (
    _WORLD,
    ("month", "int32", "months", "From 0, January 2018"),
    ("date", "timestamp", "day", "The month's first day"),
    ("OUTCOME...", "float", "the outcome's", "A column for each outcome, below; blank where it has no number"),
)
AGENTS: Columns = (
    _WORLD,
    _YEAR,
    ("agent", "text", "name", "Its key in the case's table"),
    ("MEASURE...", "float", "the measure's", "A column for each measure of its kind, below"),
)
MONTHS: Columns = (
    ("kind", "text", "name", "firm, government or carrier"),
    ("agent", "text", "name", "Its key in the case's table"),
    ("month", "int32", "months", "From 0, January 2018"),
    ("measure", "text", "name", "One of those below, by month"),
    ("sum", "double", "the measure's", "Sum over the block's worlds; divide by `worlds` for the mean or the share"),
    ("worlds", "int32", "number", "Worlds of the block; blocks add up"),
)
STATISTICS: Columns = (
    ("first_world", "int64", "number", "First world of the block"),
    ("worlds", "int32", "number", "Worlds of the block"),
    ("statistic", "text", "name", "mean, or a quantile over the block's worlds"),
    _YEAR,
    ("agent", "text", "name", "Its key in the case's table"),
    ("MEASURE...", "float", "the measure's", "As above"),
)
SUMMARY: Columns = (
    ("outcome", "text", "name", "One of the outcomes below"),
    ("unit", "text", "unit", "Its unit"),
    ("year", "number", "year", "Calendar year; how months make it stands with the outcome"),
    *((name, "number", "the outcome's", about) for name, about in _BANDS),
    ("worlds", "number", "number", "Worlds with a number that year"),
)
DESIGN: Columns = (
    ("point", "int64", "number", "Point of the design, from 0"),
    ("PATH...", "double", "the parameter's", "A column for each number that the sweep varies"),
)
BY_POINT: Columns = (
    *DESIGN,
    ("outcome", "text", "name", "One of the outcomes below"),
    _YEAR,
    *((name, "double", "the outcome's", about.replace("worlds", "replicates")) for name, about in _BANDS if name not in ("p25", "p75")),
    ("worlds", "int32", "number", "Replicates with a number that year"),
)
FILES: dict[str, tuple[str, Columns | None]] = {
    "summary.csv": ("Every outcome by year over all worlds; opens in a spreadsheet. In a batch's folder `scenario` comes first.", SUMMARY),
    "series/part-NNNNN.parquet": ("Every outcome by world and month, a part for each block of worlds; numbers as float32.", SERIES),
    "worlds.parquet": ("Who the worlds are, and what they were dealt.", WORLDS),
    "agents/KIND/part-NNNNN.parquet": ("What each agent did by year, up to 2,000 worlds (`record: agents`).", AGENTS),
    "agents/KIND/part-NNNNN.parquet, above 2,000 worlds": ("The same, each block's statistics in place of its worlds.", STATISTICS),
    "monthly/part-NNNNN.parquet": ("How firms, governments, carriers stand by month, over a block; not in a sweep.", MONTHS),
    "points.parquet": ("The design of a sweep.", DESIGN),
    "by_point.parquet": ("Every outcome and year at every point of a sweep, over its replicates.", BY_POINT),
    "journal.parquet": ("Every decision of the worlds that `--trace` names; its columns stand in [why.md](why.md#journalparquet).", None),
    "manifest.json": ("Version, commit, command, seed, dates, packages, each outcome's unit and sentence, a hash of each file.", None),
    "scenario.yaml, case/": ("What was run, with everything inherited written out; its columns stand in [case.md](case.md).", None),
}
_TOP = """# What a run writes

Every file of a results folder, every column, every outcome. In pandas:

```python
import pandas as pd

series = pd.read_parquet("RUN/series")           # a row for each world and month
firms = pd.read_parquet("RUN/agents/firm")       # a row for each world, year and firm
worlds = pd.read_parquet("RUN/worlds.parquet")   # what each world was dealt
```

Two runs of one seed are paired: world 17 has the same luck and the same uncertain values in both, so take differences world by world
before you take means.

This page is made from the code's tables: `python -m sim.views.dictionary --write`.
"""


def page() -> str:
    case = read_case(shipped_case(shipped_cases()[0]))
    parts = [_TOP.strip(), "## Files", table(["file", "what it is"], [[f"`{name}`", _cell(about)] for name, (about, _) in FILES.items()])]
    for name, (_, columns) in FILES.items():
        if columns is not None:
            rows = [[f"`{column}`", kind, unit, _cell(about)] for column, kind, unit, about in columns]
            parts += [f"### {name}", table(["column", "type", "unit", "meaning"], rows)]
    parts += ["## Outcomes", _outcomes(case), "## What is kept of agents", *_measures(case)]
    return "\n\n".join(parts) + "\n"


def _outcomes(case: Case) -> str:
    told_of = [(o.name, told(o, case)) for o in OUTCOMES.values()]
    rows = [[f"`{name}`", o.unit, YEARLY[o.yearly], _cell(o.sentence)] for name, o in told_of]
    return "How it is computed: the last column, from the model after each month's last step (`sim/outcomes.py`).\n\n" + table(
        ["outcome", "unit", "a year is", "what it is"], rows
    )


def _measures(case: Case) -> list[str]:
    parts = []
    for kind, about in KINDS.items():
        rows = [[f"`{m.name}`", m.unit, YEARLY[m.yearly], _cell(in_words(m.sentence, case))] for m in MEASURES if m.kind == kind]
        parts += [f"### agents/{kind}", f"{about[0].upper()}{about[1:]}.", table(["measure", "unit", "a year is", "what it is"], rows)]
    months = [[m.kind, f"`{m.name}`", m.unit, _cell(in_words(m.sentence, case))] for m in MONTHLY]
    return [*parts, "### monthly", "By month.", table(["kind", "measure", "unit", "what it is"], months)]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    show_or_write(PAGE, page, __doc__)
