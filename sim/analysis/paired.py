"""What a change did: the differences between two finished runs of one luck, world by world. Their folders are enough.

    from sim.analysis.paired import compare
    from sim.batch.results import Results

    found = compare(Results.open("results/history/001-..."), Results.open("results/g20_truce/001-..."))
    found.rows             # a record an outcome and year, and one over the whole run (year "all")
    found.agents("firm")   # the same for every firm and measure
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.analysis import paired_agents
from sim.analysis.differences import Difference, difference, told
from sim.analysis.paired_agents import ALL, AgentRow
from sim.analysis.pairing import Pairing, pair
from sim.batch.results import Results
from sim.batch.summary import BUDGET, by_year
from sim.refusal import InputError, nearest
from sim.worlds import Numbers

__all__ = ["ALL", "AgentRow", "Comparison", "Row", "compare"]


@dataclass(frozen=True, kw_only=True)
class Row(Difference):
    """Of one outcome in a year, or (year "all") over the whole run: its sum, its mean or its end, as its entry says."""

    outcome: str
    unit: str
    year: int | str


@dataclass(frozen=True)
class Comparison:
    """Other less base. rows: every outcome that both runs have, by year, then over the whole run."""

    base: Results
    other: Results
    pairing: Pairing
    rows: list[Row] = field(repr=False)

    @property
    def notes(self) -> list[str]:
        return self.pairing.notes

    @property
    def outcomes(self) -> list[str]:
        return list(dict.fromkeys(row.outcome for row in self.rows))

    def row(self, outcome: str, year: int | str = ALL) -> Row:
        for row in self.rows:
            if row.outcome == outcome and row.year == year:
                return row
        if outcome not in self.outcomes:
            raise InputError(outcome, f"these runs have no such outcome{nearest(outcome, self.outcomes)}")
        raise InputError(str(year), f"these runs have no such year; they have {self.base.years[0]} to {self.base.years[-1]}")

    def peak(self, outcome: str) -> Row | None:
        """The year in which the mean difference is largest; None where no year differs."""
        years = [row for row in self.rows if row.outcome == outcome and row.year != ALL and abs(row.mean) > 0]
        return max(years, key=lambda row: abs(row.mean), default=None)

    def differences(self, outcome: str, year: int | str = ALL) -> Numbers:
        """Of an outcome in each pair of worlds, (pairs,), in the order of the worlds' numbers."""
        at = -1 if year == ALL else self.base.years.index(int(year))
        a, b = (_periods(run, [outcome])[outcome][:, at] for run in (self.base, self.other))
        return difference(a[self.pairing.base], b[self.pairing.other])

    def kinds(self) -> list[str]:
        """Kinds of agents of which both runs keep every world."""
        return paired_agents.kinds(self.base, self.other)

    def agents(self, kind: str, measures: Sequence[str] | None = None, by_year: bool = True) -> list[AgentRow]:
        """A record an agent, measure and year, and one over the whole run. InputError where a run does not keep them."""
        return paired_agents.rows(self.base, self.other, self.pairing, kind, measures, by_year)


def compare(base: Results, other: Results, outcomes: Sequence[str] | None = None) -> Comparison:
    """outcomes: only these. InputError where the runs' luck is not the same, or one has no such outcome."""
    pairing = pair(base, other)
    a, b = base.manifest["outcomes"], other.manifest["outcomes"]
    if unknown := [name for name in outcomes or () if name not in a or name not in b]:
        run = base if unknown[0] not in a else other
        raise InputError(unknown[0], f"{run.folder} has no such outcome{nearest(unknown[0], run.outcomes)}")
    names = [name for name in a if name in b and (outcomes is None or name in outcomes)]
    if apart := [name for name in names if a[name]["yearly"] != b[name]["yearly"] or a[name]["unit"] != b[name]["unit"]]:
        pairing.notes.append(f"{', '.join(apart)}: left out, since the runs mean different things by it")
        names = [name for name in names if name not in apart]
    if not names:
        raise InputError(str(other.folder), f"it has no outcome in common with {base.folder}")
    found = []
    for some in _groups(names, max(base.manifest["worlds"], other.manifest["worlds"]), len(base.years) + 1):
        ours, theirs = _periods(base, some), _periods(other, some)
        for name in some:
            columns = told(ours[name][pairing.base], theirs[name][pairing.other], pairing.sample)
            periods: list[int | str] = [*base.years, ALL]
            for year, column in zip(periods, columns, strict=True):
                found.append(Row(outcome=name, unit=a[name]["unit"], year=year, **vars(column)))
    return Comparison(base, other, pairing, found)


def _groups(names: Sequence[str], worlds: int, periods: int) -> Iterator[Sequence[str]]:
    """So many outcomes at a time that memory stays bounded."""
    many = max(1, BUDGET // (2 * 8 * worlds * periods))
    for first in range(0, len(names), many):
        yield names[first : first + many]


def _periods(results: Results, outcomes: Sequence[str]) -> dict[str, Numbers]:
    """outcome -> (worlds, years + 1): each year, then the whole run."""
    how = {name: results.manifest["outcomes"][name]["yearly"] for name in outcomes}
    parts: dict[str, list[Numbers]] = {name: [] for name in outcomes}
    for part in results.parts(outcomes):
        for name, series in part.items():
            parts[name].append(np.hstack([by_year(series, how[name]), by_year(series, how[name], series.shape[1])]))
    return {name: np.concatenate(some) for name, some in parts.items()}
