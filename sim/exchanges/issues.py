"""What lies on a table of talks: the issues of the case, their worths and costs this month."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.case import Case
from sim.rules import package
from sim.rules.package import Row
from sim.worlds import Mask, Numbers, total


class Issues:
    """The rows of talks_issues.csv, each given by the controller or the target.

    names: (issues,); controller_gives: (issues, 1, 1); full_bargain: licences conceded when they are given in full, (worlds,)
    """

    def __init__(self, case: Case, p: Any) -> None:
        self.table = table = case["talks_issues"]
        governments = case["governments"]
        side = dict(zip(governments.key, governments["role"], strict=True))
        self.names: list[str] = table.key
        self.controller_gives: Mask = np.array([side[giver] == "persuader" for giver in table["giver"]], bool)[:, None, None]
        self.worth_factor: Numbers = np.stack([p.talks.worth[name] for name in table.key])[:, None, :]
        self.cost_factor: Numbers = np.stack([p.talks.cost[name] for name in table.key])[:, None, :]
        chip, delisting = 1 - p.talks.licences_not_a_chip, p.talks.delisting_on
        on = []
        for state, default in zip(table["state"], table["default_on"], strict=True):
            usual = np.full(len(chip), default)
            on.append({"bargain": usual * chip, "law.listing": np.maximum(usual, delisting)}.get(state, usual))
        self.on: Numbers = np.stack(on)[:, None, :]

    def _column(self, name: str) -> Numbers:
        return np.asarray(self.table[name][:, None, None])

    def _with(self, column: str, states: Mapping[str, Numbers]) -> Numbers:
        """The state that each issue's worth or cost rises with, 0 where there is none. (issues, pairs, worlds)"""
        nothing = np.zeros_like(states["trust"])
        return np.stack([states.get(name, nothing) for name in self.table[column]])

    def row(self, states: Mapping[str, Numbers], listed: Mask, hawk_controller: Numbers, hawk_target: Numbers) -> Row:
        """The issues in a row. states: name -> (pairs, worlds)"""
        on = self.on * np.where(self._column("needs_listing") > 0, listed, True)
        hawk = 0.5 + np.where(self.controller_gives, hawk_controller, hawk_target)
        dearer = np.where(self._column("cost_hawk") > 0, hawk, 1.0)
        column, worth_of, cost_of = self._column, self._with("worth_of", states), self._with("cost_of", states)
        worth = package.worth(column("worth0"), column("worth_slope"), worth_of, self.worth_factor, on)
        cost = package.cost(column("cost0"), column("cost_slope"), cost_of, dearer, column("cost_floor"), self.cost_factor, on)
        return package.row(worth, cost, self.controller_gives)

    def harm(self, states: Mapping[str, Numbers]) -> tuple[Numbers, Numbers]:
        """What a year without a deal costs the controller and the target, points: wishes that stay open, and what a side's own
        measures cost it. Trust is no harm. What is taken off the table still hurts."""
        suffered = {**states, "trust": np.zeros_like(states["trust"])}
        wish = self._column("worth_slope") * self._with("worth_of", suffered) * self.worth_factor
        pain = np.maximum(-self._column("cost_slope"), 0) * self._with("cost_of", suffered) * self.cost_factor
        return total(np.where(self.controller_gives, pain, wish)), total(np.where(self.controller_gives, wish, pain))

    def share(self, state: str, given: Numbers) -> Numbers:
        """Share given of the issue that changes a state, 0 where there is no such issue. (pairs, worlds)"""
        rows = [given[i] for i, name in enumerate(self.table["state"]) if name == state]
        return np.minimum(total(rows), 1) if rows else np.zeros_like(given[0])
