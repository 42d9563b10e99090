"""Packages on a dial and offers: closed forms, and what must hold for any table of issues."""

import itertools

import numpy as np
import pytest

from sim.rules import concession, package, promise, protocols, tariffs
from sim.rules.concession import Offers

TABLES, TINY = 4000, 1e-9


def tables(seed: int, issues: int = 7, count: int = TABLES):
    """Random tables: worth, cost, who gives; a tenth of the cells are 0."""
    dice = np.random.default_rng(seed)
    worth, cost = dice.gamma(1.0, 6.0, (2, issues, 1, count)) * (dice.random((2, issues, 1, count)) > 0.1)
    gives = dice.random((issues, 1, count)) < 0.5
    return worth, cost, gives, dice


def two_issues():
    """The controller gives one (worth 10, cost 2), the target one (worth 6, cost 3); the dial turns the first one first."""
    return package.row(
        np.array([10.0, 6.0])[:, None, None], np.array([2.0, 3.0])[:, None, None], np.array([True, False])[:, None, None]
    )


def test_the_row_begins_with_what_costs_the_controller_least_and_pleases_the_target_most():
    row = two_issues()
    assert row.order[:, 0, 0].tolist() == [0, 1]
    assert row.length[:, 0, 0] == pytest.approx([12 / 21, 9 / 21])
    assert package.package(row, np.array([[0.0]]), np.ones(1))[:, 0, 0].tolist() == [0, 1]  # the target gives all
    assert package.package(row, np.array([[1.0]]), np.ones(1))[:, 0, 0] == pytest.approx([1, 0])
    assert package.package(row, np.array([[12 / 21]]), np.ones(1))[:, 0, 0] == pytest.approx([1, 1])


def test_limits_are_where_values_meet_the_least_that_each_must_have():
    row, one = two_issues(), np.ones(1)
    limits = package.limits(row, one, np.array([[1.0]]), np.array([[2.0]]))
    # controller: 6 at 0, 4 at 12/21 and then down by 6 over 9/21; target: -3 at 0, up by 10 over 12/21
    assert limits.controller[0, 0] == pytest.approx(12 / 21 + 0.5 * 9 / 21)
    assert limits.target[0, 0] == pytest.approx(0.5 * 12 / 21)
    assert limits.zone[0, 0]


def test_a_side_whose_own_ideal_is_not_enough_concedes_nothing():
    limits = package.limits(two_issues(), np.ones(1), np.array([[6.5]]), np.array([[-50.0]]))
    assert limits.concession_controller[0, 0] == 0
    assert not limits.zone[0, 0]
    assert not package.limits(two_issues(), np.ones(1), np.array([[-50.0]]), np.array([[10.5]])).zone[0, 0]


def test_an_empty_table_gives_nothing_and_worth_nothing():
    nothing = np.zeros((3, 1, 2))
    row = package.row(nothing, nothing, np.array([True, False, True])[:, None, None])
    given = package.package(row, np.full((1, 2), 0.5), np.ones(2))
    assert not given.any()
    assert not np.any(package.values(row, given))


@pytest.mark.parametrize("link", [1.0, 0.3, 0.0])
def test_values_fall_for_the_controller_and_rise_for_the_target_along_the_dial(link):
    worth, cost, gives, _ = tables(1)
    row = package.row(worth, cost, gives)
    path = [
        package.values(row, package.package(row, np.full((1, TABLES), dial), np.full(TABLES, link)))
        for dial in np.linspace(0, 1, 21)
    ]
    for (controller, target), (later_controller, later_target) in itertools.pairwise(path):
        assert (later_controller <= controller + 1e-9).all()
        assert (later_target >= target - 1e-9).all()


@pytest.mark.parametrize("link", [1.0, 0.3, 0.0])
def test_at_its_limit_a_side_has_just_what_it_must(link):
    worth, cost, gives, dice = tables(2)
    row, links = package.row(worth, cost, gives), np.full(TABLES, link)
    least_controller, least_target = dice.normal(0, 10, (2, 1, TABLES))
    limits = package.limits(row, links, least_controller, least_target)
    at_far = package.values(row, package.package(row, limits.controller, links))[0]
    at_near = package.values(row, package.package(row, limits.target, links))[1]
    inside_far, inside_near = ((x > TINY) & (x < 1 - TINY) for x in limits[:2])
    assert inside_far.sum() > 500
    assert inside_near.sum() > 500
    assert (np.abs(at_far - least_controller)[inside_far] <= 1e-7).all()
    assert (np.abs(at_near - least_target)[inside_near] <= 1e-7).all()
    assert (at_far >= least_controller - 1e-7)[limits.concession_controller > 0].all()


