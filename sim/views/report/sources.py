"""Where everything comes from: what was changed, every number with its source, the words, and how to do it again."""

import csv
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.batch.on_case import differences as tables_apart
from sim.batch.results import Results
from sim.calendar import Calendar
from sim.in_words import differences
from sim.months import label
from sim.parameters import PARAMETERS, RULES, Parameter, find
from sim.scenario import Scenario
from sim.views.cited import citation
from sim.views.report.headline import Marker
from sim.views.report.panel import Panel, Row
from sim.views.report.question import Question
from sim.views.report.safe import escaped

GLOSSARY = Path(__file__).with_name("glossary.csv")
MARKS = {"d": "record or date", "f": "fitted", "j": "judgement", "u": "set with later facts known", "": ""}


def changed(question: Question) -> str:
    scenario = question.results.plan.scenario
    base = question.base
    if base is not None:
        plan, months = base.plan, question.results.manifest["months"]
        calendars = tuple(Calendar(p.case, p.scenario, months).values for p in (plan, question.results.plan))
        a, b = (replace(run.plan.scenario, name=f"“{question.name_of(run)}”") for run in (base, question.results))
        told = [line for line in differences(a, b, (calendars[0], calendars[1])) if not line.startswith("warning:")]
        told += [f"{table}.csv: {rows}" for table, rows in tables_apart(plan.case, question.results.plan.case).items()]
        what = f"<p>Against “{escaped(question.name_of(base))}”, with the same luck and the same uncertain numbers in each world:</p>"
        beside = "<p class=note>The base was found beside this run, as the scenario's <code>compare_with</code> names it.</p>"
        return what + _items(told, "Nothing: the two say the same.") + (beside if question.found_beside else "")
    told = [f"{path}: {value}" for path, value in _own(scenario)]
    name = scenario.compare_with
    none = "Nothing: dated levers follow the calendar of the case, and all other numbers their ranges."
    on = question.results.on_case
    if on is not None and not on.is_shipped:
        told += [f"{table}.csv: {rows}, against the case {on.copy_of}" for table, rows in on.changed.items()]
    hint = f"It is to be compared with {name}; no run of that with the same luck was given, or lies beside this one."
    hint = f"<p class=note>{escaped(hint)}</p>"
    return "<p>Set by the scenario, or by tables of its own:</p>" * bool(told) + _items(told, none) + (hint if name else "")


def _own(scenario: Scenario) -> list[tuple[str, str]]:
    found = [(path, f"{said(scenario, PARAMETERS.get(path), path)}") for path in scenario.levers]
    found += [(f"event of {event.date}", f"{event.lever} {event.value:g}") for event in scenario.events]
    found += [(f"rules.{rule}", variant) for rule, variant in scenario.rules.items() if variant != RULES[rule][0]]
    if scenario.from_record is not None:
        found.append(("start.from_record", scenario.from_record))
    return found


def _items(lines: list[str], none: str) -> str:
    if not lines:
        return f"<p>{escaped(none)}</p>"
    items = ""
    for line in lines:
        name, _, rest = line.partition(": ")
        lever = find(rest.split(" ")[0]) if name.startswith("event of") else None
        rest += f" ({lever.meaning})" if lever is not None else ""
        items += f"<li><code>{escaped(name)}</code>: {escaped(rest)}</li>"
    return f"<ul class=changes>{items}</ul>"


def dates(marks: list[Marker]) -> Panel:
    items = "".join(f"<li><strong>{mark.letter}</strong> {label(mark.month)}: {escaped(mark.words)}</li>" for mark in marks)
    rows: list[Row] = [{"letter": mark.letter, "month": label(mark.month), "rule": mark.words} for mark in marks]
    lead = "When they came and went in this run."
    return Panel("rules", "Rules in the charts", lead, f"<ul class=dates>{items}</ul>", data={"rules": rows})


