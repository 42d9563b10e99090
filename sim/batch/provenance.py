"""What made a result: version, code, packages, processor, command. Neither the user's name, nor home, nor host."""

import hashlib
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sim import __version__

SCHEMA = 1  # of the results folder
_HERE = Path(__file__).resolve().parents[1]
_PACKAGES = ("numpy", "scipy", "mesa", "networkx", "pyarrow", "PyYAML", "click")
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NPY_ENABLE_CPU_FEATURES", "NPY_DISABLE_CPU_FEATURES")
# What cannot change a number: how results are shown, analysed, checked.
_SHOWS = (
    "flows.py", "cli.py", "commands/", "listing.py", "running.py", "run_told.py", "comparing.py", "calibrating.py", "sweeping.py",
    "validating.py", "options.py", "tables.py", "in_words.py", "new_scenario.py", "own_case.py", "case_page.py", "scenario_schema.py",
    "__main__.py", "spreadsheet.py", "explore/",
    "analysis/", "views/", "record/", "notebook/",
)  # fmt: skip


def code_hash() -> str:
    """SHA-256 of the code, the numbers and the record that decide results, in short."""
    from sim.from_record import AWARDS, DECISIONS

    total = hashlib.sha256()
    starts = [f"record/{table}.csv" for table in (AWARDS, DECISIONS)]
    for file in sorted([*_HERE.rglob("*.py"), *_HERE.glob("numbers/*.csv"), *(_HERE / name for name in starts)]):
        name = file.relative_to(_HERE).as_posix()
        if name in starts or not name.startswith(_SHOWS):
            total.update(name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:16]


def git_state() -> dict[str, Any]:
    """Commit, and whether files that belong to it were changed since; empty outside a checkout."""
    if not (_HERE.parent / ".git").exists():
        return {}

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=_HERE.parent, capture_output=True, text=True, timeout=10, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    try:
        dirty = bool(git("status", "--porcelain", "--", "sim", "scenarios"))
        return {"commit": git("rev-parse", "--verify", "-q", "HEAD"), "dirty": dirty}
    except (OSError, subprocess.SubprocessError):
        return {}


@lru_cache(maxsize=1)
def environment() -> dict[str, Any]:
    """Everything outside the scenario that may move a bit of a result."""
    packages = {}
    for name in _PACKAGES:
        try:
            packages[name.lower()] = version(name)
        except PackageNotFoundError:
            packages[name.lower()] = "missing"
    return {
        "chokepoint": __version__,
        "code": code_hash(),
        "python": platform.python_version(),
        "packages": packages,
        "platform": f"{platform.system()} {platform.machine()} {'-'.join(platform.libc_ver())}".strip(" -"),
        "cpu_features": _cpu_features(),
        "settings": {name: os.environ[name] for name in _THREADS if name in os.environ},
    }


def _cpu_features() -> list[str]:
    import numpy as np

    shown: Any = np.show_config(mode="dicts")
    features = shown.get("SIMD Extensions", {}) if isinstance(shown, dict) else {}
    return [*features.get("baseline", []), *features.get("found", [])]


def changes(then: dict[str, Any], now: dict[str, Any], said: str = "{what} was {then} and is {now}") -> list[str]:
    """What differs between two environments, a phrase each."""
    found = []
    for name in sorted({*then, *now}):
        old, new = then.get(name), now.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            found += changes(old, new, said)
        elif old != new:
            what = "the code of Chokepoint" if name == "code" else name if name.isupper() else name.replace("_", " ")
            found.append(said.format(what=what, then=_phrase(old), now=_phrase(new)))
    return found


def _phrase(value: Any) -> str:
    return "not set" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def command(argv: Sequence[str]) -> list[str]:
    """A command line without the paths of anyone's disk."""
    return [_without_home(word) for word in argv]


def _without_home(word: str) -> str:
    option, equals, value = word.partition("=")
    if not equals or "/" in option:
        option, equals, value = "", "", word
    path, home = Path(value), _home()
    if path.is_absolute() or (home and home in value):
        value = f".../{path.name}"
    return option + equals + value


def without_home(text: str) -> str:
    """A text that may hold paths, such as a trace, without the one that tells whose they are."""
    return text.replace(_home(), "~") if _home() else text


def _home() -> str:
    """ "" where nobody knows it, as in a container whose user has no name, or where it is the root."""
    try:
        home = str(Path.home())
    except RuntimeError:
        return ""
    return home if len(home) > 1 else ""


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
