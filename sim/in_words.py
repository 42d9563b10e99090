"""Scenarios in words: what one would do, and what differs between two."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from sim.batch.on_case import OnCase
from sim.months import label
from sim.parameters import PARAMETERS, RULES, Parameter, find
from sim.prior import Prior
from sim.scenario import Scenario
from sim.sections import LeverValue
from sim.text_file import printable
from sim.uncertainty import Spread
from sim.worlds import Numbers


def differences(a: Scenario, b: Scenario, calendars: tuple[Mapping[str, Numbers], Mapping[str, Numbers]] | None = None) -> list[str]:
    """What differs from a to b, an entry each. Entries that begin with "warning:" are settings of b that change nothing.

    calendars: the monthly values of both scenarios' dated levers; with them, a dated lever set to what it is anyway is found
    """
    found = []
    if a.case != b.case:
        found.append(f"case: {a.case} -> {b.case}")
    alike = _rows(a) == _rows(b)
    if not alike:
        found.append(f"prior: {_rows(a) or 'none'} -> {_rows(b) or 'none'}")
    paths = dict.fromkeys(path for s in (a, b) for section in (s.levers, s.uncertainties, s.constants, _apart(s)) for path in section)
    for path in paths:
        sampled = [alike and _is_sampled(s, path) for s in (a, b)]
        if sampled[0] != sampled[1] or _state(a, path) != _state(b, path):
            was, now = (_of_a_row(s, path) if row else _said(s, path) for s, row in zip((a, b), sampled, strict=True))
            found.append(f"{path}: {was} -> {now} ({_about(path)})")
    for rule, variant in b.rules.items():
        if a.rules[rule] != variant:
            found.append(f"rules.{rule}: {a.rules[rule]} -> {variant} (one of {', '.join(RULES[rule])})")
    if a.from_record != b.from_record:
        found.append(f"start.from_record: {a.from_record or 'not used'} -> {b.from_record or 'not used'}")
    for joint in dict.fromkeys((*a.joints, *b.joints)):
        if (joint in a.joints) != (joint in b.joints):
            found.append(f"uncertainties.joint: {joint} is drawn only in {(a if joint in a.joints else b).name}")
    for event in dict.fromkeys((*a.events, *b.events)):
        if (event in a.events) != (event in b.events):
            found.append(f"event of {event.date}: {event.lever} {event.value:g}, only in {(a if event in a.events else b).name}")
    for part in dataclasses.fields(a.run):
        old, new = getattr(a.run, part.name), getattr(b.run, part.name)
        if old != new:
            found.append(f"run.{part.name}: {old} -> {new}")
    return found + _without_effect(a, b, calendars)


def describe(scenario: Scenario, on: OnCase | None = None) -> str:
    """What a scenario would do, for somebody who is about to run it. on: what there is to say of its case"""
    run = scenario.run
    lines = [scenario.title, scenario.question or "It states no question.", ""]
    months = f"{run.months} months: {label(0)} to {label(run.months - 1)}"
    lines.append(f"Case {on or scenario.case}; {run.worlds:,} worlds, seed {run.seed}, {months}.")
    lines += [f"Note: {note}." for note in (on.notes if on is not None else ())]
    if len(scenario.files) > 1:
        lines.append("Built on " + ", then ".join(file.name for file in scenario.files[:-1]) + ".")
    lines += _part("Levers", {path: f"{_said(scenario, path)} ({_about(path)})" for path in scenario.levers})
    if not scenario.levers:
        lines.append("No lever is moved: dated levers follow the case's calendar, others stand at their defaults.")
    events = {f"{event.date} {event.lever}": f"{event.value:g} ({_about(event.lever)})" for event in scenario.events}
    lines += _part("Events, added to the calendar", events)
    lines += _part("Constants", {path: f"{value:g} ({_about(path)})" for path, value in scenario.constants.items()})
    if scenario.prior is not None:
        many = len(scenario.prior.taken)
        lines.append(f"Each world takes {many} uncertain numbers together, from {_rows(scenario)}: {_made(scenario.prior)}.")
        if scenario.prior.apart:
            lines.append(f"Not from there, since the scenario says otherwise: {', '.join(_apart(scenario))}.")
    for heading, sampled in (("Uncertain, from that row, out of", True), ("Uncertain, a value for each world", False)):
        spreads = {path: spread for path, spread in scenario.uncertainties.items() if _is_sampled(scenario, path) == sampled}
        lines += _part(f"{heading} ({len(spreads)})", {path: f"{x.in_words()} ({_about(path)})" for path, x in spreads.items()})
    joints = [name for name in scenario.joints if scenario.prior is None or not scenario.prior.holds_joint(name)]
    if joints:
        lines.append(f"Drawn together, from tables of the case: {', '.join(joints)}.")
    lines.append("Rules: " + ", ".join(f"{rule} {variant}" for rule, variant in scenario.rules.items()) + ".")
    if scenario.from_record is not None:
        lines.append(f"Starts from the record: to {scenario.from_record}, governments' levels and carriers' awards are as on record.")
    if scenario.answer is not None:
        lines.append(f"Look at {', '.join(scenario.answer.look_at)}. The answer comes from {scenario.answer.by}.")
    if scenario.compare_with is not None:
        lines.append(f"To be compared with {scenario.compare_with}.")
    return "\n".join(lines)


def _rows(scenario: Scenario) -> str:
    prior = scenario.prior
    return f"a row of {prior.name} ({prior.rows:,} rows, {prior.mark})" if prior is not None else ""


def _of_a_row(scenario: Scenario, path: str) -> str:
    name = "" if scenario.prior is None else scenario.prior.name
    spread = scenario.uncertainties.get(path)
    return f"{spread.in_words()}, from a row of {name}" if spread is not None else f"from a row of {name}"


def _made(prior: Prior) -> str:
    targets = printable(str(prior.about.get("targets", "its record")))
    return f"parameter sets that {targets} does not rule out (docs/calibration.md)"


def _apart(scenario: Scenario) -> list[str]:
    return sorted(scenario.prior.apart) if scenario.prior is not None else []


def _is_sampled(scenario: Scenario, path: str) -> bool:
    return scenario.prior is not None and path in scenario.prior.taken


def _part(heading: str, entries: Mapping[str, str]) -> list[str]:
    return [f"{heading}:", *(f"  {name}: {text}" for name, text in entries.items())] if entries else []


def _state(scenario: Scenario, path: str) -> LeverValue | Spread | None:
    """The path's number, rows or spread, the default filled in; None for a dated lever that follows the calendar."""
    for section in (scenario.levers, scenario.uncertainties, scenario.constants):
        if path in section:
            return section[path]
    entry = _entry(path)
    return None if entry.kind == "dated" else entry.value


