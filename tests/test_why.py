"""`chokepoint why`, and the journal of traced worlds: what it says, that tracing changes nothing else, and what it refuses."""

import json
import re
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from test_cli import ENV, ROOT

from sim import __version__
from sim.__main__ import main
from sim.batch import engine, provenance, traced
from sim.batch.plan import Plan
from sim.batch.results import Results
from sim.decisions import KINDS, Decision
from sim.views import why

SMALL = ["--worlds", "5", "--months", "30", "--set", "rules.talks_mode=free", "--jobs", "1", "--block", "3", "--quiet"]


def run(out, *words):
    assert main(["run", "history", *SMALL, *words, "--out", str(out)]) == 0
    return max((out / "history").iterdir())


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return run(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def with_trace(tmp_path_factory):
    return run(tmp_path_factory.mktemp("traced"), "--trace", "0,4")


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_tracing_changes_no_byte_of_anything_else(plain, with_trace):
    before, after = files(plain), files(with_trace)
    assert traced.FILE not in before
    assert len(after.pop(traced.FILE)) > 1000
    del before["manifest.json"], after["manifest.json"]
    assert before == after
    one, other = Results.open(plain).manifest, Results.open(with_trace).manifest
    assert one["digest"] == other["digest"]
    assert set(other["files"]) - set(one["files"]) == {traced.FILE}
    assert (one["traced"], other["traced"]) == ([], [0, 4])


@pytest.mark.slow
def test_why_of_a_world_that_was_not_traced_is_that_of_one_that_was(plain, with_trace, call):
    for world in (0, 4):
        told, again = call("why", with_trace, "--world", world, "--json"), call("why", plain, "--world", world, "--json")
        assert told[0] == again[0] == 0
        assert told[1] == again[1]
        assert "not traced" not in told[2]
        assert f"world {world} was not traced; computing it again" in " ".join(again[2].split())
        assert len(json.loads(told[1])) > 2000
    assert call("why", plain, "--world", 0, "--json")[1] != call("why", plain, "--world", 4, "--json")[1]
    assert traced.FILE not in files(plain), "nothing is written"


def test_the_journal_is_of_the_worlds_that_the_run_has_stored(with_trace):
    results = Results.open(with_trace)
    kinds = {"submission": "filings", "approval": "approvals", "offer": "talks_open", "award": "awards"}
    for world in (0, 4):
        rows = traced.read_journal(with_trace, world)
        for kind, outcome in kinds.items():
            found, stored = sum(row.kind == kind for row in rows), results.series(outcome)[world]
            assert found == {"offer": 2 * stored.sum(), "award": stored[-1]}.get(kind, stored.sum()) > 0, (world, kind)


def test_a_journal_is_a_table_that_anyone_can_read(with_trace):
    table = pq.read_table(with_trace / traced.FILE)
    assert table.column_names == ["world", "month", "agent", "kind", "subject", "decision", "sentence", "numbers"]
    assert [str(table.schema.field(name).type)[:18] for name in ("world", "month", "numbers")] == ["int64", "string", "map<string, double"]
    assert set(table.column("world").to_pylist()) == {0, 4}
    assert set(table.column("kind").to_pylist()) <= set(KINDS)
    rows = table.to_pylist()
    assert all(re.fullmatch(r"20\d\d-\d\d", row["month"]) for row in rows)
    assert [(row["world"], row["month"]) for row in rows] == sorted((row["world"], row["month"]) for row in rows)


@pytest.mark.slow
def test_verify_and_reproduce_cope_with_a_journal(with_trace, call, tmp_path):
    assert call("verify", with_trace)[0] == 0
    assert call("reproduce", with_trace, "--quiet", "--jobs", "1")[:2] == (0, "The same numbers, to the last bit.\n")
    copy = run(tmp_path, "--trace", "1")
    data = bytearray((copy / traced.FILE).read_bytes())
    data[500] ^= 4
    (copy / traced.FILE).write_bytes(data)
    code, out, _ = call("verify", copy)
    assert code == 1
    assert f"{traced.FILE} holds other bytes" in out


@pytest.mark.slow
def test_a_run_that_was_stopped_is_resumed_with_its_journal(with_trace, tmp_path):
    plan = Plan.of("history", ["rules.talks_mode=free"], worlds=5, months=30, block=3)
    folder = engine.prepare(plan, tmp_path, traced=[0, 4])
    engine.resume(folder)
    engine.finish(folder)
    assert (folder / traced.FILE).read_bytes() == (with_trace / traced.FILE).read_bytes()


def test_the_text_goes_by_month_and_fits_the_terminal(with_trace, call, monkeypatch):
    for width in (60, 100):
        monkeypatch.setenv("COLUMNS", str(width))
        code, out, err = call("why", with_trace, "--world", 4, "--agent", "micron")
        assert (code, err) == (0, "")
        lines = out.splitlines()
        assert max(map(len, lines)) <= width
        months = [line for line in lines if re.fullmatch(r"\d{4}-\d{2}", line)]
        assert months == sorted(set(months))
        assert all(line.startswith("  ") for line in lines if line and line not in months)
    rows = json.loads(call("why", with_trace, "--world", 4, "--agent", "micron", "--json")[1])
    assert {row["agent"] for row in rows} > {"Micron", "Commerce", "Defense"}
    assert all(row["agent"] == "Micron" or row["subject"].startswith("Micron, ") for row in rows)
    assert " ".join(rows[0]["sentence"].split()) in " ".join(out.split())


def test_the_votes_on_a_file_stand_above_its_answer(with_trace, call):
    rows = why.ask(with_trace, 4, month="2019-11").decisions
    told = why.by_topic(rows)
    assert sorted(map(id, told)) == sorted(map(id, rows))
    answers = [i for i, row in enumerate(told) if row.kind in ("approval", "intent to deny")]
    assert answers
    for i in answers:
        assert {row.kind for row in told[i - 4 : i]} == {"vote"}
        assert {row.subject for row in told[i - 4 : i]} == {told[i].subject}


@pytest.mark.parametrize("asked, agent", [("HUAWEI", "Huawei"), ("bis", "Commerce Department"), ("commerce department", "Commerce Department"),
                                          ("usa", "United States"), ("China", "China"), ("Defense", "Defense"), ("kt", "KT")])  # fmt: skip
def test_an_agent_is_found_under_any_of_its_names(with_trace, call, asked, agent):
    rows = json.loads(call("why", with_trace, "--world", 0, "--agent", asked, "--json")[1])
    assert agent in {row["agent"] for row in rows}


def test_a_month_is_that_month_alone(with_trace, call):
    rows = json.loads(call("why", with_trace, "--world", 0, "--month", "2019-07", "--json")[1])
    every = json.loads(call("why", with_trace, "--world", 0, "--json")[1])
    assert rows == [row for row in every if row["month"] == "2019-07"]
    assert len(rows) > 20


def test_where_nobody_decided_anything_that_is_said(with_trace, call):
    code, out, _ = call("why", with_trace, "--world", 0, "--agent", "Micron", "--month", "2018-03")
    assert (code, out) == (0, "There is no decision in world 0 by or on Micron in 2018-03.\n")


REFUSED = {
    "a world that is not there": (("--world", "5"), "there is no world 5; this run's worlds are 0 to 4"),
    "no world": ((), "Missing option '--world'"),
    "half a world": (("--world", "1.5"), "whole number"),
    "an unknown agent": (("--world", "0", "--agent", "Micorn"), 'did you mean "Micron"?'),
    "an agent like no other": (("--world", "0", "--agent", "zzzzzz"), "name a firm, an office"),
    "a month after the run": (("--world", "0", "--month", "2020-07"), "it goes from 2018-01 to 2020-06"),
    "a month in words": (("--world", "0", "--month", "July 2019"), "write it as in 2019-07"),
}


@pytest.mark.parametrize("words, said", REFUSED.values(), ids=list(REFUSED))
def test_what_is_wrong_is_refused_in_one_sentence(with_trace, call, words, said):
    code, out, err = call("why", with_trace, *words)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("words", ["5", "0,x", "0,,1", "-1", "1.5", "0,5"])
def test_worlds_to_trace_are_checked_before_anything_is_run(call, tmp_path, words):
    code, out, err = call("run", "history", *SMALL, "--trace", words, "--out", tmp_path / "x")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "--trace" in err
    assert not (tmp_path / "x").exists()


def test_a_folder_without_a_run_and_a_resumed_run_with_a_trace_are_refused(call, tmp_path, plain):
    assert call("why", tmp_path, "--world", "0")[0] == 2
    assert "leave this out with --resume" in call("run", "--resume", plain, "--trace", "0")[2]


def test_other_code_or_packages_than_the_run_s_are_spoken_of(plain, monkeypatch):
    assert not [r for r in why.ask(plain, 0, "Micron").remarks if "may differ" in r]
    monkeypatch.setattr(provenance, "environment", lambda: Results.open(plain).manifest["environment"] | {"chokepoint": "9.9.9"})
    (remark,) = [r for r in why.ask(plain, 0, "Micron").remarks if "may differ" in r]
    assert remark.endswith(f"chokepoint was {__version__} and is 9.9.9")


def test_the_example_in_the_docs_is_what_the_program_says(call, tmp_path, monkeypatch):
    page = (ROOT / "docs" / "why.md").read_text(encoding="utf-8")
    example = page.split("```\n")[2].removesuffix("```\n").removeprefix("\n")
    assert call("run", "history", "--worlds", "6", "--months", "24", "--jobs", "1", "--quiet", "--out", tmp_path)[0] == 0
    (folder,) = (tmp_path / "history").iterdir()
    monkeypatch.setenv("COLUMNS", "100")
    assert call("why", folder, "--world", 5, "--agent", "Qorvo", "--month", "2019-12")[1].split() == example.split()


def test_the_docs_name_every_column_and_kind():
    page = (ROOT / "docs" / "why.md").read_text(encoding="utf-8")
    assert all(f"| {kind.name} | {kind.about} |" in page for kind in KINDS.values())
    assert all(f"| {column} |" in page for column in Decision.__dataclass_fields__)


def test_why_keeps_standard_error_apart(plain):
    command = [sys.executable, "-W", "error", "-m", "sim", "why", str(plain), "--world", "1", "--month", "2019-06", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=ENV, check=False)
    assert done.returncode == 0
    assert json.loads(done.stdout)
    assert done.stderr.startswith("note: world 1 was not traced")
