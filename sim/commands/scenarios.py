"""What is there to run, and how to write one: list, check, diff, new, schema, parameters, outcomes."""

from pathlib import Path

import click

from sim.commands.common import CASE, JSON, print_json
from sim.refusal import InputError
from sim.tables import entry, table, wrapped


@click.command("list")
@JSON
def list_scenarios(as_json: bool) -> None:
    """Which scenarios there are, and the question of each."""
    from sim.listing import scenario_rows

    rows = scenario_rows()
    if as_json:
        print_json(rows)
    else:
        click.echo(table(["scenario", "question"], [[row["name"], row["question"] or row["title"]] for row in rows]))


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="SCENARIO...")
@CASE
def check(files: tuple[str, ...], case: str | None) -> int:
    """What a scenario would do; or what is wrong, and where."""
    from sim.batch.on_case import of_plan
    from sim.batch.plan import Plan
    from sim.in_words import describe

    wrong = 0
    for i, name in enumerate(files):
        try:
            plan = Plan.of(name, case=case)
            text = describe(plan.scenario, of_plan(plan))
        except InputError as refused:
            wrong += 1
            click.echo(f"chokepoint: {refused}", err=True)
            continue
        click.echo(("\n" if i else "") + wrapped(text))
    return 2 if wrong else 0


@click.command()
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@JSON
def diff(a: str, b: str, as_json: bool) -> None:
    """What differs between two scenarios, in words.

    A lever that is set to what it is anyway, and so changes nothing, is a warning.
    """
    from sim.batch.on_case import differences as tables_apart
    from sim.batch.plan import Plan
    from sim.calendar import Calendar
    from sim.in_words import differences

    one, other = Plan.of(a), Plan.of(b)
    months = max(one.scenario.run.months, other.scenario.run.months)
    calendars = Calendar(one.case, one.scenario, months).values, Calendar(other.case, other.scenario, months).values
    lines = differences(one.scenario, other.scenario, calendars)
    if one.scenario.case != other.scenario.case:
        lines += [f"{table}.csv: {rows}" for table, rows in tables_apart(one.case, other.case).items()]
    if as_json:
        print_json(lines)
    else:
        click.echo("\n".join(wrapped(line) for line in lines) or f"{a} and {b} say the same.")


@click.command(
    epilog="""\b
Examples:
  chokepoint new faster_desk
  chokepoint new faster_desk --from g20_truce --out questions
  chokepoint new on_mine --case mycase"""
)
@click.argument("name", metavar="NAME")
@click.option("--from", "parent", metavar="SCENARIO", default="history", show_default=True, help="What the new one changes.")
@click.option("--out", type=click.Path(path_type=Path), default=Path(), help="Folder to write to.  [default: this one]")
@CASE
def new(name: str, parent: str, out: Path, case: str | None) -> None:
    """Start a scenario: a commented file, NAME.yaml.

    Every lever stands in it with unit, range, meaning and its value now. Beside it goes chokepoint.schema.json, by which editors
    (VS Code with the YAML extension, others with yaml-language-server) complete names, show units and underline mistakes.
    """
    from sim.new_scenario import new as write

    file, schema = write(name, parent, out, case)
    click.echo(f"{file}: fill it in, then `chokepoint check {file}`")
    click.echo(f"{schema}: for your editor")


@click.command(
    epilog="""\b
Examples:
  chokepoint case
  chokepoint case huawei --to mycase
  chokepoint case mycase"""
)
@click.argument("name", metavar="[CASE]", required=False)
@click.option("--to", type=click.Path(path_type=Path), metavar="DIR", help="Write a copy there, to be changed.")
@JSON
def case(name: str | None, to: Path | None, as_json: bool) -> None:
    """Cases: a copy of one to change, and what you have changed.

    CASE is a shipped one's name, or a folder of tables. Without it, those that there are; with it, how it differs from the shipped
    case that it was copied from, cell by cell.
    """
    from sim import own_case

    if name is None:
        if to is not None:
            raise InputError("--to", "name the case to copy before it, such as `chokepoint case huawei --to mycase`")
        print_json(own_case.rows()) if as_json else click.echo(own_case.listed())
        return
    if to is not None:
        files = own_case.copied(name, to)
        click.echo(f"{to}: {len(files)} files; change its tables, then `chokepoint check history --case {to}`")
        return
    on, differing = own_case.told(name)
    if as_json:
        print_json({**on.entry(), "differences": differing})
    else:
        click.echo(own_case.in_words(on, differing))


@click.command()
def schema() -> None:
    """The JSON Schema of a scenario file, for editors.

    `new` writes it beside the scenario; this prints it, for a file that you have already.
    """
    from sim.scenario_schema import text

    click.echo(text(), nl=False)


@click.command()
@click.argument("words", nargs=-1, metavar="[FILTER]")
@JSON
def parameters(words: tuple[str, ...], as_json: bool) -> None:
    """Every number, with range, unit, meaning and source.

    FILTER: only those whose path or meaning holds these words.
    """
    from sim.listing import parameter_rows

    found = parameter_rows(words)
    if as_json:
        print_json(found)
        return
    for p in found:
        span = "" if p["low"] == p["high"] else f" (plausibly {p['low']:g} to {p['high']:g})"
        about = f"{p['meaning'].rstrip('.')}. {p['kind'].capitalize()}; source: {p['source']}"
        click.echo(entry(f"{p['path']}  {p['value']:g}{span} {p['unit']}", about))


@click.command()
@JSON
def outcomes(as_json: bool) -> None:
    """Every outcome, with its unit and meaning."""
    from sim.listing import outcome_rows

    rows = outcome_rows()
    if as_json:
        print_json(rows)
    else:
        click.echo(table(["outcome", "unit", "year", "what it is"], [list(row.values()) for row in rows]))
