"""A disk that says no, in a sentence that says what to do."""

import contextlib
import errno
import shutil
from pathlib import Path

from sim.tables import size

FULL = ("the disk is full", "your quota of disk space is used up")
_ROOM, _ELSEWHERE = "make room, or choose another place", "choose another place"
_IN_THE_WAY = "a file stands where a folder is needed", f"move it away, or {_ELSEWHERE}"
_CAUSES = {
    errno.ENOSPC: (FULL[0], _ROOM),
    errno.EDQUOT: (FULL[1], _ROOM),
    errno.EFBIG: ("a file may not be so large there (ulimit -f)", _ELSEWHERE),
    errno.EROFS: ("the disk is read-only", _ELSEWHERE),
    errno.EACCES: ("no permission to write there", _ELSEWHERE),
    errno.EPERM: ("no permission to write there", _ELSEWHERE),
    errno.ENOENT: ("there is no such folder, or no longer", f"make it, or {_ELSEWHERE}"),
    errno.EEXIST: _IN_THE_WAY,
    errno.ENOTDIR: _IN_THE_WAY,
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter one"),
}


class StorageError(Exception):
    """The disk said no: full, read-only, not ours, gone. One sentence. what: is wrong; advice: what to do"""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(f"{what}; {advice}" if advice else what)
        self.what, self.advice = what, advice


def refusal(fault: OSError, path: Path | str, needed: int = 0) -> StorageError:
    """An operating system's no, in a sentence. needed: bytes that were to be written"""
    cause, advice = _CAUSES.get(fault.errno or 0, (fault.strerror or str(fault), _ELSEWHERE))
    if cause in FULL and needed:
        with contextlib.suppress(OSError):
            cause += f" ({size(needed)} to write, {size(shutil.disk_usage(Path(path).absolute().parent).free)} free)"
    return StorageError(f"cannot write {path}: {cause}", advice)
