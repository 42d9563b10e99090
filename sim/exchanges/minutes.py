"""The minutes of talks: what a journal keeps of a month at the table, and of threats."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.exchanges.seat import Situation
from sim.rules import concession, package
from sim.rules.protocols import PROTOCOLS, Ending, Meeting
from sim.trace import Journal
from sim.worlds import Mask, Numbers

if TYPE_CHECKING:
    from sim.exchanges.talks import Talks

SIDES = ("controller", "target")


def take(journal: Journal, talks: "Talks", meeting: Meeting, ending: Ending) -> None:
    """Each side's offer, where there are offers; and how the month ended, if it did.

    A row holds the whole meeting: its numbers by name, and the issues' worths, costs and givers.
    """
    talked, offers = talks.talked, ending.offers
    table: dict[str, Any] = _of(meeting) | {"protocol": list(PROTOCOLS.values()).index(talks.protocol), "zone": meeting.limits.zone}
    for i, issue in enumerate(talks.issues.names):
        row = meeting.row
        table |= {f"worth {issue}": row.worth[i], f"cost {issue}": row.cost[i], f"controller gives {issue}": row.controller_gives[i]}
    made: dict[str, Any] = {"offer controller": offers.controller, "offer target": offers.target}
    if offers is not meeting.offers:  # there are protocols without offers
        table |= {f"clock {side}": _clock(meeting, side) for side in SIDES}
        for side, dial in zip(SIDES, (offers.controller, 1 - offers.target), strict=True):
            to_controller, to_target = package.values(meeting.row, package.package(meeting.row, dial, meeting.link))
            worth: dict[str, Any] = {"to controller": to_controller, "to target": to_target}
            at = [pair if side == "controller" else pair[::-1] for pair in talks.pairs]
            journal.note("offer", talked, at, ("talks", side), by_target=np.array(side == "target"), **table, **made, **worth)
    given = {f"given {issue}": ending.given[i] for i, issue in enumerate(talks.issues.names)}
    to_controller, to_target = package.values(meeting.row, ending.given)
    partial = package.moved(meeting.row, ending.given) < talks.p.partial_below
    end: dict[str, Any] = {**table, **made, "dial": ending.dial, "to controller": to_controller, "to target": to_target, **given}
    signed = talked & (ending.agreed | ending.settled)
    journal.note("deal", signed, talks.pairs, ("talks",), agreed=ending.agreed, partial=partial, **end)
    journal.note("walk-out", talked & ending.walked_out, talks.pairs, ("talks",), **end)


def _of(meeting: Meeting) -> dict[str, Any]:
    """A meeting's numbers by name, offers and limits of each side among them; its row apart."""
    bare = {name: np.asarray(value) for name, value in meeting._asdict().items() if name not in ("row", "offers", "limits")}
    last = {f"last {name.replace('_', ' ')}": value for name, value in meeting.offers._asdict().items()}
    return bare | last | {f"farthest {side}": getattr(meeting.limits, f"concession_{side}") for side in SIDES}


def _clock(meeting: Meeting, side: str) -> Numbers:
    """How far the side would have come by the clock alone."""
    farthest, shape = getattr(meeting.limits, f"concession_{side}"), getattr(meeting, f"beta_{side}")
    return concession.on_the_clock(farthest, meeting.months, meeting.patience, shape)


def threat(
    journal: Journal, talks: "Talks", now: Situation, announced: Mask, points: Numbers, lead: Numbers, chance: Numbers, luck: Numbers
) -> None:
    """lead: months until its date; chance, luck: of its announcement"""
    p = talks.p
    journal.note(
        "threat announced", announced, talks.pairs, ("talks", "controller"), agenda=now.agenda, escalation=p.escalation, bind=p.bind,
        deal=talks.deal > 0, chance=chance, luck=luck, points=points, ceiling=talks.ceiling, tariff=talks.tariff_on_target,
        low=p.rung_low, middle=p.rung_middle, high=p.rung_high, luck_rung=talks.luck.table(talks.rows, "rung", now.month), lead=lead,
    )  # fmt: skip


def act(journal: Journal, talks: "Talks", now: Situation, acted: Mask, withdrawn: Mask, step: Numbers, luck: Numbers) -> None:
    """A threat's end: step: points that come into force; luck: of carrying it out at its date"""
    end: dict[str, Any] = {
        "points": talks.announced, "step": step, "broken": talks.happened["walked_out"], "chance": talks.p.resolve, "luck": luck,
        "ceiling": talks.ceiling, "tariff": talks.tariff_on_target, "now": np.asarray(now.month), "due": talks.due,
    }  # fmt: skip
    journal.note("threat in force", acted, talks.pairs, ("talks", "controller"), **end)
    journal.note("threat withdrawn", withdrawn, talks.pairs, ("talks", "controller"), **end)
