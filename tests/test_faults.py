"""Real processes on real disks that are full, read-only or gone, without memory, killed, stopped: one sentence, nothing half-written,
and a run that goes on gives the numbers of one to which nothing happened."""

import contextlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.batch.audit import verify
from sim.batch.journal import JOURNAL, read_journal
from sim.batch.results import Results

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="looks for processes as Linux shows them")]

TESTS = Path(__file__).parent
RUN = ["run", "history", "--worlds", "24", "--months", "24", "--block", "4", "--jobs", "2"]  # 1.7 MB, of which 1.2 before the first block
LONG = ["run", "history", "--worlds", "120", "--months", "36", "--block", "4", "--jobs", "2", "--record", "outcomes"]


def begin(*words, memory=None, file_size=None, **faults):
    """`python -m sim` in a process group of its own. memory, file_size: limits in MB; faults: see faulty/sitecustomize.py"""
    path = [str(TESTS.parent), *([str(TESTS / "faulty")] if faults else [])]
    limits = [(resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, file_size)]

    def limit():
        for what, most in limits:
            if most is not None:
                resource.setrlimit(what, (int(most * 2**20),) * 2)

    return subprocess.Popen(
        [sys.executable, "-m", "sim", *map(str, words)], cwd=TESTS.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path)} | {k: str(v) for k, v in faults.items()}, start_new_session=True,
        preexec_fn=limit if memory or file_size else None,
    )  # fmt: skip


def living(which):
    """Numbers of the processes of which this holds, by parent and group; the dead that nobody has buried are not among them."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent, group = status.read_text().rpartition(")")[2].split()[:3]
            if state != "Z" and which(int(parent), int(group)):
                found.append(int(status.parent.name))
    return found


def until(so, seconds=60):
    end = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def ended(process, seconds=180):
    """Exit code, standard output, and the last line of standard error. No traceback, and no process is left."""
    out, err = process.communicate(timeout=seconds)
    assert "Traceback" not in err
    until(lambda: not living(lambda parent, group: group == process.pid), 10)
    return process.returncode, out, err


def refused(process, says, code=1):
    got, _, err = ended(process)
    last = err.rstrip("\n").splitlines()[-1]
    assert (got, bool(re.fullmatch(f"chokepoint: {says}", last))) == (code, True), err
    assert err.count("chokepoint: ") == 1
    return err


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The digest of each run when nothing happens to it, and a folder of the short one."""
    place, digests = tmp_path_factory.mktemp("whole"), {}
    for name, words in {"short": RUN, "long": LONG}.items():
        code, told, err = ended(begin(*words, "--quiet", "--json", "--out", place / name))
        assert code == 0, err
        digests[name] = json.loads(told)[0]["digest"]
    (digests["folder"],) = (place / "short" / "history").iterdir()
    return digests


class Disk:
    """A file system of its own in memory, of so many kB."""

    def __init__(self, place, size):
        self.place = place
        self._mount(f"size={size}k")

    def _mount(self, options):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.place], check=True, capture_output=True)

    def becomes(self, *options):
        self._mount(",".join(["remount", *options]))

    def closes(self):
        """Read-only from now on, though a file may be open."""
        subprocess.run(["mount", "--bind", self.place, self.place], check=True)
        self.becomes("bind", "ro")

    def opens(self):
        subprocess.run(["umount", self.place], check=True)

    def fill(self):
        with (self.place / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1024))


@pytest.fixture
def disk(tmp_path):
    made = []

    def disk(size):
        (tmp_path / "disk").mkdir()
        try:
            made.append(Disk(tmp_path / "disk", size))
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("only root may make a disk for a test")
        return made[-1]

    yield disk
    for one in made:
        subprocess.run(["umount", "--lazy", one.place], check=True)


def the_run(out):
    (folder,) = (out / "history").glob("[0-9]*")
    return folder


