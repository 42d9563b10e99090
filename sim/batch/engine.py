"""Runs a plan block by block, so that a run that is stopped or killed can be finished with the same bytes.

This is the order of things: journal, resume, end. Who computes the blocks is an engine's matter: local.py or cluster.py.
"""

import contextlib
import os
import signal
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from sim.batch import journal, provenance
from sim.batch.by_point import BY_POINT, write_by_point
from sim.batch.folder import clear_unfinished, intact, new_folder, safe_name
from sim.batch.journal import Report
from sim.batch.local import Local
from sim.batch.plan import POINTS, SCENARIO, STREAMS, TABLES, Plan
from sim.batch.progress import Progress
from sim.batch.results import MANIFEST, read_manifest, write_manifest
from sim.batch.store import StorageError, Stored, agents_kept, hash_of, make_folder, write, write_points, write_worlds
from sim.batch.summary import OutcomeEntry, digest_of, summarise, told
from sim.batch.until import Watch, goal
from sim.batch.worker import Simulate, Work
from sim.prior import COPY
from sim.refusal import InputError

SAME_FAULT = 3  # after so many failures, and no success, the run stops: the fault is not in the block


class Engine(Protocol):
    """Whoever computes blocks. name, jobs: for the manifest; jobs: processes that compute at a time."""

    @property
    def name(self) -> str: ...
    @property
    def jobs(self) -> int: ...
    def reports(self, work: Work, progress: Progress) -> Generator[Report, None, None]:
        """One report a block, in any order, its parts on the disk. Closed early, it leaves no process of its own behind."""
        ...


class Interrupted(Exception):
    """Stopped by Ctrl-C; what is done is on disk."""

    def __init__(self, folder: Path, done: int, worlds: int) -> None:
        super().__init__(f"stopped with {done:,} of {worlds:,} worlds done; go on with: chokepoint run --resume {folder}")
        self.folder, self.done, self.worlds = folder, done, worlds


class RunFailed(Exception):
    """Some blocks could not be computed; the others are on disk. traces: where each went wrong, for whoever mends it."""

    def __init__(self, folder: Path, failed: Sequence[Report], done: int, worlds: int) -> None:
        causes = "; ".join(dict.fromkeys(r.cause for r in failed))
        many = f"{len(failed)} block{'s' if len(failed) != 1 else ''} failed ({causes})"
        again = f"try the rest again with: chokepoint run --resume {folder}"
        super().__init__(f"{many}; {done:,} of {worlds:,} worlds are done; {again}")
        self.folder, self.failed = folder, failed
        self.traces = [r.trace for r in failed if r.trace]


def prepare(plan: Plan, out: Path, command: Sequence[str] = (), check: bool = False, traced: Sequence[int] = ()) -> Path:
    """A new results folder with everything that a run reads: the scenario, the tables, the prior, the worlds. Computes nothing.

    Its name is NNN-<hash8>: a counter within the scenario, so that two runs never share a folder, and the start of the plan's
    fingerprint, so that runs of one plan can be seen to be. check: whether its books are to be checked, also when it is resumed.
    traced: worlds whose every decision is to be kept.
    """
    fingerprint = plan.fingerprint()
    folder = new_folder(out / safe_name(plan.scenario.name), fingerprint[:8])
    make_folder(folder / TABLES)
    inputs = {SCENARIO: write(folder / SCENARIO, plan.scenario.resolved(case=TABLES).encode())}
    for table in sorted(plan.case.folder.glob("*.csv")):
        inputs[f"{TABLES}/{table.name}"] = write(folder / TABLES / table.name, table.read_bytes())
    if plan.scenario.prior is not None:
        inputs[f"{TABLES}/{COPY}"] = write(folder / TABLES / COPY, plan.scenario.prior.file.read_bytes())
    inputs["worlds.parquet"] = write_worlds(folder, plan)
    if plan.points:
        inputs[POINTS] = write_points(folder, plan)
    run = plan.scenario.run
    journal.start_journal(
        folder,
        {
            "plan": fingerprint,
            "scenario": plan.scenario.name,
            "title": plan.scenario.title,
            "question": plan.scenario.question,
            "seed": run.seed,
            "worlds": run.worlds,
            "months": run.months,
            "block": run.block,
            "record": run.record,
            "checked": check,
            "traced": list(traced),
            "streams": STREAMS,
            "sources": {file.name: hash_of(file).sha256 for file in plan.scenario.files},
            "environment": provenance.environment(),
            "git": provenance.git_state(),
            "command": provenance.command(command),
            "started": provenance.now(),
            "inputs": {name: vars(stored) for name, stored in inputs.items()},
        },
    )
    return folder


