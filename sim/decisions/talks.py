"""Decisions in talks: to come to the table, what to offer, to sign or to leave, to threaten and to act."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.decisions.figures import Numbers, number, of, percent, share, spoken
from sim.decisions.kinds import Kind, always
from sim.decisions.names import Names
from sim.rules import concession, package, tariffs
from sim.rules.concession import Offers
from sim.rules.protocols import PROTOCOLS, Ending, Meeting
from sim.trace import Note

_WORTH = "worth "
_OF_MEETING = (
    "link", "least_controller", "least_target", "harm_controller", "harm_target", "opened", "months", "patience", "beta_controller",
    "beta_target", "imitation", "least", "tempers", "hardest", "grid", "luck_break", "luck_controller", "luck_target",
)  # fmt: skip


def meeting_of(n: Numbers) -> Meeting:
    """The month at the table, laid again from its numbers."""
    issues = [name.removeprefix(_WORTH) for name in n if name.startswith(_WORTH)]

    def column(what: str) -> Any:
        return np.array([n[f"{what} {issue}"] for issue in issues])[:, None]

    one = SimpleNamespace(**{name: np.array([n[name]]) for name in _OF_MEETING})
    one.opened, one.grid = one.opened > 0, int(n["grid"])
    row = package.row(column("worth"), column("cost"), column("controller gives") > 0)
    offers = Offers(*(np.array([n[f"last {name}"]]) for name in ("controller", "target", "step controller", "step target")))
    limits = package.limits(row, one.link, one.least_controller, one.least_target)
    return Meeting(row=row, limits=limits, offers=offers, **vars(one))


def _limits_worked(n: Numbers) -> Numbers:
    """How far each side can go, and what the package on the table is worth to each."""
    meeting = meeting_of(n)
    far = {f"farthest {side}": float(getattr(meeting.limits, f"concession_{side}")[0]) for side in ("controller", "target")}
    if "by_target" not in n:
        return far
    dial = np.array([1 - n["offer target"] if n["by_target"] else n["offer controller"]])
    worth = package.values(meeting.row, package.package(meeting.row, dial, meeting.link))
    return far | {"to controller": float(worth[0][0]), "to target": float(worth[1][0])}


def _end(n: Numbers) -> Ending:
    return list(PROTOCOLS.values())[int(n["protocol"])].end(meeting_of(n))


def _comes_to(n: Numbers) -> str:
    return f"comes {n['offer target' if n['by_target'] else 'offer controller']:.9f} of the way"


def _offers_again(n: Numbers) -> str:
    offers = _end(n).offers
    return _comes_to(n | {"offer controller": float(offers.controller[0]), "offer target": float(offers.target[0])})


def _offer(note: Note, names: Names) -> str:
    n, side, other = note.numbers, str(note.by[1]), "target" if note.by[1] == "controller" else "controller"
    me, them = spoken(names.who(note)), spoken(names.other(note))
    before = f" (last month {share(n[f'last {side}'])})" if n[f"last {side}"] else ""
    return (
        f"In month {number(n['months'])} of talks that may last {number(n['patience'])} months, {me} comes {share(n[f'offer {side}'])} of "
        f"the way to {them}{before}: by the clock alone it would be at {share(n[f'clock {side}'])}, and {of(them)} last step was "
        f"{share(n[f'last step {other}'])}. It can go no farther than {share(n[f'farthest {side}'])}, since a deal must be worth "
        f"{number(n[f'least_{side}'])} points to it. As a deal, the offer would "
        f"be worth {number(n[f'to {side}'])} points to {me} and {number(n[f'to {other}'])} to {them}, which must have "
        f"{number(n[f'least_{other}'])}; a year without one costs {me} {number(n[f'harm_{side}'])} points."
    )


def _signs(n: Numbers) -> str:
    return f"{'part' if n['partial'] else 'full'} deal" + (f" at {n['dial']:.9f} of the dial" if n["agreed"] else " of last offers")


def _deals_again(n: Numbers) -> str:
    end = _end(n)
    if end.walked_out[0] or not (end.agreed[0] or end.settled[0]):
        return "no deal"
    return _signs(n | {"agreed": float(end.agreed[0]), "dial": float(end.dial[0])})


def _points(note: Note, names: Names) -> str:
    n, me, them = note.numbers, spoken(names.who(note)), spoken(names.other(note))
    return (
        f"{number(n['to controller'])} points to {me}, which must have {number(n['least_controller'])}, and {number(n['to target'])} "
        f"to {them}, which must have {number(n['least_target'])}"
    )


def _deal(note: Note, names: Names) -> str:
    n, me, them = note.numbers, spoken(names.who(note)), spoken(names.other(note))
    what = "a partial deal" if n["partial"] else "a deal"
    offers = f"offers, {share(n['offer controller'])} and {share(n['offer target'])} of the way"
    how = f"their {offers}, meet" if n["agreed"] else f"talks end, and each gives what stands in its last offer ({offers})"
    if list(PROTOCOLS)[int(n["protocol"])] != "concession":
        how = f"they settle at {share(n['dial'])} of the dial"
    return f"{me} and {them} sign {what} in month {number(n['months'])}: {how}. It is worth {_points(note, names)}."


def _leaves_again(n: Numbers) -> str:
    return "walk-out" if _end(n).walked_out[0] else "no walk-out"


def _walk_out(note: Note, names: Names) -> str:
    n, me, them = note.numbers, spoken(names.who(note)), spoken(names.other(note))
    if list(PROTOCOLS)[int(n["protocol"])] != "concession":
        return f"{me} and {them} part without a deal in month {number(n['months'])}: the draw was {share(n['luck_break'])}."
    over = n["months"] >= n["patience"]
    why = "their patience is at its end" if over else f"tempers break them off (the draw was {share(n['luck_break'])})"
    return (
        f"{me} and {them} part without a deal in month {number(n['months'])} of at most {number(n['patience'])}: {why}, with offers "
        f"{share(n['offer controller'])} and {share(n['offer target'])} of the way. These would have been worth {_points(note, names)}."
    )


def _opening(note: Note, names: Names) -> str:
    n = note.numbers
    return (
        f"{spoken(names.who(note))} and {spoken(names.other(note))} come to the table: a year without a deal costs the two "
        f"{number(n['harm'])} points, which makes a chance of {percent(n['chance'])} this month, and the draw was {share(n['luck'])}."
    )


def _opening_worked(n: Numbers) -> Numbers:
    return {"chance": float(concession.opening_chance(np.array(n["agenda"]), np.array(n["rate"]), np.array(n["harm"])))}


def _opens_again(n: Numbers) -> str:
    return "talks" if n["luck"] < _opening_worked(n)["chance"] else "no talks"


def _threat(note: Note, names: Names) -> str:
    n = note.numbers
    when = "at once" if n["lead"] == 0 else f"in {number(n['lead'])} month{'s' if n['lead'] > 1 else ''}"
    return (
        f"{spoken(names.who(note))} threatens {spoken(names.other(note))} with {number(n['points'])} points of tariff {when}, on top of "
        f"the {number(n['tariff'])} in force: {'with' if n['deal'] else 'without'} a deal it does so with a chance of "
        f"{percent(n['chance'])} "
        f"a month, and the draw was {share(n['luck'])}."
    )


def _threatens(n: Numbers) -> str:
    return f"threatens {n['points']:.9f} points"


def _threat_worked(n: Numbers) -> Numbers:
    x = {name: np.array(value) for name, value in n.items()}
    return {"chance": float(tariffs.threat_chance(x["agenda"], x["escalation"], x["bind"], x["deal"]))}


def _threatens_again(n: Numbers) -> str:
    x = {name: np.array(value) for name, value in n.items()}
    if n["luck"] >= _threat_worked(n)["chance"]:
        return "no threat"
    rung = tariffs.rung(x["luck_rung"], x["low"], x["middle"], x["high"])
    return _threatens({"points": float(tariffs.threatened(rung, x["ceiling"], x["tariff"]))})


def _act(note: Note, names: Names) -> str:
    n, me, them = note.numbers, spoken(names.who(note)), spoken(names.other(note))
    if n["broken"]:
        return f"{me} puts the announced tariff in force, {number(n['step'])} points, since talks with {them} broke down."
    done = f"puts its tariff of {number(n['step'])} points on {them} in force at the date announced"
    if note.kind == "threat withdrawn":
        done = f"withdraws the tariff of {number(n['points'])} points that it had announced on {them}"
    return f"{me} {done}: threats are carried out with a chance of {percent(n['chance'])}, and the draw was {share(n['luck'])}."


def _acts_again(n: Numbers) -> str:
    due = n["now"] >= n["due"]
    return "in force" if n["broken"] or (due and n["luck"] < n["chance"]) else "withdrawn" if due else "pending"


KINDS = (
    Kind("talks opened", "two governments come to the table", _opening, always("talks"), _opens_again, _opening_worked),
    Kind("offer", "how far a side comes towards the other in a month of talks", _offer, _comes_to, _offers_again, _limits_worked),
    Kind("deal", "two governments sign", _deal, _signs, _deals_again, _limits_worked),
    Kind("walk-out", "talks end without a deal", _walk_out, always("walk-out"), _leaves_again, _limits_worked),
    Kind("threat announced", "a government announces a tariff", _threat, _threatens, _threatens_again, _threat_worked),
    Kind("threat in force", "an announced tariff comes into force", _act, always("in force"), _acts_again),
    Kind("threat withdrawn", "an announced tariff is dropped at its date", _act, always("withdrawn"), _acts_again),
)
