"""Governments: the rules' closed forms, what must hold in every month, and the facts that they are there to explain."""

import functools

import numpy as np
import pytest
from ally_runs import CASE, Run, anywhere, fitted
from scipy.special import logit, ndtri

from sim.analysis.allies import levels_on_record, scores
from sim.luck import Luck
from sim.rules import conviction
from sim.rules.conviction import Cuts
from sim.worlds import Pairs, Worlds

GOVERNMENTS = CASE["governments"]
CUTS = Cuts(np.float64(3), np.float64(5), np.float64(6.5))


def row(iso3):
    return GOVERNMENTS.row(iso3)


@functools.lru_cache
def ran(drift="doubt_about_supply", worlds=200, months=36, **fixed):
    """A run of the fitted worlds; __ stands for the dot of a path."""
    fixed = {path.replace("__", "."): float(value) for path, value in fixed.items()}
    drawn = {path: values for path, values in fitted(worlds).items() if path not in fixed}
    return Run(drawn, fixed=fixed, worlds=worlds, months=months, drift=drift).to_the_end()


# The rules


def test_under_steady_pressure_belief_settles_where_gain_and_loss_are_equal():
    belief, first, push, fade = np.array([0.05]), np.array([0.05]), np.array([0.12]), np.array([0.1])
    for _ in range(500):
        belief = conviction.believed(belief, first, push, fade)
    assert belief == pytest.approx((push + fade * first) / (push + fade))


def test_belief_falls_back_to_what_a_government_finds_itself():
    belief = np.array([0.9])
    for _ in range(12):
        belief = conviction.believed(belief, np.array([0.3]), np.zeros(1), np.array([0.1]))
    assert belief == pytest.approx(0.3 + 0.6 * 0.9**12)


def test_the_columns_threat_is_the_one_that_the_weights_give():
    found = Run(worlds=1).persuasion.first[:, 0]
    fixed = GOVERNMENTS["fixed_by_dated_facts"] > 0
    assert found[~fixed] == pytest.approx(GOVERNMENTS["threat0"][~fixed], abs=1e-12)
    assert (found[fixed] == 1).all()


def test_doubt_about_supply_is_the_news_that_is_left_and_what_was_not_delivered():
    assert conviction.supply_doubt(np.array([0.3, 0.9, 0.0]), np.array([0.8, 0.8, 1.0])) == pytest.approx([0.5, 1, 0])
    assert conviction.doubt(np.array([0.5]), np.array([0.96]), np.array([0.3])) == pytest.approx(0.78)


ONE = {
    "w_threat": 6.9, "belief": 0.4, "w_peers": 0.5, "peers": 0.2, "w_democracy": 1.0, "democracy": 0.6,
    "w_lock_in": 0.7, "share4g": 0.5, "taste": 0.1,
}  # fmt: skip


@pytest.mark.parametrize(("term", "sign"), [("belief", 1), ("peers", 1), ("democracy", 1), ("share4g", -1), ("taste", 1)])
def test_the_case_rises_or_falls_with_each_term(term, sign):
    at = {name: np.full(2, value) for name, value in ONE.items()}
    at[term] = np.array([ONE[term], ONE[term] + 0.1])
    case = conviction.case(**at)
    assert sign * (case[1] - case[0]) > 0


def test_carrots_count_for_the_weak_and_coercion_for_those_who_sell_to_the_target():
    def bids(carrot=0.0, power=0.2, exports=0.3, coercion=0.0):
        return conviction.bids(np.array([1.0]), carrot, power, np.array([0.7]), exports, coercion)

    assert bids() == 0
    assert bids(carrot=1) == pytest.approx(0.8)
    assert bids(carrot=1, power=0.9) < bids(carrot=1)
    assert bids(coercion=1) == pytest.approx(-0.21)
    assert bids(coercion=1, exports=0.5) < bids(coercion=1)


def test_a_case_passes_as_many_cuts_as_lie_below_it():
    assert conviction.passed(np.array([2, 3.1, 5.1, 9]), np.zeros(4), CUTS).tolist() == [0, 1, 2, 3]
    assert conviction.passed(np.array([4.9]), np.array([0.2]), CUTS) == 2


