"""Decisions as they are told: the numbers beside them take them again, hold what the sentence says, and add up to the outcomes."""

import functools
import random
import re

import numpy as np
import pytest
from runs import model, planned

from sim.decisions import KINDS, Names, told
from sim.model import follow, simulate
from sim.months import label
from sim.trace import SILENT, Trace
from sim.worlds import Pairs, Worlds

WORLD = 2
FREE = ("rules.talks_mode=free",)
LEVERS = (*FREE, "persuasion.union_decides=1", "licensing.revoke_all={2020-12: 1}")  # what nobody decides but under a lever
TOKEN = re.compile(r"(?<![\w.])[-+]?(?:\d[\d,]*)?\.?\d+(?:e-?\d+)?(?!\w)")


@functools.lru_cache(maxsize=6)
def decisions(sets=FREE, world=WORLD, name="history"):
    plan = planned(name, sets, months=96 if sets == FREE else 40)
    worlds, journal = Worlds.range(world, 1), Trace()
    follow(plan.scenario, plan.case, worlds, plan.values(worlds), journal)
    return told(world, journal.notes, Names(plan.case))


@functools.lru_cache(maxsize=1)
def series():
    plan = planned(sets=FREE)
    worlds = Worlds.range(0, 4)
    block = simulate(plan.scenario, plan.case, worlds, plan.values(worlds))
    return {name: values[:, WORLD] for name, values in block.series.items()}


def everything():
    """Decisions of every kind there is: of free talks, of a year with unusual levers, of a run that starts from the record."""
    return [*decisions(), *decisions(LEVERS), *decisions((), name="from_2021")]


def some(count=200, sets=FREE):
    """Random decisions, as many of each kind as of any other while they last."""
    dice, by_kind = random.Random(1), {}
    for row in everything() if sets == FREE else decisions(sets):
        by_kind.setdefault(row.kind, []).append(row)
    for rows in by_kind.values():
        dice.shuffle(rows)
    turns = [row for place in range(count) for rows in by_kind.values() for row in rows[place : place + 1]]
    return turns[:count]


@pytest.mark.slow
def test_every_kind_of_decision_is_taken_in_a_world_of_the_case():
    assert {row.kind for row in everything()} == set(KINDS)


@pytest.mark.slow
def test_the_numbers_of_a_decision_take_it_again_by_the_rules():
    rows = some()
    assert len(rows) == 200
    assert {row.kind for row in rows} == set(KINDS)
    for row in rows:
        assert KINDS[row.kind].again(row.numbers) == row.decision, row
    for row in some(500):
        for name, value in KINDS[row.kind].worked(row.numbers).items():
            assert value == pytest.approx(row.numbers[name], rel=1e-9, abs=1e-12), (name, row)


@pytest.mark.parametrize("sets", [("rules.talks=nash",), ("rules.talks=war_of_attrition",), ("rules.vote=unanimous",), ("rules.vote=chair",),
                                  ("authority.publish_line=1",), ("rules.drift=trend_instead_of_doubt",)], ids=lambda sets: sets[0])  # fmt: skip
def test_other_rules_take_their_decisions_again_too(sets):
    rows = some(100, (*FREE, *sets))
    for row in rows:
        assert KINDS[row.kind].again(row.numbers) == row.decision, row


def test_luck_on_the_other_side_of_the_chance_turns_a_decision():
    turned = {"filing": "waits", "approval": "to be denied", "return": "voted on", "denial": "returned", "revocation": "kept"}
    turned |= {"submission": "in preparation", "talks opened": "no talks", "threat announced": "no threat"}
    for kind, other in turned.items():
        numbers = dict(next(row for row in decisions() if row.kind == kind).numbers)
        if kind == "approval":
            numbers |= {name: 0.0 for name in numbers if name.startswith("yes ")}
        else:
            numbers["luck"] = 0.0 if kind == "denial" else 1.0
        assert KINDS[kind].again(numbers) == other


def numbers_in(row):
    """Each number that a sentence holds: its value, and how far rounding may have moved it. Names are no numbers."""
    text = row.sentence.replace(row.agent, "").replace(row.subject.split(",")[0], "").replace(" in 100", "")
    for match in TOKEN.finditer(text):
        token = match[0].replace(",", "")
        scale = 100 if text[match.end() :].startswith((" %", " time")) else 1
        digits, _, power = token.partition("e")
        step = 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))
        if float(token) == 0:
            step = 0.0002 if scale == 1 else 0.1  # "0" stands for less than is shown
        yield float(token) / scale, 0.5001 * step / scale


def test_every_number_in_a_sentence_is_one_of_the_decision_s():
    found = 0
    for row in some(400):
        for value, slack in numbers_in(row):
            assert any(abs(value - number) <= slack for number in row.numbers.values()), (value, row)
            found += 1
    assert found > 2000


