"""The report of a finished run: one HTML file that opens offline and asks for nothing."""

import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from sim.batch.results import Results
from sim.batch.store import write
from sim.refusal import InputError
from sim.views.report import bundle, causes, flow, gains, headline, levels_map, licences_ring, sources, told, trust
from sim.views.report.panel import Panel, Row
from sim.views.report.question import Question
from sim.views.report.safe import escaped, json_text, policy

FILE = "report.html"
AUTO_ROWS = 60  # a panel's data of so few rows is shown as a table where the panel brings none
PANELS: list[Callable[[Results, Results | None], Panel | None]] = [flow.panel, levels_map.panel, licences_ring.panel]


def write_report(folder: Path, bases: Sequence[Path] = (), out: Path | None = None) -> Path:
    """Into the run's own folder, unless another file is named; the manifest does not list it, so the run stays as it was written.

    InputError where a folder is no finished run or the luck of the runs is not the same; StorageError if the disk refuses.
    """
    if out is not None and (out.is_dir() or not out.absolute().parent.is_dir()):
        raise InputError("--out", f"{out} is a folder; name a file" if out.is_dir() else f"there is no folder {out.parent}")
    question = Question.of(folder, bases)
    file = out if out is not None else folder / FILE
    if out is not None and (own := _own_file(question, out)):
        raise InputError("--out", f"{own} is a file of the run itself; name another")
    write(file, page(question).encode("utf-8"))
    return file


def _own_file(question: Question, out: Path) -> str:
    """The file of a run that would be written over, if it is one."""
    for run in (question.results, *question.others):
        for name in (*run.manifest["files"], "manifest.json"):
            if (run.folder / name).resolve() == out.resolve():
                return str(name)
    return ""


def page(question: Question) -> str:
    results = question.results
    marks = headline.markers(results)
    charts = headline.panels(question, marks)
    gained = gains.panels(question)
    more = [made for panel in PANELS if (made := panel(results, question.base)) is not None]
    driving, why_not = _driving(question)
    numbers, dates = sources.numbers(results), sources.dates(marks)
    every = [dates, *charts, *gained, *more, *driving, numbers]
    sections = [
        ("answer", "The answer", _answer(question)),
        ("changed", "What was changed", sources.changed(question)),
        ("charts", "What came of it", _keys(charts) + _panel(dates) + _grid(charts)),
        ("gained", "Who gained and who lost", _single(gained) if gained else f"<p>{escaped(gains.without(question))}</p>"),
        *([("pictures", "Goods, networks and licences, month by month", _single(more))] if more else []),
        ("drives", "What drives the result", _change(question) + (_single(driving) if driving else f"<p>{escaped(why_not)}</p>")),
        ("trust", "How far to trust it", trust.section(question)),
        ("numbers", "Every number and its source", _single([numbers], heading=False)),
        ("glossary", "Words", sources.glossary()),
        ("again", "Do it again", sources.again(question)),
    ]
    return _whole(question, sections, every)


def _driving(question: Question) -> tuple[list[Panel], str]:
    try:
        return causes.panels(question), "Nothing that varies moves the outcome."
    except InputError as fault:
        return [], causes.refused(fault)


def _change(question: Question) -> str:
    text = causes.of_the_change(question)
    return f"<p>{escaped(text)}</p>" if text else ""


def _answer(question: Question) -> str:
    items = "".join(f"<li><p>{escaped(sentence)}</p></li>" for sentence in told.three(question))
    if question.base is None:
        how = "Bands hold nine in ten worlds: they are what the uncertain numbers leave open. No base was given, so nothing is compared."
    else:
        how = (
            f"Against “{question.name_of(question.base)}”. Numbers in brackets hold nine in ten worlds' differences. “Cannot say”: of the "
            "worlds that differ, fewer than eight in ten agree on the sign, or the mean may well be nothing."
        )
    return f"<ol class=answer>{items}</ol><p class=note>{escaped(how)}</p>{_others(question)}"


def _others(question: Question) -> str:
    """Against each further base: the first sentence of the answer."""
    items = ""
    for base in question.others[1:]:
        one = Question(question.results, (base,))
        items += f"<li>Against “{escaped(question.name_of(base))}”: {escaped(told.three(one)[0])}</li>"
    return f"<h3>Against the other bases</h3><ul>{items}</ul>" if items else ""


def _keys(charts: Sequence[Panel]) -> str:
    """What the marks of the charts mean; only those that some chart has."""
    names = {name for chart in charts for row in chart.data["months"][:1] for name in row}
    keys = [
        ('<rect class=swatch-wide y=2 width=34 height=12 />', "nine in ten worlds"),
        ('<rect class=swatch-narrow y=2 width=34 height=12 />', "every second world"),
        ('<line class=swatch-run x1=0 x2=34 y1=8 y2=8 />', "median"),
        *([('<line class=swatch-base x1=0 x2=34 y1=8 y2=8 />', "median of the base")] if "base" in names else []),
        *([('<path class=swatch-record d="M17 2l6 6-6 6-6-6z" />', "on record (what happened)")] if "record" in names else []),
        *([('<line class=swatch-naive x1=0 x2=34 y1=8 y2=8 />', "naive forecast: no change since 2017")] if "no_change" in names else []),
        ('<line class=swatch-rule x1=17 x2=17 y1=0 y2=16 />', "a rule comes or goes (letters below)"),
    ]  # fmt: skip
    items = "".join(f'<li><svg viewBox="0 0 34 16" aria-hidden=true>{shape}</svg>{words}</li>' for shape, words in keys)
    return f"<ul class=keys>{items}</ul>"


