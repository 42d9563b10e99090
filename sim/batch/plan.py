"""What a run will compute: a scenario on a case, and its worlds cut into blocks."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim import luck
from sim.case import Case, read_case
from sim.refusal import InputError
from sim.scenario import Scenario, read
from sim.uncertainty import Joint
from sim.worlds import Numbers, Worlds

STREAMS = "blake2b-splitmix64-1"  # how luck is drawn; a change renumbers every world
SCENARIO, TABLES = "scenario.yaml", "case"


@dataclass(frozen=True)
class Plan:
    """World i of a run is (replicate i, sample i); the blocks cut the worlds, in order, into pieces of `scenario.run.block`."""

    scenario: Scenario
    case: Case

    @classmethod
    def of(cls, name_or_path: str, sets: Sequence[str] = (), **run: Any) -> "Plan":
        """A scenario, shipped or a file, checked against its case; run: worlds, seed and so on in place of the scenario's own."""
        scenario = read(name_or_path, sets)
        scenario = replace(scenario, run=replace(scenario.run, **run))
        case = read_case(scenario.case_folder)
        scenario.check_against(case)
        joints(scenario, case)
        return cls(scenario, case)

    @classmethod
    def read(cls, folder: Path) -> "Plan":
        """The plan as a results folder keeps it, whatever has become of the files it was made from."""
        file = folder / SCENARIO
        if not file.is_file():
            raise InputError(str(folder), f"this is no results folder: there is no {SCENARIO}")
        return cls(read(str(file)), read_case(folder / TABLES))

    @property
    def blocks(self) -> int:
        return -(-self.scenario.run.worlds // self.scenario.run.block)

    def cut(self, block: int) -> Worlds:
        """The worlds of a block, counted from 0."""
        first = block * self.scenario.run.block
        return Worlds.range(first, min(self.scenario.run.block, self.scenario.run.worlds - first))

    def values(self, worlds: Worlds) -> dict[str, Numbers]:
        return parameter_values(self.scenario, self.case, worlds)

    def fingerprint(self) -> str:
        """SHA-256 of all that decides the numbers: scenario, tables, seed, worlds. The size of a block is not among it."""
        text = replace(self.scenario, run=replace(self.scenario.run, block=512)).resolved()
        return hashlib.sha256(json.dumps([STREAMS, text, table_hashes(self.case.folder)], sort_keys=True).encode()).hexdigest()


def table_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each table of a case, by file name."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.glob("*.csv"))}


def parameter_values(scenario: Scenario, case: Case, worlds: Worlds) -> dict[str, Numbers]:
    """Every parameter that varies between worlds: path -> (worlds,).

    A value is the quantile of its spread at the uniform addressed by (seed, path, sample), so that adding a parameter or a world
    moves no other. Of numbers drawn together, the k-th normal has the address "name k".
    """
    seed = scenario.run.seed
    drawn: dict[str, Numbers] = {}
    for name, joint in joints(scenario, case).items():
        uniforms = np.array([luck.of_samples(seed, f"{name} {k}", worlds.sample) for k in range(len(joint.paths))])
        drawn |= joint.at(uniforms)
    for path in (*scenario.levers, *scenario.constants):
        drawn.pop(path, None)  # a path that a scenario names is not drawn from its table
    for path, spread in scenario.uncertainties.items():
        drawn[path] = spread.at(luck.of_samples(seed, path, worlds.sample))
    return {path: drawn[path] for path in sorted(drawn)}


def joints(scenario: Scenario, case: Case) -> dict[str, Joint]:
    """The tables of the case whose numbers the scenario draws together, by name."""
    return {name: Joint.from_table(f"{name}.csv", case[name].numbers) for name in scenario.joints}