def test_linking_issues_never_leaves_the_other_side_less_at_the_same_own_value():
    worth, cost, gives, dice = tables(3)
    row, linked, apart = package.row(worth, cost, gives), np.ones(TABLES), np.zeros(TABLES)
    dial = dice.random((1, TABLES))
    own, other = package.values(row, package.package(row, dial, apart))
    reached = package.limits(row, linked, own, np.full((1, TABLES), -1e6)).controller
    linked_own, linked_other = package.values(row, package.package(row, reached, linked))
    assert (linked_own >= own - 1e-7).all()
    assert (linked_other >= other - 1e-7).all()
    assert (linked_other > other + 0.1).mean() > 0.5  # and it often gives more


@pytest.mark.parametrize("better", ["worth", "cost", "least_controller", "least_target"])
def test_the_zone_never_disappears_when_an_issue_gets_better_or_a_side_softer(better):
    worth, cost, gives, dice = tables(4)
    least = dict(zip(("least_controller", "least_target"), dice.normal(2, 5, (2, 1, TABLES)), strict=True))
    one = np.ones(TABLES)
    before = package.limits(package.row(worth, cost, gives), one, **least).zone
    issue, size = dice.integers(0, 7, TABLES), dice.random(TABLES) * 5
    mine = np.arange(7)[:, None, None] == issue
    if better == "worth":
        worth = worth + mine * size
    elif better == "cost":
        cost = cost * np.where(mine, 0.5, 1)
    else:
        least[better] = least[better] - size
    after = package.limits(package.row(worth, cost, gives), one, **least).zone
    assert after[before].all()
    assert (after & ~before).any()


def test_hawks_make_dearer_what_costs_and_not_what_relieves():
    def cost(base, slope, of, hawk, floor):
        return package.cost(*map(np.float64, (base, slope, of, hawk, floor, 1, 1)))

    assert cost(6, -0.5, 4, 1, 0.5) == pytest.approx(4)
    assert cost(6, -0.5, 4, 1.2, 0.5) == pytest.approx(5.2)
    assert cost(0, 1.2, 10, 1.2, 0) == pytest.approx(14.4)
    assert cost(6, -0.5, 40, 1, 0.5) == pytest.approx(0.5)  # never below its floor


def test_offers_follow_the_clock_and_answer_the_last_step():
    nothing = np.zeros(1)
    first = concession.turn(
        Offers(nothing, nothing, nothing, nothing), np.array([0.8]), np.array([0.6]), np.array([5.0]), np.array([10.0]),
        np.array([0.5]), np.array([1.0]), np.array([0.0]),
    )  # fmt: skip
    assert first.controller[0] == pytest.approx(0.8 * 0.25)  # (1/2)^(1/.5)
    assert first.target[0] == pytest.approx(0.6 * 0.5)
    imitator = concession.offer(np.array([0.2]), np.array([0.3]), np.array([0.8]), np.array([0.2]), np.array([0.5]))
    assert imitator[0] == pytest.approx(0.5 * 0.2 + 0.5 * 0.5)


def test_no_offer_is_taken_back_unless_its_limit_has_come_nearer():
    dice = np.random.default_rng(5)
    offers, farthest = Offers(*np.zeros((4, TABLES))), dice.random((2, TABLES))
    for month in range(1, 20):
        last, before = offers, farthest
        farthest = np.clip(farthest + dice.normal(0, 0.1, (2, TABLES)), 0, 1)
        shapes = dice.uniform(0.3, 1.2, (2, TABLES))
        offers = concession.turn(
            offers, *farthest, *(np.full(TABLES, x) for x in (float(month), 12.0)), *shapes, np.full(TABLES, 0.3)
        )
        for k, old, now, then in zip(offers[:2], last[:2], farthest, before, strict=True):
            assert (k <= now).all()
            assert (then[k < old] > now[k < old]).all()


def a_meeting(seed: int, count: int = 400):
    worth, cost, gives, dice = tables(seed, count=count)
    row, one = package.row(worth, cost, gives), np.ones(count)
    least = dice.normal(2, 3, (2, 1, count))
    limits = package.limits(row, one, *least)
    nothing = np.zeros((1, count))
    return protocols.Meeting(
        row=row, link=one, least_controller=least[0], least_target=least[1], limits=limits, harm_controller=nothing + 5,
        harm_target=nothing + 8, offers=Offers(nothing, nothing, nothing, nothing), opened=np.ones((1, count), bool),
        months=nothing + 1, patience=one * 10, beta_controller=one * 0.6, beta_target=one * 0.5, imitation=one * 0.3,
        least=one * 0.1, tempers=one * 0.25,
        hardest=nothing + 0.5, grid=101, luck_break=dice.random((1, count)), luck_controller=dice.random((1, count)),
        luck_target=dice.random((1, count)),
    )  # fmt: skip


