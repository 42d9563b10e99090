"""The JSON Schema of a scenario file, for editors: keys complete, and meaning, unit, range and source show on hover.

Draft 7, made from the same tables that the reader checks by. It is as strict as a schema of one file can be; what takes two values
(low above high, chances that do not sum to 1, a path in two sections), a case's rows or the parent's file is left to `chokepoint check`.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sim import answer, inheritance
from sim.case import shipped_cases
from sim.from_record import ENDS
from sim.outcomes import OUTCOMES
from sim.parameters import PARAMETERS, RULES, Parameter
from sim.sections import RECORDS, RUN_LIMITS, TOP
from sim.sweep import DESIGNS, MOST_POINTS
from sim.sweep import KEYS as SWEEP_KEYS

FILE = "chokepoint.schema.json"
FIRST_LINE = f"# yaml-language-server: $schema=./{FILE}"
TITLE = "A scenario of Chokepoint"
Schema = dict[str, Any]

_YEAR = "20(1[89]|[2-5][0-9]|6[0-7])"  # 2018 to 2067
_LEAP = "20(2[048]|3[26]|4[048]|5[26]|6[04])"
_DAYS = (
    f"{_YEAR}-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?|{_YEAR}-(0[13-9]|1[0-2])-(29|30)|{_YEAR}-(0[13578]|1[02])-31|{_LEAP}-02-29"
)
DATE = f"^({_DAYS})$"
_ONE_LINE = r"^\s*\S[^\n]*\s*$"
# relative, without a backslash, a web address or a step out of the folder
_INSIDE = r"(?![/~])(?![A-Za-z]:)(?!.*\\)(?!.*://)(?!(.*/)?\.\.(/|$))"
_FILE_NAME = rf"^{_INSIDE}(.*/.*|.*\.ya?ml)$"


def schema() -> Schema:
    """The whole of it, as plain data."""
    needs_case = {} if len(shipped_cases()) == 1 else {"anyOf": [{"required": ["extends"]}, {"required": ["case"]}]}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": TITLE,
        "description": "One question on a case. It says only what differs from the scenario that it extends.",
        "type": "object",
        "properties": _sections(),
        "additionalProperties": False,
        **needs_case,
        "if": {"required": ["sweep"], "properties": {"sweep": {"type": "object", "minProperties": 1}}},
        "then": {"properties": {"run": {"not": {"type": "object", "required": ["worlds"]}}}},
        "definitions": _definitions(),
    }


def text() -> str:
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _sections() -> Schema:
    named = {"anyOf": [{"enum": inheritance.shipped()}, {"type": "string", "pattern": _FILE_NAME}]}
    case = {"anyOf": [{"enum": shipped_cases()}, {"type": "string", "pattern": rf"^{_INSIDE}.*\S"}]}
    sections = {
        "title": {"type": "string", "pattern": _ONE_LINE, "description": "A few words, on one line."},
        "question": {"type": "string", "pattern": r"\S", "description": "What it asks; printed with the results."},
        "extends": {**named, "description": "The scenario that this one changes: a shipped one, or a .yaml file in the same folder."},
        "case": {**case, "description": "Who exists: a shipped case, or a folder of CSV tables beside this file. Inherited."},
        "prior": {
            "anyOf": [_TEXT, {**_strict({"file": _TEXT, "except": {"type": "array", "items": {"type": "string"}}}), "required": ["file"]}],
            "description": "A sample from which every world takes a whole row: a file that `chokepoint calibrate` wrote, or none.",
        },
        "levers": _paths(
            (e for e in PARAMETERS.values() if e.kind != "parameter"),
            _lever,
            "What somebody may choose. A dated lever takes one number (every month), dates with values in place of the case's calendar, "
            "[] (no dates) or calendar.",
        ),
        "uncertainties": _paths(
            (e for e in PARAMETERS.values() if e.kind != "dated" and not e.structural),
            _spread,
            "What nobody knows: each world draws a value. `range` is the plausible range.",
            {"joint": {"anyOf": [_TABLE_NAME, {"type": "array", "items": _TABLE_NAME}], "description": _JOINT}},
        ),
        "constants": _paths((e for e in PARAMETERS.values() if e.kind != "dated"), _number, "What is fixed: one number for the whole run."),
        "events": _events(),
        "rules": _strict({rule: _variants(rule) for rule in RULES}, "Which variant of a rule holds. Inherited."),
        "start": _strict({"from_record": {"type": "string", "pattern": _record_months(), "description": _START}}, "Where the run starts."),
        "compare_with": {**named, "description": "The scenario that this one is held against, with the same luck, world by world."},
        "answer": _answer(),
        "sweep": _sweep(),
        "run": _run(),
    }
    assert sections.keys() == set(TOP)
    return {key: sections[key] for key in TOP}


_TEXT = {"type": "string", "pattern": r"\S"}
_TABLE_NAME = {"type": "string", "pattern": r"^\w+$"}
_JOINT = "Tables of the case whose numbers are drawn together, such as [governments_fit]."
_START = f"The month, to {ENDS} at the latest, to which governments' levels and carriers' awards are those of the record."


def _paths(
    entries: Iterable[Parameter], value: Callable[[Parameter], Schema], about: str, more: Mapping[str, Schema] | None = None
) -> Schema:
    """A section of paths: a property for each, a pattern for those that every row of a table has."""
    plain, patterns = dict(more or {}), {}
    for entry in entries:
        one = {"description": hover(entry), **value(entry)}
        if "*" in entry.path:
            patterns[_pattern(entry.path)] = one
        else:
            plain[entry.path] = one
    return {**_strict(plain, about), **({"patternProperties": patterns} if patterns else {})}


def _pattern(path: str) -> str:
    return "^" + path.replace(".", r"\.").replace("*", "[^.*]+") + "$"


def hover(entry: Parameter) -> str:
    """What an editor shows: meaning, unit, default, plausible and admissible range, kind, source."""
    span = "" if entry.fixed else f"; plausibly {entry.low:g} to {entry.high:g}"
    counts = {"day": ", counts from its day", "month": ", counts for its whole month", "pulse": ", counts in its month only"}
    how = counts.get(entry.how, "")
    row = f" The middle of the path is a row of {entry.over}.csv." if entry.over else ""
    limits = f"{entry.value:g} unless changed{span}; admissible {entry.least:g} to {entry.most:g} ({entry.unit})."
    kind = {"dated": "Dated lever", "lever": "Lever", "parameter": "Parameter"}[entry.kind]
    return f"{entry.meaning.rstrip('.')}.{row} {limits} {kind}{how}. Source: {entry.source}"


def _limits(entry: Parameter) -> str:
    return f"{entry.least:g}_to_{entry.most:g}" + ("_whole" if entry.whole else "")


def _number(entry: Parameter) -> Schema:
    return _held("number", entry)


def _held(what: str, entry: Parameter) -> Schema:
    # in draft 7 what stands beside a $ref counts for nothing, so the description could not
    return {"allOf": [{"$ref": f"#/definitions/{what}_{_limits(entry)}"}]}


def _lever(entry: Parameter) -> Schema:
    return _held("dated" if entry.kind == "dated" else "number", entry)


def _spread(entry: Parameter) -> Schema:
    return _held("spread" if entry.fixed else "spread_or_range", entry)


def _varied(entry: Parameter) -> Schema:
    return _held("varied" if entry.fixed else "varied_or_range", entry)


def _definitions() -> Schema:
    """One for each pair of limits, so that two hundred numbers share sixty."""
    found: Schema = {}
    for entry in PARAMETERS.values():
        name = _limits(entry)
        if f"number_{name}" in found:
            continue
        number: Schema = {"$ref": f"#/definitions/number_{name}"}
        several: Schema = {"type": "array", "items": number, "minItems": 2}
        ends: Schema = {"low": number, "high": number}
        listed: tuple[Schema, ...] = ({"values": several}, {"values": several, "chances": _CHANCES})
        spreads = listed if entry.whole else (ends, {**ends, "mode": number}, {"mean": number, "sd": _ABOVE_0}, *listed)
        range_of = [] if entry.whole else [_strict({**ends, "places": _PLACES}) | {"required": ["low", "high"]}]
        found |= {
            f"number_{name}": {"type": "integer" if entry.whole else "number", "minimum": entry.least, "maximum": entry.most},
            f"dated_{name}": {"anyOf": [number, _DATES | {"patternProperties": {DATE: number}}, _NO_DATES, _CALENDAR]},
            f"spread_{name}": {"anyOf": [*map(_whole, spreads), several]},
            f"spread_or_range_{name}": {"anyOf": [_RANGE, {"$ref": f"#/definitions/spread_{name}"}]},
            f"varied_{name}": {"anyOf": [*range_of, several | {"uniqueItems": True}]},
            f"varied_or_range_{name}": {"anyOf": [_RANGE, {"$ref": f"#/definitions/varied_{name}"}]},
        }
    return found


_RANGE = {"const": "range"}
_CALENDAR = {"const": "calendar"}
_ABOVE_0 = {"type": "number", "exclusiveMinimum": 0}
_DATES: Schema = {"type": "object", "additionalProperties": False}
_NO_DATES: Schema = {"type": "array", "maxItems": 0}
_CHANCES: Schema = {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}, "minItems": 2}
_PLACES: Schema = {"type": "integer", "minimum": 2, "maximum": MOST_POINTS, "description": "Places in a grid, both ends among them."}


def _strict(properties: Mapping[str, Schema], about: str = "") -> Schema:
    described = {"description": about} if about else {}
    return {"type": "object", **described, "properties": dict(properties), "additionalProperties": False}


def _whole(properties: Mapping[str, Schema]) -> Schema:
    return _strict(properties) | {"required": list(properties)}


def _events() -> Schema:
    """A list of rows; what a value may be depends on its lever."""
    dated = [entry for entry in PARAMETERS.values() if entry.kind == "dated"]
    limits: dict[str, list[Parameter]] = {}
    for entry in dated:
        limits.setdefault(_limits(entry), []).append(entry)
    values = [
        {"if": {"properties": {"lever": _one_of(group)}, "required": ["lever"]}, "then": {"properties": {"value": _number(group[0])}}}
        for group in limits.values()
    ]
    row = _whole({
        "date": {"type": "string", "pattern": DATE, "description": "A month, such as 2019-05, or a day, such as 2019-05-16."},
        "lever": {**_one_of(dated), "description": "The path of a dated lever."},
        "value": {"type": "number", "description": "What it is from then on; in that month only where the lever is a pulse."},
    })  # fmt: skip
    return {"type": "array", "items": {**row, "allOf": values}, "description": "Rows added to the calendar. [] drops the parent's."}


def _one_of(entries: Iterable[Parameter]) -> Schema:
    entries = list(entries)
    plain = [{"enum": [e.path for e in entries if "*" not in e.path]}] if any("*" not in e.path for e in entries) else []
    return {"anyOf": [*plain, *({"type": "string", "pattern": _pattern(e.path)} for e in entries if "*" in e.path)]}


def _variants(rule: str) -> Schema:
    return {"enum": list(RULES[rule]), "description": f"{RULES[rule][0]} unless changed."}


def _outcomes(about: str) -> Schema:
    return {"type": "array", "items": {"enum": list(OUTCOMES)}, "description": about}


def _answer() -> Schema:
    rules = {f"rules.{rule}": _variants(rule) for rule in RULES}
    off = _paths(PARAMETERS.values(), _number, "What switches that rule off: nothing moves then.", rules)
    keys = {
        "look_at": _outcomes("Where the answer is seen; see `chokepoint outcomes`."),
        "by": {"type": "string", "pattern": r"\S", "description": "The rule that answers, in words."},
        "without": off,
    }
    assert tuple(keys) == answer.KEYS
    return {**_strict(keys, "Where the question finds its answer."), "type": ["object", "null"], "required": ["look_at", "by"]}


def _sweep() -> Schema:
    """Designs admit different things; a sweep that says nothing takes back the parent's."""
    many = {"type": "integer", "minimum": 1, "maximum": MOST_POINTS}
    vary = _paths((e for e in PARAMETERS.values() if e.kind != "dated" and not e.structural), _varied, "What is varied, and how far.")
    keys = {
        "vary": {**vary, "minProperties": 1},
        "design": {"enum": list(DESIGNS), "description": "grid unless changed; see docs/runs.md."},
        "points": {**many, "description": "lhs: points; sobol: the base sample, a power of 2; morris: paths; a grid's places say it."},
        "replicates": {**many, "description": "Worlds a point, with the same luck at every point."},
    }
    assert tuple(keys) == SWEEP_KEYS
    powers = [1 << n for n in range(MOST_POINTS.bit_length()) if 1 << n <= MOST_POINTS]
    ranges = {"additionalProperties": {"not": {"type": "array"}}}
    rules = [
        _where_design(["grid"], {"not": {"required": ["points"]}}, default=True),
        _where_design(["sobol"], {"properties": {"points": {"enum": powers}}}),
        _where_design(["sobol", "morris"], {"properties": {"vary": ranges}}),
        {"if": {"type": "object", "minProperties": 1}, "then": {"required": ["vary"]}},
    ]
    return {**_strict(keys, "One run over many values; {} takes back the parent's."), "type": ["object", "null"], "allOf": rules}


