"""Who gained and who lost: paired differences of what each agent did, from the tables of agents of two runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.analysis.differences import Difference, told
from sim.analysis.pairing import Pairing, named
from sim.batch.results import Results
from sim.batch.store import FULL_UP_TO
from sim.refusal import InputError, nearest
from sim.worlds import Integers, Numbers

ALL = "all"  # in place of a year: the whole run
_KEYS = ("world", "year", "agent")


@dataclass(frozen=True, kw_only=True)
class AgentRow(Difference):
    """Of one measure of an agent in a year, or over the whole run."""

    kind: str
    agent: str
    measure: str
    unit: str
    year: int | str


@dataclass(frozen=True)
class _Table:
    """worlds, years, agents: in the order of the axes; columns: measure -> (worlds, years, agents)"""

    worlds: Any
    years: list[int]
    agents: list[str]
    columns: dict[str, Any]


def kinds(base: Results, other: Results) -> list[str]:
    """Kinds of agents of which both runs keep every world."""

    def kept(results: Results) -> set[str]:
        return set(results.kinds) if results.manifest["agents_kept"] == "full" else set()

    theirs = kept(other)
    return [kind for kind in dict.fromkeys(_order(base)) if kind in theirs & kept(base)]


def _order(results: Results) -> list[str]:
    """Kinds as the table of measures names them, then those that it does not."""
    from sim.outcomes import MEASURES

    return [m.kind for m in MEASURES if m.kind in results.kinds] + results.kinds


def rows(base: Results, other: Results, pairing: Pairing, kind: str, measures: Sequence[str] | None, by_year: bool) -> list[AgentRow]:
    """InputError where one of the runs does not keep every world of such agents, or knows no such measure."""
    for run in (base, other):
        if run.manifest["agents_kept"] != "full":
            what = {"none": "keeps no agents", "statistics": "has too many worlds to keep every agent's"}[run.manifest["agents_kept"]]
            raise InputError(str(run.folder), f"it {what}; run it with --record agents and at most {FULL_UP_TO:,} worlds")
    known = kinds(base, other)
    if kind not in known:
        raise InputError(kind, f"there are no such agents{nearest(kind, known) or '; there are ' + ', '.join(known)}")
    ours, theirs = _table(base, kind, measures), _table(other, kind, measures)
    names = [name for name in ours.agents if name in theirs.agents]
    alone = [name for name in (*ours.agents, *theirs.agents) if name not in names]
    if alone and (note := f"each {kind} that only one of the two has is left out ({named(alone)})") not in pairing.notes:
        pairing.notes.append(note)
    years = [year for year in ours.years if year in theirs.years]
    months = np.bincount(np.arange(base.manifest["months"]) // 12)[: len(years)].astype(np.float64)  # of each year
    found = []
    for measure in (m for m in ours.columns if m in theirs.columns):
        unit, how = _meaning(kind, measure)
        a, b = (_cells(table, measure, pairing.number, names, years, how, months, by_year) for table in (ours, theirs))
        columns = told(a, b, pairing.sample)
        spans: list[int | str] = [*(years if by_year else ()), ALL]
        for i, agent in enumerate(names):
            for j, year in enumerate(spans):
                one = columns[i * len(spans) + j]
                found.append(AgentRow(kind=kind, agent=agent, measure=measure, unit=unit, year=year, **vars(one)))
    return found


def _meaning(kind: str, measure: str) -> tuple[str, str]:
    """Unit, and how months make a year; a measure that is no longer known is told at its end."""
    from sim.outcomes import MEASURES

    entry = next((m for m in MEASURES if (m.kind, m.name) == (kind, measure)), None)
    return ("", "end") if entry is None else (entry.unit, entry.yearly)


def _table(results: Results, kind: str, measures: Sequence[str] | None) -> _Table:
    table = results.agents(kind)
    names = [name for name in table.column_names if name not in _KEYS]
    if unknown := [name for name in measures or () if name not in names]:
        raise InputError(unknown[0], f"{results.folder} has no such measure of a {kind}{nearest(unknown[0], names)}")
    worlds, years = (table.column(name).to_numpy() for name in ("world", "year"))
    agent = table.column("agent").combine_chunks()
    codes, words = agent.indices.to_numpy(), agent.dictionary.to_pylist()
    numbers, of_world = np.unique(worlds, return_inverse=True)
    spans, of_year = np.unique(years, return_inverse=True)
    place = (of_world * len(spans) + of_year) * len(words) + codes
    columns = {}
    for name in measures or names:
        cells = np.full(len(numbers) * len(spans) * len(words), np.nan, np.float32)
        cells[place] = table.column(name).to_numpy()
        columns[name] = cells.reshape(len(numbers), len(spans), len(words))
    return _Table(numbers, [int(year) for year in spans], words, columns)


def _cells(
    table: _Table, measure: str, worlds: Integers, names: list[str], years: list[int], how: str, months: Numbers, by_year: bool
) -> Numbers:
    """(worlds, agents x periods): each year, if they are asked for, then the whole run."""
    at = np.searchsorted(table.worlds, worlds)
    agents = [table.agents.index(name) for name in names]
    spans = [table.years.index(year) for year in years]
    cells = table.columns[measure][at][:, spans][:, :, agents].astype(np.float64)
    with np.errstate(invalid="ignore"):
        whole = {
            "end": lambda: cells[:, -1],
            "sum": lambda: cells.sum(axis=1),
            "mean": lambda: (cells * months[:, None]).sum(axis=1) / months.sum(),
        }[how]()
    every = np.concatenate([cells, whole[:, None]], axis=1) if by_year else whole[:, None]
    return every.transpose(0, 2, 1).reshape(len(cells), -1)
