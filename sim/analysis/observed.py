"""What was observed to the end of 2020, read from the tables of the record: figures, counts of governments, shares."""

import csv
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sim.from_record import FOLDER, rows
from sim.months import month_of
from sim.worlds import Numbers, total

TARGETS = FOLDER / "targets.csv"
COUNTS = ("n_ge1", "n_ge2", "n_eq3")  # of governments at level 1, 2, 3 or above, in diffusion_to_2020.csv


@dataclass(frozen=True)
class Figure:
    """One observed figure. how: cumulative to day N, percent of filings, sum, end, ratio of years or of quarters.

    record_low, record_high: where the record itself is a range; role: input, fitted or predicted
    scratch: median of the trial run in which the rules were fitted; slack: its rounding and twice the Monte Carlo error of its 200 draws
    """

    name: str
    measure: str
    selector: str
    first: int
    last: int
    how: str
    record: float
    record_low: float
    record_high: float
    unit: str
    scratch: float
    slack: float
    role: str
    source: str

    def off(self, value: float) -> float:
        """How far a value is from the record; none within its range."""
        return max(self.record_low - value, value - self.record_high, 0.0)


class Timed(Protocol):
    """What of the model a figure is, and when."""

    @property
    def measure(self) -> str: ...
    @property
    def selector(self) -> str: ...
    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...
    @property
    def how(self) -> str: ...


def _slack(row: dict[str, str]) -> float:
    digits = len(row["scratch"].partition(".")[2])
    spread = (float(row["scratch_high"]) - float(row["scratch_low"])) / 3.29 if row["scratch_low"] else 0.0
    return float(0.5 * 10.0**-digits + 2 * 1.2533 * spread / 200**0.5)


def figures() -> list[Figure]:
    with TARGETS.open(encoding="utf-8", newline="") as file:
        return [
            Figure(
                r["figure"], r["measure"], r["selector"], month_of(r["from"]), month_of(r["to"]), r["how"],
                float(r["record"]), float(r["record_low"] or r["record"]), float(r["record_high"] or r["record"]),
                r["unit"], float(r["scratch"]), _slack(r), r["role"], r["source"],
            )
            for r in csv.DictReader(file)
        ]  # fmt: skip


def of_series(figure: Timed, series: Numbers, filings: Numbers) -> Numbers:
    """A figure in every world. series, filings: (months, worlds) -> (worlds,)"""
    first, last, how = figure.first, figure.last, figure.how
    if how.startswith("cumulative to day"):  # a date within a month: that share of the month's files
        share = int(how.rsplit(" ", 1)[1]) / 30
        return np.asarray(total(series[:last]) + share * series[last])
    if how == "percent of filings":
        part = series[last] if figure.measure == "pending" else total(series[: last + 1])
        return np.asarray(100 * part / np.maximum(total(filings[: last + 1]), 1))
    if how.startswith("ratio"):
        span = 12 if "years" in how else 3
        return np.asarray(total(series[last + 1 - span : last + 1]) / total(series[first : first + span]))
    return series[last].copy() if how == "end" else total(series[first : last + 1])


def governments(quarter: str) -> tuple[float, ...]:
    """How many had reached each level by the end of a quarter, such as 2019Q4."""
    row = next(row for row in rows("diffusion_to_2020") if row["quarter"] == quarter)
    return tuple(float(row[column]) for column in COUNTS)


def radio_share(vendor: str, year: int) -> float:
    """A vendor's share in money of radio networks outside the target, 0-1."""
    return next(
        float(row["share_pct"]) / 100
        for row in rows("ran_share_to_2020")
        if row["year"] == str(year) and row["vendor"] == vendor and row["market"].startswith("RAN ex-")
    )
