"""Two processes against one: how much sooner a run is done. Waiting time, so it wants a machine with nothing else to do."""

import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks import startup
from benchmarks.speed import SCENARIO, Spread


@dataclass(frozen=True)
class Jobs:
    """Waiting time of a run by one process over that of the same run by two, and over the limit of this machine: two runs of half the
    worlds, side by side, that have nothing to do with each other
    """

    worlds: int
    one: Spread  # seconds
    two: Spread
    ratio: Spread
    limit: Spread


def measure(worlds: int, rounds: int, say: Callable[[str], None]) -> Jobs:
    one, two, apart = list[float](), list[float](), list[float]()
    for number in range(rounds):
        one.append(_run(worlds, 1))
        two.append(_run(worlds, 2))
        with ThreadPoolExecutor(2) as side_by_side:
            apart.append(max(side_by_side.map(_run, (worlds // 2, worlds // 2), (1, 1))))
        say(f"processes: round {number + 1} of {rounds}: one {one[-1]:.1f} s, two {two[-1]:.1f} s, side by side {apart[-1]:.1f} s")
    times = [a / b for a, b in zip(one, two, strict=True)]
    limits = [a / b for a, b in zip(one, apart, strict=True)]
    return Jobs(worlds, Spread.of(one), Spread.of(two), Spread.of(times), Spread.of(limits))


def _run(worlds: int, jobs: int) -> float:
    words = ["--worlds", str(worlds), "--jobs", str(jobs), "--record", "outcomes", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        return startup.run(["-m", "sim", "run", SCENARIO, *words, "--out", folder]).wall
