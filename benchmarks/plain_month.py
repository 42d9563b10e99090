"""The opponent: the whole month as an ordinary Mesa model, tests/reference/month.py, which the tests compare the product with.

It is not in every installation: importing this fails where there are no tests.
"""

import functools
import sys
from pathlib import Path
from typing import Any

import mesa

from sim.batch.plan import Plan
from sim.calendar import Calendar
from sim.worlds import Worlds

TESTS = Path(__file__).parents[1] / "tests"
sys.path.append(str(TESTS))
from reference.month import PlainModel  # type: ignore[import-not-found]  # noqa: E402


@functools.cache
def _plan(scenario: str) -> Plan:
    return Plan.of(scenario)


class Month(PlainModel):  # type: ignore[misc]
    """One world of a scenario, with a collector and an end, as mesa.batch_run asks for them."""

    def __init__(self, world: int, scenario: str = "history", rng: Any = None) -> None:
        plan = _plan(scenario)
        said, run = plan.scenario, plan.scenario.run
        drawn = plan.values(Worlds.range(world, 1))
        calendar = {lever: path.tolist() for lever, path in Calendar(plan.case, said, run.months).values.items()}
        fixed = {path: value for path, value in {**said.constants, **said.levers}.items() if isinstance(value, float)}
        values = {**fixed, **{path: float(numbers[0]) for path, numbers in drawn.items()}}
        super().__init__(plan.case, values, calendar, said.rules, run.seed, world)
        self.last = run.months - 1
        self.datacollector = mesa.DataCollector({"lost_sales": lambda model: model.record["figures"]["lost_sales"]})

    def step(self) -> None:
        super().step()
        self.datacollector.collect(self)
        self.running = self.month < self.last

    def close(self) -> None:
        self.remove_all_agents()
        getattr(mesa.Agent, "_ids", {}).pop(self, None)  # Mesa 3.3 keeps every model alive through it; 3.5 has none
