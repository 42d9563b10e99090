"""Which uncertainty drives which outcome: known answers, SALib's own, and the same answer whatever the order of rows."""

import csv
import json
import sys

import known_runs
import numpy as np
import pyarrow.parquet as pq
import pytest
from known_runs import PATHS, ishigami
from scipy.stats import pearsonr, rankdata, spearmanr

from sim.analysis import indices
from sim.analysis.sensitivity import analyse, over_trials
from sim.refusal import InputError
from sim.views import drivers

ALONE, TOTAL = (0.314, 0.442, 0.0), (0.558, 0.442, 0.244)  # Ishigami's, with 7 and 0.1
DESIGNS = {"sobol": ("sobol", 64, 1), "pairs": ("sobol_pairs", 64, 1), "morris": ("morris", 10, 1), "lhs": ("lhs", 40, 2), "grid": ("grid", 1, 1), "plain": None}


def blank_above(level):
    return lambda values, luck: np.where(values["firm.hurdle"] > level, np.nan, values["firm.hurdle"])


FUNCTIONS = {"lost_sales": ishigami, "bans": blank_above(0.9), "filings": lambda values, luck: np.full(len(luck), 3.0)}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    made = {}

    def run(kind):
        if kind not in made:
            made[kind] = known_runs.run(tmp_path_factory.mktemp(kind), FUNCTIONS, DESIGNS[kind])
        return made[kind]

    return run


def one(folder, outcome="lost_sales", **how):
    found = analyse(folder, [outcome], **how)
    return found, found.found[0]


def test_the_indices_of_a_known_function_are_found(tmp_path):
    found, drivers = one(known_runs.run(tmp_path, {"lost_sales": ishigami}, ("sobol", 1024, 1)))
    assert found.paths == list(PATHS)
    assert drivers.estimates["alone"].value == pytest.approx(ALONE, abs=0.04)
    assert drivers.estimates["total"].value == pytest.approx(TOTAL, abs=0.04)
    for measure, known in (("alone", ALONE), ("total", TOTAL)):
        e = drivers.estimates[measure]
        assert ((e.low <= known) & (known <= e.high)).all()
        assert (e.high - e.low < 0.25).all()
    assert [found.paths[i] for i in drivers.ranked()] == list(PATHS)


@pytest.mark.slow
def test_a_design_for_pairs_says_which_two_do_more_together(tmp_path, call):
    folder = known_runs.run(tmp_path, {"lost_sales": ishigami}, ("sobol_pairs", 512, 1))
    pairs = one(folder)[1].estimates["pairs"]
    assert pairs.low[0, 2] <= 0.244 <= pairs.high[0, 2]
    assert pairs.value[0, 2] == pytest.approx(0.244, abs=0.08)
    assert abs(pairs.value[0, 1]) < 0.08
    assert abs(pairs.value[1, 2]) < 0.08
    assert "belief.ease, firm.hurdle 0.2" in " ".join(call("sensitivity", folder)[1].split())
    told = json.loads(call("sensitivity", folder, "--json")[1])["outcomes"][0]["pairs"]
    assert [pair["paths"] for pair in told] == [[PATHS[0], PATHS[1]], [PATHS[0], PATHS[2]], [PATHS[1], PATHS[2]]]


@pytest.mark.parametrize("kind", ["sobol", "pairs", "morris"])
def test_the_numbers_are_salibs_own_on_the_same_matrix(runs, kind):
    from SALib.analyze import morris, sobol

    folder = runs(kind)
    points = pq.ParquetFile(folder / "points.parquet").read().to_pandas().sort_values("point")
    x = points[list(PATHS)].to_numpy()
    y = ishigami(points, None).to_numpy().astype(np.float32).astype(np.float64)
    problem = {"num_vars": 3, "names": list(PATHS), "bounds": [[0, 1]] * 3}
    mine = one(folder)[1].estimates
    if kind != "morris":
        theirs = sobol.analyze(problem, y, calc_second_order=kind == "pairs", num_resamples=indices.RESAMPLES, seed=2020)
        pairs = {"total": ("ST", "ST_conf"), "alone": ("S1", "S1_conf")}
        pairs |= {"pairs": ("S2", "S2_conf")} if kind == "pairs" else {}
    else:
        theirs = morris.analyze(problem, x, y, num_resamples=indices.RESAMPLES, num_levels=4, seed=2020)
        pairs = {"mu_star": ("mu_star", "mu_star_conf"), "mu": ("mu", None), "sigma": ("sigma", None)}
    for measure, (value, conf) in pairs.items():
        assert mine[measure].value == pytest.approx(np.asarray(theirs[value], float), nan_ok=True)
        if conf is not None:
            assert mine[measure].high - mine[measure].value == pytest.approx(np.asarray(theirs[conf], float), nan_ok=True)


