"""`chokepoint compare`: what it runs, what it prints, what it refuses; and docs/compare.md, command by command."""

import csv
import glob
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim import comparing, running
from sim.__main__ import main
from sim.batch.plan import Plan
from sim.batch.results import Results
from sim.views import compared as view

ROOT = Path(__file__).parents[1]
SMALL = ["--worlds", "6", "--months", "26", "--jobs", "1", "--quiet"]
PAGE = (ROOT / "docs" / "compare.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module", autouse=True)
def quick():
    """How much a run will write is estimated by a model of its own; test_cli.py looks at that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "bytes_expected", lambda plan: 0)
        yield


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """The results folders of history and of g20_truce, as `compare g20_truce` leaves them."""
    out = tmp_path_factory.mktemp("out")
    assert main(["compare", "g20_truce", *SMALL, "--out", str(out)]) == 0
    (batch,) = (out / "batch").iterdir()
    return [next((batch / name).iterdir()) for name in ("history", "g20_truce")]


def test_help_is_light_and_shows_how_to_ask(call):
    assert "\n  compare " in call("--help")[1]
    code = """
import sys
from sim.__main__ import main
assert main(["compare", "--help"]) == 0
assert not {"mesa", "pandas", "scipy", "networkx", "pyarrow"} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "chokepoint compare g20_truce" in done.stdout


def test_one_scenario_is_run_with_its_base_and_the_rows_are_kept_beside_the_runs(pair):
    base, other = (Results.open(folder) for folder in pair)
    for name in ("seed", "worlds", "months", "streams"):
        assert base.manifest[name] == other.manifest[name]
    assert (base.manifest["worlds"], base.manifest["months"]) == (6, 26)
    with (pair[0].parents[1] / comparing.ROWS).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(base.outcomes) * (len(base.years) + 1)
    row = next(r for r in rows if (r["outcome"], r["year"]) == ("approvals", "2019"))
    assert float(row["mean"]) == pytest.approx((other.yearly("approvals") - base.yearly("approvals"))[:, 1].mean())


def test_finished_runs_are_told_with_the_question_its_answer_headlines_and_who_gained(call, pair):
    code, out, err = call("compare", *pair)
    assert (code, err) == (0, "")
    said = " ".join(out.split())
    assert out.startswith("g20_truce against history: 6 pairs of worlds, 26 months, seed 2019\nIf licences had been issued")
    assert "approvals: up by " in said
    assert "higher in 100 % of worlds" in said
    assert "No change in any world: " in said
    assert "firm: sales_to_vendor, USD bn" in out
    assert "{" not in out


