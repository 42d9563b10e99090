"""A slider over months or years, with a button that plays it; slider.js moves it."""

import html
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent


def slider(key: str, labels: Sequence[str], at: int, what: str, pace: int) -> str:
    """Markup. labels: what each place is called; at: where it stands at first; what: it is, for a screen reader; pace: ms a place"""
    last = len(labels) - 1
    shown = html.escape(labels[at])
    return (
        f'<div class="slider"><button type="button" data-play data-pace="{pace}" aria-controls="{key}-slider">Play</button>'
        f'<input type="range" id="{key}-slider" data-slider min="0" max="{last}" step="1" value="{at}" aria-label="{html.escape(what)}"'
        f' aria-valuetext="{shown}" data-labels="{html.escape("|".join(labels))}">'
        f'<output for="{key}-slider">{shown}</output></div>'
    )


def script(name: str) -> str:
    """The slider's script and a panel's own."""
    return "\n".join((HERE / file).read_text(encoding="utf-8") for file in ("slider.js", name))


def folded(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table behind a line that opens it: the first column heads the rows, numbers stand on the right. Texts are escaped here."""
    heads = "".join(f'<th scope="col"{_side(i)}>{html.escape(text)}</th>' for i, text in enumerate(head))
    lines = [[f"<td{_side(i)}>{html.escape(cell)}</td>" for i, cell in enumerate(row)][1:] for row in rows]
    first = [f'<th scope="row">{html.escape(row[0])}</th>' for row in rows]
    body = "".join(f"<tr>{head}{''.join(cells)}</tr>" for head, cells in zip(first, lines, strict=True))
    table = f"<table><caption>{html.escape(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    return f'<details><summary>As a table</summary><div class="scroll" tabindex="0">{table}</div></details>'


def _side(column: int) -> str:
    return ' class="n"' if column else ""
