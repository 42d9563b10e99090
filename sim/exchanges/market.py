"""What the networks come to: vendors' shares in money, concentration, users on restricted vendors' networks, cost of exclusion."""

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse

from sim.exchanges.operators import Operators, Vendors
from sim.worlds import Numbers, total

if TYPE_CHECKING:
    from sim.exchanges.procurement import Procurement

ABROAD, AT_TARGET = 0, 1


class Market:
    """Figures of the month.

    spending: of carriers outside the target and inside it on each vendor, share of world spending on radio networks outside
    the target, (2, vendors, worlds)
    """

    def __init__(self, operators: Operators, vendors: Vendors, discount: Numbers, p: Any) -> None:
        self.o, self.v, self.p = operators, vendors, p
        self.price = 1 - discount
        carriers, weight = len(operators.names), operators.weight
        self._zone = np.where(operators.abroad, ABROAD, AT_TARGET)
        self._new = scipy.sparse.csr_array((weight, (self._zone, np.arange(carriers))), (2, carriers))
        at, vendor = np.nonzero(operators.share4g)
        place = self._zone[at] * len(vendors.names) + vendor

        def old(restricted: bool) -> Any:
            which = vendors.restricted[vendor] == restricted
            entries = (operators.share4g[at, vendor] * weight[at])[which], (place[which], at[which])
            return scipy.sparse.csr_array(entries, (2 * len(vendors.names), carriers))

        self._old_theirs, self._old_others = old(True), old(False)
        self._users = operators.by_government(operators.users)
        self._weight = operators.by_government(weight)
        users = self._users @ np.ones((carriers, 1))
        self.users = np.where(users > 0, users, 1)
        self._abroad = scipy.sparse.csr_array((operators.users * operators.abroad)[None])

    def weigh(self, bought: "Procurement", level: Numbers) -> None:
        """The month's figures. level: of governments, (governments, worlds)"""
        p, shape = self.p, self.spending_shape(bought)
        self._bought, self._level = bought, level
        old = np.where(bought.has5g, p.spending_on_5g * (1 - p.share_of_5g), 1)
        spending: Numbers = np.asarray(self._old_theirs @ (old * bought.left4g) + self._old_others @ (old * bought.grown4g)).reshape(shape)
        new: Numbers = np.asarray(self._new @ bought.share5g.reshape(len(old), -1))
        spending = spending + p.spending_on_5g * p.share_of_5g * new.reshape(shape) + self._inherited(bought, old)
        self.spending = spending * self.price

    def spending_shape(self, bought: "Procurement") -> tuple[int, int, int]:
        return 2, len(self.v.names), bought.worlds

    def _inherited(self, bought: "Procurement", old: Numbers) -> Numbers:
        """Swapped 4G of carriers that had restricted vendors only: it goes to the best of the others."""
        shape = self.spending_shape(bought)
        rows = np.flatnonzero(self.o.built >= 1)
        some, world = np.nonzero(bought.left4g[rows] < 1)
        row = rows[some]
        place = (self._zone[row] * shape[1] + bought.best_other[row, world]) * shape[2] + world
        money = self.o.weight[row] * old[row, world] * (1 - bought.left4g[row, world])
        added = np.bincount(place, money, minlength=shape[0] * shape[1] * shape[2])
        return added.astype(np.float64).reshape(shape)

    @property
    def restricted(self) -> Numbers:
        """Restricted vendors' share of a carrier's whole network; a new build's grows with its 5G. (carriers, worlds)"""
        b = self._bought
        part = np.where(b.has5g, self.p.share_of_5g, 0)
        return np.asarray((1 - part) * self.o.built[:, None] * b.left4g + part * b.restricted5g)

    @property
    def exclusion_cost(self) -> Numbers:
        """Dearer kit where governments limit or exclude, USD bn this month. (governments, worlds)"""
        gone = np.where(self._level[self.o.government] >= 2, np.maximum(self.o.built[:, None] - self.restricted, 0), 0)
        rate = self.p.radio_spending / 12 * (1 - self.price[self.v.listed])
        return np.asarray(self._weight @ gone * rate)

    def share(self, vendor: int, everywhere: bool = False) -> Numbers:
        """A vendor's share in money, outside the target or everywhere. (worlds,)"""
        spending = total(self.spending) if everywhere else self.spending[ABROAD]
        return np.asarray(spending[vendor] / total(spending))

    @property
    def concentration(self) -> Numbers:
        """Herfindahl index of vendors' shares in money outside the target. (worlds,)"""
        spending = self.spending[ABROAD]
        return total((spending / total(spending)) ** 2)

    @property
    def exposure(self) -> Numbers:
        """Share of a government's users whose 5G comes from restricted vendors. (governments, worlds)"""
        return np.asarray(self._users @ self._bought.restricted5g / self.users)

    @property
    def exposure_abroad(self) -> Numbers:
        """The same for all users outside the target. (worlds,)"""
        return np.asarray(np.asarray(self._abroad @ self._bought.restricted5g)[0] / sum(self._abroad.data))
