"""Memory that ran out: how it shows, and what may help."""

import errno
from pathlib import Path

RAN_OUT = "memory ran out"


def lacking(fault: BaseException) -> bool:
    """Whether this is how Python, the system or the loader of libraries says that there is no memory left."""
    if isinstance(fault, OSError):
        return fault.errno == errno.ENOMEM
    return isinstance(fault, MemoryError) or (isinstance(fault, ImportError) and "failed to map segment" in str(fault))


def remedy(folder: Path, jobs: int, block: int) -> str:
    """What to do with a run in a folder whose blocks of so many worlds, in so many processes of this machine, took too much memory."""
    fewer = f" --jobs {jobs // 2}" if jobs > 1 else ""
    smaller = f"; or begin it anew with smaller blocks, --block {block // 4}, which changes no number" if block >= 4 else ""
    return f"go on with {'fewer processes at a time' if fewer else 'more memory'}: chokepoint run --resume {folder}{fewer}{smaller}"
