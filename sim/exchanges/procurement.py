"""Procurement: carriers' tenders for 5G, deliveries and swaps. Carriers are rows; rules run at the (carrier, world) pairs that buy.

What the market comes to, in money and by government, is figured out in market.py.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.case import Case
from sim.exchanges.market import Market
from sim.exchanges.operators import Operators, Vendors
from sim.exchanges.orders import MOST_VENDORS, Orders, unpacked
from sim.from_record import Record
from sim.luck import Luck
from sim.months import NEVER, month_of, year_of
from sim.refusal import InputError
from sim.rules import tender
from sim.rules.tender import NOBODY, Award, Slots
from sim.trace import SILENT, Journal, Name
from sim.worlds import Mask, Numbers, Pairs, total

YARDSTICK = month_of("2020-12")  # demand follows the vendor's share from the month after
NEARLY_ALL = 1 - 1e-6  # share of a network beside which the rest is too little to be told apart


class Procurement:
    """What all carriers have bought and received. (carriers, worlds) unless said.

    awarded: month of the first 5G award, NEVER before it; chose_restricted, chose_listed: whether that award includes them
    has5g: its first award has been delivered; share5g: of that network, 0 before, (carriers, vendors, worlds)
    left4g: of the restricted vendors' 4G, what has not been swapped, 0-1; grown4g: factor on the others' 4G
    restricted5g: restricted vendors' share of share5g
    excluded: months since the home government went to level 3, -1 where it has not, (governments, worlds)
    removed: share of the network swapped this month; swap_cost: USD m, this month
    buying, bought: the pairs that ordered this month, and what
    """

    journal: Journal = SILENT

    def __init__(self, case: Case, luck: Luck, p: Any, worlds: int, record: Record | None = None) -> None:
        self.record = record
        self.kappa = p.coupling.carriers_to_vendor
        self.luck, self.p, self.worlds, self.month = luck, p.procurement, worlds, -1
        self.vendors = Vendors(case)
        self.operators = o = Operators(case, self.vendors)
        self.names, self.rows = o.names, tuple((name, 1) for name in o.names)
        shape, vendors = (len(o.names), worlds), len(self.vendors.names)
        if vendors > MOST_VENDORS or self.vendors.restricted.all():
            what = f"there must be some vendor that is not restricted, and at most {MOST_VENDORS} in all"
            raise InputError("vendors.csv (restricted)", what)
        self.awarded: NDArray[np.int16] = np.full(shape, NEVER, np.int16)
        self.chose_restricted: Mask = np.zeros(shape, bool)
        self.chose_listed: Mask = np.zeros(shape, bool)
        self.share5g, self.restricted5g = np.zeros((len(o.names), vendors, worlds)), np.zeros(shape)
        self.has5g: Mask = np.zeros(shape, bool)
        self.left4g, self.grown4g = np.ones(shape), np.ones(shape)
        self.excluded = np.full((o.governments, worlds), -1.0)
        self._last_excluded = np.full((o.governments, worlds), -NEVER)
        self.removed, self.swap_cost = np.zeros(shape), np.zeros(shape)
        self.lag = int(self.p.delivery)
        self.orders = Orders(self.lag, len(o.names), worlds)
        self.buying, self.bought = Pairs.nowhere(), unpacked(np.zeros(0, np.int32))
        self._reasons: dict[str, Any] = {}  # for the journal: behind the month's choices
        self.discount = self.vendors.discount(self.p.discount_change)
        self._prepare()
        self.market = Market(self.operators, self.vendors, self.discount, self.p)
        self.market.weigh(self, np.zeros((o.governments, worlds)))
        self._share_then = self.listed_share

    def _prepare(self) -> None:
        """What does not change in a run."""
        p, o, v = self.p, self.operators, self.vendors
        asked = self.discount[v.listed] - p.usual_discount
        log_users = np.log(o.users[:, None] + p.users_offset)
        self.leaning = tender.leaning(p.drop_intercept, p.drop_has, o.has[:, None], p.drop_users, log_users, p.price_response, asked)
        self.more = tender.further_chance(p.number_intercept, p.number_users, np.log(o.users)[:, None])
        self.log_income = np.log(o.income[:, None] / p.income_unit)
        self.open = [not new or bool((p.open_entrant > 0).any()) for new in v.newcomer]
        taste = v.taste[:, None] + np.where(v.newcomer[:, None], p.entrant_change, 0)
        worth = tender.worth(taste[:, None], p.w_share4g, o.share4g.T[:, :, None], p.w_home, o.at_home.T[:, :, None])
        worth[v.newcomer] = np.where(p.open_entrant > 0, worth[v.newcomer], -np.inf)
        self.worth = worth  # (vendors, carriers, worlds)
        self.best_other = np.argmax(np.where(v.restricted[:, None, None], -np.inf, worth), axis=0)
        self.theirs = np.array([*v.restricted, *[False] * (int(NOBODY) + 1 - len(v.restricted))])

    def step(self, month: int, belief: Numbers, level: Numbers, supply: Numbers) -> None:
        """A month. belief, level: of governments, (governments, worlds); supply: doubt about it, (worlds,)"""
        self.month = month
        self.excluded = np.where(level >= 3, self.excluded + 1, -1.0)
        self._last_excluded = np.where(level >= 3, month, self._last_excluded)
        self._deliver(month)
        self._buy(month, belief, level, supply)
        self._swap()
        self.market.weigh(self, level)
        if month <= YARDSTICK:
            self._share_then = self.listed_share

    @property
    def listed_share(self) -> Numbers:
        """The listed vendor's share of all carriers' spending, the target's included. (worlds,)"""
        return self.market.share(self.vendors.listed, everywhere=True)

    def demand_factor(self) -> Numbers:
        """How carriers' demand for the listed vendor has changed with its share since the end of 2020, as of last month. (worlds,)"""
        then = self._share_then
        return np.asarray(np.divide(self.listed_share, then, out=np.ones_like(then), where=then > 0) ** self.kappa)

    def _buy(self, month: int, belief: Numbers, level: Numbers, supply: Numbers) -> None:
        """First awards, and the month's choice of those who have built before."""
        p = self.p
        base = {2018: p.tender_2018, 2019: p.tender_2019}.get(year_of(month), p.tender_2020)
        waiting = Pairs.where(self.awarded == NEVER)
        chance = tender.award_chance(base[waiting.world], p.tender_income[waiting.world], self.log_income.ravel()[waiting.flat])
        u = self.luck.at(self.rows, "tender", month, waiting)
        new = waiting.keep(u < chance)
        record = self.record if self.record is not None and month <= self.record.month else None
        if record is not None:
            new = waiting.keep(np.isin(waiting.row, record.awarded(month)[0]))
        self.awarded.ravel()[new.flat] = month
        at = Pairs.where(self.awarded <= month)
        if not len(at):
            return
        alarm = tender.alarm(p.drop_threat, belief, p.drop_level, level, p.drop_supply, supply)
        award = self._choose(month, at, alarm, level)
        if record is not None:
            award = self._as_on_record(record, at, award, level)
        self.orders.place(month, at, award)
        self.buying, self.bought = at, award
        if self.journal.on:
            self._note(at, award, waiting, chance, u, "award" if record is None else "award on record")
        first = np.searchsorted(at.flat, new.flat)
        listed = sum((winner[first] == self.vendors.listed for winner in award.winners), np.zeros(len(first), bool))
        self.chose_restricted.ravel()[new.flat] = award.kept[first]
        self.chose_listed.ravel()[new.flat] = listed

    def _choose(self, month: int, at: Pairs, alarm: Numbers, level: Numbers) -> Award:
        v, luck = self.vendors, self.luck
        government = self.operators.government[at.row] * self.worlds + at.world
        ruled = level.ravel()[government]
        drop = tender.drop_chance(self.leaning.ravel()[at.flat], alarm.ravel()[government], ruled)
        u = luck.at(self.rows, "drop", month, at)
        kept = u >= drop
        more, luck_number = self.more.ravel()[at.flat], luck.at(self.rows, "number", month, at)
        number = tender.number_of_vendors(luck_number, more)
        if self.journal.on:
            self._reasons = {"leaning": self.leaning.ravel()[at.flat], "alarm": alarm.ravel()[government], "level": ruled}
            self._reasons |= {"drop": drop, "luck_drop": u, "more": more, "luck_number": luck_number}
        let_in = np.flatnonzero(kept)
        some = at.keep(kept)
        values = []
        for name, restricted, may, worth in zip(v.names, v.restricted, self.open, self.worth, strict=True):
            value = np.full(len(at), -np.inf)
            if may:
                bidding, where = (some, let_in) if restricted else (at, slice(None))
                value[where] = worth.ravel()[bidding.flat] + tender.gumbel(luck.at(self.rows, f"value {name}", month, bidding))
            values.append(value)
            if self.journal.on:
                self._reasons |= {f"worth {name}": worth.ravel()[at.flat], f"value {name}": value}
        return tender.award(values, list(v.restricted), number, kept, ruled == 2)

    def _as_on_record(self, record: Record, at: Pairs, award: Award, level: Numbers) -> Award:
        """The month's orders, with first awards as they are on record."""
        winners = [winner.copy() for winner in award.winners]
        best_other, number, kept, capped = award.best_other.copy(), award.number.copy(), award.kept.copy(), award.capped.copy()
        for carrier, vendors in zip(*record.awarded(self.month), strict=True):
            here = np.flatnonzero(at.row == carrier)
            for slot, winner in enumerate(winners):
                winner[here] = vendors[slot] if slot < len(vendors) else NOBODY
            others = [v for v in vendors if not self.vendors.restricted[v]]
            best_other[here] = others[0] if others else self.best_other[carrier, at.world[here]]
            number[here], kept[here] = len(vendors), len(others) < len(vendors)
            capped[here] = level[self.operators.government[carrier], at.world[here]] == 2
        return Award(tuple(winners), best_other, number, kept, capped)
    def _note(self, at: Pairs, award: Award, waiting: Pairs, chance: Numbers, luck: Numbers, kind: str) -> None:
        """What was bought: first networks, and parts of them anew."""
        names: list[Name] = [(name,) for name in self.names]
        slots = {f"slot {i + 1}": np.where(winner == NOBODY, np.nan, winner) for i, winner in enumerate(award.winners)}
        restricted = {f"restricted {name}": x for name, x in zip(self.vendors.names, self.vendors.restricted, strict=True)}
        bought: dict[str, Any] = {"kept": award.kept, "number": award.number, **slots, **restricted, **self._reasons}
        tender_chance, tender_luck = np.full((2, len(names)), np.nan)  # of the one world
        tender_chance[waiting.row], tender_luck[waiting.row] = chance, luck
        first = self.awarded.ravel()[at.flat] == self.month
        self.journal.note(kind, at, names, (), first, tender=tender_chance[at.row], luck_tender=tender_luck[at.row], **bought)
        self.journal.note("renewal", at, names, (), ~first, **bought)

    def _deliver(self, month: int) -> None:
        """What was ordered a lag ago reaches the networks: the whole of a first award, then a part of the network each month."""
        p, vendors = self.p, len(self.vendors.names)
        ordered = month - self.lag
        arrives = self.has5g = np.asarray(self.awarded <= ordered)
        at = Pairs.where(arrives)
        if not len(at):
            return
        award = self.orders.arriving(month, at)
        out = self.shares(at, award, ordered)
        rate = np.where(self.awarded.ravel()[at.flat] == ordered, 1, p.refresh[at.world])
        self.share5g *= np.where(arrives, 1 - p.refresh, 1)[:, None]
        network, start = self.share5g.ravel(), at.row * (vendors * self.worlds) + at.world
        for winner, share in (*zip(award.winners, out.shares, strict=True), (award.best_other, out.beside)):
            got = np.flatnonzero(share)
            network[start[got] + winner[got].astype(np.intp) * self.worlds] += share[got] * rate[got]

    def shares(self, at: Pairs, award: Award, ordered: int) -> Slots:
        """What each winner of an award of that month gets; only where restricted vendors were let in is there anything to limit."""
        p, o, world = self.p, self.operators, at.world
        shares = tender.slots(award.number, award.winners, p.slot_of_two[world], p.slot_of_three[world], p.second_of_three[world])
        kept = np.flatnonzero(award.kept)
        row, world = at.row[kept], world[kept]
        late = self._last_excluded.ravel()[o.government[row] * self.worlds + world] >= ordered
        theirs = [self.theirs[winner[kept]] for winner in award.winners]
        let_in = [share[kept] for share in shares]
        out = tender.shared_out(let_in, theirs, o.built[row], award.capped[kept], p.cap[world], late)
        beside = np.zeros(len(at))
        for share, limited in zip((*shares, beside), (*out.shares, out.beside), strict=True):
            share[kept] = limited
        return Slots(tuple(shares), beside)

    @property
    def delay(self) -> Numbers:
        """Months by which 5G is late where restricted vendors' kit must go; reported only."""
        must: Mask = self.excluded[self.operators.government] >= 0
        stands: Mask = self.operators.built[:, None] * self.left4g + self.restricted5g > 0
        return np.where(must & stands, self.p.swap_delay, 0.0)

    def _swap(self) -> None:
        """Where the home government excludes, a part of the restricted vendors' network goes to the others each month."""
        p, o, v = self.p, self.operators, self.vendors
        self.restricted5g = total(self.share5g[:, vendor] for vendor in np.flatnonzero(v.restricted))
        self.removed, self.swap_cost = np.zeros_like(self.left4g), np.zeros_like(self.left4g)
        anywhere: Mask = np.asarray((self.excluded >= 1).any(axis=1))
        rows = np.flatnonzero(anywhere[o.government])
        theirs = (self.restricted5g[rows] > 0) | (self.left4g[rows] * o.built[rows, None] > 0)
        some = Pairs.where((self.excluded[o.government[rows]] >= 1) & theirs)
        at = Pairs(rows[some.row] * self.worlds + some.world, rows[some.row], some.world)
        if not len(at):
            return
        world, built = at.world, o.built[at.row]
        stays = tender.swapped(self.excluded[o.government[at.row], world], p.phase_out[world])
        in5g, left = self.restricted5g.ravel()[at.flat], self.left4g.ravel()[at.flat]
        part = np.where(self.has5g.ravel()[at.flat], p.share_of_5g[world], 0)
        removed = (1 - stays) * ((1 - part) * built * left + part * in5g)
        self.removed.ravel()[at.flat] = removed
        self.swap_cost.ravel()[at.flat] = removed * o.users[at.row] * p.swap_cost[world]
        self.left4g.ravel()[at.flat] = left * stays
        self.grown4g.ravel()[at.flat] = tender.grown(built, left * stays)
        self.restricted5g.ravel()[at.flat] = stays * in5g
        moves = np.flatnonzero(in5g)
        at, stays, in5g = at.keep(in5g > 0), stays[moves], in5g[moves]
        alone = in5g > NEARLY_ALL
        grow = np.where(alone, 1, tender.grown(in5g, stays))
        network, start = self.share5g.ravel(), at.row * (len(v.names) * self.worlds) + at.world
        for vendor, restricted in enumerate(v.restricted):
            network[start + vendor * self.worlds] *= stays if restricted else grow
        heir = self.best_other.ravel()[at.flat[alone]]
        network[start[alone] + heir * self.worlds] += (1 - stays[alone]) * np.minimum(in5g[alone], 1)