def test_a_government_moves_as_far_as_its_case_or_announces_a_review_first():
    level, h = np.array([0, 0, 0, 2, 0, 1.0]), np.full(6, 0.05)
    passed, u = np.array([3, 3, 1, 1, 3, 3.0]), np.array([0.01, 0.07, 0.07, 0.01, 0.2, 0.07])
    assert conviction.moved(level, passed, u, h).tolist() == [3, 1, 0, 2, 0, 1]


def test_a_level_may_be_taken_back_only_when_its_case_has_clearly_gone():
    level, case = np.array([0, 1, 1, 3, 3.0]), np.array([-9, 1.9, 2.1, 5.4, 5.6])
    assert conviction.gone(level, case, CUTS, np.float64(1)).tolist() == [False, True, False, True, False]


def test_the_error_of_judgement_is_a_logistic_one_and_the_hazard_half_a_share():
    assert conviction.misreading(np.array([0.5, 0.75]), np.float64(0.2)) == pytest.approx([0, 0.2 * np.log(3)])
    assert conviction.hazard(logit(np.array([0.1]))) == pytest.approx(0.05)


def test_a_new_governments_taste_is_as_spread_out_as_the_old_one():
    old, fresh = (ndtri(Luck(1, Worlds.range(0, 20_000)).table((("a", 1),), purpose, 0))[0] for purpose in ("x", "y"))
    assert np.std(conviction.redrawn(old, np.float64(0.7), fresh)) == pytest.approx(1, abs=0.02)


# What must hold in every month


def test_the_books_balance_in_every_month():
    run, worst = Run(anywhere(60), worlds=60, months=96), {}
    for _ in range(96):
        run.step()
        for book, gap in run.books.check().items():
            worst[book] = max(worst.get(book, 0.0), gap)
    assert max(worst.values()) < 1e-9, worst


def test_a_level_falls_by_a_reversal_and_by_nothing_else():
    run = Run(fitted(50), fixed={"persuasion.reversal": 0.5, "persuasion.government_change": 1.0}, worlds=50, months=60)
    fallen = 0
    for _ in range(60):
        before = run.persuasion.level.copy()
        run.step()
        down = np.flatnonzero(run.persuasion.level < before)
        back = run.persuasion.happened["reversed"]
        assert sorted(down) == sorted(back.flat)
        assert (before.ravel()[down] - run.persuasion.level.ravel()[down] == 1).all()
        fallen += len(down)
    assert fallen > 20


def test_seven_worlds_are_seven_single_worlds_bit_for_bit():
    drawn, months = anywhere(7), 48
    block = Run(drawn, worlds=7, months=months, first=0).to_the_end()
    for world in range(7):
        one = {path: values[world : world + 1] for path, values in drawn.items()}
        single = Run(one, worlds=1, months=months, first=world).to_the_end()
        for name in ("level", "belief", "taste", "peers"):
            found = getattr(single.persuasion, name)[:, 0], getattr(block.persuasion, name)[:, world]
            assert found[0].tobytes() == np.ascontiguousarray(found[1]).tobytes(), name
        for name in ("share5g", "left4g", "awarded", "swap_cost", "restricted5g"):
            found = getattr(single.procurement, name)[..., 0], getattr(block.procurement, name)[..., world]
            assert np.ascontiguousarray(found[0]).tobytes() == np.ascontiguousarray(found[1]).tobytes(), name
        spending = single.procurement.market.spending[..., 0], block.procurement.market.spending[..., world]
        assert np.ascontiguousarray(spending[0]).tobytes() == np.ascontiguousarray(spending[1]).tobytes()


def test_the_case_at_a_pair_is_the_case_everywhere():
    p = ran().persuasion
    at = Pairs.where(p.level == 1)
    assert (p.case_at(at, 35) == p.case(35).ravel()[at.flat]).all()


# Levers and switches


def test_levels_that_are_dated_facts_are_not_drawn():
    levels = ran().watcher.levels
    assert [int(level[row("USA")].max()) for level in levels] == [1] * 7 + [2] * 19 + [3] * 10
    assert all((level[row("TWN")] == 3).all() and (level[row("CHN")] == 0).all() for level in levels)


