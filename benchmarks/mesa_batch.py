"""mesa.batch_run over the plain reference, against `chokepoint run`: what a user of each waits for, start-up and all.

`python -m benchmarks.mesa_batch WORLDS PROCESSES` is the former.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks import startup
from benchmarks.speed import SCENARIO, plain_month

PLAIN, OURS, PROCESSES = 16, 2_000, 2  # worlds of each, so many that start-up is a small part


@dataclass(frozen=True)
class MesaBatch:
    """Seconds of waiting a world, both with so many processes"""

    plain: float
    ours: float


def measure(say: Callable[[str], None]) -> MesaBatch | None:
    """None where the plain reference is not at hand."""
    if plain_month() is None:
        return None
    plain = startup.run(["-m", "benchmarks.mesa_batch", str(PLAIN), str(PROCESSES)]).wall / PLAIN
    words = ["--worlds", str(OURS), "--jobs", str(PROCESSES), "--record", "outcomes", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        ours = startup.run(["-m", "sim", "run", SCENARIO, *words, "--out", folder]).wall / OURS
    say(f"mesa.batch_run: {1000 * plain:.0f} ms of waiting a world, chokepoint run {1000 * ours:.1f} ms")
    return MesaBatch(plain, ours)


def batch_run(worlds: int, processes: int) -> list[dict[str, Any]]:
    import mesa

    from benchmarks.plain_month import Month

    return list(mesa.batch_run(Month, {"world": range(worlds)}, number_processes=processes, display_progress=False))


if __name__ == "__main__":
    batch_run(int(sys.argv[1]), int(sys.argv[2]))
