"""`chokepoint plot`: one outcome of one run or two, month by month, as a picture that says what it is.

The same run gives the same bytes; where it came from stands below the picture and in the file's metadata.
"""

import textwrap
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.batch.results import Results
from sim.batch.store import make_folder, write
from sim.batch.summary import in_words
from sim.calendar import Calendar
from sim.months import label, month_of, year_of
from sim.refusal import InputError
from sim.text_file import printable
from sim.views.observed import observed
from sim.worlds import Numbers

FORMATS = (".png", ".svg")
POINTS = (0.05, 0.25, 0.5, 0.75, 0.95)
ROW = 0.06  # height of a row of labels, in heights of the picture
COLOURS = ("#0072B2", "#D55E00")  # told apart by those who are colour-blind, and in grey
INK, FAINT = "#222222", "#767676"
RECORD_ENDS = month_of("2020-12")
MARKED = {  # dated lever -> what its rise is called, in the case's words
    "law.listing": "{list}",
    "law.fdpr_own_announced": "product rule, own chips",
    "law.fdpr_all_announced": "all chips",
    "law.fdpr_in_force": "rule in force",
}
_STYLE: Any = {
    "text.parse_math": False,  # a $ in a scenario's title is a $
    "svg.hashsalt": "chokepoint",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


@dataclass(frozen=True)
class Marker:
    """A dated rule. month: with a fraction where it came within one"""

    month: float
    text: str


def plot(folders: list[Path], outcome: str, to: Path | None, year_lines: bool = False) -> Path:
    """Draw, and say where. InputError for what cannot be drawn; nothing is written then."""
    to = Path(f"{outcome}.png") if to is None else to
    if to.suffix.lower() not in FORMATS:
        raise InputError("--to", f'"{printable(to.name)}" ends in neither .png nor .svg; name a file such as {printable(outcome, 30)}.png')
    runs = [Results.open(folder) for folder in folders]
    bands = [_quantiles(run, outcome) for run in runs]
    _need_matplotlib()
    import matplotlib

    with matplotlib.rc_context(_STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a title in letters that the font does not have
        picture = _bytes(_figure(runs, bands, outcome, year_lines), to.suffix.lower()[1:], runs, outcome)
    make_folder(to.parent)
    write(to, picture)
    return to


def _need_matplotlib() -> None:
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        raise InputError("plot", "pictures need matplotlib; install it with: pip install 'chokepoint[plots]'")


def _quantiles(run: Results, outcome: str) -> Numbers:
    """(points, months); a month without a number in any world has none."""
    series = run.series(outcome).astype(np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # all blank
        return np.asarray(np.nanquantile(series, POINTS, axis=0))


def _figure(runs: list[Results], bands: list[Numbers], outcome: str, year_lines: bool) -> Any:
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    about = runs[0].manifest["outcomes"][outcome]
    figure = Figure(figsize=(8.0, 5.4), dpi=150)
    axes = figure.add_axes((0.09, 0.2, 0.88, 0.48))
    for run, band, colour in zip(runs, bands, COLOURS, strict=False):
        months = np.arange(band.shape[1]) + 0.5
        name = f"{_short(run.manifest['scenario'])}: " if len(runs) > 1 else ""
        many = f"{name}90 % of {run.manifest['worlds']:,} worlds"
        axes.fill_between(months, band[0], band[4], color=colour, alpha=0.16, linewidth=0, label=many)
        axes.fill_between(months, band[1], band[3], color=colour, alpha=0.32, linewidth=0, label=f"{name}half of them")
        dashes = "-" if run is runs[0] else (0, (5, 1.5))
        axes.plot(months, band[2], color=colour, linewidth=1.8, label=f"{name}median", linestyle=dashes)
    _record(axes, observed(runs[0], outcome), about["yearly"] == "sum")
    horizon = max(band.shape[1] for band in bands)
    axes.set_xlim(0, horizon)
    low, high = axes.get_ylim()
    axes.set_ylim(0 if min(np.nanmin(band[0], initial=0) for band in bands) >= 0 else low, high)
    years = range(0, horizon, 12)
    axes.set_xticks(list(years), [str(year_of(month)) for month in years], ha="left")
    if year_lines:
        for month in years:
            axes.axvline(month, color=FAINT, linewidth=0.5, alpha=0.5, zorder=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.grid(axis="y", color=FAINT, alpha=0.25, linewidth=0.5)
    axes.spines[["top", "right"]].set_visible(False)
    _legend(axes, len(runs))
    _markers(figure, axes, _dated(runs))
    _words(figure, runs, about, horizon)
    return figure


def _legend(axes: Any, runs: int) -> None:
    """A row of entries for each run; matplotlib fills column by column."""
    handles, labels = axes.get_legend_handles_labels()
    order = [run * 3 + what for what in range(3) for run in range(runs)]
    order += range(len(order), len(handles))
    entries = [handles[i] for i in order], [labels[i] for i in order]
    axes.legend(*entries, loc="upper center", bbox_to_anchor=(0.5, -0.09), ncols=-(-len(handles) // runs), frameon=False, fontsize=8)


def _record(axes: Any, seen: list[Any], flow: bool) -> None:
    for i, one in enumerate(seen):
        what = "record, spread over its months" if flow and one.last > one.first else "record"
        named = {"label": what} if i == 0 else {}
        if one.last > one.first:
            axes.plot([one.first, one.last + 1], [one.value] * 2, color="black", linewidth=2.2, solid_capstyle="butt", zorder=4, **named)
        else:
            look = {"color": "black", "markersize": 4.5, "markeredgecolor": "white", "linestyle": "none", "zorder": 5}
            axes.plot(one.first + 1, one.value, "D", **look, **named)


def _dated(runs: list[Results]) -> list[Marker]:
    """Dated rules in order of time; one that only one of two runs has says so."""
    found: dict[tuple[float, str], list[str]] = {}
    for run in runs:
        plan, months = run.plan, run.manifest["months"]
        values = Calendar(plan.case, plan.scenario, months).values
        under = values["law.listing"] > 0
        for lever, text in MARKED.items():
            risen = np.flatnonzero((values[lever] > 0) & under)
            if len(risen):
                month = int(risen[0])
                at = month + 1 - float(values[lever][month]) if 0 < values[lever][month] < 1 else float(month)
                found.setdefault((round(at, 2), in_words(text, plan.case)), []).append(run.manifest["scenario"])
    only = {key: f" ({_short(names[0])} only)" if len(names) < len(runs) else "" for key, names in found.items()}
    return [Marker(at, f"{text}{only[at, text]}, {label(int(at))}") for at, text in sorted(found)]


def _markers(figure: Any, axes: Any, markers: list[Marker]) -> None:
    """A line each, and labels above in as many rows as it takes: no label touches another, nor a line on its way to one."""
    renderer = _agg(figure)
    placed: list[tuple[float, int]] = []  # where a label begins, in pixels, and its row
    edge = axes.get_window_extent(renderer).x1
    for marker in reversed(markers):
        text = axes.text(marker.month, 1, f" {marker.text}", transform=axes.get_xaxis_transform(), fontsize=7.5, va="bottom", ha="left")
        box = text.get_window_extent(renderer)
        if box.x1 > edge:
            text.set_ha("right")
            box = text.get_window_extent(renderer)
        row = 0
        while any(box.x1 + 4 > start for start, other in placed if other >= row):
            row += 1
        placed.append((box.x0, row))
        text.set_y(1.01 + ROW * row)
        ends = (0, 1.01 + ROW * (row + 0.8))
        look = {"color": INK, "linewidth": 0.8, "linestyle": (0, (2, 2)), "zorder": 1, "clip_on": False}
        axes.plot([marker.month] * 2, ends, transform=axes.get_xaxis_transform(), **look)


def _agg(figure: Any) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    return FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]


def _words(figure: Any, runs: list[Results], about: dict[str, Any], horizon: int) -> None:
    """Above: what is drawn, of what. Below: where it comes from, and what it is not."""
    each = {"sum": ", by month", "mean": "", "end": ", at the end of each month"}[about["yearly"]]
    unit = about["unit"]
    head = textwrap.wrap(printable(about["sentence"], 150), 78)
    figure.text(0.09, 0.965, "\n".join(head), fontsize=11, fontweight="bold", va="top")
    titles = " against ".join(f"{printable(run.manifest['title'], 60)} ({_short(run.manifest['scenario'])})" for run in runs)
    figure.text(0.09, 0.955 - 0.04 * len(head), "\n".join(textwrap.wrap(f"{unit}{each}. {titles}", 110)[:2]), fontsize=9, va="top")
    notes = "; ".join(provenance(run) for run in runs)
    later = " After 2020 inputs were set with later facts in view: no forecast." if horizon > RECORD_ENDS + 1 else ""
    figure.text(0.09, 0.012, "\n".join(textwrap.wrap(f"{notes}.{later}", 122)[:3]), fontsize=7, color="#555555", va="bottom")


def provenance(run: Results) -> str:
    """Enough to do it again, and to know it again."""
    manifest = run.manifest
    made = f"Chokepoint {manifest['environment']['chokepoint']}, numbers {manifest['digest'][:12]}"
    return f"{_short(manifest['scenario'])}: {manifest['worlds']:,} worlds, seed {manifest['seed']}, {made}"


def _short(name: str) -> str:
    return printable(name, 30)


def _bytes(figure: Any, kind: str, runs: list[Results], outcome: str) -> bytes:
    import io

    out, title = io.BytesIO(), f"{outcome}: {' against '.join(_short(run.manifest['scenario']) for run in runs)}"
    made, about = f"Chokepoint {runs[0].manifest['environment']['chokepoint']}", "; ".join(map(provenance, runs))
    if kind == "png":
        metadata: dict[str, Any] = {"Title": title, "Software": made, "Description": about}
    else:
        metadata = {"Title": title, "Creator": made, "Description": about, "Date": None}
    figure.savefig(out, format=kind, metadata=metadata)
    return out.getvalue()
