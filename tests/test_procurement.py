"""Carriers: the rules' closed forms, what exclusion does, and the facts and figures of the record to 2020."""

import functools

import numpy as np
import pytest
from ally_runs import CASE, Run, fitted
from scipy.special import expit

from sim.analysis.allies import figures
from sim.exchanges.orders import packed, unpacked
from sim.luck import Luck
from sim.rules import tender
from sim.rules.tender import NOBODY, Award
from sim.worlds import Worlds

CARRIERS, GOVERNMENTS = CASE["carriers"], CASE["governments"]
RESTRICTED = [False, False, True, True]


def dice(*purposes, draws=40_000):
    return Luck(5, Worlds.range(0, draws)), (("a", 1),), purposes


def uniforms(purpose, draws=40_000):
    return Luck(5, Worlds.range(0, draws)).table((("a", 1),), purpose, 0)[0]


@functools.lru_cache
def ran(worlds=200, months=36, **fixed):
    fixed = {path.replace("__", "."): float(value) for path, value in fixed.items()}
    drawn = {path: values for path, values in fitted(worlds).items() if path not in fixed}
    return Run(drawn, fixed=fixed, worlds=worlds, months=months).to_the_end()


def of(iso3):
    return np.array([home == iso3 for home in CARRIERS["iso3"]])


# The rules


def test_the_vendor_with_the_highest_value_wins_as_often_as_a_logit_says():
    worth = np.array([0.0, -0.76, 1.2])
    values = [w + tender.gumbel(uniforms(f"value {i}")) for i, w in enumerate(worth)]
    best = tender.at_place(tender.ranks(values), 0)
    shares = np.exp(worth) / np.exp(worth).sum()
    assert [np.mean(best == i) for i in range(3)] == pytest.approx(shares, abs=0.01)


def test_one_vendor_and_each_of_two_more_with_the_same_chance():
    number = tender.number_of_vendors(uniforms("number"), np.full(40_000, 0.3))
    assert [np.mean(number == n) for n in (1, 2, 3)] == pytest.approx([0.49, 0.42, 0.09], abs=0.01)


def test_ranks_are_a_permutation_even_where_nobody_may_bid():
    values = [np.array([-np.inf, 1.0]), np.array([-np.inf, 1.0]), np.array([2.0, -np.inf])]
    assert [sorted(int(place[i]) for place in tender.ranks(values)) for i in (0, 1)] == [[0, 1, 2], [0, 1, 2]]


def chosen(values, number, kept, capped=False, restricted=RESTRICTED):
    arrays = [np.array([value], float) for value in values]
    return tender.award(arrays, restricted, np.array([number], np.int8), np.array([kept]), np.array([capped]))


def test_the_best_restricted_vendor_gets_the_last_slot_where_it_is_let_in_and_none_has_won():
    assert [int(w[0]) for w in chosen([4, 3, 2, 1], 3, True).winners] == [0, 1, 2]
    assert [int(w[0]) for w in chosen([4, 3, 2, 1], 2, True).winners] == [0, 2, NOBODY]
    assert [int(w[0]) for w in chosen([4, 3, 1, 2], 1, True).winners] == [3, NOBODY, NOBODY]
    assert [int(w[0]) for w in chosen([1, 2, 9, 8], 2, True).winners] == [2, 3, NOBODY]


def test_who_may_not_bid_never_wins():
    award = chosen([4, 3, -np.inf, -np.inf], 3, False)
    assert [int(w[0]) for w in award.winners] == [0, 1, NOBODY]
    assert int(award.best_other[0]) == 0


def test_where_no_vendor_is_restricted_nobody_is_forced_in():
    assert [int(w[0]) for w in chosen([4, 3, 2], 2, True, restricted=[False] * 3).winners] == [0, 1, NOBODY]


def split(number, winners):
    shares = tender.slots(np.array([number], np.int8), [np.array([w], np.int8) for w in winners], 0.65, 0.5, 0.3)
    return [float(share[0]) for share in shares]


