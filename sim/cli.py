"""The commands; no logic of their own. Each imports what it needs when it is called, so that --help is quick."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from sim import __version__
from sim.options import Commands, Whole, WorldNumbers
from sim.refusal import InputError
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
    from sim.listing import scenario_rows

    rows = scenario_rows()
    if as_json:
        _print_json(rows)
    else:
        click.echo(table(["scenario", "question"], [[row["name"], row["question"] or row["title"]] for row in rows]))


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
  chokepoint plot results/history/001-9d3602b7 --outcome lost_sales
  chokepoint plot results/history/001-9d3602b7 results/no_fdpr/001-7f169bbb --outcome revenue_carrier --to carriers.svg"""
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
@click.argument("other", type=click.Path(path_type=Path), metavar="[RUN2]", required=False)
@click.option("--outcome", required=True, metavar="NAME", help="One of `chokepoint outcomes`.")
@click.option("--to", type=click.Path(path_type=Path), metavar="FILE", help="A .png or .svg file.  [default: NAME.png]")
@click.option("--year-lines", is_flag=True, help="A thin line at the start of each year.")
def plot(folder: Path, other: Path | None, outcome: str, to: Path | None, year_lines: bool) -> None:
    """Draw an outcome month by month, of one run or two.

    Its median and the bands of half and of 90 % of the worlds, the record where there is one, and the dates of the rules. Needs
    matplotlib: pip install 'chokepoint[plots]'.
    """
    from sim.views.plots import plot as draw

    click.echo(draw([folder] if other is None else [folder, other], outcome, to, year_lines))


