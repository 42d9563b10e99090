"""The talks of one world, month by month: how far each side has come, what it gives and asks, issue by issue, and how they end."""

from dataclasses import dataclass

import numpy as np

from sim.decisions import KINDS, Names
from sim.decisions.figures import spoken
from sim.decisions.names import plain
from sim.decisions.talks import meeting_of
from sim.explore.world import World
from sim.months import label
from sim.rules import package
from sim.rules.protocols import PROTOCOLS
from sim.trace import Note
from sim.worlds import Numbers

_THREATS = ("threat announced", "threat in force", "threat withdrawn")


@dataclass(frozen=True)
class Issue:
    """name: in words; giver: who gives it; offered: share of it that the giver offers; asked: that the other side asks for. (months,)"""

    name: str
    giver: str
    offered: Numbers
    asked: Numbers


@dataclass(frozen=True)
class Spell:
    """Talks from their opening to their end.

    first: month; controller, target: where each side's offer lies between "the target gives all" (0) and "the controller gives all"
    (1); farthest_controller, farthest_target: how far it could go, same scale; worth_*: of a side's own offer to the other, points;
    least_*: what that other must have. (months,) each
    end: "deal", "partial deal", "walk-out", or "" where the run is over; told: its sentence, or else that of the last offers
    """

    first: int
    controller: Numbers
    target: Numbers
    farthest_controller: Numbers
    farthest_target: Numbers
    worth_to_target: Numbers
    least_target: Numbers
    worth_to_controller: Numbers
    least_controller: Numbers
    issues: list[Issue]
    end: str
    told: str

    @property
    def months(self) -> list[str]:
        return [label(self.first + i) for i in range(len(self.controller))]


@dataclass(frozen=True)
class Story:
    """controller, target: names; events: month, and a sentence on a threat or an opening

    why_none: "" or, where there is no offer to show, the reason in a sentence
    """

    controller: str
    target: str
    spells: list[Spell]
    events: list[tuple[int, str]]
    why_none: str


def talks_of(world: World) -> Story:
    scenario, names = world.asked.plan().scenario, world.names
    found = [note for note in world.notes if (note.by and note.by[0] == "talks") or note.kind == "talks opened"]
    spells = [_spell(notes, names) for notes in _by_spell(found)]
    events = [(note.month, KINDS[note.kind].tell(note, names)) for note in found if note.kind in (*_THREATS, "talks opened")]
    return Story(spoken(names.controller), spoken(names.target), spells, events, _why_none(scenario.rules, spells, events))


def _why_none(rules: dict[str, str], spells: list[Spell], events: list[tuple[int, str]]) -> str:
    protocol = rules["talks"]
    if rules["talks_mode"] != "free":
        return "In this scenario talks, tariffs and truces are dated facts, put in as they happened, so nobody makes offers."
    if protocol != "concession":
        what = "There are no talks under it" if not PROTOCOLS[protocol].meets else "Its sides settle or part without offers"
        return f"The rule of talks here is {plain(protocol)}. {what}."
    return "" if spells else "In this world nobody came to the table."


def _by_spell(notes: list[Note]) -> list[list[Note]]:
    """The offers and the end of each spell of talks."""
    found: list[list[Note]] = []
    for note in notes:
        if note.kind == "talks opened":
            found.append([])
        elif note.kind in ("offer", "deal", "walk-out"):
            if not found:  # talks that were under way
                found.append([])
            found[-1].append(note)
    return [notes for notes in found if any(note.kind == "offer" for note in notes)]


def _spell(notes: list[Note], names: Names) -> Spell:
    offers = {side: [n for n in notes if n.kind == "offer" and n.by[1] == side] for side in ("controller", "target")}
    end = next((note for note in notes if note.kind in ("deal", "walk-out")), None)
    last = end or notes[-1]

    def column(side: str, name: str) -> Numbers:
        return np.array([note.numbers[name] for note in offers[side]])

    return Spell(
        first=offers["controller"][0].month,
        controller=column("controller", "offer controller"), target=1 - column("target", "offer target"),
        farthest_controller=column("controller", "farthest controller"), farthest_target=1 - column("target", "farthest target"),
        worth_to_target=column("controller", "to target"), least_target=column("controller", "least_target"),
        worth_to_controller=column("target", "to controller"), least_controller=column("target", "least_controller"),
        issues=_issues(offers["controller"], names), end=_end(end), told=KINDS[last.kind].tell(last, names),
    )  # fmt: skip


def _end(note: Note | None) -> str:
    if note is None:
        return ""
    return f"partial {note.kind}" if note.kind == "deal" and note.numbers["partial"] else note.kind


def _issues(notes: list[Note], names: Names) -> list[Issue]:
    """By the dials of both sides' offers, which every note of a month holds."""
    issues = [name.removeprefix("worth ") for name in notes[0].numbers if name.startswith("worth ")]
    shares = []
    for note in notes:
        meeting = meeting_of(note.numbers)
        dials = np.array([note.numbers["offer controller"]]), np.array([1 - note.numbers["offer target"]])
        shares.append([package.package(meeting.row, dial, meeting.link)[:, 0] for dial in dials])
    by_controller, by_target = np.array(shares).transpose(1, 2, 0)  # (issues, months) each
    found = []
    for i, issue in enumerate(issues):
        gives = notes[0].numbers[f"controller gives {issue}"] > 0
        offered, asked = (by_controller[i], by_target[i]) if gives else (by_target[i], by_controller[i])
        if (offered != 0).any() or (asked != 0).any():
            found.append(Issue(title(issue), spoken(names.controller if gives else names.target), offered, asked))
    return found


def title(issue: str) -> str:
    """
    >>> title("us_tariffs"), title("minerals")
    ('US tariffs', 'Minerals')
    """
    first, *rest = plain(issue).split()
    return " ".join([first.upper() if len(first) < 3 else first.capitalize(), *rest])
