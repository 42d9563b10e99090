"""`chokepoint why`: why someone decided so, in a world of a run."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from sim.batch import provenance, traced
from sim.batch.results import Results
from sim.decisions import Decision, Names
from sim.months import label
from sim.refusal import InputError, nearest
from sim.tables import terminal_width, wrapped

_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_ON_FILES = ("vote", "approval", "intent to deny", "return", "intent withdrawn", "denial", "revocation")
_UNTRACED = "world {world} was not traced; computing it again, alone, from what the run keeps"


@dataclass(frozen=True)
class Answer:
    """What was asked, and the decisions that answer it. remarks: what the reader must know beside them"""

    decisions: list[Decision]
    asked: str
    remarks: list[str]

    def as_json(self) -> str:
        """A list of objects, a line each."""
        rows = (json.dumps(vars(decision), ensure_ascii=False, allow_nan=False) for decision in self.decisions)
        return "[" + ",\n ".join(rows) + "]"

    def as_text(self) -> str:
        if not self.decisions:
            return wrapped(f"There is no decision {self.asked}.")
        parts, width = [], terminal_width()
        for month, rows in groupby(self.decisions, key=lambda d: d.month):
            parts.append("\n".join([month, *(_paragraph(row.sentence, width) for row in by_topic(list(rows)))]))
        return "\n\n".join(parts)


def _paragraph(sentence: str, width: int) -> str:
    """As `wrapped` does it, for thousands of sentences."""
    lines, line = [], " "
    for word in sentence.split():
        if len(line) + 1 + len(word) > width and line.strip():
            lines.append(line)
            line = "   "
        line += f" {word}"
    return "\n".join([*lines, line])


def by_topic(rows: Sequence[Decision]) -> list[Decision]:
    """What concerns one file, or one network, together: a firm's filing, then the votes, then the answer."""
    topics: dict[str, list[Decision]] = {}
    for row in rows:
        topic = row.subject if row.kind in _ON_FILES else f"{row.agent}, {row.subject}"
        topics.setdefault(topic, []).append(row)
    return [row for topic in topics.values() for row in topic]


def ask(folder: Path, world: int, agent: str | None = None, month: str | None = None) -> Answer:
    """The decisions of a world of a finished run, from its journal, or else of the world computed again.

    agent: as its tables, or anyone, call it. InputError if the run has no such world, agent or month.
    """
    results = Results.open(folder)
    manifest = results.manifest
    traced.check_worlds([world], manifest["worlds"], "--world")
    name = _agent(Names(results.plan.case), agent) if agent is not None else None
    until = _month(month, manifest["months"]) + 1 if month is not None else None
    remarks = []

    def wanted(at: str, who: str, subject: str) -> bool:
        return month in (None, at) and (name is None or concerns(name, who, subject))

    if world in manifest.get("traced", []) and (folder / traced.FILE).is_file():
        chosen = [d for d in traced.read_journal(folder, world) if wanted(d.month, d.agent, d.subject)]
    else:
        remarks.append(_UNTRACED.format(world=world))
        if changed := provenance.changes(manifest["environment"], provenance.environment()):
            remarks.append(f"the numbers may differ from the run's, since {'; '.join(changed)}")
        chosen = traced.decisions_of(folder, results.plan, world, wanted, until)
    if name is None and month is None:
        remarks.append(f"world {world} has {len(chosen):,} decisions; --agent and --month narrow them")
    asked = f"in world {world}" + (f" by or on {name}" if name else "") + (f" in {month}" if month else "")
    return Answer(chosen, asked, remarks)


def concerns(agent: str, who: str, subject: str) -> bool:
    """Whether a decision is an agent's own, or on it, or on a file of its."""
    return agent in (who, subject) or subject.startswith(f"{agent}, ")


def _agent(names: Names, asked: str) -> str:
    known = names.aliases
    if (found := known.get(asked.strip().lower())) is not None:
        return found
    inside = sorted({name for alias, name in known.items() if asked.strip() and asked.strip().lower() in alias}, key=len)
    hint = nearest(asked.lower(), known) or (f'; did you mean "{inside[0]}"?' if inside else "")
    for alias, name in known.items():
        hint = hint.replace(f'"{alias}"', f'"{name}"')
    raise InputError("--agent", f'nobody is called "{asked}"{hint or "; name a firm, an office, a government, a carrier or the vendor"}')


def _month(month: str, months: int) -> int:
    known = [label(i) for i in range(months)]
    if month not in known:
        form = "" if _MONTH.fullmatch(month) else "; write it as in 2019-07"
        raise InputError("--month", f'"{month}" is no month of this run{form}; it goes from {known[0]} to {known[-1]}')
    return known.index(month)


def said(remarks: Sequence[str]) -> str:
    return "\n".join(wrapped(f"note: {remark}") for remark in remarks)
