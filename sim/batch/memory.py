"""Memory that ran out: how it shows, and what may help."""

import errno
from pathlib import Path

RAN_OUT = "memory ran out"


def lacking(fault: BaseException) -> bool:
    """Whether this is how Python, the system or the loader of libraries says that there is no memory left."""
    if isinstance(fault, OSError):
        return fault.errno == errno.ENOMEM
    told = {ImportError: "failed to map segment", SystemError: "without exception set"}  # by the loader, by a library's own code
    return isinstance(fault, MemoryError) or any(isinstance(fault, kind) and words in str(fault) for kind, words in told.items())


def remedy(folder: Path, jobs: int, block: int) -> str:
    """What to do with a run in a folder whose blocks of so many worlds, in so many processes of this machine, took too much memory."""
    fewer = f" --jobs {jobs // 2}" if jobs > 1 else ""
    smaller = f"; or begin it anew with smaller blocks, --block {block // 4}, which changes no number" if block >= 4 else ""
    return f"go on with {'fewer processes at a time' if fewer else 'more memory'}: chokepoint run --resume {folder}{fewer}{smaller}"
