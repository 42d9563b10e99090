"""Every number the rules use: value, unit, range, meaning, source.

The numbers stand in the tables of numbers/ beside this file, one a row and one table a subject; scenarios, docs, the editor's
schema and error messages read them from here.
"""

import csv
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

FOLDER = Path(__file__).with_name("numbers")
SMALLEST = 1e-12  # of any number that is not 0: what is divided by less overflows

# Rules that have named variants; the first of each is the default. A variant lives in a dict of its rule's own module.
RULES: dict[str, tuple[str, ...]] = {
    "vote": ("majority", "chair", "unanimous"),
    "bottleneck": ("minimum", "harmonic_mean"),
    "talks": ("concession", "nash", "tit_for_tat", "war_of_attrition"),
    "talks_mode": ("dated", "free"),
    "drift": ("doubt_about_supply", "trend_instead_of_doubt"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of the model.

    path: its name everywhere, such as authority.noise; a * stands for each row of a table of the case (named in `over`)
    kind: parameter (nobody's choice), lever (somebody's choice) or dated (a lever that changes from month to month)
    low, high: the plausible range, from which `range` draws; equal where the number is fixed
    least, most: what is admissible at all
    how: for dated levers, whether a row counts from its `day`, for the whole `month`, or as a `pulse` in that month only
    structural: the same in all worlds of a run, since it decides the size or shape of a table
    mark: d read from a record or a date, f fitted, j judgement, u set with knowledge of what came later
    """

    path: str
    kind: str
    value: float
    low: float
    high: float
    least: float
    most: float
    unit: str
    how: str
    structural: bool
    over: str
    mark: str
    meaning: str
    source: str

    @property
    def fixed(self) -> bool:
        """Nobody varies it unless a scenario says so."""
        return self.low == self.high

    @property
    def whole(self) -> bool:
        """It counts: a fraction of one means nothing."""
        return self.unit.startswith("whole ")


def _number(text: str) -> float:
    return float(Fraction(text))


def _read(file: Path) -> dict[str, Parameter]:
    with file.open(encoding="utf-8", newline="") as lines:
        return {
            row["path"]: Parameter(
                row["path"], row["kind"], _number(row["value"]), _number(row["low"] or row["value"]), _number(row["high"] or row["value"]),
                _number(row["least"]), _number(row["most"]), row["unit"], row["how"], row["structural"] == "1", row["over"],
                row["mark"], row["meaning"], row["source"],
            )
            for row in csv.DictReader(lines)
        }


PARAMETERS: dict[str, Parameter] = {path: entry for file in sorted(FOLDER.glob("*.csv")) for path, entry in _read(file).items()}


def find(path: str) -> Parameter | None:
    """The entry of a path, or of the pattern that it fits: government.AAA.hawk is government.*.hawk for one row of a table."""
    if "*" in path:
        return None
    if path in PARAMETERS:
        return PARAMETERS[path]
    parts = path.split(".")
    if len(parts) != 3 or not parts[1]:
        return None
    return PARAMETERS.get(f"{parts[0]}.*.{parts[2]}")


def row_of(path: str) -> str:
    """The row of a table that a path names: government.AAA.hawk is about AAA."""
    return path.split(".")[1]
