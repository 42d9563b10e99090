"""How a run may end before it is done, each in a sentence that says what is saved and how to go on."""

import contextlib
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from sim.batch.disk import FULL, StorageError
from sim.batch.journal import JOURNAL, Report
from sim.batch.memory import remedy
from sim.tables import size


class Interrupted(Exception):
    """Stopped by Ctrl-C; what is done is on disk."""

    def __init__(self, folder: Path, done: int, worlds: int) -> None:
        super().__init__(f"stopped with {done:,} of {worlds:,} worlds done; go on with: chokepoint run --resume {folder}")
        self.folder, self.done, self.worlds = folder, done, worlds


class RunFailed(Exception):
    """Some blocks could not be computed; the others are on disk. traces: where each went wrong, for whoever mends it.

    jobs: processes of this machine that computed; block: its worlds
    """

    def __init__(self, folder: Path, failed: Sequence[Report], done: int, worlds: int, jobs: int = 1, block: int = 1) -> None:
        causes = "; ".join(dict.fromkeys(r.cause for r in failed))
        many = f"{len(failed)} block{'s' if len(failed) != 1 else ''} failed ({causes})"
        again = f"try the rest again with: chokepoint run --resume {folder}"
        if any("memory" in r.cause for r in failed):
            again = remedy(folder, jobs, block)
        super().__init__(f"{many}; {done:,} of {worlds:,} worlds are done; {again}")
        self.folder, self.failed = folder, failed
        self.traces = [r.trace for r in failed if r.trace]


def refused(what: str, folder: Path, done: Mapping[int, Report], worlds: int) -> StorageError:
    """The disk said no in the middle of a run; what: how"""
    if not (folder / JOURNAL).is_file():
        return StorageError(what, "the run's folder is gone or damaged, so begin the run again")
    ready = sum(report.worlds for report in done.values())
    written = sum(file.bytes for report in done.values() for file in report.files.values())
    more = f"{ready:,} of {worlds:,} worlds are done"
    if any(word in what for word in FULL):
        room = f" for about {size(written / ready * (worlds - ready))}" if 0 < ready < worlds else ""
        more += f"; make room{room}, then go on with"
    else:
        more += "; go on with"
    return StorageError(what, f"{more}: chokepoint run --resume {folder}")


@contextlib.contextmanager
def first_stop_is_gentle() -> Iterator[None]:
    """Ctrl-C, or a cluster's SIGTERM: the first ends the run in order, the second at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(number, lambda *_: os._exit(130))
        raise KeyboardInterrupt

    try:
        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not the main thread: whoever runs us there minds the signals
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
