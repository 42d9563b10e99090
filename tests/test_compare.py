"""Paired differences: what they come to, which worlds belong together, what cannot be said, and a change taken apart."""

import functools
from dataclasses import replace

import fake_model
import numpy as np
import pytest
from scipy import stats

from sim.analysis import differences
from sim.analysis.decomposition import ALONE, TOGETHER, WHOLE, WITHOUT, Decomposition
from sim.analysis.paired import ALL, compare
from sim.analysis.parts import START, parts, with_parts
from sim.batch import engine
from sim.batch.plan import Plan
from sim.batch.results import Results
from sim.refusal import InputError
from sim.scenario import read as scenario_of
from sim.scenario import shipped

read = functools.cache(scenario_of)
EVERYTHING = {"outcomes": fake_model.OUTCOMES}


def plan_with(levers=(), vote="majority", **run):
    plan = fake_model.plan(**{"worlds": 60, "block": 32} | run)
    scenario = replace(plan.scenario, levers=plan.scenario.levers | dict(levers), rules=plan.scenario.rules | {"vote": vote})
    return Plan(scenario, plan.case)


def finished(folder, plan, simulate=fake_model.moved_by_levers):
    made = engine.prepare(plan, folder)
    engine.finish(made, simulate=simulate, **EVERYTHING)
    return Results.open(made)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def base(out):
    return finished(out, plan_with())


@pytest.fixture(scope="module")
def more(out):
    return finished(out, plan_with({"authority.capacity": 30.0}))


@pytest.fixture(scope="module")
def chair(out):
    return finished(out, plan_with(vote="chair"))


class Reordered(Results):
    """A run whose worlds lie in another order, or are other worlds."""

    order = slice(None, None, -1)
    shift = 0

    def worlds(self):
        found = {name: values[self.order].copy() for name, values in super().worlds().items()}
        return found | {"world": found["world"] + self.shift}

    def parts(self, outcomes):
        blocks = list(super().parts(outcomes))
        yield {name: np.concatenate([block[name] for block in blocks])[self.order] for name in outcomes}

    def agents(self, kind):
        return super().agents(kind).take(np.arange(60 * 2 * 2)[::-1])


@pytest.mark.slow
def test_a_run_against_one_that_does_the_same_has_no_change_anywhere(base, out):
    found = compare(base, finished(out, plan_with({"authority.capacity": 28.0}, block=7)))
    every = [*found.rows, *found.agents("firm")]
    assert len(every) == 3 * 3 + 2 * 3
    assert {row.verdict for row in every} == {"no change"}
    assert {(row.mean, row.se, row.p5, row.p95, row.lower, row.equal, row.higher) for row in every} == {(0, 0, 0, 0, 0, 1, 0)}
    assert all(np.isnan(row.factor) for row in every)
    assert found.notes == []


def test_a_row_is_what_the_two_runs_come_to_by_hand(base, more):
    row = compare(base, more).row("flow", 2018)
    a, b = base.yearly("flow")[:, 0], more.yearly("flow")[:, 0]
    assert (row.worlds, row.unit, row.base_mean) == (60, "files", pytest.approx(a.mean()))
    assert row.mean == pytest.approx((b - a).mean())
    assert row.se == pytest.approx(stats.sem(b - a))
    assert (row.p5, row.median, row.p95) == pytest.approx(tuple(np.quantile(b - a, (0.05, 0.5, 0.95))))
    assert (row.lower, row.higher) == (0, np.mean(b > a))
    assert 0 < row.equal < 1
    assert row.factor == pytest.approx(np.sqrt(a.var(ddof=1) + b.var(ddof=1)) / (b - a).std(ddof=1))
    assert row.verdict == "higher"


def test_the_whole_run_is_its_sum_its_mean_or_its_end(base, chair):
    found = compare(base, chair)
    for name, how in (("flow", np.nansum), ("state", np.nanmean), ("stock", lambda x, axis: x[:, -1])):
        expected = how(base.series(name).astype(np.float64), axis=1).mean()
        assert found.row(name).base_mean == pytest.approx(expected)
    assert found.row("flow").mean == pytest.approx(sum(found.row("flow", year).mean for year in base.years))


def test_worlds_are_paired_by_their_number_whatever_their_order(base, more):
    straight, turned = compare(base, more), compare(base, Reordered(more.folder, more.manifest))
    for one, same in zip([*straight.rows, *straight.agents("firm")], [*turned.rows, *turned.agents("firm")], strict=True):
        assert one.verdict == same.verdict
        assert (one.mean, one.se, one.lower) == pytest.approx((same.mean, same.se, same.lower), rel=1e-9)
    assert np.array_equal(straight.differences("flow"), turned.differences("flow"))


def test_only_worlds_that_both_have_are_compared_and_that_is_said(base, out):
    found = compare(base, finished(out, plan_with({"authority.capacity": 30.0}, worlds=40)))
    assert {row.worlds for row in found.rows if row.outcome == "flow"} == {40}
    assert found.notes == ["only the 40 worlds that both runs have are compared"]


