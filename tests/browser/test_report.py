"""The report, opened in a browser as whoever gets it would."""

import csv
import io

import pytest
from page_audit import everything
from report_runs import HOSTILE_NAME, TITLE, hostile_pair, pair_of_hostile_names

from sim.__main__ import main
from sim.views.report import page as report_page
from sim.views.report.panel import Panel

pytestmark = pytest.mark.slow
DRAWN = "html[data-drawn=yes]"


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return hostile_pair(tmp_path_factory.mktemp("runs"), worlds=60, months=96)


@pytest.fixture(scope="module")
def report(pair):
    """What `chokepoint report` writes of the hostile run, which lies beside its base."""
    assert main(["report", str(pair[1])]) == 0
    return (pair[1] / "report.html").as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_can_be_read_at_any_width_by_day_and_by_night(opened, report, width, scheme):
    one = opened(report, width, scheme, ready=DRAWN)
    assert one.errors == []
    for fold in (False, True):
        one.page.evaluate("open => document.querySelectorAll('details').forEach(part => { part.open = open; })", fold)
        assert {what: some for what, some in everything(one.page).items() if some} == {}


def test_it_opens_offline_asks_for_nothing_and_shows_every_chart(opened, report):
    one = opened(report, ready=DRAWN)
    assert one.errors == []
    assert one.requests == [report]
    places, drawn = (one.page.locator(selector).count() for selector in (".chart", ".chart.drawn svg"))
    assert places == drawn > 12
    assert one.page.evaluate("Array.from(document.querySelectorAll('.chart svg')).every(svg => svg.querySelector('path, rect'))")


def test_it_could_not_ask_if_it_wanted_to(opened, report):
    one = opened(report, ready=DRAWN, offline=False)
    asked = one.page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'answered', () => 'refused')")
    assert asked == "refused"
    assert any("Content Security Policy" in said for said in one.errors)
    one.page.evaluate("() => { document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>'); setTimeout('alert(2)', 0); }")
    one.page.wait_for_timeout(500)
    assert one.dialogs == []  # neither a handler in markup nor text as a program runs, even had it come in


def test_hostile_texts_stay_texts(opened, report):
    one = opened(report, ready=DRAWN)
    assert one.page.locator("h1").inner_text() == TITLE
    assert one.page.title() == TITLE
    assert one.page.locator("img").count() == 0
    assert one.page.locator("script").count() == 2  # the data and the code
    assert "alert(4)" in one.page.locator(".question").inner_text()
    assert one.dialogs == []


def test_every_button_saves_its_numbers(opened, report):
    one = opened(report, ready=DRAWN)
    buttons = one.page.locator("button[data-csv]")
    assert buttons.count() >= one.page.locator(".chart").count()
    for i in range(buttons.count()):
        if i % 8 == 7:  # of more than ten from one page Chromium asks whether it may
            one = opened(report, ready=DRAWN)
            buttons = one.page.locator("button[data-csv]")
        with one.page.expect_download() as got:
            buttons.nth(i).click()
        with open(got.value.path(), encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert len(rows) > 1, buttons.nth(i).get_attribute("aria-label")
        assert len({len(row) for row in rows}) == 1
    assert one.errors == []


def test_names_of_a_case_that_are_markup_and_formulas_stay_names(opened, tmp_path_factory):
    place = tmp_path_factory.mktemp("names")
    base, other = pair_of_hostile_names(place, 12, 36)
    assert main(["report", str(other), str(base), "--out", str(place / "page.html")]) == 0
    where = (place / "page.html").as_uri()
    one = opened(where, ready=DRAWN)
    one.page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    one.page.wait_for_timeout(500)
    assert (one.errors, one.dialogs, one.requests) == ([], [], [where])
    assert (one.page.locator("img").count(), one.page.locator("script").count(), one.page.title()) == (0, 2, HOSTILE_NAME)
    assert one.page.locator("a:not([href^='#'])").count() == 0
    found = []
    for button in one.page.locator("#gained button[data-csv], #pictures button[data-csv]").all()[:9]:
        with one.page.expect_download() as got:
            button.click()
        with open(got.value.path(), encoding="utf-8", newline="") as file:
            found += [cell for row in csv.reader(file) for cell in row]
    assert any(cell.startswith(f"'{HOSTILE_NAME}") for cell in found)
    assert not [cell for cell in found if cell.startswith("=")]


def hostile_panel(results, base):
    """As a file could make it: cells that a spreadsheet would take for formulas; and a script of its own, with a slider."""
    cells = {"text": ["=1+1", "+a", "-a", "@a", "\tx", "{=1}", 'say "a", b'], "number": [-3.5, 2, None, 0, 1e-9, -1, 5]}
    rows = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    slider = "<label>Month <input type=range min=0 max=5 value=0></label><output>0</output>"
    script = """const slider = panel.querySelector('input');
    slider.addEventListener('input', () => { panel.querySelector('output').textContent = slider.value + data.cells.length; });"""
    return Panel("hostile", "=A panel", "A sentence.", slider, data={"cells": rows}, script=script)


def test_a_saved_cell_is_no_formula_and_a_negative_number_is_a_number(opened, pair, tmp_path, monkeypatch):
    monkeypatch.setattr(report_page, "PANELS", [hostile_panel])
    file = report_page.write_report(pair[0], out=tmp_path / "hostile.html")
    one = opened(file.as_uri(), ready=DRAWN)
    with one.page.expect_download() as got:
        one.page.locator('button[data-panel="hostile"]').click()
    with open(got.value.path(), encoding="utf-8", newline="") as saved:
        rows = list(csv.reader(saved))
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'+a", "'-a", "'@a", "'\tx", "'{=1}", 'say "a", b']
    assert [row[1] for row in rows[1:]] == ["-3.5", "2", "", "0", "1e-9", "-1", "5"]
    one.page.locator("#hostile input").focus()
    one.page.keyboard.press("End")
    assert one.page.locator("#hostile output").inner_text() == "57"  # the script had its panel and its rows


def test_numbers_can_be_searched_with_the_keyboard(opened, report):
    one = opened(report, ready=DRAWN)
    one.page.keyboard.press("Tab")
    assert one.page.evaluate("document.activeElement.className") == "skip"
    one.page.locator("#numbers summary").first.click()
    one.page.locator("#numbers-filter").fill("hurdle doubt")
    shown = one.page.locator("#numbers-table tbody tr:visible")
    assert 0 < shown.count() < 5
    assert one.page.locator("#numbers-table-count").inner_text().startswith(f"{shown.count()} of ")


def test_the_panels_that_have_sliders_move(opened, report):
    one = opened(report, ready=DRAWN)
    sliders = one.page.locator("[data-panel-key] input[type=range]")
    for i in range(sliders.count()):
        panel = sliders.nth(i).locator("xpath=ancestor::*[@data-panel-key]").first
        before = panel.inner_html()
        sliders.nth(i).focus()
        for key in ("Home", "End"):
            one.page.keyboard.press(key)
            one.page.wait_for_timeout(200)
        one.page.keyboard.press("Home")
        one.page.wait_for_timeout(200)
        after_home = panel.inner_html()
        one.page.keyboard.press("End")
        one.page.wait_for_timeout(200)
        assert panel.inner_html() != after_home, before[:80]
    assert one.errors == []


def test_it_prints(opened, report):
    one = opened(report, ready=DRAWN)
    paper = one.page.pdf(format="A4")
    assert paper.startswith(b"%PDF")
    assert 4 <= io.BytesIO(paper).getvalue().count(b"/Type /Page\n") <= 40
