"""The record to the end of 2020: its tables, and what governments decided and carriers ordered, for a run that starts from it."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.case import Case
from sim.months import month_of
from sim.refusal import InputError
from sim.worlds import Numbers

FOLDER = Path(__file__).parent / "record"
DECISIONS, AWARDS = "government_decisions_to_2020", "carrier_5g_awards_to_2020"
ENDS = "2020-12"
MOST_SLOTS = 3


def rows(table: str) -> list[dict[str, str]]:
    """A table of the record."""
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Award:
    """A carrier's first 5G award on record. carrier: row of carriers.csv; vendors: rows of vendors.csv, by slot"""

    carrier: int
    month: int
    vendors: tuple[int, ...]


@dataclass(frozen=True)
class Record:
    """month: the last that is taken from the record; levels: (months, governments), as they stood; awards: to that month"""

    month: int
    levels: Numbers
    awards: tuple[Award, ...]

    def awarded(self, month: int) -> tuple[NDArray[np.intp], list[tuple[int, ...]]]:
        """Carriers that ordered in a month, in the order of their rows, and from whom."""
        found = sorted((a for a in self.awards if a.month == month), key=lambda a: a.carrier)
        return np.array([a.carrier for a in found], np.intp), [a.vendors for a in found]


def record_of(case: Case, date: str) -> Record:
    """The record of a case to a month. InputError if the record is of other carriers than the case's."""
    month = month_of(date)
    return Record(month, _levels(case, month), tuple(a for a in _awards(case) if a.month <= month))


def is_of(case: Case) -> bool:
    """Whether the record is of this case's governments and carriers."""
    try:
        record_of(case, ENDS)
    except InputError:
        return False
    return True


def _levels(case: Case, month: int) -> Numbers:
    names = list(case["governments"].key)
    levels = np.tile(np.asarray(case["governments"]["level_2017"], np.float64), (month + 1, 1))
    for decision in sorted(rows(DECISIONS), key=lambda row: row["date"]):
        if decision["iso3"] in names and month_of(decision["date"]) >= 0:
            levels[month_of(decision["date"]) :, names.index(decision["iso3"])] = float(decision["level_after"])
    return levels


def _awards(case: Case) -> list[Award]:
    carriers, vendors = list(case["carriers"]["carrier"]), list(case["vendors"]["vendor"])
    other = list(case["vendors"].key).index("other") if "other" in case["vendors"].key else None
    found = []
    for row in rows(AWARDS):
        if row["carrier"] not in carriers:
            what = f'the record is of another case: carriers.csv has no "{row["carrier"]}", which ordered 5G in {row["award_date"][:7]}'
            raise InputError("start.from_record", f"{what}; leave `start` out")
        chosen = [vendors.index(name) if name in vendors else other for name in row["vendors_5g_ran"].split(";") if name != "none"]
        slots = tuple(dict.fromkeys(v for v in chosen if v is not None))[:MOST_SLOTS]
        if slots:
            found.append(Award(carriers.index(row["carrier"]), max(month_of(row["award_date"]), 0), slots))
    return found
