"""Runs, and the folders that they leave: run, sweep, why, verify, reproduce."""

import sys
from pathlib import Path
from typing import Any

import click

from sim.commands.common import BLOCK, CASE, JOBS, JSON, MONTHS, OUT, QUIET, SEED, SETS, WORLDS, print_json
from sim.options import Whole, WorldNumbers
from sim.tables import size, wrapped


@click.command(
    epilog="""\b
Examples:
  chokepoint run history
  chokepoint run g20_truce --worlds 5000 --seed 7 --set firm.hurdle=0.3
  chokepoint run history --case mycase --months 120
  chokepoint run --resume results/history/001-9d3602b7"""
)
@click.argument("scenarios", nargs=-1, metavar="SCENARIO...")
@WORLDS
@SEED
@SETS
@CASE
@MONTHS
@JOBS
@BLOCK
@click.option("--engine", "by", metavar="WHAT", default="local", show_default=True, help="Who computes: local or dask.")
@click.option("--scheduler", metavar="ADDR", help="Of Dask: tcp://host:port.  [default: its own, here]")
@click.option("--record", metavar="WHAT", help="outcomes, agents (them too), or analysed (only run.analysed).")
@click.option("--until", metavar="GOAL", help='Stop at fewer worlds, once known this well: "lost_sales +-2%".')
@OUT
@click.option("--resume", type=click.Path(path_type=Path), metavar="RUN", help="Finish a run that was stopped.")
@click.option("--trace", type=WorldNumbers(), metavar="W,W...", help="Worlds whose every decision is kept, for `why`: 0,5,17.")
@click.option("--check", "check_books", is_flag=True, help="Check the books each month; say by how much they are out.")
@QUIET
@JSON
def run(scenarios: tuple[str, ...], resume: Path | None, as_json: bool, **options: Any) -> int:
    """Run scenarios, and print the headlines with their bands.

    SCENARIO is a file, or the name of a shipped one (`chokepoint list`). Each gets a results folder of its own.
    """
    from sim import running
    from sim.views import terminal_chart

    runs = running.resumed(scenarios, resume, **options) if resume is not None else running.begun(scenarios, **options)
    code, told = 0, []
    for done in runs:
        told.append(done.as_json())
        code = max(code, 0 if done.books_balance else 1)
        if not as_json:
            click.echo(done.as_text())
            if not options["quiet"] and terminal_chart.shows(sys.stdout):
                click.echo("\n" + terminal_chart.chart_for(done.results, sys.stdout))
            sys.stdout.flush()
            click.echo(f"Results: {done.results.folder}", err=True)
    if as_json:
        print_json(told)
    return code


@click.command(
    epilog="""\b
Examples:
  chokepoint sweep history --vary firm.hurdle=0.2:0.6:5
  chokepoint sweep history --vary authority.capacity=20,28,56 --vary firm.hurdle=range
  chokepoint sweep history --vary firm.hurdle=range --vary belief.ease=range --design sobol --points 256 --outcomes approvals"""
)
@click.argument("scenario", metavar="SCENARIO")
@click.option("--vary", multiple=True, metavar="PATH=LO:HI", help="PATH=LO:HI[:PLACES], PATH=A,B,C or PATH=range; may be repeated.")
@click.option("--design", metavar="DESIGN", help="grid, lhs, sobol, sobol_pairs or morris.  [default: grid]")
@click.option("--points", type=Whole("the number of points", most=10_000_000), help="lhs: points; sobol: base sample; morris: paths.")
@click.option("--replicates", type=Whole("the number of replicates", most=10_000_000), help="Worlds a point; the same luck at each.")
@click.option("--outcomes", metavar="A,B", help="Keep these outcomes only.")
@SETS
@CASE
@SEED
@MONTHS
@JOBS
@BLOCK
@OUT
@QUIET
@JSON
def sweep(scenario: str, as_json: bool, **options: Any) -> None:
    """Run a scenario over many values of some parameters.

    One results folder; by_point.parquet has every outcome and year at every point. Without --vary the scenario's own `sweep` holds.
    """
    from sim.sweeping import swept

    found = swept(scenario, **options)
    if as_json:
        print_json(found.as_json())
        return
    click.echo(found.as_text())
    click.echo(f"Results: {found.results.folder}", err=True)


@click.command(
    epilog="""\b
Examples:
  chokepoint why results/history/001-9d3602b7 --world 5 --agent Micron
  chokepoint why results/history/001-9d3602b7 --world 5 --month 2019-07"""
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
@click.option("--world", required=True, type=Whole("a world's number", least=0, most=2**31), help="One of the run's worlds, from 0.")
@click.option("--agent", metavar="NAME", help="A firm, office, agency, government, carrier or the vendor: its decisions, and those on it.")
@click.option("--month", metavar="YYYY-MM", help="Only this month's.")
@JSON
def why(folder: Path, world: int, agent: str | None, month: str | None, as_json: bool) -> None:
    """Why someone decided so: the numbers behind each decision, in a sentence.

    A world that `run --trace` has not kept is computed again, alone; nothing is written.
    """
    from sim.views import why as view

    answer = view.ask(folder, world, agent, month)
    if answer.remarks:
        click.echo(view.said(answer.remarks), err=True)
    click.echo(answer.as_json() if as_json else answer.as_text())


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
def verify(folder: Path) -> int:
    """Whether a run's files are as they were written."""
    from sim.batch.audit import verify as faults_of
    from sim.batch.results import read_manifest

    files = read_manifest(folder)["files"]
    faults = faults_of(folder)
    for fault in faults:
        click.echo(wrapped(fault))
    if not faults:
        click.echo(f"All {len(files)} files ({size(sum(f['bytes'] for f in files.values()))}) are as they were written.")
    return 1 if faults else 0


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
@JOBS
@QUIET
def reproduce(folder: Path, jobs: int | None, quiet: bool) -> int:
    """Run it again and compare, to the last bit.

    It runs in a temporary folder, from what the results folder keeps, and tells the first difference if there is one.
    """
    from sim.batch.audit import reproduce as run_again
    from sim.batch.progress import Progress
    from sim.running import cores

    difference, changed = run_again(folder, jobs or cores(), progress=Progress(None if quiet else sys.stderr))
    for change in changed:
        click.echo(wrapped(f"note: {change}"), err=True)
    click.echo(wrapped(difference) if difference else "The same numbers, to the last bit.")
    return 1 if difference else 0
