"""`import sim`: light until asked, then the commands' own numbers and sentences as pandas tables."""

import dataclasses
import gc
import inspect
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import sim
from sim.__main__ import main
from sim.batch.plan import Plan
from sim.batch.results import read_manifest
from sim.from_python import from_python
from sim.scenario import read, shipped

ROOT = Path(__file__).parents[1]
SMALL = {"worlds": 12, "months": 25}
WORDS = ["--worlds", "12", "--months", "25", "--block", "7", "--jobs", "1", "--quiet", "--json"]
FEW = {"worlds": 2, "months": 22, "record": "outcomes"}
HEAVY = ("numpy", "pandas", "mesa", "scipy", "networkx", "pyarrow", "click", "yaml", "xarray", "ema_workbench")
ROOMS = ("scenario", "sweep", "parameters", "outcomes")  # modules that have the name of a public function


@pytest.fixture(scope="module")
def run():
    return sim.run("history", **SMALL, block=5, jobs=1)


def python(code, *more, cwd=ROOT, **settings):
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | settings
    return subprocess.run([sys.executable, "-W", "error", *(["-c", code] if code else []), *more], capture_output=True, text=True, cwd=cwd, env=environment, timeout=240)


def test_importing_it_is_light_and_a_room_of_the_same_name_takes_no_functions_place():
    code = f"""
import sys, sim
assert not [name for name in {HEAVY} if name in sys.modules], "heavy"
assert {{*sim.__all__}} <= {{*dir(sim)}}
import sim.sweep, sim.scenario, sim.parameters, sim.outcomes
from sim.scenario import read
assert all(callable(getattr(sim, name)) for name in {ROOMS}), "a module hides a function"
assert sim.scenario("history") == read("history")
assert "pandas" not in sys.modules and "mesa" not in sys.modules, "a scenario needs neither"
try:
    sim.no_such_thing
except AttributeError as refused:
    print(refused)
"""
    done = python(code)
    assert (done.stdout.strip(), done.stderr) == ("module 'sim' has no attribute 'no_such_thing'", "")


SAID = {  # what the docstring of each must say beside what it is: shapes, units, errors
    "Run": ("series", "yearly", "summary", "worlds", "agents", "to_xarray", "experiments", "manifest", "folder", "scenario", "digest", "open"),
    "SweepRun": ("points", "by_point"),
    "OneWorld": ("step", "outcomes", "table", "measured", "month", "close"),
}  # fmt: skip


def public():
    for name in sim.__all__:
        if name != "__version__":
            yield name, getattr(sim, name)
    for name, members in SAID.items():
        for member in members:
            yield f"{name}.{member}", inspect.getattr_static(getattr(sim, name), member)


@pytest.mark.parametrize("name,thing", list(public()), ids=lambda x: x if isinstance(x, str) else "")
def test_every_public_name_says_what_it_is_in_which_unit_and_what_it_refuses(name, thing):
    thing = thing.fget if isinstance(thing, property) else getattr(thing, "__func__", thing)
    text = inspect.getdoc(thing) or ""
    assert len(text) > 40, name
    tables = ("series", "yearly", "summary", "worlds", "by_point", "points", "outcomes", "parameters", "compare", "table", "experiments", "to_ema")
    if name.split(".")[-1] in tables:
        assert any(word in text for word in ("unit", "float32", "USD")), f"{name}: no units"
        assert any(word in text for word in ("row", "(worlds", "(months", "by name")), f"{name}: no shape"
    if name in ("run", "sweep", "open", "compare", "parameters", "scenario", "to_ema", "mesa_model", "OneWorld", "Run.series", "Run.agents"):
        assert "InputError" in text, f"{name}: no errors"


def test_the_lists_of_what_is_public_forget_nobody():
    for name, members in SAID.items():
        ours = {n: thing for n, thing in vars(getattr(sim, name)).items() if not n.startswith("_")}
        own = {n for n, thing in ours.items() if isinstance(thing, property | classmethod) or inspect.isfunction(thing)}
        assert own - {*members, "lives_in"} == set(), name


def test_its_months_are_the_stored_parts(run):
    parts = [pq.ParquetFile(f).read().to_pandas() for f in sorted((run.folder / "series").iterdir())]
    stored = pd.concat(parts, ignore_index=True)
    ours = run.series()
    assert len(parts) == 3
    assert ours.columns.tolist() == ["world", "month", *run.manifest["outcomes"]]
    assert ours["world"].equals(stored["world"])
    assert (ours["month"] == stored["date"]).all()
    for name in run.manifest["outcomes"]:
        assert ours[name].equals(stored[name]), name
    assert ours["approvals"].sum() > 0
    pd.testing.assert_frame_equal(run.series("lost_sales"), ours[["world", "month", "lost_sales"]])
    assert run.series(["line", "line", "bans"]).columns.tolist() == ["world", "month", "line", "bans"]


