"""What the page asks for: a run of some settings, its bands against the scenario's own, and a scenario file that says the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from sim.batch.plan import Plan
from sim.batch.results import Results
from sim.notebook.calls import run
from sim.notebook.options import settings
from sim.notebook.runs import Run
from sim.worlds import Numbers

FIRST, MORE = 32, 200  # worlds: at once, and when asked


@dataclass(frozen=True)
class Settings:
    """sets: path -> value, of the levers that were moved, in order"""

    scenario: str
    sets: tuple[tuple[str, float], ...] = ()
    worlds: int = FIRST
    seed: int | None = None
    months: int = 96
    agents: bool = field(default=False, compare=True)

    @classmethod
    def of(cls, scenario: str, sets: Mapping[str, float], **other: int | bool | None) -> "Settings":
        return cls(scenario, tuple(sorted(sets.items())), **other)  # type: ignore[arg-type]

    @property
    def unmoved(self) -> "Settings":
        return Settings(self.scenario, (), self.worlds, self.seed, self.months, self.agents)

    def as_yaml(self) -> str:
        """A scenario file that says the same and extends nothing: `chokepoint run FILE` gives the same bytes."""
        given: dict[str, Any] = {"worlds": self.worlds, "months": self.months, "record": "agents" if self.agents else "outcomes"}
        if self.seed is not None:
            given["seed"] = self.seed
        return Plan.of(self.scenario, settings(dict(self.sets)), **given).scenario.resolved()


@lru_cache(maxsize=12)
def answered(asked: Settings) -> Run:
    """The run of some settings; the last few are kept, the scenario's own among them. InputError as for `sim.run`."""
    return run(
        asked.scenario, worlds=asked.worlds, seed=asked.seed, months=asked.months, sets=dict(asked.sets), jobs=1,
        record="agents" if asked.agents else "outcomes", quiet=True,
    )  # fmt: skip


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
