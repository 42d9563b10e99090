"""What a sweep found at each of its points: by_point.parquet, a row a point, outcome and year, over the point's replicates.

Columns: point, every varied path, outcome, year, mean, median, p5, p95, worlds. Made from the parts on disk, some outcomes at a time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.batch.plan import Plan
from sim.batch.store import Stored, as_parquet, write
from sim.batch.summary import BUDGET, OutcomeEntry, by_year, read_series, years_of
from sim.worlds import Numbers

BY_POINT = "by_point.parquet"


@dataclass(frozen=True)
class Found:
    """Over the replicates of each point, (points, years) each; blanks are left out, NaN where there is nothing else."""

    mean: Numbers
    median: Numbers
    p5: Numbers
    p95: Numbers
    worlds: Numbers


def write_by_point(folder: Path, plan: Plan, outcomes: Mapping[str, OutcomeEntry], budget: int = BUDGET) -> Stored:
    return write(folder / BY_POINT, as_parquet(_tables(folder, plan, outcomes, budget)))


def _tables(folder: Path, plan: Plan, outcomes: Mapping[str, OutcomeEntry], budget: int) -> Iterator[Any]:
    import pyarrow as pa

    run, names = plan.scenario.run, list(outcomes)
    years = years_of(run.months)
    group = max(1, budget // (8 * run.worlds * len(years)))
    size = len(next(iter(plan.points.values())))
    for first in range(0, len(names), group):
        some = {name: outcomes[name] for name in names[first : first + group]}
        for name, found in over_replicates(folder, plan, some).items():
            rows = len(years)
            columns: dict[str, Any] = {"point": pa.array(np.repeat(np.arange(size), rows))}
            columns |= {path: pa.array(np.repeat(values, rows)) for path, values in plan.points.items()}
            columns["outcome"] = pa.array([name] * (size * rows)).dictionary_encode()
            columns["year"] = pa.array(np.tile(np.array(years, np.int32), size))
            columns |= {what: pa.array(getattr(found, what).reshape(-1)) for what in ("mean", "median", "p5", "p95")}
            columns["worlds"] = pa.array(found.worlds.reshape(-1).astype(np.int32))
            yield pa.table(columns)


def over_replicates(folder: Path, plan: Plan, outcomes: Mapping[str, OutcomeEntry]) -> dict[str, Found]:
    """Some outcomes of a finished sweep, by point."""
    run, sweep = plan.scenario.run, plan.scenario.sweep
    assert sweep is not None
    parts: dict[str, list[Numbers]] = {name: [] for name in outcomes}
    for part in read_series(folder, plan.blocks, list(outcomes), run.months):
        for name, values in part.items():
            parts[name].append(by_year(values, outcomes[name].yearly))
    return {name: _over(np.concatenate(yearly).reshape(-1, sweep.replicates, len(years_of(run.months)))) for name, yearly in parts.items()}


def _over(values: Numbers) -> Found:
    """values: (points, replicates, years)"""
    known = ~np.isnan(values)
    count = known.sum(axis=1).astype(np.float64)
    with np.errstate(invalid="ignore"):
        mean = np.where(count > 0, np.where(known, values, 0).sum(axis=1) / count, np.nan)
    if known.all():
        p5, median, p95 = np.quantile(values, (0.05, 0.5, 0.95), axis=1)
    else:
        blank = np.where((count > 0)[:, None], values, 0)  # nanquantile warns of a point that is blank throughout
        p5, median, p95 = (np.where(count > 0, q, np.nan) for q in np.nanquantile(blank, (0.05, 0.5, 0.95), axis=1))
    return Found(mean, median, p5, p95, count)