@pytest.mark.slow
@pytest.mark.parametrize("kind", DESIGNS)
def test_rows_in_another_order_change_nothing(tmp_path, kind):
    folder = known_runs.run(tmp_path, FUNCTIONS, DESIGNS[kind], worlds=60, months=14, block=50)
    before = drivers.as_json(one(folder, year="all")[0])
    known_runs.rotate(folder)
    assert drivers.as_json(one(folder, year="all")[0]) == before


def test_the_same_seed_gives_the_same_intervals_and_another_does_not(runs):
    first, again, zero, zero_again = (one(runs("sobol"), seed=seed)[1].estimates["total"] for seed in (5, 5, 0, 0))
    assert np.array_equal(first.low, again.low)
    assert np.array_equal(zero.low, zero_again.low)
    assert not np.array_equal(first.low, zero.low)
    assert np.array_equal(first.value, zero.value)
    assert one(runs("sobol"))[0].seed == 2019


def test_blanks_are_refused_by_name_and_number(runs):
    with pytest.raises(InputError, match=r"^bans: has no number in \d+ of 200 worlds in 2018") as refused:
        one(runs("plain"), "bans")
    hurdle = analyse(runs("plain"), ["lost_sales"]).found and pq.read_table(runs("plain") / "worlds.parquet")["firm.hurdle"].to_numpy()
    assert f" {(hurdle > 0.9).sum()} of 200 " in str(refused.value)


def test_an_outcome_with_blanks_that_nobody_named_is_left_out_and_said_so(runs, call):
    found = analyse(runs("plain"))
    assert [d.outcome for d in found.found] == ["filings", "lost_sales"]
    out = call("sensitivity", runs("plain"))[1]
    assert "Left out: bans: has no number in " in out


@pytest.mark.parametrize("kind", DESIGNS)
def test_what_never_varies_is_said_so_and_has_no_indices(runs, kind):
    found, drivers_of = one(runs(kind), "filings")
    assert drivers_of.estimates == {}
    assert "It is the same at every point, so nothing drives it" in " ".join(drivers.as_text(found).split())
    assert drivers.as_json(found)["outcomes"][0]["varies"] is False


def test_a_run_that_is_no_design_gets_rank_correlations_of_its_worlds(runs):
    found, d = one(runs("plain"))
    table = pq.read_table(runs("plain") / "worlds.parquet").to_pandas()
    y = ishigami(table, None).astype(np.float32)
    assert (found.method, found.trials, d.luck) == ("correlation", 200, None)
    assert d.estimates["rank"].value == pytest.approx([spearmanr(table[path], y).statistic for path in PATHS])
    assert found.null_band == pytest.approx(1.96 / np.sqrt(199), abs=1e-4)


def test_a_partial_correlation_is_that_of_what_the_others_leave_over():
    rng = np.random.default_rng(1)
    x = rng.random((300, 4))
    x[:, 1] += x[:, 0]
    y = x[:, 0] + 0.3 * rng.random(300)
    ranks = rankdata(x, axis=0)
    rest = np.column_stack([np.ones(300), ranks[:, [0, 2, 3]]])
    left = [v - rest @ np.linalg.lstsq(rest, v, rcond=None)[0] for v in (ranks[:, 1], rankdata(y))]
    found = indices.correlation(x, y)
    assert found["partial"].value[1] == pytest.approx(pearsonr(*left).statistic)
    assert abs(found["partial"].value[1]) < 0.15 < found["rank"].value[1]


def test_partial_correlations_are_left_out_where_parameters_follow_from_one_another_or_worlds_are_few():
    x = np.random.default_rng(1).random((60, 3))
    twin = np.column_stack([x, 2 * x[:, 0]])
    assert np.isnan(indices.correlation(twin, x[:, 0])["partial"].value).all()
    assert np.isnan(indices.correlation(np.random.default_rng(1).random((30, 25)), x[:30, 0])["partial"].value).all()
    assert np.isfinite(indices.correlation(x, x[:, 1] + x[:, 0])["partial"].value).all()


