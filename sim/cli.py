"""The commands; no logic of their own. Each imports what it needs when it is called, so that --help is quick."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from sim import __version__
from sim.options import Commands, Whole, WorldNumbers
from sim.refusal import InputError, nearest
from sim.tables import entry, size, table, wrapped

_JSON = click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
_JOBS = click.option("--jobs", type=Whole("the number of processes"), help="Processes at a time.  [default: one a core]")
_QUIET = click.option("--quiet", is_flag=True, help="No progress, no plan: only the results.")


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="chokepoint", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show where in the code something went wrong (or set CHOKEPOINT_DEBUG=1).")
@click.pass_context
def chokepoint(context: click.Context, debug: bool) -> None:
    """Export controls as a negotiation: licences, sanctions and 5G procurement over thousands of possible futures.

    Start with `chokepoint list`, then `chokepoint run history`.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@chokepoint.command("list")
@_JSON
def list_scenarios(as_json: bool) -> None:
    """Which scenarios there are, and the question of each."""
    from sim.scenario import read, shipped

    found = {name: read(name) for name in shipped()}
    if as_json:
        _print_json([{"name": name, "title": s.title, "question": s.question} for name, s in found.items()])
    else:
        click.echo(table(["scenario", "question"], [[name, s.question or s.title] for name, s in found.items()]))


@chokepoint.command()
@click.argument("files", nargs=-1, required=True, metavar="SCENARIO...")
def check(files: tuple[str, ...]) -> int:
    """What a scenario would do; or what is wrong, and where."""
    from sim.batch.plan import Plan
    from sim.in_words import describe

    wrong = 0
    for i, name in enumerate(files):
        try:
            text = describe(Plan.of(name).scenario)
        except InputError as refused:
            wrong += 1
            click.echo(f"chokepoint: {refused}", err=True)
            continue
        click.echo(("\n" if i else "") + wrapped(text))
    return 2 if wrong else 0