def test_a_sentence_is_plain_english_without_the_keys_of_tables():
    for row in some(400):
        assert re.fullmatch(r"[A-Z0-9a-z].*\.", row.sentence)
        assert not re.search(r"[{}_]|nan|inf\b|s's\b|\bnp\.", row.sentence), row.sentence
        assert "_" not in row.subject
        assert len(row.sentence) < 520


def counted(kind, decision=None):
    found = np.zeros(96)
    for row in decisions():
        if row.kind == kind and decision in (None, row.decision):
            found[(int(row.month[:4]) - 2018) * 12 + int(row.month[5:]) - 1] += 1
    return found


ADD_UP = {"submission": "filings", "approval": "approvals", "intent to deny": "intents", "return": "returns", "denial": "denials",
          "revocation": "revocations", "deal": "deals", "walk-out": "walk_outs", "threat in force": "tariff_acts"}  # fmt: skip


@pytest.mark.parametrize("kind", ADD_UP)
def test_decisions_add_up_to_the_outcomes_of_their_world(kind):
    assert np.array_equal(counted(kind), series()[ADD_UP[kind]])
    assert counted(kind).sum() > 0


def test_files_begun_are_those_that_the_exchange_has_begun():
    alone, begun = model(worlds=1, first=WORLD, sets=FREE), np.zeros(96)
    for month in range(96):
        alone.step()
        begun[month] = len(alone.licensing.happened["prepared"])
    assert np.array_equal(counted("filing"), begun)


def test_offers_awards_votes_and_orders_add_up():
    talks, awards = series()["talks_open"], np.diff(series()["awards"], prepend=0)
    assert np.array_equal(counted("offer"), 2 * talks)
    assert np.array_equal(counted("award"), awards)
    assert np.array_equal(counted("vote"), 4 * (series()["approvals"] + series()["intents"]))
    orders = [
        sum(row.numbers[origin] for row in decisions() if row.kind == "order" and row.month == label(20))
        for origin in ("controlled", "foreign", "domestic")
    ]
    assert np.allclose(orders, [series()[f"{origin}_sales"][20] for origin in ("controlled", "foreign", "domestic")])


def test_changes_of_level_add_up_to_the_levels():
    changes = {level: np.zeros(96) for level in (1, 2, 3)}
    for row in decisions():
        if row.kind.startswith("level"):
            before, after = row.numbers.get("level", row.numbers.get("before")), row.numbers["after"]
            month = (int(row.month[:4]) - 2018) * 12 + int(row.month[5:]) - 1
            for level, total in changes.items():
                total[month] += (after >= level) * 1 - (before >= level) * 1
    for level, name in ((1, "declarations"), (2, "bans"), (3, "exclusions")):
        reached = series()[name]
        assert np.array_equal(np.diff(reached), changes[level][1:]), name
    assert sum(changes[1]) > 5


def test_a_model_that_nobody_follows_holds_the_silent_journal():
    quiet = model(worlds=2)
    holders = (quiet, quiet.authority, quiet.firms, quiet.talks, quiet.supply, quiet.persuasion, quiet.procurement)
    assert all(holder.journal is SILENT for holder in holders)
    assert SILENT.on is False
    journal = Trace()
    quiet.tell(journal)
    assert all(holder.journal is journal for holder in holders)


def test_a_trace_follows_one_world_and_keeps_what_is_finite():
    journal = Trace()
    journal.turn(5)
    at = Pairs.where(np.array([[True], [False], [True]]))
    journal.note("filing", at, [("a",), ("b",), ("c",)], only=np.array([False, True]), one=np.array([7.0]), each=np.array([1.0, np.inf]))
    assert [(note.month, note.name, note.numbers) for note in journal.notes] == [(5, ("c",), {"one": 7.0})]
    table = np.array([[True], [True], [False]])
    journal.note("order", table, [("a",), ("b",), ("c",)], each=np.array([[1.0], [2.0], [3.0]]))
    assert [note.numbers for note in journal.notes[1:]] == [{"each": 1.0}, {"each": 2.0}]
    with pytest.raises(AssertionError, match="one world"):
        journal.note("filing", Pairs.where(np.array([[False, True]])), [("a",)], x=1.0)


def test_names_are_found_under_whatever_one_calls_them():
    names = Names(planned().case)
    for asked in ("DEU", "germany", "Deutschland"):
        assert (names.aliases.get(asked.lower()) == "Germany") == (asked != "Deutschland")
    assert names.aliases["bis"] == names.aliases["commerce department"] == "Commerce Department"
    assert names.aliases["huawei"] == "Huawei"
    assert names.aliases["t_mobile_us"] == "T-Mobile US"


def test_figures_read_as_their_docstrings_say():
    import doctest

    from sim.decisions import figures

    assert doctest.testmod(figures).failed == 0
