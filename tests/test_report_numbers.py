"""The numbers on the page of a report are those of the run, of the comparison and of the record."""

import csv
from pathlib import Path

import numpy as np
import pytest
from report_runs import hostile_pair, parts

from sim.__main__ import main
from sim.batch.results import Results
from sim.parameters import PARAMETERS
from sim.views.difference_in_words import signed
from sim.views.report import headline, trust
from sim.views.report.question import Question, as_it_was

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return hostile_pair(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def text(pair):
    assert main(["report", str(pair[1])]) == 0
    return (pair[1] / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def question(pair):
    return Question.of(pair[1])


def test_a_chart_shows_the_numbers_of_the_run(pair, text):
    results, base = Results.open(pair[1]), Results.open(pair[0])
    chart = parts(text)["o-approvals"]["data"]["months"]
    rows = [dict(zip(chart["columns"], row, strict=True)) for row in chart["rows"]]
    for year in (2018, 2019, 2020):
        row = next(r for r in rows if r["month"] == f"{year}-12")
        ours, theirs = results.yearly("approvals")[:, year - 2018], base.yearly("approvals")[:, year - 2018]
        assert row["median"] == pytest.approx(np.median(ours), rel=1e-5)
        assert (row["p5"], row["p95"]) == pytest.approx(tuple(np.quantile(ours, (0.05, 0.95))), rel=1e-5)
        assert row["base"] == pytest.approx(np.median(theirs), rel=1e-5)


def test_the_record_stands_where_it_exists_and_ends_with_2020(pair, text):
    shown = parts(text)
    bans = shown["o-bans"]["data"]["months"]
    seen = {row[0]: row[bans["columns"].index("record")] for row in bans["rows"]}
    with (ROOT / "sim" / "record" / "diffusion_to_2020.csv").open(encoding="utf-8") as file:
        record = {row["quarter"]: float(row["n_ge2"]) for row in csv.DictReader(file)}
    assert seen["2019-12"] == record["2019Q4"]
    assert {month for month, value in seen.items() if value is not None} == {f"{y}-{m:02d}" for y in (2018, 2019, 2020) for m in (3, 6, 9, 12)}
    assert "no_change" in bans["columns"]
    assert "record" not in shown["o-lost-sales"]["data"]["months"]["columns"]
    assert as_it_was(Results.open(pair[0]))
    assert not as_it_was(Results.open(pair[1]))


def test_the_card_says_of_every_figure_whether_the_band_holds_it(pair, text):
    found = trust.scores(Results.open(pair[0]))
    assert {"predicted", "fitted"} < {score.role for score in found} <= set(trust.ROLES)
    filed = next(s for s in found if s.figure == "filed by 22 October 2019")
    series = Results.open(pair[0]).series("filings").astype(float)
    by_then = series[:, :21].sum(axis=1) + 22 / 31 * series[:, 21]
    assert filed.median == pytest.approx(np.median(by_then))
    assert filed.hit == (np.quantile(by_then, 0.05) <= 200 <= np.quantile(by_then, 0.95))
    assert text.count("✓ within") == sum(s.hit for s in found)
    assert text.count("✗ outside") == sum(not s.hit for s in found) > 0
    for role in trust.ROLES:
        some = [s for s in found if s.role == role]
        assert not some or f"{sum(s.hit for s in some)} of {len(some)} within the band" in text


def test_who_gained_is_told_as_the_comparison_has_it(question, text):
    gained = parts(text).get("gain-firm")
    assert gained is not None
    rows = question.found.agents("firm", ["sales_to_vendor"], by_year=False)
    by_name = {question.spoken.get(r.agent, r.agent): r for r in rows}
    columns = gained["data"]["agents"]["columns"]
    for row in gained["data"]["agents"]["rows"]:
        told_row = dict(zip(columns, row, strict=True))
        assert told_row["mean"] == pytest.approx(by_name[told_row["agent"]].mean, rel=1e-5)
        assert signed(by_name[told_row["agent"]].mean) in text


def test_every_number_of_the_model_is_there_with_its_source(text):
    rows = parts(text)["parameters"]["data"]["numbers"]
    names = [row[rows["columns"].index("name")] for row in rows["rows"]]
    assert set(PARAMETERS) <= set(names)
    source = rows["columns"].index("source")
    assert all(row[source] for row in rows["rows"])


def test_the_rules_are_marked_where_the_scenario_puts_them(pair):
    found = {(m.month, m.words) for m in headline.markers(Results.open(pair[0]))}
    assert (16, "The vendor is on the list") in found
    letters = [m.letter for m in headline.markers(Results.open(pair[0]))]
    assert letters == sorted(set(letters))
