"""Who buys and who sells radio networks: the tables of carriers and vendors as arrays."""

from typing import Any

import numpy as np
import scipy.sparse

from sim.case import Case
from sim.worlds import Index, Mask, Numbers


class Vendors:
    """Columns of vendors.csv. listed: number of the one that may be listed; newcomer: without a market at the start."""

    def __init__(self, case: Case) -> None:
        table = case["vendors"]
        self.names, self.homes = list(table.key), list(table["home_iso3"])
        self.taste = np.asarray(table["a_v"], np.float64)
        self.restricted: Mask = np.asarray(table["restricted"], np.float64) > 0
        self.listed = int(np.flatnonzero(np.asarray(table["listed_candidate"], np.float64) > 0)[0])
        self.newcomer: Mask = np.asarray(table["share_2018_global_pct"], np.float64) <= 0
        self._discount = np.asarray(table["price_discount"], np.float64)

    def discount(self, change: Numbers) -> Numbers:
        """(vendors, worlds)"""
        moved = np.clip(self._discount[:, None] + change, 0, 0.99)
        return np.where(self.restricted[:, None], moved, self._discount[:, None])


class Operators:
    """Columns of carriers.csv, (carriers,) each.

    users: million; weight: in the world's spending on radio networks, 1 in all outside the target
    has: 1 where restricted vendors built a tenth or more of its 4G; new: it builds where nothing is
    government: row of its home in governments.csv; abroad: outside the target
    share4g: (carriers, vendors), 0 for a new build; built: the restricted vendors' part of it
    """

    def __init__(self, case: Case, vendors: Vendors) -> None:
        table, governments = case["carriers"], case["governments"]
        self.names = list(table.key)
        number = {name: row for row, name in enumerate(governments.key)}
        target = list(governments["role"]).index("target_home")

        def column(name: str) -> Numbers:
            return np.asarray(table[name], np.float64)

        self.users, self.income, self.weight = column("subs_m"), column("gdp_pc_usd"), column("spend_weight")
        self.has, self.new = column("has_target_4g") * (1 - column("greenfield")), column("greenfield") > 0
        self.homes = list(table["iso3"])
        self.government: Index = np.array([number[iso3] for iso3 in self.homes], np.intp)
        self.governments = len(number)
        self.abroad: Mask = self.government != target
        nothing = np.zeros(len(self.names))
        known = set(table)
        shares = [column(f"share4g_{key}") if f"share4g_{key}" in known else nothing for key in vendors.names]
        self.share4g = np.where(self.new[:, None], 0, np.stack(shares, axis=1))
        self.built = np.array([sum(row[vendors.restricted]) for row in self.share4g])
        self.at_home = np.array([[home == at for at in vendors.homes] for home in self.homes], np.float64)

    def by_government(self, weights: Numbers) -> Any:
        """A matrix that adds carriers up by their home government, weighted, in order."""
        rows = self.government, np.arange(len(self.names))
        return scipy.sparse.csr_array((weights, rows), (self.governments, len(self.names)))
