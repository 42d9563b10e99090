"""Sweeps: which points there are, the same luck at each, and tables that say what was found where."""

from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.__main__ import main
from sim.batch import audit, design, engine
from sim.batch.by_point import BY_POINT
from sim.batch.plan import Plan
from sim.batch.results import Results
from sim.refusal import InputError
from sim.scenario import read
from sim.sweep import Sweep, Varied, sweep_of, varied_on_command_line

HURDLE, CAPACITY = Varied("firm.hurdle", 0.2, 0.6, 3), Varied("authority.capacity", 20, 56, values=(20.0, 56.0))
SMALL = {"months": 24, "record": "analysed", "analysed": ("threat", "raw_material", "filings")}


def grid(replicates=4):
    return Sweep((HURDLE, CAPACITY), "grid", 1, replicates)


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    plan = Plan.of("history", sweep=grid(), **SMALL)
    folder = engine.prepare(plan, tmp_path_factory.mktemp("sweep"))
    engine.finish(folder)
    return Results.open(folder)


def test_a_grid_has_every_combination_the_last_path_running_fastest():
    found = design.points(grid(), 2019)
    assert found["firm.hurdle"].tolist() == pytest.approx([0.2, 0.2, 0.4, 0.4, 0.6, 0.6])
    assert found["authority.capacity"].tolist() == [20, 56, 20, 56, 20, 56]


def test_a_latin_hypercube_has_one_point_in_each_slice_of_every_path():
    sweep = Sweep((HURDLE, Varied("firm.doubt", 0, 1)), "lhs", 50, 1)
    for one, values in zip(sweep.varied, design.points(sweep, 7).values(), strict=True):
        slices = np.floor((values - one.low) / (one.high - one.low) * 50)
        assert sorted(slices) == list(range(50))


def test_a_further_path_changes_no_other_paths_places_in_a_latin_hypercube():
    one, two = (Sweep(paths, "lhs", 40, 1) for paths in ((HURDLE,), (Varied("firm.doubt", 0, 1), HURDLE)))
    assert np.array_equal(design.points(one, 7)["firm.hurdle"], design.points(two, 7)["firm.hurdle"])
    assert not np.array_equal(design.points(one, 7)["firm.hurdle"], design.points(one, 8)["firm.hurdle"])


@pytest.mark.parametrize("kind,size", [("sobol", 16 * 4), ("sobol_pairs", 16 * 6), ("morris", 16 * 3)])
def test_a_sobol_and_a_morris_design_are_salibs_own(kind, size):
    from SALib.sample import morris, sobol

    sweep = Sweep((HURDLE, Varied("firm.doubt", 0, 1)), kind, 16, 1)
    problem = {"num_vars": 2, "names": ["a", "b"], "bounds": [[0.2, 0.6], [0, 1]]}
    pairs = kind == "sobol_pairs"
    theirs = morris.sample(problem, 16, seed=5) if kind == "morris" else sobol.sample(problem, 16, calc_second_order=pairs, seed=5)
    ours = np.stack(list(design.points(sweep, 5).values()), axis=1)
    assert len(ours) == size == sweep.size
    assert ours == pytest.approx(theirs)


def test_every_point_has_the_same_luck_and_the_same_values_of_what_is_not_varied():
    plan = Plan.of("history", sweep=grid())
    worlds = plan.worlds(0, 24)
    assert worlds.replicate.tolist() == [0, 1, 2, 3] * 6 == worlds.sample.tolist()
    values = plan.values(worlds)
    first, last = values["belief.ease"][:4], values["belief.ease"][-4:]
    assert np.array_equal(first, last)
    assert len(set(first)) == 4
    assert values["firm.hurdle"].tolist() == pytest.approx(np.repeat([0.2, 0.4, 0.6], 8))


