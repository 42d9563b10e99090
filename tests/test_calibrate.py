"""History matching: what is ruled out, what is kept, and what the kept sets say of each parameter. On a toy whose answer is known."""

import numpy as np
import pytest

from sim import luck
from sim.analysis.identified import band, deaths, identified, together
from sim.analysis.in_blocks import in_blocks
from sim.analysis.matching import Aims, Matched, implausibility, luck_of, match, worlds_of
from sim.batch.progress import Progress

PATHS = ("steep", "bent", "inert", "idle")


def aims(values=(3.0, 0.5), sd=(0.2, 0.05), matched=(True, True)):
    return Aims(("line", "curve"), np.array(values), np.array(sd), np.array(matched))


def dealt(worlds):
    return {path: luck.of_samples(7, path, worlds.sample) for path in PATHS}


def toy(worlds):
    """line = 10 steep + luck; curve = bent^2, without luck. So line 3 and curve .5 leave steep near .3 and bent near .71."""
    values, noise = dealt(worlds), luck.of_samples(7, "noise", worlds.replicate) - 0.5
    return np.array([10 * values["steep"] + noise, values["bent"] ** 2])


def matched(measure=toy, which=None, **options):
    settings = {"samples": 600, "replicates": 3, "waves": 1, "enough": 10**6, **options}
    return match(aims() if which is None else which, dealt, measure, **settings)


def test_implausibility_by_hand():
    measured = np.array([[[18.0, 22.0], [10.0, 10.0]], [[1.0, 1.0], [0.0, 2.0]]])
    which = Aims(("a", "b"), np.array([10.0, 1.0]), np.array([3.0, 0.5]), np.array([True, True]))
    found = implausibility(which, measured, np.array([32 / 3, 0.0]))
    assert found == pytest.approx(np.array([[10 / 5, 0], [0, 0]]))  # 3^2 + (32/3)(1 + 1/2) = 5^2


def test_luck_is_the_variance_within_parameter_sets_and_not_between_them():
    rng = np.random.default_rng(1)
    sets, within = rng.normal(0, 50, (1, 4000, 1)), rng.normal(0, 2, (1, 4000, 4))
    assert luck_of(sets + within)[0] == pytest.approx(4, rel=0.05)


def test_a_replicate_without_a_number_is_implausible_and_does_not_spoil_the_luck_of_others():
    measured = np.array([[[1.0, np.nan], [1.0, 3.0]]])
    which = Aims(("a",), np.array([2.0]), np.array([1.0]), np.array([True]))
    assert luck_of(measured).tolist() == [2.0]
    assert implausibility(which, measured, np.array([2.0])).tolist() == [[np.inf, 0.0]]


def test_a_target_without_any_slack_is_met_exactly_or_not():
    which = Aims(("a",), np.array([2.0]), np.array([0.0]), np.array([True]))
    assert implausibility(which, np.array([[[2.0, 2.0], [2.1, 2.1]]]), np.array([0.0])).tolist() == [[0.0, np.inf]]


def test_the_kept_region_is_the_one_that_is_known():
    found = matched(samples=4000)
    values = dealt(worlds_of(found.sample, 1))
    slack = 3 * np.sqrt(0.2**2 + found.luck[0] * (1 + 1 / 3))
    kept = found.kept
    assert (np.abs(10 * values["steep"] - 3)[kept] < slack + 0.5).all()
    assert (np.abs(values["bent"] ** 2 - 0.5)[kept] <= 0.15).all()
    sure = (np.abs(10 * values["steep"] - 3) < slack - 0.5) & (np.abs(values["bent"] ** 2 - 0.5) <= 0.15)
    assert kept[sure].all()
    assert kept.mean() == pytest.approx(0.05, abs=0.01)


def test_later_waves_keep_draws_of_the_same_distribution_and_waste_less():
    one, many = matched(samples=30_000), matched(samples=1500, waves=4)
    assert [wave.simulated for wave in many.waves] == [1500] * 4
    assert many.waves[1].looked_at > 5 * 1500
    assert many.waves[1].share > 5 * many.waves[0].share
    a, b = (dealt(worlds_of(m.sample[m.kept], 1)) for m in (one, many))
    for path in PATHS:
        gap = np.abs(np.searchsorted(np.sort(a[path]), b[path]) / len(a[path]) - np.argsort(np.argsort(b[path])) / len(b[path]))
        assert gap.max() < band(len(a[path]), len(b[path]), len(PATHS)), path
    assert many.screen.lost <= 0.05 * many.screen.kept


