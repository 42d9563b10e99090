"""What a target tells about a scenario: a figure that the scenario itself puts in is no test there."""

from dataclasses import replace

from sim.analysis.targets import Target
from sim.months import label, month_of
from sim.parameters import RULES
from sim.scenario import Scenario

_OF_RECORD = {"declarations", "bans", "exclusions", "awards", "awards_to_vendor", "exposure"}  # and all of governments and carriers
_OF_TALKS = {
    "tariff_on_target", "tariff_on_controller", "bargain", "talks_open", "deals", "partial_deals", "walk_outs", "tariff_acts", "spells",
    "act_rise_on_target", "act_rise_on_controller", "given_back_on_target", "given_back_on_controller",
}  # fmt: skip


def as_in(target: Target, scenario: Scenario) -> Target:
    """The target with the role that it has in a scenario: what the record or the calendar puts in there is no test."""
    terms = target.measure.terms
    taken = -1 if scenario.from_record is None else month_of(scenario.from_record)
    if all(t.quantity.name in _OF_RECORD or t.quantity.kind in ("government", "carrier") for t in terms) and target.last <= taken:
        return replace(target, role="reproduced by construction", why=f"taken from the record to {label(taken)}")
    free = scenario.rules.get("talks_mode", RULES["talks_mode"][0]) == "free"
    if all(t.quantity.name in _OF_TALKS for t in terms) and (not free or target.last <= taken):
        return replace(target, role="input", why="dated in the calendar; it is a test only where rules.talks_mode=free")
    return target
