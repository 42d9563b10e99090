"""The supply exchange: what the listed vendor needs, holds, orders and builds, and what each seller ships.

Columns come twice: the worlds as they are, then the same worlds without the listing (the shadow path). Who lost and who gained is
a subtraction of the two. No dice here. Groups are rows; segments are (carrier, enterprise, consumer); money is USD bn a month.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse

from sim.case import Case
from sim.network import Seller
from sim.rules import sourcing
from sim.rules.rationing import BOTTLENECKS, filled, ration
from sim.rules.threat import domestic_share
from sim.trace import SILENT, Journal
from sim.worlds import Index, Mask, Numbers, total

SEGMENTS = ("carrier", "enterprise", "consumer")
ORIGINS = ("controlled", "foreign", "domestic")


def doubled(x: Numbers) -> Numbers:
    """The worlds and their shadows: the same numbers twice along the last axis."""
    return np.concatenate([x, x], axis=-1)


class Groups:
    """The vendor's input groups, columns of input_groups.csv as (groups, 1), and the sellers' part of each need.

    old_need, old_controlled, old_named, old_unnamed: USD bn a month of 2018; use, reach: (segments, groups, 1), shares
    """

    def __init__(self, case: Case, sellers: list[Seller]) -> None:
        table = case["input_groups"]
        self.names = list(table.key)
        number = {name: i for i, name in enumerate(self.names)}

        def column(name: str) -> Numbers:
            return np.asarray(table[name], float)[:, None]

        def sold(which: list[Seller]) -> Numbers:
            return np.bincount([number[s.group] for s in which], [s.sales for s in which], minlength=len(number))[:, None] / 12

        self.old_need, self.old_unnamed = column("need") / 12, column("unnamed_foreign") / 12
        self.old_controlled = sold([s for s in sellers if s.origin == "controlled"])
        self.old_named = sold([s for s in sellers if s.origin != "controlled"])
        self.use = np.stack([column(s) for s in SEGMENTS])
        self.reach = np.stack([column("reach_" + s) for s in SEGMENTS])
        self.domestic_start, self.domestic_cap = column("domestic_share_2018"), column("domestic_cap")
        self.scarce, self.cover, self.partner_cover = column("scarce"), column("fdpr_cover"), column("partner_cover")
        self.controlled_reach = np.where(self.old_controlled > 0, column("controlled_reach"), 0)  # who sells nothing serves nothing
        self.foreign_reach = column("foreign_reach")
        self.months_foreign, self.months_domestic = column("months_foreign"), column("months_domestic")
        self.ramp_months, self.content_floor = column("ramp_months"), column("content_floor")
        self.own_design, self.leading_node = column("own_design") > 0, column("leading_node") > 0
        self.stocked, self.chip = column("stocked") > 0, column("chip") > 0
        self.network_use = self.use[0] + self.use[1]
        total = self.old_controlled + self.old_named + self.old_unnamed
        self.controlled_part = np.divide(self.old_controlled, total, out=np.zeros_like(total), where=total > 0)


class Supply:
    """Stock, orders and output of the vendor. Numbers are (groups, 2 worlds) unless said.

    threat: (2 worlds,); effort: months; domestic, qualified, content: shares; stock: USD bn
    demand: (segments, 2 worlds), index; need, used: (segments, groups, 2 worlds); output: (segments, 2 worlds), index
    bought: by origin; capacity: by origin; own_chips: vendor's own chips in stock, leading-node own designs only
    """

    journal: Journal = SILENT

    def __init__(self, case: Case, sellers: list[Seller], all_sales: Numbers, p: Any, bottleneck: str) -> None:
        self.groups = g = Groups(case, sellers)
        self.worlds = all_sales.shape[1]
        self.p = p
        self.bottleneck = BOTTLENECKS[bottleneck]
        both, count = 2 * self.worlds, len(g.names)
        shape = (count, both)
        self.actual, self.shadow = slice(None, self.worlds), slice(self.worlds, None)
        self.threat: Numbers = doubled(p.threat.start)
        self.effort, self.qualified = np.zeros(shape), np.zeros(shape)
        self.domestic = np.broadcast_to(g.domestic_start, shape).copy()
        self.content = np.ones(shape)
        self.stock = doubled(p.vendor.base_stock) * g.old_need
        self.own_chips = np.where(g.own_design & g.leading_node, doubled(p.vendor.own_design_stock0) * self.stock, 0)
        self.demand, self.output = np.ones((3, both)), np.ones((3, both))
        self.need, self.used = np.zeros((3, *shape)), np.zeros((3, *shape))
        self.growth = np.ones(shape)
        self.legal_controlled, self.legal_foreign = np.ones(shape), np.ones(shape)
        self.bought = {origin: np.zeros(shape) for origin in ORIGINS}
        self.capacity = {origin: np.zeros(shape) for origin in ORIGINS}
        self.opening = self.stock
        self._prepare_sellers(sellers, all_sales)

    def _prepare_sellers(self, sellers: list[Seller], all_sales: Numbers) -> None:
        """Matrices that add sellers up by group; CSR adds in order, whatever the number of worlds."""
        names, p = self.groups.names, self.p
        self.sellers = sellers
        self.seller_group = np.array([names.index(s.group) for s in sellers], np.intp)
        sold = {firm: sum(s.sales for s in sellers if s.firm == firm) for firm in {s.firm for s in sellers}}
        self.size = np.array([s.revenue / sold[s.firm] for s in sellers])[:, None]
        self.is_controlled = np.array([s.origin == "controlled" for s in sellers])
        self.is_foundry = np.array([s.foundry for s in sellers])

        def adder(which: Mask) -> Any:
            return scipy.sparse.csr_array(
                (np.ones(which.sum()), (self.seller_group[which], np.flatnonzero(which))), (len(names), len(sellers))
            )

        self.add_controlled, self.add_foreign = adder(self.is_controlled), adder(~self.is_controlled)
        self.add_judged, self.add_foundry = adder(~self.is_controlled & ~self.is_foundry), adder(self.is_foundry)
        self.legal_sales = doubled(all_sales)
        self.all_controlled, self.all_judged = self.add_controlled @ self.legal_sales, self.add_judged @ self.legal_sales
        self.spare = doubled(p.supply.spare)

    def foreign_part(self, sellers: Sequence[int]) -> Numbers:
        """Share of what named foreign sellers other than foundries sell that a partner's rule covers with these sellers. (groups, 1)"""
        judged = np.flatnonzero(~self.is_controlled & ~self.is_foundry)
        sold = np.array([seller.sales for seller in self.sellers])

        def of(which: Index) -> Numbers:
            return np.bincount(self.seller_group[which], sold[which], minlength=len(self.groups.names)).astype(np.float64)[:, None]

        return self.groups.partner_cover * _share(of(np.intersect1d(judged, sellers)), of(judged), np.zeros(()))

    def learn_at_home(self, listed: Numbers, own: Numbers, fear: Numbers) -> None:
        """A month of the target's programme, and the share of each need that is then made at home. All (2 worlds,)."""
        g, p = self.groups, self.p
        pace = np.where(listed > 0, doubled(p.domestic.programme) * fear, 0)
        self.effort = self.effort + pace * np.where(g.leading_node, own, 1)
        stretch = np.where(g.own_design & ~g.leading_node, doubled(p.domestic.ramp_old), doubled(p.domestic.ramp))
        self.domestic = domestic_share(g.domestic_start, g.domestic_cap, self.effort, g.months_domestic, g.ramp_months * stretch)

    def open_the_month(self, demand: Numbers, legal_sales: Numbers, listed: Numbers, in_force: Numbers) -> None:
        """What is needed, and what each origin may and can ship. demand: (segments, 2 worlds); legal_sales: (sellers, worlds)"""
        g = self.groups
        self.demand = demand
        self.growth = total(g.use * demand[:, None])
        content = np.where(g.reach > 0, self.content, 1)
        self.need = g.old_need * g.use * demand[:, None] * content
        self.legal_sales[:, self.actual] = legal_sales
        ships = sourcing.seller_capacity(self.legal_sales, self.growth[self.seller_group], self.spare, self.size)
        self.ships = ships
        self.legal_controlled = _share(self.add_controlled @ self.legal_sales, self.all_controlled, 1 - listed)
        self.legal_foreign = _share(self.add_judged @ self.legal_sales, self.all_judged, 1 - in_force * g.cover)
        beyond = np.where(listed > 0, g.old_need - g.old_controlled, 0)
        unnamed = g.old_unnamed * self.growth * (1 + doubled(self.p.supply.unnamed_size) * self.spare) * self.legal_foreign
        rest = g.old_need - g.old_unnamed - g.old_named
        self.unnamed_ships = unnamed + sourcing.qualified_capacity(g.foreign_reach, self.qualified, self.legal_foreign, rest, self.growth)
        self.capacity = {
            "controlled": self.add_controlled @ ships
            + sourcing.qualified_capacity(g.controlled_reach, self.qualified, self.legal_controlled, beyond, self.growth),
            "foreign": self.add_foreign @ ships + self.unnamed_ships,
            "domestic": self.domestic * g.old_need * self.growth,
        }
        self.unnamed_old = unnamed

    def rations(self) -> tuple[Numbers, Numbers, Numbers]:
        """Months over which each segment may draw the stock down. (2 worlds,) each"""
        network = doubled(self.p.vendor.ration_network)
        return network, network, doubled(self.p.vendor.ration_consumer)

    def supplied(self, pool: Numbers) -> tuple[Numbers, Numbers]:
        """What a pool of fresh parts and the stock give each segment, and what it can then build as a share of its demand."""
        got = ration(self.need, pool, self.stock, self.rations())
        fill = filled(got, self.need)
        cost = self.groups.old_need * self.groups.use
        weight = cost / total(cost.swapaxes(0, 1))[:, None]
        return got, self.bottleneck(self.groups.reach * self.content, fill, weight)

    def order(self, own: Numbers, all_announced: Numbers) -> None:
        """Orders of the month, from supply and stock alone: no memory, so no spiral. own, all_announced: (2 worlds,)"""
        g, p, cap = self.groups, self.p, self.capacity
        _, plan = self.supplied(total(cap.values()))
        planned_need = total(self.need * plan[:, None])
        hoard = np.clip((self.threat - doubled(p.threat.start)) / doubled(p.threat.hoard_span), 0, 1)
        horizon = g.stocked * (g.network_use * doubled(p.vendor.horizon_network) + g.use[2] * doubled(p.vendor.horizon_phone))
        scarce = sourcing.scarcity(g.scarce, g.cover, np.where(g.own_design, own, all_announced))
        target = doubled(p.vendor.base_stock) + doubled(p.vendor.stockpile) * hoard * horizon * scarce
        to_build = sourcing.build(target, planned_need, self.stock, doubled(p.vendor.build_time))
        share = sourcing.controlled_share(
            g.controlled_part, doubled(p.vendor.shun), self.threat, self.legal_controlled, self.qualified * g.foreign_reach
        )
        build_share = np.where(g.own_design, share, np.maximum(share, 1 - all_announced)) * (g.old_controlled > 0)
        orders = sourcing.split(planned_need + to_build, to_build, share, build_share, cap["controlled"], cap["foreign"], cap["domestic"])
        self.bought = dict(zip(ORIGINS, orders, strict=True))
        if self.journal.on:
            able = {f"could ship {origin}": cap[origin] for origin in ORIGINS}
            self._note(
                needed=planned_need, stock=self.stock, hoard=hoard, horizon=horizon, scarcity=scarce, stockpile=p.vendor.stockpile,
                base=p.vendor.base_stock, target=target, build_time=p.vendor.build_time, to_build=to_build, share=share,
                build_share=build_share, **able, **self.bought,
            )  # fmt: skip

    def _note(self, **numbers: Any) -> None:
        """Of the worlds as they are."""
        every, names = np.ones((len(self.groups.names), self.worlds), bool), [(name,) for name in self.groups.names]
        actual: dict[str, Any] = {name: x[..., self.actual] for name, x in numbers.items()}
        self.journal.note("order", every, names, **actual)

    def produce(self) -> None:
        """Arrivals and stock become output; what is not used stays in stock."""
        g = self.groups
        arrived = self.arrived
        got, output = self.supplied(arrived)
        self.output = self.demand * output
        self.used = np.minimum(got, self.need * output[:, None])
        used = total(self.used)
        foundry = self.bought["foreign"] * _share(self.add_foundry @ self.ships, self.capacity["foreign"], np.zeros(()))
        own = self.own_chips + np.where(g.own_design & g.leading_node, foundry, 0)
        self.own_chips = np.maximum(own - used * _share(own, self.stock + arrived, np.zeros(())), 0)
        self.opening = self.stock
        self.stock = np.maximum(self.stock + arrived - used, 0)

    @property
    def arrived(self) -> Numbers:
        """All arrivals of the month, a group."""
        return total(self.bought.values())

    @property
    def filled(self) -> Numbers:
        """Output as a share of demand, 1 where nothing is demanded. (segments, 2 worlds)"""
        return _share(self.output, self.demand, np.ones(()))

    def redesign(self, listed: Numbers) -> None:
        """Design the controlled content out. listed: (2 worlds,)"""
        where = (self.groups.old_controlled > 0) & (listed > 0)
        content = sourcing.redesigned(
            self.content, doubled(self.p.vendor.redesign), self.threat, self.legal_controlled, self.groups.content_floor
        )
        self.content = np.where(where, content, self.content)

    def sellers_sales(self) -> tuple[Numbers, Numbers]:
        """What each named seller ships this month, (sellers, 2 worlds), and what the unnamed foreign ones do, (groups, 2 worlds)."""
        controlled = _share(self.bought["controlled"], self.add_controlled @ self.ships, np.zeros(()))
        foreign = _share(self.bought["foreign"], self.add_foreign @ self.ships + self.unnamed_old, np.zeros(()))
        per_dollar = np.where(self.is_controlled[:, None], controlled[self.seller_group], foreign[self.seller_group])
        named: Numbers = self.ships * per_dollar
        return named, self.bought["foreign"] - self.add_foreign @ named

    def chokepoint(self) -> Numbers:
        """Share of the month's need that stops if a group's controlled sellers stop, after qualification and stock. (groups, 2 worlds)"""
        others = self.capacity["foreign"] + self.capacity["domestic"]
        with_them = ration(self.need, others + self.capacity["controlled"], self.opening, self.rations())
        without = ration(self.need, others, self.opening, self.rations())
        return _share(total(with_them) - total(without), total(self.need), np.zeros(()))


def _share(part: Numbers, whole: Numbers, otherwise: Numbers) -> Numbers:
    """part / whole, and something else where the whole is 0."""
    return np.divide(part, whole, out=np.broadcast_to(otherwise, np.broadcast_shapes(part.shape, whole.shape)).copy(), where=whole > 0)
