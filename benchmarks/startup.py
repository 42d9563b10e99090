"""What a command costs in a fresh process; and the processor time and memory of any process, from the operating system.

`python -m benchmarks.startup ARGUMENTS` runs this Python with these arguments and prints what it took, as JSON.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.speed import Spread

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "chokepoint --help": ["-m", "sim", "--help"],
    "chokepoint check history": ["-m", "sim", "check", "history"],
    "chokepoint list": ["-m", "sim", "list"],
    "chokepoint run history --worlds 1": ["-m", "sim", "run", "history", "--worlds", "1", "--record", "outcomes", "--jobs", "1"],
}


@dataclass(frozen=True)
class Process:
    """cpu, wall: seconds; memory: the most it held at once, MiB"""

    cpu: float
    wall: float
    memory: float


def run(arguments: list[str]) -> Process:
    """Run this Python with these arguments, to its end. CalledProcessError with what it said if it fails."""
    with tempfile.TemporaryFile("w+") as said:
        started = time.perf_counter()
        child = subprocess.Popen([sys.executable, *arguments], stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            said.seek(0)
            raise subprocess.CalledProcessError(child.returncode, arguments, said.read())
    return Process(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)


def run_from_small(arguments: list[str]) -> Process:
    """The same, begun by a small process: a child counts its parent's memory as its own, from before it was itself."""
    said = subprocess.run([sys.executable, "-m", "benchmarks.startup", *arguments], check=True, capture_output=True, text=True).stdout
    return Process(**json.loads(said))


def measure(rounds: int, say: Callable[[str], None]) -> dict[str, tuple[Spread, Spread]]:
    """CPU time and the time one waits, in seconds, by command. The first round, with cold files, is not counted."""
    taken: dict[str, list[Process]] = {name: [] for name in COMMANDS}
    for number in range(rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            for name, arguments in COMMANDS.items():
                process = run([*arguments, "--out", folder] if "run" in arguments else arguments)
                if number > 0:
                    taken[name].append(process)
    say(f"start-up: {rounds} rounds")
    return {name: (Spread.of([p.cpu for p in many]), Spread.of([p.wall for p in many])) for name, many in taken.items()}


if __name__ == "__main__":
    print(json.dumps(vars(run(sys.argv[1:]))))
