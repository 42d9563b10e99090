"""How tables and lists look in a terminal of any width."""

import shutil
import textwrap
from collections.abc import Sequence

_LEAST = 20  # characters for the column that is wrapped; with fewer, rows are stacked
_GAP = "  "


def terminal_width() -> int:
    """COLUMNS, or the terminal's width; 100 where there is no terminal."""
    return max(20, shutil.get_terminal_size((100, 24)).columns)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], numbers: int = 0, merge: bool = False, width: int | None = None) -> str:
    """Columns side by side; the last is wrapped where the terminal is narrow, and rows are stacked where it is narrower.

    numbers: so many columns after the first are aligned right; merge: a first cell like the one above is left blank

    >>> print(table(["name", "worlds"], [["history", "1,000"], ["truce", "50"]], numbers=1))
    name     worlds
    history   1,000
    truce        50
    """
    width = width or terminal_width()
    sizes = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    last = width - sum(sizes[:-1]) - len(_GAP) * (len(sizes) - 1)
    if last < min(sizes[-1], _LEAST):
        return _stacked(header, rows, width)
    sizes[-1] = min(sizes[-1], last)
    lines, above = [], ""
    for row in (header, *rows):
        first = "" if merge and row[0] == above else row[0]
        above = row[0]
        for i, piece in enumerate(textwrap.wrap(row[-1], sizes[-1]) or [""]):
            cells = [*((first, *row[1:-1]) if i == 0 else [""] * (len(row) - 1)), piece]
            placed = [c.rjust(s) if 0 < n <= numbers else c.ljust(s) for n, (c, s) in enumerate(zip(cells, sizes, strict=True))]
            lines.append(_GAP.join(placed).rstrip())
    return "\n".join(lines)


def _stacked(header: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> str:
    lines = []
    for row in rows:
        lines.append(row[0])
        cells = [f"{title} {cell}" for title, cell in zip(header[1:], row[1:], strict=True) if cell]
        short = ", ".join(c for c in cells if len(c) < width)
        for text in (short, *(c for c in cells if len(c) >= width)):
            lines += textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines)


def entry(heading: str, text: str, width: int | None = None) -> str:
    """A heading with a wrapped text below it."""
    width = width or terminal_width()
    head = textwrap.wrap(heading, width, subsequent_indent="    ", break_on_hyphens=False) or [""]
    return "\n".join([*head, *textwrap.wrap(text, width, initial_indent="    ", subsequent_indent="    ")])


def wrapped(text: str, hang: int = 4) -> str:
    """A text wrapped line by line, each line's own indent kept; hang: further indent of what a line runs over into."""
    width = terminal_width()
    lines = []
    for line in text.splitlines():
        own = line[: len(line) - len(line.lstrip())]
        after = own + " " * hang
        lines += textwrap.wrap(line.strip(), width, initial_indent=own, subsequent_indent=after, break_on_hyphens=False) or [""]
    return "\n".join(lines)


def number(value: float) -> str:
    """Three digits that count, or whole thousands.

    >>> number(0.012345), number(12.3456), number(1234.5), number(-0.5), number(float("nan"))
    ('0.0123', '12.3', '1,234', '-0.5', '-')
    """
    if value != value:
        return "-"
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.3g}"


def size(count: float) -> str:
    """
    >>> size(900), size(25_400_000), size(3.2e9)
    ('900 bytes', '25 MB', '3.2 GB')
    """
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}" if count < 10 * scale else f"{count / scale:,.0f} {unit}"
    return f"{count:.0f} bytes"


def many(count: int, thing: str) -> str:
    """
    >>> many(1, "world"), many(2000, "world"), many(2, "process")
    ('1 world', '2,000 worlds', '2 processes')
    """
    return f"{count:,} {thing}{'' if count == 1 else 'es' if thing.endswith('s') else 's'}"