def test_a_point_is_the_run_that_sets_its_values(swept):
    plan = Plan.of("history", ["firm.hurdle=0.4", "authority.capacity=56"], worlds=4, months=24)
    from sim.model import simulate

    alone = simulate(plan.scenario, plan.case, plan.worlds(0, 4), plan.values(plan.worlds(0, 4))).series["filings"]
    fourth = swept.series("filings")[3 * 4 : 4 * 4]
    assert np.array_equal(fourth, alone.T.astype(np.float32))
    assert fourth.sum() > 0


def test_more_replicates_leave_those_there_were_alone(swept, tmp_path):
    more = engine.prepare(Plan.of("history", sweep=grid(6), **SMALL), tmp_path)
    engine.finish(more)
    theirs = Results.open(more).series("filings").reshape(6, 6, -1)
    assert np.array_equal(theirs[:, :4], swept.series("filings").reshape(6, 4, -1))


def test_by_point_is_what_the_worlds_of_a_point_come_to(swept):
    table = pq.ParquetFile(swept.folder / BY_POINT).read().to_pandas()
    assert len(table) == 6 * 3 * 2
    row = table[(table.point == 3) & (table.outcome == "filings") & (table.year == 2019)].iloc[0]
    worlds = swept.yearly("filings")[12:16, 1]
    assert row["mean"] == pytest.approx(worlds.mean())
    assert row["p95"] == pytest.approx(np.quantile(worlds, 0.95))
    assert (row["firm.hurdle"], row["authority.capacity"], row["worlds"]) == (pytest.approx(0.4), 56, 4)


def test_a_sweep_is_verified_and_reproduced_like_any_run(swept):
    assert audit.verify(swept.folder) == []
    assert audit.reproduce(swept.folder)[0] == ""


def test_its_bytes_do_not_depend_on_its_blocks(swept, tmp_path):
    folder = engine.prepare(Plan.of("history", sweep=grid(), block=5, **SMALL), tmp_path)
    manifest = engine.finish(folder)
    assert manifest["digest"] == swept.manifest["digest"]
    assert (folder / BY_POINT).read_bytes() == (swept.folder / BY_POINT).read_bytes()


@pytest.mark.slow
def test_a_sweep_that_was_stopped_goes_on_with_its_points(tmp_path):
    whole = engine.prepare(Plan.of("history", sweep=grid(), block=8, **SMALL), tmp_path / "a")
    engine.finish(whole)
    part = engine.prepare(Plan.of("history", sweep=grid(), block=8, **SMALL), tmp_path / "b")
    engine.resume(part, Plan.of("history", sweep=grid(), block=8, **SMALL))
    with pytest.raises(InputError, match="not the one that the run was begun with"):
        engine.resume(part, Plan.of("history", sweep=grid(3), block=8, **SMALL))
    assert engine.finish(part)["digest"] == Results.open(whole).manifest["digest"]


FILE = """title: A sweep
extends: history
sweep:
  vary:
    firm.hurdle: {low: 0.2, high: 0.6, places: 3}
    authority.capacity: [20, 56]
  replicates: 4
"""


