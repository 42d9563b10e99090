"""The engine of a cluster: blocks on the workers of a Dask scheduler, one block a worker at a time.

A block is sent to a worker by name, not to the scheduler's choice: so there is no doubt which block a dead worker died of, and a
worker that is not fit gets none. Workers read the plan from the results folder and write their parts there; a report comes back.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import time
import uuid
import warnings
from collections import Counter, deque
from collections.abc import Generator, Iterator
from queue import Empty, SimpleQueue
from typing import Any

from sim.batch import journal, provenance, remote
from sim.batch.journal import Report
from sim.batch.progress import Progress
from sim.batch.worker import KILLS, Work, ctrl_c_held_back, main_left_alone
from sim.refusal import InputError

PATIENCE = 8.0  # seconds for a scheduler to answer
LOOK_ROUND = 1.0  # seconds between two looks at who is there
SILENCE = 60.0  # seconds without an answer after which the user is told of workers that wait
_SAME = ("python", "dask", "distributed")  # versions that a scheduler must share with us, or it may not understand us


class Cluster:
    """jobs: the most workers that computed at a time. refused: why a worker gets no block, by address."""

    name = "dask"

    def __init__(self, client: Any, where: str, refused: dict[str, str]) -> None:
        self._client, self.where, self.refused = client, where, refused
        self.jobs = 0

    def reports(self, work: Work, progress: Progress) -> Generator[Report, None, None]:
        for address, why in self.refused.items():
            progress.note(f"the worker {address} gets no block: {why}")
        return _Blocks(self, self._client, work, progress).reports()

    def refuse(self, address: str, why: str, progress: Progress) -> None:
        self.refused[address] = why
        progress.note(f"the worker {address} gets no block: {why}")


class _Blocks:
    """The blocks of one run: who has which, and how often one has killed."""

    def __init__(self, cluster: Cluster, client: Any, work: Work, progress: Progress) -> None:
        self._cluster, self._client, self._progress = cluster, client, progress
        self._folder = work.folder
        self._task = str(work.folder.absolute()), journal.read_header(work.folder)[1]
        self._model = work.simulate, work.check
        self._queue, self._kills = deque(work.blocks), Counter[int]()
        self._busy: dict[str, tuple[int, Any]] = {}  # address -> block and its future
        self._landed: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self._alive: set[str] = set()
        self._looked = self._heard = 0.0
        self._told = False
        self._some_fit = False  # whether any worker has ever computed a block

    def reports(self) -> Generator[Report, None, None]:
        self._heard = time.monotonic()
        try:
            while self._queue or self._busy:
                try:
                    yield from self._missed()
                except (OSError, TimeoutError, RuntimeError) as fault:
                    yield from self._lost(fault)
                    return
                self._send()
                with contextlib.suppress(Empty):
                    yield from self._answer(*self._landed.get(timeout=LOOK_ROUND))
                    while True:
                        yield from self._answer(*self._landed.get_nowait())
                self._progress.tick()
        finally:
            for _, future in self._busy.values():
                future.release()  # and not cancel(), which waits for the scheduler

    def _missed(self) -> Generator[Report, None, None]:
        """Look round, now and then; a worker that has gone takes its block with it."""
        if time.monotonic() - self._looked < LOOK_ROUND:
            return
        self._alive = set(self._client.nthreads())
        self._looked = time.monotonic()
        for address in [address for address in self._busy if address not in self._alive]:
            block, future = self._busy.pop(address)
            future.release()
            yield from self._killed(block)
        self._tell_of_silence()

    def _send(self) -> None:
        fit = self._alive - self._cluster.refused.keys()
        if self._alive and not fit and not self._some_fit:
            go_on = f"then go on with: chokepoint run --resume {self._folder}"
            raise InputError("--scheduler", f"{_none_fit(self._cluster.where, self._cluster.refused)}; {go_on}")
        for address in sorted(fit - self._busy.keys()):
            if not self._queue:
                break
            block = self._queue.popleft()
            # one task a key, and none that the scheduler keeps for others
            key = f"block-{block}-{uuid.uuid4().hex}"
            future = self._client.submit(remote.compute, *self._task, block, *self._model, workers=[address], key=key, pure=False)
            self._busy[address] = block, future
            future.add_done_callback(lambda future, address=address: self._landed.put((address, future)))
        self._cluster.jobs = max(self._cluster.jobs, len(self._busy))

    def _answer(self, address: str, future: Any) -> Generator[Report, None, None]:
        from distributed import KilledWorker

        if self._busy.get(address, (0, None))[1] is not future:
            return  # it was given up
        block, _ = self._busy.pop(address)
        self._heard = time.monotonic()
        self._told = False
        try:
            report = Report.of(json.loads(future.result(timeout=PATIENCE)))
        except KilledWorker as killed:  # the scheduler has tried so often already
            self._alive.discard(address)
            yield from self._killed(block, killed.allowed_failures + 1)
        except TimeoutError:  # it died with the report in its hands
            self._alive.discard(address)
            yield from self._killed(block)
        except Exception as fault:  # it could not even begin
            self._queue.appendleft(block)
            self._cluster.refuse(address, _said(fault), self._progress)
        else:
            if report.status == remote.REFUSED:
                self._queue.appendleft(block)
                self._cluster.refuse(address, report.cause, self._progress)
                return
            self._some_fit = True
            yield report

    def _killed(self, block: int, times: int = 1) -> Generator[Report, None, None]:
        self._kills[block] += times
        if self._kills[block] < KILLS:
            self._queue.appendleft(block)
            return
        cause = f"block {block} killed its worker {self._kills[block]} times: out of memory?"
        yield Report(block, 0, "failed", cause=cause)

    def _lost(self, fault: Exception) -> Generator[Report, None, None]:
        cause = f"the scheduler {self._cluster.where} is gone: {_said(fault)}"
        for block in sorted(block for block, _ in self._busy.values()) or [self._queue[0]]:
            yield Report(block, 0, "failed", cause=cause)
        self._busy.clear()

    def _tell_of_silence(self) -> None:
        quiet = time.monotonic() - self._heard
        fit = self._alive - self._cluster.refused.keys()
        if self._told or quiet < (SILENCE if fit else 5 * LOOK_ROUND):
            return
        self._told = True
        if not fit:
            self._progress.note(f"waiting for a worker to join {self._cluster.where} (Ctrl-C ends it)")
            return
        workers = self._client.scheduler_info()["workers"]
        if paused := [address for address in self._busy if workers.get(address, {}).get("status") == "paused"]:
            self._progress.note(f"Dask has paused {', '.join(paused)} for lack of memory; start workers with --memory-limit 0")


@contextlib.contextmanager
def cluster(scheduler: str | None, jobs: int) -> Iterator[Cluster]:
    """The workers of a scheduler; or, where none is named, so many processes of this machine (jobs), reachable from it alone.

    InputError if Dask is not installed, nobody answers, or no worker that is there is fit.
    """
    try:
        import dask
        import distributed
    except ImportError:
        raise InputError("--engine", "dask needs a package more; install it with: pip install 'chokepoint[distributed]'") from None
    environment = provenance.environment()  # before Dask sets variables for the processes that it starts
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters we say ourselves, in a sentence
    with contextlib.ExitStack() as stack:
        if scheduler is None:
            stack.enter_context(main_left_alone())  # all the while: Dask starts processes anew that have died
        where = scheduler if scheduler is not None else stack.enter_context(_local(jobs))
        stack.enter_context(dask.config.set({"distributed.comm.timeouts.connect": PATIENCE}))
        client = _client(distributed, where)
        stack.callback(client.close, timeout=2)
        yield Cluster(client, where, _refusals(client, where, environment))


@contextlib.contextmanager
def _local(jobs: int) -> Iterator[str]:
    """A scheduler and workers of our own, on the loopback, deaf to Ctrl-C; no web pages, no limit to memory. Its address."""
    import dask
    import distributed

    plain: dict[str, Any] = {
        "distributed.nanny.pre-spawn-environ": {},
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
    with dask.config.set(plain), ctrl_c_held_back():
        workers = distributed.LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=jobs,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False, "allowed_failures": 0},
            memory_limit=0,
            silence_logs=logging.CRITICAL,
        )
    try:
        yield workers.scheduler_address
    finally:
        for nanny in workers.workers.values():
            nanny.close_gracefully()  # so that it starts no other
        for nanny in workers.workers.values():
            with contextlib.suppress(OSError, TypeError):  # it died by itself
                os.kill(nanny.pid, getattr(signal, "SIGKILL", signal.SIGTERM))  # a block under way would be waited for
        workers.close()


def _client(distributed: Any, where: str) -> Any:
    try:
        kind = asyncio.run(_who(distributed, where))
        if kind != "Scheduler":
            raise InputError("--scheduler", f"what answers at {where} is no scheduler but a {str(kind).lower()}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)  # we look ourselves
            return distributed.Client(where, timeout=PATIENCE, set_as_default=False, name="chokepoint")
    except InputError:
        raise
    except ValueError as fault:
        raise InputError("--scheduler", f'"{where}" is no address such as tcp://host:8786: {_said(fault)}') from None
    except TimeoutError:
        raise InputError("--scheduler", f"no Dask scheduler answers at {where} within {PATIENCE:g} s") from None
    except Exception as fault:
        raise InputError("--scheduler", f"no Dask scheduler answers at {where}: {_said(fault)}") from None


async def _who(distributed: Any, where: str) -> Any:
    """What kind of server is there. Asked before there is a client, which has no patience of its own with one that keeps silent."""
    known = distributed.Security().get_connection_args("client")
    async with asyncio.timeout(PATIENCE), distributed.rpc(where, connection_args=known) as server:
        return (await server.identity())["type"]


def _refusals(client: Any, where: str, environment: dict[str, Any]) -> dict[str, str]:
    """Of the workers that are there, those that are not fit, and why. InputError if none is, or the scheduler is not."""
    versions = client.get_versions()
    if differs := unlike(versions["client"]["packages"], versions["scheduler"]["packages"]):
        raise InputError("--scheduler", f"the scheduler at {where} and this process do not fit together: {differs}")
    try:
        client.run_on_scheduler(remote.misfit, environment)  # it unpacks what we send, so it must know Chokepoint too
        answers = client.run(remote.misfit, environment, on_error="return")
    except ImportError:
        raise InputError("--scheduler", f"Chokepoint is not installed where the scheduler at {where} runs; install it there") from None
    except (OSError, TimeoutError, ValueError, RuntimeError) as fault:
        raise InputError("--scheduler", f"the scheduler at {where} does not do what is asked of it: {_said(fault)}") from None
    refused = {address: why if isinstance(why, str) else _said(why) for address, why in answers.items() if why}
    if refused and len(refused) == len(answers):
        raise InputError("--scheduler", _none_fit(where, refused))
    return refused


def unlike(ours: dict[str, str | None], theirs: dict[str, str | None]) -> str:
    """In which versions that matter to Dask a scheduler differs from us, in a phrase; "" if in none."""
    differ = [name for name in _SAME if ours.get(name) != theirs.get(name)]
    return "; ".join(f"{name} is {ours.get(name)} here and {theirs.get(name)} there" for name in differ)


def _none_fit(where: str, refused: dict[str, str]) -> str:
    """In a sentence: each cause once, with the first worker that gave it."""
    first = {why: address for address, why in reversed(refused.items())}
    return f"no worker of {where} is fit for this run: " + "; ".join(f"{address}: {why}" for why, address in reversed(first.items()))


def _said(fault: BaseException) -> str:
    text = " ".join(str(fault).split())
    if "No module named 'sim" in text:
        return "Chokepoint is not installed there, or in another version"
    return text[:300] or type(fault).__name__
