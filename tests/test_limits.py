"""Cases whose answer is known without the model: a law that lets nothing pass, beliefs that can be integrated, luck that is shared."""

import numpy as np
import pytest
from runs import model, month, run
from scipy.stats import norm

from sim.rules import belief, conviction, tender


@pytest.mark.parametrize("answer", [1, -1], ids=["an approval", "an intent to deny"])
@pytest.mark.parametrize("mean, sd, sensitivity, noise", [(0.5, 0.2, 0.5, 0.1), (0.2, 0.2, 0.6, 0.05), (0.9, 0.1, 0.3, 0.2), (-0.1, 0.35, 0.8, 0.3)])
def test_what_a_firm_learns_is_bayes_rule_integrated(answer, mean, sd, sensitivity, noise):
    line = np.linspace(mean - 9 * sd, mean + 9 * sd, 200_001)
    weight = norm.pdf(line, mean, sd) * norm.cdf(answer * (line - sensitivity) / noise)
    weight /= weight.sum()
    wanted = (line * weight).sum()
    given = [np.array(x) for x in (mean, sd * sd, sensitivity, noise)]
    got = belief.updated(given[0], given[1], given[3], *belief.lesson(answer, *given))
    assert got[0] == pytest.approx(wanted, abs=1e-6)
    assert got[1] == pytest.approx((weight * (line - wanted) ** 2).sum(), rel=1e-5)


def controlled_after(sets, worlds=5):
    """What controlled sellers shipped in 2021-06, USD bn by world, where no line is ever eased."""
    m = model(sets=("licensing.base_line=-1", "talks.bargain=0", "licensing.base_shift=0", *sets), worlds=worlds, months=42, first=0)
    for _ in range(month(2021, 6) + 1):
        m.step()
    named, _ = m.supply.sellers_sales()
    shipped = (named[:, m.supply.actual] * m.supply.is_controlled[:, None]).sum(axis=0)
    licences = m.standing("licensed").sum()
    m.close()
    return shipped, licences


def test_a_line_at_the_bottom_under_the_product_rule_without_a_leak_lets_nothing_pass():
    shut = ("law.leak=0", "law.tgl=0", "authority.noise=0.0001", "authority.w_lobby=0", "authority.w_availability=0", "authority.w_bargain=0")
    shipped, licences = controlled_after(shut)
    assert licences == 0
    assert shipped.max() == 0
    leaking, licences = controlled_after((*shut[1:], "law.leak=0.05"))
    assert licences == 0
    assert leaking.min() > 0


def test_shared_luck_makes_a_difference_sharper_than_luck_of_ones_own():
    """The variance of a difference between two scenarios, of paired worlds and of strangers."""
    for name, outcome, at_most in (("chair_decides", "approvals", 0.8), ("g20_truce", "lost_sales", 0.1)):
        base, other = (run(which, worlds=60, months=36)[outcome][-12:].sum(axis=0) for which in ("history", name))
        paired, strangers = np.var(other - base), np.var(other) + np.var(base)
        assert 0 < paired < at_most * strangers, (name, paired / strangers)


@pytest.mark.parametrize("of_two, of_three, second", [(0.65, 0.5, 0.3), (1.0, 1.0, 0.5), (0.5, 0.334, 0.0), (0.9, 0.9, 0.5)])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_who_wins_a_slot_has_something_and_the_slots_are_the_whole(of_two, of_three, second, number):
    winners = [np.array([vendor if vendor < number else tender.NOBODY], np.int8) for vendor in range(3)]
    shares = tender.slots(np.array([number], np.int8), winners, *(np.array([x]) for x in (of_two, of_three, second)))
    assert sum(shares)[0] == pytest.approx(1)
    assert [share[0] > 0 for share in shares] == [vendor < number for vendor in range(3)]


@pytest.mark.parametrize("push", [0.0, 0.95, 10.0, 1e6])
def test_no_push_however_strong_takes_a_belief_beyond_certainty(push):
    for fade in (0.0, 0.1, 1.0):
        got = conviction.believed(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.3, 1.0]), np.array([push]), np.array([fade]))
        assert got.min() >= 0
        assert got.max() <= 1


def test_a_network_of_hardly_anyone_else_is_swapped_without_losing_a_part():
    m = model("sticks", sets=("procurement.refresh=1e-12", "government.DEU.level={2019-01: 3}"), worlds=5, months=60, first=0)
    for _ in range(60):
        m.step()
        whole = m.procurement.share5g.sum(axis=1)
        assert np.abs(whole - m.procurement.has5g).max() < 1e-9
    m.close()


def test_a_group_that_no_controlled_seller_sells_has_none_that_could():
    m = model("second_firm", worlds=2, months=2)
    groups = m.supply.groups
    assert (groups.controlled_reach[groups.old_controlled == 0] == 0).all()
    assert (groups.controlled_reach > 0).any()
    m.close()
