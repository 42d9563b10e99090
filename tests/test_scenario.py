"""A scenario says what it means, inherits path by path, and is refused with file, line and remedy when it is wrong."""

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scenario_files import refusal, say

from sim.case import read_case, shipped_case
from sim.in_words import describe, differences
from sim.inheritance import LONGEST_CHAIN
from sim.parameters import PARAMETERS, RULES, find
from sim.refusal import InputError
from sim.scenario import Event, Run, read, shipped
from sim.uncertainty import Normal, OneOf, Triangular, Uniform

FAMILIES = {"huawei": "history", "second_firm": "second_firm"}  # the head of each case's scenarios

# Shipped scenarios


def test_each_shipped_scenario_asks_its_own_question():
    titles = [read(name).title for name in shipped()]
    questions = [read(name).question for name in shipped()]
    assert len(set(titles)) == len(set(questions)) == len(shipped()) >= 11
    assert all(question.endswith("?") for question in questions)


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_scenario_written_out_reads_back_equal(name, folder):
    scenario = read(name)
    assert say(scenario.resolved()) == scenario
    assert "extends" not in scenario.resolved()


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_scenario_fits_its_case(name):
    scenario = read(name)
    scenario.check_against(read_case(scenario.case_folder))


@pytest.mark.parametrize("name", [name for name in shipped() if name not in FAMILIES.values()])
def test_a_shipped_what_if_differs_from_what_it_is_compared_with_and_draws_the_same(name):
    scenario = read(name)
    other = read(scenario.compare_with)
    assert scenario.case == other.case
    found = differences(other, scenario)
    assert found
    assert not [entry for entry in found if entry.startswith("warning")]
    chosen = {path for path in scenario.own if path in scenario.levers or path in scenario.constants}
    assert scenario.uncertainties == {path: spread for path, spread in other.uncertainties.items() if path not in chosen}


def test_history_draws_each_uncertain_number_from_its_plausible_range():
    history = read("history")
    chosen = {"procurement.discount_change"}  # triangular, so that the usual discount stays the likeliest
    for path, spread in history.uncertainties.items():
        entry = find(path)
        assert path in chosen or spread == Uniform(entry.low, entry.high)
    varied = {path for path, entry in PARAMETERS.items() if entry.kind == "parameter" and not entry.fixed and not entry.structural}
    joint = {path for name in history.joints for path in read_case(history.case_folder)[name] if path in PARAMETERS}
    drawn = {path for path, entry in PARAMETERS.items() for one in history.uncertainties if find(one) is entry}
    assert varied - {"agency.*.offset"} <= drawn | joint
    assert drawn - varied == {"authority.capacity", "domestic.programme", "talks.patience", "procurement.phase_out", *chosen}
    assert history.run == Run(worlds=1000, seed=2019, months=96)


# What a file may say


def test_everything_a_scenario_can_say_reads_back_equal(folder):
    scenario = say("""
title: 'Quotes " and \\ and: colons, # hashes'
question: "Lines\\nand tabs\\tand \\u2028 and \\u20ac and \\U0001F4A1?"
case: huawei
levers:
  vendor.stockpile: 0.30000000000000004
  law.tgl: {2020-08-13: 0, 2019-05-20: 1e0}
  licensing.freeze: []
  licensing.base_line: 0.1
  government.USA.hawk: 0.7
uncertainties:
  belief.ease: {low: 0.1, high: 0.2}
  belief.mean0: {low: 0.1, mode: 0.15, high: 0.2}
  law.offshore: {mean: 0.5, sd: 0.1}
  law.leak: [0, 0.05, 1e-3]
  firm.hurdle: {values: [0.3, 0.4], chances: [0.25, 0.75]}
  authority.refresh: range
  joint: [governments_fit]
constants: {lines.per_group: 7, belief.drift: 0.017}
events:
  - {date: 2019-07-04, lever: licensing.statement, value: -1}
rules: {vote: chair}
compare_with: other.yaml
run: {worlds: 1e2, seed: 0, months: 24, block: 7, record: outcomes}
""")
    assert scenario.levers["law.tgl"] == {"2019-05-20": 1.0, "2020-08-13": 0.0}
    assert scenario.levers["licensing.freeze"] == {}
    assert scenario.uncertainties["law.offshore"] == Normal(0.5, 0.1, 0, 1)
    assert scenario.uncertainties["law.leak"] == OneOf((0, 0.05, 0.001))
    assert scenario.uncertainties["belief.mean0"] == Triangular(0.1, 0.15, 0.2)
    assert scenario.joints == ("governments_fit",)
    assert scenario.events == (Event("2019-07-04", "licensing.statement", -1),)
    assert scenario.rules == {**{rule: variants[0] for rule, variants in RULES.items()}, "vote": "chair"}
    assert scenario.run == Run(100, 0, 24, 7, "outcomes")
    assert say(scenario.resolved(), "again.yaml") == scenario


