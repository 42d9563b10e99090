"""What commands have in common: options that many take, and what they print or write."""

import json
from pathlib import Path
from typing import Any

import click

from sim.options import Whole

JSON = click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
CASE = click.option("--case", metavar="DIR", help="A folder of tables, or a shipped case, in place of the scenario's.")
JOBS = click.option("--jobs", type=Whole("the number of processes"), help="Processes at a time.  [default: one a core]")
QUIET = click.option("--quiet", is_flag=True, help="No progress, no plan: only the results.")


def print_json(what: Any) -> None:
    click.echo(json.dumps(what, indent=1, ensure_ascii=False, allow_nan=False))


def write_file(file: Path, data: bytes) -> None:
    from sim.batch.store import write

    write(file, data)
    click.echo(f"Written: {file}", err=True)