def test_slots_and_what_nobody_takes():
    assert split(1, [0, NOBODY, NOBODY]) == [1, 0, 0]
    assert split(2, [0, 1, NOBODY]) == pytest.approx([0.65, 0.35, 0])
    assert split(3, [0, 1, 2]) == pytest.approx([0.5, 0.3, 0.2])
    assert split(3, [0, 1, NOBODY]) == pytest.approx([0.7, 0.3, 0])
    assert split(2, [0, NOBODY, NOBODY]) == [1, 0, 0]


def limited(shares, theirs, built=0.0, capped=False, late=False):
    out = tender.shared_out(
        [np.array([s]) for s in shares], [np.array([t]) for t in theirs], np.array([built]), np.array([capped]), np.array([0.35]), np.array([late])
    )
    return [float(s[0]) for s in out.shares], float(out.beside[0])


def test_a_carrier_that_keeps_them_does_not_go_below_their_part_of_the_old_network():
    shares, beside = limited([0.5, 0.3, 0.2], [False, False, True], built=0.6)
    assert shares == pytest.approx([0.25, 0.15, 0.6])
    assert beside == 0
    assert limited([0.65, 0.35, 0], [True, False, False], built=0.3)[0] == pytest.approx([0.65, 0.35, 0])


def test_a_partial_limit_caps_them_after_that_and_a_late_exclusion_takes_all():
    assert limited([0.5, 0.3, 0.2], [False, False, True], 0.6, capped=True)[0] == pytest.approx([0.40625, 0.24375, 0.35])
    shares, beside = limited([1, 0, 0], [True, False, False], 0.6, capped=True)
    assert shares == pytest.approx([0.35, 0, 0])
    assert beside == pytest.approx(0.65)
    assert limited([0.65, 0.35, 0], [True, False, False], 0.8, late=True) == (pytest.approx([0, 1, 0]), 0)
    assert limited([1, 0, 0], [True, False, False], late=True) == ([0, 0, 0], 1)


def leaning(**change):
    at = {"intercept": 2.56, "w_has": -2.73, "has": 1.0, "w_users": -0.76, "log_users": 2.0, "response": 4.0, "discount": 0.0}
    return tender.leaning(**(at | change))


def alarm(**change):
    at = {"w_threat": 1.87, "belief": 0.3, "w_level": 2.52, "level": 1.0, "w_supply": 0.81, "supply": 0.2}
    return tender.alarm(**(at | change))


def test_the_chance_of_dropping_them_has_its_closed_form_and_is_certain_under_exclusion():
    logit = 2.56 - 2.73 + 1.87 * 0.3 + 2.52 / 3 + 0.81 * 0.2 - 0.76 * 2 - 4 * 0.05
    assert tender.drop_chance(leaning(discount=0.05), alarm(), np.array([1.0])) == pytest.approx(expit(logit))
    assert tender.drop_chance(np.array([-50.0]), alarm(), np.array([3.0])) == 1


def test_each_term_moves_that_chance_its_own_way():
    assert alarm(belief=0.4) > alarm()
    assert alarm(level=2.0) > alarm()
    assert alarm(supply=0.3) > alarm()
    assert leaning(has=0.0) > leaning()
    assert leaning(log_users=3.0) < leaning()
    assert leaning(discount=0.1) < leaning()


def test_phasing_out_is_a_straight_line_to_nothing():
    left = 1.0
    for month in range(1, 40):
        left *= float(tender.swapped(np.array([float(month)]), np.array([30.5]))[0])
        assert left == pytest.approx(max(1 - month / 30.5, 0), abs=1e-12)
    assert left == 0


def test_an_award_survives_being_written_small():
    winners = tuple(np.array(w, np.int8) for w in ([0, 6, 30], [NOBODY, 2, 1], [NOBODY, NOBODY, 5]))
    award = Award(winners, np.array([3, 0, 30], np.int8), np.array([1, 2, 3], np.int8), np.array([True, False, True]), np.array([False, True, True]))
    again = unpacked(packed(award))
    assert all((a == b).all() for a, b in zip((*award.winners, *award[1:]), (*again.winners, *again[1:]), strict=True))


