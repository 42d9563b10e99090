"""`chokepoint run`: from what was asked to what is told."""

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from sim.batch import engine, journal
from sim.batch.cluster import Cluster, cluster
from sim.batch.folder import free_space, new_folder, safe_name
from sim.batch.headlines import headlines
from sim.batch.on_case import of_plan
from sim.batch.plan import Plan
from sim.batch.progress import Progress, duration
from sim.batch.results import Results
from sim.batch.size import bytes_copied, bytes_expected
from sim.batch.store import agents_kept, write
from sim.batch.summary import together
from sim.batch.until import goal
from sim.months import label
from sim.refusal import InputError, nearest
from sim.run_told import Told
from sim.scenario import Scenario
from sim.sections import RECORDS
from sim.sweep import Sweep
from sim.tables import many, size, wrapped

BATCH = "batch"  # folder of several scenarios that are run together
_ENGINES = ("local", "dask")


@dataclass(frozen=True)
class How:
    """How runs are computed and spoken of. jobs: processes, None for one a core; hands: the cluster, if one computes;
    trace: worlds whose every decision is kept; asked: in place of the command line, by a Python session whose process it is"""

    jobs: int | None = None
    hands: Cluster | None = None
    check_books: bool = False
    quiet: bool = False
    trace: tuple[int, ...] = ()
    asked: tuple[str, ...] = ()


def begun(
    scenarios: Sequence[str | Scenario],
    *,
    worlds: int | None,
    seed: int | None,
    sets: Sequence[str],
    months: int | None,
    jobs: int | None,
    block: int | None,
    record: str | None,
    until: str | None,
    by: str,
    scheduler: str | None,
    out: Path,
    trace: tuple[int, ...] | None,
    check_books: bool,
    quiet: bool,
    case: str | None = None,
    asked: tuple[str, ...] = (),
) -> Iterator[Told]:
    """New runs, one after the other. All scenarios are read, and refused, before the first is run.

    Several are a batch: one folder, out/batch/NNN-<hash8>, with a results folder for each and a summary of all.
    """
    if not scenarios:
        raise InputError("run", "name a scenario, such as `chokepoint run history`; `chokepoint list` shows them")
    given = _given(worlds=worlds, seed=seed, months=months, block=block, record=record, until=until)
    plans = [_plan(name, sets, given, case) for name in scenarios]
    for plan in plans:
        if unknown := [world for world in trace or () if world >= plan.scenario.run.worlds]:
            many = plan.scenario.run.worlds
            raise InputError("--trace", f"there is no world {unknown[0]}; {plan.scenario.name} has {many:,}, numbered from 0 to {many - 1}")
    _is_a_folder(out)
    with _hands(by, scheduler, jobs, max(plan.blocks for plan in plans)) as hands:
        how = How(jobs, hands, check_books, quiet, trace or (), asked)
        if len(plans) == 1:
            yield run_plan(plans[0], out, how)
        else:
            yield from run_batch(plans, out, how)


def run_batch(plans: Sequence[Plan], out: Path, how: How) -> Iterator[Told]:
    """Several runs in one folder, out/batch/NNN-<hash8>, with a summary of all when the last is done."""
    _is_a_folder(out)
    batch = new_folder(out / BATCH, hashlib.sha256("".join(plan.fingerprint() for plan in plans).encode()).hexdigest()[:8])
    finished = []
    for plan in plans:
        told = run_plan(plan, batch, how)
        finished.append((plan.scenario.name, plan.case.name, told.results.folder))
        yield told
    write(batch / "summary.csv", together(finished))
    if not how.quiet:
        click.echo(f"All together: {batch / 'summary.csv'}", err=True)


def run_plan(plan: Plan, out: Path, how: How) -> Told:
    """One run, from a plan to what it tells."""
    _is_a_folder(out)
    _announce(plan, out, how)
    folder = engine.prepare(plan, out, how.asked or ["chokepoint", *sys.argv[1:]], how.check_books, how.trace)
    if not how.quiet:
        click.echo(f"Writing to {folder}", err=True)
    return _finished(folder, plan, how)


