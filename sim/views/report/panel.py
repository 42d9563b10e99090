"""What a part of the report is made of: a sentence, a picture or a table, and the numbers behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, str | float | int | None]


@dataclass(frozen=True)
class Panel:
    """One part of the report.

    key: short, of a-z, 0-9 and -, one only in the page: the ids of its elements begin with it
    title: its heading, plain text; lead: one plain sentence (both are escaped by the page)
    html: markup, with everything that comes from a file escaped already; it stands below the chart
    spec: Vega or Vega-Lite, drawn as the picture of the panel; {"data": {"name": N}} takes the rows of `data[N]`
    data: name -> rows, each a mapping of column to value: what the buttons save as CSV, and what the spec reads by name
    script: JavaScript run once when the page is drawn, in a function of its own given (panel, view, data): the panel's element,
        the chart's Vega view or null, and the rows by name. It finds its controls with panel.querySelector, and may put signals in
        the view. No eval, no inline handlers and no style attributes that a Content-Security-Policy would stop.
    """

    key: str
    title: str
    lead: str
    html: str = ""
    spec: dict[str, Any] | None = None
    data: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    script: str = ""
