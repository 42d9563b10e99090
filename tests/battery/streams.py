"""Writes the model's luck as endless 32-bit words on standard output, for a battery of randomness tests to read.

    PYTHONPATH=. python tests/battery/streams.py months | dieharder -g 200 -a

A stream runs along one part of the address: that part moves fastest, the replicates next. All numbers come from sim.luck as
the model asks for them. A word is the top 32 of a uniform's 52 bits (those that decide whether something happens), or with
--low its bottom 32. --without-mix switches sim.luck's mixing off: a bare Weyl sequence, which a battery has to reject.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator

import numpy as np

from sim import luck
from sim.worlds import Numbers, Worlds

SEED = 2019
MONTHS = 96  # as in an ordinary run
ROWS = 64
PURPOSES = ("ready", "file", "read", "return", "close", "back", "refresh", "revoke", *(f"vote {i}" for i in range(24)))


def blocks(size: int) -> Iterator[Worlds]:
    first = 0
    while True:
        yield Worlds.range(first, size)
        first += size


def along_replicates() -> Iterator[Numbers]:
    for worlds in blocks(65536):
        yield luck.Luck(SEED, worlds).table((("firm", 1),), "file", 0)[0]


def along_months() -> Iterator[Numbers]:
    for worlds in blocks(1024):
        dice = luck.Luck(SEED, worlds)
        yield np.stack([dice.table((("firm", 1),), "file", month)[0] for month in range(MONTHS)], axis=1)


def along_rows() -> Iterator[Numbers]:
    for worlds in blocks(1024):
        yield luck.Luck(SEED, worlds).table((("firm", ROWS),), "file", 0).T


def along_purposes() -> Iterator[Numbers]:
    for worlds in blocks(2048):
        dice = luck.Luck(SEED, worlds)
        yield np.stack([dice.table((("firm", 1),), purpose, 0)[0] for purpose in PURPOSES], axis=1)


def along_samples() -> Iterator[Numbers]:
    for worlds in blocks(65536):
        yield luck.of_samples(SEED, "authority.noise", worlds.sample)


STREAMS: dict[str, Callable[[], Iterator[Numbers]]] = {
    "replicates": along_replicates,
    "months": along_months,
    "rows": along_rows,
    "purposes": along_purposes,
    "samples": along_samples,
}


def words(uniforms: Numbers, low: bool = False) -> bytes:
    bits = (uniforms.ravel() * 2.0**52).astype(np.uint64)  # exact: takes off the half step
    return bytes((bits if low else bits >> np.uint64(20)).astype(np.uint32).tobytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("along", choices=STREAMS)
    parser.add_argument("--low", action="store_true", help="the bottom 32 bits of the 52")
    parser.add_argument("--without-mix", action="store_true", help="the deliberately bad generator")
    asked = parser.parse_args()
    if asked.without_mix:
        luck.mix = lambda x: x
    try:
        for uniforms in STREAMS[asked.along]():
            sys.stdout.buffer.write(words(uniforms, asked.low))
    except BrokenPipeError:  # the battery has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