def test_a_scenario_may_hold_its_own_sweep(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(FILE, encoding="utf-8")
    scenario = read(str(file))
    assert scenario.sweep == grid()
    assert scenario.run.worlds == 24
    file.write_text(scenario.resolved(), encoding="utf-8")
    assert read(str(file)).sweep == grid()
    (tmp_path / "child.yaml").write_text("title: None\nextends: mine.yaml\nsweep: {}\n", encoding="utf-8")
    assert read(str(tmp_path / "child.yaml")).sweep is None


@pytest.mark.parametrize(
    "sweep,line,said",
    [
        ("sweep: {}\nrun: {worlds: 5}\nsweap: 1", 4, 'did you mean "sweep"'),
        ("sweep: lhs", 2, "`sweep` is"),
        ("sweep: {vary: {}}", 2, "names nothing to vary"),
        ("sweep:\n  vary: {firm.hurdl: range}", 3, 'did you mean "firm.hurdle"'),
        ("sweep:\n  vary: {law.listing: [0, 1]}", 3, "is dated"),
        ("sweep:\n  vary: {lines.per_group: [5, 7]}", 3, "is the same in all worlds"),
        ("sweep:\n  vary: {firm.hurdle: {low: 0.6, high: 0.2}}", 3, "is not below high"),
        ("sweep:\n  vary: {firm.hurdle: {low: 0.2, high: 6}}", 3, "must lie between"),
        ("sweep:\n  vary: {firm.hurdle: [0.2]}", 3, "two values or more"),
        ("sweep:\n  vary: {firm.hurdle: range}\n  design: sobl", 4, 'did you mean "sobol"'),
        ("sweep:\n  vary: {firm.hurdle: range}\n  design: sobol\n  points: 100", 5, "power of 2, such as 64 or 128"),
        ("sweep:\n  vary: {firm.hurdle: [0.2, 0.3]}\n  design: sobol", 2, "needs a range"),
        ("sweep:\n  vary: {firm.hurdle: range}\n  points: 5", 4, "leave points out"),
        ("sweep:\n  vary: {firm.hurdle: range}\n  replicates: 0", 4, "replicates"),
        ("sweep:\n  vary: {firm.hurdle: range}\n  point: 5", 4, 'did you mean "points"'),
        ("sweep:\n  vary: {firm.hurdle: range}\nrun: {worlds: 5}", 4, "leave run.worlds out"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused_with_its_line(tmp_path, sweep, line, said):
    (tmp_path / "bad.yaml").write_text(f"title: Bad\n{sweep}\nextends: history\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read(str(tmp_path / "bad.yaml"))
    assert f"bad.yaml:{line}:" in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "text,said",
    [
        ("firm.hurdle", "write path=low:high"), ("firm.hurdle=", "write path=low:high"), ("firm.hurdle=a:b", "is wrong"),
        ("firm.hurdle=0.2:0.3:x", "is wrong"), ("firm.hurdle=0.2:0.3:4:5", "is wrong"), ("firm.hurdle=0.2:nan", "between"),
        ("firm.hurdle=0.3", "two values"), ("firm.hrdle=0.2:0.3", "did you mean"), ("firm.steepness=range", "no plausible range"),
    ],
)  # fmt: skip
def test_what_is_said_wrongly_on_the_command_line_is_refused(text, said):
    with pytest.raises(InputError, match=said) as refused:
        sweep_of((varied_on_command_line(text),), "sweep", {})
    assert str(refused.value).startswith("--vary")


def test_the_command_prints_the_points_and_writes_one_folder(tmp_path, capsys):
    words = ["sweep", "history", "--vary", "firm.hurdle=0.2:0.6:3", "--replicates", "3", "--months", "24", "--outcomes", "filings"]
    assert main([*words, "--quiet", "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()[1:4]] == ["0.2", "0.4", "0.6"]
    assert "3 points" in out
    assert len(list((tmp_path / "history").iterdir())) == 1


def test_a_scenario_without_a_sweep_needs_something_to_vary(tmp_path, capsys):
    assert main(["sweep", "history", "--out", str(tmp_path)]) == 2
    assert "name what to vary" in capsys.readouterr().err
    assert main(["sweep", "history", "--vary", "firm.hurdle=0.2:0.6", "--vary", "firm.hurdle=0.1:0.2", "--out", str(tmp_path)]) == 2
    assert "varied twice" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_governments_row_that_the_case_does_not_have_is_refused():
    with pytest.raises(InputError, match="has no row"):
        Plan.of("history", sweep=Sweep((Varied("carrot.XYZ.offered", 0, 1),), "grid", 1, 1))


def test_without_salib_the_way_to_get_it_is_said(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "SALib", None)
    with pytest.raises(InputError, match=r"chokepoint\[analysis\]"):
        design.points(replace(grid(), varied=(HURDLE,), design="sobol", points=8), 1)
