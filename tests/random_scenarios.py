"""Scenarios that nobody would write and everybody may: drawn from the tables that say what is admissible."""

import functools
import math

import yaml
from hypothesis import strategies as st

from sim.case import read_case
from sim.case_checks import set_by_law
from sim.parameters import PARAMETERS, RULES, SMALLEST
from sim.scenario import read, shipped

OF_THE_RECORD = "huawei"  # the case whose governments and carriers the record is of
JOINTS = ("governments_fit", "carriers_fit")


@functools.cache
def case_of(parent):
    return read_case(read(parent).case_folder)


@functools.cache
def paths_of(case):
    """Every path that a scenario on this case may name, with its entry. case: as read"""
    found = []
    for pattern, entry in PARAMETERS.items():
        rows = case[entry.over].key if entry.over else [""]
        named = [(pattern.replace("*", row), entry) for row in rows]
        found.append([(path, entry) for path, entry in named if not set_by_law(case, path)])
    return [paths for paths in found if paths]


def ends_of(entry):
    """The ends of what a parameter admits and of its plausible range, and what lies just beside them."""
    beside = (entry.least + SMALLEST, math.nextafter(entry.most, -math.inf), 0.0, SMALLEST, 1.0)
    marks = {entry.least, entry.most, entry.low, entry.high, entry.value, *beside}
    return sorted(x for x in marks if entry.least <= x <= entry.most and (x == 0 or abs(x) >= SMALLEST))


def numbers(entry):
    """Any number that a parameter admits: its ends, its plausible range, and all between."""
    if entry.whole:
        return st.integers(math.ceil(entry.least), math.floor(entry.most)).map(float)
    between = st.one_of(st.floats(entry.low, entry.high), st.floats(entry.least, entry.most))
    return st.one_of(st.sampled_from(ends_of(entry)), between.filter(lambda x: x == 0 or abs(x) >= SMALLEST))


def alone_at_its_ends(case):
    """{path: value} for the least and the most of every number that may differ between worlds; of a table's rows, the first and last."""
    return [
        {path: value}
        for paths in paths_of(case)
        for path, entry in dict([paths[0], paths[-1]]).items()
        if entry.kind != "dated" and not entry.structural
        for value in (entry.least, entry.most)
    ]


MONTHS = st.builds("{:04d}-{:02d}".format, st.integers(2018, 2026), st.integers(1, 12))
DATES = st.one_of(MONTHS, st.builds("{}-{:02d}".format, MONTHS, st.integers(1, 28)))


def dated(entry):
    return st.one_of(numbers(entry), st.dictionaries(DATES, numbers(entry), max_size=3), st.sampled_from([[], "calendar"]))


@st.composite
def spreads(draw, entry):
    ends = sorted(draw(st.tuples(numbers(entry), numbers(entry))))
    kinds = ["uniform", "triangle", "bell", *([] if entry.fixed else ["range"])] if not entry.whole else []
    match draw(st.sampled_from([*kinds, "values", "chances"])):
        case "range":
            return "range"
        case "uniform":
            return {"low": ends[0], "high": ends[1]}
        case "triangle":
            return {"low": ends[0], "mode": min(max(draw(numbers(entry)), ends[0]), ends[1]), "high": ends[1]}
        case "bell":
            return {"mean": ends[0], "sd": draw(st.floats(SMALLEST, 1e300))}
        case "values":
            return ends
    chance = draw(st.sampled_from([0.0, 0.25, 1.0]))
    return {"values": ends, "chances": [chance, 1 - chance]}


@st.composite
def scenarios(draw, most_months=96):
    """A valid scenario file, as text: what a shipped one says, changed in a few places."""
    parent = draw(st.sampled_from(shipped()))
    case = case_of(parent)
    said = {"title": "Drawn at random", "extends": parent}
    sections = {"levers": {}, "constants": {}, "uncertainties": {}}
    for choice in draw(st.lists(st.sampled_from(paths_of(case)), max_size=8, unique_by=lambda paths: paths[0][0])):
        path, entry = draw(st.sampled_from(choice))
        if entry.kind == "dated":
            sections["levers"][path] = draw(dated(entry))
        elif entry.structural or draw(st.booleans()):
            sections["levers" if entry.kind == "lever" else "constants"][path] = draw(numbers(entry))
        else:
            sections["uncertainties"][path] = draw(spreads(entry))
    tables = [name for name in JOINTS if name in case]
    if draw(st.integers(0, 3)) == 0:
        sections["uncertainties"]["joint"] = draw(st.lists(st.sampled_from(tables), unique=True)) if tables else []
    said |= {name: section for name, section in sections.items() if section}
    on_a_date = [choice for choice in paths_of(case) if choice[0][1].kind == "dated"]
    events = {}
    for choice in draw(st.lists(st.sampled_from(on_a_date), max_size=3)):
        lever, entry = draw(st.sampled_from(choice))
        day = draw(DATES)
        events[day, lever] = {"date": day, "lever": lever, "value": draw(numbers(entry))}
    if events:
        said["events"] = list(events.values())
    rules = {rule: draw(st.sampled_from(variants)) for rule, variants in RULES.items() if draw(st.booleans())}
    if rules:
        said["rules"] = rules
    if case.name == OF_THE_RECORD and draw(st.integers(0, 3)) == 0:
        said["start"] = {"from_record": f"{draw(st.integers(2018, 2020))}-{draw(st.integers(1, 12)):02d}"}
    if draw(st.booleans()):
        said["prior"] = "none"
    months = draw(st.one_of(st.integers(1, most_months), st.integers(24, min(40, most_months)), st.integers(24, min(40, most_months))))
    said["run"] = {"worlds": 3, "seed": draw(st.integers(0, 2**63 - 1)), "months": months, "record": draw(st.sampled_from(["outcomes", "agents"]))}
    return yaml.safe_dump(said, sort_keys=False)
