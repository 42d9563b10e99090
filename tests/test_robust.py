"""Policies over the same futures: regret by hand, goals by hand, and what cannot be compared refused."""

import csv
import json

import known_runs
import numpy as np
import pytest

from sim.analysis import robust
from sim.analysis.robust import Goal, analyse, goal_of, least, regret
from sim.refusal import InputError
from sim.views import policies

LOST, BANS = "lost_sales", "bans"

# Three policies in four worlds, less is better. Best in each world: 1, 3, 2, 4.
BY_HAND = np.array([[1.0, 9.0, 2.0, 4.0], [3.0, 3.0, 4.0, 8.0], [5.0, 4.0, 6.0, 6.0]])


def fails_in_a_corner(values, luck):
    """Above 20 in most worlds where the hurdle is high and doubt low, and in few others."""
    corner = (values["firm.hurdle"] > 0.6) & (values["firm.doubt"] < 0.4)
    return np.where(luck < np.where(corner, 0.85, 0.1), 25.0, 15.0)


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """Three policies, as `run a b c` leaves them."""
    folder = tmp_path_factory.mktemp("batch")
    known_runs.run(folder, {LOST: fails_in_a_corner, BANS: lambda v, luck: 10 * luck}, worlds=1000, name="corner")
    known_runs.run(folder, {LOST: lambda v, luck: 18 + v["belief.ease"], BANS: lambda v, luck: 10 * luck}, worlds=1000, name="steady")
    known_runs.run(folder, {LOST: lambda v, luck: 12 + 10 * luck, BANS: lambda v, luck: 8 + 0 * luck}, worlds=1000, name="lucky")
    return folder


def test_regret_is_what_was_computed_by_hand():
    found = regret(BY_HAND, "minimise")
    # regrets: 0 6 0 0 | 2 0 2 4 | 4 1 4 2
    assert found.mean_regret.tolist() == [1.5, 2.0, 2.75]
    assert found.worst_regret.tolist() == [6, 4, 4]
    assert found.regret_90 == pytest.approx([4.2, 3.4, 4.0])
    assert found.best_in.tolist() == [0.75, 0.25, 0]
    assert [least(x) for x in (found.mean_regret, found.regret_90, found.worst_regret)] == [[0], [1], [1, 2]]


def test_more_is_better_where_it_is_said_so():
    found = regret(-BY_HAND, "maximise")
    assert found.mean_regret.tolist() == [1.5, 2.0, 2.75]
    assert regret(BY_HAND, "maximise").mean_regret.tolist() == [3, 2.5, 1.75]


def test_policies_whose_mean_regret_cannot_be_told_apart_are_named():
    rng = np.random.default_rng(1)
    base = rng.random(400)
    close, far = base + rng.normal(0.0, 1, 400), base + 5
    assert regret(np.array([base + rng.normal(0, 1, 400), close, far]), "minimise").untold in ([0], [1])
    assert regret(np.array([base, base + 1, far]), "minimise").untold == []


@pytest.mark.slow
def test_goals_hold_in_the_worlds_in_which_they_hold(batch):
    found = analyse([batch], goals=["lost_sales<=20", "bans > 5"])
    assert found.policies == ["corner", "lucky", "steady"]
    luck = known_runs.of_samples(2019, "luck", np.arange(1000))
    assert found.held[:, 1] == pytest.approx([(12 + 10 * luck <= 20).mean(), 1])
    assert found.held[0, 2] == 1
    assert found.held[1, 0] == pytest.approx((10 * luck > 5).mean())
    assert found.all_held[2] == pytest.approx((10 * luck > 5).mean())
    assert found.all_held[0] < min(found.held[:, 0])


@pytest.mark.parametrize(
    "text,goal",
    [("lost_sales<=20", Goal("lost_sales", "<=", 20)), (" bans > 1e1 ", Goal("bans", ">", 10)), ("line<-0.5", Goal("line", "<", -0.5))],
)
def test_a_goal_is_an_outcome_a_sign_and_a_number(text, goal):
    assert goal_of(text) == goal


@pytest.mark.parametrize("text", ["lost_sales", "lost_sales<=", "<=20", "lost_sales=20", "lost_sales<=twenty", "lost_sales<=nan", "a<=1<=2"])
def test_another_goal_is_refused(text):
    with pytest.raises(InputError, match=r"^--goal: .* is wrong; write an outcome, a sign and a number"):
        goal_of(text)


def test_where_a_policy_fails_is_said_in_a_sentence_with_units_and_shares(batch, call):
    code, out, err = call("robust", batch, "--goal", "lost_sales<=20")
    said = " ".join(out.split())
    assert (code, err) == (0, "")
    assert "corner misses lost_sales <= 20 mostly when firm.doubt is below 0.4" in said or "when firm.doubt is below 0.39" in said
    assert "firm.hurdle: Believed odds at which a firm with ordinary doubt files half as eagerly (quasi-p below 1e-10)" in said
    assert "steady misses lost_sales <= 20 in no world." in said
    assert "lucky misses lost_sales <= 20 in 2" in said  # luck alone decides
    assert "no box of parameters was found that chance would not give as well" in said
    assert "tried on the other half" in said
    assert "Where failures lie is not why they happen" in said
    found = analyse([batch], goals=["lost_sales<=20"], discover_in=["corner"])
    assert [one.policy for one in found.failures] == [0]
    box = found.failures[0].found.box
    assert f"{box.coverage:.0%} of the failures lie there, and failures are {box.density:.0%} of the worlds there" in said