def test_a_further_wave_changes_nothing_that_was_found_before():
    one, two = matched(samples=1500), matched(samples=1500, waves=2)
    assert (two.sample[:1500] == one.sample).all()
    assert (two.kept[:1500] == one.kept).all()
    assert len(np.unique(two.sample)) == len(two.sample)


def test_waves_stop_when_enough_is_kept():
    assert len(matched(samples=1500, waves=5, enough=10).waves) == 1


def test_parameter_sets_share_no_luck():
    worlds = worlds_of(np.array([0, 1, 5]), 3)
    assert worlds.sample.tolist() == [0, 0, 0, 1, 1, 1, 5, 5, 5]
    assert len(set(worlds.replicate.tolist())) == 9
    assert worlds.replicate.tolist() == [0, 1, 2, 3, 4, 5, 15, 16, 17]


@pytest.mark.parametrize("block, jobs", [(7, 1), (100, 1), (1800, 1), (450, 2)])
def test_what_is_kept_depends_neither_on_blocks_nor_on_jobs(block, jobs):
    found = matched(lambda worlds: in_blocks(toy, worlds, block, jobs, Progress(None)))
    whole = matched()
    assert (found.measured == whole.measured).all()
    assert (found.kept == whole.kept).all()


def test_a_target_that_nobody_meets_leaves_nothing():
    found = matched(which=aims(values=(3.0, 5.0)), waves=3)
    assert not found.kept.any()
    assert len(found.waves) == 1
    out, alone, worst = deaths(found.implausibility, 3.0)
    assert out[1] == 600
    assert alone.tolist() == [0, 600 - out[0]]
    assert worst.sum() == 600


def test_a_target_that_is_not_matched_rules_nothing_out():
    found = matched(which=aims(values=(3.0, 5.0), matched=(True, False)))
    assert (found.kept == (found.implausibility[0] <= 3)).all()
    assert found.kept.any()


def test_the_cut_off_is_the_users():
    strict, usual = matched(cutoff=1.0), matched()
    assert strict.kept.sum() < usual.kept.sum()
    assert usual.kept[strict.kept].all()


@pytest.fixture(scope="module")
def told():
    found = matched(samples=20_000)
    tried, kept = dealt(worlds_of(found.sample, 1)), dealt(worlds_of(found.sample[found.kept], 1))
    return {one.path: one for one in identified(tried, kept)}, together(tried, kept)


def test_what_the_record_says_something_of_is_found_and_what_is_inert_too(told):
    by, _ = told
    assert {path for path, one in by.items() if one.says_something} == {"steep", "bent"}
    assert by["steep"].spread < 0.3
    assert by["inert"].spread == pytest.approx(1, abs=0.2)
    assert next(iter(by)) in ("steep", "bent")


def test_two_parameters_of_which_only_the_sum_shows_go_together():
    def summed(worlds):
        values = dealt(worlds)
        return np.array([values["steep"] + values["bent"], 0 * values["idle"]])

    found = matched(summed, which=aims(values=(1.0, 0.0), sd=(0.05, 1.0)), samples=4000)
    tried, kept = dealt(worlds_of(found.sample, 1)), dealt(worlds_of(found.sample[found.kept], 1))
    pairs = together(tried, kept)
    assert [(p.first, p.second) for p in pairs] == [("steep", "bent")]
    assert pairs[0].kept < -0.9


def test_inert_parameters_are_seldom_named():
    """The band holds for all parameters together: of 40 analyses of 30 inert ones, 2 may name one."""
    rng = np.random.default_rng(5)
    named = 0
    for _ in range(40):
        tried = {f"p{i}": rng.random(2000) for i in range(30)}
        kept = {f"p{i}": rng.random(150) for i in range(30)}
        named += any(one.says_something for one in identified(tried, kept))
    assert named <= 6


def test_deaths_are_counted_alone_and_as_the_worst():
    found = deaths(np.array([[4.0, 5.0, 1.0, 0.0], [3.5, 1.0, 9.0, 3.0]]), 3.0)
    assert [counts.tolist() for counts in found] == [[2, 2], [1, 1], [2, 1]]


def test_matched_says_how_it_judges():
    measured = np.array([[[1.0, 1.0]], [[9.0, 9.0]]])
    which = Aims(("a", "b"), np.array([1.0, 1.0]), np.array([1.0, 1.0]), np.array([True, True]))
    found = Matched(which, np.array([0]), np.array([0]), measured, np.zeros(2), 3.0, [], None)
    assert found.worst.tolist() == [8.0]
    assert not found.kept.any()
