"""A scenario in the EMA workbench: its ranges, levers and outcomes; and an experiment there is a run here, to the last bit."""

import pickle
import warnings

import numpy as np
import pytest

import sim

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own optional parts
    ema = pytest.importorskip("ema_workbench", reason="the EMA workbench is not installed: pip install -e '.[ema]'; .ci/run does")

SMALL = {"worlds": 5, "months": 30}
CHOSEN = ("lost_sales", "approvals", "line")  # an end, a sum and a mean of the year
LEVERS = {"authority.capacity": (20, 56), "carrot.DEU.offered": [0, 1]}
UNCERTAIN = ("firm.hurdle", "procurement.discount_change", "belief.ease")


def model(**more):
    return sim.to_ema("history", CHOSEN, levers=LEVERS, uncertainties=UNCERTAIN, **(SMALL | more))


def test_its_uncertainties_are_the_scenarios_ranges():
    whole = sim.to_ema("history", "lost_sales", levers={"authority.capacity": (20, 56)})
    ours = sim.scenario("history").uncertainties
    theirs = {one.name.replace("__", "."): one for one in whole.uncertainties}
    assert theirs.keys() == ours.keys() - {"authority.capacity"}
    assert len(theirs) > 80
    for path, one in theirs.items():
        assert (one.lower_bound, one.upper_bound) == pytest.approx((ours[path].low, ours[path].high))
    assert [lever.name for lever in whole.levers] == ["authority__capacity"]
    assert [outcome.name for outcome in whole.outcomes] == ["lost_sales"]
    middle = theirs["procurement.discount_change"].dist
    assert middle.pdf(0) == pytest.approx(2 / 0.25)  # a triangle with its top at 0


def test_lists_and_bells_are_there_what_they_are_here():
    spreads = {"firm.hurdle": {"mean": 0.4, "sd": 0.1}, "firm.doubt": [0.2, 0.5]}
    bell, several = (sim.to_ema("history", "lost_sales", uncertainties=[path], sets=spreads, **SMALL).uncertainties for path in spreads)
    (bell,), (several,) = bell, several
    from sim.parameters import find
    from sim.uncertainty import Normal

    entry = find("firm.hurdle")
    ours = Normal(0.4, 0.1, entry.least, entry.most)
    u = np.array([0.01, 0.3, 0.5, 0.99])
    assert bell.dist.ppf(u) == pytest.approx(ours.at(u))
    assert [category.value for category in several.categories] == [0.2, 0.5]


@pytest.mark.slow
def test_sixteen_experiments_are_sixteen_runs_to_the_last_bit():
    with ema.SequentialEvaluator(model()) as evaluator:
        experiments, outcomes = evaluator.perform_experiments(scenarios=4, policies=4)
    assert len(experiments) == 16
    paths = [*UNCERTAIN, *LEVERS]
    given = [{path: float(row[path.replace(".", "__")]) for path in paths} for _, row in experiments.iterrows()]
    assert len({tuple(values.values()) for values in given}) == 16
    for number, values in enumerate(given):
        run = sim.run("history", **SMALL, sets=values, record="outcomes", jobs=1)
        last = run.yearly(CHOSEN).query("year == 2020")
        assert {name: outcomes[name][number] for name in CHOSEN} == {name: last[name].to_numpy().mean() for name in CHOSEN}
    assert all(len(set(outcomes[name])) > 8 for name in CHOSEN)


def test_months_of_one_experiment_are_those_of_a_run_whatever_its_blocks():
    function = model(monthly=True).function
    assert [outcome.name for outcome in model(monthly=True).outcomes] == [f"{name}_monthly" for name in CHOSEN]
    values = {"firm.hurdle": 0.3, "authority.capacity": 40.0, "carrot.DEU.offered": 1.0}
    found = function(**{path.replace(".", "__"): value for path, value in values.items()})
    wide = sim.run("history", **SMALL, sets=values, record="outcomes").results.series("lost_sales")
    assert np.array_equal(found["lost_sales"], wide.astype(np.float64).mean(axis=0))
    assert found["lost_sales"][-1] > 0
    narrow = sim.to_ema("history", CHOSEN, sets={"run.block": 2}, **SMALL).function
    assert narrow() == sim.to_ema("history", CHOSEN, **SMALL).function()


def test_it_travels_to_the_workbenchs_own_processes():
    function = model(worlds=2, months=18).function
    assert pickle.loads(pickle.dumps(function))(firm__hurdle=0.3) == function(firm__hurdle=0.3)


@pytest.mark.parametrize(
    "given,said",
    [
        ({"outcomes": "lost_sale"}, 'did you mean "lost_sales"'), ({"outcomes": []}, "name one or more"),
        ({"levers": {"law.listing": (0, 1)}}, "is dated"), ({"levers": {"authority.capacity": (56, 20)}}, "is not below"),
        ({"levers": {"carrot.XYZ.offered": (0, 1)}}, "has no row"), ({"uncertainties": ["firm.hurdl"]}, 'did you mean "firm.hurdle"'),
        ({"uncertainties": ["firm.hurdle"], "levers": {"firm.hurdle": (0.2, 0.3)}}, "is a lever already"),
        ({"year": 2031}, "is no year of this run"), ({"worlds": 0}, "is a whole number from 1"), ({"scenario": "histry"}, "did you mean"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence(given, said):
    asked = {"scenario": "history", "outcomes": "lost_sales"} | given
    with pytest.raises(sim.InputError, match=said):
        sim.to_ema(asked.pop("scenario"), asked.pop("outcomes"), **asked)


@pytest.mark.slow
def test_a_finished_run_is_what_the_workbenchs_analyses_take():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench.analysis import feature_scoring

    run = sim.run("history", worlds=60, months=30, record="outcomes")
    experiments, outcomes = run.experiments("approvals", year=2019)
    assert np.array_equal(outcomes["approvals"], run.yearly("approvals").query("year == 2019")["approvals"])
    assert len(experiments) == 60
    scores = feature_scoring.get_feature_scores_all(experiments, outcomes)
    assert scores["approvals"].sum() == pytest.approx(1)
    assert set(scores.index) == set(experiments.columns)
