"""Runs on a Dask cluster: a real scheduler and real workers on the loopback, some of which die."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import fake_model
import pytest

from sim.__main__ import main
from sim.batch import cluster as clusters
from sim.batch import engine, journal, provenance, remote
from sim.batch.cluster import cluster, unlike
from sim.batch.engine import Interrupted, RunFailed
from sim.batch.progress import Progress
from sim.batch.results import MANIFEST, Results
from sim.refusal import InputError

distributed = pytest.importorskip("distributed", reason="needs Dask: pip install 'chokepoint[distributed]'")

TESTS = Path(__file__).parent
ENV = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])}
SMALL = ["history", "--worlds", "12", "--months", "24", "--block", "2", "--json", "--quiet"]


class Dask:
    """A scheduler and its workers, each with a nanny that starts it anew when it dies."""

    def __init__(self, place: Path) -> None:
        self.place, self.started = place, []
        file = place / "scheduler.json"
        self.start("scheduler", "--port", "0", "--scheduler-file", str(file))
        until(file.is_file)
        until(lambda: file.read_text().endswith("}"))
        self.address = json.loads(file.read_text())["address"]

    def start(self, what, *words, **variables):
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *words, "--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
        log = (self.place / f"{what}.log").open("ab")
        self.started.append(subprocess.Popen(command, cwd=self.place, env=ENV | variables, stdout=log, stderr=log))
        log.close()
        return self.started[-1]

    def worker(self, **variables):
        words = ("--nworkers", "1", "--nthreads", "1", "--memory-limit", "0", "--local-directory", str(self.place))
        before = len(self.processes())
        started = self.start("worker", self.address, *words, **variables)
        until(lambda: len(self.processes()) > before)
        return started

    def processes(self):
        """Address -> process of each worker that is there."""
        with distributed.Client(self.address, set_as_default=False) as client:
            return client.run(os.getpid)

    def stop(self):
        """Nothing is left to save; a worker dies with its nanny."""
        for process in reversed(self.started):
            process.kill()
            process.wait()


def until(so, seconds=30):
    end = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


@contextmanager
def running(place, workers):
    dask = Dask(place)
    try:
        for _ in range(workers):
            dask.worker()
        yield dask
    finally:
        dask.stop()


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    with running(tmp_path_factory.mktemp("dask"), 2) as dask:
        yield dask


@pytest.fixture
def two(dask):
    """Both workers are there, also after a test that killed some."""
    until(lambda: len(dask.processes()) == 2)
    return dask


def finish(folder, by=None, simulate=fake_model.simulate, progress=None):
    return engine.finish(folder, engine=by, simulate=simulate, outcomes=fake_model.OUTCOMES, progress=progress)


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """300 worlds in blocks of 64, by this process alone."""
    folder = engine.prepare(fake_model.plan(), tmp_path_factory.mktemp("whole"))
    finish(folder)
    return folder


@contextmanager
def as_soon_as_a_block_is_done(folder, do):
    """Do it then, beside what runs meanwhile."""
    def wait():
        until(lambda: journal.read_journal(folder)[1])
        do()

    thread = threading.Thread(target=wait)
    thread.start()
    try:
        yield
    finally:
        thread.join()


@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes_as_one_process(tmp_path, two, whole):
    folder = engine.prepare(fake_model.plan(), tmp_path)
    with cluster(two.address, 1) as by:
        manifest = finish(folder, by)
    assert files(folder) == files(whole)
    assert manifest["digest"] == Results.open(whole).manifest["digest"]
    assert (manifest["engine"], manifest["jobs"]) == ("dask", 2)


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_costs_nothing(tmp_path, two, whole):
    folder = engine.prepare(fake_model.plan(), tmp_path)
    before = two.processes()
    with cluster(two.address, 1) as by, as_soon_as_a_block_is_done(folder, lambda: os.kill(min(before.values()), signal.SIGKILL)):
        finish(folder, by, fake_model.slow)
    assert files(folder) == files(whole)
    until(lambda: len(two.processes()) == 2)
    assert min(before.values()) not in two.processes().values(), "it should have been killed"


@pytest.mark.slow
@pytest.mark.parametrize("whose", ["a scheduler that forgives", "our own"])
def test_a_block_that_kills_its_worker_is_named_and_the_others_are_done(tmp_path, two, whose):
    folder = engine.prepare(fake_model.plan(150), tmp_path)
    with cluster(None if whose == "our own" else two.address, 2) as by, pytest.raises(RunFailed, match="block 1 killed its worker 2 times: out"):
        finish(folder, by, fake_model.deadly_in_world_64)
    reports = journal.read_journal(folder)[1]
    assert {block: report.status for block, report in reports.items()} == {0: "done", 1: "failed", 2: "done"}


@pytest.mark.slow
def test_a_run_that_is_stopped_on_the_cluster_ends_soon_and_goes_on_without_it(tmp_path, two, whole):
    folder = engine.prepare(fake_model.plan(), tmp_path)
    stopped = []

    def stop():
        stopped.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    with as_soon_as_a_block_is_done(folder, stop), pytest.raises(Interrupted, match=r"worlds done; go on with: chokepoint run --resume"):  # noqa: SIM117
        with cluster(two.address, 1) as by:
            finish(folder, by, fake_model.slow)
    assert time.monotonic() - stopped[0] < 5
    assert 0 < len(journal.read_journal(folder)[1]) < 5
    engine.resume(folder)
    finish(folder)
    assert files(folder) == files(whole)


@pytest.mark.slow
def test_ctrl_c_ends_a_cluster_of_our_own_and_another_cluster_finishes_the_run(tmp_path, two, capsys):
    command = [sys.executable, "-W", "error", "-m", "sim", "run", *SMALL, "--engine", "dask", "--jobs", "2", "--out", str(tmp_path / "a")]
    begun = subprocess.Popen(command, cwd=tmp_path, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        until(lambda: begun.poll() is not None or any(journal.read_journal(f.parent)[1] for f in tmp_path.rglob(journal.JOURNAL)))
        os.killpg(begun.pid, signal.SIGINT)  # as a terminal does, to all
        out, err = begun.communicate(timeout=5)
    finally:
        begun.kill()
    (folder,) = (tmp_path / "a" / "history").iterdir()
    assert (begun.returncode, out, err.count("\n")) == (130, "", 1), err
    assert err.endswith(f"go on with: chokepoint run --resume {folder}\n")
    assert main(["run", "--resume", str(folder), "--engine", "dask", "--scheduler", two.address, "--json", "--quiet"]) == 0
    (resumed,) = json.loads(capsys.readouterr().out)
    assert main(["run", *SMALL, "--jobs", "1", "--out", str(tmp_path / "b")]) == 0
    (local,) = json.loads(capsys.readouterr().out)
    assert resumed["digest"] == local["digest"]
    assert files(folder) == files(Path(local["folder"]))


@pytest.mark.slow
def test_a_block_that_fails_is_reported_as_by_any_engine(tmp_path, two):
    folder = engine.prepare(fake_model.plan(), tmp_path)
    with cluster(two.address, 1) as by, pytest.raises(RunFailed, match=r"1 block failed \(FloatingPointError: overflow in world 64\); 236 of 300"):
        finish(folder, by, fake_model.wrong_from_world_64)


@pytest.mark.slow
def test_a_worker_with_another_environment_gets_no_block_and_the_others_do(tmp_path, two, whole):
    other = two.worker(OPENBLAS_NUM_THREADS="7")
    folder, said = engine.prepare(fake_model.plan(), tmp_path), io.StringIO()
    try:
        with cluster(two.address, 1) as by:
            manifest = finish(folder, by, fake_model.slow, Progress(said))
    finally:
        other.terminate()
        other.wait(10)
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "not set")
    assert f"gets no block: its numbers might differ, since OPENBLAS_NUM_THREADS is {threads} here and 7 there" in said.getvalue()
    assert manifest["jobs"] == 2
    assert files(folder) == files(whole)


@pytest.mark.slow
def test_where_no_worker_is_fit_nothing_is_begun(two, monkeypatch):
    elsewhere = {**provenance.environment(), "python": "3.99"}
    monkeypatch.setattr(provenance, "environment", lambda: elsewhere)
    with pytest.raises(InputError, match=r"no worker of tcp://.* is fit for this run: tcp://.*python is 3\.99 here and 3\.1\d\.\d+ there$"):
        cluster(two.address, 1).__enter__()


@pytest.mark.slow
def test_a_worker_that_joins_later_is_looked_at_too(tmp_path, two, monkeypatch):
    folder = engine.prepare(fake_model.plan(), tmp_path)
    header = json.loads((folder / journal.JOURNAL).read_bytes())
    header["environment"]["code"] = "0123456789abcdef"
    journal.start_journal(folder, header)
    with cluster(two.address, 1) as by, pytest.raises(InputError, match="the code of Chokepoint is 0123456789abcdef here and .* there.*; then go on with"):
        finish(folder, by)
    assert not journal.read_journal(folder)[1]


@pytest.mark.slow
def test_a_worker_that_sees_another_folder_or_none_says_so(tmp_path, two, monkeypatch):
    folder = engine.prepare(fake_model.plan(), tmp_path)
    header, _ = journal.read_header(folder)
    monkeypatch.setattr(journal, "read_header", lambda folder: (header, "the hash of ours"))
    with cluster(two.address, 1) as by, pytest.raises(InputError, match="it does not see .* as you do; .* must be on storage that you share"):
        finish(folder, by)
    monkeypatch.undo()
    report = json.loads(remote.compute(str(tmp_path / "none"), "", 0, None, False))
    assert (report["status"], report["block"]) == (remote.REFUSED, 0)
    assert "does not see" in report["cause"]
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_a_scheduler_that_goes_leaves_a_run_that_can_go_on(tmp_path, whole, monkeypatch):
    monkeypatch.setattr(clusters, "PATIENCE", 2.0)
    folder = engine.prepare(fake_model.plan(), tmp_path)
    with (
        running(tmp_path, 1) as dask,
        cluster(dask.address, 1) as by,
        as_soon_as_a_block_is_done(folder, dask.started[0].kill),
        pytest.raises(RunFailed, match=r"\(the scheduler tcp://127\.0\.0\.1:\d+ is gone.* worlds are done; try the rest again with"),
    ):
        finish(folder, by, fake_model.slow)
    assert not (folder / MANIFEST).exists()
    finish(folder)
    assert files(folder) == files(whole)


@pytest.mark.slow
def test_a_scheduler_of_other_versions_is_refused_by_their_names(two, monkeypatch):
    real = distributed.Client.get_versions

    def other(self):
        versions = real(self)
        versions["scheduler"]["packages"]["dask"] = "2020.1.0"
        return versions

    monkeypatch.setattr(distributed.Client, "get_versions", other)
    with pytest.raises(InputError, match=rf"do not fit together: dask is {distributed.dask.__version__} here and 2020\.1\.0 there$"):
        cluster(two.address, 1).__enter__()
    assert unlike({"python": "3.11", "tornado": "6"}, {"python": "3.11", "tornado": "7"}) == ""


REFUSED = {
    "nobody there": (("--scheduler", "tcp://127.0.0.1:1"), "no Dask scheduler answers at tcp://127.0.0.1:1 within 0.5 s"),
    "no port": (("--scheduler", "tcp://127.0.0.1"), "is no address such as tcp://host:8786"),
    "no address": (("--scheduler", "somewhere"), "is no address such as tcp://host:8786"),
    "two ways to say how many": (("--scheduler", "tcp://127.0.0.1:1", "--jobs", "2"), "--jobs: a scheduler has the workers that it has"),
    "a scheduler for nobody": (("--engine", "local", "--scheduler", "tcp://127.0.0.1:1"), "--scheduler: goes with --engine dask"),
    "no such engine": (("--engine", "dusk"), 'it is one of local, dask; did you mean "dask"?'),
}


@pytest.mark.parametrize("words,said", REFUSED.values(), ids=list(REFUSED))
def test_what_is_wrong_is_refused_in_one_sentence_and_nothing_is_written(tmp_path, monkeypatch, capsys, words, said):
    monkeypatch.setattr(clusters, "PATIENCE", 0.5)
    code = main(["run", *SMALL, "--engine", "dask", "--out", str(tmp_path / "out"), *words])
    told = capsys.readouterr()
    assert (code, told.out, told.err.count("\n")) == (2, "", 1)
    assert said in told.err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_something_else_at_the_address_is_refused_by_its_name(two):
    (worker, *_) = two.processes()
    with pytest.raises(InputError, match=f"what answers at {worker} is no scheduler but a worker"):
        cluster(worker, 1).__enter__()


def test_without_dask_one_sentence_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["run", *SMALL, "--engine", "dask", "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.endswith("install it with: pip install 'chokepoint[distributed]'\n")
    assert not (tmp_path / "out").exists()
