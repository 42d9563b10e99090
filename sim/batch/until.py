"""A run that stops when it knows enough: `--until "lost_sales +-2%"`.

Enough: the Monte Carlo error of the outcome's band in the run's last year (its 5 %, 50 % and 95 % points, each plus or minus what
95 of 100 other batches would stay within) is at most that share of the median. Looked at after each block, in the order of worlds:
so how many worlds a run has depends on its blocks, and not on how many processes compute them.
"""

import math
import re
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.batch.summary import by_year, read_block
from sim.refusal import InputError, nearest
from sim.text_file import printable
from sim.worlds import Numbers

POINTS = (0.05, 0.5, 0.95)
SURE = 1.96  # standard errors
_WRITTEN = re.compile(r"(\w+)\s*(?:\+-|\+/-|±)?\s*([0-9.]+)\s*%", re.ASCII)


@dataclass(frozen=True)
class Goal:
    """outcome: a name; share: of the median, 0 to 1"""

    outcome: str
    share: float


def goal(text: str, where: str) -> Goal:
    """InputError where the text names no outcome and percentage."""
    from sim.outcomes import OUTCOMES

    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise InputError(where, f'"{printable(text)}" is wrong; write an outcome and a percentage, such as "lost_sales +-2%"')
    outcome, percent = found[1], float(found[2]) if found[2].count(".") < 2 and found[2] != "." else 0.0
    if outcome not in OUTCOMES:
        raise InputError(where, f'there is no outcome "{printable(outcome)}"{nearest(outcome, OUTCOMES)}')
    if not 0 < percent <= 100:
        raise InputError(where, f'"{printable(text)}" is wrong; the percentage lies above 0 and is at most 100')
    return Goal(outcome, percent / 100)


def error(values: Numbers) -> float:
    """The largest Monte Carlo error of the band's points, as a share of the median; infinite where the median is 0."""
    known = values[~np.isnan(values)]
    if len(known) < 2 or not (median := float(np.median(known))):
        return math.inf
    reach = [SURE * math.sqrt(q * (1 - q) / len(known)) for q in POINTS]
    ends = [np.quantile(known, np.clip((q - r, q + r), 0, 1)) for q, r in zip(POINTS, reach, strict=True)]
    return max(float(high - low) / 2 for low, high in ends) / abs(median)


class Watch:
    """Looks at the blocks that are done, in order. yearly: how the outcome's months make a year"""

    def __init__(self, folder: Path, goal: Goal, yearly: str, months: int) -> None:
        self._folder, self._goal, self._yearly, self._months = folder, goal, yearly, months
        self._values: list[Numbers] = []
        self.error = math.inf

    def enough(self, done: Container[int]) -> int | None:
        """How many blocks are enough; None while more are needed."""
        while (block := len(self._values)) in done:
            series = read_block(self._folder, block, [self._goal.outcome], self._months)[self._goal.outcome]
            self._values.append(by_year(series, self._yearly)[:, -1])
            self.error = error(np.concatenate(self._values))
            if self.error <= self._goal.share:
                return block + 1
        return None
