"""What commands have in common: options that many take, and what they print or write."""

import json
from pathlib import Path
from typing import Any

import click

from sim.options import Whole

WORLDS = click.option("--worlds", type=Whole("the number of worlds", of_run="worlds"), help="Possible futures to compute.")
SEED = click.option("--seed", type=Whole("a seed", of_run="seed"), help="Decides all luck; 0 is a seed.")
SETS = click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="A lever, number or rule in place of the scenario's.")
MONTHS = click.option("--months", type=Whole("the number of months", of_run="months"), help="Months from January 2018.")
BLOCK = click.option("--block", type=Whole("a block's number of worlds", of_run="block"), help="Worlds computed together.")
JSON = click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
CASE = click.option("--case", metavar="DIR", help="A folder of tables, or a shipped case, in place of the scenario's.")
JOBS = click.option("--jobs", type=Whole("the number of processes"), help="Processes at a time.  [default: one a core]")
QUIET = click.option("--quiet", is_flag=True, help="No progress, no plan: only the results.")
OUT = click.option("--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True, help="Where results go.")


def print_json(what: Any) -> None:
    click.echo(json.dumps(what, indent=1, ensure_ascii=False, allow_nan=False))


def write_file(file: Path, data: bytes) -> None:
    from sim.batch.store import write

    write(file, data)
    click.echo(f"Written: {file}", err=True)
