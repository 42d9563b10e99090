"""The journal of a run that is under way, and the lock on its folder.

progress.jsonl: first a line with the plan's hash, the environment and the hashes of the inputs, then a line a block. It is what
`--resume` reads; a run that ended has a manifest in its place. A line torn by a crash is as good as none.
"""

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from sim.batch import provenance
from sim.batch.disk import refusal
from sim.batch.folder import is_own_name
from sim.batch.store import Stored, write
from sim.file_lock import lock
from sim.refusal import InputError

JOURNAL, LOCK = "progress.jsonl", ".lock"


@dataclass(frozen=True)
class Report:
    """What became of a block: done, or failed (cause), or storage (the disk refused: cause)."""

    block: int
    worlds: int
    status: str
    seconds: float = 0.0
    files: dict[str, Stored] = field(default_factory=dict)
    discrepancies: dict[str, float] = field(default_factory=dict)
    blanks: dict[str, int] = field(default_factory=dict)
    cause: str = ""
    trace: str = ""

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, entry: dict[str, Any]) -> "Report":
        """TypeError or KeyError if this is none."""
        files = {name: Stored(**stored) for name, stored in entry["files"].items()}
        return cls(**{**entry, "files": files})


def start_journal(folder: Path, header: dict[str, Any]) -> None:
    write(folder / JOURNAL, (json.dumps(header) + "\n").encode())


def append(folder: Path, report: Report) -> None:
    """A line a block, on the disk before anyone relies on it. Without the trace, which tells of the disk that the code lies on."""
    line = (replace(report, cause=provenance.without_home(report.cause), trace="").as_json() + "\n").encode()
    path = folder / JOURNAL
    try:
        with path.open("r+b") as file:  # never creates it: a folder that was deleted stays deleted
            end = file.seek(0, os.SEEK_END)
            file.seek(max(end - 1, 0))
            torn = end > 0 and file.read(1) != b"\n"
            file.seek(0, os.SEEK_END)
            file.write(b"\n" * torn + line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        raise refusal(fault, path) from fault


def read_journal(folder: Path) -> tuple[dict[str, Any], dict[int, Report]]:
    """The header, and the last report of each block. InputError where no run was begun."""
    path = folder / JOURNAL
    if not path.is_file():
        raise InputError(str(folder), "no run was begun here that could be resumed")
    lines = [entry for entry in map(_entry, path.read_bytes().split(b"\n")) if entry is not None]
    if not lines or not {"plan", "inputs", "environment"} <= lines[0].keys() or not all(map(is_own_name, lines[0]["inputs"])):
        raise InputError(str(path), "the journal is damaged; start the run again")
    reports = {}
    for line in lines[1:]:
        with contextlib.suppress(TypeError, KeyError):
            report = Report.of(line)
            if all(map(is_own_name, report.files)):
                reports[report.block] = report
    return lines[0], reports


def read_header(folder: Path) -> tuple[dict[str, Any], str]:
    """The header, and the hash of its line, by which two who look at a folder know that they see the same. OSError or ValueError
    where there is none."""
    with (folder / JOURNAL).open("rb") as file:
        line = file.readline()
    return json.loads(line), hashlib.sha256(line).hexdigest()


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time writes a folder. The system drops the lock of a process that died, so that none goes stale.

    InputError, naming the process, if another has it.
    """
    path = folder / LOCK
    try:
        handle = _lock(path, folder)
    except OSError as fault:
        raise refusal(fault, path) from fault
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(handle)


def _lock(path: Path, folder: Path) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
        try:
            lock(handle)
        except BlockingIOError:
            holder = os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(handle)
            what = f"another process (pid {holder}) is writing this run; wait for it, or stop it"
            raise InputError(str(folder), what) from None
        except OSError as fault:
            if fault.errno not in (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP):
                os.close(handle)
                raise
            # a file system without locks (some clusters): go on without one
        with contextlib.suppress(FileNotFoundError):
            if os.stat(path).st_ino == os.fstat(handle).st_ino:
                os.ftruncate(handle, 0)
                os.write(handle, f"{os.getpid()}\n".encode())
                return handle
        os.close(handle)  # it was unlinked by its last holder between our open and our lock
