"""The page's own pictures and texts, as HTML: bands against the baseline, a belief against the line, a story."""

import html
import json
from pathlib import Path

from sim.explore.chart import Frame, chart, legend, span
from sim.explore.session import Bands
from sim.explore.world import World
from sim.tables import number
from sim.views.report.bundle import style
from sim.views.report.panel import Panel
from sim.views.report.slider import folded


def compared(own: Bands, base: Bands, worlds: int, moved: bool) -> str:
    """own in blue, and, where levers are set, the scenario as it stands in grey behind it."""
    low, high = span(own.low, own.high, base.low, base.high)
    years = [str(year) for year in own.years]

    def draw(width: int, height: int) -> str:
        frame = Frame(width, height, len(years), low, high)
        inside = frame.values() + frame.months(years)
        if moved:
            inside += frame.area(base.low, base.high, "base") + frame.line(base.median, "base")
        return inside + frame.area(own.low, own.high, "own") + frame.line(own.median, "own")

    said = _answer(own, base, moved)
    what = "Your levers" if moved else "The scenario as it stands"
    keys = [("area own", f"{what}: the median, and the band that holds 90 % of {worlds:,} worlds")]
    keys += [("area base", "The scenario as it stands")] if moved else []
    rows = [[year, *_cells(own, i), *(_cells(base, i) if moved else [])] for i, year in enumerate(years)]
    head = ["year", "median", "5 %", "95 %"] + (["as it stands: median", "5 %", "95 %"] if moved else [])
    return ours(
        f'<p class="title">{html.escape(own.sentence)}<span class="unit">, {html.escape(own.unit)}</span></p>'
        f'{chart("bands", said, draw)}{legend(*keys)}<p class="answer">{html.escape(said)}</p>{folded(own.sentence, head, rows)}'
    )


def _cells(bands: Bands, i: int) -> list[str]:
    return [number(float(x[i])) for x in (bands.median, bands.low, bands.high)]


def _answer(own: Bands, base: Bands, moved: bool) -> str:
    year, (median, low, high) = own.years[-1], _cells(own, -1)
    said = f"In {year} the median is {median} ({own.unit}), and 90 % of the worlds lie between {low} and {high}."
    if not moved:
        return said + " Move a lever to see what it changes."
    median, low, high = _cells(base, -1)
    return f"{said} As the scenario stands it is {median}, between {low} and {high}; both with the same luck, world by world."


def believed(world: World, name: str) -> str:
    """Blue the firm's mean with a standard deviation on both sides; red the hidden line; marks at files and answers."""
    i = world.firms.index(name)
    mean, sd = world.mean[:, i], world.sd[:, i]
    low, high = span(mean - sd, mean + sd, world.line)

    def draw(width: int, height: int) -> str:
        frame = Frame(width, height, len(mean), low, high)
        inside = frame.values() + frame.months(world.months)
        inside += frame.area(mean - sd, mean + sd, "own") + frame.line(world.line, "line-hidden") + frame.line(mean, "own")
        for month in range(len(mean)):
            if world.filed[month, i]:
                inside += f'<path class="tick" d="M{frame.x(month):.1f} {frame.foot}v-8"/>'
            if world.approved[month, i]:
                inside += frame.dot(month, float(mean[month]), "own", 3.5)
            if world.intents[month, i]:
                inside += frame.cross(month, float(mean[month]), "bad", 4)
        return inside

    filed, approved, intents = (int(x[:, i].sum()) for x in (world.filed, world.approved, world.intents))
    said = (
        f"In world {world.number} {name} files {filed} applications; {approved} are approved, {intents} meet an intent to deny. "
        f"Its belief ends at {number(mean[-1])}, give or take {number(sd[-1])}; " + _line_ends(float(world.line[-1]))
    )
    return ours(
        '<p class="title">How sensitive a product may be and still get a licence<span class="unit">, from 0 (the most harmless alone) '
        "to 1 (everything)</span></p>"
        + chart("belief", said, draw)
        + legend(
            ("area own", f"Where {name} thinks the office's line lies, and how sure it is (one standard deviation)"),
            ("line line-hidden", "Where the line lies, which no firm can see (mean over groups of goods)"),
            ("tick files", "It files"), ("dot own", "An approval"), ("cross bad", "An intent to deny"),
        )
        + f'<p class="answer">{html.escape(said)}</p>'
    )  # fmt: skip


