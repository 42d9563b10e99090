"""The engine of this machine: blocks one after the other in this process, or in processes of their own."""

import multiprocessing
from collections import deque
from collections.abc import Generator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool

from sim.batch.journal import Report
from sim.batch.progress import Progress
from sim.batch.worker import KILLS, Lane, Work, Worker


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
    """Blocks in processes of their own. One that is killed loses its block, which is tried once more in a fresh process."""
    queue, kills = deque(work.blocks), dict.fromkeys(work.blocks, 0)
    free = [_lane(work) for _ in range(min(jobs, len(work.blocks)))]
    busy: dict[Future[Report], tuple[Lane, int]] = {}
    try:
        while queue or busy:
            while queue and free:
                lane, block = free.pop(), queue.popleft()
                busy[lane.submit(block)] = lane, block
            ready, _ = wait(busy, timeout=1, return_when=FIRST_COMPLETED)
            progress.tick()
            for future in sorted(ready, key=lambda f: busy[f][1]):
                lane, block = busy.pop(future)
                try:
                    report = future.result()
                    free.append(lane)
                except BrokenProcessPool:
                    lane.close()
                    free.append(_lane(work))
                    kills[block] += 1
                    if kills[block] < KILLS:
                        queue.appendleft(block)
                        continue
                    report = Report(block, 0, "failed", cause=f"block {block} killed its process {KILLS} times: out of memory?")
                yield report
    finally:
        for lane in [*free, *(lane for lane, _ in busy.values())]:
            lane.close()


def _lane(work: Work) -> Lane:
    return Lane(work.folder, work.simulate, work.check)