def test_its_years_are_what_the_summary_sums_up(run):
    years, summary = run.yearly(["approvals", "line", "licences"]), run.summary()
    assert years.shape == (12 * 3, 5)
    for name in ("approvals", "line", "licences"):
        mine = summary[summary["outcome"] == name].set_index("year")["mean"]
        assert years.groupby("year")[name].mean().to_numpy() == pytest.approx(mine.to_numpy(), rel=1e-7)
    assert (run.folder / "summary.csv").read_text().splitlines()[1] == ",".join(map(str, (c if isinstance(c, str) else f"{c:g}" for c in summary.iloc[0])))


def test_its_worlds_and_agents_are_the_folders(run):
    worlds = run.worlds()
    assert worlds["world"].tolist() == list(range(12))
    assert worlds["firm.hurdle"].nunique() == 12
    firms = run.agents("firm")
    assert len(firms) == 12 * 3 * firms["agent"].nunique()
    total = firms.groupby(["world", "year"])["approvals"].sum()
    assert total.to_numpy() == pytest.approx(run.yearly("approvals")["approvals"].to_numpy())
    assert run.scenario.run.worlds == 12


def test_twice_the_same_bytes_and_the_commands(run, tmp_path, capsys):
    again = sim.run("history", **SMALL, out=tmp_path / "a")
    assert main(["run", "history", *WORDS, "--out", str(tmp_path / "b")]) == 0
    (command,) = json.loads(capsys.readouterr().out)
    assert run.digest == again.digest == command["digest"]
    same = [name for name in read_manifest(Path(command["folder"]))["files"] if name in ("summary.csv", "worlds.parquet") or name.startswith("case/")]
    assert len(same) > 10
    for name in same:
        assert (again.folder / name).read_bytes() == (Path(command["folder"]) / name).read_bytes()
    assert again.folder.parent == tmp_path / "a" / "history"
    assert again.manifest["command"][:3] == ["sim.run", "history", "worlds=12"]
    assert capsys.readouterr().err == ""


def test_a_finished_run_opens_whoever_made_it(run):
    again = sim.open(str(run.folder))
    assert type(again) is sim.Run
    pd.testing.assert_frame_equal(again.summary(), run.summary())


def test_a_temporary_folder_lives_as_long_as_somebody_reads_from_it():
    done = sim.run("history", worlds=2, months=3)
    folder, results = done.folder, done.results
    del done
    gc.collect()
    assert (folder / "manifest.json").is_file()
    del results
    gc.collect()
    assert not folder.exists()
    assert not folder.parents[1].exists()


def test_what_is_refused_leaves_no_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(sim.InputError):
        sim.run("history", record="agent")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "given,words",
    [
        ({"worlds": 0}, ["--worlds", "0"]), ({"worlds": 2.5}, ["--worlds", "2.5"]), ({"worlds": True}, ["--worlds", "True"]),
        ({"seed": -1}, ["--seed", "-1"]), ({"months": 10**9}, ["--months", "1000000000"]), ({"jobs": "two"}, ["--jobs", "two"]),
        ({"block": 0}, ["--block", "0"]), ({"sets": {"firm.hurdl": 0.3}}, ["--set", "firm.hurdl=0.3"]),
        ({"sets": {"firm.hurdle": 7}}, ["--set", "firm.hurdle=7"]), ({"sets": {"rules.talks": "nsh"}}, ["--set", "rules.talks=nsh"]),
        ({"sets": {"law.listing": {"2019-13": 1}}}, ["--set", 'law.listing={"2019-13": 1}']), ({"record": "agent"}, ["--record", "agent"]),
        ({"sets": {"firm.hurdle": None}}, ["--set", "firm.hurdle=null"]), ({"until": "lost_sale 2%"}, ["--until", "lost_sale 2%"]),
        ({"trace": [3, 4000]}, ["--trace", "3,4000"]), ({"engine": "dusk"}, ["--engine", "dusk"]),
    ],
    ids=str,
)  # fmt: skip
def test_python_and_the_command_say_no_in_the_same_sentence(given, words, tmp_path, capsys):
    assert main(["run", "history", *words, "--out", str(tmp_path / "none")]) == 2
    said = capsys.readouterr().err
    with pytest.raises(sim.InputError) as refused:
        sim.run("history", **given, out=tmp_path / "none")
    assert f"chokepoint: {refused.value}\n" == said
    assert not (tmp_path / "none").exists()


