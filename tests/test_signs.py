"""Each lever of the law and of licensing moves each outcome in the direction that docs/model.md says."""

import pytest
from sign_runs import cases, check

QUICK = ("line +.10", "no product rule")
SLOW = ("unanimous vote", "capacity x2", "licences not a chip", "publish the line", "product rule at the listing")
LATER = [pytest.param(*case, marks=pytest.mark.slow) for case in cases(SLOW)]


@pytest.mark.parametrize("lever,outcome,sign", [*cases(QUICK), *LATER])
def test_a_lever_moves_an_outcome_the_way_the_model_says(lever, outcome, sign):
    check(lever, outcome, sign)
