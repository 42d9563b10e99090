"""Carriers once more, one world, with floats, ifs and loops: MODEL 10 read from its text.

world = PlainCarriers(case, values, seed=2019, world=0) ; world.step(month, governments: iso3 -> (belief, level), supply)
"""

import math

from sim.luck import Luck
from sim.worlds import Worlds

from .inputs import Values, truth


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


class Vendor:
    def __init__(self, row, number: int) -> None:
        self.key, self.home, self.number = row["key"], row["home_iso3"], number
        self.restricted, self.listed = truth(row["restricted"]), truth(row["listed_candidate"])
        self.taste, self.discount, self.entrant = row["a_v"], row["price_discount"], row["share_2018_global_pct"] <= 0


class Carrier:
    """An operator. share4g, share5g: by key of vendor; queue: (month ordered, shares, slots won, best other vendor)"""

    def __init__(self, row, vendors) -> None:
        self.name, self.home = row["key"], row["iso3"]
        self.users, self.income, self.weight = row["subs_m"], row["gdp_pc_usd"], row["spend_weight"]
        new = truth(row["greenfield"])
        self.new = new
        self.share4g = {v.key: 0.0 if new else row.get(f"share4g_{v.key}", 0.0) for v in vendors}
        self.first4g = dict(self.share4g)
        self.has = truth(row["has_target_4g"]) and not new
        self.share5g = None
        self.awarded = None
        self.queue = []
        self.removed = self.swap_cost = 0.0
        self.restricted_award = self.listed_award = False


