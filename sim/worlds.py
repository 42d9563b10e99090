"""The world axis: every number an agent holds is one number a world, and the worlds are the last axis."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]
Index = NDArray[np.intp]


def total(rows: Iterable[NDArray[Any]]) -> Numbers:
    """Rows added in order: the same bits for one world as for many, which x.sum(axis=0) does not promise."""
    return np.asarray(sum(rows), dtype=np.float64)


@dataclass(frozen=True)
class Worlds:
    """The worlds that one process computes together.

    number: each world's place in its run; replicate: decides its luck; sample: decides its parameter values. All (worlds,).
    """

    number: Integers
    replicate: Integers
    sample: Integers

    @classmethod
    def range(cls, first: int, count: int) -> Self:
        """World i of an ordinary run is the pair (replicate i, sample i)."""
        number = np.arange(first, first + count, dtype=np.int64)
        return cls(number, number, number)

    def __len__(self) -> int:
        return len(self.number)


class Pairs:
    """Some (row, world) cells of a table: where something may happen this month.

    flat: index into the table read as one long row; row, world: the same, apart
    """

    __slots__ = ("flat", "row", "world")

    def __init__(self, flat: Index, row: Index, world: Index) -> None:
        self.flat, self.row, self.world = flat, row, world

    @classmethod
    def where(cls, mask: NDArray[Any]) -> Self:
        """The cells of a (rows, worlds) mask that hold."""
        flat = np.flatnonzero(mask)
        worlds = mask.shape[1]
        row = flat // worlds  # several times faster than np.divmod
        return cls(flat, row, flat - row * worlds)

    @classmethod
    def nowhere(cls) -> Self:
        none = np.zeros(0, np.intp)
        return cls(none, none, none)

    def keep(self, mask: Mask) -> Self:
        """Those of the pairs for which a mask over them holds."""
        chosen = np.flatnonzero(mask)
        return type(self)(self.flat[chosen], self.row[chosen], self.world[chosen])

    def __len__(self) -> int:
        return len(self.flat)
