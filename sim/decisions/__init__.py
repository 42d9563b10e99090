"""Every kind of decision in a journal: its sentence, and the rule that takes it again from the numbers beside it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sim.decisions import allies, licensing, talks
from sim.decisions.figures import Numbers
from sim.decisions.kinds import Kind
from sim.decisions.names import Names
from sim.months import label
from sim.trace import Note

__all__ = ["KINDS", "Decision", "Kind", "Names", "Wanted", "told"]

KINDS: dict[str, Kind] = {kind.name: kind for kind in (*licensing.KINDS, *talks.KINDS, *allies.KINDS)}


@dataclass(frozen=True)
class Decision:
    """A row of a journal. month: YYYY-MM; numbers: all that went into it, in full precision"""

    world: int
    month: str
    agent: str
    kind: str
    subject: str
    decision: str
    sentence: str
    numbers: Numbers


Wanted = Callable[[str, str, str], bool]  # of a decision's month, agent and subject


def told(world: int, notes: Iterable[Note], names: Names, wanted: Wanted | None = None) -> list[Decision]:
    """A world's notes in words, or only those that are wanted."""
    rows = []
    for note in notes:
        month, agent, subject = label(note.month), names.who(note), names.on(note)
        if wanted is not None and not wanted(month, agent, subject):
            continue
        kind = KINDS[note.kind]
        sentence = kind.tell(note, names)
        if sentence.startswith("the "):
            sentence = f"The {sentence.removeprefix('the ')}"
        number = {"line number": float(note.name[2])} if len(note.name) == 3 else {}
        rows.append(Decision(world, month, agent, note.kind, subject, kind.decided(note.numbers), sentence, number | note.numbers))
    return rows
