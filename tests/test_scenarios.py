"""Every shipped scenario moves the outcome that it asks about, and no longer when its mechanism is off."""

import numpy as np
import pytest
from runs import run

from sim.scenario import shipped

WORLDS, MONTHS = 60, 48
NO_FILES = ("firm.filing_rate=0",)
NO_LISTING = ("law.listing=0",)
NO_HOARD = ("vendor.horizon_network=0", "vendor.horizon_phone=0")
# scenario: what it is held against, the outcome of its question, what switches its mechanism off
QUESTIONS = {
    "no_entity_list": ("history", "controlled_sales", NO_LISTING),
    "g20_truce": ("history", "approvals", NO_FILES),
    "publish_the_line": ("history", "filings", NO_FILES),
    "strict_denial": ("history", "approvals", NO_FILES),
    "fdpr_at_listing": ("history", "foreign_chip_change", NO_LISTING),
    "no_fdpr": ("history", "foreign_chip_change", NO_LISTING),
    "six_month_freeze": ("history", "licences", NO_FILES),
    "no_stockpiling": ("history", "raw_material", NO_HOARD),
    "unanimous_vote": ("history", "approvals", NO_FILES),
    "easing_without_fdpr": ("no_fdpr", "approvals", NO_FILES),
    "second_firm_us_alone": ("second_firm", "foreign_sales", NO_LISTING),
    "second_firm_allies_first_day": ("second_firm", "foreign_sales", NO_LISTING),
}
HEADS = {"history", "second_firm"}  # of a family: what happened, or is taken to


def moved(name, sets=()):
    """Share of the worlds in which a scenario's outcome differs from that of what it is held against."""
    against, outcome, _ = QUESTIONS[name]
    mine, other = (run(x, sets, WORLDS, MONTHS)[outcome] for x in (name, against))
    return np.mean(np.any(np.abs(mine - other) > 1e-12, axis=0))


def test_every_shipped_scenario_is_asked_about():
    assert set(QUESTIONS) | HEADS == set(shipped())


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_scenario_moves_the_outcome_of_its_question(name):
    assert moved(name) >= 0.1


@pytest.mark.parametrize("name", QUESTIONS)
def test_it_moves_nothing_when_its_mechanism_is_off(name):
    assert moved(name, QUESTIONS[name][2]) == 0


def test_a_lever_at_the_value_it_has_changes_not_one_bit():
    same = run("history", ("vendor.stockpile=1", "authority.publish_line=0", "rules.vote=majority"), 20, MONTHS)
    for name, series in run("history", (), 20, MONTHS).items():
        assert np.array_equal(series, same[name]), name


def test_a_lever_of_the_authority_leaves_the_years_before_the_listing_alone():
    for name, series in run("unanimous_vote", (), 20, MONTHS).items():
        assert np.array_equal(series[:16], run("history", (), 20, MONTHS)[name][:16]), name
