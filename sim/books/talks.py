"""Books of the talks, checked beside a model month by month."""

import numpy as np

from sim.exchanges.talks import Talks
from sim.rules import package
from sim.worlds import Mask, Numbers

TALKS_BOOKS = {
    "11 signatures": "what is signed gives each side at least what it must have, and a deal lies in the zone of agreement",
    "11b linking": "at equal worth to one side, a linked package never gives the other less than the same share of every issue",
    "12 tariffs": "no tariff rises while the sides talk, unless they walk out, and none rises beyond its ceiling (dated ones apart)",
    "12c shares": "what is given, other retaliation and trust lie between 0 and 1; kept purchases never exceed those promised",
    "12i chip": "no concession without a listing, none beyond the largest, none where licences are no chip",
    "12d offers": "an offer is taken back only when its side's limit moves",
    "12f spells": "spells opened = walk-outs + signatures + open, one at a time",
    "12g threats": "points announced = in force + withdrawn + cancelled + pending, one threat at a time",
}


def _above(x: Numbers, where: Mask) -> float:
    return float(np.max(x, initial=0.0, where=where))


class TalksBooks:
    """Keeps count beside the talks; to be made before their first month and checked after each."""

    def __init__(self, talks: Talks) -> None:
        self.talks, self.free = talks, False
        self._seen = {event: np.zeros(talks.in_talks.shape) for event in Talks.EVENTS}
        self._keep()

    def _keep(self) -> None:
        talks = self.talks
        self._added = talks.added_on_target.copy(), talks.added_on_controller.copy()
        self._in_talks, self._announced, self._offers = talks.in_talks.copy(), talks.announced.copy(), talks.offers
        self._limits = talks.seat.limits if hasattr(talks, "seat") else None

    def check(self, listed: Numbers, free: bool) -> dict[str, float]:
        """Largest discrepancy of the month by book. listed: (worlds,); free: the talks followed no calendar this month"""
        self.free = free
        for event, mask in self.talks.happened.items():
            self._seen[event] = self._seen[event] + mask
        found = {
            "11 signatures": self._signatures(), "11b linking": self._linking(), "12 tariffs": self._tariffs(),
            "12c shares": self._shares(), "12i chip": self._chip(listed), "12d offers": self._taken_back(),
            "12f spells": self._spells(), "12g threats": self._threats(),
        }  # fmt: skip
        self._keep()
        return found

    def _signatures(self) -> float:
        talks, seat = self.talks, self.talks.seat
        to_controller, to_target = package.values(seat.row, talks.given)
        signed, agreed = talks.happened["signed"], talks.happened["agreed"]
        both = (agreed & talks.happened["settled"]) | (signed & talks.happened["walked_out"])
        return max(
            _above(seat.least_controller - to_controller, signed), _above(seat.least_target - to_target, signed),
            _above(seat.limits.target - talks.dial, agreed), _above(talks.dial - seat.limits.controller, agreed), float(both.any()),
        )  # fmt: skip

    def _linking(self) -> float:
        """The linked package that is worth the controller what half of every issue is, if there is one: not worth less to the target."""
        row, half = self.talks.seat.row, np.full(self.talks.bargain.shape, 0.5)
        nobody, everybody = np.zeros_like(half[0]), np.ones_like(half[0])
        own, other = package.values(row, package.package(row, half, nobody))
        reached = package.limits(row, everybody, own, np.full_like(own, -1e6)).controller
        linked = package.values(row, package.package(row, reached, everybody))[1]
        return max(float(np.max(other - linked, initial=0.0)) - 1e-7, 0.0)

    def _tariffs(self) -> float:
        talks = self.talks
        if not self.free:
            return 0.0
        quiet = talks.talked & ~talks.happened["walked_out"]
        added = talks.added_on_target, talks.added_on_controller
        risen = [_above(new - old, quiet) for new, old in zip(added, self._added, strict=True)]
        everywhere = np.ones_like(quiet)
        room = talks.ceiling - talks.p.tariff_before_on_target, talks.cap  # which may be less than what there was already
        beyond = [_above(new - np.maximum(most, old), everywhere) for new, most, old in zip(added, room, self._added, strict=True)]
        below = _above(-talks.added_on_target, everywhere), _above(-talks.added_on_controller, everywhere)
        return max(*risen, *beyond, *below)

    def _shares(self) -> float:
        talks = self.talks
        outside = max(
            max(float(np.max(-x, initial=0.0)), float(np.max(x - 1, initial=0.0))) for x in (talks.given, talks.restriction, talks.trust)
        )
        kept = max(
            float(np.max(talks.kept - talks.promised, initial=0.0)), float(np.max(talks.kept_so_far - talks.promise_so_far, initial=0.0))
        )
        return max(outside, kept)

    def _chip(self, listed: Numbers) -> float:
        talks, p = self.talks, self.talks.p
        most = np.where(
            (listed > 0) & (p.licences_not_a_chip < 1), np.maximum(p.full_bargain, p.bargain_in_truce) if self.free else 1.0, 0.0
        )
        return max(float(np.max(talks.bargain - most, initial=0.0)), float(np.max(-talks.bargain, initial=0.0)))

    def _taken_back(self) -> float:
        talks, limits = self.talks, self._limits
        if limits is None:
            return 0.0
        within, largest = talks.talked & ~talks.happened["opened"], 0.0
        for side in ("controller", "target"):
            same = getattr(talks.seat.limits, f"concession_{side}") >= getattr(limits, f"concession_{side}")
            largest = max(largest, _above(getattr(self._offers, side) - getattr(talks.offers, side), within & same))
        return largest

    def _spells(self) -> float:
        seen = self._seen
        gap = seen["opened"] - seen["walked_out"] - seen["signed"] - self.talks.in_talks
        return float(np.max(np.abs(gap), initial=0.0)) + float((self.talks.happened["opened"] & self._in_talks).any())

    def _threats(self) -> float:
        talks, points = self.talks, self.talks.points
        gap = points["announced"] - points["in_force"] - points["withdrawn"] - points["cancelled"] - talks.announced
        return float(np.max(np.abs(gap), initial=0.0)) + float((talks.happened["announced"] & (self._announced > 0)).any())
