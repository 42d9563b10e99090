# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""The page of `chokepoint explore`: a marimo notebook that shows, and leaves the computing to the modules beside it.

A tab is a name in TABS and cells of its own that begin with `mo.stop(tab.value != "its name")`: one for its controls, which must not
be made anew while someone uses them, and one for what they show.
"""

# mypy: ignore-errors
import marimo

app = marimo.App(width="medium", app_title="Chokepoint: explore", css_file="explore.css")


@app.cell
def _():
    import os

    import marimo as mo

    from sim.explore import levers, pictures, session, talks, world
    from sim.outcomes import HEADLINES, OUTCOMES
    from sim.refusal import InputError
    from sim.scenario import read, shipped

    return HEADLINES, InputError, OUTCOMES, levers, mo, os, pictures, read, session, shipped, talks, world


@app.cell
def _(mo, os, shipped):
    first = os.environ.get("CHOKEPOINT_EXPLORE", "history")
    scenario = mo.ui.dropdown(list(dict.fromkeys([first, *shipped()])), value=first, label="Scenario", full_width=True)
    return (scenario,)


@app.cell
def _(InputError, mo, pictures, read, scenario):
    try:
        chosen, _said = read(scenario.value), ""
    except InputError as _refusal:
        chosen, _said = None, str(_refusal)
    mo.stop(chosen is None, mo.vstack([scenario, mo.Html(pictures.refused(_said))]))
    return (chosen,)


@app.cell
def _(chosen, levers, mo, pictures, scenario):
    before = levers.standing(chosen)

    def _control(lever):
        at = before[lever.path].value
        if lever.switch:
            return mo.ui.switch(value=at > 0, label=lever.name)
        low, high = min(lever.low, at), max(lever.high, at)
        return mo.ui.slider(low, high, lever.step, value=at, debounce=True, show_value=True, label=lever.name, full_width=True)

    moves = mo.ui.dictionary({lever.path: _control(lever) for lever in levers.LEVERS})
    keep = mo.ui.dictionary(
        {path: mo.ui.checkbox(label="The same in every world") for path, at in before.items() if at.drawn}
    )
    _rows = []
    for _path, _element in moves.elements.items():
        _rows.append(_element)
        if before[_path].drawn:
            _rows.append(mo.vstack([mo.Html(pictures.words(f"Until you move it: {before[_path].drawn}")), keep.elements[_path]], gap=0))
    mo.sidebar([scenario, mo.md("## Levers"), *_rows], width="360px")
    return before, keep, moves


@app.cell
def _(chosen, mo, pictures):
    TABS = ("Bands", "A firm and the line", "Talks", "Stories", "Map and network", "Take it along")
    tab = mo.ui.tabs(dict.fromkeys(TABS, ""), value=TABS[0])
    mo.vstack([mo.Html(pictures.words(chosen.title, "scenario")), mo.Html(pictures.words(chosen.question)), tab])
    return TABS, tab


@app.cell
def _(InputError, before, keep, levers, mo, moves, pictures, scenario, session):
    _set = levers.fixed(before, {path: float(v) for path, v in moves.value.items()}, keep.value)
    asked = session.Settings.of(scenario.value, _set)
    try:
        session.desk.begin(asked)
        session.desk.begin(asked.unmoved)
        _said = ""
    except InputError as _refusal:
        _said = str(_refusal)
    mo.stop(bool(_said), mo.Html(pictures.refused(_said)))
    return (asked,)


@app.cell
def _(HEADLINES, OUTCOMES, mo, tab):
    mo.stop(tab.value != "Bands")
    outcome = mo.ui.dropdown([*HEADLINES, *(name for name in OUTCOMES if name not in HEADLINES)], value="lost_sales", label="Outcome")
    outcome
    return (outcome,)


@app.cell
def _(asked, mo, outcome, pictures, session, tab):
    mo.stop(tab.value != "Bands")
    _own, _base = session.desk.answered(asked), session.desk.answered(asked.unmoved)
    mo.Html(
        pictures.compared(
            session.bands(_own, outcome.value), session.bands(_base, outcome.value), asked.worlds, bool(asked.sets)
        )
    )
    return


if __name__ == "__main__":
    app.run()
