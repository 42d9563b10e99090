"""The futures of a run: what each world was dealt and what came of it, joined by the worlds' numbers, never by the order of rows."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from sim.batch.results import WHO, Results
from sim.batch.summary import by_year, read_series
from sim.parameters import find
from sim.refusal import InputError, nearest
from sim.worlds import Integers, Numbers


@dataclass(frozen=True)
class Futures:
    """World 0, 1, 2 ... of a finished run, (worlds,) each. point: of a sweep, else None; dealt: path to value"""

    results: Results
    replicate: Integers
    sample: Integers
    point: Integers | None
    dealt: dict[str, Numbers]

    @classmethod
    def open(cls, folder: Path) -> "Futures":
        """InputError if the folder holds no finished run, or its worlds are not each there once."""
        results = Results.open(folder)
        table = results.worlds()
        place = _places(table["world"], results.manifest["worlds"], folder / "worlds.parquet")
        table = {name: column[place] for name, column in table.items()}
        dealt = {name: np.asarray(column, np.float64) for name, column in table.items() if name not in WHO}
        return cls(results, table["replicate"], table["sample"], table.get("point"), dealt)

    @property
    def worlds(self) -> int:
        return len(self.sample)

    def yearly(self, outcome: str) -> Numbers:
        """(worlds, years), as the outcome's months make a year. InputError if the run has no such outcome."""
        manifest = self.results.manifest
        if outcome not in manifest["outcomes"]:
            hint = nearest(outcome, self.results.outcomes) or f"; it has {', '.join(self.results.outcomes[:6])} ..."
            raise InputError(outcome, f"this run has no such outcome{hint}")
        months = manifest["months"]
        series = np.full((self.worlds, months), np.nan, np.float32)
        seen = np.zeros((self.worlds, months), np.int8)
        for part in read_series(self.results.folder, manifest["blocks"], ["world", "month", outcome], months):
            at = part["world"].ravel().astype(np.int64), part["month"].ravel().astype(np.int64)
            series[at] = part[outcome].ravel()
            np.add.at(seen, at, 1)
        if not (seen == 1).all():
            raise InputError(str(self.results.folder), f"{outcome} is not there once for each world and month; try `chokepoint verify`")
        return by_year(series, manifest["outcomes"][outcome]["yearly"])

    @cached_property
    def unit(self) -> Integers:
        """What counts as one trial: the point of a sweep at which a world lies, else its sample; numbered from 0."""
        key = self.sample if self.point is None else self.point
        return np.unique(key, return_inverse=True)[1].astype(np.int64)

    @cached_property
    def varied(self) -> dict[str, Numbers]:
        """path -> (units,): what a sweep varies, or else all that was dealt and is not the same throughout."""
        sweep = self.results.plan.scenario.sweep
        names = list(self.dealt) if sweep is None else [one.path for one in sweep.varied]
        found = {}
        for name in names:
            values = np.empty(self.unit.max() + 1)
            values[self.unit] = self.dealt[name]
            if not np.array_equal(values[self.unit], self.dealt[name]):
                raise InputError(str(self.results.folder), f'"{name}" has several values at one point; try `chokepoint verify`')
            if np.ptp(values) > 0:
                found[name] = values
        return found


def _places(world: Integers, worlds: int, where: Path) -> Integers:
    """The row of each world, in order."""
    order = np.argsort(world, kind="stable")
    if len(world) != worlds or not np.array_equal(world[order], np.arange(worlds)):
        raise InputError(str(where), f"it does not name each of the {worlds:,} worlds once; try `chokepoint verify`")
    return order


def blanks(outcome: str, year: int, values: Numbers) -> str:
    """That some worlds have no number in a year, in words; empty where all have one."""
    blank = int(np.isnan(values).sum())
    return f"{outcome}: has no number in {blank:,} of {len(values):,} worlds in {year}" if blank else ""


def refuse_blanks(outcome: str, year: int, values: Numbers) -> None:
    """InputError if some worlds have no number in a year."""
    if said := blanks(outcome, year, values):
        what = said.removeprefix(f"{outcome}: ")
        raise InputError(outcome, f"{what}, so nothing can be said of all of them; ask for another outcome or --year")


def years_asked(year: str | None, years: list[int]) -> list[int]:
    """The years of `--year`; the last where nothing was said."""
    if year is None:
        return years[-1:]
    if year.strip() == "all":
        return years
    if year.strip() not in map(str, years):
        raise InputError("--year", f'"{year[:40]}" is no year of this run; it goes from {years[0]} to {years[-1]}, or write all')
    return [int(year)]


def about(path: str) -> tuple[str, str]:
    """A path's unit and meaning; empty for one that this version does not know."""
    entry = find(path)
    return (entry.unit, entry.meaning) if entry is not None else ("", "")