def test_a_limit_in_months_says_so():
    assert policies._limit("vendor.horizon_network", 1, 14.04) == "vendor.horizon_network is below 14 months of need"
    assert policies._limit("firm.hurdle", 0, 0.45) == "firm.hurdle is above 0.45"


def test_the_best_of_each_criterion_is_marked_and_no_two_objectives_are_added(batch, call):
    out = call("robust", batch, "--minimise", LOST, "--maximise", BANS)[1]
    rows = {line.split()[0]: line for line in out.splitlines()[2:] if line.split()[:1] and line.split()[0] in ("corner", "steady", "lucky")}
    found = analyse([batch], [LOST], [BANS])
    assert [one.outcome for one in found.regrets] == [LOST, BANS]
    assert out.count("mean regret") >= 2
    for i, name in enumerate(found.policies):
        assert (i in least(found.regrets[1].worst_regret)) == rows[name].rstrip().endswith("*")
    assert "welfare" not in out


def test_ties_are_said(tmp_path, call):
    for name in ("one", "other"):
        known_runs.run(tmp_path, {LOST: lambda v, luck: luck}, worlds=20, name=name)
    assert " *" not in call("robust", tmp_path, "--minimise", LOST)[1]  # where all are best, none is marked
    known_runs.run(tmp_path, {LOST: lambda v, luck: luck + 1}, worlds=20, name="third")
    said = " ".join(call("robust", tmp_path, "--minimise", LOST)[1].split())
    assert "one and other: least regret on average" in said
    assert "Policies named together are tied." in said


def test_runs_are_paired_by_the_numbers_of_their_worlds(tmp_path):
    a = known_runs.run(tmp_path, {LOST: lambda v, luck: luck}, worlds=60, name="a", block=50)
    b = known_runs.run(tmp_path, {LOST: lambda v, luck: 1 - luck}, worlds=60, name="b", block=25)
    before = analyse([a, b], [LOST], goals=["lost_sales<=0.5"])
    known_runs.rotate(b)
    after = analyse([a, b], [LOST], goals=["lost_sales<=0.5"])
    assert policies.as_json(before) == policies.as_json(after)
    luck = known_runs.of_samples(2019, "luck", np.arange(60))
    assert after.regrets[0].mean_regret == pytest.approx([np.maximum(2 * luck - 1, 0).mean(), np.maximum(1 - 2 * luck, 0).mean()], rel=1e-5)


