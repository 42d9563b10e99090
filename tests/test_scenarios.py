"""Every shipped scenario moves the outcome that it asks about, and no longer when its mechanism is off."""

import numpy as np
import pytest
from runs import run

from sim.scenario import read, shipped
from sim.views import gallery

STARTS = {"from_2021"}  # another start, no mechanism that could be off

WORLDS, MONTHS = 50, 50
ASKED = [name for name in shipped() if read(name).compare_with is not None]


def months(name):
    """A little over four years; seven where something happens only later."""
    return 84 if name in ("strict_early", "strict_late") else MONTHS


def moved(name, outcome, sets=()):
    """Share of the worlds in which a scenario's outcome differs from that of what it is held against."""
    mine, other = (run(x, sets, WORLDS, months(name))[outcome] for x in (name, read(name).compare_with))
    return np.mean(np.any(np.abs(mine - other) > 1e-12, axis=0))


def test_every_shipped_scenario_says_where_its_question_is_answered():
    bases = {"history", "second_firm"}
    assert {name for name in shipped() if read(name).answer is None} <= bases
    assert set(shipped()) - set(ASKED) <= bases


@pytest.mark.slow
@pytest.mark.parametrize("name", ASKED)
def test_a_scenario_moves_the_outcomes_of_its_question(name):
    shares = {outcome: moved(name, outcome) for outcome in read(name).answer.look_at}
    assert min(shares.values()) >= 0.1, shares


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in ASKED if name not in STARTS])
def test_it_moves_nothing_when_its_mechanism_is_off(name):
    answer = read(name).answer
    off = tuple(f"{path}={value}" for path, value in answer.without.items())
    shares = {outcome: moved(name, outcome, off) for outcome in answer.look_at}
    assert max(shares.values()) == 0, shares


def test_a_lever_at_the_value_it_has_changes_not_one_bit():
    same = run("history", ("vendor.stockpile=1", "authority.publish_line=0", "rules.vote=majority"), 20, MONTHS)
    for name, series in run("history", (), 20, MONTHS).items():
        assert np.array_equal(series, same[name]), name


def test_a_lever_of_the_authority_leaves_the_years_before_the_listing_alone():
    for name, series in run("unanimous_vote", (), 20, MONTHS).items():
        assert np.array_equal(series[:16], run("history", (), 20, MONTHS)[name][:16]), name


def test_the_gallery_is_that_of_today():
    assert gallery.PAGE.read_text(encoding="utf-8") == gallery.page()