def _said(scenario: Scenario, path: str) -> str:
    state, entry = _state(scenario, path), _entry(path)
    if state is None:
        return "as in the calendar"
    if isinstance(state, dict):
        word = "in" if entry.how == "pulse" else "from"
        return ", ".join(f"{value:g} {word} {date}" for date, value in state.items()) or f"{entry.value:g} throughout, no dates"
    if isinstance(state, float | int):
        return f"{state:g} in every month" if entry.kind == "dated" else f"{state:g}"
    return state.in_words()


def _without_effect(a: Scenario, b: Scenario, calendars: tuple[Mapping[str, Numbers], Mapping[str, Numbers]] | None) -> list[str]:
    warnings = []
    for path in (*b.levers, *b.constants):
        if path not in b.own:
            continue
        same = _state(a, path) == _state(b, path)
        if calendars is not None and _entry(path).kind == "dated" and path in calendars[0] and path in calendars[1]:
            same = np.array_equal(calendars[0][path], calendars[1][path])
        if same:
            warnings.append(f"warning: {path} is set to {_said(b, path)}, which it is already: this changes nothing")
    return warnings


def _about(path: str) -> str:
    entry = _entry(path)
    kind = "dated lever" if entry.kind == "dated" else entry.kind
    return f"{kind}: {entry.meaning}"


def _entry(path: str) -> Parameter:
    entry = find(path)
    return entry if entry is not None else PARAMETERS[path]