def test_a_scenario_may_date_a_governments_level_and_let_it_go_again():
    dates = {"government.DEU.level": {"2018-01": 0.0, "2019-03": 2.0}}
    held = Run(fitted(50), worlds=50, dates=dates).to_the_end()
    assert [int(level[row("DEU")].min()) for level in held.watcher.levels] == [0] * 14 + [2] * 22
    let_go = Run(fitted(50), fixed={"persuasion.free_from": 18.0}, worlds=50, dates=dates).to_the_end()
    assert (let_go.persuasion.level[row("DEU")] >= 1).all()
    assert (let_go.persuasion.level[row("DEU")] != 2).any()


def test_more_pressure_never_brings_less_belief_and_more_bans():
    more, less = ran(persuasion__pressure_factor=1.3), ran()
    assert (more.persuasion.belief >= less.persuasion.belief).all()
    assert np.mean(more.persuasion.at_least(2)) > np.mean(less.persuasion.at_least(2))


def test_a_carrot_moves_the_weak_and_stops_when_the_budget_is_spent():
    weak = [name for name, power in zip(GOVERNMENTS.key, GOVERNMENTS["power"], strict=True) if power < 0.5]
    carrots = {f"carrot.{name}.offered": 1.0 for name in weak}
    without, rich = Run(fitted(50), worlds=50), Run(fitted(50), worlds=50, fixed=carrots | {"persuasion.carrot_budget": 1e6})
    poor = Run(fitted(50), worlds=50, fixed=carrots | {"persuasion.carrot_budget": 20.0})
    bans = [np.mean(run.to_the_end().persuasion.at_least(1)) for run in (without, poor, rich)]
    assert bans[0] < bans[1] < bans[2]
    assert (poor.persuasion.spent == 20).all()
    paid = 36 * sum(power for power in GOVERNMENTS["power"] if power < 0.5)
    assert rich.persuasion.spent == pytest.approx(paid)


def test_sticks_raise_belief_of_allies_and_coercion_lowers_a_case():
    stick = Run(worlds=5, fixed={"stick.DEU.threatened": 1.0, "stick.KEN.threatened": 1.0}).to_the_end()
    plain = Run(worlds=5).to_the_end()
    assert (stick.persuasion.belief[row("DEU")] > plain.persuasion.belief[row("DEU")]).all()
    assert GOVERNMENTS["ally"][row("KEN")] == 0
    assert (stick.persuasion.belief[row("KEN")] == plain.persuasion.belief[row("KEN")]).all()
    pressed = Run(worlds=5, fixed={"coercion.AUS.threatened": 1.0}).to_the_end()
    lower = pressed.persuasion.case(35)[row("AUS")] - plain.persuasion.case(35)[row("AUS")]
    assert (lower < -0.2).all()


def test_levers_at_their_defaults_are_null():
    nothing = {f"carrot.{name}.offered": 0.0 for name in ("POL", "KEN")} | {"persuasion.regional_prompt": 0.0, "persuasion.incidents": 0.0}
    with_them, without = Run(fitted(7), worlds=7, fixed=nothing).to_the_end(), Run(fitted(7), worlds=7).to_the_end()
    assert (with_them.persuasion.level == without.persuasion.level).all()
    assert (with_them.persuasion.belief == without.persuasion.belief).all()


def test_an_easing_bargain_devalues_pressure_only_where_the_coupling_is_on():
    off, on = Run(worlds=3, months=30), Run(worlds=3, months=30, fixed={"coupling.bargain_to_allies": 1.0})
    off.to_the_end(), on.to_the_end()
    assert (on.persuasion.belief <= off.persuasion.belief).all()
    assert (on.persuasion.belief < off.persuasion.belief).any()


def test_tastes_from_the_record_lie_where_the_record_puts_them():
    known = Run(worlds=2000, months=1, fixed={"persuasion.taste_from_record": 1.0}).persuasion.taste
    assert np.mean(known, axis=1) == pytest.approx(GOVERNMENTS["taste_mean_end2020"], abs=0.12)
    assert np.std(known, axis=1) == pytest.approx(GOVERNMENTS["taste_sd_end2020"], abs=0.1)


