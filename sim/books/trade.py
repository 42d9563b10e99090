"""Books of licences, supply and the ledger, checked beside a model month by month."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.exchanges.licensing import IDLE, INTENT, LICENSED, PENDING, PREPARING, Licensing
from sim.worlds import Numbers, total

if TYPE_CHECKING:
    from sim.agents.chipmaker import Chipmakers
    from sim.model import TradeModel

TRADE_BOOKS = {
    "1 files": "answers never exceed the files waiting; answers + waiting + released = files handed in",
    "2 law": "what sellers may ship is what the law does not cover and what is licensed, and they ship no more than they may and can",
    "3 stock": "arrivals + opening stock = use + closing stock",
    "4 trade": "the vendor's purchases = the sellers' sales",
    "5 signs": "stock, need, output and purchases are not negative",
    "6 shares": "fills, threat, qualified, domestic and content lie between 0 and 1",
    "10 ledger": "controlled + foreign + domestic - stock + unmet = need, as differences from the shadow path",
    "13 belief": "variance does not rise on an answer; an approval never lowers the belief, an intent never raises it",
    "14 before": "before the listing nothing is licensed and the two paths are equal",
    "15 face": "face value of licences is at least what was shipped under them, where it covers the years that a licence lasts",
    "16 intents": "intents = reversed + denied + released + open; approvals = held + revoked + refreshed + expired + lapsed + released",
}


def _relative(gap: Any, scale: Any) -> float:
    return float(np.max(np.abs(gap) / np.maximum(np.abs(scale), 1.0), initial=0.0))


def _outside(x: Numbers, low: float | None = 0.0, high: float | None = None) -> float:
    below = 0.0 if low is None else float(np.max(low - x, initial=0.0))
    return max(below, 0.0 if high is None else float(np.max(x - high, initial=0.0)))


class _OfficeBooks:
    """Books 1, 13 and 16 of one office."""

    def __init__(self, licensing: Licensing, firms: "Chipmakers") -> None:
        self.licensing, self.firms = licensing, firms
        self._so_far: dict[str, Numbers] = {event: np.zeros(licensing.worlds) for event in licensing.EVENTS}
        self._waiting = np.zeros(licensing.worlds)
        self._released = dict.fromkeys((PREPARING, PENDING, INTENT, LICENSED), self._waiting)
        self._mean, self._variance = licensing.mean.copy(), licensing.variance.copy()

    def files(self) -> float:
        licensing, so_far = self.licensing, self._so_far
        answers = licensing.count("approved") + licensing.count("intended") + licensing.count("returned")
        too_many = _outside(self._waiting + licensing.count("filed") - answers)
        for event in licensing.EVENTS:
            so_far[event] = so_far[event] + licensing.count(event)
        self._waiting = licensing.standing(PENDING)
        self._released = {state: count + licensing.released(state) for state, count in self._released.items()}
        answered = so_far["approved"] + so_far["intended"] + so_far["returned"] + self._released[PENDING]
        handed_in = _relative(answered + self._waiting - so_far["filed"], so_far["filed"])
        preparing = licensing.standing(PREPARING) + self._released[PREPARING]
        return max(too_many, handed_in, _relative(so_far["filed"] + preparing - so_far["prepared"], so_far["prepared"]))

    def belief(self, told: Numbers, low: Numbers, high: Numbers) -> float:
        """told: by how much statements moved beliefs, (worlds,); low, high: between which a belief is kept"""
        licensing = self.licensing
        shrunk = getattr(self.firms, "shrunk", self._variance)
        rise = _outside(self._variance - shrunk)
        moved = licensing.mean - np.clip(self._mean + told, low, high)
        approved, intended = licensing.count("approved") > 0, licensing.count("intended") > 0
        wrong = _outside(np.where(approved & ~intended, moved, 0)) + _outside(np.where(intended & ~approved, -moved, 0))
        self._mean, self._variance = licensing.mean.copy(), licensing.variance.copy()
        return max(rise, wrong)

    def intents(self) -> float:
        licensing, so_far = self.licensing, self._so_far
        open_ = licensing.standing(INTENT) + self._released[INTENT]
        intents = so_far["reversed"] + so_far["denied"] + open_ - so_far["intended"]
        ended = total(so_far[e] for e in ("revoked", "refreshed", "expired", "lapsed")) + self._released[LICENSED]
        approvals = licensing.standing(LICENSED) + ended - so_far["approved"]
        return max(_relative(intents, so_far["intended"]), _relative(approvals, so_far["approved"]))


class TradeBooks:
    """Keeps count beside a model; to be made before its first month and checked after each."""

    def __init__(self, model: "TradeModel") -> None:
        self.model = model
        self._offices = [_OfficeBooks(model.licensing, model.firms)]
        self._offices += [_OfficeBooks(partner.licensing, partner.firms) for partner in model.partners]
        self._face = self._under_licence = np.zeros(len(model.worlds))

    def check(self) -> dict[str, float]:
        """Largest discrepancy of the month by book."""
        return {
            "1 files": max(office.files() for office in self._offices), "2 law": self._law(), "3 stock": self._stock(),
            "4 trade": self._trade(), "5 signs": self._signs(), "6 shares": self._shares(), "10 ledger": self._ledger(),
            "13 belief": self._belief(), "14 before": self._before(), "15 face": self._face_value(),
            "16 intents": max(office.intents() for office in self._offices),
        }  # fmt: skip

    def _law(self) -> float:
        licensing, supply = self.model.licensing, self.model.supply
        free = 1 - licensing.lines.covered
        passes = np.where(licensing.lines.state == LICENSED, 1, free)
        for partner in self.model.partners:
            lines, here = partner.licensing.lines, partner.here
            free[here] = np.minimum(free[here], 1 - lines.covered)
            passes[here] = np.minimum(passes[here], np.where(lines.state == LICENSED, 1, 1 - lines.covered))
        freely: Numbers = np.asarray(licensing.by_seller @ (licensing.lines.sales * free))
        under: Numbers = np.asarray(licensing.by_seller @ (licensing.lines.sales * (passes - free)))
        self._licensed_part = np.divide(under, freely + under, out=np.zeros_like(under), where=freely + under > 0)
        named, _ = supply.sellers_sales()
        qualified = supply.qualified > 0
        may = np.where(qualified[supply.seller_group], 1e9, supply.ships)[:, supply.actual]
        nothing = np.where((licensing.legal_sales <= 0), named[:, supply.actual], 0)
        shipped = named[:, supply.actual]
        may_gap = _relative(freely + under - licensing.legal_sales, licensing.all_sales)
        return max(may_gap, _outside(may - shipped), _outside(-nothing))

    def _stock(self) -> float:
        supply = self.model.supply
        return _relative(supply.opening + supply.arrived - total(supply.used) - supply.stock, supply.opening + supply.arrived)

    def _trade(self) -> float:
        supply = self.model.supply
        named, unnamed = supply.sellers_sales()
        bought = total(supply.bought["controlled"]) + total(supply.bought["foreign"])
        controlled = supply.add_controlled @ named - supply.bought["controlled"]
        return max(_relative(total(named) + total(unnamed) - bought, bought), _relative(controlled, 1), _outside(unnamed))

    def _signs(self) -> float:
        supply = self.model.supply
        return max(map(_outside, (supply.stock, supply.need, supply.output, supply.own_chips, *supply.bought.values())))

    def _shares(self) -> float:
        s = self.model.supply
        shares = (s.filled, s.threat, s.qualified, s.domestic, s.content, s.legal_controlled, s.legal_foreign)
        return max(_outside(x, 0, 1) for x in shares)

    def _ledger(self) -> float:
        need = self.model.supply.need
        return _relative(self.model.ledger.imbalance(), total(need)[:, self.model.supply.shadow])

    def _belief(self) -> float:
        p, now = self.model.p, self.model.now
        told = np.where(now.listed > 0, p.belief.ease * (now.said + now.promised), 0)
        unheard = np.zeros_like(told)  # statements are about the controller's line
        limits = p.belief.mean_low, p.belief.mean_high
        return max(office.belief(told if i == 0 else unheard, *limits) for i, office in enumerate(self._offices))

    def _before(self) -> float:
        model = self.model
        if (model.now.listed > 0).any():
            self._listed = True
            return 0.0
        if getattr(self, "_listed", False):
            return 0.0
        same = model.supply.stock[:, model.supply.actual] - model.supply.stock[:, model.supply.shadow]
        busy = any((docket.lines.state != IDLE).any() for docket in model.dockets)
        return max(_outside(np.abs(same), None, 0), float(busy))

    def _face_value(self) -> float:
        model = self.model
        from sim.outcomes import OUTCOMES

        named, _ = model.supply.sellers_sales()
        under = named[:, model.supply.actual] * self._licensed_part
        self._face = self._face + OUTCOMES["face_value"].formula(model)
        self._under_licence = self._under_licence + total(np.where(any(x.lines.state.any() for x in model.dockets), under, 0))
        covers = model.p.authority.face_multiple * 12 >= model.p.authority.validity
        return _relative(np.where(covers, np.maximum(self._under_licence - self._face, 0), 0), self._face)
