"""Governments as tiles by region: the level towards the vendor that most worlds have, month by month."""

import html
from collections.abc import Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from sim.batch.results import Results
from sim.from_record import ENDS, record_of
from sim.months import label
from sim.refusal import InputError
from sim.views.report.panel import Panel, Row
from sim.views.report.slider import folded, script, slider
from sim.worlds import Numbers

LEVELS = ("open", "reviews or declares", "binding limit", "exclusion with a date")


def shares_at(results: Results) -> tuple[list[str], Numbers]:
    """Governments, and the share of worlds in which each stands at level 0, 1, 2, 3: (levels, governments, months).

    InputError where the run keeps no agents by month.
    """
    found = results.monthly("government")
    none = np.zeros_like(found.shares["level_1"])
    least = [none + 1, *(found.shares[f"level_{n}"] for n in (1, 2, 3)), none]
    return found.agents, np.array([least[n] - least[n + 1] for n in range(4)])


def recorded(results: Results) -> Numbers | None:
    """Levels on record, (months, governments), up to the record's end; None where the record is of another case."""
    with suppress(InputError):
        return record_of(results.plan.case, ENDS).levels[: results.manifest["months"]]
    return None


def regions(results: Results) -> dict[str, list[int]]:
    """Region -> rows of governments.csv, in the table's order; the regions with most governments first."""
    found: dict[str, list[int]] = {}
    for i, region in enumerate(results.plan.case["governments"]["region"]):
        found.setdefault(str(region), []).append(i)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def rows(results: Results, base: Results | None = None) -> list[Row]:
    """A row a month and government, all governments of a month together.

    level: the likeliest, the lower of two alike; share: of worlds that have it; at_0 to at_3: shares of worlds; mean: mean level;
    record: level on record; base: mean level in the base
    """
    governments, at = shares_at(results)
    likeliest, mean = at.argmax(axis=0), _mean(at)
    seen = recorded(results)
    other = _mean(shares_at(base)[1]) if base is not None else None
    found: list[Row] = []
    for month in range(at.shape[2]):
        for i, government in enumerate(governments):
            row: dict[str, str | float | int | None] = {"month": label(month), "government": government, "level": int(likeliest[i, month])}
            row["share"] = _three(at[likeliest[i, month], i, month])
            row |= {f"at_{n}": _three(at[n, i, month]) for n in range(4)}
            row["mean"] = _three(mean[i, month])
            if seen is not None:
                row["record"] = int(seen[month, i]) if month < len(seen) else None
            if other is not None:
                row["base"] = _three(other[i, month]) if month < other.shape[1] else None
            found.append(row)
    return found


def _mean(at: Numbers) -> Numbers:
    return np.asarray(sum(n * at[n] for n in range(4)))


def _three(share: float) -> float:
    return round(float(share), 3) + 0.0


def panel(results: Results, base: Results | None = None) -> Panel | None:
    """None where the run, or its base, keeps no agents by month."""
    try:
        governments, at = shares_at(results)
        if base is not None:
            base = base if shares_at(base)[0] == governments else None
    except InputError:
        return None
    table = results.plan.case["governments"]
    months = [label(month) for month in range(at.shape[2])]
    names = [str(name) for name in table["name"]]
    blocks = "".join(
        f'<div class="region"><h4>{html.escape(region)}</h4>'
        f'<ul class="tiles">{"".join(_tile(governments[i], names[i], i) for i in of)}</ul></div>'
        for region, of in regions(results).items()
    )
    legend = "".join(f'<li><span class="tile l{n}"></span>{n} {words}</li>' for n, words in enumerate(LEVELS))
    mark = " The diamonds at a tile's foot are the level on record, up to December 2020." if recorded(results) is not None else ""
    colour = "A tile's colour is the likeliest level, the number the share of worlds that have it."
    note = f"{colour}{mark} Arrow keys go from tile to tile."
    return Panel(
        key="map",
        title=f"What governments decide about {_vendor(results)}",
        lead=_lead(at, months),
        html=(
            slider("map", months, len(months) - 1, "Month of the map", 220)
            + f'<ul class="legend">{legend}</ul>'
            + f'<div class="map">{blocks}</div><p class="told" role="status">Point at a tile, or reach it with the Tab key.</p>'
            + f'<p class="note">{note}</p>' + _table(names, at, months)
        ),
        data={"levels": rows(results, base)},
        script=script("levels_map.js"),
    )  # fmt: skip


def _vendor(results: Results) -> str:
    words = results.plan.case["words"]
    return str(words["word"][words.row("vendor")])


def _lead(at: Numbers, months: Sequence[str]) -> str:
    last = at[:, :, -1].argmax(axis=0)
    none, some = int((last == 0).sum()), [int((last == n).sum()) for n in (1, 2, 3)]
    return (
        f"In {months[-1]} the likeliest level is an exclusion at {some[2]} governments, a binding limit at {some[1]}, "
        f"a review or declaration at {some[0]}, and none at {none}."
    )


def _tile(government: str, name: str, number: int) -> str:
    return (
        f'<li><span class="tile" role="img" tabindex="{-1 if number else 0}" data-tile="{number}" data-name="{html.escape(name)}" '
        f'aria-label="{html.escape(name)}"><b>{html.escape(government[:4])}</b><span></span><i></i></span></li>'
    )


def _table(names: list[str], at: Numbers, months: Sequence[str]) -> str:
    likeliest: NDArray[np.intp] = at.argmax(axis=0)
    ends = [i for i, month in enumerate(months) if month.endswith("-12")] or [len(months) - 1]
    body = [[name, *(f"{likeliest[i, t]} ({at[likeliest[i, t], i, t]:.0%})" for t in ends)] for i, name in enumerate(names)]
    return folded("Likeliest level, and the share of worlds that have it", ["government", *(months[t] for t in ends)], body)
