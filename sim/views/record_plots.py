"""Pictures of the record against the model's bands, for docs/validation.md. They need matplotlib: pip install "chokepoint[plots]".

Dots are the record; the dark band holds 50 % of the worlds, the light one 90 %, the line is the median. The same numbers give the
same bytes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.held import Held
from sim.from_record import rows
from sim.months import FIRST_YEAR, label, month_of
from sim.refusal import InputError
from sim.worlds import Numbers

if TYPE_CHECKING:
    from sim.analysis.validation import Found

BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"  # apart for every eye (Okabe and Ito)
BANDS = ((0.05, 0.95, 0.18), (0.25, 0.75, 0.35))
STYLE: Any = {
    "svg.hashsalt": "chokepoint", "svg.fonttype": "path", "font.family": "DejaVu Sans", "font.size": 9, "axes.titlesize": 10,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.25, "legend.frameon": False,
    "axes.titlelocation": "left", "figure.dpi": 100, "text.parse_math": False,
}  # fmt: skip
HOW_TO_READ = "dots: record; line: median of the worlds; dark band: 50 %, light band: 90 %"


def draw(found: "Found", folder: Path) -> list[Path]:
    """Writes all pictures; InputError if matplotlib is not there."""
    try:
        import matplotlib
    except ImportError:
        raise InputError("pictures", 'need matplotlib; install it with: pip install "chokepoint[plots]"') from None
    matplotlib.use("Agg")
    folder.mkdir(exist_ok=True)
    pictures = {
        "filings": _filings, "purchases": _purchases, "segments": _segments, "governments": _governments, "awards": _awards,
        "tariffs": _tariffs,
    }  # fmt: skip
    return [_save(folder / f"{name}.svg", paint, found) for name, paint in pictures.items()]


def _save(path: Path, paint: Any, found: "Found") -> Path:
    import matplotlib.pyplot as plt

    with plt.rc_context(STYLE):
        figure = paint(found)
        figure.supxlabel(HOW_TO_READ, fontsize=8, color="#444444")
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)
    return path


@contextmanager
def _panels(across: int, height: float = 3.1, width: float = 9.2) -> Iterator[tuple[Any, Any]]:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, across, figsize=(width, height), layout="constrained", squeeze=False)
    yield figure, axes[0]


def _band(axis: Any, x: Sequence[float], values: Numbers, colour: str, name: str = "") -> None:
    """values: (points, worlds)"""
    for low, high, strength in BANDS:
        lower, upper = np.nanquantile(values, [low, high], axis=1)
        axis.fill_between(x, lower, upper, color=colour, alpha=strength, linewidth=0)
    axis.plot(x, np.nanmedian(values, axis=1), color=colour, linewidth=1.6, label=name or None)


def _bars(axis: Any, held: Sequence[Held], places: Sequence[float], colour: str, name: str = "") -> None:
    """Bands of single figures, standing side by side, with the record's dots."""
    for place, h in zip(places, held, strict=True):
        q = h.quantiles
        axis.bar(place, q[4] - q[0], 0.5, bottom=q[0], color=colour, alpha=BANDS[0][2], linewidth=0)
        axis.bar(place, q[3] - q[1], 0.5, bottom=q[1], color=colour, alpha=BANDS[1][2], linewidth=0)
        axis.plot([place - 0.25, place + 0.25], [q[2], q[2]], color=colour, linewidth=1.6, label=name if name and h is held[0] else None)
        _dots(axis, [place], [h.target.value])


def _dots(axis: Any, x: Sequence[float], y: Sequence[float], colour: str = "black") -> None:
    axis.plot(x, y, "o", color=colour, markeredgecolor="black", markersize=5.5, markeredgewidth=1, zorder=5)


def _time(axis: Any, first: int, last: int, every: int) -> None:
    months = range(first, last + 1, every)
    axis.set_xticks([m + 1.0 for m in months], [label(m) for m in months], rotation=30, ha="right")
    axis.set_xlim(first if first == 0 else first + 0.5, last + 1.6)


def _at(date: str) -> float:
    """Where a date lies on an axis on which month m ends at m + 1."""
    return month_of(date) + (int(date[8:]) / 30 if len(date) > 7 else 1.0)


def _named(found: Sequence[Held], *names: str) -> list[Held]:
    by_name = {h.target.name: h for h in found}
    return [by_name[name] for name in names]


