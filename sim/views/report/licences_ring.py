"""The network month by month: firms on a ring around the vendor, and the offices whose licence they need between the two.

The layout is fixed: firms stand in the order of their origin, of the offices that bind them, and of their sales. A firm's line goes
to the gate of the offices; what it may ship goes on from there to the vendor.
"""

import html
import math
from dataclasses import dataclass

from sim import network
from sim.batch.results import Results
from sim.case import Case
from sim.monthly import FIRM_STATES
from sim.months import label
from sim.refusal import InputError
from sim.views.report.panel import Panel, Row
from sim.views.report.safe import shortened
from sim.views.report.slider import folded, script, slider

MOST = 44  # firms: the largest sellers
WORDS = {
    "unbound": "needs no licence", "without": "needs one and has none", "waiting": "waits for an answer",
    "intent": "told of an intent to deny", "licensed": "holds a licence",
}  # fmt: skip
SHAPES = {  # of a node as large as 1
    "unbound": "M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0Z",
    "licensed": "M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0Z",
    "waiting": "M0 -1.25L1.25 0L0 1.25L-1.25 0Z",
    "intent": "M0 -1.25L1.2 .9H-1.2Z",
    "without": "M-.95 -.55L-.55 -.95L0 -.4L.55 -.95L.95 -.55L.4 0L.95 .55L.55 .95L0 .4L-.55 .95L-.95 .55L-.4 0Z",
}


@dataclass(frozen=True)
class Firm:
    """A firm in its place. sales: of 2018, USD bn; turn: of the ring, 0 at the top, clockwise to 1"""

    name: str
    origin: str
    offices: tuple[str, ...]
    sales: float
    turn: float


def firms(case: Case) -> list[Firm]:
    """The firms that are shown, in the order of the ring; a free place between two groups."""
    sold: dict[str, list[network.Seller]] = {}
    for seller in network.sellers(network.build(case)):
        sold.setdefault(seller.firm, []).append(seller)
    known = [(name, of[0].origin, of[0].authorities, sum(s.sales for s in of)) for name, of in sold.items()]
    largest = sorted(known, key=lambda one: (-one[3], one[0]))[:MOST]
    order = sorted(largest, key=lambda one: (one[1], one[2], -one[3], one[0]))
    groups = [one[1:3] for one in order]
    gaps = [0 if i and groups[i] == groups[i - 1] else 1 for i in range(len(order))]
    places = len(order) + sum(gaps)
    found, place = [], 0
    for one, gap in zip(order, gaps, strict=True):
        place += gap
        found.append(Firm(*one, turn=place / places))
        place += 1
    return found


def rows(results: Results) -> list[Row]:
    """A row a month and firm, in the order of the ring, all firms of a month together. InputError: see Results.monthly.

    state: the likeliest; share: of worlds that have it; then the share of worlds in each state; may_ship: share of its sales of 2018
    that it may ship; sales: USD bn in the month, mean over worlds
    """
    found = results.monthly("firm")
    number = {name: i for i, name in enumerate(found.agents)}
    rows: list[Row] = []
    shown = [(firm, number[firm.name]) for firm in firms(results.plan.case)]
    for month in range(results.manifest["months"]):
        for firm, i in shown:
            at = {state: float(found.shares[state][i, month]) for state in FIRM_STATES}
            state = max(at, key=lambda name: at[name])
            row: dict[str, str | float | int | None] = {"month": label(month), "firm": firm.name, "state": state}
            row["share"] = round(at[state], 3)
            row |= {name: round(share, 3) for name, share in at.items()}
            row["may_ship"] = round(float(found.shares["may_ship"][i, month]), 3)
            row["sales"] = float(f"{float(found.shares['sales'][i, month]):.3g}")
            rows.append(row)
    return rows


