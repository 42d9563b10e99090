"""`chokepoint calibrate` on the model itself: what it writes, what it tells, and what it refuses."""

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from test_cli import ENV

from sim import prior
from sim.analysis.kept import drawn_from
from sim.analysis.targets import OURS, read_targets
from sim.batch.plan import Plan
from sim.case import read_case, shipped_case
from sim.worlds import Worlds

HEADER = "name,measure,selector,date,value,observation_sd,discrepancy_sd,role,known_miss,source\n"
STOCK = "raw material end 2018,raw_material,,2018-12,35.4,0.4,3.5,fitted,,accounts\n"
EARLY = STOCK + (
    "scarce parts,scarce_stock,,2019-05,9,1,0.5,fitted,,press\n"
    "purchases,controlled_sales,,2018,11,0.1,0,input,,accounts\n"
    "filings,filings,,..2019-05,50,1,1,fitted,too early,press\n"
)
FREE = "tariff,tariff_on_target,,2018-12,90,1,1,fitted,rules.talks_mode=free,press\n"
SMALL = ["--samples", "30", "--replicates", "2", "--waves", "1", "--jobs", "1", "--block", "60", "--quiet"]


def targets(folder, rows=EARLY):
    file = folder / "mine.csv"
    file.write_text(HEADER + rows, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The folder of a calibration against two targets, and what it told."""
    from sim.__main__ import main

    folder = tmp_path_factory.mktemp("calibrated")
    words = ["calibrate", *SMALL, "--targets", targets(folder), "--out", folder / "posterior.parquet", "--write", folder / "page.md"]
    with (folder / "told").open("w") as told:
        out, sys.stdout = sys.stdout, told
        try:
            assert main([*map(str, words), "--json"]) == 0
        finally:
            sys.stdout = out
    return folder, json.loads((folder / "told").read_text())


def test_the_kept_rows_are_draws_of_the_whole_ranges_that_the_targets_do_not_rule_out(done):
    folder, told = done
    table = pq.read_table(folder / "posterior.parquet").to_pydict()
    plan = Plan.of("history", ["prior=none"], seed=1)
    whole = plan.values(Worlds.range(0, 30))
    assert told["kept"] == len(table["sample"])
    assert 0 < told["kept"] < 30
    assert set(table) == {*whole, *prior.BESIDE}
    for path, values in whole.items():
        assert np.array(table[path]) == pytest.approx(values[table["sample"]], rel=1e-6), path
    assert max(table["implausibility"]) <= 3


def test_the_file_says_how_it_was_made_and_when_only_if_told(done):
    folder, told = done
    says = prior.about(folder / "posterior.parquet", "here", "posterior.parquet")
    assert says["matched"] == ["raw material end 2018", "scarce parts"]
    assert (says["seed"], says["replicates"], says["cutoff"], says["months"]) == (1, 2, 3.0, 17)
    assert says["targets"] == "mine.csv"
    assert says["waves"] == [{"looked_at": 30, "simulated": 30, "kept": told["kept"]}]
    assert "date" not in says


def test_what_is_put_in_is_looked_at_and_not_matched(done):
    _, told = done
    by = {target["name"]: target for target in told["targets"]}
    assert by["purchases"]["matched"] is False
    assert by["purchases"]["rules_out"] == 0
    assert by["purchases"]["before"][0] > 11.3  # far beyond its .1, and yet nothing is ruled out by it
    assert by["filings"]["matched"] is False
    assert told["inside"]["targets"] == 4


def test_the_page_tells_the_same(done):
    folder, told = done
    page = (folder / "page.md").read_text(encoding="utf-8")
    assert f"{told['kept']} not ruled out" in page
    assert told["targets_sha256"][:12] in page
    assert "| raw material end 2018 (matched) |" in page


@pytest.mark.slow
def test_it_is_the_same_to_the_byte_however_many_processes_and_blocks(done, call, tmp_path):
    folder, _ = done
    words = ["calibrate", "--samples", "30", "--replicates", "2", "--waves", "1", "--jobs", "2", "--block", "25", "--quiet"]
    code, text, _ = call(*words, "--targets", targets(tmp_path), "--out", tmp_path / "again.parquet")
    assert code == 0
    assert (tmp_path / "again.parquet").read_bytes() == (folder / "posterior.parquet").read_bytes()
    assert "Wave 1: 30 parameter sets, 2 worlds each" in text
    assert "The record says" in text


def test_a_scenario_runs_on_what_was_kept(done, call, tmp_path):
    folder, told = done
    (folder / "mine.yaml").write_text("extends: history\nprior: posterior.parquet\n", encoding="utf-8")
    code, _, _ = call("run", folder / "mine.yaml", "--worlds", "5", "--months", "3", "--jobs", "1", "--quiet", "--out", tmp_path)
    assert code == 0
    assert f"({told['kept']} rows" in call("check", folder / "mine.yaml")[1]


def test_a_target_that_nobody_can_meet_is_said_in_words_and_nothing_is_written(call, tmp_path):
    file = targets(tmp_path, EARLY.replace("0.4,3.5", "0.01,0"))
    code, text, _ = call("calibrate", *SMALL, "--targets", file, "--out", tmp_path / "none.parquet")
    text = " ".join(text.split())
    assert code == 1
    assert "Nothing is kept: the record rules out every parameter set that was tried." in text
    assert 'No parameter set meets "raw material end 2018"' in text
    assert "implausibility of" in text
    assert not (tmp_path / "none.parquet").exists()


@pytest.mark.parametrize(
    "words, says",
    [
        (["--targets", "nowhere.csv"], "nowhere.csv: there is no such file"),
        (["--replicates", "1"], "--replicates"),
        (["--out", "."], "is a folder"),
        (["--cutoff", "0"], "--cutoff"),
        (["--set", "firm.hurdel=1"], 'did you mean "firm.hurdle"'),
    ],
)
def test_what_cannot_be_calibrated_is_refused(call, words, says):
    code, out, err = call("calibrate", *SMALL, *words)
    assert (code, out) == (2, "")
    assert says in err


def test_nothing_matched_is_refused(call, tmp_path):
    file = targets(tmp_path, EARLY.replace("fitted", "predicted"))
    code, _, err = call("calibrate", *SMALL, "--targets", file)
    assert code == 2
    assert "no target may be matched" in err


def test_a_target_that_is_one_only_under_other_settings_has_no_say(call, tmp_path):
    header = HEADER.replace("known_miss", "when")
    (tmp_path / "free.csv").write_text(header + STOCK + FREE, encoding="utf-8")
    code, text, _ = call("calibrate", *SMALL, "--targets", tmp_path / "free.csv", "--out", tmp_path / "p.parquet", "--json")
    assert code == 0
    assert [target["name"] for target in json.loads(text)["targets"]] == ["raw material end 2018"]


def test_the_shipped_targets_state_a_reason_for_every_discrepancy():
    found = read_targets(OURS, read_case(shipped_case("huawei")))
    assert all(target.why for target in found)
    assert sum(target.role == "fitted" and not target.known_miss for target in found) > 15
    assert {t.name for t in found if t.known_miss} >= {"controlled purchases 2019", "filed by 19 November 2019"}


def alive(group):
    """The processes of a group that still run."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            after_name = place.read_text().rpartition(")")[2].split()
            if int(after_name[2]) == group and after_name[0] not in "ZX":
                found.append(place.parent.name)
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_stopped_it_leaves_neither_a_file_nor_a_process(tmp_path):
    words = ["calibrate", "--samples", "4000", "--jobs", "2", "--out", str(tmp_path / "p.parquet")]
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", *words], env=ENV, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    while len(alive(process.pid)) < 3 and process.poll() is None:  # both of its processes are there
        time.sleep(0.1)
    time.sleep(2)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "stopped" in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []
    for _ in range(50):
        if not alive(process.pid):
            return
        time.sleep(0.1)
    raise AssertionError(alive(process.pid))


def test_the_shipped_sample_is_of_todays_ranges_and_targets():
    """If this fails: chokepoint calibrate --out scenarios/cases/huawei/posterior.parquet --write docs/calibration.md"""
    file = shipped_case("huawei") / prior.COPY
    says = prior.about(file, "here", file.name)
    assert says["targets_sha256"] == hashlib.sha256(OURS.read_bytes()).hexdigest()
    assert says["drawn_from"] == drawn_from(Plan.of("history", ["prior=none"]))
    assert says["replicates"] * says["waves"][0]["simulated"] >= 50_000
    page = (Path(__file__).parents[1] / "docs" / "calibration.md").read_text(encoding="utf-8")
    assert says["targets_sha256"][:12] in page
    assert f"{says['rows']:,} not ruled out" in page
