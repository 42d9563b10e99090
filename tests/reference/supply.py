"""The vendor, in plain floats (MODEL 6), with the listing and without it. USD bn a month in prices of 2018; no dice."""

import math

import mesa

from .inputs import SEGMENTS, Line, clip, truth

SHARPEST = 0.01  # least share that the harmonic bottleneck divides by
MIDDLE_OF_2018 = 6  # demand is an index, 1 then
MONTHS = 12


class Group:
    """One row of the input groups. need: USD bn a month at the start; use: share of it by segment."""

    def __init__(self, table, row: int, lines: list[Line]) -> None:
        def cell(column: str) -> float:
            return float(table[column][row])

        self.name = table.key[row]
        self.need = cell("need") / MONTHS
        self.use = {s: cell(s) for s in SEGMENTS}
        self.reach = {s: cell(f"reach_{s}") for s in SEGMENTS}
        self.domestic0, self.domestic_cap = cell("domestic_share_2018"), cell("domestic_cap")
        self.scarce = cell("scarce")
        self.foreign_reach, self.controlled_reach = cell("foreign_reach"), cell("controlled_reach")
        self.months_foreign, self.months_domestic = cell("months_foreign"), cell("months_domestic")
        self.ramp_months, self.content_floor, self.fdpr_cover = cell("ramp_months"), cell("content_floor"), cell("fdpr_cover")
        self.own_design, self.leading_node = truth(table["own_design"][row]), truth(table["leading_node"][row])
        self.stocked, self.chip = truth(table["stocked"][row]), truth(table["chip"][row])
        self.unnamed = cell("unnamed_foreign") / MONTHS
        self.controlled_lines = [line for line in lines if line.group == row and line.controlled]
        self.foreign_lines = [line for line in lines if line.group == row and not line.controlled]
        self.controlled = sum(line.sales for line in self.controlled_lines) / MONTHS
        self.named = sum(line.sales for line in self.foreign_lines) / MONTHS


