"""The levers that the page moves: few, with plain names; their values and ranges come from the table of parameters."""

from collections.abc import Mapping
from dataclasses import dataclass

from sim.case import read_case
from sim.parameters import PARAMETERS, Parameter
from sim.scenario import Scenario
from sim.tables import number
from sim.uncertainty import Joint


@dataclass(frozen=True)
class Lever:
    """ends: where its slider ends, for a lever without a plausible range; rule: the two variants that a switch chooses between, for a
    rule"""

    path: str
    name: str
    ends: tuple[float, float] | None = None
    rule: tuple[str, str] | None = None

    @property
    def entry(self) -> Parameter:
        return PARAMETERS[self.path]

    @property
    def low(self) -> float:
        return self.ends[0] if self.ends else self.entry.low

    @property
    def high(self) -> float:
        return self.ends[1] if self.ends else self.entry.high

    @property
    def switch(self) -> bool:
        """0 or 1"""
        return self.rule is not None or self.entry.unit == "0/1"

    @property
    def step(self) -> float:
        return 1.0 if self.high - self.low > 10 else 0.05

    def said(self, value: float) -> float | str:
        """As a scenario says it."""
        return value if self.rule is None else self.rule[int(value)]


LEVERS = (
    Lever("authority.capacity", "Files the licensing desk reads in a month"),
    Lever("authority.publish_line", "Firms can read the hidden line"),
    Lever("coupling.loss_to_line", "Sellers' losses move the line (lobbying)"),
    Lever("rules.talks_mode", "Talks are free to fail", rule=("dated", "free")),
    Lever("talks.licences_not_a_chip", "Licences are no bargaining chip in talks"),
    Lever("persuasion.pressure_factor", "Pressure on allies, as a factor"),
    Lever("procurement.cap", "Most a new 5G award may give restricted vendors, a share", (0.0, 1.0)),
    Lever("domestic.programme", "Pace of the programme to make chips at home, as a factor"),
    Lever("vendor.stockpile", "Share of its hoard that the vendor builds"),
)


@dataclass(frozen=True)
class Standing:
    """Where a lever stands before it is moved. value: as the scenario says, else as the table of parameters does

    drawn: "" where that value holds in every world; else, in words, how worlds differ until the lever is set
    """

    value: float
    drawn: str


def standing(scenario: Scenario) -> dict[str, Standing]:
    joint = _together(scenario)
    return {lever.path: _standing(lever, scenario, joint) for lever in LEVERS}


def _standing(lever: Lever, scenario: Scenario, joint: set[str]) -> Standing:
    if lever.rule is not None:
        return Standing(float(lever.rule.index(scenario.rules[lever.path.removeprefix("rules.")])), "")
    path, usual = lever.path, lever.entry.value
    said: Mapping[str, object] = {**scenario.levers, **scenario.constants}
    value = said.get(path)
    if isinstance(value, int | float):
        return Standing(float(value), "")
    spread = scenario.uncertainties.get(path)
    if spread is not None:
        return Standing(usual, f"drawn at random in each world, {spread.in_words()}")
    if path in joint or (scenario.prior is not None and path in scenario.prior.taken):
        return Standing(usual, "drawn at random in each world")
    return Standing(usual, "")


def _together(scenario: Scenario) -> set[str]:
    """Paths that the scenario draws together."""
    if not scenario.joints:
        return set()
    case = read_case(scenario.case_folder)
    return {path for name in scenario.joints for path in Joint.from_table(f"{name}.csv", case[name].numbers).paths}


def fixed(before: Mapping[str, Standing], at: Mapping[str, float], kept: Mapping[str, bool]) -> dict[str, float | str]:
    """The levers that are to be set: those that stand elsewhere than before, and those that are to be kept where they stand.

    at: where each stands now; kept: whether it is to hold in every world even there. What is not set stays as it was, drawn or not.
    """
    by_path = {lever.path: lever for lever in LEVERS}
    return {
        path: by_path[path].said(value)
        for path, value in at.items()
        if value != before[path].value or (before[path].drawn and kept.get(path))
    }


def in_words(set_to: Mapping[str, float | str]) -> str:
    """What is set, in a sentence."""
    if not set_to:
        return "No lever is set: this is the scenario as it stands."
    said = [f"{lever.name}: {_value(lever, set_to[lever.path])}" for lever in LEVERS if lever.path in set_to]
    return f"Set in every world: {'; '.join(said)}."


def _value(lever: Lever, value: float | str) -> str:
    if lever.switch:
        return "on" if value in (1.0, lever.said(1.0)) else "off"
    assert isinstance(value, float)
    return number(value)
