"""What a run through `chokepoint run` costs: its parts, and its memory. Each in a process of its own.

`python -m benchmarks.batch WORLDS FOLDER` prints the seconds of each part as JSON
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import startup
from benchmarks.speed import SCENARIO

PARTS = ("start", "plan", "simulate", "store")


def parts(worlds: int, out: Path) -> dict[str, float]:
    """Seconds of CPU time in this process: Python and its imports, reading and preparing the plan, the model, and all the rest."""
    clock = time.process_time  # of this process, from its beginning
    from sim.batch import engine
    from sim.batch.plan import Plan
    from sim.model import simulate

    started = clock()
    plan = Plan.of(SCENARIO, worlds=worlds, record="outcomes")
    folder = engine.prepare(plan, out)
    planned = clock()
    simulating = 0.0

    def timed(*block: Any, **how: Any) -> Any:
        nonlocal simulating
        before = clock()
        computed = simulate(*block, **how)
        simulating += clock() - before
        return computed

    engine.finish(folder, simulate=timed)
    return dict(zip(PARTS, (started, planned - started, simulating, clock() - planned - simulating), strict=True))


def measure_parts(worlds: int, say: Callable[[str], None]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.batch", str(worlds), folder]
        seconds: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    say(f"parts of a run of {worlds:,} worlds: " + ", ".join(f"{name} {value:.2f} s" for name, value in seconds.items()))
    return seconds


def measure_whole(worlds: int, say: Callable[[str], None]) -> tuple[startup.Process, int]:
    """A whole run in two processes (memory: of the larger one), and the bytes it leaves on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["-m", "sim", "run", SCENARIO, "--worlds", str(worlds), "--jobs", "2", "--quiet", "--out", folder]
        process = startup.run_from_small(command)
        written = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
    used = f"{process.wall:.1f} s, {process.cpu:.1f} s of CPU time, {process.memory:.0f} MiB at most"
    say(f"{worlds:,} worlds: {used}, {written / 2**20:.0f} MiB on the disk")
    return process, written


if __name__ == "__main__":
    print(json.dumps(parts(int(sys.argv[1]), Path(sys.argv[2]))))
