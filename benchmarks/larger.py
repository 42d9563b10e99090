"""Cases of many times as many agents, to see what an agent costs: every seller, government and carrier of the shipped case, copied.

Sales, spending and revenue are divided among the copies, so that the sums stay what they were and the months are of the same kind.
"""

import csv
import itertools
import string
from pathlib import Path
from typing import Any

Row = dict[str, str]


def write(case: Path, folder: Path, times: int) -> Path:
    """A case with so many times the agents of another; 1 is a plain copy. The folder, made."""
    folder.mkdir(parents=True)
    for table in sorted(case.glob("*.csv")):
        with table.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            header, rows = list(reader.fieldnames or ()), list(reader)
        copy = _COPIES.get(table.stem)
        if copy is not None:
            rows = copy(rows, times)
        with (folder / table.name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def agents(tables: Any) -> int:
    """How many there are: sellers, governments, carriers, vendors, offices and their agencies."""
    return sum(len(tables[name]) for name in ("chipmakers", "governments", "carriers", "vendors", "authorities", "agencies"))


def _copied(rows: list[Row], times: int, names: tuple[str, ...], shared: tuple[str, ...]) -> list[Row]:
    """names: columns whose text gets the copy's number; shared: columns whose number is divided among the copies"""
    copies = []
    for copy, row in itertools.product(range(times), rows):
        own = {name: f"{row[name]} {copy}" for name in names} if copy else {}
        copies.append(row | own | {name: repr(float(row[name]) / times) for name in shared if row[name]})
    return copies


def _sellers(rows: list[Row], times: int) -> list[Row]:
    return _copied(rows, times, ("firm",), ("revenue_2018_usd_bn",))


def _sales(rows: list[Row], times: int) -> list[Row]:
    return _copied(rows, times, ("firm",), ("sales", "rev"))


def _carriers(rows: list[Row], times: int) -> list[Row]:
    copies = _copied(rows, times, ("carrier",), ("subs_m", "spend_weight"))
    for number, row in enumerate(copies[len(rows) :], len(rows)):
        row["key"] += f"_{number // len(rows)}"
    return copies


def _governments(rows: list[Row], times: int) -> list[Row]:
    """Only those that decide: there is one controller and one target. A copy has a code that no country has, and no dated fact."""
    deciders = [row for row in rows if row["role"] == "decider"]
    codes = (f"{a}{b}{c}" for a, b, c in itertools.product("QX", string.ascii_uppercase, string.ascii_uppercase))
    taken = {row["iso3"] for row in rows}
    free = (code for code in codes if code not in taken)
    more = [row | {"iso3": next(free), "name": f"{row['name']} {copy}", "fixed_by_dated_facts": "0"}
            for copy in range(1, times) for row in deciders]  # fmt: skip
    return rows + more


_COPIES = {"chipmakers": _sellers, "firm_sales_by_group": _sales, "carriers": _carriers, "governments": _governments}