def resume(folder: Path, given: Plan | None = None) -> None:
    """Refuse to go on with a run whose scenario, tables, code or packages are no longer those it was begun with.

    given: the plan that the user named along with the folder, if any. InputError says what changed.
    """
    if (folder / MANIFEST).is_file():
        raise InputError(str(folder), "this run is finished; there is nothing to resume")
    header, _ = journal.read_journal(folder)
    where = f"cannot resume {folder}"
    until = Plan.read(folder).scenario.run.until
    for name, stored in header["inputs"].items():
        if name == "worlds.parquet" and until:
            continue  # shortened, if the run was killed as it ended
        if not (folder / name).is_file() or vars(hash_of(folder / name)) != stored:
            raise InputError(where, f"{name} is not the file that the run was begun with")
    if given is not None and given.fingerprint() != header["plan"]:
        from sim.in_words import differences

        lines = differences(Plan.read(folder).scenario, given.scenario)
        changed = [line for line in lines if not line.startswith(("warning", "case:"))]
        what = "; ".join(changed[:3]) if changed else "the case's tables differ"
        raise InputError(where, f"the scenario is not the one that the run was begun with: {what}")
    if changed := provenance.changes(header["environment"], provenance.environment()):
        raise InputError(where, "the numbers might differ, since " + "; ".join(changed))


def finish(
    folder: Path,
    jobs: int = 1,
    *,
    engine: Engine | None = None,
    progress: Progress | None = None,
    simulate: Simulate | None = None,
    outcomes: Mapping[str, OutcomeEntry] | None = None,
    guest: bool = False,
) -> dict[str, Any]:
    """Compute the blocks that are missing, write the summary and the manifest, and return the manifest.

    engine: by default so many processes (jobs) of this machine
    simulate, outcomes: the model and its table of outcomes, if not sim.model's and sim.outcomes's.
    guest: this process is somebody else's, who minds the signals himself.
    InputError: another process writes here. StorageError: the disk refused. RunFailed, Interrupted: see there.
    """
    started = time.monotonic()
    progress = progress or Progress(None)
    engine = engine or Local(jobs)
    with journal.locked(folder), contextlib.nullcontext() if guest else _first_stop_is_gentle():
        header, reports = journal.read_journal(folder)
        plan = Plan.read(folder)
        clear_unfinished(folder)
        done = {block: report for block, report in reports.items() if report.status == "done" and intact(folder, report.files)}
        worlds = plan.scenario.run.worlds
        progress.begin(worlds, sum(r.worlds for r in done.values()))
        watch = _watch(folder, plan, outcomes)
        enough = watch.enough(done) if watch is not None else None
        missing = [block for block in range(plan.blocks) if block not in done] if enough is None else []
        failed: list[Report] = []
        try:
            many = engine.reports(Work(folder, missing, simulate, bool(header.get("checked"))), progress)
            with contextlib.closing(many):
                for report in many:
                    if report.status == "storage":
                        raise StorageError(report.cause)
                    journal.append(folder, report)
                    if report.status == "done":
                        done[report.block] = report
                        progress.add(report.worlds)
                        enough = watch.enough(done) if watch is not None else None
                        if enough is not None:
                            break
                    else:
                        failed.append(report)
                        if len(failed) >= SAME_FAULT and not done and len({r.cause for r in failed}) == 1:
                            break
            if enough is not None:
                failed, done, plan = [r for r in failed if r.block < enough], _kept(folder, done, enough), plan.shortened(enough)
                worlds = plan.scenario.run.worlds
                header["inputs"]["worlds.parquet"] = vars(write_worlds(folder, plan))
                header["worlds"] = worlds
            if failed:
                raise RunFailed(folder, failed, sum(r.worlds for r in done.values()), worlds)
            clear_unfinished(folder)  # by a worker that died in the middle of it
            return _end(folder, plan, header, done, outcomes, engine, time.monotonic() - started)
        except KeyboardInterrupt:
            raise Interrupted(folder, sum(r.worlds for r in done.values()), worlds) from None
        finally:
            progress.end()


