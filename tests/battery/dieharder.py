"""Runs Dieharder's tests over the model's luck and lists their p-values.

    python tests/battery/dieharder.py months rows          every test of LONG, two streams
    python tests/battery/dieharder.py months -- -d 2 -p 9  one test, with Dieharder's own options

Each test reads its stream from the beginning, so that a p-value is the same each time it is computed.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

STREAMS = Path(__file__).with_name("streams.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}

# Dieharder's options: -d test, -n its size, -p how often it is repeated for one p-value (100 where not said).
# Left out: its tests 5, 6, 7 and 14, of which Dieharder itself says that good generators may fail them.
SHORT = (
    "-d 0 -p 50", "-d 2 -p 8", "-d 3 -p 8", "-d 4 -p 15", "-d 8 -p 50", "-d 9 -p 8", "-d 10 -p 15", "-d 11 -p 50", "-d 13 -p 4",
    "-d 15 -p 50", "-d 16 -p 8", "-d 100 -p 50", "-d 102 -p 4", "-d 200 -n 4 -p 5", "-d 201 -n 3 -p 30", "-d 202 -n 5 -p 8",
)  # fmt: skip
LONG = (
    "-d 0", "-d 1 -p 50", "-d 2 -p 20", "-d 3 -p 40", "-d 4", "-d 8", "-d 9 -p 40", "-d 10", "-d 11", "-d 12", "-d 13 -p 20", "-d 15",
    "-d 16 -p 50", "-d 17 -p 1", "-d 100", "-d 101", "-d 102", "-d 200 -n 4 -p 20", "-d 201 -n 3", "-d 202 -n 5 -p 50", "-d 206",
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    stream: str
    test: str
    size: int
    repeats: int
    p: float


def answers(stream: str, options: str) -> Iterator[Answer]:
    """What one of Dieharder's tests says of a stream; stream: arguments of streams.py."""
    words = subprocess.Popen([sys.executable, str(STREAMS), *stream.split()], stdout=subprocess.PIPE, env=ENVIRONMENT)
    columns = ("test_name", "ntuple", "psamples", "pvalues")
    shown = [word for column in columns for word in ("-D", column)]
    try:
        told = subprocess.run(
            ["dieharder", "-g", "200", *options.split(), *shown], stdin=words.stdout, capture_output=True, text=True, check=True
        )
    finally:
        ended = words.poll()  # None, unless it ended by itself
        assert words.stdout is not None
        words.stdout.close()
        words.terminate()
        words.wait()
    if not told.stdout:  # so it does, with exit code 0, when the stream ends
        raise RuntimeError(f"no answer from dieharder {options} on {stream}: {told.stderr.strip()} (the stream's exit code: {ended})")
    for line in told.stdout.splitlines():
        name, size, repeats, p = (part.strip() for part in line.split("|")[:4])
        yield Answer(stream, name, int(size), int(repeats), float(p))


def all_answers(stream: str, battery: Iterable[str]) -> list[Answer]:
    return [answer for options in battery for answer in answers(stream, options)]


def main() -> None:
    streams, _, options = " ".join(sys.argv[1:]).partition(" -- ")
    for stream in streams.split():
        for options_of_one in (options,) if options else LONG:
            for answer in answers(stream, options_of_one):
                print(f"{answer.stream:<12}{answer.test:<24}{answer.size:>4}{answer.repeats:>6}{answer.p:>14.8f}", flush=True)


if __name__ == "__main__":
    main()
