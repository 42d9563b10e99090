"""Luck has an address: a draw is a pure function of (seed, agent, purpose, row, month, replicate).

Nothing is consumed, so nobody's luck depends on who else draws, on the order, or on how the worlds are cut into blocks.
A 64-bit key is hashed from seed, agent, purpose and row (BLAKE2b); month and replicate are mixed in by the finaliser
of SplitMix64 (Stafford's variant 13). docs/reliability.md has the battery of tests that the streams pass.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.worlds import Integers, Numbers, Pairs, Worlds

Bits = NDArray[np.uint64]
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def mix(x: Bits) -> Bits:
    """The 64-bit finaliser of SplitMix64: each bit of the input moves half of the bits of the output."""
    x = x ^ (x >> np.uint64(30))
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


def key(*address: object) -> int:
    """64 bits from an address. Its parts are written with their lengths, so that no two addresses look alike."""
    text = "".join(f"{len(part)}:{part}" for part in map(str, address))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


@lru_cache(maxsize=512)
def _keys(seed: int, rows: tuple[tuple[str, int], ...], purpose: str) -> Bits:
    return np.array([key(seed, agent, purpose, i) for agent, count in rows for i in range(count)], np.uint64)


def _uniform(bits: Bits) -> Numbers:
    """52 bits, at the middle of each step: never 0 and never 1, so that any distribution can be inverted at it."""
    return ((bits >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


class Luck:
    """The dice of the worlds of one block.

    A table's rows belong to agents: `rows` is ((agent, number of rows), ...) in the table's order, and a row's address counts
    within its agent, so that a newcomer changes nobody's luck.
    """

    def __init__(self, seed: int, worlds: Worlds) -> None:
        self.seed = seed
        self._replicate: Bits = mix((worlds.replicate.astype(np.uint64) + np.uint64(1)) * _GOLDEN)
        self._month, self._mixed = -1, self._replicate

    def _of_month(self, month: int) -> Bits:
        if month != self._month:
            self._month, self._mixed = month, mix(self._replicate ^ mix(np.array([month + 1], np.uint64)))
        return self._mixed

    def at(self, rows: tuple[tuple[str, int], ...], purpose: str, month: int, pairs: Pairs) -> Numbers:
        """A uniform in (0, 1) for each pair of a table."""
        return _uniform(mix(_keys(self.seed, rows, purpose)[pairs.row] ^ self._of_month(month)[pairs.world]))

    def table(self, rows: tuple[tuple[str, int], ...], purpose: str, month: int) -> Numbers:
        """A uniform for every cell: (rows, worlds). The same numbers as `at`, where every cell needs one."""
        return _uniform(mix(_keys(self.seed, rows, purpose)[:, None] ^ self._of_month(month)))


def of_samples(seed: int, path: str, samples: Integers | Sequence[int]) -> Numbers:
    """The uniform at which a parameter's value is taken, one a sample: its quantile in the parameter's distribution."""
    step = (np.asarray(samples).astype(np.uint64) + np.uint64(1)) * _GOLDEN
    return _uniform(mix(np.uint64(key(seed, "parameter", path)) ^ mix(step)))