def _line_ends(line: float) -> str:
    return f"the line lies at {number(line)}." if line == line else "the office draws no line."


def story(world: World, agent: str) -> str:
    """The journal's sentences on an agent, month by month."""
    months = world.by_month(agent)
    many = sum(len(sentences) for _, sentences in months)
    if not many:
        return ours(f'<p class="answer">In world {world.number} nobody decides anything on {html.escape(agent)}.</p>')
    parts = []
    for month, sentences in months:
        rows = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences)
        parts.append(f'<section aria-label="{month}"><p class="month">{month}</p><ul>{rows}</ul></section>')
    said = f"{many:,} decision{'s' if many > 1 else ''} by or on {agent} in world {world.number}, {months[0][0]} to {months[-1][0]}."
    box = f'<div class="story" tabindex="0" role="region" aria-label="Story of {html.escape(agent)}">{"".join(parts)}</div>'
    return ours(f'<p class="answer">{html.escape(said)}</p>{box}')


def refused(said: str) -> str:
    return ours(f'<p class="refused" role="alert">{html.escape(said)}</p>')


def heading(title: str, question: str) -> str:
    """Of the page; texts that may come from a file, as text."""
    return ours(f'<h1>{html.escape(title)}</h1><p class="question">{html.escape(question)}</p>')


def levers_heading() -> str:
    return ours('<p class="levers">Levers</p>')  # no heading, since it comes before the page's own


def small_print(text: str) -> str:
    return f'<div class="ours small-print"><p>{html.escape(text)}</p></div>'


def taken_along(digest: str, beside: Path | None) -> str:
    """beside: the folder where the file must lie, if there is one"""
    where = f"<p>Save it in {html.escape(str(beside))}: it names the case from there.</p>" if beside is not None else ""
    return ours(
        "<p>A scenario file that says what the page shows, and gives the same numbers on the command line, to the last bit:</p>"
        "<pre>chokepoint run my_scenario.yaml</pre>" + where + "<p>The digest of all its outcomes, which the run's manifest has too:</p>"
        f'<pre class="digest">{digest}</pre>'
    )


def file(text: str) -> str:
    return ours(f'<pre class="file" tabindex="0" role="region" aria-label="The file">{html.escape(text)}</pre>')


def ours(inside: str) -> str:
    return f'<div class="ours">{inside}</div>'


def framed(panel: Panel | None) -> str:
    """A panel of the report in a frame, as a page of its own, in which an agent can be chosen.

    The page stands in the frame's own markup: marimo's frames fetch theirs, and may come too late for it.
    """
    if panel is None:
        return ""
    data = json.dumps({name: list(rows) for name, rows in panel.data.items()}).replace("<", "\\u003c")
    choose = Path(__file__).with_name("choose.js").read_text(encoding="utf-8")
    title, own = html.escape(panel.title), "main { padding: 0 4px; } [data-firm], [data-tile] { cursor: pointer; }"
    head = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{style()} {own}</style>"
    )
    body = f'<section class="panel" id="{panel.key}"><h3>{title}</h3><p>{html.escape(panel.lead)}</p>{panel.html}</section>'
    script = f'(function (panel, view, data) {{{panel.script}\n{choose}}})(document.getElementById("{panel.key}"), null, {data})'
    page = html.escape(f"{head}<body><main>{body}</main><script>{script}</script></body></html>")
    wide = "width: calc(100% + 14px); margin: 0 -7px; max-width: none"  # the ring needs 358 px for letters of 11
    return f'<iframe title="{title}" srcdoc="{page}" onload="__resizeIframe(this)" style="{wide}" height="900" frameborder="0"></iframe>'
