"""Leaving out: the likelihood adds up, a refit without one is the best for all others, and what is left out has no say."""

import functools

import numpy as np
import pytest
from scipy.special import expit

from sim.analysis import awards, levels, logit, tariffs
from sim.analysis.allies import score
from sim.analysis.held import Held
from sim.analysis.on_record import OnRecord
from sim.analysis.targets import OURS, read_targets
from sim.batch.plan import Plan
from sim.rules import conviction, tender

pytestmark = pytest.mark.slow  # fits the weights anew for every country

PLAN = Plan.of("history")
SHIPPED = np.asarray(PLAN.case["governments_fit"]["estimate"], np.float64)
ERROR = np.sqrt(np.diag(np.array([PLAN.case["governments_fit"][path] for path in levels.FITTED])))


@functools.cache
def record():
    return OnRecord.of(PLAN, np.ones(36))


@functools.cache
def paths():
    return levels.Paths(record())


@functools.cache
def refit():
    return levels.refitted(paths(), SHIPPED)


def test_eighty_seven_governments_decide_and_their_levels_are_those_on_record():
    decides = record().columns.decides
    assert decides.sum() == 87
    assert [int(np.sum(record().level[-1] >= level)) for level in (1, 2, 3)] == [37, 15, 7]
    assert (np.diff(record().level, axis=0) >= 0).all()


def test_chances_of_all_that_may_happen_to_one_government_in_a_month_add_up_to_one():
    p = levels.Paths(record())
    p.belief, p.supply, p.rest = p.belief[:1, :1], p.supply[:1], p.rest[:1, :1]
    for start in range(4):
        p_of = []
        for end in range(start, 4):
            p.level = np.array([[start], [end]])
            p_of.append(np.exp(p.log_likelihood(SHIPPED)[0]))
        assert sum(p_of) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("path", [(0, 0, 0, 0, 0), (0, 1, 1, 1, 1), (0, 0, 1, 2, 2), (0, 2, 2, 3, 3), (0, 0, 0, 3, 3), (1, 1, 2, 2, 2)])
def test_the_likelihood_of_a_path_is_how_often_the_rule_takes_it(path):
    """The model's own rule, 200,000 times, with tastes, misreadings and dice drawn."""
    p, dice, draws = levels.Paths(record()), np.random.default_rng(3), 200_000
    belief, rest = 0.6, 0.8
    p.belief, p.supply, p.rest, p.level = np.full((4, 1), belief), np.full((4, 1), 0.2), np.full((4, 1), rest), np.array(path)[:, None]
    theta = np.array([6.0, 2.5, 3.0, 4.9, 0.3, 1.0])  # a hazard of .37, so that paths are common
    case = theta[0] * belief + theta[1] * 0.2 + rest + dice.normal(size=draws)
    cuts, h = conviction.cuts(*theta[2:5]), conviction.hazard(theta[5])
    level, taken = np.full(draws, float(path[0])), np.ones(draws, bool)
    for after in path[1:]:
        error = conviction.misreading(dice.uniform(size=draws), np.asarray(p.judgement))
        level = conviction.moved(level, conviction.passed(case, error, cuts), dice.uniform(size=draws), h)
        taken &= level == after
    assert np.exp(p.log_likelihood(theta)[0]) == pytest.approx(np.mean(taken), abs=0.002)


def test_the_likelihood_does_not_depend_on_how_finely_taste_is_cut(monkeypatch):
    coarse = paths().log_likelihood(SHIPPED)
    tastes = np.arange(-6, 6.01, 0.05)
    monkeypatch.setattr(levels, "TASTES", tastes)
    monkeypatch.setattr(levels, "CHANCE_OF_TASTE", np.exp(-(tastes**2) / 2) / np.sum(np.exp(-(tastes**2) / 2)))
    assert coarse == pytest.approx(paths().log_likelihood(SHIPPED), abs=0.01)


def test_the_best_fit_is_near_the_shipped_one_and_hardly_likelier():
    assert np.max(np.abs(refit().best - SHIPPED) / ERROR) < 1
    assert 0 <= refit().log_likelihood - paths().log_likelihood(SHIPPED).sum() < 1
    assert refit().log_likelihood == pytest.approx(-202.2, abs=0.5)  # as when the rule was first fitted, -201.5
    assert np.max(np.abs(np.sum(paths().slopes(refit().best), axis=1))) < 0.01


def test_a_refit_without_a_government_suits_the_others_better_than_the_fit_to_all():
    shifts = np.max(np.abs(refit().without - refit().best) / ERROR, axis=1)
    assert 0.1 < shifts.max() < 1
    for out in np.argsort(-shifts)[:6]:
        others = np.arange(87) != out
        before, after = (paths().log_likelihood(theta)[others].sum() for theta in (refit().best, refit().without[out]))
        assert after > before


