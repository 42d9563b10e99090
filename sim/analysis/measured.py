"""Measures taken of a model as it runs, month by month, or of a finished run as it is stored."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from sim.analysis.measures import Measure, Term
from sim.analysis.quantities import KINDS, Quantity
from sim.analysis.targets import Target
from sim.batch.results import Results
from sim.batch.store import FULL_UP_TO
from sim.case import Case
from sim.months import FIRST_YEAR, year_of
from sim.outcomes import agents_of
from sim.refusal import InputError
from sim.scenario import Scenario
from sim.worlds import Numbers, Worlds

if TYPE_CHECKING:
    from sim.model import TradeModel  # who reads a stored run needs no model

Look: TypeAlias = "Callable[[TradeModel], None]"


def measured(
    scenario: Scenario, case: Case, worlds: Worlds, drawn: dict[str, Numbers], targets: Sequence[Target | Measure],
    look: "Look | None" = None, months: int = 0,
) -> Numbers:  # fmt: skip
    """(targets, worlds). NaN where a world has no such number: a ratio whose second term is 0.

    drawn: values of what is uncertain, by path, (worlds,) each
    look: called with the model after every month; months: run so many at least
    FloatingPointError if a number overflows or is undefined
    """
    from sim.model import TradeModel

    measures = [target.measure if isinstance(target, Target) else target for target in targets]
    last = max([m.last + 1 for m in measures] + [months])
    if last > scenario.run.months:
        scenario = replace(scenario, run=replace(scenario.run, months=last))
    with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
        model = TradeModel(scenario, case, worlds, drawn)
        try:
            taker = Taker(model, measures)
            for _ in range(last):
                model.step()
                taker.take()
                if look is not None:
                    look(model)
        finally:
            model.close()
    return taker.values()


class Taker:
    """Takes measures of a model after each month. Each quantity is worked out once a month, and only in months that some term needs."""

    def __init__(self, model: "TradeModel", measures: Sequence[Measure]) -> None:
        self.model, self.measures = model, measures
        self.folds: dict[str, tuple[Quantity, list[Fold]]] = {}
        self.of: list[list[Fold]] = []
        self._before: dict[str, Numbers] = {}
        names = agents_of(model)
        for measure in measures:
            self.of.append([])
            for term in measure.terms:
                rows = [names[term.quantity.kind].index(agent) for agent in term.agents]
                fold = Fold(term, rows, len(model.worlds))
                self.folds.setdefault(term.quantity.full, (term.quantity, []))[1].append(fold)
                self.of[-1].append(fold)

    def take(self) -> None:
        month = self.model.month
        for full, (quantity, folds) in self.folds.items():
            wanted = [fold for fold in folds if fold.wants(month)]
            if quantity.change is not None:
                now = quantity.formula(self.model)
                value = quantity.change(self.model, self._before.get(full, now))
                self._before[full] = now
            elif wanted:
                value = quantity.formula(self.model)
            for fold in wanted:
                fold.see(month, value)

    def values(self) -> Numbers:
        """(measures, worlds)"""
        found = [put_together(m, [fold.value() for fold in folds]) for m, folds in zip(self.measures, self.of, strict=True)]
        return np.array(found).reshape(len(self.measures), len(self.model.worlds))


class Fold:
    """One term as its months go by. rows: of the agents in the table, none for all"""

    def __init__(self, term: Term, rows: Sequence[int], worlds: int) -> None:
        self.term, self.rows, self.worlds = term, np.array(rows, np.intp), worlds
        self.so_far: Numbers | None = None

    def wants(self, month: int) -> bool:
        span = self.term.span
        return month == span.last if self.term.how == "end" else span.first <= month <= span.last

    def see(self, month: int, value: Numbers) -> None:
        """value: of a month that it wants, (worlds,) or (all agents, worlds); months are seen in order"""
        term = self.term
        value = np.atleast_2d(value)
        if len(self.rows):
            value = value[self.rows]
        if term.how in ("sum", "mean"):
            value = value * term.span.share(month)
        elif term.how == "reaches":
            value = np.where(value >= term.reaches, month, term.span.last + 1).astype(np.float64)
        ways: dict[str, Callable[[Numbers, Numbers], Numbers]] = {
            "sum": np.add, "mean": np.add, "most": np.maximum, "least": np.minimum, "reaches": np.minimum,
        }  # fmt: skip
        self.so_far = np.array(value, np.float64) if self.so_far is None else ways[term.how](self.so_far, value)

    def value(self) -> Numbers:
        """(worlds,)"""
        term, found = self.term, self.so_far
        assert found is not None
        if term.how == "mean":
            found = found / sum(term.span.share(month) for month in range(term.span.first, term.span.last + 1))
        return over_agents(term, found)


def over_agents(term: Term, found: Numbers) -> Numbers:
    """One number a world, of one an agent. found: (agents, worlds)"""
    if term.least is not None:
        found = (found >= term.least).astype(np.float64)
    added: Numbers = np.asarray(sum(found), np.float64)
    return added if term.added else np.asarray(added / len(found))


def put_together(measure: Measure, values: Sequence[Numbers]) -> Numbers:
    if len(values) == 1:
        return values[0]
    part, whole = values
    some = whole != 0
    return np.where(some, measure.factor * np.divide(part, whole, out=np.zeros_like(part), where=some), np.nan)


def from_results(results: Results, targets: Sequence[Target | Measure]) -> Numbers:
    """(targets, worlds) of a finished run. InputError for what it does not keep: it names the measure and says why not."""
    measures = [target.measure if isinstance(target, Target) else target for target in targets]
    for measure in measures:
        for term in measure.terms:
            if why := not_kept(results, term):
                mend = "to measure it, run the scenario: chokepoint validate SCENARIO"
                raise InputError(f"{measure.text} in {results.folder}", f"{why}; {mend}")
    tables: dict[str, dict[str, Any]] = {}
    return np.array([put_together(m, [_stored(results, term, tables) for term in m.terms]) for m in measures])


def not_kept(results: Results, term: Term) -> str:
    """Why a stored run cannot give a term; empty if it can."""
    quantity, manifest = term.quantity, results.manifest
    if not quantity.stored:
        return f"no run keeps {quantity.full}"
    if term.span.last >= manifest["months"]:
        return f"this run ends before {term.span.text}: it has {manifest['months']} months"
    if quantity.kind == "":
        return "" if quantity.name in manifest["outcomes"] else f"this run does not keep {quantity.name} (run.analysed)"
    if not any(name.startswith(f"agents/{quantity.kind}/") for name in manifest["files"]):
        return f"this run keeps no agents (run.record: {manifest.get('record', 'outcomes')})"
    if manifest.get("agents_kept") != "full":
        return f"this run keeps agents not by world but as statistics (more than {FULL_UP_TO:,} worlds)"
    if not _kept_by_year(term):
        return f"a run keeps {KINDS[quantity.kind]} by year, each year's {quantity.yearly}"
    return ""


def _kept_by_year(term: Term) -> bool:
    if term.how == "end" and term.quantity.yearly == "end":
        return term.span.last % 12 == 11
    return term.how == term.quantity.yearly and term.span.whole_years is not None


def _stored(results: Results, term: Term, tables: dict[str, dict[str, Any]]) -> Numbers:
    quantity = term.quantity
    if quantity.kind == "":
        fold = Fold(term, [], results.manifest["worlds"])
        series = results.series(quantity.name)
        for month in _wanted(fold):
            fold.see(month, series[:, month].astype(np.float64))
        return fold.value()
    if quantity.kind not in tables:
        tables[quantity.kind] = _by_year(results, quantity.kind)
    kept = tables[quantity.kind]
    values: Numbers = kept[quantity.name]  # (worlds, years, agents)
    years = [year_of(term.span.last)] if term.how == "end" else list(term.span.whole_years or ())
    found: Numbers = np.asarray(sum(values[:, year - FIRST_YEAR] for year in years), np.float64)
    if term.how == "mean":
        found = found / len(years)
    rows = [kept["names"].index(agent) for agent in term.agents]
    return over_agents(term, found.T[rows] if rows else found.T)


def _wanted(fold: Fold) -> Iterable[int]:
    return [month for month in range(fold.term.span.last + 1) if fold.wants(month)]


def _by_year(results: Results, kind: str) -> dict[str, Any]:
    """names, and each number of a kind of agents as (worlds, years, agents)."""
    table = results.agents(kind)
    agents = table.column("agent").to_pylist()
    names = list(dict.fromkeys(agents))
    shape = (-1, len(results.years), len(names))
    numbers = [name for name in table.column_names if name not in ("world", "year", "agent")]
    return {"names": names} | {name: table.column(name).to_numpy().astype(np.float64).reshape(shape) for name in numbers}
