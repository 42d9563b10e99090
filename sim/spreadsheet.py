"""CSV as every command writes it: no cell of it is a formula, whoever named the firm or the scenario.

Nothing else in sim/ writes CSV.
"""

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\n", "{=", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # as they are, and full width
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?|-inf", re.ASCII)


def number_text(value: float) -> str:
    """As many digits as float32 has, and no more."""
    return f"{value:.8g}"


def csv_text(rows: Sequence[Sequence[Any]]) -> bytes:
    """Rows as a CSV file.

    >>> csv_text([["firm", "change"], ["=HYPERLINK(1)", "-3.5"], ["-2+3", -0.25]])
    b"firm,change\\n'=HYPERLINK(1),-3.5\\n'-2+3,-0.25\\n"
    """
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([[_safe(cell) for cell in row] for row in rows])
    return out.getvalue().encode()


def _safe(cell: Any) -> Any:
    """Text that a spreadsheet would take for a formula begins with an apostrophe; a number keeps its minus, written out or not."""
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r\n", "\n").replace("\r", "\n")  # Python quotes no lone \r, which ends a row
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
