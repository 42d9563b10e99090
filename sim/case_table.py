"""One table of a case: read from a CSV file, cell by cell as its columns in case_columns.csv say."""

import csv
import io
import math
import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.case_schema import Column
from sim.months import month_of
from sim.parameters import SMALLEST
from sim.refusal import InputError, nearest
from sim.text_file import UNPRINTABLE, printable

LARGEST = 20 << 20  # bytes
MOST_ROWS, MOST_COLUMNS = 20_000, 1_000
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)


class Table:
    """A table by column: table["need"] is a read-only float64 array, table["firm"] a list of texts. len: its rows.

    key: each row's name, several key columns joined by a blank; row numbers where no column is a key
    lines: the line of the file on which each row starts
    """

    def __init__(self, name: str, columns: dict[str, NDArray[np.float64] | list[str]], key: list[str], lines: list[int]) -> None:
        self.name, self.columns, self.key, self.lines = name, columns, key, lines

    def __getitem__(self, column: str) -> Any:
        return self.columns[column]

    def __contains__(self, column: object) -> bool:
        return column in self.columns

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.key)

    @property
    def numbers(self) -> dict[str, NDArray[np.float64]]:
        """Its columns of numbers alone."""
        return {name: values for name, values in self.columns.items() if isinstance(values, np.ndarray)}

    def rows(self) -> list[dict[str, Any]]:
        """The table by row: column -> text or float."""
        columns = [list(column) for column in self.columns.values()]
        return [dict(zip(self.columns, cells, strict=True)) for cells in zip(*columns, strict=True)]

    def row(self, key: str) -> int:
        return self.key.index(key)

    def where(self, row: int, column: str) -> str:
        """A cell, as error messages name it."""
        return f"{self.name}.csv:{self.lines[row]} ({column})"


def read_table(file: Path, name: str, columns: Sequence[Column]) -> Table:
    """InputError at the first cell that is not what its column asks for."""
    heading, found, rows, lines = _rows(file, name, columns)
    if not rows:
        raise InputError(f"{name}.csv", "has no rows below its header; give at least one")
    values: dict[str, NDArray[np.float64] | list[str]] = {}
    for place, (title, column) in enumerate(zip(heading, found, strict=True)):
        texts = [row[place] for row in rows]
        numbers = [_cell(text, column, name, line, title) for text, line in zip(texts, lines, strict=True)]
        if column.numeric:
            array = np.array(numbers, dtype=np.float64)
            array.setflags(write=False)
            values[title] = array
        else:
            values[title] = texts
    keys: list[list[str]] = [v for c in columns if c.type == "key" and isinstance(v := values.get(c.name), list)]
    names = [" ".join(parts) for parts in zip(*keys, strict=True)] if keys else [str(i) for i in range(len(rows))]
    if keys:
        _refuse_duplicates(list(zip(*keys, strict=True)), name, lines, [c.name for c in columns if c.type == "key"])
    return Table(name, values, names, lines)


def _rows(file: Path, name: str, columns: Sequence[Column]) -> tuple[list[str], list[Column], list[list[str]], list[int]]:
    """The header, the column of the schema that each of its titles stands for, the rows and the line on which each starts."""
    reader = csv.reader(io.StringIO(_text(file, name), newline=""), strict=True)
    heading: list[str] = []
    found: list[Column] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    start = 1
    try:
        for cells in reader:
            if not heading:
                if not any(cells):
                    raise InputError(f"{name}.csv:{start}", "starts with an empty line; the first line names the columns")
                if len(cells) > MOST_COLUMNS:
                    raise InputError(f"{name}.csv:{start}", f"has {len(cells)} columns; a table may have {MOST_COLUMNS}")
                heading, found = cells, _match(cells, f"{name}.csv:1", columns)
            elif cells:
                if len(rows) == MOST_ROWS:
                    raise InputError(f"{name}.csv:{start}", f"has more than {MOST_ROWS} rows; a table may have {MOST_ROWS}")
                if len(cells) != len(heading):
                    what = f"has {len(cells)} cells where the header has {len(heading)}; put text with a comma in double quotes"
                    raise InputError(f"{name}.csv:{start}", what)
                rows.append(cells)
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{name}.csv:{reader.line_num}", f"is not well-formed CSV: {error}") from None
    if not heading:
        raise InputError(f"{name}.csv", "is empty; the first line names the columns")
    return heading, found, rows, lines


