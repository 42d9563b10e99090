"""The office of a government that joins: a line needs its licence as well as the controller's (MODEL 4, two authorities)."""

import copy

import mesa

from .inputs import Line
from .licensing import MODERATE, Authority, agencies_of


class Partner(Authority):
    """It has copies of the lines of the firms that it binds: a line has one state at each office."""

    speaks = False

    def __init__(self, model: mesa.Model, case, row: int) -> None:
        offices, firms = case["authorities"], case["chipmakers"]
        name, government = offices["authority"][row], offices["government"][row]
        self.model, self.desk = model, float(offices["desk"][row])
        self.counter = f" at {name}"
        home = {firm: firms["home_iso3"][i] for i, firm in enumerate(firms["firm"])}
        bound = [line for line in model.lines if offices["reach"][row] == "all" or home[line.firm] == government]
        cover = case["input_groups"]["partner_cover"]
        self.cover = [float(x) for x in cover]
        super().__init__(model, name, government, agencies_of(case, name, model.p), [copy.copy(line) for line in bound])

    @property
    def on(self) -> float:
        return self.on_in(self.model.month)

    def on_in(self, month: int) -> float:
        return min(self.model.dates.on_month(f"authority.{self.name}.adopted", month), self.model.dates.listing(month))

    @property
    def freed(self) -> bool:
        return self.on <= 0 and self.model.month > 0 and self.on_in(self.model.month - 1) > 0

    frozen = lapse = False

    @property
    def capacity(self) -> float:
        return self.desk * self.model.p["authority.capacity"]

    def covers(self, line: Line) -> float:
        return self.on * self.cover[line.group]

    def took(self, group: int) -> float:
        """Share of a group's named foreign sellers, foundries apart, that it covers: nobody can turn to those instead."""
        if self.model.p["coupling.partners_to_line"] <= 0:
            return 0.0
        ordinary = [line for line in self.model.groups[group].foreign_lines if not line.foundry]
        mine = {line.number for line in self.lines}
        sales = sum(line.sales for line in ordinary)
        return self.on * self.cover[group] * sum(x.sales for x in ordinary if x.number in mine) / sales if sales > 0 else 0.0

    def set_line(self) -> None:
        p = self.model.p
        base = self.model.dates.read(f"authority.{self.name}.base_line")
        hawk = p[f"government.{self.government}.hawk"]
        self.line = [base - p["authority.w_hawk"] * (hawk - MODERATE)] * len(self.model.groups)

    def report(self) -> dict:
        return {
            "numbers": [line.number for line in self.lines], "states": [line.state for line in self.lines],
            "covered": [line.covered for line in self.lines], "line": list(self.line), "on": self.on,
            "mean": {f.name: f.mean for f in self.firms.values()}, "sd": {f.name: f.sd for f in self.firms.values()},
        }  # fmt: skip