def nothing_half_written(folder):
    """Under their own names there are whole files alone: what the journal says was written."""
    header, reports = read_journal(folder)
    done = {name for report in reports.values() if report.status == "done" for name in report.files}
    assert not (folder / "manifest.json").exists()
    for file in folder.rglob("*.parquet"):
        name = file.relative_to(folder).as_posix()
        assert file.read_bytes()[-4:] == b"PAR1", name
        assert name in done | header["inputs"].keys() or file.parent.name in ("series", "monthly") or "agents" in file.parts
    return reports


def goes_on(folder, digest, *words):
    code, told, err = ended(begin("run", "--resume", folder, "--quiet", "--json", "--jobs", "2", *words))
    assert code == 0, err
    assert json.loads(told)[0]["digest"] == digest == Results.open(folder).manifest["digest"]
    assert verify(folder) == []
    assert not list(folder.rglob("*.unfinished"))
    assert not (folder / JOURNAL).exists()


def blocks_done(out):
    found = list(out.glob("history/*/progress.jsonl"))
    return len(read_journal(found[0].parent)[1]) if found and found[0].stat().st_size else 0


# A disk that is full, or too small


def test_a_disk_too_small_for_the_inputs_keeps_nothing(disk):
    small = disk(400)
    refused(begin(*RUN, "--out", small.place), r"cannot write \S+/case/\S+: the disk is full \(.* to write, .* free\); make room, or choose another place")
    assert list((small.place / "history").iterdir()) == []


def test_a_disk_that_is_full_in_the_middle_says_how_much_more_it_takes(disk, whole):
    small = disk(1500)
    says = r"cannot write \S+/part-0000\d.parquet: the disk is full \(.* to write, .* free\); \d+ of 24 worlds are done; "
    err = refused(begin(*RUN, "--out", small.place), says + r"make room( for about [\d.]+ [kM]B)?, then go on with: chokepoint run --resume \S+")
    assert re.search(r"^warning: this may write 2\.\d MB, and 1\.\d MB are free$", err, re.MULTILINE)
    reports = nothing_half_written(the_run(small.place))
    assert 0 < len(reports) < 6
    small.becomes("size=5m")
    goes_on(the_run(small.place), whole["short"])


def test_a_disk_that_is_full_at_the_very_end_costs_no_block(disk, whole):
    small = disk(2500)
    says = r"cannot write \S+/manifest.json: the disk is full \(.* to write, .*\); 24 of 24 worlds are done; make room, then go on with: .*"
    refused(begin(*RUN, "--out", small.place, FULL=small.place), says)
    assert len(nothing_half_written(the_run(small.place))) == 6
    (small.place / "filler").unlink()
    goes_on(the_run(small.place), whole["short"])


WRITERS = {  # the words of each command that writes a file, which is named last; and what else it may leave
    "report": ("report", "RUN", "--out", "FILE.html"),
    "plot": ("plot", "RUN", "--outcome", "approvals", "--to", "FILE.png"),
    "compare": ("compare", "RUN", "RUN", "--csv", "FILE.csv"),
    "sensitivity": ("sensitivity", "RUN", "--csv", "FILE.csv"),
    "calibrate": ("calibrate", "--samples", "8", "--replicates", "2", "--waves", "1", "--cutoff", "1000", "--quiet", "--out", "FILE.parquet"),
}


def asked(words, run, place):
    return [str(run) if word == "RUN" else str(place / word) if word.startswith("FILE") else word for word in words]


@pytest.mark.parametrize("words", WRITERS.values(), ids=WRITERS)
def test_a_command_that_finds_the_disk_full_leaves_what_was_there(disk, whole, words):
    small = disk(64)
    command = asked(words, whole["folder"], small.place)
    file = Path(command[-1])
    file.write_text("elder")
    small.fill()
    refused(begin(*command), r"cannot write \S+FILE\.\w+: the disk is full \(.* to write, .* free\); make room, or choose another place")
    assert sorted(p.name for p in small.place.iterdir()) == sorted([file.name, "filler"])
    assert file.read_text() == "elder"


