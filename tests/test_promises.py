"""What a run owes to its scenario and seed alone: it knows nothing of when, where, how often and beside whom it is computed."""

import json
import locale
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import fake_model
import numpy as np
import pytest
from runs import planned

from sim.batch import audit, engine, journal, provenance
from sim.batch.results import MANIFEST, Results, read_manifest, write_manifest
from sim.luck import Luck
from sim.model import simulate
from sim.refusal import InputError
from sim.worlds import Worlds

ROOT = Path(__file__).parents[1]
TIMES = {"started", "ended", "seconds", "block_seconds"}
SMALL = ["--worlds", "4", "--months", "20", "--jobs", "1", "--quiet"]
ELSEWHERE = {
    "again": {},
    "another seed of hashes": {"PYTHONHASHSEED": "1"},
    "hashes of chance": {"PYTHONHASHSEED": "random"},
    "another hour": {"TZ": "Asia/Kathmandu"},
    "another language": {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"},
    "no language": {"LC_ALL": "C", "PYTHONUTF8": "0"},
    "two threads of BLAS": {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"},
}
ALL = {name: value for settings in ELSEWHERE.values() for name, value in settings.items() if name != "PYTHONUTF8"}


def computed(folder, settings, scenario="history", words=SMALL):
    """A run in a process of its own, begun in this folder with these settings: its results folder."""
    folder.mkdir(parents=True)
    base = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "OPENBLAS", "OMP", "TZ"))}
    environment = {**base, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1", **settings}
    command = [sys.executable, "-W", "error", "-m", "sim", "run", str(scenario), *words]
    subprocess.run(command, cwd=folder, env=environment, check=True, timeout=120, capture_output=True)
    return next(folder.glob("results/*/*/" + MANIFEST)).parent


def files(folder):
    found = {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    manifest = json.loads(found.pop(MANIFEST))
    return found, manifest


def differing(one, other):
    return {name for name in {*one, *other} if one.get(name) != other.get(name)}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return files(computed(tmp_path_factory.mktemp("first") / "here", {}))


def test_a_run_is_the_same_to_the_byte_under_any_settings_and_from_any_folder(first, tmp_path):
    found, manifest = files(computed(tmp_path / "a folder with blanks, ü and 港", ALL))
    assert found == first[0]
    assert differing(manifest["environment"], first[1]["environment"]) <= {"settings"}
    assert differing(manifest, first[1]) <= {*TIMES, "environment", "manifest_sha256"}


@pytest.mark.slow
@pytest.mark.parametrize("setting", ELSEWHERE)
def test_a_run_is_the_same_to_the_byte_under_each_setting(first, tmp_path, setting):
    found, manifest = files(computed(tmp_path / "there", ELSEWHERE[setting]))
    assert found == first[0]
    assert manifest["digest"] == first[1]["digest"]
    if setting == "again":
        assert differing(manifest, first[1]) <= {*TIMES, "manifest_sha256"}
    if setting == "another language":
        assert "LC_ALL" not in json.dumps(manifest)
        assert locale.localeconv()["decimal_point"] == "."  # of this process: nothing sets it


@pytest.mark.slow
def test_a_world_is_the_same_among_two_64_and_a_thousand():
    plan = planned(months=30)
    series = {}
    for count in (1000, 64, 2, 1):
        worlds = Worlds.range(0, count)
        series[count] = simulate(plan.scenario, plan.case, worlds, plan.values(worlds)).series
    for count in (64, 2, 1):
        for name, x in series[count].items():
            assert np.array_equal(x, series[1000][name][:, :count]), (name, count)


def test_replicates_are_pairwise_different():
    luck = Luck(2019, Worlds.range(0, 500)).table((("someone", 40),), "file", 7)
    assert len({column.tobytes() for column in luck.T}) == 500
    assert np.max(np.abs(np.corrcoef(luck.T[:60])) - np.eye(60)) < 0.75


@pytest.fixture
def finished(tmp_path):
    folder = engine.prepare(fake_model.plan(60), tmp_path)
    engine.finish(folder, simulate=fake_model.simulate, outcomes=fake_model.OUTCOMES)
    return folder


def test_verify_finds_any_byte_that_was_flipped(finished):
    """A hundred bytes of any file, one after the other; most lie in the tables of the case, which are larger than the results."""
    moments = random.Random(19)
    parts = sorted(file for file in finished.rglob("*") if file.is_file() and file.name != "posterior.parquet")
    assert audit.verify(finished) == []
    for _ in range(100):
        file = moments.choice(parts)
        whole = file.read_bytes()
        at, bit = moments.randrange(len(whole)), moments.randrange(8)
        file.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << bit)]) + whole[at + 1 :])
        try:
            found = audit.verify(finished)
        except InputError as refused:
            found = [str(refused)]
        assert any(file.name in fault for fault in found), (file, at, bit, found)
        file.write_bytes(whole)
    assert audit.verify(finished) == []


