"""docs/questions.md: every question is on it, answered by the runs that it names, and its numbers are those of today."""

import functools
import re

import numpy as np
import pytest
from runs import run

from sim import __version__
from sim.batch.summary import by_year
from sim.outcomes import OUTCOMES
from sim.scenario import read as scenario_of
from sim.scenario import shipped
from sim.views import questions
from sim.views.gallery import NOT_ANSWERED

read = functools.cache(scenario_of)
PAGE = questions.PAGE.read_text(encoding="utf-8")
WORTH = {
    (scenario, outcome): (factor, float(first))
    for scenario, outcome, factor, first in re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) \| (\S+) \|$", PAGE, re.M)
}


def of_question(number):
    """The part of the page that answers a question."""
    (found,) = re.findall(rf"^(## {number}\. .*?)\n\n(?=## )", PAGE, re.M | re.S)
    return found


def test_each_of_the_24_questions_is_answered_or_it_is_said_why_not():
    assert [question.number for question in questions.QUESTIONS] == list(range(1, 25))
    for question in questions.QUESTIONS:
        text = of_question(question.number)
        assert text.startswith(f"## {question.number}. {question.text}\n")
        assert all(f"`chokepoint compare {name} --worlds {questions.WORLDS}`" in text for name in question.scenarios)
        assert bool(question.missing) == ("Not answered in this version" in text)
        assert question.scenarios or question.missing
    assert {question.missing for question in questions.QUESTIONS} - {""} == set(NOT_ANSWERED)


def test_every_scenario_that_is_held_against_another_is_on_the_page():
    named = set(re.findall(r"`chokepoint compare (\w+) ", PAGE))
    assert named == {name for name in shipped() if read(name).compare_with is not None}


def test_the_page_says_how_it_was_made():
    assert f"with Chokepoint {__version__}: {questions.WORLDS} worlds, seed {questions.SEED}" in " ".join(PAGE.split())


def test_the_table_of_factors_has_each_outcome_at_which_a_scenario_looks():
    assert set(WORTH) == {(name, outcome) for name in shipped() if read(name).compare_with for outcome in read(name).answer.look_at}
    assert all(factor.startswith(("x ", ">")) or factor == "" for factor, _ in WORTH.values())


def first_worlds(name, outcome):
    """The mean change of the whole run in the first worlds, computed again. The number of worlds moves none of them."""
    ours, theirs = (run(x, (), questions.FIRST, read(x).run.months)[outcome].T for x in (read(name).compare_with, name))
    how = OUTCOMES[outcome].yearly
    return np.mean(by_year(theirs, how, theirs.shape[1]) - by_year(ours, how, ours.shape[1]))


@pytest.mark.slow
def test_the_numbers_are_those_of_today():
    for outcome in read("truce_collapses").answer.look_at:
        assert WORTH["truce_collapses", outcome][1] == pytest.approx(first_worlds("truce_collapses", outcome), rel=1e-3) != 0


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in shipped() if read(name).compare_with and name != "truce_collapses"])
def test_the_numbers_of_every_scenario_are_those_of_today(name):
    for outcome in read(name).answer.look_at:
        scale = np.abs(run(name, (), questions.FIRST, read(name).run.months)[outcome]).max()
        assert WORTH[name, outcome][1] == pytest.approx(first_worlds(name, outcome), rel=1e-3, abs=1e-6 * scale)


@pytest.mark.slow
def test_a_question_that_is_asked_again_has_the_same_answer():
    question = questions.QUESTIONS[21]
    made = questions.sections(questions.WORLDS, [(name, question) for name in question.scenarios])
    assert questions.entry(question, [section.text for section in made]) == of_question(question.number)