def test_numpys_numbers_are_numbers():
    ours = sim.run("history", worlds=np.int64(2), months=np.int32(4), sets={"firm.hurdle": np.float64(0.3), "firm.doubt": {"low": np.float32(0.25), "high": 0.5}})
    assert ours.manifest["worlds"] == 2
    assert ours.scenario.constants["firm.hurdle"] == 0.3
    assert ours.scenario.uncertainties["firm.doubt"].low == 0.25


def test_what_a_run_does_not_have_is_refused_with_what_it_has(run):
    for wrong, said in ((lambda: run.series("lost_sale"), "lost_sales"), (lambda: run.agents("frm"), "firm"), (lambda: run.series([]), "one or more"),
                        (lambda: run.experiments("bans", 2031), "2018 to 2020"), (lambda: sim.open("/no/such"), "no such folder")):  # fmt: skip
        with pytest.raises(sim.InputError, match=said):
            wrong()


@pytest.mark.parametrize("name", shipped())
def test_a_scenario_handed_over_is_the_scenario_of_the_file(name):
    ours, theirs = from_python(read(name)), read(name)
    assert ours == theirs
    assert (ours.name, ours.case_folder, ours.files, ours.own) == (theirs.name, theirs.case_folder, theirs.files, theirs.own)
    assert ours.resolved() == theirs.resolved()


def test_a_scenario_may_be_changed_and_run(tmp_path):
    scenario = sim.scenario("history", {"firm.hurdle": 0.3})
    sooner = dataclasses.replace(scenario, levers=scenario.levers | {"authority.capacity": 56})
    sooner = dataclasses.replace(sooner, uncertainties={p: s for p, s in sooner.uncertainties.items() if p != "authority.capacity"}, name="a faster desk")
    ours = sim.run(sooner, **FEW, out=tmp_path)
    assert ours.digest == sim.run("history", **FEW, sets={"firm.hurdle": 0.3, "authority.capacity": 56}).digest
    assert ours.manifest["scenario"] == "a faster desk"
    more = Plan.of(scenario, ["authority.capacity=56"], **FEW)
    assert more.fingerprint() == ours.manifest["plan"] != Plan.of("history", **FEW).fingerprint()


@pytest.mark.parametrize(
    "change,said",
    [
        ({"levers": {"authority.capacty": 56.0}}, 'did you mean "authority.capacity"'), ({"constants": {"firm.hurdle": 7.0}}, "two sections .also line"), ({"constants": {"firm.steepness": -7.0}}, "must lie between"),
        ({"levers": {"authority.capacity": "56 files"}}, "what no scenario can hold"), ({"rules": {"vote": "all"}}, "variant"),
        ({"case": "no_case"}, None),
    ],
)  # fmt: skip
def test_a_scenario_that_no_file_could_hold_is_refused_and_nothing_written(change, said, tmp_path):
    wrong = dataclasses.replace(sim.scenario("history"), **change)
    if said is None:  # the tables are read from case_folder, wherever it is
        assert from_python(wrong).case == "no_case"
        return
    with pytest.raises(sim.InputError, match=said) as refused:
        sim.run(wrong, worlds=2, out=tmp_path)
    assert str(refused.value).startswith("the scenario history: ")
    assert not list(tmp_path.iterdir())


def test_a_scenario_with_a_case_of_its_own_can_be_handed_over():
    first = sim.run("history", **FEW)  # its case is the results folder's
    assert sim.run(first.scenario).digest == first.digest


def test_a_sweep_is_the_commands(tmp_path, capsys):
    given = {"replicates": 3, "months": 24, "seed": 5}
    ours = sim.sweep("history", {"firm.hurdle": (0.2, 0.6, 3), "authority.capacity": [20, 56]}, outcomes=["filings", "threat"], **given)
    words = ["--vary", "firm.hurdle=0.2:0.6:3", "--vary", "authority.capacity=20,56", "--outcomes", "filings,threat"]
    words += [word for name, value in given.items() for word in (f"--{name}", str(value))]
    assert main(["sweep", "history", *words, "--quiet", "--out", str(tmp_path)]) == 0
    capsys.readouterr()
    (theirs,) = (tmp_path / "history").iterdir()
    assert (theirs / "by_point.parquet").read_bytes() == (ours.folder / "by_point.parquet").read_bytes()
    table = ours.by_point("filings")
    assert table.shape == (6 * 2, 10)
    assert ours.by_point()["outcome"].unique().tolist() == ["filings", "threat"]
    assert ours.points()["authority.capacity"].tolist() == [20, 56] * 3
    worlds = ours.yearly("filings").merge(ours.worlds()[["world", "point"]]).query("year == 2019").groupby("point")["filings"].mean()
    assert table[table["year"] == 2019]["mean"].tolist() == pytest.approx(worlds.tolist())
    assert isinstance(sim.open(theirs), sim.SweepRun)


