"""Decisions on licences: a firm's to file, an office's and its agencies' on the file."""

from typing import Any

import numpy as np

from sim.decisions.figures import Numbers, joined, number, of, percent, share, signed, times
from sim.decisions.kinds import Kind, always
from sim.decisions.names import Names, plain
from sim.rules import belief, vote
from sim.rules.line import unpublished_line
from sim.trace import Note

_YES = "yes "


def _x(n: Numbers, name: str) -> Any:
    return np.array(n[name])


def _file(note: Note, sensitive: bool = True) -> str:
    firm, group, line = note.name
    kind = f", sensitivity {share(note.numbers['sensitivity'])}" if sensitive else ""
    return f"{of(str(firm))} file ({plain(str(group))}, line {line}{kind})"


def _filing(note: Note, names: Names) -> str:
    n, (firm, group, line) = note.numbers, note.name
    above = n["odds"] >= n["hurdle"]
    return (
        f"{firm} ({plain(str(group))}, line {line}, sensitivity {share(n['sensitivity'])}) takes up a file: it thinks the line lies near "
        f"{share(n['believed'])} (give or take {share(n['sd'])}), so the odds of a licence are {percent(n['odds'])}, "
        f"{'above' if above else 'below'} its hurdle of {percent(n['hurdle'])}; that {'makes' if above else 'still leaves'} a chance of "
        f"{percent(n['chance'])} this month, and the draw was {share(n['luck'])}."
    )


def _filing_worked(n: Numbers) -> Numbers:
    odds = belief.approval_odds(_x(n, "believed"), _x(n, "variance"), _x(n, "sensitivity"), _x(n, "noise"))
    bar = belief.hurdle(_x(n, "ordinary_hurdle"), _x(n, "doubt_weight"), _x(n, "sd"), _x(n, "ordinary_doubt"))
    chance = belief.filing_chance(_x(n, "rate"), _x(n, "steepness"), odds, bar)
    return {"odds": float(odds), "hurdle": float(bar), "chance": float(chance)}


def _files_again(n: Numbers) -> str:
    return "files" if n["luck"] < _filing_worked(n)["chance"] else "waits"


def _submission(note: Note, names: Names) -> str:
    n = note.numbers
    return (
        f"{_file(note, False)} is ready and is handed in: preparing one takes {number(n['months'])} months on average, "
        f"which is a chance of {percent(n['chance'])} a month, and the draw was {share(n['luck'])}."
    )


def _vote(note: Note, names: Names) -> str:
    n = note.numbers
    return (
        f"{names.who(note)} votes {_yes(n)} on {_file(note)}: with the line at {share(n['line'])} and its own leaning of "
        f"{signed(n['leaning'])} it finds such a file harmless {times(n['chance'])}; the draw was {share(n['luck'])}."
    )


def _yes(n: Numbers) -> str:
    return "yes" if n["yes"] else "no"


def _vote_worked(n: Numbers) -> Numbers:
    return {"chance": float(vote.yes_chance(_x(n, "line"), _x(n, "leaning"), _x(n, "sensitivity"), _x(n, "noise")))}


def _votes_again(n: Numbers) -> str:
    return _yes({"yes": float(n["luck"] < _vote_worked(n)["chance"])})


def _answer(note: Note, names: Names) -> str:
    n = note.numbers
    votes = _votes(n)
    yes, no = [a for a, said in votes.items() if said], [a for a, said in votes.items() if not said]
    said = f"{joined(yes)} {'say' if len(yes) > 1 else 'says'} yes, {joined(no)} no" if yes and no else f"all say {'yes' if yes else 'no'}"
    chair = list(votes)[int(n["chair"])]
    rule = {
        "majority": f"more than half must say yes, and at a tie {chair} decides",
        "chair": f"{of(chair)} vote decides",
        "unanimous": "one no is enough to deny",
    }[list(vote.VOTE_RULES)[int(n["rule"])]]
    what = "approves" if note.kind == "approval" else "says that it means to deny"
    held = f"; the licence holds for {n['validity']:.0f} months" if note.kind == "approval" else ""
    return f"The {names.who(note)} {what} {_file(note)}: {said} ({rule}){held}."


def _votes(n: Numbers) -> dict[str, bool]:
    return {name.removeprefix(_YES): yes > 0 for name, yes in n.items() if name.startswith(_YES)}


def _answers_again(n: Numbers) -> str:
    rule = list(vote.VOTE_RULES.values())[int(n["rule"])]
    return "approved" if rule([np.array(yes) for yes in _votes(n).values()], int(n["chair"])) else "to be denied"