# What carriers do


def test_first_awards_come_at_the_rate_that_year_and_income_say():
    run = ran()
    found = np.mean(run.procurement.awarded <= 35, axis=1)
    income = np.log(CARRIERS["gdp_pc_usd"] / 10_000)
    still = (1 - expit(-6 + 0.61 * income)) ** 12 * (1 - expit(-4 + 0.61 * income)) ** 12 * (1 - expit(-3.4 + 0.61 * income)) ** 12
    assert found == pytest.approx(1 - still, abs=0.14)
    assert np.mean(found) == pytest.approx(np.mean(1 - still), abs=0.01)


def test_nothing_is_delivered_before_nine_months_and_all_of_it_then():
    run = Run(fitted(50), worlds=50, months=40)
    for month in range(40):
        run.step()
        c = run.procurement
        assert (c.has5g == (c.awarded <= month - 9)).all()
        assert (np.sum(c.share5g, axis=1) > 0.999)[c.has5g].all()
        assert (np.sum(c.share5g, axis=1) == 0)[~c.has5g].all()


def test_under_exclusion_the_restricted_part_goes_to_nothing_by_the_deadline_and_is_paid_for():
    levels = {"government.DEU.level": {"2018-01": 0.0, "2020-01": 3.0}}
    run = Run(worlds=20, months=96, dates=levels, fixed={"procurement.phase_out": 48.0, "procurement.refresh": 0.0})
    ours, cost, shares = of("DEU"), 0.0, []
    for _ in range(96):
        run.step()
        cost = cost + run.procurement.swap_cost[ours]
        shares.append(run.procurement.market.restricted[ours])
    start, old = shares[23], np.asarray(CARRIERS["subs_m"])[ours, None] * 40
    assert (np.diff(shares[23:], axis=0) <= 1e-12).all()
    assert (start > 0).any()
    assert (shares[24 + 48] == 0).all()
    assert (shares[24 + 47] > 0).any()
    had5g = run.procurement.awarded[ours] <= 23 - 9  # what was under way or ordered later changes what there is to swap
    assert cost[had5g] == pytest.approx((start * old)[had5g])


def test_a_level_of_two_caps_new_awards_and_leaves_what_stands():
    levels = {"government.DEU.level": {"2018-01": 2.0}}
    run = Run(worlds=100, months=60, dates=levels).to_the_end()
    c = run.procurement
    assert (c.restricted5g[of("DEU")] <= 0.35 + 1e-9).all()
    assert (c.restricted5g[of("DEU")] > 0.3).any()
    assert (c.left4g[of("DEU")] == 1).all()
    assert (c.swap_cost[of("DEU")] == 0).all()


def test_who_must_swap_is_late_and_nobody_else():
    c = ran().procurement
    must = c.excluded[c.operators.government] >= 0
    assert (c.delay[~must] == 0).all()
    assert set(np.unique(c.delay)) == {0, 12}


def test_a_deeper_discount_sells_more():
    more, less = ran(months=60, procurement__discount_change=0.1), ran(months=60)
    gain = more.procurement.market.exposure_abroad - less.procurement.market.exposure_abroad
    assert np.mean(gain) > 0.01
    assert np.mean(gain > 0) > 0.9
    assert (more.persuasion.level == less.persuasion.level).all()


def test_the_entrant_wins_only_where_it_may_bid():
    entrant = CASE["vendors"].row("open_ran")
    assert (ran(months=60).procurement.share5g[:, entrant] == 0).all()
    opened = ran(months=60, procurement__open_entrant=1)
    assert np.mean(opened.procurement.market.share(entrant)) > 0.01
    assert (opened.procurement.awarded == ran(months=60).procurement.awarded).all()


def test_more_restrictions_cost_more_and_leave_fewer_users_on_restricted_networks():
    strict, plain = ran(months=60, persuasion__pressure_factor=2), ran(months=60)
    cost = [np.mean(np.sum(run.procurement.market.exclusion_cost, axis=0)) for run in (plain, strict)]
    exposed = [np.mean(run.procurement.market.exposure_abroad) for run in (plain, strict)]
    assert cost[0] < cost[1]
    assert exposed[0] > exposed[1]


