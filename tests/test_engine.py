"""Runs: the same bytes however they are cut, stopped, killed and resumed; and a results folder that notices what is done to it."""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import fake_model
import pytest

from sim.batch import audit, engine, journal, local, worker
from sim.batch.engine import Interrupted, RunFailed
from sim.batch.plan import Plan
from sim.batch.progress import Progress
from sim.batch.results import MANIFEST, Results
from sim.batch.store import StorageError
from sim.batch.summary import in_words
from sim.refusal import InputError

TESTS = Path(__file__).parent


def run(out, plan=None, jobs=1, simulate=fake_model.simulate):
    folder = engine.prepare(plan or fake_model.plan(), out)
    return folder, finish(folder, jobs, simulate)


def finish(folder, jobs=1, simulate=fake_model.simulate):
    return engine.finish(folder, jobs, simulate=simulate, outcomes=fake_model.OUTCOMES)


def files(folder):
    """Every file that holds results, and its bytes."""
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    found.pop(MANIFEST)
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """300 worlds in blocks of 64, never interrupted."""
    return run(tmp_path_factory.mktemp("whole"))[0]


@pytest.mark.slow
def test_blocks_and_processes_leave_no_trace_in_the_numbers(tmp_path):
    digests, summaries, worlds = set(), set(), set()
    for block, jobs in ((64, 1), (500, 1), (1000, 1), (64, 2), (500, 2)):
        folder, manifest = run(tmp_path, fake_model.plan(1000, block, record="outcomes"), jobs)
        digests.add(manifest["digest"])
        summaries.add((folder / "summary.csv").read_bytes())
        worlds.add((folder / "worlds.parquet").read_bytes())
    assert (len(digests), len(summaries), len(worlds)) == (1, 1, 1)


def test_the_model_itself_gives_the_same_digest_for_any_block(tmp_path):
    digests = set()
    for block in (7, 20, 512):
        folder = engine.prepare(Plan.of("history", worlds=20, months=30, block=block), tmp_path)
        digests.add(engine.finish(folder)["digest"])
    assert len(digests) == 1


def test_another_seed_is_another_digest_and_zero_is_a_seed(tmp_path):
    digests = {run(tmp_path, fake_model.plan(10, seed=seed))[1]["digest"] for seed in (0, 1, 2019)}
    assert len(digests) == 3


def test_a_run_that_is_killed_and_resumed_is_the_run_that_was_not(tmp_path, whole):
    folder = engine.prepare(fake_model.plan(), tmp_path)
    code = "import sys, pathlib, fake_model; from sim.batch.engine import finish; "
    code += "finish(pathlib.Path(sys.argv[1]), simulate=fake_model.slow)"
    path = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    killed = subprocess.Popen([sys.executable, "-c", code, str(folder)], env={**os.environ, "PYTHONPATH": path})
    try:
        _until(lambda: len(journal.read_journal(folder)[1]) >= 2)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    before = journal.read_journal(folder)[1]
    assert 2 <= len(before) < 5, "it should be killed in the middle"
    assert not (folder / MANIFEST).exists()
    (folder / "series" / "part-00004.parquet.99.unfinished").write_bytes(b"torn")
    engine.resume(folder)
    finish(folder)
    assert files(folder) == files(whole)
    assert Results.open(folder).manifest["digest"] == Results.open(whole).manifest["digest"]


def _until(so, seconds=20):
    end = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def test_a_run_that_is_stopped_says_what_is_saved_and_how_to_go_on(tmp_path, whole):
    folder = engine.prepare(fake_model.plan(), tmp_path)
    with pytest.raises(Interrupted, match=r"^stopped with 128 of 300 worlds done; go on with: chokepoint run --resume .*001-"):
        finish(folder, simulate=fake_model.stopped_at_world_128)
    engine.resume(folder)
    finish(folder)
    assert files(folder) == files(whole)


def test_a_line_of_the_journal_torn_by_a_crash_costs_its_block_alone(tmp_path, whole):
    folder = engine.prepare(fake_model.plan(), tmp_path)
    with pytest.raises(Interrupted):
        finish(folder, simulate=fake_model.stopped_at_world_128)
    with (folder / journal.JOURNAL).open("r+b") as file:
        file.truncate((folder / journal.JOURNAL).stat().st_size - 20)
    assert list(journal.read_journal(folder)[1]) == [0]
    finish(folder)
    assert files(folder) == files(whole)


def test_a_part_that_was_damaged_before_the_resume_is_computed_again(tmp_path, whole):
    folder = engine.prepare(fake_model.plan(), tmp_path)
    with pytest.raises(Interrupted):
        finish(folder, simulate=fake_model.stopped_at_world_128)
    (folder / "series" / "part-00001.parquet").write_bytes(b"PAR1")
    finish(folder)
    assert files(folder) == files(whole)