def _return(note: Note, names: Names) -> str:
    n = note.numbers
    return (
        f"The {names.who(note)} returns {_file(note)} without an answer: it lies within {share(n['band'])} of the line at "
        f"{share(n['line'])}, where files go back with a chance of {percent(n['chance'])}; the draw was {share(n['luck'])}."
    )


def _returns_again(n: Numbers) -> str:
    return "returned" if abs(n["sensitivity"] - n["line"]) < n["band"] and n["luck"] < n["chance"] else "voted on"


def _closing(note: Note, names: Names) -> str:
    n = note.numbers
    end = "takes back its intent and returns" if note.kind == "intent withdrawn" else "finally denies"
    return (
        f"The {names.who(note)} {end} {_file(note)}: intents to deny close with a chance of {percent(n['closing'])} a month (the draw was "
        f"{share(n['luck_closing'])}), and {times(n['chance'])} the file then goes back to the firm; the draw was {share(n['luck'])}."
    )


def _closes_again(n: Numbers) -> str:
    return "open" if n["luck_closing"] >= n["closing"] else "returned" if n["luck"] < n["chance"] else "denied"


def _revocation(note: Note, names: Names) -> str:
    n, (firm, group, line) = note.numbers, note.name
    return (
        f"The {names.who(note)} revokes {of(str(firm))} licence ({plain(str(group))}, line {line}): its sensitivity of "
        f"{share(n['sensitivity'])} lies more than {share(n['tolerance'])} above today's line at {share(n['line'])}; "
        f"such licences are revoked with a chance of "
        f"{percent(n['chance'])} a month, and the draw was {share(n['luck'])}."
    )


def _sweep(note: Note, names: Names) -> str:
    firm, group, line = note.name
    return (
        f"The {names.who(note)} revokes {of(str(firm))} licence ({plain(str(group))}, line {line}): every licence in force is revoked this "
        "month, a dated lever, put in and not explained."
    )


def _revokes_again(n: Numbers) -> str:
    return "revoked" if n["sensitivity"] > n["line"] + n["tolerance"] and n["luck"] < n["chance"] else "kept"


def _submission_worked(n: Numbers) -> Numbers:
    return {"chance": 1 / n["months"]}


def _submits_again(n: Numbers) -> str:
    return "handed in" if n["luck"] < _submission_worked(n)["chance"] else "in preparation"


def _line(note: Note, names: Names) -> str:
    n = note.numbers
    return (
        f"The {of(names.who(note))} line on {plain(str(note.name[0]))} stands at {share(n['line'])}: {share(n['base'])} by date and "
        f"{signed(n['shift'])} in this world, {signed(n['for_rivals'])} since others could sell {percent(n['available'])} of it, "
        f"{signed(n['for_talks'])} for the talks, {signed(n['for_losses'])} for lost sales of USD {number(n['lost'])} bn a year, "
        f"{signed(n['for_hawks'])} for hawks."
    )


def _drawn(n: Numbers) -> str:
    return f"line at {n['line']:.9f}"


def _line_again(n: Numbers) -> str:
    x = {name: np.array(value) for name, value in n.items()}
    line = unpublished_line(
        x["base"] + x["shift"], x["available"], x["w_available"], x["bargain"], x["w_bargain"],
        x["lost"], x["w_lobby"], x["lobby_scale"], x["hawk"], x["w_hawk"],
    )  # fmt: skip
    return _drawn({"line": float(line)})


KINDS = (
    Kind("filing", "a firm takes up an idle line and prepares a file", _filing, always("files"), _files_again, _filing_worked),
    Kind("submission", "a firm hands in a file that is ready", _submission, always("handed in"), _submits_again, _submission_worked),
    Kind("line", "where an office draws its unpublished line on an input group", _line, _drawn, _line_again),
    Kind("vote", "an agency votes on a file", _vote, _yes, _votes_again, _vote_worked),
    Kind("approval", "an office licenses a line", _answer, always("approved"), _answers_again),
    Kind("intent to deny", "an office tells a firm that it means to deny", _answer, always("to be denied"), _answers_again),
    Kind("return", "an office sends a file back unanswered", _return, always("returned"), _returns_again),
    Kind("intent withdrawn", "an office takes back an intent to deny and returns the file", _closing, always("returned"), _closes_again),
    Kind("denial", "an office finally denies a file", _closing, always("denied"), _closes_again),
    Kind("revocation", "an office takes a licence away", _revocation, always("revoked"), _revokes_again),
    Kind("sweep", "an office takes a licence away, as all others, in a month set by a lever", _sweep, always("revoked"), always("revoked")),
)