def _filings(found: "Found") -> Any:
    first, last = month_of("2019-05"), month_of("2020-12")
    x = [m + 1.0 for m in range(first, last + 1)]
    with _panels(2) as (figure, (left, right)):
        _band(left, x, found.series["filings"][first:], BLUE)
        held = [h for h in found.held if h.target.name.startswith("filed by")]
        _dots(left, [_at(h.target.measure.terms[0].span.text.strip(".")) for h in held], [h.target.value for h in held])
        left.set_title("Applications handed in so far (fitted)")
        for name, words, colour in (("approvals", "approved", GREEN), ("intents", "intent to deny", ORANGE), ("denials", "denied", PURPLE)):
            _band(right, x, found.series[name][first:], colour, words)
        wave = next(row for row in rows("licences_to_2020") if row["metric_scope"] == "first decision wave")
        approved, intents = float(wave["approved"]), float(wave["intent_to_deny"])
        _dots(right, [_at(wave["as_of_date"])] * 2, [approved, intents])
        right.annotate(
            f"first wave on record:\n{approved:g} approved, {intents:g} intents", (_at(wave["as_of_date"]), approved), (0.03, 0.42),
            textcoords="axes fraction", fontsize=8, arrowprops={"arrowstyle": "-", "color": "#666666"},
        )  # fmt: skip
        right.set_title("Answers so far (first wave fitted, the rest predicted)")
        right.legend(loc="upper left", bbox_to_anchor=(0, 1))
        for axis in (left, right):
            _time(axis, first, last, 3)
            axis.set_ylabel("files")
            axis.set_ylim(bottom=0)
    return figure


def _purchases(found: "Found") -> Any:
    with _panels(3) as (figure, (one, two, three)):
        _bars(one, _named(found.held, "controlled purchases 2018", "controlled purchases 2019"), (0, 1), BLUE)
        one.set_xticks([0, 1], ["2018\n(input)", "2019\n(fitted;\nknown miss)"])
        one.set_title(f"Purchases from {_word(found, 'controller')} sellers")
        one.set_ylabel("USD bn a year")
        _bars(two, _named(found.held, "chips bought 2018", "chips bought 2019"), (0, 1), ORANGE)
        two.set_xticks([0, 1], ["2018\n(predicted)", "2019\n(predicted;\nknown miss)"])
        two.set_title("Chips bought")
        two.set_ylabel("USD bn a year")
        _band(three, [m + 1.0 for m in range(36)], found.series["raw_material"], GREEN)
        held = _named(found.held, "raw material end 2018", "raw material end 2019")
        _dots(three, [12, 24], [h.target.value for h in held])
        three.set_title("Raw material (fitted, predicted)")
        for h, word in zip(held, ("fitted", "predicted"), strict=True):
            three.annotate(word, (h.target.last + 1, h.target.value), (4, -12), textcoords="offset points", fontsize=8)
        three.set_ylabel("CNY bn")
        _time(three, 0, 35, 6)
        for axis in (one, two, three):
            axis.set_ylim(0, 1.04 * axis.get_ylim()[1])
        for axis in (one, two):
            axis.set_xlim(-0.6, 1.6)
    return figure


def _segments(found: "Found") -> Any:
    with _panels(3) as (figure, axes):
        for axis, segment, colour in zip(axes, ("carrier", "consumer", "enterprise"), (BLUE, ORANGE, GREEN), strict=True):
            _bars(axis, _named(found.held, *(f"{segment} sales {year}" for year in (2018, 2019, 2020))), (0, 1, 2), colour)
            axis.set_xticks([0, 1, 2], ["2018", "2019", "2020"])
            axis.set_title(f"Sales, {segment} (input)")
            axis.set_ylabel("CNY bn a year")
            axis.set_ylim(bottom=0)
    return figure


def _governments(found: "Found") -> Any:
    x = [m + 1.0 for m in range(36)]
    record = rows("diffusion_to_2020")
    words = {1: "Review or declaration, or more", 2: "Binding limit, or more", 3: "Exclusion"}
    with _panels(3) as (figure, axes):
        for axis, level, colour in zip(axes, words, (BLUE, ORANGE, GREEN), strict=True):
            _band(axis, x, found.series[f"level {level}"], colour)
            column = {1: "n_ge1", 2: "n_ge2", 3: "n_eq3"}[level]
            _dots(axis, [3.0 * (i + 1) for i in range(len(record))], [float(row[column]) for row in record])
            axis.set_title(f"{words[level]} (fitted)")
            axis.set_ylabel("governments")
            _time(axis, 0, 35, 6)
            axis.set_ylim(bottom=0)
    return figure