def _is_a_folder(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise InputError("--out", f"{out} is a file; name a folder")


def resumed(
    scenarios: Sequence[str],
    folder: Path,
    *,
    sets: Sequence[str],
    jobs: int | None,
    by: str,
    scheduler: str | None,
    out: Path,
    trace: tuple[int, ...] | None,
    check_books: bool,
    quiet: bool,
    case: str | None = None,
    **run: Any,
) -> Iterator[Told]:
    """The rest of a run. A scenario that is named along with it must be the one that it was begun with."""
    given = _given(**run)
    if len(scenarios) > 1:
        raise InputError("--resume", "goes on with one run; name at most the scenario that it was begun with")
    if not scenarios and (given or sets or case is not None):
        option = "--set" if sets else "--case" if case is not None else f"--{next(iter(given))}"
        raise InputError(option, "a run goes on as it was begun; leave this out with --resume")
    if trace is not None:
        raise InputError("--trace", "a run goes on as it was begun; leave this out with --resume, and ask `chokepoint why` when it is done")
    engine.resume(folder, _plan(scenarios[0], sets, given, case) if scenarios else None)
    if check_books and not journal.read_journal(folder)[0].get("checked"):
        raise InputError("--check", "this run was begun without it, so some of its books are unchecked; leave it out, or begin anew")
    plan = Plan.read(folder)
    with _hands(by, scheduler, jobs, plan.blocks) as hands:
        yield _finished(folder, plan, How(jobs, hands, quiet=quiet))


@contextlib.contextmanager
def _hands(by: str, scheduler: str | None, jobs: int | None, blocks: int) -> Iterator[Cluster | None]:
    """The cluster, if one is to compute."""
    if by not in _ENGINES:
        raise InputError("--engine", f'"{by}" is wrong; it is one of {", ".join(_ENGINES)}{nearest(by, _ENGINES)}')
    if by == "local":
        if scheduler is not None:
            raise InputError("--scheduler", "goes with --engine dask; add it, or leave this out")
        yield None
        return
    if scheduler is not None and jobs is not None:
        raise InputError("--jobs", "a scheduler has the workers that it has; leave this out with --scheduler")
    with cluster(scheduler, min(jobs or cores(), blocks)) as hands:
        yield hands


def _finished(folder: Path, plan: Plan, how: How) -> Told:
    from sim.outcomes import HEADLINES

    progress = Progress(None if how.quiet else sys.stderr)
    manifest = engine.finish(folder, min(how.jobs or cores(), plan.blocks), engine=how.hands, progress=progress, guest=bool(how.asked))
    if not how.quiet:
        rate = manifest["worlds"] / max(manifest["seconds"], 0.1)
        written = size(sum(f["bytes"] for f in manifest["files"].values()))
        click.echo(f"Done in {duration(manifest['seconds'])} ({rate:,.0f} worlds a second); {written}.", err=True)
        for name, count in manifest["blanks"].items():
            click.echo(f"note: {name} has no number in {count:,} worlds' months", err=True)
    results = Results(folder, manifest)
    answer = plan.scenario.answer
    asked = answer.look_at if answer is not None else ()
    return Told(results, headlines(results, tuple(dict.fromkeys((*asked, *HEADLINES)))))


def _given(**run: Any) -> dict[str, Any]:
    record = run.get("record")
    if record is not None and record not in RECORDS:
        raise InputError("--record", f'"{record}" is wrong; it is one of {", ".join(RECORDS)}{nearest(record, RECORDS)}')
    if run.get("until") is not None:
        goal(run["until"], "--until")
    return {name: value for name, value in run.items() if value is not None}


def _plan(name: str | Scenario, sets: Sequence[str], given: dict[str, Any], case: str | None) -> Plan:
    plan = Plan.of(name, sets, case=case, **given)
    if plan.scenario.run.record == "analysed" and not plan.scenario.run.analysed:
        raise InputError("--record", f"{plan.scenario.name} does not say which outcomes are analysed; write run.analysed in the scenario")
    if plan.scenario.run.record != "analysed" and plan.scenario.run.analysed:
        plan = Plan.of(name, sets, case=case, **given, analysed=())
    return plan


def _announce(plan: Plan, out: Path, how: How) -> None:
    from sim.outcomes import OUTCOMES

    scenario, run = plan.scenario, plan.scenario.run
    names = run.analysed or tuple(OUTCOMES)
    if unknown := [name for name in names if name not in OUTCOMES]:
        raise InputError("run.analysed", f'there is no outcome "{unknown[0]}"{nearest(unknown[0], OUTCOMES)}')
    expected = bytes_expected(plan)
    free, whole = free_space(out), expected + bytes_copied(plan)
    if whole > free:
        click.echo(f"warning: this may write {size(whole)}, and {size(free)} are free", err=True)
    if how.quiet:
        return
    agents = {"full": "outcomes and agents", "statistics": "outcomes and each block's statistics of agents", "none": "outcomes"}
    processes = min(how.jobs or cores(), plan.blocks)
    on = of_plan(plan)
    where = f"in {many(processes, 'process')}" if how.hands is None else f"on the workers of {how.hands.where}"
    lines = [
        f"{scenario.name}: {scenario.title}",
        *([f"  {scenario.question}"] if scenario.question else []),
        *([f"  case {on}"] if not on.is_shipped else []),
        *(f"  note: {note}" for note in on.notes),
        *([f"  {_swept(scenario.sweep)}"] if scenario.sweep is not None else []),
        f"  {run.worlds:,} worlds of {run.months} months ({label(0)} to {label(run.months - 1)}), seed {run.seed}; "
        f"{many(plan.blocks, 'block')} {where}",
        *([f"  every decision of {many(len(how.trace), 'world')} besides, a few MB each"] if how.trace else []),
        f"  about {size(expected)} of {agents[agents_kept(run.record, run.worlds)]}, to a new folder in {out / safe_name(scenario.name)}",
    ]
    click.echo(wrapped("\n".join(lines), hang=0), err=True)


def _swept(sweep: Sweep) -> str:
    ways = {"grid": "a grid", "lhs": "a Latin hypercube", "sobol": "a Sobol design", "morris": "Morris trajectories"}
    way = ways.get(sweep.design, "a Sobol design for pairs")
    paths = ", ".join(varied.path for varied in sweep.varied)
    return f"{way} of {many(sweep.size, 'point')} over {paths}, {many(sweep.replicates, 'replicate')} each"


def cores() -> int:
    """Processors that we may use, which on a shared machine may be fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
