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

app = marimo.App(width="medium", app_title="Chokepoint: explore", css_file="explore.css", html_head_file="head.html")


@app.cell
def _():
    import os

    import marimo as mo

    from sim.case import read_case
    from sim.explore import levers, pictures, session, talk_pictures, talks, world
    from sim.outcomes import HEADLINES, OUTCOMES
    from sim.refusal import InputError
    from sim.scenario import shipped

    return HEADLINES, InputError, OUTCOMES, levers, mo, os, pictures, read_case, session, shipped, talk_pictures, talks, world


@app.cell
def _(mo, os, shipped):
    first = os.environ.get("CHOKEPOINT_EXPLORE", "history")
    scenario = mo.ui.dropdown(list(dict.fromkeys([first, *shipped()])), value=first, label="Scenario", full_width=True)
    return (scenario,)  # shown in the sidebar, with the levers


@app.cell
def _(InputError, mo, pictures, scenario, session):
    try:
        chosen, _refusal = session.Settings.of(scenario.value).plan().scenario, ""
    except InputError as _error:
        chosen, _refusal = None, str(_error)
    mo.stop(chosen is None, mo.vstack([scenario, mo.Html(pictures.refused(_refusal))]))
    mo.Html(pictures.heading(chosen.title, chosen.question))
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
    keep = mo.ui.dictionary({path: mo.ui.checkbox(label="The same in every world") for path, at in before.items() if at.drawn})

    def _shown(path):
        if not before[path].drawn:
            return [moves.elements[path]]
        return [moves.elements[path], mo.Html(pictures.small_print(f"Until you move it, {before[path].drawn}")), keep.elements[path]]

    _shown_all = [element for path in moves.elements for element in _shown(path)]
    mo.sidebar(mo.vstack([scenario, mo.Html(pictures.levers_heading()), *_shown_all], gap=0.6), width="360px")
    return before, keep, moves


@app.cell
def _(mo):
    TABS = ("Bands", "A firm and the line", "Talks", "Who decided what", "Ten files to decide", "Take it along")
    tab = mo.ui.radio(TABS, value=TABS[0], inline=True)
    mo.hstack([tab], justify="start")
    return (tab,)


@app.cell
def _(InputError, before, keep, levers, mo, moves, pictures, scenario, session):
    asked = session.Settings.of(scenario.value, levers.fixed(before, {path: float(v) for path, v in moves.value.items()}, keep.value))
    try:
        session.desk.begin(asked)
        session.desk.begin(asked.unmoved)
        _refusal = ""
    except InputError as _error:
        _refusal = str(_error)
    mo.stop(bool(_refusal), mo.Html(pictures.refused(_refusal)))
    mo.Html(pictures.small_print(levers.in_words(dict(asked.sets))))
    return (asked,)


# Bands


@app.cell
def _(HEADLINES, OUTCOMES, mo, tab):
    mo.stop(tab.value != "Bands")
    outcome = mo.ui.dropdown([*HEADLINES, *(name for name in OUTCOMES if name not in HEADLINES)], value="lost_sales", label="Outcome")
    mo.hstack([outcome], justify="start")
    return (outcome,)


@app.cell
def _(asked, mo, outcome, pictures, session, tab):
    mo.stop(tab.value != "Bands")
    _own, _base = session.desk.answered(asked), session.desk.answered(asked.unmoved)
    _bands = [session.bands(of, outcome.value) for of in (_own, _base)]
    mo.Html(pictures.compared(*_bands, asked.worlds, bool(asked.sets)))
    return


# One world: whose, and which


@app.cell
def _(chosen, mo, read_case, session, world):
    _case = read_case(chosen.case_folder)
    firm = mo.ui.dropdown(world.firms(_case), value=world.firms(_case)[0], label="Firm")
    agent = mo.ui.dropdown(world.agents(_case), value=world.firms(_case)[0], label="Whose story")
    number = mo.ui.number(0, session.WORLDS - 1, value=0, step=1, label="World")
    return agent, firm, number


@app.cell
def _(firm, mo, number, tab):
    mo.stop(tab.value != "A firm and the line")
    mo.hstack([firm, number], wrap=True, justify="start")
    return


@app.cell
def _(asked, firm, mo, number, pictures, tab, world):
    mo.stop(tab.value != "A firm and the line")
    mo.Html(pictures.believed(world.followed(asked, int(number.value)), firm.value))
    return


# Talks


@app.cell
def _(mo, moves, number, tab):
    mo.stop(tab.value != "Talks")
    mo.hstack([number, moves.elements["rules.talks_mode"]], wrap=True, justify="start")
    return


@app.cell
def _(asked, mo, number, tab, talk_pictures, talks, world):
    mo.stop(tab.value != "Talks")
    mo.Html(talk_pictures.bargained(talks.talks_of(world.followed(asked, int(number.value))), int(number.value)))
    return


# Who decided what


@app.cell
def _(agent, mo, number, pictures, tab):
    mo.stop(tab.value != "Who decided what")
    _how = mo.Html(pictures.small_print("Or click a firm or a government in a picture below."))
    mo.vstack([mo.hstack([agent, number], wrap=True, justify="start"), _how], gap=0.3)
    return


@app.cell
def _(agent, asked, mo, number, pictures, tab, world):
    mo.stop(tab.value != "Who decided what")
    mo.Html(pictures.story(world.followed(asked, int(number.value)), agent.value))
    return


@app.cell
def _(asked, mo, pictures, session, tab):
    mo.stop(tab.value != "Who decided what")
    from sim.views.report import levels_map, licences_ring

    _run = session.desk.answered(asked)
    mo.vstack([mo.Html(pictures.framed(of.panel(_run))) for of in (licences_ring, levels_map)])
    return


# Take it along


@app.cell
def _(asked, mo, pictures, session, tab):
    mo.stop(tab.value != "Take it along")
    _text, _digest = asked.as_yaml(), session.desk.answered(asked).digest
    mo.vstack([
        mo.Html(pictures.taken_along(_digest, asked.beside)),
        mo.download(_text.encode(), filename="my_scenario.yaml", mimetype="text/yaml", label="Download my_scenario.yaml"),
        mo.Html(pictures.file(_text)),
    ])
    return


# Ten files to decide. What is made stays while other tabs are looked at.


@app.cell
def _(chosen, mo):
    from sim.explore import game_page

    seat, opened = game_page.seat(mo, chosen.run.seed)
    return game_page, opened, seat


@app.cell
def _(game_page, mo, opened, seat, tab):
    mo.stop(tab.value != "Ten files to decide")
    game_page.opening(mo, seat, opened)
    return


@app.cell
def _(game_page, mo, opened, scenario, seat):
    files, effects = game_page.dealt(mo, scenario.value, seat, opened)
    progress, move = mo.state(game_page.Progress())
    answers, onward = game_page.buttons(mo, move, len(files.files))
    return answers, effects, files, onward, progress


@app.cell
def _(files, game_page, mo, progress, tab):
    mo.stop(tab.value != "Ten files to decide")
    game_page.desk(mo, files, progress())
    return


@app.cell
def _(answers, effects, files, game_page, mo, onward, progress, tab):
    mo.stop(tab.value != "Ten files to decide")
    game_page.hand(mo, files, progress(), effects, answers, onward)
    return


if __name__ == "__main__":
    app.run()