def test_a_scenario_that_says_nothing_but_its_title_has_every_default(folder):
    scenario = say("title: Bare\ncase: huawei")
    assert (scenario.case, scenario.run, scenario.levers, scenario.compare_with) == ("huawei", Run(), {}, None)
    assert say(scenario.resolved(), "again.yaml") == scenario


def test_a_copied_case_can_be_named_instead(folder):
    (folder / "case").mkdir()
    (folder / "case" / "posterior.parquet").write_bytes((shipped_case("huawei") / "posterior.parquet").read_bytes())
    assert say(read("history").resolved(case="case")).case_folder == Path("case")


# Inheritance


def test_a_childs_entry_replaces_its_parents_in_whatever_section(folder):
    say("extends: history\nlevers: {authority.capacity: 30, law.tgl: 1}\nconstants: {belief.ease: 0.2}", "parent.yaml")
    child = say("extends: parent.yaml\nuncertainties: {belief.ease: range, authority.capacity: [20, 40]}\nlevers: {law.tgl: calendar}")
    assert "belief.ease" not in child.constants
    assert child.levers == {}
    assert child.uncertainties["authority.capacity"] == OneOf((20, 40))
    assert [file.name for file in child.files] == ["history.yaml", "parent.yaml", "mine.yaml"]
    assert child.case == "huawei"


def test_events_add_to_the_parents_and_an_empty_list_drops_them(folder):
    text = "events:\n  - {date: 2019-07, lever: licensing.freeze, value: 1}\n  - {date: 2020-01, lever: law.tgl, value: 0}"
    more = say(f"extends: g20_truce\n{text}")
    assert [(e.date, e.lever, e.value) for e in more.events] == [
        ("2019-07", "licensing.base_line", 0.56),
        ("2019-07", "licensing.freeze", 1),
        ("2020-01", "law.tgl", 0),
    ]
    assert say("extends: g20_truce\nevents: []").events == ()


def test_a_parent_in_a_subfolder_finds_its_own_neighbours(folder):
    (folder / "sub" / "mycase").mkdir(parents=True)
    say("title: P\ncase: mycase\ncompare_with: base.yaml", "sub/parent.yaml")
    child = say("extends: sub/parent.yaml")
    assert (child.case, child.case_folder, child.compare_with) == ("sub/mycase", Path("sub/mycase"), "sub/base.yaml")
    assert child.title == "mine"


def test_a_chain_of_parents_may_be_ten_files_long_and_no_longer(folder):
    say("title: eldest\ncase: huawei", "p1.yaml")
    for i in range(2, LONGEST_CHAIN + 1):
        say(f"extends: p{i - 1}.yaml", f"p{i}.yaml")
    with pytest.raises(InputError, match=r"longer than 10"):
        say(f"extends: p{LONGEST_CHAIN}.yaml")


@pytest.mark.parametrize(
    "extends, says",
    [
        ("histroy", 'did you mean "history"'),
        ("none.yaml", "there is no file"),
        ("x" * 5000 + ".yaml", "there is no file"),
        ("mine.yaml", "comes back to itself"),
        ("circle.yaml", "comes back to itself"),
        ("../../etc/passwd", "leads out"),
        ("sub/../../x.yaml", "leads out"),
        ("/etc/passwd", "absolute"),
        ("~/x.yaml", "absolute"),
        ("C:/x.yaml", "absolute"),
        ("sub\\x.yaml", "backslash"),
        ("https://example.org/x.yaml", "web address"),
        ("file:///etc/passwd", "web address"),
        ("link.yaml", "link that leads out"),
        ("linked/hosts.yaml", "link that leads out"),
        ("loop.yaml", "circle|no file"),
        ("pipe.yaml", "pipe"),
        ("sub.yaml", "folder"),
        ("[history, g20_truce]", "a list"),
        ("''", "one scenario"),
        ("5", "one scenario"),
    ],
)
def test_a_parent_that_is_missing_hostile_or_a_circle_is_refused(folder, extends, says):
    Path("circle.yaml").write_text("extends: mine.yaml")
    Path("link.yaml").symlink_to("/etc/hostname")
    Path("linked").symlink_to("/etc")
    Path("loop.yaml").symlink_to("loop.yaml")
    os.mkfifo("pipe.yaml")
    Path("sub.yaml").mkdir()
    with pytest.raises(InputError, match=says) as caught:
        say(f"title: x\nextends: {extends}\n")
    assert caught.value.where in ("mine.yaml:2", "circle.yaml:1", extends)