def test_agents_of_worlds_that_only_one_run_has_are_left_out(base, more):
    some = Reordered(more.folder, more.manifest)
    some.__dict__["order"] = slice(20, None)
    row = next(r for r in compare(base, some).agents("firm", ["sales"]) if (r.agent, r.year) == ("One", 2018))
    luck = fake_model.of_samples(2019, "moved", np.arange(60))
    assert (row.worlds, row.mean) == (40, pytest.approx(2 * luck[20:].mean(), rel=1e-6))


def test_a_spread_that_was_changed_is_part_of_the_change_and_that_is_said(base, out):
    from sim.uncertainty import Uniform

    plan = plan_with()
    other = Plan(replace(plan.scenario, uncertainties={"firm.hurdle": Uniform(0.4, 0.6)}), plan.case)
    found = compare(base, finished(out, other))
    assert found.row("state").verdict == "higher"
    assert "firm.hurdle varied over another spread" in found.notes[0]


def other_seed(out, base):
    return finished(out, plan_with(seed=5))


def other_months(out, base):
    return finished(out, plan_with(months=12))


def other_streams(out, base):
    return Results(base.folder, base.manifest | {"streams": "of another kind"})


def other_worlds(out, base):
    run = Reordered(base.folder, base.manifest)
    run.__dict__["shift"] = 1000
    return run


REFUSED = {
    other_seed: ("its seed is 5", "run both with one --seed"),
    other_months: ("it has 12 months", "run both with the same --months"),
    other_streams: ("its luck was drawn by of another kind", "run both with one version of Chokepoint"),
    other_worlds: ("it has no world in common", "run both with the same worlds"),
}


@pytest.mark.parametrize("made", REFUSED, ids=lambda made: made.__name__)
def test_runs_of_another_luck_are_refused_with_what_would_be_right(made, base, out):
    with pytest.raises(InputError) as refused:
        compare(base, made(out, base))
    wrong, right = REFUSED[made]
    assert wrong in str(refused.value)
    assert right in str(refused.value)


def test_a_run_and_a_sweep_share_numbers_and_no_luck(base, out):
    from sim.batch import design
    from sim.sweep import Sweep, Varied

    sweep = Sweep((Varied("authority.capacity", 20, 56, values=(20.0, 56.0)),), "grid", 1, 30)
    plan = plan_with()
    swept = Plan(replace(plan.scenario, sweep=sweep), plan.case, design.points(sweep, 2019))
    with pytest.raises(InputError, match="world 30 is replicate 0 here and 30 in .*compare a run with a run"):
        compare(base, finished(out, swept))


def test_an_outcome_or_a_kind_of_agents_that_is_not_there_is_refused(base, more, out):
    with pytest.raises(InputError, match='did you mean "stock"'):
        compare(base, more, ["stok"])
    with pytest.raises(InputError, match='did you mean "firm"'):
        compare(base, more).agents("firms")
    with pytest.raises(InputError, match="has no such measure of a firm"):
        compare(base, more).agents("firm", ["sails"])
    with pytest.raises(InputError, match="keeps no agents; run it with --record agents"):
        compare(base, finished(out, plan_with(record="outcomes"))).agents("firm")


def test_who_gained_and_who_lost_is_told_agent_by_agent(base, more):
    rows = {(row.agent, row.year): row for row in compare(base, more).agents("firm", ["sales"])}
    luck = fake_model.of_samples(2019, "moved", np.arange(60))
    assert rows["One", 2018].mean == pytest.approx(2 * luck.mean(), rel=1e-6)
    assert (rows["One", 2018].verdict, rows["One", ALL].higher) == ("higher", 1)
    assert (rows["Other", 2019].mean, rows["Other", 2019].verdict) == (pytest.approx(-2), "lower")


def found(values, samples=None):
    values = np.asarray(values, np.float64)[:, None]
    base = np.arange(len(values), dtype=np.float64)[:, None] % 7
    return differences.told(base, base + values, np.arange(len(values)) if samples is None else samples)[0]


@pytest.mark.parametrize(
    "values,verdict",
    [
        ([-1.0] * 80 + [1.0] * 20, "lower"),
        ([-1.0] * 79 + [1.0] * 21, "cannot say"),  # fewer than 80 % of those that differ agree
        ([0.0] * 900 + [1.0] * 80 + [-1.0] * 20, "higher"),  # only worlds that differ vote
        ([0.0] * 998 + [1.0] * 2, "cannot say"),  # the mean may well be none
        ([-1.0] * 85 + [20.0] * 15, "cannot say"),  # most are lower, and the mean is higher
        ([2.0, 1.0], "cannot say"),
        ([1.0], "cannot say"),
        ([0.0] * 5, "no change"),
    ],
)
def test_what_cannot_be_said_is_not_said(values, verdict):
    assert found(values).verdict == verdict


def test_shares_of_signs_make_one(base, chair):
    rng = np.random.default_rng(1)
    for row in [*compare(base, chair).rows, *(found(rng.integers(-2, 3, 37)) for _ in range(20))]:
        assert row.lower + row.equal + row.higher == pytest.approx(1, abs=1e-12)
    assert 0 < compare(base, chair).row("flow").lower < 1