def _text(file: Path, name: str) -> str:
    shown = f"{name}.csv"
    try:
        if not stat.S_ISREG(os.stat(file).st_mode):
            raise InputError(shown, "is no regular file; give a CSV file")
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise InputError(shown, f"cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise InputError(shown, "is larger than 20 MiB; a table of a case has a few thousand rows at most")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{shown}:1", "the file is in UTF-16; save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{shown}:{line}", "the file is not in UTF-8; save it as UTF-8") from None
    refused = UNPRINTABLE.search(text)
    if refused:
        line = text[: refused.start()].count("\n") + 1
        raise InputError(f"{shown}:{line}", f"the character {refused.group()!a} may not stand in a table; delete it")
    return text


def _match(heading: list[str], where: str, columns: Sequence[Column]) -> list[Column]:
    """The column of the schema that each title of the header stands for."""
    exact = {column.name: column for column in columns if column.pattern is None}
    several = [(pattern, column) for column in columns if (pattern := column.pattern) is not None]
    found: list[Column] = []
    for place, title in enumerate(heading):
        column = exact.get(title) or next((c for pattern, c in several if pattern.fullmatch(title)), None)
        if column is None:
            hint = nearest(title, exact) or f"; known are {', '.join(c.name for c in columns)}"
            raise InputError(where, f'there is no column "{printable(title)}"{hint}')
        if title in heading[:place]:
            raise InputError(where, f'the column "{title}" stands there twice; keep one')
        found.append(column)
    for column in columns:
        if column not in found:
            raise InputError(where, f'the column "{column.name}" is missing: {column.meaning}')
    return found


def _cell(text: str, column: Column, table: str, line: int, title: str) -> float:
    """The number in a cell; 0 for text that is in order."""
    fault = ""
    value = 0.0
    if not text.strip():
        if not column.required:
            return math.nan
        fault = f"is blank; give {_wanted(column)}"
    elif column.numeric:
        value, fault = _number(text, column)
    elif column.type == "choice":
        if text not in column.choices:
            fault = f'"{printable(text)}" is none of {", ".join(column.choices)}{nearest(text, column.choices)}'
    elif column.type == "date":
        fault = _date_fault(text, column)
    elif column.type == "key":
        if text != text.strip():
            fault = f'"{printable(text)}" begins or ends with a blank; delete it'
        elif column.choices and text not in column.choices:
            hint = nearest(text, column.choices) or f"; known are {', '.join(column.choices)}"
            fault = f'"{printable(text)}" is not known{hint}'
    if fault:
        raise InputError(f"{table}.csv:{line} ({title})", fault)
    return value


def _wanted(column: Column) -> str:
    if column.choices:
        return "one of " + ", ".join(column.choices)
    if column.type == "flag":
        return "0 or 1"
    if column.type == "date":
        return "a date such as 2019-05-16"
    if column.numeric:
        kind = "a whole number" if column.type == "integer" else "a number"
        return f"{kind} from {column.least} to {column.most}" + (f" ({column.unit})" if column.unit else "")
    return "a text"


def _number(text: str, column: Column) -> tuple[float, str]:
    if column.type == "flag":
        return (float(text), "") if text in ("0", "1") else (0.0, f'"{printable(text)}" is neither 0 nor 1')
    if not _NUMBER.fullmatch(text):
        if text.strip().lower().lstrip("+-") in ("nan", "inf", "infinity"):
            return 0.0, f'"{printable(text)}" is no finite number; give {_wanted(column)}'
        return 0.0, f'"{printable(text)}" is no number; give {_wanted(column)}, with a point as decimal sign'
    if column.type == "integer" and not _WHOLE.fullmatch(text):
        return 0.0, f'"{printable(text)}" is no whole number; give {_wanted(column)}'
    value = float(text)
    if not float(column.least) <= value <= float(column.most):
        return 0.0, f"{printable(text)} is out of range; give {_wanted(column)}"
    if 0 < abs(value) < SMALLEST:
        return 0.0, f"{printable(text)} is next to nothing; give 0, or at least {SMALLEST:g}"
    return value, ""


def _date_fault(text: str, column: Column) -> str:
    try:
        month = month_of(text)
    except ValueError:
        return f'"{printable(text)}" is no date; write a month as 2019-05 or a day as 2019-05-16'
    if column.least and not month_of(column.least) <= month <= month_of(column.most):
        return f"{text} lies outside {column.least} to {column.most}"
    return ""


def _refuse_duplicates(keys: list[tuple[str, ...]], table: str, lines: list[int], columns: list[str]) -> None:
    first: dict[tuple[str, ...], int] = {}
    for key, line in zip(keys, lines, strict=True):
        if key in first:
            what = f'"{printable(" ".join(key))}" stands there twice, first on line {first[key]}; keep one'
            raise InputError(f"{table}.csv:{line} ({', '.join(columns)})", what)
        first[key] = line
