"""Which uncertainty drives which outcome, from a results folder alone.

A Sobol sweep gives shares of variance, a Morris sweep effects, any other run rank correlations. A trial is a point of a sweep (the
mean over its replicates) or a sample of an ordinary run.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sim.analysis import indices
from sim.analysis.futures import Futures, blanks, refuse_blanks, years_asked
from sim.analysis.indices import Estimate
from sim.batch.headlines import looked_at
from sim.refusal import InputError
from sim.worlds import Integers, Numbers

_METHODS = {"sobol": "sobol", "sobol_pairs": "sobol", "morris": "morris"}  # of the designs that have one of their own


@dataclass(frozen=True)
class Drivers:
    """Of one outcome in one year. mean, sd: over the trials; luck: the share of the worlds' variance that lies within the trials
    (None where each is one world); estimates: measure to one number a path, the first of them ranks; none where nothing varies"""

    outcome: str
    unit: str
    sentence: str
    year: int
    mean: float
    sd: float
    luck: float | None
    estimates: dict[str, Estimate] = field(default_factory=dict)

    def ranked(self) -> Integers:
        """Places of the paths, the strongest first; paths of the same strength in their own order."""
        first = next(iter(self.estimates.values())).value
        return np.argsort(-np.abs(first), kind="stable").astype(np.int64)


@dataclass(frozen=True)
class Sensitivity:
    """What a run says of its parameters. method: sobol, morris or correlation; trials, and worlds at each; left_out: outcomes that
    nobody asked for by name and that have blanks, with why"""

    manifest: dict[str, Any]
    folder: Path
    method: str
    swept: bool
    paths: list[str]
    trials: int
    replicates: int
    seed: int
    found: list[Drivers]
    left_out: list[str]

    @property
    def null_band(self) -> float | None:
        return indices.null_band(self.trials) if self.method == "correlation" else None


def analyse(folder: Path, outcomes: Sequence[str] = (), year: str | None = None, seed: int | None = None) -> Sensitivity:
    """outcomes: those that the run puts first where none are named; seed: of the intervals, the run's own where none is given."""
    futures = Futures.open(folder)
    results, manifest = futures.results, futures.results.manifest
    years = years_asked(year, results.years)
    varied = futures.varied
    if not varied:
        raise InputError(str(folder), "nothing varies in this run, so nothing can be its driver; draw an uncertainty, or sweep")
    x = np.column_stack(list(varied.values()))
    sweep = results.plan.scenario.sweep
    method = _METHODS.get(sweep.design, "correlation") if sweep is not None else "correlation"
    if method == "correlation" and len(x) < indices.FEWEST:
        what = "points" if sweep is not None else "worlds"
        raise InputError(str(folder), f"it has {len(x)} {what}, and a correlation needs at least {indices.FEWEST}; run more")
    seed = manifest["seed"] if seed is None else seed
    names = list(dict.fromkeys(outcomes)) or looked_at(results)
    found, left_out = [], []
    for name in names:
        yearly = futures.yearly(name)
        for one in years:
            values = yearly[:, results.years.index(one)]
            if outcomes:
                refuse_blanks(name, one, values)
            elif said := blanks(name, one, values):
                left_out.append(said)
                continue
            found.append(_drivers(futures, name, one, values, method, x, list(varied), seed))
    each = futures.worlds // len(x)
    return Sensitivity(manifest, folder, method, sweep is not None, list(varied), len(x), each, seed, found, left_out)


def _drivers(
    futures: Futures, name: str, year: int, values: Numbers, method: str, x: Numbers, paths: list[str], seed: int
) -> Drivers:  # fmt: skip
    entry, sweep = futures.results.manifest["outcomes"][name], futures.results.plan.scenario.sweep
    y, luck = over_trials(values, futures.unit)
    about = name, entry["unit"], entry["sentence"], year, float(y.mean()), float(y.std()), luck
    if not np.ptp(y) > 0:
        return Drivers(*about)
    if method == "correlation" or sweep is None:
        return Drivers(*about, indices.correlation(x, y))
    if method == "morris":
        return Drivers(*about, indices.morris(x, y, sweep.points, paths, seed))
    ends = y.reshape(sweep.points, -1)[:, [0, -1]] if len(y) % sweep.points == 0 else y
    return Drivers(*about, indices.sobol(x, y, sweep.points, paths, seed) if np.ptp(ends) > 0 else {})


def over_trials(values: Numbers, trial: Integers) -> tuple[Numbers, float | None]:
    """Each trial's mean, and the share of all variance that lies within trials; None where each trial is one world, so that what is
    luck and what is not cannot be told apart."""
    count = np.bincount(trial)
    mean = np.bincount(trial, values) / count
    if not (count > 1).all():
        return mean, None
    within = float((np.bincount(trial, (values - mean[trial]) ** 2) / (count - 1)).mean())
    total = within + float(mean.var())
    return mean, within / total if total > 0 else None