@pytest.mark.parametrize(
    "other,said",
    [
        ({"seed": 7}, "it has seed 7, and "),
        ({"worlds": 30}, "it has worlds 30, and "),
        ({"months": 2}, "it has months 2, and "),
        ({"sweep": ("grid", 1, 1), "paths": ("firm.hurdle", "firm.doubt"), "base": 25}, "its worlds are not those of "),
    ],
)
def test_other_worlds_are_refused(tmp_path, call, other, said):
    functions = {LOST: lambda v, luck: luck}
    base = other.pop("base", 40)
    a = known_runs.run(tmp_path / "a", functions, worlds=base)
    b = known_runs.run(tmp_path / "b", functions, **{"worlds": base, **other})
    code, out, err = call("robust", a, b, "--minimise", LOST)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_another_case_is_refused(tmp_path):
    a, b = (known_runs.run(tmp_path / name, {LOST: lambda v, luck: luck}, worlds=20, name=name) for name in "ab")
    manifest = json.loads((b / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["case/vendors.csv"]["sha256"] = "0" * 64
    (b / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(InputError, match=r"its case differs from that of .* \(case/vendors.csv\)"):
        analyse([a, b], [LOST])


def test_sweeps_are_compared_at_the_same_points_alone(tmp_path):
    functions = {LOST: lambda v, luck: luck + v["firm.hurdle"]}
    a, b = (known_runs.run(tmp_path / name, functions, ("lhs", 20, 2), name=name) for name in "ab")
    assert analyse([a, b], [LOST]).worlds == 40
    c = known_runs.run(tmp_path / "c", functions, ("grid", 1, 2), paths=("firm.hurdle", "firm.doubt"), name="c")
    d = known_runs.run(tmp_path / "d", functions, ("lhs", 25, 2), paths=("firm.hurdle", "firm.doubt"), name="d")
    with pytest.raises(InputError, match="its worlds are not those of"):
        analyse([c, d], [LOST])


def test_a_draw_that_differs_is_spoken_of(tmp_path, call):
    a = known_runs.run(tmp_path, {LOST: lambda v, luck: luck}, worlds=20, name="a")
    b = known_runs.run(tmp_path, {LOST: lambda v, luck: luck}, worlds=20, name="b")
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.ParquetFile(b / "worlds.parquet").read()
    pq.write_table(table.set_column(table.column_names.index("firm.hurdle"), "firm.hurdle", pa.array(np.linspace(0, 1, 20))), b / "worlds.parquet")
    assert "note: b draws firm.hurdle otherwise than a does, so what differs is not the policy alone." in " ".join(
        call("robust", a, b, "--minimise", LOST)[1].split()
    )


@pytest.mark.parametrize(
    "words,said",
    [
        ([], "robust: say what counts: --minimise"),
        (["--minimise", "lost_sale"], "lost_sale: this run has no such outcome; did you mean"),
        (["--minimise", LOST, "--maximise", LOST], "is to be minimised too"),
        (["--goal", "lost_sales=20"], "write an outcome, a sign and a number"),
        (["--minimise", LOST, "--year", "2030"], "it goes from 2018 to 2018"),
        (["--minimise", LOST, "--year", "all"], "policies are compared in one year"),
        (["--minimise", LOST, "--discover", "corner"], "a failure is a goal that is missed"),
        (["--minimise", LOST, "--threshold", "0.8"], "a failure is a goal that is missed"),
        (["--goal", "bans>1", "--discover", "cornet"], 'no policy is called "cornet"; they are corner, lucky, steady'),
        (["--goal", "bans>1", "--threshold", "80"], "give a share of failures above 0 and up to 1"),
        (["--goal", "bans>1", "--threshold", "much"], "give a share of failures above 0 and up to 1"),
    ],
)
def test_what_is_wrong_is_refused_in_one_sentence_and_nothing_is_written(batch, call, tmp_path, words, said):
    code, out, err = call("robust", batch, *words, "--csv", tmp_path / "x.csv")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert list(tmp_path.iterdir()) == []


def test_one_run_has_no_regret_but_may_have_goals_and_none_may_be_named_twice(batch, call):
    (run,) = (batch / "steady").iterdir()
    assert "regret compares policies, and this is one run" in call("robust", run, "--minimise", LOST)[2]
    assert call("robust", run, "--goal", "bans>5")[0] == 0
    assert "it is named twice" in call("robust", run, run, "--goal", "bans>5")[2]
    assert "there is no such folder" in call("robust", batch / "no", "--goal", "bans>5")[2]


def test_blanks_are_refused_by_policy_name_and_number(tmp_path, call):
    a = known_runs.run(tmp_path, {LOST: lambda v, luck: luck}, worlds=20, name="a")
    b = known_runs.run(tmp_path, {LOST: lambda v, luck: np.where(v["firm.hurdle"] > 0.5, np.nan, luck)}, worlds=20, name="b")
    code, _, err = call("robust", a, b, "--minimise", LOST)
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith("chokepoint: b, lost_sales: has no number in ")
    assert " of 20 worlds in 2018" in err


def test_two_runs_of_one_scenario_are_called_by_their_folders(tmp_path):
    a, b = (known_runs.run(tmp_path, {LOST: lambda v, luck: luck}, worlds=20, seed=2019, months=1) for _ in range(2))
    assert analyse([a, b], [LOST]).policies == [f"history/{a.name}", f"history/{b.name}"]


def test_few_failures_say_nothing_of_where_they_lie(batch, call):
    said = " ".join(call("robust", batch, "--goal", "lost_sales<=21.95", "--discover", "lucky")[1].split())
    assert f"fewer than {robust.FEWEST_FAILURES} failures say nothing of where they lie" in said


def test_scripts_and_spreadsheets_get_all_of_it(batch, call, tmp_path):
    code, out, _ = call("robust", batch, "--minimise", LOST, "--goal", "lost_sales<=20", "--json", "--csv", tmp_path / "a.csv")
    told = json.loads(out)
    assert code == 0
    (objective,) = told["objectives"]
    assert objective["mean_regret"]["steady"] == pytest.approx(analyse([batch], [LOST]).regrets[0].mean_regret[2])
    corner = next(one for one in told["failures"] if one["policy"] == "corner")
    assert corner["trade_off"][0] == {"limits": [], "coverage": 1, "density": pytest.approx(corner["failing"]), "mass": 1}
    assert {limit["path"] for limit in corner["box"]["limits"]} == {"firm.hurdle", "firm.doubt"}
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()))
    worst = {row["policy"]: row for row in rows if row["criterion"] == "worst_regret"}
    assert [name for name, row in worst.items() if row["best"] == "1"] == objective["least"]["worst_regret"]
    assert float(worst["lucky"]["value"]) == pytest.approx(objective["worst_regret"]["lucky"], rel=1e-6)


@pytest.mark.parametrize("width", [50, 80, 160])
def test_it_fits_the_terminal(batch, call, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    out = call("robust", batch, "--minimise", LOST, "--maximise", BANS, "--goal", "lost_sales<=20", "--goal", "bans>=2")[1]
    assert max(map(len, out.splitlines())) <= width
