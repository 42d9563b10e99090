"""The ledger: each month's difference between the worlds and their shadows without the listing, by origin and group.

In every group, month and world: controlled + foreign + domestic purchases, less additions to stock, plus unmet need, equal need.
"""

from typing import Any

import numpy as np

from sim.exchanges.supply import ORIGINS, Supply
from sim.rules import ledger as rules
from sim.worlds import Numbers, total


class Ledger:
    """Differences of the month, (groups, worlds), USD bn; and what controlled sellers have lost, (worlds,).

    lost: USD bn over the last 12 months; resold: USD bn this month; resold_year: over the last 12; spill_over: USD bn a year
    """

    def __init__(self, supply: Supply, p: Any) -> None:
        self.supply, self.p = supply, p
        self.lag = int(p.ledger.resale_lag)
        worlds = supply.worlds
        self._shadow, self._actual = np.zeros((12, worlds)), np.zeros((12, worlds))
        self._gap = np.zeros((12, worlds))
        self._resold = np.zeros((12, worlds))
        self.lost = self.resold = self.resold_year = self.spill_over = np.zeros(worlds)
        self.difference: dict[str, Numbers] = {}

    def settle(self, month: int) -> None:
        supply = self.supply

        def gap(x: Numbers) -> Numbers:
            return x[..., supply.actual] - x[..., supply.shadow]

        need, used = total(supply.need), total(supply.used)
        bought = supply.bought
        self.difference = {origin: gap(bought[origin]) for origin in ORIGINS}
        self.difference |= {"stock": gap(supply.arrived - used), "unmet": gap(need - used), "need": gap(need)}
        sales = total(bought["controlled"])
        now = month % 12
        self._actual[now], self._shadow[now] = sales[supply.actual], sales[supply.shadow]
        before = self._gap[(month - self.lag) % 12].copy()  # 0 in the first months
        self._gap[now] = self._shadow[now] - self._actual[now]
        in_order = (np.arange(12) + now + 1) % 12
        self.lost = rules.lost(self._shadow[in_order], self._actual[in_order])
        self.resold = rules.resold(self.p.ledger.resale, before)
        self._resold[now] = self.resold
        self.resold_year = total(self._resold[in_order])
        self.spill_over = self.p.ledger.spill_over * self.lost

    def imbalance(self) -> Numbers:
        """What does not add up, (groups, worlds), USD bn; rounding apart it is 0."""
        d = self.difference
        return d["controlled"] + d["foreign"] + d["domestic"] - d["stock"] + d["unmet"] - d["need"]
