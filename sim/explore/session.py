"""What the page asks for: a run of some settings, its bands against the scenario's own, and a scenario file that says the same."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from sim.batch.plan import Plan
from sim.batch.results import Months, Results
from sim.batch.store import Stored32, as_stored
from sim.batch.summary import digest_of, told
from sim.case import shipped_cases
from sim.explore.hands import Hands
from sim.notebook.options import settings
from sim.refusal import InputError
from sim.scenario import read
from sim.worlds import Numbers

WORLDS = 200
KEPT = 8  # runs and worlds followed, at a time


@dataclass(frozen=True)
class Settings:
    """sets: path -> value, of the levers that are set, in order; seed, months: None for the scenario's own"""

    scenario: str
    sets: tuple[tuple[str, float | str], ...] = ()
    worlds: int = WORLDS
    seed: int | None = None
    months: int | None = None

    @classmethod
    def of(cls, scenario: str, sets: Mapping[str, float | str] | None = None, **other: int | None) -> "Settings":
        return cls(scenario, tuple(sorted((sets or {}).items())), **other)  # type: ignore[arg-type]

    @property
    def unmoved(self) -> "Settings":
        return replace(self, sets=())

    def plan(self) -> Plan:
        """InputError as for `chokepoint run`; of a sweep too, which is no one run."""
        if read(self.scenario).sweep is not None:
            raise InputError(self.scenario, "is a sweep, many runs in one; `chokepoint sweep` runs it, this page shows one run")
        given: dict[str, Any] = {"worlds": self.worlds, "record": "outcomes", "analysed": (), "until": ""}
        given |= {name: value for name in ("seed", "months") if (value := getattr(self, name)) is not None}
        return Plan.of(self.scenario, settings(dict(self.sets)), **given)

    def as_yaml(self) -> str:
        """A scenario file that says the same and extends nothing: `chokepoint run FILE` gives the same bytes. See `beside`."""
        return self.plan().scenario.resolved()

    @property
    def beside(self) -> Path | None:
        """The folder where that file must lie to find its case, which is named from there; None for a case that is shipped."""
        own = read(self.scenario).case not in shipped_cases()
        return Path(self.scenario).resolve().parent if own else None


@dataclass(frozen=True)
class Held(Results):
    """A run as it is computed, held in memory: read as one from a folder, and the same numbers, to the last bit."""

    made: Plan = field(kw_only=True)
    held: dict[str, Stored32] = field(kw_only=True)  # (worlds, months)
    counted: dict[str, Months] = field(kw_only=True)

    @cached_property
    def plan(self) -> Plan:
        return self.made

    def parts(self, outcomes: Sequence[str]) -> Iterator[dict[str, Stored32]]:
        yield {name: self.held[name] for name in outcomes}

    def monthly(self, kind: str) -> Months:
        return self.counted[kind]

    @cached_property
    def digest(self) -> str:
        """As the manifest of such a run has it."""
        return digest_of({name: hashlib.sha256(np.ascontiguousarray(x, "<f4").tobytes()).hexdigest() for name, x in self.held.items()})


Task = tuple[Any, ...]  # what is to be done, and with what
Piece = tuple[dict[str, Stored32], dict[str, tuple[list[str], dict[str, Numbers]]]]


def computed(asked: Settings, first: int, count: int) -> Piece:
    """Some worlds of a run: what a block would store of them, outcomes and agents by month."""
    from sim.model import simulate

    plan = asked.plan()
    worlds = plan.worlds(first, count)
    block = simulate(plan.scenario, plan.case, worlds, plan.values(worlds))
    series = {name: as_stored(values).T.copy() for name, values in block.series.items()}
    return series, {kind: (table.names, table.sums) for kind, table in block.monthly.items()}


def together(plan: Plan, pieces: Sequence[Piece]) -> Held:
    from sim.outcomes import OUTCOMES

    run = plan.scenario.run
    about = {name: vars(told(one, plan.case)) for name, one in OUTCOMES.items()}
    held = {name: np.concatenate([series[name] for series, _ in pieces]) for name in OUTCOMES}
    counted = {}
    for kind, (names, first) in pieces[0][1].items():
        sums = {name: sum((tables[kind][1][name] for _, tables in pieces[1:]), start=first[name]) for name in first}
        counted[kind] = Months(names, {name: total.T / run.worlds for name, total in sums.items()}, run.worlds)
    manifest = {"scenario": plan.scenario.name, "worlds": run.worlds, "months": run.months, "seed": run.seed, "outcomes": about}
    return Held(Path(), manifest, made=plan, held=held, counted=counted)


class Desk:
    """Who is asked: has runs computed, a piece by each process, and keeps the last few. `begin` asks, `answered` waits."""

    def __init__(self, hands: Hands | None = None) -> None:
        self.hands = hands or Hands()
        self._lock = threading.Lock()
        self._futures: OrderedDict[Any, list[Future[Any]]] = OrderedDict()
        self._held: dict[Settings, Held] = {}

    def begin(self, asked: Settings) -> None:
        """InputError as for `Settings.plan`."""
        asked.plan()
        self._asked_for(asked, self._cut(asked))

    def answered(self, asked: Settings) -> Held:
        """The run. InputError as for `Settings.plan`."""
        with self._lock:
            found = self._held.get(asked)
        if found is None:
            plan = asked.plan()
            found = together(plan, self._done(asked, self._cut(asked)))
            with self._lock:
                found = self._held.setdefault(asked, found)
        return found

    def told(self, key: Any, task: Callable[..., Any], *words: Any) -> Any:
        """What a task gives, done once for a key."""
        return self._done(key, [(task, *words)])[0]

    def _cut(self, asked: Settings) -> list[Task]:
        cuts = [asked.worlds * i // self.hands.count for i in range(self.hands.count + 1)]
        return [(computed, asked, a, b - a) for a, b in pairwise(cuts) if b > a]

    def _asked_for(self, key: Any, tasks: Sequence[Task]) -> list[Future[Any]]:
        with self._lock:
            if key not in self._futures:
                self._futures[key] = [self.hands.submit(*task) for task in tasks]
            self._futures.move_to_end(key)
            while len(self._futures) > KEPT:
                old, _ = self._futures.popitem(last=False)
                self._held.pop(old, None)
            return self._futures[key]

    def _done(self, key: Any, tasks: Sequence[Task], again: bool = True) -> list[Any]:
        futures = self._asked_for(key, tasks)
        try:
            return [future.result() for future in futures]
        except Exception as fault:
            with self._lock:
                self._futures.pop(key, None)
            if again and isinstance(fault, BrokenProcessPool):  # a process was killed
                return self._done(key, tasks, again=False)
            raise


desk = Desk()


@dataclass(frozen=True)
class Bands:
    """(years,) each: the band in which 90 % of the worlds lie, and the median"""

    years: list[int]
    low: Numbers
    median: Numbers
    high: Numbers
    unit: str
    sentence: str


def bands(results: Results, outcome: str) -> Bands:
    values = results.yearly(outcome)
    known = np.atleast_1d(~np.isnan(values).all(axis=0))
    low, median, high = np.nanquantile(values[:, known], [0.05, 0.5, 0.95], axis=0)
    about = results.manifest["outcomes"][outcome]
    years = [year for year, there in zip(results.years, known.tolist(), strict=True) if there]
    return Bands(years, low, median, high, about["unit"], about["sentence"])
