"""The page of `chokepoint explore`: a marimo notebook that shows, and leaves the computing to the modules beside it."""

# mypy: ignore-errors
import marimo

app = marimo.App(width="medium", app_title="Chokepoint: explore")


@app.cell
def _():
    import os

    import marimo as mo

    from sim.explore import belief, levers, pictures, session
    from sim.outcomes import HEADLINES
    from sim.scenario import read, shipped
    from sim.views.report import levels_map, licences_ring

    return HEADLINES, belief, levels_map, levers, licences_ring, mo, os, pictures, read, session, shipped


@app.cell
def _(mo, os, shipped):
    first = os.environ.get("CHOKEPOINT_EXPLORE", "history")
    scenario = mo.ui.dropdown(list(dict.fromkeys([first, *shipped()])), value=first, label="Scenario")
    mo.vstack([mo.md("# Chokepoint: move a lever, see the bands"), scenario])
    return (scenario,)


@app.cell
def _(HEADLINES, levers, mo, read, scenario, session):
    chosen = read(scenario.value)
    before = levers.values(chosen)

    def control(lever):
        at = before[lever.path]
        if lever.switch:
            return mo.ui.switch(value=at > 0, label=lever.name)
        low, high = min(lever.low, at), max(lever.high, at)
        return mo.ui.slider(low, high, lever.step, value=at, debounce=True, show_value=True, label=lever.name, full_width=True)

    moves = mo.ui.dictionary({lever.path: control(lever) for lever in levers.LEVERS})
    outcome = mo.ui.dropdown(list(HEADLINES), value="lost_sales", label="Outcome")
    worlds = mo.ui.dropdown({f"{n} worlds": n for n in (session.FIRST, session.MORE)}, value=f"{session.FIRST} worlds", label="Worlds")
    mo.vstack([mo.md(chosen.question or chosen.title), *moves.elements.values(), mo.hstack([outcome, worlds], wrap=True, justify="start")])
    return chosen, moves, outcome, worlds


@app.cell
def _(chosen, levers, moves, scenario, session, worlds):
    asked = session.Settings.of(
        scenario.value, levers.moved(chosen, {path: float(v) for path, v in moves.value.items()}), worlds=worlds.value
    )
    own, base = session.answered(asked), session.answered(asked.unmoved)
    return asked, base, own


@app.cell
def _(asked, base, mo, outcome, own, pictures, session):
    count = mo.md(f"Levers moved: {len(asked.sets)}")
    picture = mo.Html(pictures.compared(session.bands(own.results, outcome.value), session.bands(base.results, outcome.value)))
    mo.vstack([count, picture])
    return


@app.cell
def _(asked, mo):
    text = asked.as_yaml()
    mo.vstack([
        mo.md("## Take it along\nThis file gives the same numbers on the command line: `chokepoint run my_scenario.yaml`."),
        mo.download(text.encode(), filename="my_scenario.yaml", label="Download as a scenario file"),
        mo.accordion({"The file": mo.plain_text(text)}),
    ])
    return


@app.cell
def _(belief, mo, own):
    names = belief.firms(own.results.plan.case)
    firm = mo.ui.dropdown({name: i for i, name in enumerate(names)}, value=names[0], label="Firm")
    world = mo.ui.number(0, 199, value=0, label="World")
    mo.vstack([mo.md("## A firm closing in on the hidden line"), mo.hstack([firm, world], wrap=True, justify="start")])
    return firm, world


@app.cell
def _(asked, belief, firm, mo, pictures, world):
    mo.Html(pictures.believed(*belief.followed(asked, firm.value, int(world.value))))
    return


@app.cell
def _(mo):
    draw = mo.ui.run_button(label="Draw the map and the network")
    mo.vstack([mo.md("## Governments and licences, month by month"), draw])
    return (draw,)


@app.cell
def _(asked, draw, levels_map, licences_ring, mo, pictures, session):
    from dataclasses import replace

    mo.stop(not draw.value)
    kept = session.answered(replace(asked, agents=True)).results
    mo.vstack([mo.iframe(pictures.page_of(of.panel(kept)), height="900px") for of in (levels_map, licences_ring)])
    return


@app.cell
def _(mo, os):
    from sim.explore import game, game_page

    which, asked_for = game_page.seat(mo, os.environ.get("CHOKEPOINT_EXPLORE", "history"))
    game_page.opening(mo, which, asked_for)
    return asked_for, game, game_page, which


@app.cell
def _(asked_for, game, game_page, mo, which):
    files = game_page.dealt(mo, which, asked_for)
    play, move = mo.state(game.Play())
    answers, onward = game_page.buttons(mo, move, len(files.files))
    return answers, files, onward, play


@app.cell
def _(files, game_page, mo, play):
    game_page.desk(mo, files, play())
    return


@app.cell
def _(files, game):
    effects = game.effects(files)
    return (effects,)


@app.cell
def _(answers, effects, files, game_page, mo, onward, play):
    game_page.hand(mo, files, play(), effects, answers, onward)
    return


@app.cell
def _(files, game_page, mo):
    game_page.paper(mo, files)
    return


if __name__ == "__main__":
    app.run()
