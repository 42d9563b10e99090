"""The processes that compute for the page: they stay, so that no answer waits for an import, and end with the page."""

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from sim.analysis.in_blocks import die_with_parent
from sim.batch.worker import ctrl_c_held_back, keep_memory, main_left_alone
from sim.running import cores

MOST = 4  # processes: each begins a block with the same overhead, so that more would hardly answer sooner


class Hands:
    """Processes that take a task each. They begin with the first task; if one was killed, all begin anew with the next."""

    def __init__(self, count: int | None = None) -> None:
        self.count = count or max(1, min(cores(), MOST))
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, task: Callable[..., Any], *words: Any) -> "Future[Any]":
        with self._lock, ctrl_c_held_back(), main_left_alone():
            try:
                return self._begun().submit(task, *words)
            except BrokenProcessPool:
                self._pool = None
                return self._begun().submit(task, *words)

    def _begun(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.count, _context(), _open)
        return self._pool

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        pool, self._pool = self._pool, None
        if pool is not None:
            for process in list(pool._processes.values()):
                process.kill()
            pool.shutdown(wait=True, cancel_futures=True)


def _context() -> Any:
    """Processes are forked off one that has imported the model once for all, where there is such a thing."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sim.model"])
    return context


def _open() -> None:
    threading.Thread(target=die_with_parent, daemon=True).start()
    keep_memory()
