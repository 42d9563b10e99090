"""The real model, killed twenty times from outside at moments that nobody chose."""

import json
import random
import subprocess
import sys
import time

import pytest

from sim.batch.audit import verify
from sim.batch.results import Results

RUN = ["history", "--worlds", "1500", "--block", "25", "--months", "60", "--record", "outcomes"]
KILLS = 20


def begin(*words):
    return subprocess.Popen([sys.executable, "-m", "sim", "run", *words, "--quiet", "--jobs", "2", "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


@pytest.mark.slow
def test_a_run_that_is_killed_twenty_times_is_the_run_that_was_not(tmp_path):
    told, _ = begin(*RUN, "--out", str(tmp_path / "whole")).communicate()
    digest, moments = json.loads(told)[0]["digest"], random.Random(5)
    process, kills = begin(*RUN, "--out", str(tmp_path / "killed")), 0
    while kills < KILLS and process.poll() is None:
        time.sleep(moments.uniform(1.2, 3.2))
        process.kill()
        process.communicate()
        kills += 1
        found = list((tmp_path / "killed").glob("history/*/progress.jsonl"))
        process = begin(*(["--resume", str(found[0].parent)] if found else [*RUN, "--out", str(tmp_path / "killed")]))
    process.communicate()
    (folder,) = [file.parent for file in (tmp_path / "killed").glob("history/*/manifest.json")]
    assert kills == KILLS, f"it was done after {kills}: give it more worlds"
    assert Results.open(folder).manifest["digest"] == digest
    assert verify(folder) == []
    assert not list(folder.rglob("*.unfinished"))
