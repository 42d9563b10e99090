"""What runs say: compare, sensitivity, robust, calibrate, validate, plot, report."""

from pathlib import Path
from typing import Any

import click

from sim.commands.common import BLOCK, CASE, JOBS, JSON, MONTHS, OUT, QUIET, SEED, SETS, WORLDS, print_json, write_file
from sim.options import Whole
from sim.refusal import InputError


@click.command(
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
@CASE
@MONTHS
@click.option("--decompose", is_flag=True, help="What each part of the change does: alone, and missing from the rest.")
@click.option("--outcome", "names", multiple=True, metavar="NAME", help="Only this outcome; may be repeated.")
@click.option("--all", "every", is_flag=True, help="Every outcome.")
@click.option("--by-year", is_flag=True, help="Every year, besides the whole run.")
@click.option("--agents", "kind", metavar="KIND", help="All measures of firm, group, government, carrier or side.")
@click.option("--csv", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write every outcome, year and asked agent there.")
@JOBS
@BLOCK
@OUT
@QUIET
@JSON
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
        print_json(view.as_json(told, asked))
        return
    click.echo(view.as_text(told, asked))
    if told.folder is not None:
        click.echo(f"Results: {told.folder}", err=True)


@click.command(
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
@JSON
def sensitivity(folder: Path, top: int, csv_file: Path | None, as_json: bool, **options: Any) -> None:
    """Which uncertainty drives which outcome.

    Sobol indices of a sweep with --design sobol, effects of one with --design morris, rank correlations of any other run.
    """
    from sim.analysis.sensitivity import analyse
    from sim.views import drivers

    found = analyse(folder, **options)
    if csv_file is not None:
        write_file(csv_file, drivers.as_csv(found))
    if as_json:
        print_json(drivers.as_json(found))
    else:
        click.echo(drivers.as_text(found, top))


@click.command(
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
@JSON
def robust(folders: tuple[Path, ...], csv_file: Path | None, as_json: bool, **options: Any) -> None:
    """Which policy does tolerably in most futures, and where each fails.

    RUN: finished runs of scenarios with the same seed and worlds, or a batch folder of `chokepoint run A B C`.
    """
    from sim.analysis.robust import analyse
    from sim.views import policies

    found = analyse(folders, **options)
    if csv_file is not None:
        write_file(csv_file, policies.as_csv(found))
    if as_json:
        print_json(policies.as_json(found))
    else:
        click.echo(policies.as_text(found))


@click.command(
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
@SETS
@CASE
@click.option("--seed", type=Whole("a seed", of_run="seed"), default=1, show_default=True, help="Decides the sets tried, and all luck.")
@JOBS
@click.option("--block", type=Whole("their number", of_run="block"), default=512, show_default=True, help="Worlds computed together.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("posterior.parquet"), show_default=True, help="Where the sets go.")
@click.option("--write", "page", type=click.Path(path_type=Path), metavar="FILE", help="Write the report there, as a page.")
@click.option("--date", metavar="TEXT", help="A date to write into the file; it carries none of its own.")
@QUIET
@JSON
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
        print_json(done.as_json())
    else:
        click.echo(as_text(done))
    if page is not None:
        written(done, page)
    if done.file is not None:
        click.echo(f"Kept: {done.file}; a scenario draws from it with `prior: {done.file.name}`", err=True)
    return 0 if done.rows else 1


@click.command(
    epilog="""\b
Examples:
  chokepoint validate
  chokepoint validate free_talks --worlds 2000
  chokepoint validate results/history/001-9d3602b7 --targets my.csv --csv"""
)
@click.argument("what", metavar="[SCENARIO|RUN]", default="history")
@click.option("--targets", type=click.Path(path_type=Path), metavar="FILE", help="A CSV file of targets.  [default: the record to 2020]")
@WORLDS
@SEED
@SETS
@CASE
@click.option("--csv", "as_csv", is_flag=True, help="A row a target, for spreadsheets.")
@QUIET
@JSON
def validate(what: str, targets: Path | None, as_json: bool, as_csv: bool, **options: Any) -> None:
    """How far to trust it: the record against the model's bands and against naive forecasts.

    A scenario is run to the last month that a target needs; nothing is written. docs/targets.md says how to write targets.
    """
    from sim.validating import validated

    if as_json and as_csv:
        raise InputError("--csv", "give --csv or --json, not both")
    found = validated(what, targets, **options)
    if as_json:
        print_json(found.as_json())
    else:
        click.echo(found.as_csv() if as_csv else found.as_text(), nl=not as_csv)


@click.command(
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


@click.command(
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


@click.command(
    epilog="""\b
Examples:
  chokepoint explore
  chokepoint explore g20_truce --port 8000 --no-browser"""
)
@click.argument("scenario", default="history", metavar="[SCENARIO]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port on this machine.  [default: 2718, or a free one]")
@click.option("--host", default="127.0.0.1", metavar="ADDRESS", help="Who can reach it.  [default: 127.0.0.1, this machine alone]")
@click.option("--no-browser", is_flag=True, help="Only say where the page is.")
def explore(scenario: str, port: int | None, host: str, no_browser: bool) -> int:
    """A page to play with, on this machine alone: move levers, see the bands. Needs the extra `explore`."""
    from sim.explore.start import start

    return start(scenario, port, not no_browser, host)
