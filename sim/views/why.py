"""`chokepoint why`: why someone decided so, in a world of a run."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from sim.batch import provenance, traced
from sim.batch.results import Results
from sim.decisions import Decision, Names
from sim.months import label
from sim.refusal import InputError, nearest
from sim.tables import wrapped

_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_ON_FILES = ("vote", "approval", "intent to deny", "return", "intent withdrawn", "denial", "revocation")
_UNTRACED = "world {world} was not traced; computing it again, alone, from what the run keeps"


@dataclass(frozen=True)
class Answer:
    """What was asked, and the decisions that answer it. remarks: what the reader must know beside them"""

    decisions: list[Decision]
    asked: str
    remarks: list[str]

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(decision) for decision in self.decisions]

    def as_text(self) -> str:
        if not self.decisions:
            return wrapped(f"There is no decision {self.asked}.")
        parts = []
        for month, rows in groupby(self.decisions, key=lambda d: d.month):
            parts.append("\n".join([month, *(wrapped(f"  {row.sentence}", hang=2) for row in _by_topic(list(rows)))]))
        return "\n\n".join(parts)


def _by_topic(rows: Sequence[Decision]) -> list[Decision]:
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
    if month is not None:
        _check_month(month, manifest["months"])
    remarks = []
    if world in manifest.get("traced", []):
        rows = traced.read_journal(folder, world)
    else:
        remarks.append(_UNTRACED.format(world=world))
        if changed := provenance.changes(manifest["environment"], provenance.environment()):
            remarks.append(f"the numbers may differ from the run's, since {'; '.join(changed)}")
        rows = traced.decisions_of(folder, results.plan, world)
    if name is None and month is None:
        remarks.append(f"world {world} has {len(rows):,} decisions; --agent and --month narrow them")
    chosen = [d for d in rows if (month is None or d.month == month) and (name is None or _concerns(d, name))]
    asked = f"in world {world}" + (f" by or on {name}" if name else "") + (f" in {month}" if month else "")
    return Answer(chosen, asked, remarks)


def _agent(names: Names, asked: str) -> str:
    known = names.aliases
    if (found := known.get(asked.strip().lower())) is not None:
        return found
    inside = sorted({name for alias, name in known.items() if asked.strip() and asked.strip().lower() in alias}, key=len)
    hint = nearest(asked.lower(), known) or (f'; did you mean "{inside[0]}"?' if inside else "")
    for alias, name in known.items():
        hint = hint.replace(f'"{alias}"', f'"{name}"')
    raise InputError("--agent", f'nobody is called "{asked}"{hint or "; name a firm, an office, a government, a carrier or the vendor"}')


def _check_month(month: str, months: int) -> None:
    known = [label(i) for i in range(months)]
    if month not in known:
        form = "" if _MONTH.fullmatch(month) else "; write it as in 2019-07"
        raise InputError("--month", f'"{month}" is no month of this run{form}; it goes from {known[0]} to {known[-1]}')


def _concerns(decision: Decision, name: str) -> bool:
    return name == decision.agent or decision.subject == name or decision.subject.startswith(f"{name}, ")


def said(remarks: Sequence[str]) -> str:
    return "\n".join(wrapped(f"note: {remark}") for remark in remarks)
