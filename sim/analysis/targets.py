"""What a calibration is held against: the record's figures, with what may part each from the model stated beforehand.

A file of targets is a CSV: figure (a row of record/targets.csv or record/ally_targets.csv), observation_sd (the standard error of the
record), discrepancy_sd (what the model is allowed to miss), known_miss (1: looked at, and not matched), why.
"""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from sim.analysis.validation import ALLIES, figures
from sim.case import Case
from sim.from_record import FOLDER, rows
from sim.months import label, month_of
from sim.refusal import InputError, nearest
from sim.text_file import printable, read_text

TARGETS = FOLDER / "calibration_targets.csv"
_COLUMNS = ("figure", "observation_sd", "discrepancy_sd", "known_miss", "why")
_LEVELS = {"level 1": ("n_ge1", "declarations"), "level 2": ("n_ge2", "bans"), "level 3": ("n_eq3", "exclusions")}


@dataclass(frozen=True)
class Target:
    """One figure. measure, selector, first, last, how: what of the model it is, as in record/targets.csv; months from January 2018"""

    name: str
    measure: str
    selector: str
    first: int
    last: int
    how: str
    value: float
    observation_sd: float
    discrepancy_sd: float
    role: str
    known_miss: bool
    source: str


def read_targets(path: Path, case: Case) -> list[Target]:
    """The targets of a file, in its order. InputError with file and line."""
    known = _on_record(case)
    found: list[Target] = []
    text = read_text(path, str(path))
    for line, row in enumerate(csv.DictReader(io.StringIO(text)), start=2):
        where = f"{path}:{line}"
        if set(row) != set(_COLUMNS) or None in row.values():
            raise InputError(where, f"a target has the columns {', '.join(_COLUMNS)}, and this row has others, or fewer")
        name = row["figure"]
        if name not in known:
            raise InputError(where, f'nothing on record is called "{printable(name)}"{nearest(name, known)}')
        if any(other.name == name for other in found):
            raise InputError(where, f'"{printable(name)}" stands there twice; keep one')
        observation, discrepancy = (_spread(row[column], where, column) for column in ("observation_sd", "discrepancy_sd"))
        if row["known_miss"] not in ("0", "1"):
            wrong = printable(row["known_miss"])
            raise InputError(f"{where} (known_miss)", f'"{wrong}" is wrong; write 1 for a known miss, 0 for any other')
        how = known[name]
        found.append(Target(name, *how[:6], observation, discrepancy, how[6], row["known_miss"] == "1", how[7]))
    if not found:
        raise InputError(f"{path}:1", f"there is no target; write a row below {','.join(_COLUMNS)}")
    return found


_How = tuple[str, str, int, int, str, float, str, str]  # measure, selector, first, last, how, value, role, source


def _on_record(case: Case) -> dict[str, _How]:
    found: dict[str, _How] = {f.name: (f.measure, f.selector, f.first, f.last, f.how, f.record, f.role, f.source) for f in figures()}
    with ALLIES.open(encoding="utf-8", newline="") as file:
        roles = {row["figure"]: row["role"] for row in csv.DictReader(file)}
    quarters = {row["quarter"]: row for row in rows("diffusion_to_2020")}
    shares = {(row["year"], row["vendor"]): float(row["share_pct"]) / 100 for row in _of_money()}
    listed = next(str(row["vendor"]) for row in case["vendors"].rows() if row["listed_candidate"])
    for name, role in roles.items():
        year = name[-4:]
        for level, (column, outcome) in _LEVELS.items():
            if name.startswith(f"governments at {level}"):
                end = month_of(f"{year}-12")
                value = float(quarters[f"{year}Q4"][column])
                found[name] = outcome, "", end, end, "end", value, role, f"diffusion_to_2020.csv {label(end)}"
        if "share in money" in name and (year, listed) in shares:
            first, last = month_of(f"{year}-01"), month_of(f"{year}-12")
            found[name] = "vendor_share", "", first, last, "mean", shares[year, listed], role, f"ran_share_to_2020.csv {year}"
    return found


def _of_money() -> list[dict[str, str]]:
    """The first row a year and vendor on the market outside the target."""
    return [row for row in reversed(rows("ran_share_to_2020")) if row["market"].startswith("RAN ex-")]


def _spread(text: str, where: str, column: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise InputError(f"{where} ({column})", f'"{printable(text)}" is wrong; a standard deviation is a number of 0 or more')
    return value
