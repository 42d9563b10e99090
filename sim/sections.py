"""What one scenario file says, section by section, checked: every refusal names the line and what would be right."""

import re
from dataclasses import dataclass, field

from sim import inheritance
from sim.answer import Answer, outcomes, read_answer
from sim.checks import LAST_MONTH, date, kind_of, known_names, nearest_path, number, shown, spread, whole
from sim.from_record import ENDS
from sim.parameters import PARAMETERS, RULES, Parameter, find
from sim.prior import Asked, asked
from sim.refusal import InputError, nearest
from sim.strict_yaml import Document, Plain
from sim.sweep import Sweep, read_sweep
from sim.text_file import printable
from sim.uncertainty import Spread

MOST_WORLDS = 10_000_000
LONGEST_PATH = 200  # characters
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
RECORDS = ("outcomes", "agents", "analysed")
RUN_LIMITS = {"worlds": (1, MOST_WORLDS), "seed": (0, 2**63 - 1), "months": (1, LAST_MONTH), "block": (1, 65_536)}
TOP = (
    "title", "question", "extends", "case", "prior", "levers", "uncertainties", "constants", "events", "rules", "start",
    "compare_with", "answer", "sweep", "run",
)  # fmt: skip

LeverValue = float | dict[str, float]


@dataclass(frozen=True)
class Event:
    """A row added to the calendar: a dated lever takes a value on a date (2019-07 or 2019-07-15)."""

    date: str
    lever: str
    value: float


@dataclass
class Said:
    """What one file says; None where it does not speak of something. A lever at None goes back to the case's calendar.

    start: the month to which the record holds, "" where a file goes back to January 2018
    places: file and line of each path, of each "event i", of "joint", "start" and "prior"
    """

    document: Document
    title: str | None = None
    question: str | None = None
    case: str | None = None
    compare_with: str | None = None
    levers: dict[str, LeverValue | None] = field(default_factory=dict)
    uncertainties: dict[str, Spread] = field(default_factory=dict)
    constants: dict[str, float] = field(default_factory=dict)
    joints: tuple[str, ...] | None = None
    events: list[Event] | None = None
    rules: dict[str, str] = field(default_factory=dict)
    start: str | None = None
    prior: Asked | None = None
    answer: Answer | None = None
    sweep: Sweep | None = None
    run: dict[str, int | str | tuple[str, ...]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)


def read_sections(document: Document) -> Said:
    """Check one file. InputError with file and line for the first thing that is wrong."""
    said = Said(document)
    for key in document.data:
        if key not in TOP:
            raise InputError(document.where(key), f'a scenario has no "{printable(key)}"{nearest(key, TOP)}{_misplaced(key)}')
    said.title = _text(document, "title")
    said.question = _text(document, "question", lines=True)
    said.case = _text(document, "case")
    said.compare_with = _text(document, "compare_with")
    if said.compare_with is not None:
        inheritance.known_to_compare(document, said.compare_with, document.where("compare_with"))
    for section in ("levers", "uncertainties", "constants"):
        for path, value in _table(document, section).items():
            where = document.where(section, path)
            if section == "uncertainties" and path == "joint":
                said.joints, said.places["joint"] = _joints(value, where), where
                continue
            entry = _entry(path, section, where)
            if path in said.places:
                raise InputError(where, f'"{path}" stands in two sections (also {said.places[path]}); keep one')
            said.places[path] = where
            if section == "levers":
                said.levers[path] = _lever(document, entry, path, value)
            elif section == "uncertainties":
                said.uncertainties[path] = spread(document, entry, path, value)
            else:
                said.constants[path] = number(value, where, path, entry)
    _events(document, said)
    for rule, variant in _table(document, "rules").items():
        where = document.where("rules", rule)
        if rule not in RULES:
            raise InputError(where, f'no rule is called "{printable(rule)}"{nearest(rule, RULES) or known_names(RULES)}')
        if not isinstance(variant, str) or variant not in RULES[rule]:
            close = nearest(str(variant), RULES[rule]) or known_names(RULES[rule])
            raise InputError(where, f'the rule "{rule}" has no variant {shown(variant)}{close}')
        said.rules[rule] = variant
    _start(document, said)
    said.prior = asked(document)
    if said.prior is not None:
        said.places["prior"] = document.where("prior")
    said.answer = read_answer(document)
    said.sweep = read_sweep(document) if document.data.get("sweep") != {} else None
    _run(document, said)
    if said.sweep is not None and "worlds" in said.run:
        what = "a sweep's worlds are its points times its replicates; write sweep.replicates, and leave run.worlds out"
        raise InputError(document.where("run", "worlds"), what)
    return said


def _text(document: Document, key: str, lines: bool = False) -> str | None:
    if key not in document.data:
        return None
    value, where = document.data[key], document.where(key)
    if not isinstance(value, str) or not value.strip():
        raise InputError(where, f"`{key}` is {kind_of(value)}; write a text (in quotes if it looks like a number)")
    if not lines and "\n" in value.strip():
        raise InputError(where, f"`{key}` runs over several lines; write one")
    return value.strip()


def _table(document: Document, section: str) -> dict[str, Plain]:
    value = document.data.get(section, {})
    if not isinstance(value, dict):
        raise InputError(document.where(section), f"`{section}` is {kind_of(value)}; write one `name: value` a line below it")
    return value