@pytest.mark.parametrize(
    "vary,word",
    [({"firm.hurdle": 0.3}, "firm.hurdle=0.3"), ({"firm.hurdle": (0.6, 0.2)}, "firm.hurdle=0.6:0.2"), ({"firm.hrdle": "range"}, "firm.hrdle=range"),
     ({"firm.hurdle": (0.1, 0.2, 3, 4)}, "firm.hurdle=0.1:0.2:3:4"), ({"law.listing": [0, 1]}, "law.listing=0,1"), ({"firm.hurdle": [0.2, "x"]}, "firm.hurdle=0.2,x")],
    ids=str,
)  # fmt: skip
def test_a_sweep_that_cannot_be_is_refused_as_the_command_does(vary, word, tmp_path, capsys):
    assert main(["sweep", "history", "--vary", word, "--out", str(tmp_path)]) == 2
    with pytest.raises(sim.InputError) as refused:
        sim.sweep("history", vary)
    assert f"chokepoint: {refused.value}\n" == capsys.readouterr().err
    for wrong in (lambda: sim.sweep("history"), lambda: sim.sweep("history", ["firm.hurdle"]), lambda: sim.run("history", sets=["firm.hurdle=0.3"])):
        with pytest.raises(sim.InputError, match="write|name what to vary"):
            wrong()


def test_a_comparison_is_the_difference_world_by_world(run):
    other = sim.run("history", **SMALL, sets={"firm.hurdle": 0.3})
    table = sim.compare(run, other, "approvals")
    assert table.columns[:5].tolist() == ["outcome", "unit", "year", "worlds", "base_mean"]
    assert table["year"].tolist() == [2018, 2019, 2020, "all"]
    apart = other.yearly("approvals") - run.yearly("approvals")
    mean = apart["approvals"].to_numpy().reshape(12, 3).mean(axis=0)
    assert table["mean"].tolist() == pytest.approx([*mean, mean.sum()])
    assert table["mean"].iloc[-1] != 0
    assert table.attrs["notes"] == []
    firms = sim.compare(str(run.folder), other.folder, agents="firm")
    assert firms.columns[:4].tolist() == ["agent", "measure", "unit", "year"]
    gain = firms[(firms["measure"] == "approvals") & (firms["year"] == "all")]["mean"].sum()
    assert gain == pytest.approx(table["mean"].iloc[-1])
    one, more = (sim.run("history", worlds=worlds, months=2) for worlds in (1, 2))
    with pytest.raises(sim.InputError, match="it has 2 months"):
        sim.compare(run, one)
    with pytest.warns(UserWarning, match="both runs have"):
        sim.compare(one, more, ["line"])


def test_the_lists_are_the_commands(capsys):
    for table, words in ((sim.scenarios(), ["list"]), (sim.outcomes(), ["outcomes"]), (sim.parameters(), ["parameters"]), (sim.parameters("hurdle"), ["parameters", "hurdle"])):
        assert main([*words, "--json"]) == 0
        assert table.to_dict("records") == json.loads(capsys.readouterr().out)
    with pytest.raises(sim.InputError, match="no parameter"):
        sim.parameters("nonsense")


def test_xarray_has_the_months_their_units_and_where_they_come_from(run):
    xr = pytest.importorskip("xarray", reason="xarray is not installed: pip install -e '.[dev]'")
    data = run.to_xarray(["lost_sales", "line"])
    assert isinstance(data, xr.Dataset)
    assert dict(data.sizes) == {"world": 12, "month": 25}
    assert np.array_equal(data["lost_sales"].values, run.results.series("lost_sales"))
    assert data["lost_sales"].attrs["units"] == "USD bn a year"
    assert data["lost_sales"].attrs["long_name"].startswith("Sales that")
    assert (data["firm.hurdle"].dims, str(data["month"].values[-1])[:7]) == (("world",), "2020-01")
    assert data.attrs["digest"] == run.digest
    assert "sim.run history worlds=12" in data.attrs["history"]
    assert all(isinstance(value, str | int) for value in data.attrs.values())  # as netCDF can hold
    assert data["lost_sales"].sel(month="2020-01").mean() > 0
    assert set(run.to_xarray().data_vars) == set(run.manifest["outcomes"])


