"""Orders of networks under way: what each carrier has chosen and not yet received, written small."""

import numpy as np
from numpy.typing import NDArray

from sim.rules.tender import NOBODY, SLOTS, Award
from sim.worlds import Pairs

MOST_VENDORS = int(NOBODY)


def packed(award: Award) -> NDArray[np.int32]:
    """An award as one whole number: who, how many slots, on what terms."""
    code = (award.number.astype(np.int32) - 1) | (award.kept.astype(np.int32) << 2) | (award.capped.astype(np.int32) << 3)
    code |= award.best_other.astype(np.int32) << 4
    for slot, winner in enumerate(award.winners):
        code |= winner.astype(np.int32) << (9 + 5 * slot)
    return code


def unpacked(code: NDArray[np.int32]) -> Award:
    winners = tuple(((code >> (9 + 5 * slot)) & 31).astype(np.int8) for slot in range(SLOTS))
    return Award(winners, ((code >> 4) & 31).astype(np.int8), ((code & 3) + 1).astype(np.int8), (code & 4) > 0, (code & 8) > 0)


class Orders:
    """The last months' awards of all carriers. lag: months from an order to the network"""

    def __init__(self, lag: int, carriers: int, worlds: int) -> None:
        self.lag = lag
        self._codes = np.zeros((lag, carriers, worlds), np.int32)

    def place(self, month: int, at: Pairs, award: Award) -> None:
        self._codes[month % self.lag].ravel()[at.flat] = packed(award)

    def arriving(self, month: int, at: Pairs) -> Award:
        """What was ordered a lag ago; to be read before this month's orders are placed."""
        return unpacked(self._codes[month % self.lag].ravel()[at.flat])