def panel(results: Results, base: Results | None = None) -> Panel | None:
    """None where the run keeps no agents by month. The base is not shown: the ring is of one run."""
    try:
        states = rows(results)
    except InputError:
        return None
    case, shown = results.plan.case, firms(results.plan.case)
    if not shown:
        return None
    words = dict(zip(case["words"].key, case["words"]["word"], strict=True))
    months = [label(month) for month in range(results.manifest["months"])]
    offices = _offices(case, shown)
    legend = "".join(
        f'<li><svg viewBox="-1.5 -1.5 3 3" aria-hidden="true"><path class="state {state}" data-shape="{state}" d="{path}"/></svg>'
        f"{WORDS[state]}</li>"
        for state, path in SHAPES.items()
    )
    gates = "".join(f"<li><b>{letter}</b>&ensp;{html.escape(name)}: {html.escape(whom)}</li>" for letter, name, whom, _ in offices)
    left_out = len({seller.firm for seller in network.sellers(network.build(case))}) - len(shown)
    note = (
        f"Each firm's line is as thick as its sales of 2018 to {words['vendor']} and ends at the gate of the offices (the inner rings); "
        f"what it may ship goes on to the middle. Its mark is its likeliest state, the paler the fewer worlds have it, and as large as "
        f"its sales in the month; a firm holds a licence if it does for any of its product lines. "
        f"Names in bold: {words['controlled_sellers']}. Arrow keys go from firm to firm."
        + (f" The {left_out} smallest sellers are left out." if left_out else "")
    )
    pictures = "".join(_ring(shown, offices, words["vendor"], width) for width in (720, 358))
    return Panel(
        key="ring",
        title="Who is licensed, and who is cut off",
        lead=_lead(states, len(shown), months[-1]),
        html=(
            slider("ring", months, len(months) - 1, "Month of the network", 220)
            + f'<ul class="legend">{legend}</ul><div class="ring">{pictures}</div>'
            + '<p class="told" role="status">Point at a firm, or reach it with the Tab key.</p>'
            + f'<ul class="legend">{gates}</ul><p class="note">{html.escape(note)}</p>' + _table(states, shown, months)
        ),
        data={"firms": states},
        script=script("licences_ring.js"),
    )  # fmt: skip


def _offices(case: Case, shown: list[Firm]) -> list[tuple[str, str, str, list[Firm]]]:
    """Letter, name, whom it binds in words, and these firms."""
    table = case["authorities"]
    found = []
    for letter, key, name in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", table.key, table["name"], strict=False):
        bound = [firm for firm in shown if key in firm.offices]
        whom = "every firm" if len(bound) == len(shown) else ", ".join(firm.name for firm in bound)
        if bound:
            found.append((letter, str(name), whom, bound))
    return found


def _lead(states: list[Row], many: int, month: str) -> str:
    last = states[-many:]
    count = {state: sum(row["state"] == state for row in last) for state in FIRM_STATES}
    cut = sum(float(row["may_ship"] or 0) < 0.5 for row in last)
    told = ", ".join(f"{n} {_plural(state)}" for state, n in reversed(count.items()) if n)
    return f"In {month}, each by its likeliest state, of {many} firms {told}; {cut} may ship less than half of what they sold in 2018."


def _plural(state: str) -> str:
    return {"unbound": "need no licence", "without": "need one and have none", "waiting": "wait for an answer",
            "intent": "have been told of an intent to deny", "licensed": "hold a licence"}[state]  # fmt: skip