def test_nash_signs_the_largest_product_of_gains_that_any_position_gives():
    meeting = a_meeting(6)
    ending = protocols.nash(meeting)
    to_controller, to_target = package.values(meeting.row, ending.given)
    signed = (to_controller - meeting.least_controller) * (to_target - meeting.least_target)
    for dial in np.linspace(0, 1, 101):
        controller, target = package.values(meeting.row, package.package(meeting.row, np.full((1, 400), dial), np.ones(400)))
        above = np.minimum(controller - meeting.least_controller, target - meeting.least_target)
        product = np.where(above >= 0, (controller - meeting.least_controller) * (target - meeting.least_target), -1)
        assert (product <= np.where(ending.agreed, signed, -1) + 1e-9).all()
    assert ending.agreed.any()
    assert ending.walked_out.any()
    assert (ending.agreed | ending.walked_out).all()


def test_nash_splits_a_single_dollar_in_the_middle():
    """One issue on each side, equal worth and no cost to speak of: both gain in step, so the product peaks halfway."""
    pair = np.array([10.0, 10.0])[:, None, None]
    row, zero = package.row(pair, pair, np.array([True, False])[:, None, None]), np.zeros((1, 1))
    limits = package.limits(row, np.zeros(1), zero - 20, zero - 20)
    meeting = a_meeting(6, 1)._replace(
        row=row, link=np.zeros(1), limits=limits, least_controller=zero - 20, least_target=zero - 20
    )
    assert protocols.nash(meeting).dial[0, 0] == pytest.approx(0.5)


def test_in_a_war_of_attrition_who_hurts_more_yields_sooner():
    meeting = a_meeting(7, 4000)._replace(harm_controller=np.full((1, 4000), 5.0), harm_target=np.full((1, 4000), 40.0))
    ending = protocols.war_of_attrition(meeting)
    at_controllers_limit = ending.agreed & (ending.dial == meeting.limits.controller)
    at_targets_limit = ending.agreed & (ending.dial == meeting.limits.target)
    assert at_targets_limit.sum() > 4 * at_controllers_limit.sum() > 0


def test_the_target_answers_in_full_at_first_and_less_and_less_near_its_cap():
    step, cap, matching = np.full(3, 2.0), np.full(3, 16.0), np.full(3, 1.35)
    added = np.array([0.0, 8.0, 16.0])
    assert tariffs.matched(step, added, cap, matching) == pytest.approx([2.7, 1.35, 0])
    assert tariffs.point_for_point(step, added, cap, matching) == pytest.approx([2, 2, 0])
    assert tariffs.matched(step, np.full(3, 20.0), cap, matching) == pytest.approx([0, 0, 0])  # a dated fact has gone further


def test_leads_and_rungs_are_equally_likely():
    luck = (np.arange(1200) + 0.5) / 1200
    assert np.bincount(tariffs.lead(luck, np.full(1200, 3.0)).astype(int)).tolist() == [300] * 4
    rungs = tariffs.rung(luck, np.full(1200, 0.1), np.full(1200, 0.25), np.full(1200, 0.4))
    assert [int((rungs == size).sum()) for size in (0.1, 0.25, 0.4)] == [400] * 3


def test_trust_moves_towards_what_is_kept_and_no_more_is_kept_than_promised():
    share = promise.kept_share(np.array([0.57, 0.95]), np.array([0.15, 0.15]), np.array([1.0, 1.0]))
    assert share == pytest.approx([0.72, 1.0])
    assert promise.trust(np.array([0.8]), np.array([0.2]), np.array([0.5])) == pytest.approx([0.775])


def an_early_break(**changed):
    """Tempers break in the first month, over a table on which either side would ratify nearly anything."""
    nothing = np.zeros((1, 400))
    meeting = a_meeting(8)
    limits = package.limits(meeting.row, meeting.link, nothing - 1000, nothing - 1000)
    easy = {"limits": limits, "least_controller": nothing - 1000, "least_target": nothing - 1000, "luck_break": nothing}
    return protocols.concession(meeting._replace(**(easy | changed)))


def test_a_break_is_signed_only_where_enough_of_the_stakes_would_move():
    little = an_early_break(least=np.full(400, 0.1))
    assert little.walked_out.all()  # a first offer moves next to nothing
    assert an_early_break(least=np.zeros(400)).settled.all()
    hard = an_early_break(least=np.zeros(400), least_controller=np.full((1, 400), 1000.0))
    assert hard.walked_out.all()  # whatever moves, it must be ratified


def test_patience_ends_talks_in_the_month_it_names():
    calm = {"luck_break": np.ones((1, 400)), "least": np.full(400, 2.0), "imitation": np.zeros(400)}
    meeting = a_meeting(9)
    small = meeting.limits._replace(concession_controller=np.zeros((1, 400)))  # the offers cannot meet
    for months, ended in ((9.0, False), (10.0, True), (10.5, True)):
        ending = protocols.concession(meeting._replace(limits=small, months=np.full((1, 400), months), **calm))
        open_still = ~ending.agreed
        assert (ending.walked_out[open_still] == ended).all()