@chokepoint.command(
    epilog="""\b
Examples:
  chokepoint run history
  chokepoint run g20_truce --worlds 5000 --seed 7 --set firm.hurdle=0.3
  chokepoint run --resume results/history/001-9d3602b7"""
)
@click.argument("scenarios", nargs=-1, metavar="SCENARIO...")
@click.option("--worlds", type=Whole("the number of worlds", of_run="worlds"), help="Possible futures to compute.")
@click.option("--seed", type=Whole("a seed", of_run="seed"), help="Decides all luck; 0 is a seed.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="A lever, number or rule in place of the scenario's.")
@click.option("--months", type=Whole("the number of months", of_run="months"), help="Months from January 2018.")
@_JOBS
@click.option("--block", type=Whole("a block's number of worlds", of_run="block"), help="Worlds computed together.")
@click.option("--engine", "by", metavar="WHAT", default="local", show_default=True, help="Who computes: local or dask.")
@click.option("--scheduler", metavar="ADDR", help="Of Dask: tcp://host:port.  [default: its own, here]")
@click.option("--record", metavar="WHAT", help="outcomes, agents (them too), or analysed (only run.analysed).")
@click.option("--until", metavar="GOAL", help='Stop at fewer worlds, once known this well: "lost_sales +-2%".')
@click.option("--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True, help="Where results go.")
@click.option("--resume", type=click.Path(path_type=Path), metavar="RUN", help="Finish a run that was stopped.")
@click.option("--trace", type=WorldNumbers(), metavar="W,W...", help="Worlds whose every decision is kept, for `why`: 0,5,17.")
@click.option("--check", "check_books", is_flag=True, help="Check the books each month; say by how much they are out.")
@_QUIET
@_JSON
def run(scenarios: tuple[str, ...], resume: Path | None, as_json: bool, **options: Any) -> int:
    """Run scenarios, and print the headlines with their bands.

    SCENARIO is a file, or the name of a shipped one (`chokepoint list`). Each gets a results folder of its own.
    """
    from sim import running

    runs = running.resumed(scenarios, resume, **options) if resume is not None else running.begun(scenarios, **options)
    code, told = 0, []
    for done in runs:
        told.append(done.as_json())
        code = max(code, 0 if done.books_balance else 1)
        if not as_json:
            click.echo(done.as_text())
            sys.stdout.flush()
            click.echo(f"Results: {done.results.folder}", err=True)
    if as_json:
        _print_json(told)
    return code


@chokepoint.command(
    epilog="""\b
Examples:
  chokepoint why results/history/001-9d3602b7 --world 5 --agent Micron
  chokepoint why results/history/001-9d3602b7 --world 5 --month 2019-07"""
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
@click.option("--world", required=True, type=Whole("a world's number", least=0, most=2**31), help="One of the run's worlds, from 0.")
@click.option("--agent", metavar="NAME", help="A firm, office, agency, government, carrier or the vendor: its decisions, and those on it.")
@click.option("--month", metavar="YYYY-MM", help="Only this month's.")
@_JSON
def why(folder: Path, world: int, agent: str | None, month: str | None, as_json: bool) -> None:
    """Why someone decided so: the numbers behind each decision, in a sentence.

    A world that `run --trace` has not kept is computed again, alone; nothing is written.
    """
    from sim.views import why as view

    answer = view.ask(folder, world, agent, month)
    if answer.remarks:
        click.echo(view.said(answer.remarks), err=True)
    click.echo(answer.as_json() if as_json else answer.as_text())


@chokepoint.command(
    epilog="""\b
Examples:
  chokepoint sweep history --vary firm.hurdle=0.2:0.6:5
  chokepoint sweep history --vary authority.capacity=20,28,56 --vary firm.hurdle=range
  chokepoint sweep history --vary firm.hurdle=range --vary belief.ease=range --design sobol --points 256 --outcomes approvals"""
)
@click.argument("scenario", metavar="SCENARIO")
@click.option("--vary", multiple=True, metavar="PATH=LO:HI", help="PATH=LO:HI[:PLACES], PATH=A,B,C or PATH=range; may be repeated.")
@click.option("--design", metavar="DESIGN", help="grid, lhs, sobol or morris.  [default: grid]")
@click.option("--points", type=Whole("the number of points", most=10_000_000), help="lhs: points; sobol: base sample; morris: paths.")
@click.option("--replicates", type=Whole("the number of replicates", most=10_000_000), help="Worlds a point; the same luck at each.")
@click.option("--outcomes", metavar="A,B", help="Keep these outcomes only.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="A lever, number or rule in place of the scenario's.")
@click.option("--seed", type=Whole("a seed", of_run="seed"), help="Decides all luck; 0 is a seed.")
@click.option("--months", type=Whole("the number of months", of_run="months"), help="Months from January 2018.")
@_JOBS
@click.option("--block", type=Whole("a block's number of worlds", of_run="block"), help="Worlds computed together.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True, help="Where results go.")
@_QUIET
@_JSON
def sweep(scenario: str, as_json: bool, **options: Any) -> None:
    """Run a scenario over many values of some parameters.

    One results folder; by_point.parquet has every outcome and year at every point. Without --vary the scenario's own `sweep` holds.
    """
    from sim.sweeping import swept

    found = swept(scenario, **options)
    if as_json:
        _print_json(found.as_json())
        return
    click.echo(found.as_text())
    click.echo(f"Results: {found.results.folder}", err=True)


@chokepoint.command(
    epilog="""\b
Examples:
  chokepoint calibrate
  chokepoint calibrate history --samples 1000 --out mine.parquet
  chokepoint calibrate my_question.yaml --targets my_targets.csv --waves 5"""
)
@click.argument("scenario", metavar="[SCENARIO]", default="history")
@click.option("--targets", type=click.Path(path_type=Path), metavar="FILE", help="A CSV file of targets.  [default: the record to 2020]")
@click.option("--samples", type=Whole("their number", 2, 2_000_000), default=6_250, show_default=True, help="Parameter sets of a wave.")
@click.option("--replicates", type=Whole("their number", 2, 1_000), default=8, show_default=True, help="Worlds of a parameter set.")
@click.option("--waves", type=Whole("the number of waves", 1, 100), default=3, show_default=True, help="At most so many.")
@click.option("--enough", type=Whole("their number", 1, 2_000_000), default=500, show_default=True, help="Stop once so many are kept.")
@click.option("--cutoff", type=float, default=3.0, show_default=True, help="Implausibility beyond which a parameter set is ruled out.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="A lever, number or rule in place of the scenario's.")
@click.option("--seed", type=Whole("a seed", of_run="seed"), default=1, show_default=True, help="Decides the sets tried, and all luck.")
@_JOBS
@click.option("--block", type=Whole("a block's number of worlds", of_run="block"), default=512, help="Worlds computed together.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("posterior.parquet"), show_default=True, help="Where they go.")
@click.option("--write", "page", type=click.Path(path_type=Path), metavar="FILE", help="Write the report there, as a page.")
@click.option("--date", metavar="TEXT", help="A date to write into the file; it carries none of its own.")
@_QUIET
@_JSON
def calibrate(scenario: str, page: Path | None, as_json: bool, **options: Any) -> int:
    """Which values of the uncertain numbers the record does not rule out.

    History matching: parameter sets from the scenario's ranges are simulated, and those that miss a target on record by more than
    stated errors and luck can explain are ruled out. All others are kept, none is better than another (docs/calibration.md).
    """
    from sim.calibrating import calibrated
    from sim.views.calibration import as_text
    from sim.views.calibration_page import written

    done = calibrated(scenario, **options)
    if as_json:
        _print_json(done.as_json())
    else:
        click.echo(as_text(done))
    if page is not None:
        written(done, page)
    if done.file is not None:
        click.echo(f"Kept: {done.file}; a scenario draws from it with `prior: {done.file.name}`", err=True)
    return 0 if done.rows else 1


@chokepoint.command(
    epilog="""\b
Examples:
  chokepoint validate
  chokepoint validate free_talks --worlds 2000
  chokepoint validate results/history/001-9d3602b7 --targets my.csv --csv"""
)
@click.argument("what", metavar="[SCENARIO|RUN]", default="history")
@click.option("--targets", type=click.Path(path_type=Path), metavar="FILE", help="A CSV file of targets.  [default: the record to 2020]")
@click.option("--worlds", type=Whole("the number of worlds", of_run="worlds"), help="Possible futures to compute.")
@click.option("--seed", type=Whole("a seed", of_run="seed"), help="Decides all luck; 0 is a seed.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="A lever, number or rule in place of the scenario's.")
@click.option("--csv", "as_csv", is_flag=True, help="A row a target, for spreadsheets.")
@click.option("--quiet", is_flag=True, help="Only the results.")
@_JSON
def validate(what: str, targets: Path | None, as_json: bool, as_csv: bool, **options: Any) -> None:
    """How far to trust it: the record against the model's bands and against naive forecasts.

    A scenario is run to the last month that a target needs; nothing is written. docs/targets.md says how to write targets.
    """
    from sim.validating import validated

    if as_json and as_csv:
        raise InputError("--csv", "give --csv or --json, not both")
    found = validated(what, targets, **options)
    if as_json:
        _print_json(found.as_json())
    else:
        click.echo(found.as_csv() if as_csv else found.as_text(), nl=not as_csv)


@chokepoint.command()
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@_JSON
def diff(a: str, b: str, as_json: bool) -> None:
    """What differs between two scenarios, in words.

    A lever that is set to what it is anyway, and so changes nothing, is a warning.
    """
    from sim.batch.plan import Plan
    from sim.calendar import Calendar
    from sim.in_words import differences

    one, other = Plan.of(a), Plan.of(b)
    months = max(one.scenario.run.months, other.scenario.run.months)
    calendars = Calendar(one.case, one.scenario, months).values, Calendar(other.case, other.scenario, months).values
    lines = differences(one.scenario, other.scenario, calendars)
    if as_json:
        _print_json(lines)
    else:
        click.echo("\n".join(wrapped(line) for line in lines) or f"{a} and {b} say the same.")


@chokepoint.command()
@click.argument("words", nargs=-1, metavar="[FILTER]")
@_JSON
def parameters(words: tuple[str, ...], as_json: bool) -> None:
    """Every number, with range, unit, meaning and source.

    FILTER: only those whose path or meaning holds these words.
    """
    from dataclasses import asdict

    from sim.parameters import PARAMETERS

    wanted = [word.lower() for word in words]
    found = [p for p in PARAMETERS.values() if all(word in f"{p.path} {p.meaning}".lower() for word in wanted)]
    if not found:
        raise InputError(" ".join(words), f"no parameter's path or meaning holds that{nearest(words[0], PARAMETERS)}")
    if as_json:
        _print_json([asdict(p) for p in found])
        return
    for p in found:
        span = "" if p.fixed else f" (plausibly {p.low:g} to {p.high:g})"
        about = f"{p.meaning.rstrip('.')}. {p.kind.capitalize()}; source: {p.source}"
        click.echo(entry(f"{p.path}  {p.value:g}{span} {p.unit}", about))


@chokepoint.command()
@_JSON
def outcomes(as_json: bool) -> None:
    """Every outcome, with its unit and meaning."""
    from sim.batch.summary import in_words
    from sim.case import read_case, shipped_case, shipped_cases
    from sim.outcomes import OUTCOMES

    case = read_case(shipped_case(shipped_cases()[0]))
    rows = [[o.name, o.unit, o.yearly, in_words(o.sentence, case)] for o in OUTCOMES.values()]
    header = ["outcome", "unit", "year", "what it is"]
    if as_json:
        _print_json([dict(zip(("name", "unit", "yearly", "sentence"), row, strict=True)) for row in rows])
    else:
        click.echo(table(header, rows))


@chokepoint.command()
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


@chokepoint.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
@_JOBS
@_QUIET
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


def _print_json(what: Any) -> None:
    click.echo(json.dumps(what, indent=1, ensure_ascii=False, allow_nan=False))
