"""Each lever of supply, persuasion and procurement moves each outcome in the direction that docs/model.md says, or not at all."""

import pytest
from sign_runs import LEVERS, MISSES, OUTCOMES, SIGNS, cases, check, holds

pytestmark = pytest.mark.slow  # as long as all the signs of licensing, of some of which the quick tests have a look

OURS = ("domestic programme x2", "no stockpiling", "pressure x1.3", "carrot to weaker states", "carrot that never runs out", "discount up")


@pytest.mark.parametrize("lever,outcome,sign", cases(OURS))
def test_a_lever_moves_an_outcome_the_way_the_model_says(lever, outcome, sign):
    check(lever, outcome, sign)


def test_a_sign_turned_round_is_not_shown():
    assert not holds("pressure x1.3", "bans 2024", "-")[0]
    assert not holds("pressure x1.3", "installed 5G 2024", "+")[0]
    assert not holds("pressure x1.3", "bans 2024", "0")[0]
    assert not holds("discount up", "installed 5G 2024", "0/-")[0]


def test_every_lever_has_its_row_of_signs_and_every_miss_is_of_a_sign():
    assert list(SIGNS) == list(LEVERS)
    assert set(MISSES) <= {(lever, outcome) for lever, outcome, _ in cases(LEVERS)}
    assert all(len(row.split()) == len(OUTCOMES) for row in SIGNS.values())
