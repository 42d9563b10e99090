"""The levers that the page moves: few, with plain names; their values and ranges come from the table of parameters."""

from collections.abc import Mapping
from dataclasses import dataclass

from sim.parameters import PARAMETERS
from sim.scenario import Scenario


@dataclass(frozen=True)
class Lever:
    """switch: 0 or 1. low, high: where its slider ends; for a lever without a plausible range, what `ends` says"""

    path: str
    name: str
    ends: tuple[float, float] | None = None

    @property
    def low(self) -> float:
        return self.ends[0] if self.ends else PARAMETERS[self.path].low

    @property
    def high(self) -> float:
        return self.ends[1] if self.ends else PARAMETERS[self.path].high

    @property
    def switch(self) -> bool:
        return PARAMETERS[self.path].unit == "0/1"

    @property
    def step(self) -> float:
        return 1.0 if self.switch or self.high - self.low > 10 else 0.05


LEVERS = (
    Lever("authority.capacity", "Files the licensing desk reads in a month"),
    Lever("authority.publish_line", "Firms can read the hidden line"),
    Lever("talks.licences_not_a_chip", "Licences are no bargaining chip"),
    Lever("coupling.loss_to_line", "Sellers' losses move the line (lobbying)"),
    Lever("persuasion.pressure_factor", "Pressure on allies, as a factor"),
    Lever("procurement.cap", "Most a new 5G award may give restricted vendors", (0.0, 1.0)),
    Lever("domestic.programme", "Pace of the programme to make chips at home"),
    Lever("vendor.stockpile", "Share of its hoard that the vendor builds"),
)


def values(scenario: Scenario) -> dict[str, float]:
    """Where each lever stands before it is moved: as the scenario says, or else as the table of parameters does."""
    said: Mapping[str, object] = {**scenario.levers, **scenario.constants}
    found = {}
    for lever in LEVERS:
        value = said.get(lever.path, PARAMETERS[lever.path].value)
        found[lever.path] = float(value) if isinstance(value, int | float) else PARAMETERS[lever.path].value
    return found


def moved(scenario: Scenario, at: Mapping[str, float]) -> dict[str, float]:
    """Levers that stand elsewhere than the scenario has them; only these are set, so that what nobody moves stays as it was drawn."""
    before = values(scenario)
    return {path: value for path, value in at.items() if value != before[path]}
