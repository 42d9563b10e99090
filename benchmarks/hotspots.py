"""Where a block spends its time: our functions, each with the library calls that it makes itself."""

import cProfile
import pstats
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sim
from benchmarks.speed import SCENARIO
from sim.batch.plan import Plan
from sim.model import simulate
from sim.worlds import Worlds

PACKAGE = Path(sim.__file__).parent
TOP = 10
_Function = tuple[str, int, str]  # file, line, name: as pstats has it


@dataclass(frozen=True)
class Spot:
    """module: path within sim/; share: of the block's time, 0-1, the function's own and what it calls outside sim/"""

    module: str
    function: str
    share: float


def measure(size: int = 512) -> tuple[list[Spot], dict[str, float]]:
    """The dearest functions of a block, grouped by module, and the share of each module."""
    plan = Plan.of(SCENARIO, record="outcomes")
    worlds = Worlds.range(0, size)
    values = plan.values(worlds)
    simulate(plan.scenario, plan.case, Worlds.range(0, 8), plan.values(Worlds.range(0, 8)))
    profile = cProfile.Profile()
    profile.runcall(simulate, plan.scenario, plan.case, worlds, values)
    return spots(pstats.Stats(profile).stats)  # type: ignore[attr-defined]


def spots(stats: dict[_Function, Any]) -> tuple[list[Spot], dict[str, float]]:
    charged: dict[_Function, float] = defaultdict(float)

    def charge(function: _Function, amount: float, depth: int = 0) -> None:
        """To a function of ours; the time of a library's function to those who called it, by how long each kept it busy."""
        callers = stats[function][4] if function in stats else {}
        weight = sum(entry[2] for entry in callers.values())
        if _ours(function) or weight <= 0 or depth > 20:
            charged[function] += amount
            return
        for caller, entry in callers.items():
            charge(caller, amount * entry[2] / weight, depth + 1)

    for function, (_, _, own, _, _) in stats.items():
        charge(function, own)
    whole = sum(charged.values())
    modules: dict[str, float] = defaultdict(float)
    for function, amount in charged.items():
        modules[_module(function)] += amount / whole
    top = sorted(charged, key=lambda function: -charged[function])[:TOP]
    found = [Spot(_module(function), function[2], charged[function] / whole) for function in top]
    return sorted(found, key=lambda spot: (-modules[spot.module], -spot.share)), dict(modules)


def _ours(function: _Function) -> bool:
    return function[0].startswith(str(PACKAGE))


def _module(function: _Function) -> str:
    return str(Path(function[0]).relative_to(PACKAGE)) if _ours(function) else "elsewhere"
