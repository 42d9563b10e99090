"""The engine of this machine: blocks one after the other in this process, or in processes of their own."""

import multiprocessing
import statistics
import time
from collections import Counter, deque
from collections.abc import Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool

from sim.batch.journal import Report
from sim.batch.progress import Progress, duration
from sim.batch.worker import KILLS, Lane, Work, Worker

LOOK_ROUND = 1.0  # seconds between two looks at who is done
PATIENCE, TIMES = 60.0, 20  # a block hangs that takes longer than so many seconds, and than so many times the usual block
UNHEARD = 300.0  # seconds without any block after which the user is told, where nobody knows yet what is usual


class Local:
    """One job is this process itself. So are many in a worker of somebody's pool, which may start no processes."""

    name = "local"

    def __init__(self, jobs: int) -> None:
        self.jobs = 1 if multiprocessing.current_process().daemon else jobs

    def reports(self, work: Work, progress: Progress) -> Generator[Report, None, None]:
        return here(work) if self.jobs == 1 else lanes(work, self.jobs, progress)


def here(work: Work) -> Generator[Report, None, None]:
    worker = Worker(work.folder, work.simulate, work.check) if work.blocks else None
    for block in work.blocks:
        assert worker is not None
        yield worker.block(block)


def lanes(work: Work, jobs: int, progress: Progress) -> Generator[Report, None, None]:
    """Blocks in processes of their own. One that is killed loses its block, which is tried once more in a fresh process; one that
    hangs is killed."""
    queue, kills, hung = deque(work.blocks), Counter[int](), set[int]()
    free = [_lane(work) for _ in range(min(jobs, len(work.blocks)))]
    busy: dict[Future[Report], tuple[Lane, int]] = {}
    clock = _Clock(progress)
    try:
        while queue or busy:
            while queue and free:
                lane, block = free.pop(), queue.popleft()
                busy[lane.submit(block)] = lane, block
            before = time.monotonic()
            ready, _ = wait(busy, timeout=LOOK_ROUND, return_when=FIRST_COMPLETED)
            progress.tick()
            clock.went_on(time.monotonic() - before, [block for _, block in busy.values()])
            for future in sorted(ready, key=lambda f: busy[f][1]):
                lane, block = busy.pop(future)
                try:
                    report = future.result()
                    free.append(lane)
                except BrokenProcessPool:
                    lane.close()
                    free.append(_lane(work))
                    kills[block] += 1
                    clock.began_anew(block)
                    if kills[block] < KILLS:
                        queue.appendleft(block)
                        continue
                    cause = f"block {block} killed its process {KILLS} times: out of memory?"
                    if block in hung:
                        cause = f"block {block} hung, and was ended, {KILLS} times"
                    report = Report(block, 0, "failed", cause=cause)
                clock.heard(report)
                yield report
            for lane, block in busy.values():
                if clock.hangs(block, kills[block]):
                    hung.add(block)
                    clock.began_anew(block)
                    lane.kill()
    finally:
        for lane in [*free, *(lane for lane, _ in busy.values())]:
            lane.close()


class _Clock:
    """How long each block takes, by the time that this process was awake: sleep of the machine, or Ctrl-Z, is held against none."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._spent, self._usual = Counter[int](), list[float]()  # thousandths of a second, by block; seconds, of those done
        self._quiet, self._told = 0.0, False

    def went_on(self, seconds: float, blocks: Iterable[int]) -> None:
        awake = min(seconds, 2 * LOOK_ROUND)
        self._spent.update(dict.fromkeys(blocks, round(1000 * awake)))
        self._quiet += awake
        if not self._told and self._quiet > (self._limit() / 4 if self._usual else UNHEARD):
            self._told = True
            usual = f", and usually one takes {duration(max(statistics.median(self._usual), 1))}" if self._usual else ""
            self._progress.note(f"no block was done for {duration(self._quiet)}{usual}; Ctrl-C ends the run, and what is done stays")

    def heard(self, report: Report) -> None:
        self._quiet, self._told = 0.0, False
        if report.status == "done":
            self._usual.append(report.seconds)

    def began_anew(self, block: int) -> None:
        self._spent[block] = 0

    def hangs(self, block: int, tried: int) -> bool:
        if not self._usual or self._spent[block] <= 1000 * self._limit() * (1 + tried):
            return False
        self._progress.note(f"block {block} hangs: its process is ended" + (", and it is tried once more" if tried + 1 < KILLS else ""))
        return True

    def _limit(self) -> float:
        return max(PATIENCE, TIMES * statistics.median(self._usual))


def _lane(work: Work) -> Lane:
    return Lane(work.folder, work.simulate, work.check)