def _where_design(names: list[str], then: Schema, default: bool = False) -> Schema:
    required = {} if default else {"required": ["design"]}
    return {"if": {"type": "object", "properties": {"design": {"enum": names}}, **required}, "then": then}


def _record_months() -> str:
    year = int(ENDS[:4])
    assert f"{year}-12" == ENDS
    return f"^({'|'.join(str(y) for y in range(2018, year + 1))})-(0[1-9]|1[0-2])$"


def _run() -> Schema:
    about = {
        "worlds": "Possible futures to compute.",
        "seed": "Decides all luck.",
        "months": "Months from January 2018.",
        "block": "Worlds computed together.",
    }
    keys: Schema = {
        key: {"type": "integer", "minimum": least, "maximum": most, "description": about[key]} for key, (least, most) in RUN_LIMITS.items()
    }
    keys["record"] = {"enum": list(RECORDS), "description": "outcomes, agents (them too), or analysed (only run.analysed)."}
    keys["analysed"] = _outcomes("The outcomes that are kept where record is analysed.")
    percent = r"(?!0*\.?0*\s*%)([0-9]{1,2}(\.[0-9]*)?|\.[0-9]+|100(\.0*)?|0+[0-9]{1,2}(\.[0-9]*)?)"
    goal = rf"^\s*({'|'.join(OUTCOMES)})\s*(\+-|\+/-|±)?\s*{percent}\s*%\s*$"
    keys["until"] = {"type": "string", "pattern": goal, "description": 'Stop with fewer worlds, once known this well: "lost_sales +-2%".'}
    return _strict(keys, "How it is run; inherited entry by entry.")
