"""Wrong files at the command line: exit code 2, one sentence that names the file, little memory, and never a traceback.

All of a list go to one process, so that what it held at most is what the worst of them took.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST = 300  # MiB
ASK = """
import io, json, re, sys, time
from contextlib import redirect_stderr, redirect_stdout
from sim.__main__ import main
found = []
for words in json.load(sys.stdin):
    out, err, began = io.StringIO(), io.StringIO(), time.perf_counter()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(words)
    found.append([code, out.getvalue(), err.getvalue(), time.perf_counter() - began])
# and not getrusage, whose most is that of the process before this one too
print(json.dumps([found, int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024]))
"""
HISTORY = "title: x\nextends: history\n"
FILES = {
    "empty": b"",
    "a scalar": b"history\n",
    "a list": b"- title: x\n",
    "two documents": b"title: x\n---\ntitle: y\n",
    "UTF-16": "title: x\n".encode("utf-16"),
    "a NUL byte": b"title: x\0\n",
    "a tab": b"levers:\n\tlaw.leak: 1\n",
    "50 MB": b"title: x\n" + b"# " + b"x" * (50 << 20),
    "an alias bomb": ("a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10))).encode(),
    "an alias of itself": b"title: &x [*x]\n",
    "a merge key": b"title: &x {b: 1}\nrun:\n  <<: *x\n",
    "a tag that runs something": b"title: !!python/object/apply:os.system [ls]\n",
    "a tag of bytes": b"title: !!binary aGk=\n",
    "a tag of sets": b"title: !!set {x, y}\n",
    "100,000 levels": b"title: " + b"[" * 100_000,
    "a million keys": b"".join(b"k%d: 1\n" % i for i in range(1_000_000)),
    "5,000 digits": b"run: {seed: " + b"9" * 5000 + b"}\n",
    "a key twice": b"title: x\ntitle: y\n",
    "a key that is no text": b"1: x\n",
    "a misspelt key": b"titel: x\n",
    "a wrong type": b"title: [x]\n",
    "no parent of that name": b"title: x\nextends: histroy\n",
    "a parent that is itself": b"title: x\nextends: wrong.yaml\n",
    "a parent elsewhere": b"title: x\nextends: ../../etc/passwd\n",
    "a parent that is a device": b"title: x\nextends: /dev/zero\n",
    "a parent on the web": b"title: x\nextends: https://example.org/x.yaml\n",
    "Norway for a number": f"{HISTORY}constants: {{law.leak: NO}}\n".encode(),
    "a time for a number": f"{HISTORY}constants: {{law.leak: 12:30}}\n".encode(),
    "an octal number": f"{HISTORY}constants: {{law.leak: 017}}\n".encode(),
    "no number": f"{HISTORY}constants: {{law.leak: .nan}}\n".encode(),
    "an infinite number": f"{HISTORY}constants: {{law.leak: .inf}}\n".encode(),
    "a number of 309 digits": f"{HISTORY}constants: {{law.leak: 1e308}}\n".encode(),
    "next to nothing": f"{HISTORY}constants: {{law.leak: 5e-324}}\n".encode(),
    "a share of 1.2": f"{HISTORY}constants: {{law.leak: 1.2}}\n".encode(),
    "chances of 1.2": f"{HISTORY}uncertainties: {{law.leak: {{values: [0, 1], chances: [0.6, 0.6]}}}}\n".encode(),
    "a negative price": f"{HISTORY}constants: {{demand.base_carrier: -1}}\n".encode(),
    "low above high": f"{HISTORY}uncertainties: {{law.leak: {{low: 0.5, high: 0.1}}}}\n".encode(),
    "a date that is none": f"{HISTORY}levers: {{law.listing: {{2020-13-40: 1}}}}\n".encode(),
    "a date before the start": f"{HISTORY}levers: {{law.listing: {{2017-12: 1}}}}\n".encode(),
    "a country that is none": f"{HISTORY}levers: {{government.NRO.hawk: 1}}\n".encode(),
    "no months": f"{HISTORY}run: {{months: 0}}\n".encode(),
    "no worlds": f"{HISTORY}run: {{worlds: 0}}\n".encode(),
    "a billion worlds": f"{HISTORY}run: {{worlds: 1e9}}\n".encode(),
    "a billion months": f"{HISTORY}run: {{months: 1000000000}}\n".encode(),
}


def ask(asked):
    """Each command's exit code, standard output, standard error and seconds; and the most that the process held at once, MiB."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-W", "error", "-c", ASK], input=json.dumps(asked), capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_no_file_that_is_wrong_takes_more_than_a_sentence_and_little_memory(tmp_path):
    asked = []
    for name, content in FILES.items():
        file = tmp_path / name / "wrong.yaml"
        file.parent.mkdir()
        file.write_bytes(content)
        asked.append(["check", str(file)])
    os.mkfifo(tmp_path / "pipe.yaml")
    asked += [["check", str(path)] for path in (tmp_path, tmp_path / "pipe.yaml", tmp_path / "missing.yaml", "/dev/zero")]
    found, most = ask(asked)
    for (_, file), (code, out, err, _) in zip(asked, found, strict=True):
        assert (code, out) == (2, ""), (file, err)
        assert err.startswith(f"chokepoint: {file}"), err
        assert err.count("\n") == 1, err
        assert len(err) < len(file) + 700, err
    assert most < MOST
    print(f"{len(asked)} wrong files: at most {max(seconds for *_, seconds in found):.2f} s each, and {most:.0f} MiB for all")


@pytest.mark.slow
def test_what_a_pipe_that_closes_and_a_terminal_of_any_kind_do_to_no_command(tmp_path):
    """40 columns, no colour, no terminal at all, a reader that has seen enough."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "40", "NO_COLOR": "1", "TERM": "dumb"}
    run = "run history --worlds 4 --months 20 --jobs 1 --out out"
    for words in ("--help", "list", "check history", "parameters", "outcomes", "diff history g20_truce", run):
        for rest in ("", " | head -n 1", " > /dev/full"):
            done = subprocess.run(f"{sys.executable} -W error -m sim {words}{rest}", shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
            assert "Traceback" not in done.stderr, (words, rest)
            assert "\x1b[" not in done.stdout + done.stderr
            assert rest == " > /dev/full" or done.returncode == 0, (words, rest, done.stderr)
            assert rest or words == "--help" or max(map(len, done.stdout.splitlines())) <= 80, words
