"""What the tables of a case may hold, read from case_columns.csv beside this file."""

import csv
import functools
import re
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("case_columns.csv")

# What each table is about; those marked True a case must have.
TABLES: dict[str, tuple[bool, str]] = {
    "authorities": (True, "export-control offices, one row each"),
    "agencies": (True, "the departments that vote on an office's files"),
    "chipmakers": (True, "sellers of components to the listed vendor"),
    "firm_sales_by_group": (True, "who sold what to the listed vendor in 2018; each row becomes several product lines"),
    "input_groups": (True, "groups of components the listed vendor needs; behaviour follows from the columns, not from a name"),
    "vendors": (True, "makers of network equipment"),
    "governments": (True, "governments that decide on 5G; one controls exports, one is the target"),
    "carriers": (True, "operators that buy networks"),
    "calendar": (True, "every dated input of the case: date, lever, value"),
    "words": (True, "what sentences and reports call things"),
    "governments_fit": (False, "joint estimate and covariance of parameters of the governments' rule"),
    "carriers_fit": (False, "joint estimate and covariance of parameters of the carriers' rule"),
    "talks_issues": (False, "what can be given in talks"),
    "components": (False, "kinds of components, from which the input groups were made; no rule reads it"),
    "costs": (False, "known and claimed costs of exclusion; no rule reads it"),
    "dated_facts": (False, "the events behind the calendar; no rule reads it"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    name: may hold * for several columns of one kind
    type: number, integer, flag (0 or 1), text, choice (one of `choices`), date, key (text; a row's key is all its keys together)
    least, most: limits of a number or a date, as text; empty for none
    reference: table.column that must hold each value; parameters.path for a dated lever
    """

    table: str
    name: str
    type: str
    unit: str
    least: str
    most: str
    choices: tuple[str, ...]
    required: bool
    reference: str
    meaning: str

    @property
    def numeric(self) -> bool:
        return self.type in ("number", "integer", "flag")

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """What a column's name must look like, where this one stands for several."""
        return re.compile(re.escape(self.name).replace(r"\*", "([a-z0-9_]+)")) if "*" in self.name else None


@functools.cache
def schema() -> dict[str, tuple[Column, ...]]:
    """The columns of each table, in the order in which they are written."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        columns = [
            Column(
                row["table"],
                row["column"],
                row["type"],
                row["unit"],
                row["least"],
                row["most"],
                tuple(row["choices"].split(";")) if row["choices"] else (),
                row["required"] == "1",
                row["reference"],
                row["meaning"],
            )
            for row in csv.DictReader(lines)
        ]
    return {table: tuple(column for column in columns if column.table == table) for table in TABLES}