def test_without_xarray_the_way_to_get_it_is_said(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(sim.InputError, match=r"chokepoint\[notebook\]"):
        run.to_xarray()


def test_a_notebook_shows_it_without_taking_the_scenarios_word_for_it(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text('title: "<script>alert(1)</script>"\nquestion: "a & b?"\nextends: history\n', encoding="utf-8")
    shown = sim.run(str(file), worlds=3, months=2)._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "a &amp; b?" in shown
    assert "<td>" in shown
    assert len(shown) < 4000
    few = sim.run(str(file), worlds=1, months=1, sets={"run.record": "analysed", "run.analysed": ["line"]})
    assert "<table>" not in few._repr_html_()


@pytest.mark.slow
def test_a_plain_script_without_a_guard_may_use_several_processes(tmp_path):
    """The trap: a spawned process runs the main script again, which runs the batch again."""
    script = tmp_path / "plain.py"
    script.write_text("import sim\nrun = sim.run('history', worlds=4, block=2, months=12, jobs=2, record='outcomes')\nprint('once', run.digest, run.manifest['jobs'])\n", encoding="utf-8")
    ours = sim.run("history", worlds=4, months=12, record="outcomes")
    done = python("", str(script), cwd=tmp_path)
    assert (done.stdout, done.stderr) == (f"once {ours.digest} 2\n", "")


@pytest.mark.slow
def test_so_may_one_that_has_dask_start_them(tmp_path):
    pytest.importorskip("distributed")
    script = tmp_path / "plain.py"
    script.write_text("import sim\nrun = sim.run('history', worlds=4, block=2, months=12, jobs=2, engine='dask')\nprint('once', run.digest)\n", encoding="utf-8")
    done = python("", str(script), cwd=tmp_path)
    assert done.stdout == f"once {sim.run('history', worlds=4, months=12).digest}\n", done.stderr


def _in_a_pool(_):
    return sim.run("history", worlds=3, block=1, months=6, jobs=2).digest


@pytest.mark.slow
def test_a_worker_of_somebodys_pool_computes_by_itself():
    import multiprocessing

    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(_in_a_pool, [0]) == [sim.run("history", worlds=3, months=6).digest]


@pytest.mark.slow
def test_stopping_is_pythons_own_and_says_how_to_go_on(tmp_path, monkeypatch):
    from sim.batch import worker

    before = worker.Worker.block

    def stop(self, block):
        if block == 1:
            raise KeyboardInterrupt
        return before(self, block)

    monkeypatch.setattr(worker.Worker, "block", stop)
    with pytest.raises(KeyboardInterrupt, match="stopped with 5 of 12 worlds done; go on with: chokepoint run --resume"):
        sim.run("history", worlds=12, months=2, block=5, jobs=1, out=tmp_path)
    monkeypatch.undo()
    (folder,) = (tmp_path / "history").iterdir()
    assert main(["run", "--resume", str(folder), "--quiet"]) == 0
    assert len(sim.open(folder).worlds()) == 12


def test_it_leaves_the_sessions_signals_alone(monkeypatch):
    import signal

    from sim.batch import worker

    seen, before = [], worker.Worker.block

    def look(self, block):
        seen.append((signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)))
        return before(self, block)

    monkeypatch.setattr(worker.Worker, "block", look)
    sim.run("history", worlds=1, months=2)
    assert seen == [(signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))]


@pytest.mark.slow
def test_a_notebook_without_widgets_hears_nothing_of_them():
    kernel = """import sys, types, warnings
warnings.simplefilter("default")  # an error would be caught where it is raised
fake = types.SimpleNamespace(get_ipython=lambda: None, WARN_NOIPYW="IProgress not found. Please update ipywidgets.", IProgress=None)
sys.modules |= {"ipykernel.zmqshell": fake, "IPython": fake, "tqdm.notebook": fake}
"""
    asked = python(f"{kernel}import sim; print(sim.run('history', worlds=1, months=1).manifest['worlds'])")
    assert (asked.stdout, asked.stderr) == ("1\n", "")
    assert "IProgress" in python(f"{kernel}import mesa").stderr  # so the test can fail


def test_nothing_is_said_where_nobody_looks_and_the_plan_where_asked(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sim.run("history", worlds=1, months=2)
        assert capsys.readouterr() == ("", "")
        sim.run("history", worlds=1, months=2, quiet=False)
    assert "1 worlds of 2 months" in capsys.readouterr().err
