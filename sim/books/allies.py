"""Books of governments and carriers, checked beside a model month by month."""

import numpy as np

from sim.exchanges.persuasion import Persuasion
from sim.exchanges.procurement import Procurement
from sim.worlds import Numbers, total

ALLY_BOOKS = {
    "6 conviction": "belief, doubt about supply and what peers have decided lie between 0 and 1",
    "7 networks": "vendors' shares of a carrier's 4G and 5G are not negative and sum to 1 (5G: to what is delivered)",
    "8 exclusion": "under exclusion restricted vendors get no new award and no delivery (the record's apart); their share never rises, "
    "and is 0 at the deadline",
    "9 cap": "under a partial limit new awards stay within the cap",
    "17 levels": "what a government decides for itself never falls but by a reversal or a dated fact, the record's among them",
}


def _beyond(x: Numbers, low: float = 0.0, high: float = 1.0) -> float:
    return max(float(np.max(low - x, initial=0.0)), float(np.max(x - high, initial=0.0)))


def _apart(x: Numbers, y: Numbers) -> float:
    return float(np.max(np.abs(x - y), initial=0.0))


class AllyBooks:
    """Keeps count beside the two exchanges; to be made before their first month and checked after each."""

    def __init__(self, persuasion: Persuasion, procurement: Procurement) -> None:
        self.persuasion, self.procurement = persuasion, procurement
        self._level, self._restricted = persuasion.own.copy(), procurement.market.restricted

    def check(self) -> dict[str, float]:
        """Largest discrepancy of the month by book."""
        found = {
            "6 conviction": self._conviction(), "7 networks": self._networks(), "8 exclusion": self._exclusion(),
            "9 cap": self._cap(), "17 levels": self._levels(),
        }  # fmt: skip
        self._level, self._restricted = self.persuasion.own.copy(), self.procurement.market.restricted
        return found

    def _conviction(self) -> float:
        p = self.persuasion
        return max(map(_beyond, (p.belief, p.supply, p.peers)))

    def _networks(self) -> float:
        b = self.procurement
        built, has4g = b.operators.built[:, None], b.operators.built < 1
        old = (built * b.left4g + (1 - built) * b.grown4g)[has4g]
        new = total(b.share5g.swapaxes(0, 1))
        apart = max(_apart(old, np.ones_like(old)), _apart(new, b.has5g.astype(np.float64)))
        return max(apart, *map(_beyond, (b.share5g, b.left4g, b.market.restricted)))

    def _on_record(self) -> bool:
        """Whether this month's levels and awards are the record's, which keeps no books of ours."""
        b = self.procurement
        return b.record is not None and b.month <= b.record.month

    def _exclusion(self) -> float:
        b = self.procurement
        if self._on_record():
            return 0.0
        excluded = b.excluded[b.operators.government]
        ordered = b.bought.kept & (excluded[b.buying.row, b.buying.world] >= 0)
        risen = np.where(excluded >= 0, b.market.restricted - self._restricted, 0)
        late = np.where(excluded >= b.p.phase_out, b.market.restricted, 0)
        return max(float(ordered.any()), _beyond(risen, -1, 0), _beyond(late, 0, 0))

    def _cap(self) -> float:
        b = self.procurement
        out = b.shares(b.buying, b.bought, b.month)
        part = total(np.where(b.theirs[winner], share, 0) for winner, share in zip(b.bought.winners, out.shares, strict=True))
        limited = self.persuasion.level[b.operators.government[b.buying.row], b.buying.world] == 2
        return _beyond(np.where(limited, part - b.p.cap[b.buying.world], 0), -1, 0)

    def _levels(self) -> float:
        p = self.persuasion
        if self._on_record():
            return 0.0
        fell = p.own < self._level
        fell.ravel()[p.happened["reversed"].flat] = False
        fell[p.dated] = False
        return float(fell.any())
