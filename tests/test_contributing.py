"""The recipes of CONTRIBUTING.md, each tried as it is written."""

import importlib
import re
import shutil
from pathlib import Path

import mesa
import numpy as np
import pytest
from runs import model, planned

from sim.model import simulate
from sim.outcomes import Outcome
from sim.rules import vote
from sim.scenario import read
from sim.shipped import SHIPPED
from sim.worlds import Worlds, total

outcomes, parameters = (importlib.import_module(f"sim.{room}") for room in ("outcomes", "parameters"))  # the rooms, not the functions
PAGE = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")


def block(heading):
    """The code of a recipe."""
    (found,) = re.findall(rf"^## {heading}\n.*?^```\w+\n(.*?)^```", PAGE.split("## When")[0], re.M | re.S)
    return found


def run(name, sets=(), worlds=20, months=40):
    plan, which = planned(name, sets, months, "outcomes"), Worlds.range(0, worlds)
    return simulate(plan.scenario, plan.case, which, plan.values(which)).series


def test_add_a_scenario(tmp_path):
    file = tmp_path / "my_question.yaml"
    file.write_text(block("Add a scenario"), encoding="utf-8")
    answer = read(str(file)).answer
    off = tuple(f"{path}={value}" for path, value in answer.without.items())
    for outcome in answer.look_at:
        assert (run(str(file))[outcome] != run("history")[outcome]).any()
        assert np.array_equal(run(str(file), off)[outcome], run("history", off)[outcome])


def test_add_a_variant_of_a_rule(monkeypatch):
    room = {"np": np, "total": total}
    exec(block("Add a variant of a rule"), room)
    monkeypatch.setitem(vote.VOTE_RULES, "two_thirds", room["two_thirds"])
    monkeypatch.setitem(parameters.RULES, "vote", (*parameters.RULES["vote"], "two_thirds"))
    theirs = run("history", ("rules.vote=two_thirds",))["approvals"]
    assert 0 < theirs.sum() < run("history")["approvals"].sum()


def test_add_a_kind_of_agent():
    room = {"np": np, "mesa": mesa}
    exec(block("Add a kind of agent"), room)
    m = model(worlds=7, months=40)
    observer, alarms = room["Observer"](m), np.zeros(7)
    for _ in range(40):
        m.step()
        observer.watch()
        alarms += observer.alarmed
    m.close()
    assert (alarms > 0).all()
    assert np.array_equal(observer.bans, m.persuasion.at_least(2))


def test_add_an_outcome(monkeypatch):
    row = eval(block("Add an outcome"), {"Outcome": Outcome, "total": total})
    monkeypatch.setitem(outcomes.OUTCOMES, row.name, row)
    series = run("history")
    assert series["unread"].sum() > 0
    assert (series["unread"] <= series["pending"]).all()


@pytest.mark.parametrize("case,scenario", [("huawei", "history"), ("second_firm", "second_firm")])
def test_add_a_case(tmp_path, case, scenario):
    shutil.copytree(SHIPPED / "cases" / case, tmp_path / "mine")
    text = (SHIPPED / f"{scenario}.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(text.replace(f"case: {case}", "case: mine"), encoding="utf-8")
    ours, theirs = run(str(tmp_path / "mine.yaml"), worlds=3), run(scenario, worlds=3)
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)


def test_what_to_do_when_numbers_change_can_be_done():
    section = PAGE.split("## When numbers change")[1]
    commands = re.findall(r"python (tests/\S+\.py)|python -m (\S+)|`(tests/\S+\.py)`", section)
    assert len(commands) == 5
    for file, module, named in commands:
        assert (Path(__file__).parents[1] / (file or named or f"{module.replace('.', '/')}.py")).is_file()
    assert "golden.py --write` keeps the new numbers and prints the entry" in section
    golden = importlib.import_module("golden")
    (asked,) = golden.unsaid([{"golden": "3f2a91c0", "version": "1.0.0"}], "")
    assert "(golden 3f2a91c0)" in section
    assert "(golden 3f2a91c0)" in asked
