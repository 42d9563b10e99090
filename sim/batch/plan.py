"""What a run will compute: a scenario on a case, and its worlds cut into blocks."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim import luck
from sim.batch import design, sample
from sim.case import Case, read_case
from sim.from_python import from_python
from sim.parameters import find, row_of
from sim.refusal import InputError, nearest
from sim.scenario import Scenario, read
from sim.sweep import Sweep
from sim.uncertainty import Joint
from sim.worlds import Integers, Numbers, Worlds

STREAMS = "blake2b-splitmix64-1"  # how luck is drawn; a change renumbers every world
SCENARIO, TABLES, POINTS = "scenario.yaml", "case", "points.parquet"


@dataclass(frozen=True)
class Plan:
    """World i of a run is (replicate i, sample i); the blocks cut the worlds, in order, into pieces of `scenario.run.block`.

    In a sweep, world i is replicate i % replicates of point i // replicates: every point has the same luck, and the same values of
    what is not varied. points: path -> (points,)
    """

    scenario: Scenario
    case: Case
    points: dict[str, Numbers] = field(default_factory=dict, compare=False)

    @classmethod
    def of(
        cls, what: str | Scenario, sets: Sequence[str] = (), sweep: Sweep | None = None, case: str | None = None, **run: Any
    ) -> "Plan":
        """A scenario, shipped, a file or made in Python, checked against its case.

        case: in place of the scenario's own; run: worlds, seed and so on in place of the scenario's own; sweep: in place of its own
        """
        if isinstance(what, Scenario) and case is not None:
            raise InputError("case", "this scenario was read on a case; name another as it is read: sim.scenario(..., case=...)")
        scenario = from_python(what, sets) if isinstance(what, Scenario) else read(what, sets, case)
        if sweep is not None:
            scenario = replace(scenario, sweep=sweep)
        if scenario.sweep is not None:
            if "worlds" in run:
                raise InputError("--worlds", "a sweep's worlds are its points times its replicates; give --replicates")
            run["worlds"] = scenario.sweep.worlds
        scenario = replace(scenario, run=replace(scenario.run, **run))
        tables = read_case(scenario.case_folder)
        scenario.check_against(tables)
        joints(scenario, tables)
        if scenario.sweep is None:
            return cls(scenario, tables)
        _rows_exist(scenario.sweep, tables)
        return cls(scenario, tables, design.points(scenario.sweep, scenario.run.seed))

    @classmethod
    def read(cls, folder: Path) -> "Plan":
        """The plan as a results folder keeps it, whatever has become of the files it was made from."""
        file = folder / SCENARIO
        if not file.is_file():
            raise InputError(str(folder), f"this is no results folder: there is no {SCENARIO}")
        return cls(read(str(file)), read_case(folder / TABLES), read_points(folder))

    @property
    def blocks(self) -> int:
        return -(-self.scenario.run.worlds // self.scenario.run.block)

    def cut(self, block: int) -> Worlds:
        """The worlds of a block, counted from 0."""
        first = block * self.scenario.run.block
        return self.worlds(first, min(self.scenario.run.block, self.scenario.run.worlds - first))

    def worlds(self, first: int, count: int) -> Worlds:
        """Some worlds of the run, in order."""
        worlds = Worlds.range(first, count)
        if self.scenario.sweep is None:
            return worlds
        replicate = worlds.number % self.scenario.sweep.replicates
        return Worlds(worlds.number, replicate, replicate)

    def point(self, worlds: Worlds) -> Integers:
        """The point of a sweep at which each world lies."""
        return worlds.number // (1 if self.scenario.sweep is None else self.scenario.sweep.replicates)

    def shortened(self, blocks: int) -> "Plan":
        """The same with its first blocks alone."""
        run = self.scenario.run
        return replace(self, scenario=replace(self.scenario, run=replace(run, worlds=min(run.worlds, blocks * run.block))))

    def values(self, worlds: Worlds) -> dict[str, Numbers]:
        drawn = parameter_values(self.scenario, self.case, worlds)
        at = self.point(worlds)
        varied = drawn | {path: values[at] for path, values in self.points.items()}
        return {path: varied[path] for path in sorted(varied)}

    def fingerprint(self) -> str:
        """SHA-256 of all that decides the numbers: scenario, tables, prior, seed, worlds. The size of a block is not among it."""
        text = replace(self.scenario, run=replace(self.scenario.run, block=512)).resolved()
        what: list[Any] = [STREAMS, text, table_hashes(self.case.folder)]
        if self.scenario.prior is not None:
            what.append({"prior": hashlib.sha256(self.scenario.prior.file.read_bytes()).hexdigest()})
        if self.points:
            what.append({path: hashlib.sha256(np.ascontiguousarray(x, "<f8").tobytes()).hexdigest() for path, x in self.points.items()})
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


def read_points(folder: Path) -> dict[str, Numbers]:
    """The points of a sweep as a results folder keeps them; none where it is no sweep."""
    if not (folder / POINTS).is_file():
        return {}
    from sim.batch.parquet import opened

    with opened(folder / POINTS) as file:
        table = file.read(use_threads=False)
    return {path: table.column(path).to_numpy() for path in table.column_names if path != "point"}


def _rows_exist(sweep: Sweep, case: Case) -> None:
    for one in sweep.varied:
        entry = find(one.path)
        if entry is not None and entry.over and row_of(one.path) not in case[entry.over].key:
            hint = nearest(row_of(one.path), case[entry.over].key)
            raise InputError("sweep", f'"{one.path}": {entry.over}.csv has no row "{row_of(one.path)}"{hint}')


def table_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each table of a case, by file name."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.glob("*.csv"))}


def tables_hash(folder: Path) -> str:
    """SHA-256 of all the tables of a case."""
    return hashlib.sha256(repr(sorted(table_hashes(folder).items())).encode()).hexdigest()


def parameter_values(scenario: Scenario, case: Case, worlds: Worlds) -> dict[str, Numbers]:
    """Every parameter that varies between worlds: path -> (worlds,).

    A value is the quantile of its spread at the uniform addressed by (seed, path, sample), so that adding a parameter or a world
    moves no other. Of numbers drawn together, the k-th normal has the address "name k". What a scenario takes from its prior comes
    from a row of that, for each sample one.
    """
    seed, prior = scenario.run.seed, scenario.prior
    drawn: dict[str, Numbers] = {}
    for name, joint in joints(scenario, case).items():
        uniforms = np.array([luck.of_samples(seed, f"{name} {k}", worlds.sample) for k in range(len(joint.paths))])
        drawn |= joint.at(uniforms)
    for path in (*scenario.levers, *scenario.constants):
        drawn.pop(path, None)  # a path that a scenario names is not drawn from its table
    for path, spread in scenario.uncertainties.items():
        drawn[path] = spread.at(luck.of_samples(seed, path, worlds.sample))
    fixed = {*scenario.levers, *scenario.constants}
    drawn |= sample.drawn(prior, seed, worlds.sample, fixed) if prior is not None else {}
    return {path: drawn[path] for path in sorted(drawn)}


def joints(scenario: Scenario, case: Case) -> dict[str, Joint]:
    """The tables of the case whose numbers the scenario draws together, by name."""
    return {name: Joint.from_table(f"{name}.csv", case[name].numbers) for name in scenario.joints}
