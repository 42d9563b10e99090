"""Computes blocks and writes their parts: in this process, or in processes of its own that die with it."""

import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from sim.batch.disk import StorageError
from sim.batch.journal import Report
from sim.batch.memory import RAN_OUT, lacking
from sim.batch.plan import Plan
from sim.batch.store import Computed, write_block

Simulate = Callable[..., Computed]
KILLS = 2  # a block that kills its process so often is not tried again


@dataclass(frozen=True)
class Work:
    """What an engine is given: which blocks, and all that a process needs to compute them."""

    folder: Path
    blocks: Sequence[int]
    simulate: Simulate | None
    check: bool


class Worker:
    """Reads the plan from the results folder, as any other process would, and computes what it is asked for.

    simulate: the model; by default sim.model's, imported when it is first needed
    """

    def __init__(self, folder: Path, simulate: Simulate | None, check: bool) -> None:
        keep_memory()
        self.folder, self.check = folder, check
        self.plan = Plan.read(folder)
        if simulate is None:
            from sim.model import simulate as simulate_trade

            simulate = simulate_trade
        self.simulate = simulate

    def block(self, block: int) -> Report:
        """Compute and write one block. What goes wrong is in the report, not raised."""
        started = time.perf_counter()
        worlds = self.plan.cut(block)
        try:
            gc.collect()  # a model and its agents hold each other: let the last block go before the next is made
            computed = self.simulate(self.plan.scenario, self.plan.case, worlds, self.plan.values(worlds), check=self.check)
            self._has_its_outcomes(computed)
            files, blanks = write_block(self.folder, self.plan, block, worlds, computed)
        except StorageError as fault:
            return Report(block, len(worlds), "storage", cause=fault.what, trace=traceback.format_exc())
        except Exception as fault:
            return failure(block, len(worlds), fault)
        seconds = round(time.perf_counter() - started, 3)
        return Report(block, len(worlds), "done", seconds, files, dict(computed.discrepancies), blanks)

    def _has_its_outcomes(self, computed: Computed) -> None:
        missing = [name for name in self.plan.scenario.run.analysed if name not in computed.series]
        if missing:
            raise KeyError(f"the model gives no outcome {', '.join(missing)}")


def failure(block: int, worlds: int, fault: Exception) -> Report:
    """Of an exception that is being handled."""
    cause = f"{type(fault).__name__}: {fault}"
    if lacking(fault):
        cause = f"{RAN_OUT} in a block of {worlds:,} worlds" if worlds else RAN_OUT
    return Report(block, worlds, "failed", cause=cause, trace=traceback.format_exc())


def keep_memory() -> None:
    """Tell the C library to keep freed memory: a block frees and asks for the same large arrays every month."""
    with contextlib.suppress(OSError, AttributeError, TypeError):  # not glibc
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(-1, 1 << 30)  # M_TRIM_THRESHOLD
        mallopt(-3, 1 << 25)  # M_MMAP_THRESHOLD


class Lane:
    """One process with one block at a time: when it is killed, there is no doubt which block it died of.

    A pool of many loses every block in flight, and cannot tell which one was poison.
    """

    def __init__(self, folder: Path, simulate: Simulate | None, check: bool) -> None:
        context = multiprocessing.get_context("spawn")
        reader, self._lifeline = context.Pipe(duplex=False)
        self._reader = reader
        self._pool = ProcessPoolExecutor(1, context, _open_lane, (reader, folder, simulate, check))

        self._apart = simulate is None or simulate.__module__ != "__main__"

    def submit(self, block: int) -> Future[Report]:
        with ctrl_c_held_back(), main_left_alone(self._apart):
            return self._pool.submit(_block, block)

    def kill(self) -> None:
        """As the system might: its block is lost, and the pool broken."""
        for process in list((self._pool._processes or {}).values()):
            process.kill()

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._lifeline.close()
        self.kill()  # it might be stopped, and then it does not see that the lifeline is gone
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._reader.close()


@contextlib.contextmanager
def ctrl_c_held_back() -> Iterator[None]:
    """A process or thread started inside is born deaf to Ctrl-C: the terminal sends it to all, and only the parent shall answer."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows `_open_lane` sees to it
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextlib.contextmanager
def main_left_alone(apart: bool = True) -> Iterator[None]:
    """A process spawned inside does not run the main script again, as Python would have it: it needs nothing of it, and a script that
    runs a batch without `if __name__ == "__main__":` would begin the batch anew in each. apart: unless this is False"""
    main = sys.modules["__main__"]
    hidden = {name: vars(main)[name] for name in ("__spec__", "__file__") if apart and name in vars(main)}
    for name in hidden:
        setattr(main, name, None)  # as in a session without a script
    try:
        yield
    finally:
        for name, value in hidden.items():
            setattr(main, name, value)


_worker: Worker | None = None
_waiting: tuple[Path, Simulate | None, bool] | None = None


def _open_lane(reader: Connection, folder: Path, simulate: Simulate | None, check: bool) -> None:
    global _waiting
    _waiting = folder, simulate, check
    if not hasattr(signal, "pthread_sigmask"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, args=(reader,), daemon=True).start()


def _die_with_parent(reader: Connection) -> None:
    """The parent holds the other end: when it lets go, or is killed, there is nobody to work for."""
    with contextlib.suppress(EOFError, OSError):
        reader.recv_bytes()
    os._exit(1)


def _block(block: int) -> Report:
    global _worker
    if _worker is None:  # here and not in _open_lane, where an exception would look like a killed process
        assert _waiting is not None
        try:
            _worker = Worker(*_waiting)
        except Exception as fault:
            return failure(block, 0, fault)
    return _worker.block(block)
