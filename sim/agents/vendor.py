"""Makers of networks and phones; one of them is on the list."""

from typing import Any

import mesa
import numpy as np

from sim.calendar import Now
from sim.exchanges.supply import SEGMENTS, Supply, doubled
from sim.rules import demand, threat
from sim.worlds import Numbers, total


class Vendor(mesa.Agent):
    """A maker of mobile networks.

    home: its government; restricted: exclusion rules of governments hit it
    """

    def __init__(self, model: mesa.Model, name: str, home: str, restricted: bool) -> None:
        super().__init__(model)
        self.name, self.home, self.restricted = name, home, restricted


class ListedVendor(Vendor):
    """The vendor on the list.

    Rule: fear builds stock of what only controlled sellers make; stock and whatever may still ship decide what can be built; what
    cannot be bought is designed out, replaced abroad, or learned at home. No dice.
    """

    def __init__(self, model: mesa.Model, name: str, home: str, restricted: bool, supply: Supply, p: Any) -> None:
        super().__init__(model, name, home, restricted)
        self.supply, self.p = supply, p
        self.base_sales = np.stack([getattr(p.demand, f"base_{segment}") for segment in SEGMENTS])  # a year of 2018

    @property
    def threat(self) -> Numbers:
        """How threatened it feels, 0-1. (worlds,)"""
        return self.supply.threat[self.supply.actual]

    def sense_threat(self, now: Now, tariff: Numbers, bargain: Numbers) -> None:
        """Take in the month's signal; qualify other sellers; and the programme at home moves on.

        tariff: the controller's, percent; bargain: concession on licences in talks, 0-1
        """
        p, supply, groups = self.p, self.supply, self.supply.groups
        nothing = np.zeros(supply.worlds)
        listed, own, in_force, eased = (np.concatenate([x, nothing]) for x in (now.listed, now.own, now.in_force, bargain))
        t = p.threat
        events = t.w_arrest * now.arrest
        events = doubled(events) + doubled(t.w_listed) * listed + doubled(t.w_own) * own + doubled(t.w_in_force) * in_force
        heard = threat.signal(
            doubled(t.start), doubled(tariff), doubled(t.w_tariff), doubled(t.tariff_base), doubled(t.tariff_cap),
            events, eased, doubled(t.w_bargain),
        )  # fmt: skip
        supply.threat = supply.threat + doubled(t.speed) * (heard - supply.threat)
        fear = threat.ramp(supply.threat, doubled(t.effort_from), doubled(t.effort_span))
        supply.learn_at_home(listed, own, fear)
        supply.qualified = np.minimum(threat.qualified(supply.qualified, supply.threat, doubled(t.qualifies), groups.months_foreign), 1)

    def order(self, now: Now, legal_sales: Numbers, carriers: Numbers) -> None:
        """What customers want, what may still ship, what is ordered, and what is built of it.

        carriers: factor on carriers' demand from what they have bought so far, (worlds,)
        """
        nothing = np.zeros(self.supply.worlds)
        listed, own, announced, in_force = (np.concatenate([x, nothing]) for x in (now.listed, now.own, now.announced, now.in_force))
        self.supply.open_the_month(self._wanted(now, carriers), legal_sales, listed, in_force)
        self.supply.order(own, announced)
        self.supply.produce()

    def _wanted(self, now: Now, carriers: Numbers) -> Numbers:
        """Demand before shortages, an index. (segments, 2 worlds)"""
        d, month = self.p.demand, now.month
        carrier = doubled(demand.steady_growth(month, d.growth_carrier) * carriers)
        enterprise = doubled(demand.fading_growth(month, d.growth_enterprise, d.fade_enterprise))
        consumer = demand.fading_growth(month, d.growth_consumer, d.fade_consumer)
        hit = demand.after_losses(consumer, d.services, now.services_lost, d.services_ramp, d.brand, now.brand_sold)
        return np.stack([carrier, enterprise, np.concatenate([hit, consumer])])

    @property
    def fill(self) -> Numbers:
        """Share of carriers' demand that it built last, 0-1. (worlds,)"""
        return self.supply.filled[0, self.supply.actual]

    @property
    def unmet(self) -> Numbers:
        """Share of its need of parts that was not met last, 0-1. (worlds,)"""
        need = total(total(self.supply.need))
        met = np.divide(total(total(self.supply.used)), need, out=np.ones_like(need), where=need > 0)
        return 1 - met[self.supply.actual]

    def redesign(self, now: Now) -> None:
        """Design out what only controlled sellers make."""
        self.supply.redesign(np.concatenate([now.listed, np.zeros(self.supply.worlds)]))

    def revenue(self, segment: str) -> Numbers:
        """Sales of a segment this month, bn of the target's currency. (worlds,)"""
        i = SEGMENTS.index(segment)
        return np.asarray(self.supply.output[i, self.supply.actual] * self.base_sales[i] / 12)

    def new_business(self, now: Now) -> Numbers:
        """Sales this month of businesses outside the segments. (worlds,)"""
        return demand.new_business(self.p.demand.new_business_slope, now.new_business_months)