def _entry(path: str, section: str, where: str) -> Parameter:
    """The parameter of a path, if it may stand in this section."""
    if "*" in path:
        raise InputError(where, f'"{printable(path)}" holds a *; write the name of one row of the case in its place')
    entry = find(path) if len(path) <= LONGEST_PATH else None
    if entry is None:
        raise InputError(where, f'there is no parameter or lever "{printable(path)}"{nearest_path(path)}')
    if section == "levers" and entry.kind == "parameter":
        raise InputError(where, f'"{path}" is no lever (nobody chooses it); put it under constants or uncertainties')
    if section in ("uncertainties", "constants") and entry.kind == "dated":
        raise InputError(where, f'"{path}" is a dated lever; put it under levers')
    if section == "uncertainties" and entry.structural:
        raise InputError(where, f'"{path}" is the same in all worlds of a run; put it under constants')
    return entry


def _lever(document: Document, entry: Parameter, path: str, value: Plain) -> LeverValue | None:
    where = document.where("levers", path)
    if entry.kind == "lever":
        if isinstance(value, dict | list):
            raise InputError(where, f'"{path}" is no dated lever; give it one number for the whole run')
        return number(value, where, path, entry)
    if value == "calendar":
        return None
    if isinstance(value, list):
        if value:
            ways = "dates with values ({2019-07: 0.5}), or [] to drop what the calendar says"
            raise InputError(where, f'"{path}" has a list; write {ways}')
        return {}
    if isinstance(value, dict):
        rows = {}
        for day, level in value.items():
            at = document.where("levers", path, day)
            rows[date(day, at)] = number(level, at, path, entry)
        return dict(sorted(rows.items()))
    return number(value, where, path, entry)


def _joints(value: Plain, where: str) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(n, str) and re.fullmatch(r"\w+", n) for n in names):
        raise InputError(where, "`joint` names tables of the case, such as [governments_fit]")
    return tuple(dict.fromkeys(str(n) for n in names))


def _events(document: Document, said: Said) -> None:
    if "events" not in document.data:
        return
    rows = document.data["events"]
    if not isinstance(rows, list):
        ways = "a list of {date: ..., lever: ..., value: ...}"
        raise InputError(document.where("events"), f"`events` is {kind_of(rows)}; write {ways}")
    said.events = []
    for i, row in enumerate(rows):
        where = document.where("events", i)
        if not isinstance(row, dict):
            raise InputError(where, f"event {i + 1} is {kind_of(row)}; write {{date: ..., lever: ..., value: ...}}")
        for key in row:
            if key not in ("date", "lever", "value"):
                close = nearest(key, ("date", "lever", "value")) or "; it has date, lever and value"
                raise InputError(document.where("events", i, key), f'an event has no "{printable(key)}"{close}')
        for key in ("date", "lever", "value"):
            if key not in row:
                raise InputError(where, f"event {i + 1} has no {key}; it needs date, lever and value")
        at = document.where("events", i, "lever")
        lever = row["lever"]
        if not isinstance(lever, str):
            raise InputError(at, f"the lever of event {i + 1} is {kind_of(lever)}; write the path of a dated lever")
        entry = find(lever)
        if entry is None or entry.kind != "dated":
            dated = [p for p, e in PARAMETERS.items() if e.kind == "dated"]
            why = "no lever" if entry is None else "no dated lever"
            close = nearest(lever, dated) or "; `chokepoint parameters` lists the dated ones"
            raise InputError(at, f'"{printable(lever)}" is {why}{close}')
        value_at, date_at = document.where("events", i, "value"), document.where("events", i, "date")
        event = Event(date(row["date"], date_at), lever, number(row["value"], value_at, lever, entry))
        if any((e.date, e.lever) == (event.date, event.lever) for e in said.events):
            raise InputError(where, f'"{lever}" has two events on {event.date}; keep one')
        said.places[f"event {lever} {event.date}"] = where
        said.events.append(event)


def _start(document: Document, said: Said) -> None:
    if "start" not in document.data:
        return
    said.start, said.places["start"] = "", document.where("start")
    for key, value in _table(document, "start").items():
        where = document.where("start", key)
        if key != "from_record":
            raise InputError(where, f'start has no "{printable(key)}"; it has from_record')
        if not isinstance(value, str) or not _MONTH.fullmatch(value) or not "2018-01" <= value <= ENDS:
            ways = f"write a month from 2018-01 to {ENDS}, where the record ends"
            raise InputError(where, f"start.from_record is {shown(value)}; {ways}")
        said.start = value


def _run(document: Document, said: Said) -> None:
    keys = (*RUN_LIMITS, "record", "analysed", "until")
    for key, value in _table(document, "run").items():
        where = document.where("run", key)
        if key in RUN_LIMITS:
            said.run[key] = whole(value, where, f"run.{key}", *RUN_LIMITS[key])
        elif key == "record":
            if value not in RECORDS:
                raise InputError(where, f"run.record is {shown(value)}{nearest(str(value), RECORDS) or known_names(RECORDS)}")
            said.run[key] = str(value)
        elif key == "until":
            from sim.batch.until import goal

            if not isinstance(value, str):
                raise InputError(where, f'run.until is {kind_of(value)}; write a text, such as "lost_sales +-2%"')
            goal(value, where)
            said.run[key] = value.strip()
        elif key == "analysed":
            said.run[key] = outcomes(value, where, "run.analysed")
        else:
            raise InputError(where, f'run has no "{printable(key)}"{nearest(key, keys) or known_names(keys)}')


def _misplaced(key: str) -> str:
    if find(key) is not None:
        return "; write it below levers, uncertainties or constants"
    return "; write it below run" if key in (*RUN_LIMITS, "record", "analysed", "until") else ""
