"""What a world costs with many times as many agents, and with more months."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import larger
from benchmarks.speed import SCENARIO
from sim.batch.plan import Plan
from sim.model import simulate
from sim.worlds import Worlds

TIMES = (1, 4, 16)
MONTHS = (24, 48, 96)
SIZE = 128  # worlds of a block: 16 times the agents must fit in memory


@dataclass(frozen=True)
class Agents:
    """cost: times the agents of the case -> how many there are and ms of CPU a world; months: months -> ms of CPU a world"""

    cost: dict[int, tuple[int, float]]
    months: dict[int, float]


def measure(say: Callable[[str], None]) -> Agents:
    cost, months = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for times in TIMES:
            name = f"times_{times}"
            larger.write(Plan.of(SCENARIO).case.folder, Path(folder, name), times)
            scenario = Path(folder, f"{name}.yaml")
            scenario.write_text(f"extends: {SCENARIO}\ncase: {name}\n", encoding="utf-8")
            plan = Plan.of(str(scenario), record="outcomes")
            cost[times] = larger.agents(plan.case), _cost(plan)
            say(f"agents: {cost[times][0]:,} of them: {cost[times][1]:.1f} ms a world")
    for count in MONTHS:
        months[count] = _cost(Plan.of(SCENARIO, record="outcomes", months=count))
        say(f"months: {count}: {months[count]:.1f} ms a world")
    return Agents(cost, months)


def _cost(plan: Plan) -> float:
    """The better of two; the first after the network of this case has been built."""
    few, worlds = Worlds.range(0, 2), Worlds.range(0, SIZE)
    simulate(plan.scenario, plan.case, few, plan.values(few))
    values, taken = plan.values(worlds), list[float]()
    for _ in range(2):
        started = time.process_time()
        simulate(plan.scenario, plan.case, worlds, values)
        taken.append(time.process_time() - started)
    return 1000 * min(taken) / SIZE