def test_worlds_of_one_sample_are_one_cluster_and_not_many_witnesses():
    rng = np.random.default_rng(3)
    one = rng.normal(1, 2, 40)
    alone = found(one)
    many = found(np.repeat(one, 5), np.repeat(np.arange(40), 5))
    assert many.se == pytest.approx(alone.se)
    shuffled = rng.permutation(200)
    assert found(np.repeat(one, 5)[shuffled], np.repeat(np.arange(40), 5)[shuffled]).se == pytest.approx(alone.se)
    noisy = np.repeat(one, 5) + rng.normal(0, 1, 200)
    expected = stats.sem(noisy.reshape(40, 5).mean(axis=1))
    assert found(noisy, np.repeat(np.arange(40), 5)).se == pytest.approx(expected)
    assert found(noisy).se < 0.6 * expected


def test_a_world_without_a_number_is_left_out_of_that_number_alone():
    base = np.arange(40.0).reshape(10, 4)
    other = base + np.array([1.0, 2, 3, 4])
    other[3, 1], base[4, 1], base[:, 2] = np.nan, np.nan, np.nan
    told = differences.told(base, other, np.arange(10))
    assert [entry.worlds for entry in told] == [10, 8, 0, 10]
    assert [entry.mean for entry in told[:2]] == [1, 2]
    assert (told[2].verdict, told[3].verdict) == ("cannot say", "higher")
    assert told[1].base_mean == base[[0, 1, 2, 5, 6, 7, 8, 9], 1].mean()


def test_where_all_worlds_differ_by_the_same_pairing_leaves_no_error():
    assert (found([0.1] * 30).factor, found([0.1] * 30).se) == (np.inf, 0)


def test_what_storing_leaves_is_no_difference():
    base = np.array([[1e6], [1e6], [0.0], [1.0]])
    assert differences.difference(base, base + np.array([[0.5], [2], [1e-13], [1e-5]])).ravel().tolist() == pytest.approx([0, 2, 0, 1e-5])


def test_a_change_that_only_adds_up_has_no_interaction_in_any_world(base, more, chair, out):
    whole = compare(base, finished(out, plan_with({"authority.capacity": 30.0}, "chair")))
    alone = {"authority.capacity": compare(base, more), "rules.vote": compare(base, chair)}
    pieces = Decomposition(whole, alone, dict(zip(alone, reversed(alone.values()), strict=True))).pieces("flow")
    assert [(p.what, p.part) for p in pieces] == [(WHOLE, ""), *((w, p) for w in (ALONE, WITHOUT) for p in alone), (TOGETHER, "")]
    assert (pieces[-1].mean, pieces[-1].equal, pieces[-1].verdict) == (0, 1, "no change")
    assert pieces[0].mean == pytest.approx(pieces[1].mean + pieces[2].mean)
    assert pieces[3].mean == pieces[2].mean != 0 != pieces[1].mean


def test_what_parts_do_only_together_is_the_interaction(base, more, out):
    line, both = {"authority.publish_line": 1.0}, {"authority.capacity": 30.0, "authority.publish_line": 1.0}
    alone = {"capacity": compare(base, more), "line": compare(base, finished(out, plan_with(line), fake_model.moved_together))}
    whole = compare(base, finished(out, plan_with(both), fake_model.moved_together))
    rest = Decomposition(whole, alone, alone).pieces("flow", 2018)[-1]
    assert (rest.mean, rest.p5, rest.p95, rest.verdict) == (5 * 12, 5 * 12, 5 * 12, "higher")


@pytest.mark.parametrize("name", [name for name in shipped() if read(name).compare_with])
def test_a_scenario_is_its_parts_and_nothing_else(name):
    other = read(name)
    base = read(other.compare_with)
    pieces = parts(base, other)
    every = frozenset().union(*pieces.values())
    assert pieces
    assert with_parts(base, other, every) == other
    assert with_parts(base, other, ()) == replace(base, title=other.title, question=other.question, compare_with=other.compare_with)


def test_events_of_the_base_go_with_their_part():
    base, other = read("g20_truce"), read("truce_collapses")
    pieces = parts(base, other)
    assert len(pieces) == 4
    assert with_parts(base, other, frozenset().union(*pieces.values())) == other
    assert {event.lever for event in with_parts(base, other, pieces["licensing.freeze"]).events} == {"licensing.base_line"}


def test_parts_are_levers_with_their_events_rules_starts_and_rows_of_a_table():
    def of(name):
        return {part: len(paths) for part, paths in parts(read(read(name).compare_with), read(name)).items()}

    assert of("g20_truce") == {"licensing.base_line": 1, "licensing.freeze": 1}
    assert of("sticks") == {"persuasion.levers_from": 1, "stick.*.threatened": 17}
    assert of("from_2021") == {"rules.talks_mode": 1, START: 1}
    assert of("chair_decides") == {"rules.vote": 1}
    with pytest.raises(InputError, match="name scenarios of one"):
        parts(read("history"), read("second_firm"))
