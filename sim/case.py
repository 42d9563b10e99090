"""A case: who exists and what they trade at the start, a folder of CSV tables that case_columns.csv describes."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sim.case_checks import check
from sim.case_schema import TABLES, Column, schema
from sim.case_table import Table, read_table
from sim.refusal import InputError, nearest
from sim.shipped import SHIPPED
from sim.text_file import LONGEST_SHOWN, printable


@dataclass(frozen=True, eq=False)
class Case:
    """The tables of a case, read and checked: case["input_groups"]["need"] is an array, one number a row. Equal to itself alone.

    name: the folder's
    files: the tables' files, in the order of `schema`
    """

    name: str
    folder: Path
    tables: dict[str, Table]
    files: tuple[Path, ...]

    def __getitem__(self, table: str) -> Table:
        return self.tables[table]

    def __contains__(self, table: object) -> bool:
        """Whether an optional table is there."""
        return table in self.tables

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    @property
    def schema(self) -> dict[str, tuple[Column, ...]]:
        return schema()

    def word(self, key: str) -> str:
        """What reports call something that the rules name neutrally."""
        table = self["words"]
        return str(table["word"][table.row(key)])


def read_case(folder: Path) -> Case:
    """InputError at the first thing that is wrong with the folder, a table, a cell, or the tables together."""
    if not os.path.isdir(folder):  # Path.is_dir raises where a name is too long
        what = "there is no such folder; give a folder of CSV tables, or the name of a shipped case"
        raise InputError(f"case {printable(str(folder), LONGEST_SHOWN)}", what)
    try:
        present = sorted(file.name for file in folder.iterdir() if file.suffix.lower() == ".csv")
    except OSError as error:
        raise InputError(f"case {printable(str(folder), LONGEST_SHOWN)}", f"cannot be read: {error.strerror}") from None
    for name in present:
        if name.removesuffix(".csv") not in TABLES:
            hint = nearest(name, [f"{table}.csv" for table in TABLES]) or f"; known are {', '.join(TABLES)}"
            raise InputError(printable(name), f"is no table of a case{hint}")
    for table, (required, about) in TABLES.items():
        if required and f"{table}.csv" not in present:
            raise InputError(f"{table}.csv", f"is missing from the case in {printable(str(folder), LONGEST_SHOWN)}: {about}")
    columns = schema()
    files = {table: folder / f"{table}.csv" for table in columns if f"{table}.csv" in present}
    tables = {table: read_table(file, table, columns[table]) for table, file in files.items()}
    check(tables, columns)
    return Case(folder.resolve().name, folder, tables, tuple(files.values()))


def shipped_cases() -> list[str]:
    cases = SHIPPED / "cases"
    return sorted(folder.name for folder in cases.iterdir() if folder.is_dir()) if cases.is_dir() else []


def shipped_case(name: str) -> Path:
    """The folder of a case that comes with Chokepoint."""
    if name not in shipped_cases():
        hint = nearest(name, shipped_cases()) or f"; there are {', '.join(shipped_cases())}"
        raise InputError(f"case {printable(name)}", f"there is no shipped case of that name{hint}")
    return SHIPPED / "cases" / name


def case_folder(written: str, relative_to: Path, where: str) -> Path:
    """The folder of a case: of a shipped one by its name, or a folder as seen from `relative_to` (./mine, where mine is shipped too).

    InputError, with `where`, if there is neither.
    """
    if written in shipped_cases():
        return SHIPPED / "cases" / written
    with suppress(ValueError):  # a zero byte
        if written and os.path.isdir(relative_to / written):
            return relative_to / written
    hint = nearest(written, shipped_cases()) or f"; shipped are {', '.join(shipped_cases())}"
    raise InputError(where, f'there is no folder "{printable(written)}", and no case of that name is shipped{hint}')