def _awards(found: "Found") -> Any:
    vendor, target, vendors = _word(found, "vendor"), _word(found, "target"), found.watched.plan.case["vendors"]
    with _panels(2) as (figure, (left, right)):
        _band(left, [m + 1.0 for m in range(36)], found.series["awards"], BLUE)
        held = [h for h in found.held if h.target.measure.terms[0].quantity.name == "awards_to_vendor"]
        _dots(left, [h.target.last + 1.0 for h in held], [h.target.value for h in held])
        left.set_title(f"First 5G orders that include {vendor}, outside {target} (fitted)")
        left.set_ylabel("carriers so far")
        _time(left, 0, 35, 6)
        left.set_ylim(bottom=0)
        names = [vendor]
        for year, shift, colour in ((2019, -0.2, BLUE), (2020, 0.2, ORANGE)):
            ours = [h for h in found.held if h.target.measure.terms[0].quantity.name in ("vendor_share", "share")]
            shares = [h for h in ours if h.target.measure.terms[0].span.text == str(year)]
            names[1:] = [str(vendors["vendor"][vendors.row(agent)]) for h in shares for agent in h.target.measure.terms[0].agents]
            for place, h in enumerate(shares):
                q = [100 * v for v in h.quantiles]
                right.bar(place + shift, q[4] - q[0], 0.34, bottom=q[0], color=colour, alpha=BANDS[0][2], linewidth=0)
                right.bar(place + shift, q[3] - q[1], 0.34, bottom=q[1], color=colour, alpha=BANDS[1][2], linewidth=0)
                line = [place + shift - 0.17, place + shift + 0.17]
                right.plot(line, [q[2], q[2]], color=colour, linewidth=1.6, label=str(year) if place == 0 else None)
                _dots(right, [place + shift], [100 * h.target.value])
        right.set_xticks(range(len(names)), names)
        right.set_title(f"Shares of radio networks outside {target} (predicted)")
        right.set_ylabel("percent of spending")
        right.set_ylim(bottom=0)
        right.legend()
    return figure


def _tariffs(found: "Found") -> Any:
    x = [m + 1.0 for m in range(36)]
    controller, target = _word(found, "controller"), _word(found, "target")
    titles = {"tariff_on_target": f"Tariff: {controller} on {target}", "tariff_on_controller": f"Tariff: {target} on {controller}"}
    colours = {"concession": BLUE, "war_of_attrition": ORANGE}
    with _panels(2) as (figure, axes):
        for axis, (name, title) in zip(axes, titles.items(), strict=True):
            for protocol, colour in colours.items():
                values = found.series[f"{name} {protocol}"]
                if protocol == "concession":
                    _band(axis, x, values, colour, "bargaining by concession")
                else:
                    for q, style in ((0.05, ":"), (0.5, "-"), (0.95, ":")):
                        said = "war of attrition (dotted: 90 %)" if q == 0.5 else None
                        axis.plot(x, np.nanquantile(values, q, axis=1), style, color=colour, linewidth=1.4, label=said)
            steps = [(r["date"], float(r["value"])) for r in _tariff_rows(found, name) if int(r["date"][:4]) < FIRST_YEAR + 3]
            places = [*(_at(date) for date, _ in steps), 36.0]
            axis.step(places, [*(value for _, value in steps), steps[-1][1]], where="post", color="black", linewidth=1, label="record")
            _dots(axis, places[:-1], [value for _, value in steps])
            axis.set_title(f"{title}, talks free (fitted)")
            axis.set_ylabel("percent")
            _time(axis, 0, 35, 6)
            axis.set_ylim(0, 33)
        axes[0].legend(loc="upper left", fontsize=8)
    return figure


def _tariff_rows(found: "Found", name: str) -> list[dict[str, str]]:
    """The steps of a tariff on record; a target's source names the series."""
    source = next(h.target.source for h in found.talks["concession"] if h.target.measure.terms[0].quantity.name == name)
    return [row for row in rows("trade_and_tariffs") if row["series"] == source.split()[1]]


def _word(found: "Found", key: str) -> str:
    """What the case calls it."""
    return found.watched.plan.case.word(key)