@pytest.mark.parametrize("words", WRITERS.values(), ids=WRITERS)
def test_a_command_that_may_not_write_so_large_a_file_leaves_none(whole, words, tmp_path):
    """Without a disk of its own: the system's limit to the size of a file."""
    command = asked(words, whole["folder"], tmp_path)
    refused(begin(*command, file_size=0.001), r"cannot write \S+FILE\.\w+: a file may not be so large there \(ulimit -f\); choose another place")
    assert list(tmp_path.iterdir()) == []


def test_a_new_scenario_on_a_full_disk_is_no_scenario(disk):
    small = disk(64)
    small.fill()
    refused(begin("new", "mine", "--out", small.place), r"cannot write \S+: the disk is full \(.* free\); make room, or choose another place")
    assert [p.name for p in small.place.iterdir()] == ["filler"]


def test_words_that_find_no_room_are_a_sentence_too():
    with open("/dev/full", "w") as full:
        process = subprocess.Popen([sys.executable, "-m", "sim", "list"], cwd=TESTS.parent, stdout=full, stderr=subprocess.PIPE, text=True)
        assert process.communicate()[1] == "chokepoint: cannot write the output: the disk is full; make room, or choose another place\n"
        assert process.returncode == 1


def test_a_run_whose_messages_find_no_room_is_done_all_the_same(tmp_path, whole):
    """Where standard error goes to a disk that is full after the first words of it."""
    process = begin(*RUN, "--json", "--out", tmp_path)
    process.stderr.readline()
    process.stderr.close()  # as `2>&1 | head -1` does
    told = process.stdout.read()
    process.wait()
    process.stdout.close()
    if told:
        assert json.loads(told)[0]["digest"] == whole["short"]
    assert bool(told) == (process.returncode == 0)


# A disk that is read-only, not ours, or gone; a file in the place of a folder


def test_a_read_only_disk_is_named_and_nothing_is_begun(disk, whole):
    small = disk(5000)
    small.becomes("ro")
    refused(begin(*RUN, "--out", small.place), r"cannot write \S+/history: the disk is read-only; choose another place")
    for words in WRITERS.values():
        command = asked(words, whole["folder"], small.place)
        if words[0] == "calibrate":
            refused(begin(*command), r"--out: \S+ may not be written to; choose another place", code=2)
        else:
            refused(begin(*command), r"cannot write \S+FILE\.\w+: the disk is read-only; choose another place")


def test_a_disk_that_becomes_read_only_stops_a_run_that_then_goes_on(disk, whole):
    small = disk(9000)
    process = begin(*LONG, "--out", small.place)
    until(lambda: blocks_done(small.place) >= 3)
    small.closes()
    refused(process, r"cannot write \S+: the disk is read-only; \d+ of 120 worlds are done; go on with: chokepoint run --resume \S+")
    refused(begin("run", "--resume", the_run(small.place)), r"cannot write \S+/.lock: the disk is read-only; choose another place")
    small.opens()
    nothing_half_written(the_run(small.place))
    goes_on(the_run(small.place), whole["long"])


@pytest.mark.skipif(shutil.which("setpriv") is None and os.geteuid() == 0, reason="root may write everywhere, and there is no setpriv")
def test_a_folder_that_is_not_ours_is_named(tmp_path, whole):
    tmp_path.chmod(0o500)
    bound = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-all"] if os.geteuid() == 0 else []
    for words, says in ((RUN, r"cannot write \S+/out/history: no permission to write there; choose another place\n"), (["report", whole["folder"]], None)):
        where = tmp_path / "out" if says else tmp_path / "page.html"
        command = [*bound, sys.executable, "-m", "sim", *map(str, words), "--out", str(where)]
        done = subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert re.search(says or r"^chokepoint: cannot write \S+/page.html: no permission to write there; choose another place\n$", done.stderr)
    tmp_path.chmod(0o700)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("what", ["results", "run", "parts"])
