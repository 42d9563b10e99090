"""`chokepoint case`: which cases there are, what one holds and how it differs from the shipped one, and a copy of one to change."""

import os
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim import __version__
from sim.batch.on_case import OnCase, of_case
from sim.batch.store import make_folder, write
from sim.case import Case, case_folder, read_case, shipped_case, shipped_cases
from sim.case_page import table_in_words
from sim.case_table import Table
from sim.prior import COPY
from sim.refusal import InputError
from sim.tables import table as in_columns
from sim.text_file import printable

MOST = 24  # differences that are told one by one


def rows() -> list[dict[str, Any]]:
    """The shipped cases."""
    found = []
    for name in shipped_cases():
        case = read_case(shipped_case(name))
        counted = {what: len(case[what]) for what in ("chipmakers", "vendors", "governments", "carriers", "calendar")}
        found.append({"case": name, **counted, "sample": (case.folder / COPY).is_file()})
    return found


def listed() -> str:
    lines = [[str(row["case"]), *(str(n) for n in list(row.values())[1:-1]), "yes" if row["sample"] else "no"] for row in rows()]
    return in_columns(["case", "chipmakers", "vendors", "governments", "carriers", "dated facts", "sample"], lines, numbers=5)


def told(name: str) -> tuple[OnCase, list[str]]:
    """What a case is, and each cell and row in which it differs from the shipped one. InputError if it is none."""
    case = read_case(case_folder(name, Path(), "case"))
    on = of_case(case)
    return on, [] if on.is_shipped or not on.copy_of else list(apart(read_case(shipped_case(on.copy_of)), case))


def in_words(on: OnCase, differing: list[str]) -> str:
    lines = [f"{on}.", *differing[:MOST]]
    return "\n".join([*lines, f"and {len(differing) - MOST} more"] if len(differing) > MOST else lines)


def apart(base: Case, other: Case) -> Iterator[str]:
    """Where two cases differ, a line each: a cell as a message names it, or a row."""
    for name in base.schema:
        ours, theirs = base.tables.get(name), other.tables.get(name)
        if ours is None or theirs is None:
            if (ours is None) != (theirs is None):
                yield f"{name}.csv: {'not there' if theirs is None else 'added'}"
        elif any(column.type == "key" for column in base.schema[name]):
            yield from _cells(ours, theirs)
        else:
            yield from _whole_rows(ours, theirs)


def _cells(base: Table, other: Table) -> Iterator[str]:
    was = dict(zip(base.key, base.rows(), strict=True))
    for row, (key, cells) in enumerate(zip(other.key, other.rows(), strict=True)):
        if key not in was:
            yield f"{other.name}.csv:{other.lines[row]}, {printable(key, 40)}: added"
            continue
        for column, now in cells.items():
            before = was[key].get(column, "")
            if str(before) != str(now):  # blanks are no numbers, and equal
                yield f"{other.where(row, column)}, {printable(key, 40)}: {_said(before)} -> {_said(now)}"
    yield from (f"{base.name}.csv, {printable(key, 40)}: not there" for key in base.key if key not in other.key)


def _whole_rows(base: Table, other: Table) -> Iterator[str]:
    left = [_row(row) for row in base.rows()]
    for row, cells in enumerate(other.rows()):
        if (one := _row(cells)) in left:
            left.remove(one)
        else:
            yield f"{other.name}.csv:{other.lines[row]}: {one}"
    yield from (f"{base.name}.csv: not there: {one}" for one in left)


def _row(cells: dict[str, Any]) -> str:
    return ", ".join(_said(cell) for cell in cells.values() if _said(cell))[:200]


def _said(cell: Any) -> str:
    return ("" if cell != cell else f"{cell:.10g}") if isinstance(cell, float) else printable(cell, 60)


def copied(name: str, to: Path) -> list[Path]:
    """Write a copy of a case, to be changed: its tables, its sample, and README.md, which says what each column holds.

    InputError if there is no such case or something stands in the way; nothing is written then. StorageError if the disk refuses.
    """
    source = read_case(case_folder(name, Path(), "case"))
    if to.name in shipped_cases() or not to.name:
        raise InputError("--to", f'"{printable(str(to))}" is the name of a shipped case; name the copy otherwise, such as mycase')
    if os.path.lexists(to):
        raise InputError("--to", f"{printable(str(to))} is there already; name another folder, or move it away")
    if not to.absolute().parent.is_dir():
        raise InputError("--to", f"there is no folder {to.absolute().parent}")
    texts = {file.name: file.read_bytes() for file in source.files}
    if (sample := source.folder / COPY).is_file():
        texts[COPY] = sample.read_bytes()
    texts["README.md"] = _readme(source, to.name, COPY in texts).encode()
    make_folder(to)
    for file, content in texts.items():
        write(to / file, content)
    return [to / file for file in texts]


def _readme(source: Case, name: str, has_sample: bool) -> str:
    sample = (
        f"`{COPY}` is the sample of uncertain numbers that was fitted to the tables as they were before you change them. Scenarios "
        "such as `history` go on drawing from it, and every result says so. Delete it to draw from whole ranges, or fit one to your "
        "tables:"
    )
    fit = f"    chokepoint calibrate history --case {name} --out {name}/{COPY}"
    tables = "\n".join(table_in_words(table, source.schema[table]) for table in source)
    return f"""\
# {name}

A copy of the case {source.name} of Chokepoint {__version__}, to be changed. Terms of the data: the file NOTICE of Chokepoint.

    chokepoint case {name}                        # what you have changed
    chokepoint check history --case {name}        # whether it is in order, and what a run would do
    chokepoint run history --case {name}

Tables are CSV files in UTF-8 with a comma between cells and a point as decimal sign. Leave the first line of each as it is, and say in
`source` and `confidence` where a number of your own comes from. Dated facts are rows of `calendar.csv`.
{f'''
{textwrap.fill(sample, 130, break_on_hyphens=False)}

{fit}
''' if has_sample else ''}
{tables}"""