def test_ninety_five_of_a_hundred_intervals_hold_the_truth_and_nulls_lie_in_the_band():
    rng = np.random.default_rng(2)
    z = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=(400, 150))
    truth = 6 / np.pi * np.arcsin(0.3)  # Spearman's of a normal pair
    held = [(e := indices.correlation(pair[:, :1], pair[:, 1])["rank"]).low[0] <= truth <= e.high[0] for pair in z]
    assert 0.92 < np.mean(held) < 0.98
    nulls = indices.correlation(rng.random((150, 1000)), rng.random(150))["rank"].value
    assert 0.03 < np.mean(np.abs(nulls) > indices.null_band(150)) < 0.07


def test_replicates_are_averaged_at_each_point_and_their_luck_is_told(tmp_path):
    def noisy(values, luck):
        return values["firm.hurdle"] + 2 * luck * values["firm.doubt"]

    folder = known_runs.run(tmp_path, {"lost_sales": noisy}, ("grid", 1, 30), paths=("firm.doubt", "firm.hurdle"))
    found, d = one(folder)
    assert (found.trials, found.replicates) == (25, 30)
    luck = np.array([known_runs.of_samples(2019, "luck", [r])[0] for r in range(30)])
    places = np.linspace(0, 1, 5)
    mean = np.array([hurdle + 2 * luck.mean() * doubt for doubt in places for hurdle in places])
    within = np.mean([(2 * doubt) ** 2 * luck.var(ddof=1) for doubt in places])
    assert d.luck == pytest.approx(within / (within + mean.var()), rel=1e-5)
    assert 0.2 < d.luck < 0.8
    assert d.mean == pytest.approx(mean.mean(), rel=1e-5)
    assert "of the variance" in drivers.as_text(found)


def test_luck_is_unknown_where_each_trial_is_one_world_and_all_where_points_are_alike():
    assert over_trials(np.arange(5.0), np.arange(5))[1] is None
    assert over_trials(np.tile([0.0, 1.0], 3), np.repeat([0, 1, 2], 2))[1] == 1
    assert over_trials(np.ones(4), np.array([0, 0, 1, 1]))[1] is None


def test_points_that_are_not_those_of_the_design_are_refused(tmp_path):
    import pyarrow as pa

    for kind in ("sobol", "pairs", "morris"):
        folder = known_runs.run(tmp_path / kind, {"lost_sales": ishigami}, DESIGNS[kind])
        file = folder / "worlds.parquet"
        table = pq.ParquetFile(file).read().to_pandas()
        table.loc[[3, 4], list(PATHS)] = table.loc[[4, 3], list(PATHS)].to_numpy()
        pq.write_table(pa.Table.from_pandas(table), file)
        with pytest.raises(InputError, match=r"points are not"):
            one(folder)


def test_a_point_at_which_worlds_differ_in_what_is_varied_is_refused(tmp_path):
    import pyarrow as pa

    folder = known_runs.run(tmp_path, {"lost_sales": ishigami}, DESIGNS["lhs"])
    file = folder / "worlds.parquet"
    table = pq.ParquetFile(file).read().to_pandas()
    table.loc[5, "firm.doubt"] += 0.001
    pq.write_table(pa.Table.from_pandas(table), file)
    with pytest.raises(InputError, match='"firm.doubt" has several values at one point'):
        one(folder)


def test_a_trajectory_moves_each_path_once():
    indices.check_trajectories(np.array([[0.0, 0], [1, 0], [1, 1]]), 1, "x")
    for wrong in ([[0.0, 0], [1, 0], [0, 0]], [[0.0, 0], [1, 1], [1, 1]]):
        with pytest.raises(InputError, match="are not 1 Morris trajectories"):
            indices.check_trajectories(np.array(wrong), 1, "x")


def test_worlds_that_are_not_each_there_once_are_refused(tmp_path):
    folder = known_runs.run(tmp_path, {"lost_sales": ishigami}, worlds=30)
    file = folder / "worlds.parquet"
    whole = pq.ParquetFile(file).read()
    pq.write_table(whole.slice(1), file)
    with pytest.raises(InputError, match="each of the 30 worlds once"):
        one(folder)
    pq.write_table(whole, file)
    part = next(folder.glob("series/*.parquet"))
    with part.open("rb") as open_file:
        series = pq.ParquetFile(open_file).read()
    pq.write_table(series.take([1, *range(1, 30)]), part)
    with pytest.raises(InputError, match="lost_sales is not there once"):
        one(folder)


