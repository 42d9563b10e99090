"""The schema that editors check a scenario by says what the reader says."""

import json
import subprocess
import sys

import jsonschema
import pytest

from sim import scenario_schema
from sim.__main__ import main
from sim.inheritance import shipped
from sim.parameters import PARAMETERS
from sim.refusal import InputError
from sim.scenario import read
from sim.sections import read_sections
from sim.shipped import SHIPPED
from sim.strict_yaml import Document, read_document

SCHEMA = scenario_schema.schema()


@pytest.fixture(scope="module")
def refuses():
    """What an editor would underline: the schema's first complaint, or None."""
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    return lambda data: next(iter(jsonschema.Draft7Validator(SCHEMA).iter_errors(data)), None)


def reader_refuses(data):
    try:
        read_sections(Document("mine.yaml", data, {}))
    except InputError as refused:
        return str(refused)
    return None


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_is_one(name, refuses):
    assert refuses(read_document(SHIPPED / f"{name}.yaml").data) is None


@pytest.mark.parametrize("name", shipped())
def test_so_is_every_one_with_what_it_inherits_written_out(name, refuses, tmp_path):
    file = tmp_path / "whole.yaml"
    file.write_text(read(name).resolved(case="huawei"), encoding="utf-8")
    assert refuses(read_document(file).data) is None


def said(**sections):
    return {"title": "Mine", "extends": "history", **sections}