class Path:
    """The vendor's supply month by month, with the listing or, for the shadow, without it."""

    def __init__(self, model: mesa.Model, shadow: bool) -> None:
        self.model, self.p, self.groups, self.shadow = model, model.p, model.groups, shadow
        count = len(self.groups)
        p = self.p
        self.threat = p["threat.start"]
        self.effort = [0.0] * count
        self.domestic = [g.domestic0 for g in self.groups]
        self.qualified = [0.0] * count
        self.content = [1.0] * count
        self.stock = [p["vendor.base_stock"] * g.need for g in self.groups]
        self.own_chips = [
            p["vendor.own_design_stock0"] * self.stock[i] if g.own_design and g.leading_node else 0.0 for i, g in enumerate(self.groups)
        ]
        self.unmet, self.carrier_fill = 0.0, 1.0
        self.without_services = self.without_brand = 0.0
        dates = model.dates
        self.services_from = dates.first_month("demand.services_loss")
        self.business_from = dates.first_month("demand.new_business")

    # what the law and the calendar say on this path
    def law(self, name: str) -> float:
        return 0.0 if self.shadow else float(getattr(self.model.dates, name))

    # step 2
    def fear(self) -> None:
        p, dates = self.p, self.model.dates
        tariff, bargain = self.model.news_of_talks()
        tariff, bargain = min(tariff, p["threat.tariff_cap"]), 0.0 if self.shadow else bargain
        signal = (
            p["threat.start"]
            + p["threat.w_tariff"] * (tariff - p["threat.tariff_base"])
            + p["threat.w_arrest"] * dates.read("threat.arrest")
            + p["threat.w_listed"] * self.law("on")
            + p["threat.w_own"] * self.law("own")
            + p["threat.w_in_force"] * self.law("fdpr")
            - p["threat.w_bargain"] * max(bargain, 0.0)
        )
        self.threat += p["threat.speed"] * (clip(signal, 0.0, 1.0) - self.threat)
        for i, g in enumerate(self.groups):
            if self.law("on") > 0:
                zeal = clip((self.threat - p["threat.effort_from"]) / p["threat.effort_span"], 0.0, 1.0)
                self.effort[i] += p["domestic.programme"] * zeal * (self.law("own") if g.leading_node else 1.0)
            stretch = p["domestic.ramp_old"] if g.own_design and not g.leading_node else p["domestic.ramp"]
            learnt = 1 - math.exp(-max(self.effort[i] - g.months_domestic, 0.0) / (g.ramp_months * stretch))
            self.domestic[i] = g.domestic0 + (g.domestic_cap - g.domestic0) * learnt
            if self.threat > p["threat.qualifies"]:
                self.qualified[i] = clip(self.qualified[i] + (1 - self.qualified[i]) / g.months_foreign, 0.0, 1.0)

    # step 8
    def demand(self) -> None:
        p, t = self.p, self.model.month
        x = t + 0.5

        def grown(segment: str, months: float) -> float:
            fade = p[f"demand.fade_{segment}"]
            return math.exp(p[f"demand.growth_{segment}"] / MONTHS * fade * (1 - math.exp(-months / fade)))

        self.index = {
            "carrier": math.exp(p["demand.growth_carrier"] / MONTHS * (x - MIDDLE_OF_2018)) * self.model.carriers_choice(),
            "enterprise": grown("enterprise", x) / grown("enterprise", MIDDLE_OF_2018),
            "consumer": grown("consumer", x) / grown("consumer", MIDDLE_OF_2018),
        }
        if self.law("on") > 0:  # what is lost while listed stays lost
            if self.services_from is not None:
                self.without_services = clip((t - self.services_from) / p["demand.services_ramp"], 0.0, 1.0)
            self.without_brand = self.model.dates.read("demand.brand_sale")
        self.index["consumer"] *= 1 - p["demand.services"] * self.without_services
        self.index["consumer"] *= 1 - p["demand.brand"] * self.without_brand
        self.new_business = 0.0
        if self.business_from is not None:
            self.new_business = p["demand.new_business_slope"] / MONTHS**2 * max(t - self.business_from, 0)
        self.growth, self.needs = [], []
        for i, g in enumerate(self.groups):
            self.growth.append(sum(g.use[s] * self.index[s] for s in SEGMENTS))
            self.needs.append({s: g.need * g.use[s] * self.index[s] * self.share_of_content(i, s) for s in SEGMENTS})

    def share_of_content(self, i: int, segment: str) -> float:
        return self.content[i] if self.groups[i].reach[segment] > 0 else 1.0

    def legal_controlled(self, i: int) -> float:
        return 1.0 if self.shadow else self.model.legal_controlled[i]

    def legal_foreign(self, i: int) -> float:
        return 1.0 if self.shadow else self.model.legal_foreign[i]

    def capacities(self) -> None:
        p, firms = self.p, self.model.sizes
        spare = p["supply.spare"]
        self.caps, self.cap_controlled, self.cap_foreign, self.cap_domestic, self.cap_unnamed = {}, [], [], [], []
        for i, g in enumerate(self.groups):
            for line in g.controlled_lines + g.foreign_lines:
                revenue, sales = firms[line.firm]
                legal = 1.0 if self.shadow else line.legal
                self.caps[line.number] = legal * line.sales / MONTHS * self.growth[i] * (1 + spare * revenue / sales)
            controlled = sum(self.caps[line.number] for line in g.controlled_lines)
            if self.law("on") > 0:
                newly = self.qualified[i] * self.legal_controlled(i) * max(g.need - g.controlled, 0.0)
                controlled += g.controlled_reach * newly * self.growth[i]
            unnamed = g.unnamed * self.growth[i] * (1 + p["supply.unnamed_size"] * spare) * self.legal_foreign(i)
            foreign = sum(self.caps[line.number] for line in g.foreign_lines) + unnamed
            newly = self.qualified[i] * self.legal_foreign(i) * max(g.need - g.unnamed - g.named, 0.0)
            foreign += g.foreign_reach * newly * self.growth[i]
            self.cap_controlled.append(controlled)
            self.cap_foreign.append(foreign)
            self.cap_unnamed.append(unnamed)
            self.cap_domestic.append(self.domestic[i] * g.need * self.growth[i])

    def ration(self, i: int, pool: float) -> dict[str, float]:
        """What each segment gets of a pool of fresh parts and of the stock, in the order carrier, enterprise, consumer."""
        p = self.p
        stock_left, got = self.stock[i], {}
        for s in SEGMENTS:
            months = p["vendor.ration_consumer"] if s == "consumer" else p["vendor.ration_network"]
            fresh = min(self.needs[i][s], pool)
            drawn = min(self.needs[i][s] - fresh, stock_left, self.stock[i] / months)
            pool -= fresh
            stock_left -= drawn
            got[s] = fresh + drawn
        return got

    def fills(self, pools: list[float]) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
        got = [self.ration(i, pools[i]) for i in range(len(self.groups))]
        fill = [{s: got[i][s] / self.needs[i][s] if self.needs[i][s] > 0 else 1.0 for s in SEGMENTS} for i in range(len(got))]
        return got, fill

    def buildable(self, segment: str, fill: list[dict[str, float]]) -> float:
        """The share of its demand that a segment can build: its scarcest part decides."""
        left = []
        for i, g in enumerate(self.groups):
            left.append(1 - g.reach[segment] * self.share_of_content(i, segment) * (1 - fill[i][segment]))
        if self.model.rules["bottleneck"] == "minimum":
            return min(left)
        costs = [g.need * g.use[segment] for g in self.groups]
        return 1 / sum(cost / sum(costs) / max(share, SHARPEST) for cost, share in zip(costs, left, strict=True))

    def trade(self) -> None:
        """Plan, orders, output, stock (step 8)."""
        p, count = self.p, len(self.groups)
        self.demand()
        self.capacities()
        pools = [self.cap_controlled[i] + self.cap_foreign[i] + self.cap_domestic[i] for i in range(count)]
        _, fill = self.fills(pools)
        plan = {s: self.buildable(s, fill) for s in SEGMENTS}
        hoard = clip((self.threat - p["threat.start"]) / p["threat.hoard_span"], 0.0, 1.0)
        self.bought_controlled, self.bought_foreign, self.bought_domestic = [], [], []
        for i, g in enumerate(self.groups):
            self.order(i, g, sum(self.needs[i][s] * plan[s] for s in SEGMENTS), hoard)
        arrived = [self.bought_controlled[i] + self.bought_foreign[i] + self.bought_domestic[i] for i in range(count)]
        got, self.fill = self.fills(arrived)
        share = {s: self.buildable(s, self.fill) for s in SEGMENTS}
        self.output = {s: self.index[s] * share[s] for s in SEGMENTS}
        self.carrier_fill = self.output["carrier"] / self.index["carrier"]
        self.opening = list(self.stock)
        self.arrived, self.used = arrived, []
        for i in range(count):
            used = sum(min(got[i][s], self.needs[i][s] * self.output[s] / self.index[s]) for s in SEGMENTS)
            self.used.append(used)
            self.stock[i] = max(self.stock[i] + arrived[i] - used, 0.0)
            self.keep_own_chips(i)
        need = sum(self.needs[i][s] for i in range(count) for s in SEGMENTS)
        self.unmet = 1 - sum(self.used) / need

    def order(self, i: int, g: Group, planned: float, hoard: float) -> None:
        p = self.p
        own, all_chips = self.law("own"), self.law("all_chips")
        horizon = 0.0
        if g.stocked:
            network = g.use["carrier"] + g.use["enterprise"]
            horizon = network * p["vendor.horizon_network"] + g.use["consumer"] * p["vendor.horizon_phone"]
        scarce = max(g.scarce, g.fdpr_cover * (own if g.own_design else all_chips))
        wished = p["vendor.base_stock"] + p["vendor.stockpile"] * hoard * horizon * scarce
        build = max(0.0, (wished * planned - self.stock[i]) / p["vendor.build_time"])
        want = planned + build
        domestic = min(want, self.cap_domestic[i])
        rest = want - domestic
        part = min(build, rest)
        sellers = g.controlled + g.named + g.unnamed
        usual = g.controlled / sellers if sellers > 0 else 0.0
        usual *= 1 - p["vendor.shun"] * self.threat * (1 - self.legal_controlled(i)) * self.qualified[i] * g.foreign_reach
        hoarded = usual if g.own_design else max(usual, 1 - all_chips)
        if g.controlled <= 0:
            hoarded = 0.0
        controlled = min(self.cap_controlled[i], (rest - part) * usual + part * hoarded)
        foreign = min(self.cap_foreign[i], rest - controlled)
        controlled += min(self.cap_controlled[i] - controlled, rest - controlled - foreign)
        self.bought_controlled.append(controlled)
        self.bought_foreign.append(foreign)
        self.bought_domestic.append(domestic)

    def keep_own_chips(self, i: int) -> None:
        """How much of the stock of a leading-node own design is the vendor's own chips, which only foundries make."""
        g = self.groups[i]
        if not (g.own_design and g.leading_node):
            return
        foundry = sum(self.caps[line.number] for line in g.foreign_lines if line.foundry)
        share = foundry / self.cap_foreign[i] if self.cap_foreign[i] > 0 else 0.0
        bought = self.bought_foreign[i] * share
        at_hand = self.opening[i] + self.arrived[i]
        left = 1 - self.used[i] / at_hand if at_hand > 0 else 0.0
        self.own_chips[i] = (self.own_chips[i] + bought) * left

    # step 9
    def redesign(self) -> None:
        if self.law("on") <= 0:
            return
        for i, g in enumerate(self.groups):
            if g.controlled > 0:
                pace = self.p["vendor.redesign"] * self.threat * (1 - self.legal_controlled(i))
                self.content[i] -= pace * max(self.content[i] - g.content_floor, 0.0)

    def sellers_sales(self) -> tuple[dict[int, float], list[float]]:
        """By line and, for those without a name, by group: pro rata to what each could ship."""
        by_line: dict[int, float] = {}
        unnamed: list[float] = []
        for i, g in enumerate(self.groups):
            able = sum(self.caps[line.number] for line in g.controlled_lines)
            for line in g.controlled_lines:
                by_line[line.number] = self.bought_controlled[i] * self.caps[line.number] / able if able > 0 else 0.0
            able = sum(self.caps[line.number] for line in g.foreign_lines) + self.cap_unnamed[i]
            for line in g.foreign_lines:
                by_line[line.number] = self.bought_foreign[i] * self.caps[line.number] / able if able > 0 else 0.0
            unnamed.append(self.bought_foreign[i] * self.cap_unnamed[i] / able if able > 0 else self.bought_foreign[i])
        return by_line, unnamed

    def report(self) -> dict[str, object]:
        p, groups = self.p, self.groups
        count = range(len(groups))
        rate = p["vendor.currency_per_usd"]
        by_line, unnamed = self.sellers_sales()
        return {
            "threat": self.threat, "effort": list(self.effort), "domestic": list(self.domestic),
            "qualified": list(self.qualified), "content": list(self.content), "stock": list(self.stock),
            "opening_stock": list(self.opening),
            "need": [sum(self.needs[i].values()) for i in count],
            "need_by_segment": {s: [self.needs[i][s] for i in count] for s in SEGMENTS},
            "growth": list(self.growth), "demand": dict(self.index), "used": list(self.used), "arrived": list(self.arrived),
            "controlled": list(self.bought_controlled), "foreign": list(self.bought_foreign), "home": list(self.bought_domestic),
            "fill": {s: [self.fill[i][s] for i in count] for s in SEGMENTS},
            "output": dict(self.output), "unmet": self.unmet,
            "carrier_fill": self.carrier_fill,
            "sales": {s: self.output[s] * p[f"demand.base_{s}"] / MONTHS for s in SEGMENTS}, "new_business": self.new_business,
            "raw_material": rate * sum(self.stock[i] for i in count if groups[i].stocked and not groups[i].own_design),
            "chips": sum(self.arrived[i] for i in count if groups[i].chip),
            "months_in_stock": [self.stock[i] / n if (n := sum(self.needs[i].values())) > 0 else 0.0 for i in count],
            "own_chips": list(self.own_chips), "sold_by_line": by_line, "sold_unnamed": unnamed,
            "research_share": p["vendor.rnd_base"]
            + p["vendor.rnd_rise"] * clip((self.threat - p["threat.start"]) / p["vendor.rnd_span"], 0.0, 1.0),
        }  # fmt: skip


class Vendor(mesa.Agent):
    """The listed vendor. Fear builds stock of what only controlled sellers make; stock and legal supply decide output."""

    def __init__(self, model: mesa.Model, name: str) -> None:
        super().__init__(model)
        self.name = name
        self.paths = [Path(model, shadow=False), Path(model, shadow=True)]

    def fear(self) -> None:
        for path in self.paths:
            path.fear()

    def trade(self) -> None:
        for path in self.paths:
            path.trade()

    def redesign(self) -> None:
        for path in self.paths:
            path.redesign()


def groups_of(case, lines: list[Line]) -> list[Group]:
    table = case["input_groups"]
    return [Group(table, row, lines) for row in range(len(table))]
