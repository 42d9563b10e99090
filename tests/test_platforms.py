"""What other systems lack, simulated here: none of them was tried (docs/install.md)."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = {file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8") for file in (ROOT / "sim").rglob("*.py")}
NOT_ON_WINDOWS = ["signal.pthread_sigmask", "signal.SIGKILL", "signal.SIGHUP", "signal.SIGALRM", "signal.SIGSTOP", "signal.alarm", "signal.setitimer", "os.fork", "os.killpg", "os.setsid", "os.getuid", "os.geteuid", "os.getpgid", "os.sched_getaffinity", "os.sysconf", "os.statvfs", "os.uname", "os.getloadavg", "os.mkfifo", "os.chown", "os.nice", "os.O_NONBLOCK", "os.O_NOFOLLOW", "os.O_DIRECTORY", "os.O_CLOEXEC", "os.O_SYNC", "os.posix_fallocate", "os.sync", "os.wait", "os.WNOHANG"]  # fmt: skip
# What starts every Python below: it takes away, and lends what Windows has instead.
WITHOUT = """
import ctypes, fcntl, os, signal, subprocess, sys, types  # subprocess takes a msvcrt for Windows itself
opened, loaded, waits = os.open, ctypes.CDLL, fcntl.LOCK_EX | fcntl.LOCK_NB
def open_file(path, *rest, **more):
    if os.path.isdir(path):
        raise PermissionError(13, "Permission denied", path)
    return opened(path, *rest, **more)
def load(name, *rest, **more):
    if name is None:
        raise TypeError("no library of that name")
    return loaded(name, *rest, **more)
def locking(handle, mode, bytes):
    assert mode == 2
    fcntl.lockf(handle, waits, bytes, os.lseek(handle, 0, os.SEEK_CUR), os.SEEK_SET)
os.open, ctypes.CDLL = open_file, load
sys.modules["msvcrt"] = types.SimpleNamespace(LK_NBLCK=2, locking=locking)
for name in ("fcntl", "resource", "termios", "tty", "pty", "pwd", "grp", "posix_ipc"):
    sys.modules[name] = None
for where, name in ((signal, "pthread_sigmask"), (os, "sched_getaffinity"), (os, "O_NOFOLLOW"), (os, "O_NONBLOCK")):
    delattr(where, name)
print("taken away", file=sys.stderr)
"""


def unguarded(text):
    """Uses of what Windows lacks in a text that does not ask for it first."""
    uses = {name for name in NOT_ON_WINDOWS if re.search(rf"\b{re.escape(name)}\b", text)}
    return sorted(name for name in uses if not re.search(r'(hasattr|getattr)\({}, "{}"'.format(*name.split(".")), text))


@pytest.mark.parametrize("name", [name for name, text in SOURCES.items() if re.search(r"\b(os|signal)\.", text)])
def test_what_windows_lacks_is_asked_for_first(name):
    assert unguarded(SOURCES[name]) == [], 'write getattr(os, "NAME", ...) or ask hasattr(os, "NAME") first'
    assert not re.search(r"^import (fcntl|resource|termios|pwd|grp|pty)\b", SOURCES[name], re.MULTILINE), "goes into a try, with another way"


def test_asking_for_what_windows_lacks_can_be_missed():
    assert unguarded("os.open(path, os.O_RDONLY | os.O_NOFOLLOW)") == ["os.O_NOFOLLOW"]
    assert unguarded('os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))') == []


@pytest.mark.parametrize("name", [name for name, text in SOURCES.items() if re.search(r"(read_text|write_text|open)\(", text)])
def test_a_text_file_says_its_encoding(name):
    for line in SOURCES[name].splitlines():
        if re.search(r"\.(read_text|write_text)\(|(?<![\w.])open\(|\.open\(\s*(\)|encoding|\"[rwa]\")", line) and "def open" not in line:
            assert "encoding=" in line or "FAR" in line, line.strip()


def test_a_sign_that_the_terminal_lacks_stops_nothing(tmp_path):
    text = (ROOT / "scenarios" / "short_deadline.yaml").read_text(encoding="utf-8")
    (tmp_path / "signs.yaml").write_text(re.sub("^title:.*$", "title: Ω 华为", text, flags=re.MULTILINE), encoding="utf-8")
    said = python(["-m", "sim", "check", "signs.yaml"], tmp_path, PYTHONIOENCODING="cp1252", PYTHONPATH=str(ROOT))
    assert (said.returncode, said.stderr) == (0, "")
    assert "? ??" in said.stdout


@pytest.mark.slow
def test_a_run_needs_nothing_that_windows_lacks(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(WITHOUT, encoding="utf-8")
    run = ["-m", "sim", "run", "history", "--worlds", "4", "--months", "6", "--block", "2", "--jobs", "2", "--quiet", "--json"]
    there = python([*run, "--out", "there"], tmp_path, PYTHONPATH=os.pathsep.join([str(tmp_path / "site"), str(ROOT)]))
    here = python([*run, "--out", "here"], tmp_path, PYTHONPATH=str(ROOT))
    assert there.returncode == here.returncode == 0, there.stderr
    assert there.stderr.count("taken away") >= 3, "this process and both of its own"
    assert [told["digest"] for told in json.loads(there.stdout)] == [told["digest"] for told in json.loads(here.stdout)]
    held = "from sim.batch.journal import locked; from pathlib import Path; import subprocess, sys\n"
    held += "with locked(Path('.')):\n    code = sys.argv[1]\n    sys.exit(subprocess.run([sys.executable, '-c', code]).returncode)"
    tried = "from sim.batch.journal import locked; from pathlib import Path\nwith locked(Path('.')): pass"
    again = python(["-c", held, tried], tmp_path, PYTHONPATH=os.pathsep.join([str(tmp_path / "site"), str(ROOT)]))
    assert again.returncode == 1
    assert re.search(r"another process \(pid \d+\) is writing this run", again.stderr)


def python(words, where, **settings):
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONUTF8", "PYTHONPATH")}
    return subprocess.run([sys.executable, *words], cwd=where, env=clean | settings, capture_output=True, text=True, timeout=120, check=False)