@pytest.mark.parametrize(
    "kind,words,said",
    [
        ("plain", ["--outcome", "lost_sale"], 'lost_sale: this run has no such outcome; did you mean "lost_sales"?'),
        ("plain", ["--year", "2031"], "it goes from 2018 to 2018, or write all"),
        ("plain", ["--top", "0"], "--top"),
        ("plain", ["--seed", "x"], "--seed"),
        ("plain", ["--outcome", "bans"], "bans: has no number in"),
    ],
)
def test_what_is_wrong_is_refused_in_one_sentence_and_nothing_is_written(runs, call, tmp_path, kind, words, said):
    code, out, err = call("sensitivity", runs(kind), *words, "--csv", tmp_path / "x.csv")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert list(tmp_path.iterdir()) == []


def test_too_few_worlds_and_nothing_varied_and_no_run_are_refused(call, tmp_path):
    few = known_runs.run(tmp_path / "few", {"lost_sales": ishigami}, worlds=9)
    assert "it has 9 worlds, and a correlation needs at least 10" in call("sensitivity", few)[2]
    still = known_runs.run(tmp_path / "still", {"lost_sales": lambda values, luck: luck}, paths=(), worlds=20)
    assert "nothing varies in this run" in call("sensitivity", still)[2]
    code, _, err = call("sensitivity", tmp_path)
    assert (code, err.count("\n")) == (2, 1)
    assert "no results folder" in err


def test_without_salib_the_way_to_get_it_is_said_and_correlations_need_none(runs, monkeypatch):
    folders = runs("sobol"), runs("morris"), runs("plain")
    monkeypatch.setitem(sys.modules, "SALib", None)
    for folder in folders[:2]:
        with pytest.raises(InputError, match=r"chokepoint\[analysis\]"):
            one(folder)
    assert one(folders[2])[1].estimates


def test_a_pipe_gets_plain_bars_and_a_terminal_blocks(runs, call, monkeypatch):
    plain = call("sensitivity", runs("sobol"))[1]
    assert "####" in plain
    assert plain.isascii()
    monkeypatch.setattr(drivers, "can_draw", lambda: True)
    assert "████" in call("sensitivity", runs("sobol"))[1]


@pytest.mark.parametrize("kind", DESIGNS)
@pytest.mark.parametrize("width", [50, 80, 160])
def test_it_fits_the_terminal_and_says_what_each_parameter_is(runs, call, monkeypatch, kind, width):
    monkeypatch.setenv("COLUMNS", str(width))
    out = call("sensitivity", runs(kind), "--outcome", "lost_sales", "--top", "2")[1]
    assert max(map(len, out.splitlines())) <= width
    assert "1 more, none beyond " in out
    assert any(said in " ".join(out.split()) for said in ("How far the hurdle rises when doubt doubles", "How far one easing statement lifts"))


def test_scripts_and_spreadsheets_get_every_parameter(runs, call, tmp_path):
    code, out, err = call("sensitivity", runs("morris"), "--outcome", "lost_sales", "--top", "1", "--json", "--csv", tmp_path / "a.csv")
    told = json.loads(out)
    assert code == 0
    assert err == f"Written: {tmp_path / 'a.csv'}\n"
    (outcome,) = told["outcomes"]
    assert [set(p) for p in outcome["parameters"]] == [{"path", "unit", "meaning", "mu_star", "mu", "sigma"}] * 3
    assert outcome["parameters"][0]["sigma"]["low"] is None
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["parameter"] for row in rows] == [p["path"] for p in outcome["parameters"]]
    assert float(rows[0]["mu_star"]) == pytest.approx(outcome["parameters"][0]["mu_star"]["value"], rel=1e-6)
    assert rows[0]["mu_low"] == ""


def test_every_year_can_be_asked_for(tmp_path):
    folder = known_runs.run(tmp_path, {"lost_sales": ishigami}, worlds=20, months=30)
    assert [d.year for d in analyse(folder, ["lost_sales"], "all").found] == [2018, 2019, 2020]
    assert [d.year for d in analyse(folder, ["lost_sales"], "2019").found] == [2019]
    assert [d.year for d in analyse(folder, ["lost_sales"]).found] == [2020]
