"""Carriers: operators of mobile networks, who buy from vendors."""

import mesa
import numpy as np

from sim.exchanges.procurement import Procurement
from sim.worlds import Mask, Numbers


class Carrier(mesa.Agent):
    """An operator of mobile networks.

    Rule: first it asks whether restricted vendors stay, then which vendors it wants. Who has their 4G tends to keep them; belief
    in the threat, rules and doubt about supply push them out, often before the government moves. Big operators take more vendors.
    Each month after the first award a part of the network is ordered anew; an excluded vendor's part is swapped by a deadline.

    home: its government; subscribers: million
    """

    def __init__(self, model: mesa.Model, name: str, home: str, subscribers: float, procurement: Procurement) -> None:
        super().__init__(model)
        self.name, self.home, self.subscribers = name, home, subscribers
        self._procurement = procurement
        self.row = procurement.names.index(name)

    @property
    def awarded(self) -> Mask:
        """Whether it has ordered 5G. (worlds,)"""
        return np.asarray(self._procurement.awarded[self.row] <= self._procurement.month)

    @property
    def share5g(self) -> Numbers:
        """Vendors' shares of its 5G network, 0 before the first delivery. (vendors, worlds)"""
        return np.asarray(self._procurement.share5g[self.row])

    @property
    def restricted5g(self) -> Numbers:
        """Restricted vendors' share of it. (worlds,)"""
        return np.asarray(self._procurement.restricted5g[self.row])

    @property
    def swap_cost(self) -> Numbers:
        """USD m this month. (worlds,)"""
        return np.asarray(self._procurement.swap_cost[self.row])