def _watch(folder: Path, plan: Plan, outcomes: Mapping[str, OutcomeEntry] | None) -> Watch | None:
    """Looks for the end of a run that stops when it knows enough; None for one that does not."""
    run = plan.scenario.run
    if not run.until:
        return None
    from sim.outcomes import OUTCOMES

    aim = goal(run.until, "run.until")
    return Watch(folder, aim, (outcomes or OUTCOMES)[aim.outcome].yearly, run.months)


def _kept(folder: Path, done: Mapping[int, Report], blocks: int) -> dict[int, Report]:
    """The first blocks; away with parts of later ones, which ran ahead."""
    for block, report in done.items():
        if block >= blocks:
            for name in report.files:
                with contextlib.suppress(OSError):
                    (folder / name).unlink()
    return {block: report for block, report in done.items() if block < blocks}


def _end(
    folder: Path,
    plan: Plan,
    header: dict[str, Any],
    done: Mapping[int, Report],
    outcomes: Mapping[str, OutcomeEntry] | None,
    engine: Engine,
    seconds: float,
) -> dict[str, Any]:
    if outcomes is None:
        from sim.outcomes import OUTCOMES

        outcomes = OUTCOMES
    run = plan.scenario.run
    kept = {name: told(outcomes[name], plan.case) for name in (run.analysed or outcomes)}
    text, digests = summarise(folder, plan.blocks, run.worlds, run.months, kept)
    files = {name: Stored(**stored) for name, stored in header["inputs"].items()}
    blanks: dict[str, int] = {}
    discrepancies: dict[str, float] = {}
    for block in sorted(done):
        files |= done[block].files
        for name, count in done[block].blanks.items():
            blanks[name] = blanks.get(name, 0) + count
        for book, size in done[block].discrepancies.items():
            discrepancies[book] = max(size, discrepancies.get(book, 0.0))
    if header.get("traced"):
        from sim.batch import traced

        files[traced.FILE] = traced.write_journal(folder, plan, [world for world in header["traced"] if world < run.worlds])
    files["summary.csv"] = write(folder / "summary.csv", text)
    if plan.points:
        files[BY_POINT] = write_by_point(folder, plan, kept)
    manifest = {
        "schema": provenance.SCHEMA,
        **{name: value for name, value in header.items() if name != "inputs"},
        "blocks": plan.blocks,
        "blocks_done": len(done),
        "agents_kept": agents_kept(run.record, run.worlds),
        "digest": digest_of(digests),
        "outcomes": {
            name: {
                "unit": entry.unit,
                "yearly": entry.yearly,
                "sentence": entry.sentence,
                "digest": digests[name],
            }
            for name, entry in kept.items()
        },
        "blanks": blanks,
        "discrepancies": discrepancies,
        "deviations": ["the checkout had uncommitted changes"] if header["git"].get("dirty") else [],
        "files": {name: vars(files[name]) for name in sorted(files)},
        "ended": provenance.now(),
        "seconds": round(seconds, 1),
        "engine": engine.name,
        "jobs": engine.jobs,
        "block_seconds": [done[block].seconds for block in sorted(done)],
    }
    write_manifest(folder, manifest)
    with contextlib.suppress(OSError):
        (folder / journal.JOURNAL).unlink()
    return read_manifest(folder)


@contextlib.contextmanager
def _first_stop_is_gentle() -> Iterator[None]:
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
