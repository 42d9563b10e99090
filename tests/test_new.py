"""A new scenario: a file that says what could be changed, and the schema that editors read."""

import json
import re

import pytest

from sim import scenario_schema
from sim.batch.plan import Plan
from sim.calendar import Calendar
from sim.inheritance import shipped
from sim.parameters import PARAMETERS, find
from sim.scenario import read


@pytest.mark.parametrize("parent", ["history", "g20_truce", "free_talks", "from_2021", "second_firm"])
def test_a_new_scenario_passes_its_check_at_once_and_changes_nothing(call, tmp_path, parent):
    code, out, err = call("new", "mine", "--from", parent, "--out", tmp_path)
    assert (code, err) == (0, "")
    file = tmp_path / "mine.yaml"
    assert str(file) in out
    code, out, err = call("check", file)
    assert (code, err) == (0, "")
    mine, other = read(str(file)), read(parent)
    assert mine.compare_with == parent
    for part in ("case", "levers", "uncertainties", "constants", "joints", "events", "rules", "from_record", "sweep", "run"):
        assert getattr(mine, part) == getattr(other, part), part


def uncommented(text, also=()):
    """The text with its levers switched on; `now uncertain` ones stay behind their # since to set them is a change."""
    lines, on, uncertain = [], False, False
    for line in text.splitlines():
        if line == "# levers:":
            on = True
        elif not line:
            on = False
        if line.startswith("#   # "):
            uncertain = "now uncertain" in line or (uncertain and re.match(r"#   # [a-z]", line) is not None)
        lines.append(line[2:] if on and line.startswith("# ") and not uncertain else line)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("parent", ["history", "no_fdpr", "from_2021"])
def test_a_lever_that_is_uncommented_as_it_stands_changes_nothing(call, tmp_path, parent):
    assert call("new", "mine", "--from", parent, "--out", tmp_path)[0] == 0
    file = tmp_path / "mine.yaml"
    file.write_text(uncommented(file.read_text(encoding="utf-8")), encoding="utf-8")
    mine, other = Plan.of(str(file)), Plan.of(parent)
    set_here = [path for path in mine.scenario.own if find(path) is not None]
    assert len(set_here) > 40
    months = mine.scenario.run.months
    now, then = (Calendar(plan.case, plan.scenario, months).values for plan in (mine, other))
    for path in set_here:
        if find(path).kind == "dated":
            before = then[path] if path in then else [find(path).value] * months
            assert list(now[path] if path in now else [find(path).value] * months) == list(before), path
        else:
            assert mine.scenario.levers[path] == other.scenario.levers.get(path, other.scenario.constants.get(path, find(path).value)), path


def test_every_lever_stands_in_it_with_unit_range_and_meaning(call, tmp_path):
    call("new", "mine", "--out", tmp_path)
    text = (tmp_path / "mine.yaml").read_text(encoding="utf-8")
    flat = " ".join(re.sub(r"\n#   # ", " ", text).split())
    paths = {line.split(":")[0].removeprefix("#").strip().strip('"') for line in text.splitlines() if line.startswith("#   ")}
    for entry in PARAMETERS.values():
        if entry.kind != "parameter" and entry.over != "authorities":  # the case has but one office, which these say nothing for
            assert any(find(path) is entry for path in paths if path), entry.path
            assert entry.meaning.rstrip(".") in flat
            assert f"admissible {entry.least:g} to {entry.most:g}" in flat
    assert "files a month; plausibly 20 to 38; admissible 0 to 10000; now uncertain, anywhere from 20 to 38" in flat
    assert max(map(len, text.splitlines())) <= 130


def test_the_schema_goes_beside_it_and_its_first_line_names_it(call, tmp_path):
    call("new", "mine", "--out", tmp_path)
    assert (tmp_path / "mine.yaml").read_text(encoding="utf-8").splitlines()[0] == "# yaml-language-server: $schema=./chokepoint.schema.json"
    assert json.loads((tmp_path / "chokepoint.schema.json").read_text(encoding="utf-8")) == scenario_schema.schema()
    (tmp_path / "chokepoint.schema.json").write_text(scenario_schema.text().replace("firm.hurdle", "firm.old"), encoding="utf-8")
    assert call("new", "other", "--out", tmp_path)[0] == 0
    assert json.loads((tmp_path / "chokepoint.schema.json").read_text(encoding="utf-8")) == scenario_schema.schema()


def test_a_file_may_be_the_parent_if_it_stands_in_the_same_folder(call, tmp_path):
    (tmp_path / "parents").mkdir()
    assert call("new", "first", "--out", tmp_path / "parents")[0] == 0
    assert call("new", "second", "--from", tmp_path / "parents" / "first.yaml", "--out", tmp_path)[0] == 0
    assert read(str(tmp_path / "second.yaml")).compare_with == "parents/first.yaml"
    assert call("check", tmp_path / "second.yaml")[0] == 0
    code, _, err = call("new", "third", "--from", tmp_path / "parents" / "first.yaml", "--out", tmp_path / "elsewhere")
    assert code == 2
    assert "lies outside" in err
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["", "..", "../mine", "Mine", "a b", "con", "x" * 61, "history", "a/b", ".yaml", "batch", "-mine"])
def test_a_name_that_will_not_do_is_refused_in_a_sentence_and_nothing_is_written(call, tmp_path, name):
    code, out, err = call("new", "--out", tmp_path / "new", "--", name)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert not (tmp_path / "new").exists()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_ever_written_over(call, tmp_path):
    (tmp_path / "mine.yaml").write_text("title: precious\n")
    code, _, err = call("new", "mine", "--out", tmp_path)
    assert code == 2
    assert "there is such a file already" in err
    assert (tmp_path / "mine.yaml").read_text() == "title: precious\n"
    assert not (tmp_path / "chokepoint.schema.json").exists()
    (tmp_path / "chokepoint.schema.json").write_text("{}")
    assert call("new", "other", "--out", tmp_path)[0] == 2
    assert (tmp_path / "chokepoint.schema.json").read_text() == "{}"
    assert not (tmp_path / "other.yaml").exists()


def test_an_unknown_parent_is_refused(call, tmp_path):
    code, _, err = call("new", "mine", "--from", "histroy", "--out", tmp_path / "x")
    assert code == 2
    assert 'did you mean "history"?' in err
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
@pytest.mark.parametrize("parent", shipped())
def test_any_shipped_scenario_may_be_the_parent(call, tmp_path, parent):
    assert call("new", "mine", "--from", parent, "--out", tmp_path)[0] == 0
    assert call("check", tmp_path / "mine.yaml")[0] == 0