def numbers(results: Results) -> Panel:
    """Every lever and parameter: its value in this run, its plausible range, unit and source."""
    scenario = results.plan.scenario
    joint = {path for name in scenario.joints for path in _columns(results, name)}
    rows: list[Row] = []
    for path, entry in PARAMETERS.items():
        rows.append(_entry(path, entry, said(scenario, entry, path, path in joint)))
    for path in sorted({*scenario.levers, *scenario.uncertainties, *scenario.constants} - PARAMETERS.keys()):
        about = {"kind": "", "in this run": said(scenario, None, path), "range": "", "unit": "", "meaning": "", "source": "scenario"}
        rows.append({"name": path, **about})
    lines = "".join(
        f"<tr><th scope=row><code>{escaped(r['name'])}</code><br><span class=unit>{escaped(r['kind'])}</span></th>"
        f"<td data-label='in this run'>{escaped(r['in this run'])}</td><td data-label='plausible'>{escaped(r['range'])} "
        f"<span class=unit>{escaped(r['unit'])}</span></td><td>{escaped(r['meaning'])}</td>"
        f"<td data-label=source>{escaped(r['source'])}</td></tr>"
        for r in rows
    )
    head = "".join(f"<th scope=col>{name}</th>" for name in ("name", "in this run", "plausible range", "what it is", "source"))
    caption = f"<caption>{len(rows)} levers and parameters</caption><thead><tr>{head}</tr></thead>"
    table = f"<table class=stacked id=numbers-table>{caption}<tbody>{lines}</tbody></table>"
    search = (
        "<p class=search hidden><label for=numbers-filter>Find: </label><input type=search id=numbers-filter data-filter=numbers-table> "
        "<span id=numbers-table-count role=status></span></p>"
    )
    return Panel(
        key="parameters", title="Every lever and parameter",
        lead="What each is in this run, within which range it is plausible, and who says so.",
        html=f"<details class=folded><summary>All {len(rows)}, with a search</summary>{search}{table}</details>", data={"numbers": rows},
    )  # fmt: skip


def _columns(results: Results, joint: str) -> list[str]:
    return [name for name in results.plan.case[joint].numbers if name in PARAMETERS]


def _entry(path: str, entry: Parameter, value: str) -> Row:
    span = "fixed" if entry.fixed else f"{entry.low:g} to {entry.high:g}"
    mark = f" ({MARKS[entry.mark]})" if MARKS.get(entry.mark) else ""
    kind = "dated lever" if entry.kind == "dated" else entry.kind
    about = {"unit": entry.unit, "meaning": entry.meaning, "source": entry.source + mark}
    return {"name": path, "kind": kind, "in this run": value, "range": span, **about}


def said(scenario: Scenario, entry: Parameter | None, path: str, joint: bool = False) -> str:
    """What a path is in a scenario, in words."""
    for section in (scenario.levers, scenario.constants, scenario.uncertainties):
        if path in section:
            value: Any = section[path]
            if isinstance(value, dict):
                return ", ".join(f"{v:g} from {date}" for date, v in value.items()) or "no dates: its default throughout"
            return f"{value:g}" if isinstance(value, float | int) else f"uncertain: {value.in_words()}"
    if joint:
        return "uncertain: drawn together with others, from a table of the case"
    if entry is not None and entry.kind == "dated":
        return "as in the calendar"
    if entry is not None and entry.over:
        return "a value a row of the case"
    return "" if entry is None else f"{entry.value:g}"


def glossary() -> str:
    with GLOSSARY.open(encoding="utf-8", newline="") as file:
        terms = sorted(csv.DictReader(file), key=lambda row: row["term"].lower())
    entries = "".join(
        f"<dt>{escaped(r['term'])}</dt><dd>{escaped(r['meaning'])} <span class=unit>{escaped(r['source'])}</span></dd>" for r in terms
    )
    return f"<details class=folded data-print><summary>{len(terms)} words</summary><dl>{entries}</dl></details>"


def again(question: Question) -> str:
    """A command that gives the same numbers, and what they depend on."""
    parts = []
    for run in (question.results, *question.others):
        m = run.manifest
        environment, git = m["environment"], m.get("git") or {}
        facts = {
            "Chokepoint": environment["chokepoint"], "code": environment["code"],
            "git commit": (git.get("commit") or "not from a checkout") + (" with changes" if git.get("dirty") else ""),
            **({"case": str(run.on_case)} if run.on_case is not None else {}),
            "seed": str(m["seed"]), "worlds and months": f"{m['worlds']:,} and {m['months']}", "numbers (digest)": m["digest"],
            "Python": environment["python"],
            "packages": ", ".join(f"{name} {version}" for name, version in environment["packages"].items()),
            "machine": environment["platform"], "run at": m["ended"],
        }  # fmt: skip
        listed = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(value)}</dd>" for name, value in facts.items())
        name = f"{run.folder.absolute().parent.name}/{run.folder.absolute().name}"
        parts.append(
            f"<h3>{escaped(question.name_of(run))}</h3><pre>{escaped(shlex.join(m['command']))}</pre>"
            f"<p>To cite a number of it, give its band with it, and: <q>{escaped(citation(run))}</q></p>"
            f"<p>From its results folder, to the last bit: <code>chokepoint reproduce {escaped(name)}</code></p>"
            f"<details class=folded data-print><summary>Version, seed, hashes</summary><dl>{listed}</dl></details>"
        )
    return "".join(parts)