@pytest.mark.parametrize("words", [("verify",), ("reproduce",), ("report",), ("compare",), ("why", "--world", "0"), ("sensitivity",), ("robust", "--minimise", "stock"), ("validate",), ("plot", "--outcome", "stock")])
def test_a_run_of_an_older_version_is_refused_by_the_name_of_the_version(finished, call, words):
    manifest = read_manifest(finished)
    manifest["schema"], manifest["environment"]["chokepoint"] = 0, "0.0.7"
    write_manifest(finished, manifest)
    code, out, err = call(words[0], finished, *words[1:])
    assert (code, out) == (2, "")
    assert f"written by Chokepoint 0.0.7 with schema 0; this version reads schema {provenance.SCHEMA}" in err
    assert err.count("\n") == 1


def test_a_run_that_an_older_version_began_is_not_gone_on_with(tmp_path, monkeypatch):
    now = provenance.environment()
    monkeypatch.setattr(engine.provenance, "environment", lambda: {**now, "chokepoint": "0.0.7"})
    folder = engine.prepare(fake_model.plan(60), tmp_path)
    monkeypatch.undo()
    with pytest.raises(InputError, match=rf"chokepoint was 0\.0\.7 and is {now['chokepoint']}"):
        engine.resume(folder)


def test_the_manifest_says_all_that_it_takes_to_do_it_again(first):
    manifest = first[1]
    assert {"schema", "plan", "seed", "streams", "sources", "digest", "blocks", "blocks_done", "started", "ended", "deviations"} <= manifest.keys()
    assert {"chokepoint", "code", "python", "packages", "platform", "cpu_features", "settings"} == manifest["environment"].keys()
    assert {"numpy", "mesa", "scipy", "pyarrow"} <= manifest["environment"]["packages"].keys()
    assert manifest["environment"]["settings"]["OPENBLAS_NUM_THREADS"] == "1"
    assert manifest["command"][:3] == ["chokepoint", "run", "history"]
    assert {"scenario.yaml", "worlds.parquet", "summary.csv"} <= manifest["files"].keys()
    assert all(len(about["sha256"]) == 64 for about in manifest["files"].values())


@pytest.mark.slow
def test_a_second_ctrl_c_ends_a_run_at_once(tmp_path):
    words = ["run", "history", "--worlds", "4000", "--block", "2000", "--months", "96", "--jobs", "1", "--record", "outcomes", "--quiet", "--out", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    begun = subprocess.Popen([sys.executable, "-m", "sim", *words], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end = time.monotonic() + 60
    while not any(tmp_path.rglob(journal.JOURNAL)) and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(2)
    begun.send_signal(signal.SIGINT)
    begun.send_signal(signal.SIGINT)
    sent = time.monotonic()
    begun.communicate(timeout=30)
    assert begun.returncode == 130
    assert time.monotonic() - sent < 10  # a block of this size takes longer
    (folder,) = (tmp_path / "history").iterdir()
    with pytest.raises(InputError, match="not finished"):
        Results.open(folder)
