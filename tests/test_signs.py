"""Each lever of the law and of licensing moves each outcome in the direction that docs/model.md says."""

import pytest
from sign_runs import cases, check

LEVERS = (
    "line +.10", "unanimous vote", "capacity x2", "licences not a chip", "publish the line",
    "no product rule", "product rule at the listing",
)  # fmt: skip


@pytest.mark.parametrize("lever,outcome,sign", cases(LEVERS))
def test_a_lever_moves_an_outcome_the_way_the_model_says(lever, outcome, sign):
    check(lever, outcome, sign)