FIRM = "firm.hurdle"
LINE = "licensing.base_line"
MONTHS = "authority.validity"
RIGHT = {
    "a lever in every month": said(levers={LINE: 0.5}),
    "dates": said(levers={LINE: {"2019-07": 0.5, "2020-02-29": 1}}),
    "no dates": said(levers={LINE: []}),
    "no dates, as a table": said(levers={LINE: {}}),
    "the calendar's": said(levers={LINE: "calendar"}),
    "a row of a table": said(levers={"government.USA.hawk": 1}),
    "a dated row of a table": said(levers={"government.DEU.level": {"2019-01": 3}}),
    "a range": said(uncertainties={FIRM: "range"}),
    "low and high": said(uncertainties={FIRM: {"low": 0.1, "high": 0.5}}),
    "a triangle": said(uncertainties={FIRM: {"low": 0.1, "mode": 0.3, "high": 0.5}}),
    "a bell": said(uncertainties={FIRM: {"mean": 0.3, "sd": 0.1}}),
    "a list": said(uncertainties={FIRM: [0.1, 0.2]}),
    "values with chances": said(uncertainties={FIRM: {"values": [0.1, 0.2], "chances": [0.5, 0.5]}}),
    "a joint": said(uncertainties={"joint": ["governments_fit"]}),
    "a constant": said(constants={FIRM: 0.3}),
    "a structural constant": said(constants={"lines.per_group": 12}),
    "a count": said(levers={MONTHS: 36}),
    "a count with a point": said(levers={MONTHS: 36.0}),
    "a list of counts": said(uncertainties={MONTHS: [24, 36]}),
    "counts with chances": said(uncertainties={MONTHS: {"values": [24, 36], "chances": [0.5, 0.5]}}),
    "a sweep over counts": said(sweep={"vary": {MONTHS: [24, 36]}}),
    "an event": said(events=[{"date": "2020-05", "lever": "licensing.freeze", "value": 1}]),
    "no events": said(events=[]),
    "a rule": said(rules={"vote": "chair"}),
    "a start": said(start={"from_record": "2020-12"}),
    "an answer": said(answer={"look_at": ["approvals"], "by": "the vote", "without": {FIRM: 0.3, "rules.vote": "chair"}}),
    "a sweep": said(sweep={"vary": {FIRM: {"low": 0.2, "high": 0.6, "places": 5}, "authority.capacity": [20, 28]}}),
    "a Sobol sweep": said(sweep={"vary": {FIRM: "range"}, "design": "sobol", "points": 64}),
    "no sweep after all": said(sweep={}, run={"worlds": 5}),
    "a prior": said(prior={"file": "posterior.parquet", "except": [FIRM]}),
    "no prior": said(prior="none"),
    "a run": said(run={"worlds": 1e3, "seed": 0, "record": "outcomes", "until": "lost_sales +-2%"}),
    "a file as parent": {"extends": "parents/mine.yaml"},
    "no parent but a case": {"case": "huawei"},
}
WRONG = {
    "a key that nobody knows": said(titel="Mine"),
    "a key in the wrong place": said(worlds=5),
    "a title that is a number": said(title=5),
    "an empty question": said(question=" "),
    "two parents": said(extends=["history", "g20_truce"]),
    "a parent that there is not": said(extends="histroy"),
    "a parent outside the folder": said(extends="../mine.yaml"),
    "a baseline that there is not": said(compare_with="histroy"),
    "levers in a list": said(levers=[LINE]),
    "a path that nobody knows": said(levers={"licensing.base_lin": 0.5}),
    "a path with a star": said(levers={"government.*.hawk": 0.5}),
    "a lever that is none": said(levers={FIRM: 0.3}),
    "a lever in words": said(levers={LINE: "high"}),
    "a lever that says yes": said(levers={LINE: True}),
    "an empty lever": said(levers={LINE: None}),
    "a lever out of bounds": said(levers={LINE: 7}),
    "a lever's list": said(levers={LINE: [0.5]}),
    "dates for what has none": said(levers={"authority.capacity": {"2019-07": 28}}),
    "a date that is none": said(levers={LINE: {"July 2019": 0.5}}),
    "a day that is none": said(levers={LINE: {"2019-02-29": 0.5}}),
    "a date before the first": said(levers={LINE: {"2017-12": 0.5}}),
    "a date beyond the last": said(levers={LINE: {"2068-01": 0.5}}),
    "a dated value out of bounds": said(levers={LINE: {"2019-07": 7}}),
    "one number for what is uncertain": said(uncertainties={FIRM: 0.3}),
    "a range that there is not": said(uncertainties={"threat.start": "range"}),
    "half a spread": said(uncertainties={FIRM: {"low": 0.1}}),
    "a spread of two kinds": said(uncertainties={FIRM: {"low": 0.1, "high": 0.5, "sd": 1}}),
    "a spread that has none": said(uncertainties={FIRM: {"mean": 0.3, "sd": 0}}),
    "a list of one": said(uncertainties={FIRM: [0.3]}),
    "an uncertainty out of bounds": said(uncertainties={FIRM: {"low": -1, "high": 0.5}}),
    "an uncertain structure": said(uncertainties={"lines.per_group": [10, 12]}),
    "an uncertain date": said(uncertainties={LINE: [0.1, 0.2]}),
    "a constant that is dated": said(constants={LINE: 0.5}),
    "a fraction of a count": said(levers={MONTHS: 36.5}),
    "a fraction of a count as a constant": said(constants={"lines.per_group": 6.5}),
    "a fraction of a count in a list": said(uncertainties={MONTHS: [24, 36.5]}),
    "a count that is spread out": said(uncertainties={MONTHS: {"low": 24, "high": 60}}),
    "a count on a bell": said(uncertainties={MONTHS: {"mean": 48, "sd": 6}}),
    "a sweep from count to count": said(sweep={"vary": {MONTHS: {"low": 24, "high": 60, "places": 4}}}),
    "a sweep over fractions of a count": said(sweep={"vary": {MONTHS: [24, 36.5]}}),
    "events in a table": said(events={"date": "2020-05"}),
    "an event without a value": said(events=[{"date": "2020-05", "lever": "licensing.freeze"}]),
    "an event with too much": said(events=[{"date": "2020-05", "lever": "licensing.freeze", "value": 1, "why": 2}]),
    "an event of an undated lever": said(events=[{"date": "2020-05", "lever": "authority.capacity", "value": 28}]),
    "an event out of bounds": said(events=[{"date": "2020-05", "lever": "licensing.freeze", "value": 2}]),
    "a misspelt rule": said(rules={"vot": "chair"}),
    "a misspelt variant": said(rules={"vote": "chiar"}),
    "a start beyond the record": said(start={"from_record": "2021-01"}),
    "a start in words": said(start={"from": "2020-12"}),
    "an answer without a rule": said(answer={"look_at": ["approvals"]}),
    "an answer in no outcome": said(answer={"look_at": ["aprovals"], "by": "the vote"}),
    "an answer switched off by nothing": said(answer={"look_at": ["approvals"], "by": "the vote", "without": {"firm.hurdel": 0}}),
    "a sweep of nothing": said(sweep={"design": "grid"}),
    "a sweep of a date": said(sweep={"vary": {LINE: [0.1, 0.2]}}),
    "a sweep over one value twice": said(sweep={"vary": {FIRM: [0.1, 0.1]}}),
    "a grid with points": said(sweep={"vary": {FIRM: "range"}, "points": 64}),
    "a Sobol design of no power of 2": said(sweep={"vary": {FIRM: "range"}, "design": "sobol", "points": 65}),
    "a Sobol design of a list": said(sweep={"vary": {FIRM: [0.1, 0.2]}, "design": "sobol"}),
    "a misspelt design": said(sweep={"vary": {FIRM: "range"}, "design": "sobel"}),
    "a sweep with worlds": said(sweep={"vary": {FIRM: "range"}}, run={"worlds": 5}),
    "a prior without a file": said(prior={"except": [FIRM]}),
    "a prior that says too much": said(prior={"file": "posterior.parquet", "exept": [FIRM]}),
    "no worlds": said(run={"worlds": 0}),
    "half a world": said(run={"worlds": 1.5}),
    "a run that says too much": said(run={"wolrds": 5}),
    "a misspelt record": said(run={"record": "agent"}),
    "a goal of nothing": said(run={"until": "lost_sales"}),
    "a goal of 0 %": said(run={"until": "lost_sales +-0.0%"}),
    "a goal beyond 100 %": said(run={"until": "lost_sales +-101%"}),
    "an outcome that there is not": said(run={"record": "analysed", "analysed": ["aprovals"]}),
}


