"""A model in three lines, for tests of the batch, and ways in which a model can go wrong. Spawned processes import it by name."""

import os
import time
from dataclasses import dataclass, field, replace

import numpy as np

from sim.batch.plan import Plan
from sim.luck import of_samples
from sim.scenario import Run
from sim.uncertainty import Uniform


@dataclass
class Table:
    names: list[str]
    years: list[int]
    measures: dict


@dataclass
class Told:
    months: int
    series: dict
    agents: dict = field(default_factory=dict)
    discrepancies: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    unit: str
    yearly: str
    sentence: str = "What {vendor} does"


OUTCOMES = {"flow": Entry("files", "sum"), "state": Entry("share 0-1", "mean"), "stock": Entry("months", "end")}


def simulate(scenario, case, worlds, values, *, check=False):
    """Numbers of every world and month that depend on luck, on a value drawn and on nothing else; some are blank."""
    run = scenario.run
    luck = np.array([of_samples(run.seed, f"month {month}", worlds.replicate) for month in range(run.months)])
    drawn = values["firm.hurdle"]
    state = np.where((luck > 0.9) & (worlds.sample % 3 == 0), np.nan, luck * drawn)
    series = {"flow": np.floor(20 * luck), "state": state, "stock": np.cumsum(luck - 0.5, axis=0)}
    years = list(range(2018, 2018 + -(-run.months // 12)))
    measure = np.array([[luck[0] + y, luck[-1] - y] for y in range(len(years))])
    agents = {"firm": Table(["One", "Other"], years, {"sales": measure})} if run.record == "agents" else {}
    return Told(run.months, series, agents, {"stock": float(luck.max()) * 1e-15} if check else {})


def other_in_world_70(scenario, case, worlds, values, *, check=False):
    told = simulate(scenario, case, worlds, values, check=check)
    told.series["stock"][2, worlds.number == 70] += 1
    return told


def slow(scenario, case, worlds, values, *, check=False):
    time.sleep(0.2)
    return simulate(scenario, case, worlds, values, check=check)


def wrong_from_world_64(scenario, case, worlds, values, *, check=False):
    if 64 in worlds.number:
        raise FloatingPointError("overflow in world 64")
    return simulate(scenario, case, worlds, values, check=check)


def infinite_in_world_70(scenario, case, worlds, values, *, check=False):
    told = simulate(scenario, case, worlds, values, check=check)
    told.series["stock"][2, worlds.number == 70] = np.inf
    return told


def deadly_in_world_64(scenario, case, worlds, values, *, check=False):
    if 64 in worlds.number:
        os._exit(9)
    return simulate(scenario, case, worlds, values, check=check)


def killed_once_in_world_64(scenario, case, worlds, values, *, check=False):
    if 64 in worlds.number and not os.path.exists(os.environ["FAKE_MODEL_DIED"]):
        open(os.environ["FAKE_MODEL_DIED"], "w").close()
        os._exit(9)
    return simulate(scenario, case, worlds, values, check=check)


def stopped_at_world_128(scenario, case, worlds, values, *, check=False):
    if 128 in worlds.number:
        raise KeyboardInterrupt
    return simulate(scenario, case, worlds, values, check=check)


def plan(worlds=300, block=64, months=14, **run) -> Plan:
    """Of the shipped case, with one number drawn, so that nothing but the batch is under test."""
    whole = shipped()
    scenario = replace(whole.scenario, uncertainties={"firm.hurdle": Uniform(0.3, 0.5)}, joints=())
    return Plan(replace(scenario, run=replace(Run(), worlds=worlds, block=block, months=months, **run)), whole.case)


_SHIPPED: list[Plan] = []


def shipped() -> Plan:
    if not _SHIPPED:
        _SHIPPED.append(Plan.of("history", ["prior=none"]))
    return _SHIPPED[0]
