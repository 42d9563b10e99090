"""python -m benchmarks.gates: what must stay small, against its targets. Printed, and asserted nowhere: machines differ."""

import gc
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.startup import run_from_small

ROUNDS = 5
RUNS = 200
WORLDS = 512

FIRST_STEP = """
from sim.batch.plan import Plan
from sim.model import TradeModel
from sim.worlds import Worlds
plan, world = Plan.of("history"), Worlds.range(0, 1)
TradeModel(plan.scenario, plan.case, world, plan.values(world)).step()
"""
WAITING = {  # s
    "chokepoint --help": (["-m", "sim", "--help"], 0.15),
    "chokepoint check history": (["-m", "sim", "check", "history"], 0.35),
    "the first month of a run": (["-c", FIRST_STEP], 1.5),
}


def waiting(arguments: list[str]) -> tuple[float, float]:
    """Shortest of several: seconds that one waits, and of the processor."""
    taken = [run_from_small(arguments) for _ in range(ROUNDS)]
    return min(p.wall for p in taken), min(p.cpu for p in taken)


def growth(runs: int) -> float:
    """MiB by which a process grows over so many runs, after twenty that fill its pools."""
    from sim.batch.plan import Plan
    from sim.model import simulate
    from sim.worlds import Worlds

    plan, worlds = Plan.of("history", months=6), Worlds.range(0, 2)
    held = []
    for number in range(runs + 20):
        simulate(plan.scenario, plan.case, worlds, plan.values(worlds))
        if number in (19, runs + 19):
            gc.collect()
            held.append(int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20)
    return held[1] - held[0]


def store() -> tuple[float, float]:
    """ms a world to write a block's outcomes, and its outcomes and agents."""
    from sim.batch import engine
    from sim.batch.plan import Plan
    from sim.batch.store import write_block
    from sim.model import simulate

    taken = []
    for record in ("outcomes", "agents"):
        with tempfile.TemporaryDirectory() as out:
            plan = Plan.of("history", worlds=WORLDS, block=WORLDS, record=record)
            folder, worlds = engine.prepare(plan, Path(out)), plan.cut(0)
            block = simulate(plan.scenario, plan.case, worlds, plan.values(worlds))
            started = time.process_time()
            write_block(folder, plan, 0, worlds, block)
            taken.append(1000 * (time.process_time() - started) / WORLDS)
    return taken[0], taken[1]


def main() -> None:
    print(f"{'':44}{'measured':>12}{'target':>12}")

    def line(what: str, measured: float, target: float, unit: str) -> None:
        print(f"{what:44}{measured:9.2f} {unit:2}{target:9.2f} {unit:2}{'' if measured < target else '  MISSED'}", flush=True)

    for what, (arguments, target) in WAITING.items():
        wall, cpu = waiting(arguments)
        line(what, wall, target, "s")
        print(f"{'':4}{'of which the processor':40}{cpu:9.2f} s", file=sys.stderr)
    line(f"growth of a process over {RUNS} runs", growth(RUNS), 5, "MB")
    outcomes, agents = store()
    line("storing a world's outcomes", outcomes, 1, "ms")
    line("storing a world's outcomes and agents", agents, 1, "ms")


if __name__ == "__main__":
    main()