def _ring(shown: list[Firm], offices: list[tuple[str, str, str, list[Firm]]], vendor: str, width: int) -> str:
    wide = width > 500
    middle, out, gate, inner = (360, 212, 118, 46) if wide else (179, 101, 56, 25)
    letters, font, gap, thick = (18, 13, 16, 12.0) if wide else (9, 11, 9, 6.0)
    largest = max(firm.sales for firm in shown) or 1

    def at(turn: float, radius: float) -> tuple[float, float]:
        angle = 2 * math.pi * (turn - 0.25)
        return middle + radius * math.cos(angle), middle + radius * math.sin(angle)

    lines, nodes = [], []
    for i, firm in enumerate(shown):
        (x0, y0), (x1, y1), (x2, y2) = (at(firm.turn, radius) for radius in (out, gate, inner))
        heavy = max(0.6, thick * math.sqrt(firm.sales / largest))
        way = f"M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}"
        lines.append(f'<path d="{way}" stroke="var(--rule)" stroke-opacity=".55" stroke-width="{heavy:.1f}"/>')
        lines.append(f'<path data-way="{i}" data-thick="{heavy:.1f}" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="var(--c3)"/>')
        degrees, left = 360 * firm.turn - 90, 0.5 < firm.turn < 1
        (x, y), turned = at(firm.turn, out + gap), degrees + (180 if left else 0)
        nodes.append(
            f'<g class="node" role="img" tabindex="{-1 if i else 0}" data-firm="{i}" aria-label="{html.escape(firm.name)}">'
            f"<title>{html.escape(firm.name)}</title>"
            f'<circle class="hit-area" cx="{x0:.1f}" cy="{y0:.1f}" r="{gap - 3}" fill="transparent"/>'
            f'<path data-mark data-most="{gap - 4}" transform="translate({x0:.1f} {y0:.1f}) scale(4)"/>'
            f'<text transform="translate({x:.1f} {y:.1f}) rotate({turned:.1f})" text-anchor="{"end" if left else "start"}" dy=".35em" '
            f'font-size="{font}" font-weight="{600 if firm.origin == "controlled" else 400}">'
            f"{html.escape(shortened(firm.name, letters))}</text></g>"
        )
    gates, ink = [], 'fill="none" stroke="var(--ink)" stroke-width="2.5"'
    for i, (letter, _, _, bound) in enumerate(offices):
        radius = gate - 7 * i if wide else gate - 5 * i
        if len(bound) == len(shown):
            gates.append(f'<circle cx="{middle}" cy="{middle}" r="{radius}" {ink}/>')
            x, y = at(0, radius)
        else:
            gates += [_arc(*at(first, radius), *at(last, radius), radius, last - first) for first, last in _runs(shown, bound)]
            x, y = at(_runs(shown, bound)[0][0], radius)
        gates.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill="var(--paper)"/>'
            f'<text x="{x:.1f}" y="{y:.1f}" dy=".35em" text-anchor="middle" font-size="12" font-weight="700">{letter}</text>'
        )
    lines_of = _two_lines(vendor, 12)
    name = "".join(
        f'<text x="{middle}" y="{middle + (j - (len(lines_of) - 1) / 2) * 14:.0f}" dy=".35em" text-anchor="middle" '
        f'font-size="{font}" font-weight="700" stroke="var(--card)" stroke-width="3" paint-order="stroke">{html.escape(text)}</text>'
        for j, text in enumerate(lines_of)
    )
    hub = f'<circle cx="{middle}" cy="{middle}" r="{inner}" fill="var(--card)" stroke="var(--ink)" stroke-width="1.5"/>{name}'
    return (
        f'<svg class="{"for-wide" if wide else "for-narrow"}" viewBox="0 0 {width} {width}" width="{width}" height="{width}" role="group" '
        f'aria-label="{html.escape(f"Firms around {vendor}")}"><g fill="none">{"".join(lines)}</g>{"".join(gates)}'
        f"{hub}{''.join(nodes)}</svg>"
    )


def _runs(shown: list[Firm], bound: list[Firm]) -> list[tuple[float, float]]:
    """From where to where on the ring firms stand that an office binds, a little beyond the first and the last of each run."""
    beyond = 0.4 / (len(shown) + 1)
    runs: list[tuple[float, float]] = []
    for i, firm in enumerate(shown):
        if firm in bound:
            begins = i == 0 or shown[i - 1] not in bound
            first = firm.turn - beyond if begins else runs.pop()[0]
            runs.append((first, firm.turn + beyond))
    return runs


def _arc(x0: float, y0: float, x1: float, y1: float, radius: float, turn: float) -> str:
    path = f"M{x0:.1f} {y0:.1f}A{radius} {radius} 0 {int(turn > 0.5)} 1 {x1:.1f} {y1:.1f}"
    return f'<path d="{path}" fill="none" stroke="var(--ink)" stroke-width="2.5"/>'


def _two_lines(text: str, most: int) -> list[str]:
    """Words in lines of about so many letters."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [shortened(line, most) for line in lines[:3]] or [""]


def _table(states: list[Row], shown: list[Firm], months: list[str]) -> str:
    ends = [i for i, month in enumerate(months) if month.endswith("-12")] or [len(months) - 1]
    body = []
    for i, firm in enumerate(shown):
        at = [states[month * len(shown) + i] for month in ends]
        body.append([firm.name, *(f"{WORDS[str(row['state'])]} ({float(row['share'] or 0):.0%})" for row in at)])
    return folded("Likeliest state, and the share of worlds that have it", ["firm", *(months[t] for t in ends)], body)