def test_money_adds_up_and_the_target_is_counted_apart():
    market = ran().procurement.market
    shares = [market.share(v) for v in range(len(CASE["vendors"]))]
    assert sum(shares) == pytest.approx(1)
    assert np.mean(market.share(4, everywhere=True)) > np.mean(market.share(4))
    assert market.concentration == pytest.approx(sum(s**2 for s in shares))


def test_demand_follows_the_vendors_share_only_after_the_record_ends():
    run = Run(fitted(20), worlds=20, months=60)
    for month in range(60):
        assert (run.procurement.demand_factor() == 1).all() == (month <= 36)
        run.step()
    assert (run.procurement.demand_factor() < 1).mean() > 0.9
    still = Run(fitted(20), worlds=20, months=60, fixed={"coupling.carriers_to_vendor": 0.0}).to_the_end()
    assert (still.procurement.demand_factor() == 1).all()


# Facts of MODEL 14 and the figures of MODEL 16


def left_out_without_rules(run):
    """Share of awards to 2020 without restricted vendors, at level 0 in the region, of carriers whose 4G they had built."""
    c = run.procurement
    region = np.asarray(GOVERNMENTS["peer_group"])[c.operators.government] == "Europe"
    here = (region & (c.operators.has > 0))[:, None] & (c.awarded <= 35) & (run.watcher.level_at_award == 0)
    return np.sum(here & ~c.chose_restricted) / np.sum(here)


def test_18_carriers_leave_ahead_of_governments():
    assert left_out_without_rules(ran()) > 0.15
    assert left_out_without_rules(ran(procurement__drop_threat=0, procurement__drop_supply=0)) < left_out_without_rules(ran()) - 0.1


@pytest.mark.xfail(strict=True, reason="a miss: size and chance alone make .23 leave; the intercept holds what no term explains")
def test_18_without_belief_and_doubt_hardly_any_carrier_leaves_ahead():
    assert left_out_without_rules(ran(procurement__drop_threat=0, procurement__drop_supply=0)) < 0.08


def loss_of_share(run):
    money = np.array(run.watcher.money)
    return np.mean(money[12:24]) - np.mean(money[24:36])


def test_19_the_vendor_loses_slowly_outside_the_target():
    assert 0 < loss_of_share(ran()) < 0.04
    at_once = ran(procurement__refresh=1, procurement__share_of_5g=1, procurement__spending_on_5g=5)
    assert loss_of_share(at_once) > 0.04  # an installed base that weighs nothing


@functools.lru_cache
def found():
    return {figure.name: figure for figure in figures(CASE, ran().watcher)}


def test_awards_that_include_the_listed_vendor_come_as_in_the_trial_run():
    counts = [found()[f"awards that include the listed vendor to {date}"] for date in ("2018-11", "2019-06", "2019-12", "2020-02", "2020-12")]
    assert [figure.record for figure in counts] == [3, 21, 31, 33, 46]
    assert [figure.mean for figure in counts] == pytest.approx([4, 18, 28, 32, 43], abs=3.5)
    assert all(figure.low <= figure.record <= figure.high for figure in counts)


def test_exclusion_rises_with_the_level_at_home_as_on_record():
    rows = [next(f for name, f in found().items() if name.startswith(f"exclusion at level {level}")) for level in range(4)]
    assert [figure.record for figure in rows] == pytest.approx([0.154, 0.357, 0.875, 1], abs=0.001)
    assert [figure.mean for figure in rows] == pytest.approx([0.30, 0.54, 0.84, 1], abs=0.07)


def test_the_share_in_money_outside_the_target_is_that_of_the_trial_run():
    share = [found()[f"the listed vendor's share in money outside the target, {year}"] for year in (2019, 2020)]
    assert [figure.mean for figure in share] == pytest.approx([0.245, 0.236], abs=0.008)
    assert [figure.record for figure in share] == [0.23, 0.21]
