"""The command line: what it says, where it says it, and with which exit code."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.__main__ import main
from sim.batch import journal
from sim.books import BOOKS
from sim.outcomes import HEADLINES, OUTCOMES
from sim.parameters import PARAMETERS
from sim.running import Told
from sim.scenario import shipped

ROOT = Path(__file__).parents[1]
ENV = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
SMALL = ["--worlds", "6", "--months", "30", "--jobs", "1"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A results folder of six worlds."""
    out = tmp_path_factory.mktemp("out")
    assert main(["run", "history", *SMALL, "--quiet", "--out", str(out)]) == 0
    return next((out / "history").iterdir())


def test_help_lists_the_commands_and_so_does_no_command_at_all(call):
    code, out, err = call("--help")
    assert (code, err) == (0, "")
    for command in ("list", "check", "run", "why", "sensitivity", "robust", "diff", "parameters", "outcomes", "verify", "reproduce"):
        assert f"\n  {command} " in out
    assert call() == (0, out, "")


def test_what_is_asked_before_a_run_loads_none_of_the_heavy_packages():
    commands = [["--help"], ["run", "--help"], ["sensitivity", "--help"], ["robust", "--help"], ["list"], ["parameters"], ["outcomes"]]
    commands += [["check", "history"], ["diff", "history", "g20_truce"]]
    code = f"""
import sys
from sim.__main__ import main
for words in {commands!r}:
    assert main(words) == 0, words
    heavy = {{"mesa", "pandas", "scipy", "networkx", "pyarrow"}} & set(sys.modules)
    assert not heavy, (words, heavy)
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, env=ENV, check=False)
    assert done.returncode == 0, done.stderr


def test_list_gives_every_scenario_and_its_question(call):
    code, out, _ = call("list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines() if line[0] != " "] == ["scenario", *shipped()]
    assert [entry["name"] for entry in json.loads(call("list", "--json")[1])] == shipped()


def test_parameters_are_found_by_path_or_meaning_and_given_whole_to_scripts(call):
    assert len(json.loads(call("parameters", "--json")[1])) == len(PARAMETERS)
    found = json.loads(call("parameters", "hurdle", "--json")[1])
    assert "firm.hurdle" in [entry["path"] for entry in found]
    assert len(found) < 20
    code, out, _ = call("parameters", "firm.hurdle")
    assert code == 0
    assert "plausibly 0.3 to 0.5" in out
    assert "source:" in out
    code, out, err = call("parameters", "firm.hurdel")
    assert (code, out) == (2, "")
    assert 'did you mean "firm.hurdle"?' in err


def test_outcomes_speak_the_words_of_the_case(call):
    told = json.loads(call("outcomes", "--json")[1])
    assert [entry["name"] for entry in told] == list(OUTCOMES)
    assert not [entry for entry in told if "{" in entry["sentence"]]
    assert "Huawei's purchases from US sellers" in " ".join(call("outcomes")[1].split())


def test_check_says_what_a_scenario_would_do_and_refuses_the_others(call, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("title: x\nextends: history\nlevers:\n  licensing.base_lin: 0.4\n")
    code, out, err = call("check", "history", wrong, "g20_truce")
    assert code == 2
    assert "Case huawei; 1,000 worlds" in out
    assert "g20" in out.lower()
    assert "wrong.yaml:4: " in err
    assert 'did you mean "licensing.base_line"?' in err
    assert err.count("\n") == 1


def test_every_shipped_scenario_passes_its_check(call):
    assert call("check", *shipped())[0] == 0


def test_diff_says_what_differs_and_what_changes_nothing(call, tmp_path):
    idle = tmp_path / "idle.yaml"
    idle.write_text("title: x\nextends: history\nlevers:\n  authority.validity: 48\n")
    assert "licensing.base_line" in call("diff", "history", "g20_truce")[1]
    said = " ".join(call("diff", "history", idle)[1].split())
    assert "warning: authority.validity is set to 48, which it is already: this changes nothing" in said
    assert call("diff", "history", "history") == (0, "history and history say the same.\n", "")


def test_a_run_says_first_what_it_will_do_and_last_what_came_out(call, tmp_path):
    code, out, err = call("run", "history", *SMALL, "--out", tmp_path)
    (folder,) = (tmp_path / "history").iterdir()
    assert code == 0
    first, last = " ".join(err.split()), out
    sizes = "6 worlds of 30 months", "seed 2019", "1 block in 1 process", " kB of outcomes and agents"
    for said in ("With the rules as they came", *sizes, str(folder)):
        assert said in first
    for name in HEADLINES:
        assert f"\n{name}, {OUTCOMES[name].unit.replace('{currency}', 'CNY')}: " in last
    assert "2020 has only its first 6 months" in " ".join(last.split())
    assert "{" not in last
    assert last.splitlines()[0].split() == ["2018", "2019", "2020"]
    assert err.endswith(f"Results: {folder}\n")


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_the_headlines_fit_the_terminal_and_never_lose_the_horizon(finished, width, monkeypatch):
    from sim.batch.headlines import headlines
    from sim.batch.results import Results

    monkeypatch.setenv("COLUMNS", str(width))
    results = Results.open(finished)
    lines = Told(results, headlines(results, HEADLINES)).as_text().splitlines()
    assert max(map(len, lines)) <= width
    assert lines[0].endswith("2020")
    assert sum(" +/- " in line for line in lines if line.startswith("  median")) == len(HEADLINES)


def test_a_script_gets_json_on_standard_output_and_nothing_else(call, tmp_path):
    code, out, err = call("run", "history", "g20_truce", *SMALL, "--json", "--quiet", "--out", tmp_path, "--seed", "0")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert [(run["scenario"], run["seed"]) for run in told] == [("history", 0), ("g20_truce", 0)]
    assert {line["outcome"] for line in told[0]["headlines"]} == set(HEADLINES)
    assert all(Path(run["folder"], "manifest.json").is_file() for run in told)


def test_check_prints_every_book_and_fails_where_one_is_out(call, tmp_path, monkeypatch):
    code, out, _ = call("run", "history", *SMALL, "--check", "--quiet", "--out", tmp_path)
    assert code == 0
    assert sum(line.endswith(" balances") for line in out.splitlines()) == len(BOOKS)

    from sim.books import trade

    monkeypatch.setattr(trade.TradeBooks, "_stock", lambda self: 2e-9)
    code, out, _ = call("run", "history", *SMALL, "--check", "--quiet", "--out", tmp_path)
    assert code == 1
    assert [line.split()[:3] for line in out.splitlines() if "OUT OF BALANCE" in line] == [["3", "stock", "2.0e-09"]]


def test_what_is_kept_can_be_chosen(call, tmp_path):
    assert call("run", "history", *SMALL, "--record", "outcomes", "--quiet", "--out", tmp_path)[0] == 0
    (folder,) = (tmp_path / "history").iterdir()
    assert not (folder / "agents").exists()
    assert call("run", "history", "--record", "analysed", "--out", tmp_path / "no")[0] == 2
    few = tmp_path / "few.yaml"
    few.write_text("title: x\nextends: history\nrun: {record: analysed, analysed: [filings, licences]}\n")
    code, out, _ = call("run", few, *SMALL, "--quiet", "--out", tmp_path)
    assert code == 0
    assert "filings" in out
    assert "lost_sales" not in out
    assert call("run", few, *SMALL, "--record", "agents", "--quiet", "--out", tmp_path)[0] == 0


def test_verify_and_reproduce_are_satisfied_with_what_was_not_touched(call, finished):
    assert call("verify", finished)[0] == 0
    assert call("reproduce", finished, "--quiet", "--jobs", "1") == (0, "The same numbers, to the last bit.\n", "")


def test_verify_fails_where_a_byte_was_flipped(call, tmp_path):
    call("run", "history", *SMALL, "--quiet", "--out", tmp_path)
    (folder,) = (tmp_path / "history").iterdir()
    part = folder / "series" / "part-00000.parquet"
    data = bytearray(part.read_bytes())
    data[1000] ^= 4
    part.write_bytes(data)
    code, out, _ = call("verify", folder)
    assert code == 1
    assert "series/part-00000.parquet holds other bytes" in out


REFUSED = {
    "a negative seed": ("--seed", "-1"),
    "a seed beyond 63 bits": ("--seed", str(2**70)),
    "a seed in words": ("--seed", "lucky"),
    "half a seed": ("--seed", "1.5"),
    "a seed of other digits": ("--seed", "\u0663"),
    "no worlds": ("--worlds", "0"),
    "no worlds in a block": ("--block", "0"),
    "no processes": ("--jobs", "0"),
    "no months": ("--months", "0"),
    "more months than there are": ("--months", "9999"),
    "an unknown option": ("--wolrds", "5"),
    "an option without its value": ("--seed",),
    "an unknown record": ("--record", "all"),
    "an unknown parameter": ("--set", "firm.hurdel=0.3"),
    "a setting without a value": ("--set", "firm.hurdle"),
    "a setting out of range": ("--set", "firm.hurdle=7"),
    "a setting twice": ("--set", "firm.hurdle=0.3", "--set", "firm.hurdle=0.4"),
    "a folder that holds no run": ("--resume", "."),
}


@pytest.mark.parametrize("words", REFUSED.values(), ids=list(REFUSED))
def test_what_is_wrong_is_refused_in_one_sentence_and_nothing_is_written(call, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    code, out, err = call("run", "history", *words)
    assert (code, out) == (2, "")
    assert err.startswith("chokepoint: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_the_nearest_name_is_offered(call, tmp_path):
    assert 'did you mean "history"?' in call("run", "histroy", "--out", tmp_path / "x")[2]
    assert 'did you mean "list"?' in call("lsit")[2]
    assert "--worlds" in call("run", "history", "--wolrds", "5")[2]
    assert not (tmp_path / "x").exists()


def test_one_wrong_scenario_stops_all_before_the_first(call, tmp_path):
    assert call("run", "history", "histroy", *SMALL, "--out", tmp_path / "x")[0] == 2
    assert not (tmp_path / "x").exists()


def test_a_disk_that_says_no_is_one_sentence(call, tmp_path):
    (tmp_path / "file").write_text("")
    code, out, err = call("run", "history", *SMALL, "--quiet", "--out", tmp_path / "file" / "below")
    assert (code, out) == (1, "")
    assert err.endswith(": a file stands where a folder is needed\n")
    assert err.count("\n") == 1


def test_a_fault_of_ours_is_one_line_and_a_traceback_for_who_asks(call, tmp_path, monkeypatch):
    from sim.batch import engine

    def broken(*_, **__):
        raise ZeroDivisionError("oh\nno")

    monkeypatch.setattr(engine, "prepare", broken)
    words = ("run", "history", *SMALL, "--quiet", "--out", tmp_path)
    code, _, err = call(*words)
    assert (code, err.count("\n")) == (1, 1)
    assert "ZeroDivisionError: oh no" in err
    monkeypatch.setenv("CHOKEPOINT_DEBUG", "1")
    assert "Traceback" in call(*words)[2]


def test_a_run_goes_on_with_nothing_but_what_it_was_begun_with(call, finished):
    for words in (["--seed", "1"], ["--set", "firm.hurdle=0.3"], ["--worlds", "9"]):
        code, _, err = call("run", "--resume", finished, *words)
        assert code == 2
        assert "leave this out with --resume" in err
    assert "this run is finished" in call("run", "--resume", finished)[2]
    assert call("run", "a", "b", "--resume", finished)[0] == 2


def test_ctrl_c_saves_what_is_done_and_the_resumed_run_gives_the_same_digest(call, tmp_path):
    words = ["run", "history", "--worlds", "24", "--months", "24", "--out", str(tmp_path)]
    command = [sys.executable, "-W", "error", "-m", "sim", *words, "--block", "2", "--jobs", "1"]
    begun = subprocess.Popen(command, cwd=tmp_path, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 30
    while begun.poll() is None and time.monotonic() < end:
        if any(len(journal.read_journal(f.parent)[1]) >= 2 for f in tmp_path.rglob(journal.JOURNAL)):
            begun.send_signal(signal.SIGINT)
            break
        time.sleep(0.02)
    out, err = begun.communicate(timeout=30)
    assert (begun.returncode, out) == (130, "")
    (folder,) = (tmp_path / "history").iterdir()
    last = err.splitlines()[-1]
    assert last.startswith("chokepoint: stopped with ")
    assert last.endswith(f"chokepoint run --resume {folder}")
    code, out, err = call("run", "--resume", folder, "--json", "--quiet")
    assert (code, err) == (0, "")
    resumed = json.loads(out)
    whole = json.loads(call(*words, "--json", "--quiet", "--jobs", "1")[1])
    assert resumed[0]["digest"] == whole[0]["digest"]


def test_a_reader_that_has_seen_enough_is_no_error():
    command = f"{sys.executable} -W error -m sim parameters | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env=ENV, check=False)
    assert (done.stdout.count("\n"), done.stderr) == (1, "")