def test_a_block_that_fails_leaves_the_others_and_is_tried_again(tmp_path, whole):
    folder = engine.prepare(fake_model.plan(), tmp_path)
    with pytest.raises(RunFailed, match=r"1 block failed \(FloatingPointError: overflow in world 64\); 236 of 300 worlds") as failed:
        finish(folder, simulate=fake_model.wrong_from_world_64)
    assert "fake_model.py" in failed.value.traces[0]
    assert not (folder / MANIFEST).exists()
    engine.resume(folder)
    finish(folder)
    assert files(folder) == files(whole)


@pytest.mark.slow
def test_a_block_that_kills_its_process_is_named_and_the_others_are_done(tmp_path):
    folder = engine.prepare(fake_model.plan(150), tmp_path)
    with pytest.raises(RunFailed, match="block 1 killed its process 2 times: out of memory"):
        finish(folder, 2, fake_model.deadly_in_world_64)
    reports = journal.read_journal(folder)[1]
    assert {block: report.status for block, report in reports.items()} == {0: "done", 1: "failed", 2: "done"}


def test_a_process_killed_once_costs_nothing(tmp_path, monkeypatch, whole):
    monkeypatch.setenv("FAKE_MODEL_DIED", str(tmp_path / "died"))
    folder = run(tmp_path, jobs=2, simulate=fake_model.killed_once_in_world_64)[0]
    assert (tmp_path / "died").exists()
    assert files(folder) == files(whole)


def test_a_block_hangs_by_the_time_in_which_this_process_was_awake():
    clock = local._Clock(Progress(None))
    clock.went_on(7200, [5])
    assert not clock.hangs(5, 0), "nobody knows yet what is usual"
    clock.heard(journal.Report(0, 64, "done", 2.0))
    clock.began_anew(5)
    clock.went_on(7200, [5])  # as after Ctrl-Z, or a machine that slept
    assert not clock.hangs(5, 0)
    for _ in range(31):
        clock.went_on(1.5, [5, 6])
    assert not clock.hangs(5, 0)
    for _ in range(9):
        clock.went_on(1.5, [5])
    assert (clock.hangs(5, 0), clock.hangs(6, 0), clock.hangs(5, 1)) == (True, False, False)


def test_what_a_dead_process_left_half_written_is_gone_at_the_end(tmp_path, whole):
    folder = engine.prepare(fake_model.plan(), tmp_path)

    def dies_beside(scenario, case, worlds, values, *, check=False):
        (folder / f"part-{worlds.number[0]}.parquet.unfinished").write_bytes(b"torn")
        return fake_model.simulate(scenario, case, worlds, values, check=check)

    finish(folder, simulate=dies_beside)
    assert files(folder) == files(whole)


def test_a_disk_that_fails_in_the_middle_stops_the_run_in_one_sentence(tmp_path, monkeypatch, whole):
    folder = engine.prepare(fake_model.plan(), tmp_path)
    real = worker.write_block

    def full(folder, plan, block, *rest):
        if block == 2:
            raise StorageError("cannot write part-00002.parquet: the disk is full")
        return real(folder, plan, block, *rest)

    monkeypatch.setattr(worker, "write_block", full)
    with pytest.raises(StorageError, match=r"^cannot write part-00002\.parquet: the disk is full; 128 of 300 worlds are done; make room for about .* kB, then go on with: chokepoint run --resume"):
        finish(folder)
    assert sorted(journal.read_journal(folder)[1]) == [0, 1]
    monkeypatch.undo()
    finish(folder)
    assert files(folder) == files(whole)


def test_a_second_process_is_refused_by_the_number_of_the_first(tmp_path):
    folder = engine.prepare(fake_model.plan(), tmp_path)
    with journal.locked(folder), pytest.raises(InputError, match=rf"another process \(pid {os.getpid()}\) is writing this run"):
        finish(folder)
    assert not (folder / MANIFEST).exists()


def test_the_lock_of_a_process_that_died_holds_nobody_up(tmp_path, whole):
    folder = engine.prepare(fake_model.plan(), tmp_path)
    (folder / journal.LOCK).write_text("999999999\n")
    finish(folder)
    assert files(folder) == files(whole)