@pytest.mark.parametrize("data", RIGHT.values(), ids=list(RIGHT))
def test_what_the_reader_takes_the_schema_takes(data, refuses):
    assert reader_refuses(data) is None
    assert refuses(data) is None


@pytest.mark.parametrize("name", WRONG)
def test_what_the_schema_refuses_the_reader_refuses(name, refuses):
    assert refuses(WRONG[name]) is not None
    if "parent" not in name:  # the chain of files is followed elsewhere
        assert reader_refuses(WRONG[name]) is not None


def test_every_number_completes_with_unit_range_and_source():
    shown = {**SCHEMA["properties"]["levers"]["properties"], **SCHEMA["properties"]["constants"]["properties"]}
    patterns = {**SCHEMA["properties"]["levers"]["patternProperties"], **SCHEMA["properties"]["constants"]["patternProperties"]}
    assert len(shown) + len(patterns) == len(PARAMETERS)
    for path, entry in PARAMETERS.items():
        about = (patterns["^" + path.replace(".", r"\.").replace("*", "[^.*]+") + "$"] if "*" in path else shown[path])["description"]
        for part in (entry.meaning.rstrip("."), entry.unit, entry.source, f"{entry.least:g} to {entry.most:g}"):
            assert part in about
    assert "plausibly 0.3 to 0.5" in shown[FIRM]["description"]


def test_it_is_of_draft_7_and_all_that_it_refers_to_is_in_it():
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    text = scenario_schema.text()
    for later in ("prefixItems", "$defs", "unevaluatedProperties", "dependentRequired"):
        assert later not in text
    names = {part.split('"')[0] for part in text.split('"#/definitions/')[1:]}
    assert names <= SCHEMA["definitions"].keys()
    assert len(text) < 600_000


def test_the_commands_need_no_heavy_packages(capsys, tmp_path):
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA
    code = f"""
import sys
from sim.__main__ import main
assert main(["schema"]) == 0
assert main(["new", "mine", "--out", {str(tmp_path)!r}]) == 0
heavy = {{"mesa", "pandas", "scipy", "networkx", "pyarrow", "jsonschema", "matplotlib"}} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