def test_finished_runs_need_no_model(pair):
    code = f"""
import sys
from sim.__main__ import main
assert main(["compare", {str(pair[0])!r}, {str(pair[1])!r}]) == 0
assert not {{"mesa", "networkx", "sim.model", "sim.network"}} & set(sys.modules), sys.modules.keys()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == 0, done.stderr


def test_a_script_gets_what_the_tables_show_unrounded(call, pair, tmp_path):
    (found,) = json.loads(call("compare", *pair, "--json", "--outcome", "approvals", "--by-year")[1])
    assert [(row["outcome"], row["year"]) for row in found["outcomes"]] == [("approvals", y) for y in (2018, 2019, 2020, "all")]
    assert found["outcomes"][0]["factor"] is None
    assert found["base"] == "history"
    (found,) = json.loads(call("compare", *pair, "--json", "--agents", "firm")[1])
    assert {row["kind"] for row in found["agents"]} == {"firm"}
    assert call("compare", *pair, "--agents", "firm", "--csv", tmp_path / "x.csv")[0] == 0
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["agent"] for row in rows if row["kind"] == "firm"} >= {"Micron", "Intel"}
    assert {row["kind"] for row in rows} == {"", "firm"}


def test_the_base_against_itself_has_no_change(call, pair):
    code, out, _ = call("compare", pair[0], pair[0], "--all")
    assert code == 0
    assert "No change in any world:" in out
    assert "base " not in out.split("\n\n")[1]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_tables_fit_the_terminal(pair, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    told = comparing.Compared([comparing.compare(*map(Results.open, pair))])
    for asked in (view.Asked(), view.Asked(("approvals",), by_year=True), view.Asked(kind="group")):
        text = view.as_text(told, asked)
        assert max(map(len, text.splitlines())) <= width
        assert asked.kind is None or "group: need, USD bn" in text


def test_a_scenario_beside_a_finished_run_has_its_worlds_seed_and_months(call, pair, tmp_path):
    code, out, err = call("compare", pair[0], "chair_decides", "--quiet", "--jobs", "1", "--out", tmp_path)
    assert code == 0
    assert out.startswith("chair_decides against history: 6 pairs of worlds, 26 months")
    (folder,) = (tmp_path / "chair_decides").iterdir()
    assert Results.open(folder).manifest["worlds"] == 6
    assert err == f"Results: {folder}\n"


TINY = ["--worlds", "2", "--months", "12", "--jobs", "1", "--quiet"]


THREE = """title: Three things
extends: history
compare_with: history
levers: {authority.capacity: 56}
rules: {vote: chair}
events: [{date: 2019-06, lever: licensing.base_line, value: 0.5}]
answer: {look_at: [approvals, bans], by: the vote}
"""
PARTS = ["authority.capacity", "licensing.base_line", "rules.vote"]


def test_three_things_are_run_each_alone_and_each_left_out(tmp_path):
    (tmp_path / "mine.yaml").write_text(THREE)
    base, whole = Plan.of("history"), Plan.of(str(tmp_path / "mine.yaml"))
    plans = comparing._derived(base, whole, comparing.parts(base.scenario, whole.scenario))
    assert list(plans) == [(word, part) for word in ("only", "without") for part in PARTS]
    for (word, part), plan in plans.items():
        scenario = plan.scenario
        moved = [scenario.levers == {"authority.capacity": 56}, len(scenario.events) == 1, scenario.rules["vote"] == "chair"]
        assert moved == [(name == part) == (word == "only") for name in PARTS]
        assert scenario.run == whole.scenario.run


@pytest.mark.slow
def test_a_change_of_several_things_is_taken_apart(call, tmp_path):
    (tmp_path / "mine.yaml").write_text(THREE)
    code, out, err = call("compare", tmp_path / "mine.yaml", "--decompose", *SMALL, "--out", tmp_path)
    assert code == 0
    assert err.startswith("Results: ")
    table = out.split("approvals, files")[1].split("\n\n")[0].splitlines()
    assert [line.split("  ")[0] for line in table[1:]] == [*PARTS, "interaction", "whole change"]
    (batch,) = (tmp_path / "batch").iterdir()
    assert len([folder for folder in batch.iterdir() if folder.is_dir()]) == 2 + 2 * 3
    with (batch / comparing.ROWS).open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if (r["outcome"], r["year"]) == ("approvals", "all")]
    found = {r["scenario"].removeprefix("mine-"): float(r["mean"]) for r in rows}
    assert set(found) == {"mine", *(f"{word}-{part}" for word in ("only", "without") for part in PARTS)}
    assert len(set(found.values())) == 7


def test_a_scenario_that_moves_one_thing_says_so(call, tmp_path):
    code, out, _ = call("compare", "chair_decides", "--decompose", *TINY, "--out", tmp_path)
    assert code == 0
    assert "chair_decides moves one thing alone, rules.vote, so there is nothing to take apart" in " ".join(out.split())


REFUSED = {
    "nothing": ([], "name a base and what to compare with it"),
    "a base alone": (["history"], "it says not what to compare it with"),
    "a name that is none": (["history", "g20_truse"], 'did you mean "g20_truce"'),
    "an outcome that is none": (["g20_truce", "--outcome", "approvls"], 'did you mean "approvals"'),
    "a kind that is none": (["g20_truce", "--agents", "firms"], 'did you mean "firm"'),
    "agents of too many worlds": (["g20_truce", "--agents", "firm", "--worlds", "3000"], "of more than 2,000 worlds not all are kept"),
    "a folder that is no run": (["history", "."], "this is no results folder"),
    "a file in no folder": (["g20_truce", "--csv", "no/such/file.csv"], "there is no folder no/such"),
    "several taken apart": (["history", "g20_truce", "no_fdpr", "--decompose"], "name one scenario, or a base and one scenario"),
    "cases that differ, taken apart": (["history", "second_firm", "--decompose"], "name scenarios of one"),
}


@pytest.mark.parametrize("words,said", REFUSED.values(), ids=list(REFUSED))
def test_what_is_wrong_is_refused_in_one_sentence_and_nothing_is_written(call, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    code, out, err = call("compare", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("chokepoint: ")
    assert said in err
    assert list(tmp_path.iterdir()) == []


def test_options_that_could_change_nothing_are_refused(call, pair):
    for words in (["--worlds", "5"], ["--set", "firm.hurdle=0.3"], ["--seed", "2019"], ["--decompose"]):
        code, _, err = call("compare", *pair, *words)
        assert (code, err.count("\n")) == (2, 1)
        assert f"{words[0]}: these runs are finished, so it can change nothing" in err
    assert "leave this out, or run that scenario again" in call("compare", pair[0], "g20_truce", "--seed", "5")[2]


def test_a_sweep_is_compared_when_it_is_finished(call, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("title: x\nextends: history\nsweep: {vary: {firm.hurdle: [0.2, 0.4]}, replicates: 2}\n")
    code, _, err = call("compare", "history", file, "--out", tmp_path / "out")
    assert (code, (tmp_path / "out").exists()) == (2, False)
    assert "run it with `chokepoint sweep`" in err


def test_a_file_names_its_base_as_seen_from_its_own_folder(tmp_path):
    (tmp_path / "base.yaml").write_text("title: x\nextends: history\n")
    (tmp_path / "mine.yaml").write_text("title: y\nextends: base.yaml\nrules: {vote: chair}\ncompare_with: base.yaml\nrun: {worlds: 7, seed: 3}\n")
    base, mine = comparing._with_base([str(tmp_path / "mine.yaml")])
    assert Plan.of(base).scenario.title == "x"
    plans = comparing._plans([base, mine], [], {})
    assert [(plan.scenario.run.worlds, plan.scenario.run.seed) for plan in plans] == [(7, 3), (7, 3)]


@pytest.mark.slow
def test_every_command_of_the_page_runs(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commands = [line.split() for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S) for line in block.splitlines()]
    assert len(commands) >= 7
    for program, *words in commands:
        found = [name for word in words for name in (sorted(glob.glob(word)) if "*" in word else [word])]
        small = [] if any("*" in word for word in words) else TINY
        code, out, err = call(*found, *small)
        assert (program, code) == ("chokepoint", 0), err
        assert " pairs of worlds" in out
    (python,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    exec(python, {})