def test_a_run_goes_on_only_as_it_was_begun(tmp_path, monkeypatch):
    folder = engine.prepare(fake_model.plan(), tmp_path)
    engine.resume(folder, fake_model.plan())
    engine.resume(folder, fake_model.plan(block=7))
    with pytest.raises(InputError, match=r"the scenario is not the one that the run was begun with: run\.seed: 2019 -> 0"):
        engine.resume(folder, fake_model.plan(seed=0))
    now = engine.provenance.environment()
    monkeypatch.setattr(engine.provenance, "environment", lambda: {**now, "python": "3.99"})
    with pytest.raises(InputError, match=r"python was 3\.1\d\.\d+ and is 3\.99"):
        engine.resume(folder)
    monkeypatch.undo()
    table = folder / "case" / "governments.csv"
    table.write_bytes(table.read_bytes() + b"\n")
    with pytest.raises(InputError, match=r"case/governments\.csv is not the file that the run was begun with"):
        engine.resume(folder)


def test_a_finished_run_is_not_resumed_and_an_unfinished_one_is_not_read(tmp_path, whole):
    with pytest.raises(InputError, match="this run is finished"):
        engine.resume(whole)
    with pytest.raises(InputError, match="this run is not finished; finish it with: chokepoint run --resume"):
        Results.open(engine.prepare(fake_model.plan(), tmp_path))
    with pytest.raises(InputError, match="no run was begun here"):
        engine.resume(tmp_path)


def test_the_manifest_says_where_everything_comes_from_and_not_who_ran_it(whole):
    manifest = Results.open(whole).manifest
    assert {"digest", "seed", "environment", "git", "files", "sources", "command", "started", "ended"} <= manifest.keys()
    assert set(manifest["files"]) == set(files(whole))
    assert str(Path.home()) + "/" not in json.dumps(manifest)


def test_an_outcomes_sentence_speaks_the_words_of_the_case(whole):
    case = fake_model.shipped().case
    assert in_words("What {vendor} does", case) == f"What {case.word('vendor')} does"
    assert "{" not in Results.open(whole).manifest["outcomes"]["flow"]["sentence"]


def _cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def _flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGE = [
    ("series/part-00001.parquet", _cut, r"^series/part-00001\.parquet has [\d,]+ bytes instead of [\d,]+$"),
    ("series/part-00001.parquet", _flip, r"^series/part-00001\.parquet holds other bytes than were written$"),
    ("agents/firm/part-00000.parquet", _flip, r"^agents/firm/part-00000\.parquet holds other bytes"),
    ("summary.csv", _flip, r"^summary\.csv holds other bytes"),
    ("case/governments.csv", _flip, r"^case/governments\.csv holds other bytes"),
    ("worlds.parquet", Path.unlink, r"^worlds\.parquet is missing$"),
]


@pytest.mark.parametrize("name,damage,said", DAMAGE, ids=[f"{damage.__name__} {name}" for name, damage, _ in DAMAGE])
def test_verify_finds_what_was_done_to_a_file(tmp_path, name, damage, said):
    folder = run(tmp_path, fake_model.plan(100))[0]
    assert audit.verify(folder) == []
    damage(folder / name)
    (fault,) = audit.verify(folder)
    assert re.search(said, fault)


def test_verify_finds_a_part_too_many_and_a_changed_manifest(tmp_path):
    folder = run(tmp_path, fake_model.plan(100))[0]
    (folder / "series" / "part-00009.parquet").write_bytes(b"")
    text = (folder / MANIFEST).read_text()
    (folder / MANIFEST).write_text(text.replace('"seed": 2019', '"seed": 2018'))
    assert audit.verify(folder) == ["manifest.json was changed after the run", "series/part-00009.parquet is no part of this run"]


@pytest.mark.slow
def test_reproduce_gives_the_same_or_says_where_the_first_difference_is(whole):
    again = {"outcomes": fake_model.OUTCOMES}
    assert audit.reproduce(whole, simulate=fake_model.simulate, **again) == ("", [])
    difference, _ = audit.reproduce(whole, simulate=fake_model.other_in_world_70, **again)
    assert difference.startswith("stock in world 70, 2018-03: it was ")


@pytest.mark.slow
def test_a_run_whose_books_are_to_be_checked_is_checked_also_when_it_is_resumed(tmp_path):
    folder = engine.prepare(fake_model.plan(), tmp_path, check=True)
    with pytest.raises(Interrupted):
        finish(folder, simulate=fake_model.stopped_at_world_128)
    manifest = finish(folder)
    assert manifest["checked"]
    assert 0 < manifest["discrepancies"]["stock"] < 1e-15
    assert not run(tmp_path)[1]["discrepancies"]


def test_a_model_that_fails_everywhere_stops_soon(tmp_path):
    plan = fake_model.plan(1000, 10)
    nothing_drawn = Plan(dataclasses.replace(plan.scenario, uncertainties={}), plan.case)
    with pytest.raises(RunFailed, match=r"3 blocks failed \(KeyError: 'firm.hurdle'\); 0 of 1,000"):
        run(tmp_path, nothing_drawn)