def _grid(panels: Sequence[Panel]) -> str:
    return f"<div class=grid>{''.join(map(_panel, panels))}</div>"


def _single(panels: Sequence[Panel], heading: bool = True) -> str:
    return f"<div class=single>{''.join(_panel(panel, heading) for panel in panels)}</div>"


def _panel(panel: Panel, heading: bool = True) -> str:
    key = panel.key
    title = f"<h3 id={key}-title>{escaped(panel.title)}</h3>" if heading else f"<h3 id={key}-title class=kind>{escaped(panel.title)}</h3>"
    said = f"{panel.title}. {panel.lead} The numbers are in the table below it."
    chart = f'<div class=chart id={key}-chart role=img aria-label="{escaped(said)}"></div>' if panel.spec is not None else ""
    more = {name: f": {escaped(name)}" if len(panel.data) > 1 else "" for name in panel.data}
    files = {name: f"{key}-{escaped(name)}.csv" if len(panel.data) > 1 else f"{key}.csv" for name in panel.data}
    buttons = "".join(
        f'<button type=button hidden data-panel="{key}" data-csv="{escaped(name)}" data-file="{files[name]}" '
        f'aria-label="Save as CSV: {escaped(panel.title)}, {escaped(name)}">CSV{more[name]}</button>'
        for name, rows in panel.data.items()
        if rows
    )
    return (
        f'<section class=panel data-panel-key="{key}" id={key} aria-labelledby={key}-title>{title}'
        f"<p class=lead>{escaped(panel.lead)}</p>{chart}<div class=below>{panel.html}{_table(panel)}{buttons}</div></section>"
    )


def _table(panel: Panel) -> str:
    """The data as tables, where the panel brings none itself and they are short."""
    if "<table" in panel.html or panel.spec is None:
        return ""
    made = ""
    for name, rows in panel.data.items():
        if rows and len(rows) <= AUTO_ROWS:
            columns = list(rows[0])
            head = "".join(f"<th scope=col>{escaped(column)}</th>" for column in columns)
            body = "".join(f"<tr>{''.join(_cell(row, column) for column in columns)}</tr>" for row in rows)
            made += f"<table class=stacked><caption>{escaped(name)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<details><summary>As a table</summary>{made}</details>" if made else ""


def _cell(row: Row, column: str) -> str:
    value = row.get(column)
    return f'<td data-label="{escaped(column)}">{"" if value is None else escaped(value)}</td>'


def _parts(panels: Sequence[Panel], sections: Collection[str]) -> dict[str, object]:
    """What the script reads: each panel's picture, and its data as columns and rows."""
    found: dict[str, object] = {}
    for panel in panels:
        if not re.fullmatch("[a-z][a-z0-9-]*", panel.key) or panel.key in found or panel.key in sections:
            raise ValueError(f'"{panel.key}" is no key of a panel, or another part of the page has it')
        tables = {}
        for name, rows in panel.data.items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            tables[name] = {"columns": columns, "rows": [[row.get(column) for column in columns] for row in rows]}
        found[panel.key] = {"spec": panel.spec, "data": tables}
    return found


def _whole(question: Question, sections: Sequence[tuple[str, str, str]], panels: Sequence[Panel]) -> str:
    m = question.results.manifest
    script, style = bundle.script({panel.key: panel.script for panel in panels}), bundle.style()
    links = "".join(f"<li><a href=#{key}>{escaped(name)}</a></li>" for key, name, _ in sections)
    body = "".join(
        f"<section id={key} aria-labelledby={key}-h><h2 id={key}-h>{escaped(name)}</h2>{text}</section>" for key, name, text in sections
    )
    on = question.results.on_case
    case = f", case {on.name}" if on is not None else ""
    kind = f"{m['worlds']:,} possible worlds, {m['months']} months from January 2018, seed {m['seed']}{case}"
    ask = f"<p class=question>{escaped(m['question'])}</p>" if m["question"] else ""
    made = f"Made by Chokepoint {m['environment']['chokepoint']} from the results of scenario {m['scenario']}, which ended at {m['ended']}."
    return f"""<!doctype html>
<html lang=en>
<head>
<meta charset=utf-8>
<meta http-equiv=Content-Security-Policy content="{policy(script, style)}">
<meta name=viewport content="width=device-width, initial-scale=1">
<meta name=color-scheme content="light dark">
<meta name=referrer content=no-referrer>
<title>{escaped(m['title'])}</title>
<style>{style}</style>
</head>
<body>
<a class=skip href=#main>Skip to the answer</a>
<header><p class=kind>{escaped(kind)}</p><h1>{escaped(m['title'])}</h1>{ask}</header>
<nav aria-label=Sections><ul>{links}</ul></nav>
<main id=main tabindex=-1>{body}
<noscript><p>The charts need JavaScript; every number is in the tables.</p></noscript></main>
<footer><p>{escaped(made)} This page loads nothing and sends nothing. Charts are drawn by Vega, Vega-Lite and Vega-Embed (BSD-3-Clause, \
University of Washington Interactive Data Lab).</p></footer>
<script type=application/json id=parts>{json_text(_parts(panels, [key for key, _, _ in sections]))}</script>
<script>{script}</script>
</body>
</html>
"""