def test_worlds_weighted_to_another_estimate_have_that_estimate_as_their_mean():
    covariance = np.array([PLAN.case["governments_fit"][path] for path in levels.FITTED])
    drawn = np.random.default_rng(1).multivariate_normal(SHIPPED, covariance, 20_000).T
    shift = np.array([0.3, -0.2, 0, 0.4, 0.1, -0.3]) * ERROR
    found = drawn @ levels.weights(drawn, shift[None], covariance)[0]
    assert (found - drawn.mean(axis=1)) / ERROR == pytest.approx(shift / ERROR, abs=0.05)


def test_a_score_of_certainty_is_nought_and_of_a_miss_is_one_a_level():
    assert score(np.array([[1.0], [1.0], [0.0]]), np.array([2.0])).rps == 0
    assert score(np.array([[0.0], [0.0], [0.0]]), np.array([2.0])).rps == 2


def test_a_logit_finds_the_weights_that_made_its_data_and_a_group_left_out_has_no_say():
    dice = np.random.default_rng(2)
    x = np.column_stack([np.ones(4000), dice.normal(size=(4000, 2))])
    y = (dice.uniform(size=4000) < 1 / (1 + np.exp(-x @ np.array([0.5, 1.0, -2.0])))) * 1.0
    assert logit.fit(x, y).weights == pytest.approx([0.5, 1, -2], abs=0.15)
    groups = np.arange(4000) % 40
    turned = np.where(groups == 7, 1 - y, y)
    assert np.array_equal(logit.left_out(x, y, groups)[groups == 7], logit.left_out(x, turned, groups)[groups == 7])
    assert not np.array_equal(logit.left_out(x, y, groups)[groups == 8], logit.left_out(x, turned, groups)[groups == 8])


def test_awards_left_out_are_forecast_better_by_the_rule_than_by_its_rivals():
    table = awards.Awards.of(PLAN.case, record())
    found = awards.scores(table)
    assert len(table.dropped) == 115
    assert all(s.left_out < s.inside < 0 for s in found.values())
    assert found["rule"].left_out == max(s.left_out for s in found.values())
    assert found["rule"].left_out == pytest.approx(-0.37, abs=0.01)
    fit, shipped = awards.estimates(table), np.asarray(PLAN.case["carriers_fit"]["estimate"])
    assert np.max(np.abs(fit.weights - shipped) / np.sqrt(np.diag(fit.covariance))) < 0.5


def test_nobody_restricted_wins_as_often_as_when_vendors_are_drawn_by_their_worth():
    table, dice, draws = awards.Awards.of(PLAN.case, record()), np.random.default_rng(4), 40_000
    v, risk = table.vendors, 0.7
    found = awards._nobody_restricted_wins(table)(np.full(115, risk))
    for award in (2, 30, 77, 101):
        worth = v.taste + 3.3 * np.sqrt(table.share4g[award]) + 1.9 * table.at_home[award] - risk * v.restricted
        worth[v.newcomer] = -np.inf
        values = [w + tender.gumbel(dice.uniform(size=draws)) for w in worth]
        more = np.full(draws, expit(-2.22 + 0.78 * np.log(table.users[award])))
        number = tender.number_of_vendors(dice.uniform(size=draws), more)
        places = tender.ranks(values)
        without = ~np.any([(place < number) & r for place, r in zip(places, v.restricted, strict=True)], axis=0)
        assert found[award] == pytest.approx(np.mean(without), abs=0.01)


def test_free_talks_are_read_as_they_happened():
    found, paths = tariffs.held("concession", 40, 2019)
    assert all(h.values.shape == (40,) for h in found)
    assert all(path.shape == (36, 40) for path in paths.values())
    values = {h.target.name: h.values for h in found}
    deal, first, back = (values[name] for name in ("deal by end 2020", "first deal", "controller's points given back a deal"))
    np.testing.assert_array_equal(deal, first < 36)
    np.testing.assert_array_equal(np.isnan(back), deal == 0)
    assert (back[deal > 0] >= 0).all()
    np.testing.assert_array_equal(values["tariff on target June 2019"], paths["tariff_on_target"][17])
    assert all(h.target.source and h.target.role in ("input", "fitted", "predicted") for h in found)


def test_the_record_itself_looks_like_the_record():
    """One world that goes the way of the record, and one that signs no deal."""
    targets = tariffs.of_talks(read_targets(OURS, PLAN.case))
    record = [Held(t, np.array([t.value, 36.0 if t.name == "first deal" else t.value])) for t in targets]
    assert tariffs.like_the_record(record) == 0.5
    for name in ("tariff on target June 2019", "tariff on controller September 2019", "spells of talks to February 2020"):
        assert tariffs.like_the_record([Held(h.target, h.values + 4.5 * (h.target.name == name)) for h in record]) == 0
