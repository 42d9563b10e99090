"""Something measured in many worlds, a block of them at a time, in as many processes as there are. Nothing is written."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait

import numpy as np

from sim.batch.progress import Progress
from sim.batch.worker import ctrl_c_held_back, keep_memory
from sim.worlds import Numbers, Worlds

Measured = Callable[[Worlds], Numbers]


def in_blocks(measure: Measured, worlds: Worlds, block: int, jobs: int, progress: Progress) -> Numbers:
    """measure of all the worlds, the worlds last; the same whatever the block and the jobs. measure must be picklable.

    Stopped (Ctrl-C), it ends its processes and raises KeyboardInterrupt.
    """
    firsts = range(0, len(worlds), block)
    pieces = [_piece(worlds, first, block) for first in firsts]
    progress.begin(len(worlds), 0)
    try:
        if jobs == 1 or len(pieces) < 2:
            keep_memory()
            found = []
            for piece in pieces:
                found.append(measure(piece))
                progress.add(len(piece))
        else:
            found = _in_processes(measure, pieces, min(jobs, len(pieces)), progress)
    finally:
        progress.end()
    return np.concatenate(found, axis=-1) if found else measure(worlds)


def _piece(worlds: Worlds, first: int, count: int) -> Worlds:
    part = slice(first, first + count)
    return Worlds(worlds.number[part], worlds.replicate[part], worlds.sample[part])


def _in_processes(measure: Measured, pieces: list[Worlds], jobs: int, progress: Progress) -> list[Numbers]:
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin, (measure,))
    try:
        with ctrl_c_held_back():
            waiting: dict[Future[Numbers], int] = {pool.submit(_measured, piece): i for i, piece in enumerate(pieces)}
        found: list[Numbers] = [np.zeros(0)] * len(pieces)
        while waiting:
            ready, _ = wait(waiting, timeout=1, return_when=FIRST_COMPLETED)
            progress.tick()
            for future in ready:
                piece = waiting.pop(future)
                found[piece] = future.result()
                progress.add(len(pieces[piece]))
        return found
    except BaseException:
        for process in list(pool._processes.values()):  # what they are at is of no use to anyone
            process.kill()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_measure: Measured | None = None


def _begin(measure: Measured) -> None:
    global _measure
    _measure = measure
    keep_memory()
    threading.Thread(target=die_with_parent, daemon=True).start()


def die_with_parent() -> None:
    """Of a process that was spawned: end with the process that began it. To be run in a thread of its own."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _measured(piece: Worlds) -> Numbers:
    assert _measure is not None
    return _measure(piece)