@chokepoint.command(
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
  chokepoint sensitivity results/history/001-9d3602b7
  chokepoint sensitivity results/history/002-5e11c0aa --outcome lost_sales --year all --csv drivers.csv"""
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
@click.option("--outcome", "outcomes", multiple=True, metavar="NAME", help="May be repeated.  [default: those that the run puts first]")
@click.option("--year", metavar="YYYY", help="Or all.  [default: the last]")
@click.option("--top", type=Whole("how many are shown", most=10_000), default=8, show_default=True, help="Parameters shown of each.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), metavar="FILE", help="All of them, for a spreadsheet.")
@click.option("--seed", type=Whole("a seed", of_run="seed"), help="Of the intervals.  [default: the run's]")
@_JSON
def sensitivity(folder: Path, top: int, csv_file: Path | None, as_json: bool, **options: Any) -> None:
    """Which uncertainty drives which outcome.

    Sobol indices of a sweep with --design sobol, effects of one with --design morris, rank correlations of any other run.
    """
    from sim.analysis.sensitivity import analyse
    from sim.views import drivers

    found = analyse(folder, **options)
    if csv_file is not None:
        _write(csv_file, drivers.as_csv(found))
    if as_json:
        _print_json(drivers.as_json(found))
    else:
        click.echo(drivers.as_text(found, top))


@chokepoint.command(
    epilog="""\b
Examples:
  chokepoint robust results/batch/001-9d3602b7 --minimise lost_sales
  chokepoint robust RUN_A RUN_B --goal "lost_sales<=20" --goal "bans>=10" --discover no_fdpr --year 2022"""
)
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@click.option("--minimise", multiple=True, metavar="OUTCOME", help="Regret of an outcome of which less is better; may be repeated.")
@click.option("--maximise", multiple=True, metavar="OUTCOME", help="The same where more is better.")
@click.option("--goal", "goals", multiple=True, metavar="GOAL", help='What is to hold in a world, "lost_sales<=20"; may be repeated.')
@click.option("--year", metavar="YYYY", help="Of all outcomes.  [default: the last]")
@click.option("--discover", "discover_in", multiple=True, metavar="POLICY", help="Say where this one fails alone.  [default: each]")
@click.option("--threshold", metavar="SHARE", help="Least share of failures in the box that is told, such as 0.8.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), metavar="FILE", help="Policies by criteria, for a spreadsheet.")
@_JSON
def robust(folders: tuple[Path, ...], csv_file: Path | None, as_json: bool, **options: Any) -> None:
    """Which policy does tolerably in most futures, and where each fails.

    RUN: finished runs of scenarios with the same seed and worlds, or a batch folder of `chokepoint run A B C`.
    """
    from sim.analysis.robust import analyse
    from sim.views import policies

    found = analyse(folders, **options)
    if csv_file is not None:
        _write(csv_file, policies.as_csv(found))
    if as_json:
        _print_json(policies.as_json(found))
    else:
        click.echo(policies.as_text(found))


@chokepoint.command(
    epilog="""\b
Examples:
  chokepoint compare g20_truce
  chokepoint compare history strict_early strict_late --worlds 500
  chokepoint compare results/history/001-77d854e7 results/g20_truce/001-d3ab97c8 --by-year
  chokepoint compare g20_truce --agents firm
  chokepoint compare from_2021 --decompose --worlds 200"""
)
@click.argument("what", nargs=-1, metavar="BASE OTHER...")
@click.option("--worlds", type=Whole("the number of worlds", of_run="worlds"), help="Pairs of possible futures to compute.")
@click.option("--seed", type=Whole("a seed", of_run="seed"), help="Decides all luck, of all alike; 0 is a seed.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="A lever, number or rule in place of each scenario's.")
@click.option("--months", type=Whole("the number of months", of_run="months"), help="Months from January 2018.")
@click.option("--decompose", is_flag=True, help="What each part of the change does: alone, and missing from the rest.")
@click.option("--outcome", "names", multiple=True, metavar="NAME", help="Only this outcome; may be repeated.")
@click.option("--all", "every", is_flag=True, help="Every outcome.")
@click.option("--by-year", is_flag=True, help="Every year, besides the whole run.")
@click.option("--agents", "kind", metavar="KIND", help="All measures of firm, group, government, carrier or side.")
@click.option("--csv", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write every outcome, year and asked agent there.")
@_JOBS
@click.option("--block", type=Whole("a block's number of worlds", of_run="block"), help="Worlds computed together.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True, help="Where results go.")
@_QUIET
@_JSON
def compare(
    what: tuple[str, ...], names: tuple[str, ...], every: bool, by_year: bool, kind: str | None, file: Path | None, as_json: bool,
    **options: Any,
) -> None:  # fmt: skip
    """What a change did: differences world by world, who gained, who lost.

    BASE and OTHER are scenarios, which are run with the same luck, or results folders. One alone is held against the scenario that
    it names in `compare_with`.
    """
    from sim import comparing
    from sim.views import compared as view

    asked = view.Asked(names, by_year, kind, every)
    view.check(asked)
    told = comparing.compared(what, kind=kind, file=file, **options)
    if file is not None:
        comparing.write_rows(file, told.comparisons, kind)
    if as_json:
        _print_json(view.as_json(told, asked))
        return
    click.echo(view.as_text(told, asked))
    if told.folder is not None:
        click.echo(f"Results: {told.folder}", err=True)


@chokepoint.command(
    epilog="""\b
Examples:
  chokepoint calibrate
  chokepoint calibrate history --samples 1000 --out mine.parquet
  chokepoint calibrate my_question.yaml --targets my_targets.csv --waves 5"""
)
@click.argument("scenario", metavar="[SCENARIO]", default="history")
@click.option("--targets", type=click.Path(path_type=Path), metavar="FILE", help="What is on record.  [default: the case's]")
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


@chokepoint.command(
    epilog="""\b
Examples:
  chokepoint report results/g20_truce/001-9d3602b7
  chokepoint report results/g20_truce/001-9d3602b7 results/history/001-a6d06ae7 --out truce.html"""
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
@click.argument("bases", nargs=-1, type=click.Path(path_type=Path), metavar="[BASE...]")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Where the page goes.  [default: RUN/report.html]")
def report(folder: Path, bases: tuple[Path, ...], out: Path | None) -> None:
    """A page to send: one HTML file that opens offline.

    It needs the results folders alone. Without BASE it looks beside the run for one of the scenario in `compare_with`, with the same
    seed and worlds.
    """
    from sim.views.report.page import write_report

    click.echo(f"Report: {write_report(folder, bases, out)}", err=True)


@chokepoint.command(
    epilog="""\b
Examples:
  chokepoint explore
  chokepoint explore g20_truce --port 8000 --no-browser"""
)
@click.argument("scenario", default="history", metavar="[SCENARIO]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port on this machine.  [default: 2718, or a free one]")
@click.option("--no-browser", is_flag=True, help="Only say where the page is.")
def explore(scenario: str, port: int | None, no_browser: bool) -> int:
    """A page to play with, on this machine alone: move levers, see the bands. Needs the extra `explore`."""
    from sim.explore.start import start

    return start(scenario, port, not no_browser)


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


@chokepoint.command(
    epilog="""\b
Examples:
  chokepoint new faster_desk
  chokepoint new faster_desk --from g20_truce --out questions"""
)
@click.argument("name", metavar="NAME")
@click.option("--from", "parent", metavar="SCENARIO", default="history", show_default=True, help="What the new one changes.")
@click.option("--out", type=click.Path(path_type=Path), default=Path(), help="Folder to write to.  [default: this one]")
def new(name: str, parent: str, out: Path) -> None:
    """Start a scenario: a commented file, NAME.yaml.

    Every lever stands in it with unit, range, meaning and its value now. Beside it goes chokepoint.schema.json, by which editors
    (VS Code with the YAML extension, others with yaml-language-server) complete names, show units and underline mistakes.
    """
    from sim.new_scenario import new as write

    file, schema = write(name, parent, out)
    click.echo(f"{file}: fill it in, then `chokepoint check {file}`")
    click.echo(f"{schema}: for your editor")


@chokepoint.command()
def schema() -> None:
    """The JSON Schema of a scenario file, for editors.

    `new` writes it beside the scenario; this prints it, for a file that you have already.
    """
    from sim.scenario_schema import text

    click.echo(text(), nl=False)


@chokepoint.command()
@click.argument("words", nargs=-1, metavar="[FILTER]")
@_JSON
def parameters(words: tuple[str, ...], as_json: bool) -> None:
    """Every number, with range, unit, meaning and source.

    FILTER: only those whose path or meaning holds these words.
    """
    from sim.listing import parameter_rows

    found = parameter_rows(words)
    if as_json:
        _print_json(found)
        return
    for p in found:
        span = "" if p["low"] == p["high"] else f" (plausibly {p['low']:g} to {p['high']:g})"
        about = f"{p['meaning'].rstrip('.')}. {p['kind'].capitalize()}; source: {p['source']}"
        click.echo(entry(f"{p['path']}  {p['value']:g}{span} {p['unit']}", about))


@chokepoint.command()
@_JSON
def outcomes(as_json: bool) -> None:
    """Every outcome, with its unit and meaning."""
    from sim.listing import outcome_rows

    rows = outcome_rows()
    if as_json:
        _print_json(rows)
    else:
        click.echo(table(["outcome", "unit", "year", "what it is"], [list(row.values()) for row in rows]))


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


def _write(file: Path, data: bytes) -> None:
    from sim.batch.store import write

    write(file, data)
    click.echo(f"Written: {file}", err=True)


def _print_json(what: Any) -> None:
    click.echo(json.dumps(what, indent=1, ensure_ascii=False, allow_nan=False))