def test_a_folder_that_is_deleted_under_a_run_is_missed_in_a_sentence_and_stays_deleted(tmp_path, whole, what):
    out = tmp_path / "results"
    process = begin(*LONG, "--out", out)
    until(lambda: blocks_done(out) >= 3)
    folder = the_run(out)
    gone = {"results": out, "run": folder, "parts": folder / "series"}[what]
    gone.rename(tmp_path / "away")  # at once, where removing file by file takes a while
    shutil.rmtree(tmp_path / "away")
    if what != "parts":
        refused(process, r".*; the run's folder is gone or damaged, so begin the run again")
        assert not gone.exists()
        return
    refused(process, r"\S+/part-00000.parquet is missing; \d+ of 120 worlds are done; go on with: chokepoint run --resume \S+")
    nothing_half_written(folder)
    goes_on(folder, whole["long"])


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path, whole):
    process = begin(*LONG, "--out", tmp_path)
    until(lambda: blocks_done(tmp_path) >= 3)
    process.send_signal(signal.SIGINT)
    assert ended(process)[0] == 130
    folder = the_run(tmp_path)
    shutil.rmtree(folder / "series")
    (folder / "series").write_text("")
    refused(begin("run", "--resume", folder, "--jobs", "2"), r"cannot write \S+/series: a file stands where a folder is needed; 0 of 120 .*; go on with: .*")
    (folder / "series").unlink()
    goes_on(folder, whole["long"])


# Memory


BIG = ["run", "history", "--worlds", "4500", "--months", "48", "--block", "4096", "--record", "outcomes"]


@pytest.mark.parametrize("jobs,says", [
    (1, r"(\d blocks? failed \()?memory ran out.*; go on with more memory: chokepoint run --resume \S+; or begin it anew with smaller blocks, --block 1024, .*"),
    (2, r"\d blocks? failed \(.*memory.*\); .* worlds are done; go on with fewer processes at a time: chokepoint run --resume \S+ --jobs 1; or .*"),
])  # fmt: skip
def test_a_run_without_memory_says_which_blocks_and_processes_would_do(tmp_path, monkeypatch, jobs, says):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")  # each takes a part of the limit
    refused(begin(*BIG, "--jobs", jobs, "--out", tmp_path, memory=1050), says)
    reports = nothing_half_written(the_run(tmp_path))
    assert all("memory" in report.cause for report in reports.values() if report.status == "failed")
    code, told, _ = ended(begin("run", "--resume", the_run(tmp_path), "--quiet", "--json", "--jobs", "1"))
    assert (code, json.loads(told)[0]["worlds"]) == (0, 4500)
    small = [word if word != "4096" else "64" for word in BIG]
    code, told_small, _ = ended(begin(*small, "--jobs", "2", "--quiet", "--json", "--out", tmp_path / "small", memory=1050))
    assert (code, json.loads(told_small)[0]["digest"]) == (0, json.loads(told)[0]["digest"])


@pytest.mark.parametrize("words", [["run", "history", "--worlds", "64"], ["validate", "--worlds", "64"], ["calibrate", "--samples", "500", "--jobs", "2"]], ids=["run", "validate", "calibrate"])
def test_a_command_without_memory_for_anything_says_so(tmp_path, words):
    out = ["--out", tmp_path / "out"] if words[0] != "validate" else []
    refused(begin(*words, "--quiet", *out, memory=330), r"(memory ran out|a process was killed, most likely for want of memory)[;,] .*")


# Processes that are killed, or stopped


