"""Reading along: agents tell a journal what they decide, with the numbers that they have just used.

Every agent and exchange that decides holds a journal. It is silent unless a world is traced; then it is a Trace, and the model is
that world alone. What a note means, in words, stands in sim/decisions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from sim.worlds import Mask, Pairs

Name = tuple[str | int, ...]  # of a row: ("AAA",) for a government, (firm, group, number) for a product line


@dataclass(frozen=True)
class Note:
    """One decision as it was taken.

    by: whose it was, (office,) or (office, agency), if not the row's own; numbers: all that went into it
    """

    month: int
    kind: str
    by: Name
    name: Name
    numbers: dict[str, float]


class Journal:
    """Takes no notes."""

    on = False

    def turn(self, month: int) -> None:
        """A new month begins."""

    def note(self, kind: str, at: Pairs | Mask, names: Sequence[Name], by: Name = (), only: Mask | None = None, **numbers: Any) -> None:
        """Decisions at rows of a table.

        at: the rows, as pairs or as a (rows, worlds) mask; names: of all rows of the table; only: those of them to write down
        numbers: one for all rows; or one for each of `at`, or of the table where `at` is a mask; what is not finite is left out
        """


SILENT = Journal()


class Trace(Journal):
    """Writes down every decision of the one world that its model computes."""

    on = True

    def __init__(self) -> None:
        self.month = -1
        self.notes: list[Note] = []

    def turn(self, month: int) -> None:
        self.month = month

    def note(self, kind: str, at: Pairs | Mask, names: Sequence[Name], by: Name = (), only: Mask | None = None, **numbers: Any) -> None:
        pairs = at if isinstance(at, Pairs) else Pairs.where(at)
        assert not pairs.world.any(), "a trace follows one world"
        chosen = np.arange(len(pairs)) if only is None else np.flatnonzero(only)
        if not len(chosen):
            return
        table = np.stack([_column(value, pairs, at, chosen) for value in numbers.values()])
        whole = bool(np.isfinite(table).all())
        for row, values in zip(pairs.row[chosen].tolist(), table.T.tolist(), strict=True):
            known = zip(numbers, values, strict=True)
            self.notes.append(Note(self.month, kind, by, names[row], dict(known) if whole else {k: x for k, x in known if isfinite(x)}))


def _column(value: Any, pairs: Pairs, at: Pairs | Mask, chosen: Any) -> Any:
    """A number for each row that is written down."""
    numbers = np.asarray(value, np.float64).reshape(-1)
    if len(numbers) == 1:
        return np.broadcast_to(numbers, len(chosen))
    if not isinstance(at, Pairs):
        numbers = numbers[pairs.flat]
    assert len(numbers) == len(pairs), "one number for all rows, or one for each"
    return numbers[chosen]
