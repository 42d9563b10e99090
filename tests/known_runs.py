"""Finished runs of functions that are known, for tests of what is made of a results folder."""

from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from fake_model import Entry, shipped

from sim.batch import design, engine
from sim.batch.plan import Plan
from sim.luck import of_samples
from sim.sweep import Sweep, Varied
from sim.uncertainty import Uniform

PATHS = ("belief.ease", "firm.doubt", "firm.hurdle")


@dataclass
class Told:
    months: int
    series: dict
    agents: dict = field(default_factory=dict)
    discrepancies: dict = field(default_factory=dict)
    monthly: dict = field(default_factory=dict)


def ishigami(values, luck):
    x = [2 * np.pi * (values[path] - 0.5) for path in PATHS]
    return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])


def run(folder, functions, sweep=None, worlds=200, paths=PATHS, seed=2019, name="history", months=1, block=512):
    """A results folder. functions: outcome to f(values, luck), where luck is a uniform a replicate; sweep: (design, points, replicates)."""
    whole = shipped()
    scenario = replace(whole.scenario, name=name, uncertainties={path: Uniform(0.0, 1.0) for path in paths}, joints=())
    points, made = {}, None
    if sweep is not None:
        made = Sweep(tuple(Varied(path, 0.0, 1.0, places=5) for path in paths), *sweep)
        worlds, points = made.worlds, design.points(made, seed)
    scenario = replace(scenario, sweep=made, run=replace(scenario.run, worlds=worlds, seed=seed, months=months, block=block, record="outcomes"))

    def simulate(scenario, case, worlds, values, *, check=False):
        luck = of_samples(seed, "luck", worlds.replicate)
        return Told(months, {name: np.tile(f(values, luck), (months, 1)) for name, f in functions.items()})

    found = engine.prepare(Plan(scenario, whole.case, points), folder)
    engine.finish(found, simulate=simulate, outcomes={name: Entry("USD bn", "end") for name in functions})
    return found


def rotate(folder):
    """Every table of a run with its rows moved on by one."""
    for file in (folder / "worlds.parquet", folder / "points.parquet", *folder.glob("series/*.parquet")):
        if file.is_file():
            with file.open("rb") as open_file:
                table = pq.ParquetFile(open_file).read()
            pq.write_table(pa.concat_tables([table.slice(1), table.slice(0, 1)]), file)