class PlainCarriers:
    def __init__(self, case, values, seed, world) -> None:
        self.p, self.known = Values(values), {}
        self.luck = Luck(seed, Worlds.range(world, 1))
        self.vendors = [Vendor(row, i) for i, row in enumerate(case["vendors"].rows())]
        self.theirs = {v.key for v in self.vendors if v.restricted}
        self.listed = next(v for v in self.vendors if v.listed)
        self.worths = {}
        for v in self.vendors:
            if v.restricted:
                v.discount = min(max(v.discount + self("discount_change"), 0.0), 0.99)
        self.carriers = [Carrier(row, self.vendors) for row in case["carriers"].rows()]
        self.rows = tuple((c.name, 1) for c in self.carriers)
        roles = {row["role"]: row["iso3"] for row in case["governments"].rows()}
        self.target = roles["target_home"]
        self.since = {row["iso3"]: -1 for row in case["governments"].rows()}

    def __call__(self, name: str) -> float:
        if name not in self.known:
            self.known[name] = self.p[f"procurement.{name}"]
        return self.known[name]

    def roll(self, purpose: str) -> list[float]:
        return self.luck.table(self.rows, purpose, self.month)[:, 0].tolist()

    def open(self, v: Vendor) -> bool:
        return not v.entrant or self("open_entrant") > 0

    def worth(self, c: Carrier, v: Vendor) -> float:
        if (c.name, v.key) not in self.worths:
            self.worths[c.name, v.key] = self.plain_worth(c, v)
        return self.worths[c.name, v.key]

    def plain_worth(self, c: Carrier, v: Vendor) -> float:
        taste = v.taste + (self("entrant_change") if v.entrant else 0.0)
        return taste + self("w_share4g") * math.sqrt(c.first4g[v.key]) + (self("w_home") if v.home == c.home else 0.0)

    def step(self, month: int, governments, supply: float) -> None:
        self.month = month
        for iso3, (_, level) in governments.items():
            self.since[iso3] = self.since[iso3] + 1 if level >= 3 else -1
        tender, drop, number = self.roll("tender"), self.roll("drop"), self.roll("number")
        noise = {v.key: self.roll(f"value {v.key}") for v in self.vendors}
        for i, c in enumerate(self.carriers):
            belief, level = governments[c.home]
            if level >= 3:
                self.redirect(c)
            self.deliver(c)
            if c.awarded is None and tender[i] < self.chance(c):
                c.awarded = month
            if c.awarded is not None:
                values = {v.key: self.worth(c, v) - math.log(-math.log(noise[v.key][i])) for v in self.vendors if self.open(v)}
                self.order(c, drop[i] < self.drop(c, belief, level, supply), self.count(c, number[i]), values, level)
            self.swap(c)

    def chance(self, c: Carrier) -> float:
        base = self("tender_2018") if self.month < 12 else self("tender_2019") if self.month < 24 else self("tender_2020")
        return logistic(base + self("tender_income") * math.log(c.income / self("income_unit")))

    def drop(self, c: Carrier, belief: float, level: int, supply: float) -> float:
        if level >= 3:
            return 1.0
        logit = self("drop_intercept") + (self("drop_has") if c.has else 0.0) + self("drop_threat") * belief
        logit += self("drop_level") * level / 3 + self("drop_supply") * supply
        logit += self("drop_users") * math.log(c.users + self("users_offset"))
        return logistic(logit - self("price_response") * (self.listed.discount - self("usual_discount")))

    def count(self, c: Carrier, u: float) -> int:
        q = logistic(self("number_intercept") + self("number_users") * math.log(c.users))
        return 3 if u < q * q else 2 if u < 1 - (1 - q) ** 2 else 1

    def restricted(self, shares) -> float:
        return sum(share for key, share in shares.items() if key in self.theirs)

    def order(self, c: Carrier, dropped: bool, n: int, values, level: int) -> None:
        bidders = [key for key in values if not (dropped and key in self.theirs)]
        bidders.sort(key=lambda key: -values[key])
        winners = bidders[:n]
        theirs = [key for key in bidders if key in self.theirs]
        if theirs and not any(key in winners for key in theirs):
            winners[-1] = theirs[0]
        three = [self("slot_of_three"), self("second_of_three"), 1 - self("slot_of_three") - self("second_of_three")]
        slots = {1: [1.0], 2: [self("slot_of_two"), 1 - self("slot_of_two")], 3: three}[n]
        shares = dict(zip(winners, slots, strict=False))
        shares[winners[0]] += 1 - sum(shares.values())
        best_other = next(key for key in sorted(values, key=lambda key: -values[key]) if key not in self.theirs)
        slots = shares
        if theirs:
            part = max(self.restricted(slots), self.restricted(c.first4g))
            if level == 2:
                part = min(part, self("cap"))
            shares = self.moved(slots, part, best_other)
        if self.month == c.awarded:
            c.restricted_award = bool(theirs)
            c.listed_award = self.listed.key in winners
        c.queue.append((self.month, shares, slots, best_other))

    def moved(self, shares, theirs: float, best_other: str):
        """The same with this much for restricted vendors in all; the others pro rata, or the best of them if none is there."""
        now = self.restricted(shares)
        others = [key for key, share in shares.items() if share > 0 and key not in self.theirs]
        rest = sum(shares[key] for key in others)
        new = {}
        for key, share in shares.items():
            if key in self.theirs:
                new[key] = share * theirs / now if now > 0 else 0.0
            elif others:
                new[key] = share * (1 - theirs) / rest
        if not others:
            new[best_other] = new.get(best_other, 0.0) + 1 - theirs
        return new

    def redirect(self, c: Carrier) -> None:
        """Exclusion: what restricted vendors still had to deliver goes to the others."""
        c.queue = [
            (month, self.moved(slots, 0.0, other) if self.restricted(slots) > 0 else shares, slots, other)
            for month, shares, slots, other in c.queue
        ]

    def deliver(self, c: Carrier) -> None:
        due = self.month - round(self("delivery"))
        for month, shares, _, _ in c.queue:
            if month != due:
                continue
            if c.share5g is None:
                c.share5g = {v.key: shares.get(v.key, 0.0) for v in self.vendors}
            else:
                for key in c.share5g:
                    c.share5g[key] += (shares.get(key, 0.0) - c.share5g[key]) * self("refresh")
        c.queue = [order for order in c.queue if order[0] > due]

    def mix(self, c: Carrier):
        if c.share5g is None:
            return dict(c.share4g)
        part = self("share_of_5g")
        return {key: (1 - part) * c.share4g[key] + part * c.share5g[key] for key in c.share4g}

    def swap(self, c: Carrier) -> None:
        c.removed = c.swap_cost = 0.0
        months, whole = self.since[c.home], self("phase_out")
        if months < 1:
            return
        before = max(1 - (months - 1) / whole, 0.0)
        stays = max(1 - months / whole, 0.0) / before if before > 0 else 0.0
        c.removed = (1 - stays) * self.restricted(self.mix(c))
        c.swap_cost = c.removed * c.users * self("swap_cost")
        may = [v for v in self.vendors if self.open(v) and not v.restricted]
        best = max(may, key=lambda v: self.worth(c, v)).key
        for shares in (c.share4g, c.share5g):
            if shares is not None and self.restricted(shares) > 0:
                moved = self.moved(shares, stays * self.restricted(shares), best)
                shares.update(moved)

    def money(self, abroad_only: bool):
        """Spending on each vendor, from weights, shares and prices."""
        spent = dict.fromkeys((v.key for v in self.vendors), 0.0)
        for c in self.carriers:
            if abroad_only and c.home == self.target:
                continue
            weight = c.weight * (self("spending_on_5g") if c.share5g is not None else 1.0)
            for key, share in self.mix(c).items():
                spent[key] += weight * share
        return {v.key: spent[v.key] * (1 - v.discount) for v in self.vendors}

    def exposure(self, iso3: str) -> float:
        ours = [c for c in self.carriers if c.home == iso3]
        users = sum(c.users for c in ours)
        return sum(c.users * self.restricted(c.share5g) for c in ours if c.share5g is not None) / users if users else 0.0

    def exclusion_cost(self, levels) -> float:
        """USD bn this month, all governments with a binding rule."""
        cost = 0.0
        for c in self.carriers:
            if levels[c.home] >= 2:
                gone = max(self.restricted(c.first4g) - self.restricted(self.mix(c)), 0.0)
                cost += gone * c.weight * self("radio_spending") / 12 * self.listed.discount
        return cost