def test_an_error_in_a_parent_names_the_parents_line(folder):
    Path("parent.yaml").write_text("title: P\nlever: {}\n")
    with pytest.raises(InputError) as caught:
        say("extends: parent.yaml")
    assert str(caught.value) == 'parent.yaml:2: a scenario has no "lever"; did you mean "levers"?'


@pytest.mark.parametrize("name", ["histroy", "none.yaml", "a/b", "", ".", "a\0b", "x" * 5000, "/dev/null"])
def test_a_scenario_that_is_not_there_is_refused_in_a_sentence(folder, name):
    with pytest.raises(InputError) as caught:
        read(name)
    assert "\n" not in str(caught.value)


# Against the case


def test_a_scenario_must_name_one_of_several_shipped_cases(folder):
    assert refusal("title: x").what == "the scenario names no case; write one, such as `case: huawei`"


@pytest.mark.parametrize("section", ["levers: {authority.bis.adopted: 0}", "events: [{date: 2020-05, lever: authority.bis.base_line, value: 1}]"])
def test_a_date_of_the_controllers_office_that_nobody_would_read_is_refused(folder, section):
    for case in ("huawei", "second_firm"):
        scenario = say(f"case: {case}\n{section}")
        with pytest.raises(InputError, match="follows law.listing") as caught:
            scenario.check_against(read_case(scenario.case_folder))
        assert caught.value.where == "mine.yaml:2"
    say("case: second_firm\nlevers: {authority.nl.adopted: 0}").check_against(read_case(read("second_firm").case_folder))


def test_a_row_or_a_table_that_the_case_lacks_is_refused_with_its_line(folder):
    case = {"governments": SimpleNamespace(key=["USA", "CHN"]), "agencies": SimpleNamespace(key=[])}
    say("case: huawei\nlevers: {government.USA.hawk: 1}").check_against(case)
    for text, says in [
        ("case: huawei\nlevers: {government.US.hawk: 1}", 'no row "US"; did you mean "USA"'),
        ("case: huawei\nevents: [{date: 2019-05, lever: government.XXX.level, value: 1}]", 'no row "XXX"'),
        ("case: huawei\nuncertainties: {joint: carriers_fit}", "no table carriers_fit.csv"),
    ]:
        with pytest.raises(InputError) as caught:
            say(text).check_against(case)
        assert caught.value.where == "mine.yaml:2"
        assert says in caught.value.what


# In words


def test_a_difference_names_the_path_both_values_and_the_meaning():
    found = differences(read("history"), read("strict_denial"))
    meaning = find("talks.licences_not_a_chip").meaning
    assert f"talks.licences_not_a_chip: 0 -> 1 (lever: {meaning})" in found
    assert differences(read("history"), read("history")) == []
    assert "rules.vote: majority -> unanimous (one of majority, chair, unanimous)" in differences(read("history"), read("unanimous_vote"))
    assert "run.worlds: 1000 -> 5" in differences(read("history"), read("history", ["run.worlds=5"]))


def test_a_lever_that_changes_nothing_is_a_warning():
    history = read("history")
    same = read("history", ["vendor.stockpile=1"])
    assert differences(history, same) == ["warning: vendor.stockpile is set to 1, which it is already: this changes nothing"]
    as_dated = read("history", ["law.tgl={2019-05-20: 1, 2020-08-13: 0}"])
    values = {"law.tgl": np.ones(3)}
    assert len(differences(history, as_dated, (values, values))) == 2
    assert len(differences(history, as_dated, (values, {"law.tgl": np.zeros(3)}))) == 1


def test_a_description_tells_the_question_the_levers_and_what_is_uncertain():
    text = describe(read("strict_denial", ["run.worlds=12345"]))
    for part in ("denied nearly everything", "12,345 worlds", "2018-01 to 2025-12", "0 in every month"):
        assert part in text
    assert "belief.mean0: anywhere from" in text
    assert all(read(name).title in describe(read(name)) for name in shipped())