def test_the_switches_that_are_off_do_what_they_say_when_on():
    plain = ran()
    assert np.mean(ran(persuasion__incidents=1).persuasion.belief) > np.mean(plain.persuasion.belief)
    prompted = ran(persuasion__regional_prompt=1).persuasion.level
    members = GOVERNMENTS["eu_2020"] > 0
    assert np.mean(prompted[members]) > np.mean(plain.persuasion.level[members]) + 0.1
    changed = ran(persuasion__government_change=1).persuasion.taste
    assert 0.3 < np.mean(changed != plain.persuasion.taste) < 0.7


# Facts of MODEL 14 and the figures of MODEL 16


def upper_minus_lower_third(run):
    """Mean level of those above the second third by threat before 2018 minus that of those up to the first (many are equal)."""
    p = run.persuasion
    threat = GOVERNMENTS["threat0"]
    first, second = np.quantile(threat[p.columns.decides], [1 / 3, 2 / 3])
    upper, lower = p.columns.decides & (threat > second), p.columns.decides & (threat <= first)
    return np.mean(p.level[upper]) - np.mean(p.level[lower])


def test_15_states_with_ties_or_a_quarrel_restrict_first():
    assert upper_minus_lower_third(ran()) > 0.8
    assert upper_minus_lower_third(ran(persuasion__w_intel=0, persuasion__w_conflict=0)) < 0.3


def allies_minus_others(run):
    p = run.persuasion
    allies = p.columns.ally > 0
    return np.mean(p.level[p.columns.decides & allies] >= 1) - np.mean(p.level[p.columns.decides & ~allies] >= 1)


def test_16_pressed_allies_declare():
    assert allies_minus_others(ran()) > 0.2
    assert allies_minus_others(ran(persuasion__pressure_factor=0)) < allies_minus_others(ran()) / 2


@pytest.mark.xfail(strict=True, reason="a miss: .16 of the difference is democracy and ties, which allies have anyway")
def test_16_without_pressure_allies_declare_hardly_more_than_others():
    assert allies_minus_others(ran(persuasion__pressure_factor=0)) < 0.1


def test_17_doubt_about_supply_moves_some_to_bans():
    with_doubt, without = ran().persuasion.at_least(3), ran(persuasion__w_supply=0).persuasion.at_least(3)
    assert np.mean(with_doubt - without) >= 1
    before = [np.mean(np.sum(run.watcher.levels[27] == 3, axis=0)) for run in (ran(), ran(persuasion__w_supply=0))]
    assert before[0] == before[1]  # nothing of it before May 2020


def test_the_rival_without_doubt_fits_the_record_about_as_well_as_doubt_does():
    names, start = GOVERNMENTS.key, GOVERNMENTS["level_2017"]
    seen = levels_on_record(names)
    found = {}
    for drift in ("doubt_about_supply", "trend_instead_of_doubt"):
        p = ran(drift).persuasion
        found[drift] = scores(p.level, p.columns.decides, seen, start)["rule"].rps
        assert 28 < np.mean(p.at_least(1)) < 41
    assert abs(found["doubt_about_supply"] - found["trend_instead_of_doubt"]) < 0.03


def test_in_sample_levels_beat_the_naive_forecasts_by_as_much_as_the_trial_run_said():
    p = ran().persuasion
    found = scores(p.level, p.columns.decides, levels_on_record(p.names), p.columns.level)
    assert p.columns.decides.sum() == 87
    assert found["rule"].rps == pytest.approx(0.241, abs=0.02)
    assert found["rule"].brier == pytest.approx((0.142, 0.067, 0.033), abs=0.01)
    assert found["base rate of the others"].rps == pytest.approx(0.432, abs=0.001)
    assert found["base rate of the others"].brier == pytest.approx((0.246, 0.130, 0.055), abs=0.001)
    assert found["no change"].rps == pytest.approx(0.609, abs=0.001)


@pytest.mark.parametrize(
    ("month", "counts"), [(11, (9.8, 4.1, 1.4)), (23, (18.5, 7.3, 2.3)), (35, (32.3, 14.7, 6.8))], ids=["2018", "2019", "2020"]
)
def test_counts_by_level_are_those_of_the_trial_run(month, counts):
    found = [np.mean(np.sum(ran().watcher.levels[month] >= level, axis=0)) for level in (1, 2, 3)]
    assert found == pytest.approx(counts, rel=0.08, abs=0.25)