def children(process):
    """The processes that compute blocks for it."""
    return [pid for pid in living(lambda parent, group: parent == process.pid) if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_workers_that_are_killed_cost_nothing(tmp_path, whole):
    process = begin(*LONG, "--quiet", "--json", "--out", tmp_path)
    for done in (2, 8, 14):
        until(lambda done=done: blocks_done(tmp_path) >= done)
        os.kill(children(process)[0], signal.SIGKILL)
    code, told, _ = ended(process)
    assert (code, json.loads(told)[0]["digest"]) == (0, whole["long"])


def test_a_block_that_kills_every_worker_is_named_and_the_rest_is_done(tmp_path, whole):
    says = r"1 block failed \(block 2 killed its process 2 times: out of memory\?\); 20 of 24 worlds are done; go on with fewer processes at a time: .*"
    refused(begin(*RUN, "--out", tmp_path, FAULT="kill", FAULT_WORLD=9), says)
    assert nothing_half_written(the_run(tmp_path))[2].status == "failed"
    goes_on(the_run(tmp_path), whole["short"])


def test_a_worker_that_hangs_is_ended_and_its_block_computed_by_another(tmp_path, whole):
    process = begin(*LONG, "--json", "--out", tmp_path, PATIENCE=4)
    until(lambda: blocks_done(tmp_path) >= 3)
    os.kill(children(process)[0], signal.SIGSTOP)
    code, told, err = ended(process)
    assert (code, json.loads(told)[0]["digest"]) == (0, whole["long"])
    assert re.search(r"^note: block \d+ hangs: its process is ended, and it is tried once more$", err, re.MULTILINE)


def test_a_block_that_hangs_every_worker_is_named_and_the_rest_is_done(tmp_path, whole):
    says = r"1 block failed \(block 2 hung, and was ended, 2 times\); 20 of 24 worlds are done; try the rest again with: .*"
    err = refused(begin(*RUN, "--out", tmp_path, FAULT="stop", FAULT_WORLD=9, PATIENCE=4), says)
    assert re.search(r"^note: no block was done for \d s, and usually one takes \d s; Ctrl-C ends the run, and what is done stays$", err, re.MULTILINE)
    assert read_journal(the_run(tmp_path))[1][2].status == "failed"
    goes_on(the_run(tmp_path), whole["short"])


def test_a_run_that_is_suspended_for_long_is_not_taken_for_one_that_hangs(tmp_path, whole):
    process = begin(*LONG, "--json", "--out", tmp_path, PATIENCE=10, TIMES=8)
    until(lambda: blocks_done(tmp_path) >= 3)
    os.killpg(process.pid, signal.SIGSTOP)  # Ctrl-Z
    time.sleep(25)
    os.killpg(process.pid, signal.SIGCONT)
    code, told, err = ended(process)
    assert (code, json.loads(told)[0]["digest"]) == (0, whole["long"])
    assert "hangs" not in err


def test_ctrl_c_ends_a_run_within_seconds_also_where_workers_are_stopped(tmp_path, whole):
    process = begin(*LONG, "--out", tmp_path)
    until(lambda: blocks_done(tmp_path) >= 3)
    for worker in children(process):
        os.kill(worker, signal.SIGSTOP)
    time.sleep(0.5)
    asked = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    refused(process, r"stopped with \d+ of 120 worlds done; go on with: chokepoint run --resume \S+", code=130)
    assert time.monotonic() - asked < 5
    nothing_half_written(the_run(tmp_path))
    goes_on(the_run(tmp_path), whole["long"])


# A model that goes wrong inside a block


@pytest.mark.parametrize("fault,cause", [
    ("raise", "FloatingPointError: overflow in a rule"),
    ("infinite", "ValueError: approvals is infinite, or too large to be stored, in world 9, month 3"),
])  # fmt: skip
def test_a_block_that_goes_wrong_has_a_cause_and_the_rest_is_done(tmp_path, whole, fault, cause):
    says = rf"1 block failed \({re.escape(cause)}\); 20 of 24 worlds are done; try the rest again with: chokepoint run --resume \S+"
    refused(begin(*RUN, "--out", tmp_path, FAULT=fault, FAULT_WORLD=9), says)
    reports = nothing_half_written(the_run(tmp_path))
    assert {block: report.status for block, report in reports.items()} == dict.fromkeys(range(6), "done") | {2: "failed"}
    assert (reports[2].cause, reports[2].worlds) == (cause, 4)
    goes_on(the_run(tmp_path), whole["short"])


def test_an_outcome_that_is_no_number_is_counted_and_told(tmp_path):
    code, _, err = ended(begin(*RUN, "--out", tmp_path, FAULT="blank", FAULT_WORLD=9))
    assert (code, "note: approvals has no number in 1 worlds' months" in err) == (0, True)
    assert Results.open(the_run(tmp_path)).manifest["blanks"]["approvals"] == 1
