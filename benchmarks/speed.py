"""CPU time a world: blocks of worlds computed together, against one world after the other in plain Mesa."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks import core, plain_licensing
from sim.batch.plan import Plan
from sim.batch.worker import keep_memory
from sim.model import simulate
from sim.worlds import Worlds

SCENARIO = "history"
LICENSING, WHOLE = "plain licensing", "plain month"
CORE = 512  # worlds of the block in which the whole month is set against its core


@dataclass(frozen=True)
class Spread:
    """Several measurements of one thing."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True)
class Speed:
    """cost: ms of CPU time a world, by what was run; ratio: how many times cheaper a block's world is, (block, opponent), from
    measurements of one round; filings: applications a world, to see that both do the same amount of work
    over_core: how many times dearer the whole month is than its core alone, in blocks of one size
    """

    rounds: int
    cost: dict[str, Spread]
    ratio: dict[tuple[str, str], Spread]
    filings: dict[str, float]
    over_core: Spread


def core_name() -> str:
    return f"core alone, {block_name(CORE)}"


def block_name(size: int) -> str:
    return f"block of {size:,}"


def measure(sizes: tuple[int, ...], rounds: int, say: Callable[[str], None]) -> Speed:
    """Everything once a round, in turn, so that what shares the machine with us slows all of it alike."""
    keep_memory()  # as a run does
    plan = Plan.of(SCENARIO, record="outcomes")
    filings: dict[str, float] = {}
    things: dict[str, Callable[[], int]] = {LICENSING: _plain_licensing(plan, filings)}
    whole = _plain_month()
    if whole is not None:
        things[WHOLE] = whole
    for size in sizes:
        things[block_name(size)] = _block(plan, size, filings)
    things[core_name()] = _core(plan, filings)
    _block(plan, 64, {})()  # imports, tables and the network are start-up's, and measured there
    costs: dict[str, list[float]] = {name: [] for name in things}
    for number in range(rounds):
        for name, run in things.items():
            started = time.process_time()
            worlds = run()
            costs[name].append(1000 * (time.process_time() - started) / worlds)
        latest = ", ".join(f"{name} {cost[-1]:.1f}" for name, cost in costs.items())
        say(f"speed: round {number + 1} of {rounds}: {latest} ms a world")
    opponents = [name for name in (LICENSING, WHOLE) if name in costs]
    ratios = {
        (ours, opponent): Spread.of([b / a for a, b in zip(costs[ours], costs[opponent], strict=True)])
        for ours in (*map(block_name, sizes), core_name())
        for opponent in opponents
    }
    over_core = Spread.of([whole / alone for whole, alone in zip(costs[block_name(CORE)], costs[core_name()], strict=True)])
    return Speed(rounds, {name: Spread.of(cost) for name, cost in costs.items()}, ratios, filings, over_core)


def _block(plan: Plan, size: int, filings: dict[str, float]) -> Callable[[], int]:
    many = max(1, 8 // size)

    def run() -> int:
        filed = 0.0
        for first in range(many):
            worlds = Worlds.range(first * size, size)
            block = simulate(plan.scenario, plan.case, worlds, plan.values(worlds))
            filed += float(block.series["filings"].sum())
        filings[block_name(size)] = filed / (many * size)
        return many * size

    return run


def _core(plan: Plan, filings: dict[str, float]) -> Callable[[], int]:
    smaller, found = core.plan_of(plan), dict[str, float]()
    block = _block(smaller, CORE, found)

    def run() -> int:
        with core.alone():
            worlds = block()
        filings[core_name()] = found[block_name(CORE)]
        return worlds

    return run


def _plain_licensing(plan: Plan, filings: dict[str, float], many: int = 12) -> Callable[[], int]:
    firms, hears = plain_licensing.read_case(plan.case.folder)  # once: a user would not read the tables for each world

    def run() -> int:
        models = [plain_licensing.Exchange(firms, hears, plain_licensing.draw(world), world).run() for world in range(many)]
        filings[LICENSING] = sum(model.filings for model in models) / many
        return many

    return run


def plain_month() -> Any:
    """The class of the plain reference; None where there are no tests."""
    try:
        from benchmarks.plain_month import Month
    except ImportError:
        return None
    return Month


def _plain_month(many: int = 2) -> Callable[[], int] | None:
    reference = plain_month()
    if reference is None:
        return None

    def run() -> int:
        for world in range(many):
            model = reference(world)
            while model.running:
                model.step()
            model.close()
        return many

    return run
