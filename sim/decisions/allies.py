"""Decisions of governments on the vendor, of carriers on their networks, and of the vendor on its parts."""

from typing import Any

import numpy as np

from sim.decisions.figures import Numbers, joined, number, percent, share, signed
from sim.decisions.kinds import Kind, always
from sim.decisions.names import Names, plain
from sim.rules import conviction, sourcing, tender
from sim.rules.conviction import Cuts
from sim.trace import Note

LEVELS = ("open", "a review or declaration", "a binding partial limit", "exclusion with a date")
_ORIGINS = ("controlled", "foreign", "domestic")


def _all(n: Numbers) -> dict[str, Any]:
    return {name: np.array([value]) for name, value in n.items()}


def _to(n: Numbers) -> str:
    return f"level {n['after']:.0f}"


def _level(note: Note, names: Names) -> str:
    n, name = note.numbers, names.who(note)
    level, after = int(n["level"]), int(n["after"])
    parts = (
        f"belief in the threat {share(n['belief'])}, doubt about {names.word('vendor')}'s supply {share(n['supply'])}, peers at "
        f"{share(n['peers'])} of the highest level, its own taste {signed(n['taste'])}"
    )
    move = f"{name} goes from {LEVELS[level]} ({level}) to {LEVELS[after]} ({after})"
    if note.kind == "level taken back":
        below = n[f"cut {level}"]
        return (
            f"{move}: its case has fallen to {share(n['case'])} ({parts}), more than {share(n['margin'])} below the cut-point of "
            f"{share(below)}; a level is looked at again with a chance of {percent(n['chance'])} a month, and the draw was {share(n['luck'])}."
        )
    passed = int(n["passed"])
    review = ", which it announces as a review first" if passed > after else ""
    return (
        f"{move}: its case stands at {share(n['case'])} ({parts}), read with an error of {signed(n['error'])}, past the cut-point of "
        f"{share(n[f'cut {passed}'])} for level {passed}{review}; a case is taken up with a chance of {percent(n['hazard'])} a month, and the "
        f"draw was {share(n['luck'])}."
    )


def _case(of: dict[str, Any]) -> Any:
    own = conviction.case(
        of["w_threat"], of["belief"], of["w_peers"], of["peers"], of["w_democracy"], of["democracy"], of["w_lock_in"], of["share4g"], of["taste"]
    )
    bids = conviction.bids(of["w_carrot"], of["carrot"], of["power"], of["w_coercion"], of["exports"], of["coercion"])
    return own + of["drift"] + of["prompt"] + bids


def _levels_again(n: Numbers) -> str:
    of = _all(n)
    passed = conviction.passed(_case(of), of["error"], Cuts(of["cut 1"], of["cut 2"], of["cut 3"]))
    return _to({"after": float(conviction.moved(of["level"], passed, of["luck"], of["hazard"])[0])})


def _falls_again(n: Numbers) -> str:
    of = _all(n)
    gone = conviction.gone(of["level"], _case(of), Cuts(of["cut 1"], of["cut 2"], of["cut 3"]), of["margin"])
    return _to({"after": n["level"] - float(gone[0] and n["luck"] < n["chance"])})


def _by_date(note: Note, names: Names) -> str:
    n = note.numbers
    before, after = int(n["before"]), int(n["after"])
    return f"{names.who(note)} goes from {LEVELS[before]} ({before}) to {LEVELS[after]} ({after}): a dated fact, put in and not explained."


def _winners(n: Numbers, vendors: list[str]) -> list[str]:
    return [vendors[int(n[f"slot {slot}"])] for slot in range(1, tender.SLOTS + 1) if f"slot {slot}" in n]


def _vendors(n: Numbers) -> list[str]:
    return [name.removeprefix("worth ") for name in n if name.startswith("worth ")]


def _bought(n: Numbers) -> str:
    return joined(_winners(n, _vendors(n)))


def _award(note: Note, names: Names) -> str:
    n, who = note.numbers, names.who(note)
    keys = _vendors(n)
    won = [names.vendors[key] for key in _winners(n, keys)]
    ruled = "its government excludes them" if n["level"] >= 3 else f"they are left out with a chance of {percent(n['drop'])}"
    theirs = f"restricted vendors {'may bid' if n['kept'] else 'may not bid'}: {ruled}, and the draw was {share(n['luck_drop'])}"
    many = f"it takes {number(n['number'])} (each beyond the first with a chance of {percent(n['more'])}; the draw was {share(n['luck_number'])})"
    values = joined([f"{names.vendors[key]} {number(n[f'value {key}'])}" for key in _winners(n, keys)])
    if n["first"]:
        begins = (
            f"{who} orders its first 5G network, from {joined(won)}: carriers like it tender with a chance of {percent(n['tender'])} a month, and "
            f"the draw was {share(n['luck_tender'])}"
        )
    else:
        begins = f"{who} orders a part of its 5G network anew, from {joined(won)}"
    return f"{begins}. Of the vendors {many}; {theirs}. Worth to it, luck included: {values}."


def _awards_again(n: Numbers) -> str:
    of, vendors = _all(n), _vendors(n)
    kept = of["luck_drop"] >= tender.drop_chance(of["leaning"], of["alarm"], of["level"])
    many = tender.number_of_vendors(of["luck_number"], of["more"])
    values = [of.get(f"value {name}", np.array([-np.inf])) for name in vendors]
    award = tender.award(values, [n[f"restricted {name}"] > 0 for name in vendors], many, kept, of["level"] == 2)
    slots = {f"slot {i + 1}": float(won[0]) for i, won in enumerate(award.winners) if won[0] != tender.NOBODY}
    return joined(_winners(slots, vendors))


def _order(note: Note, names: Names) -> str:
    n, group = note.numbers, plain(str(note.name[0]))
    sellers = {"controlled": names.word("controlled"), "foreign": "other foreign", "domestic": names.word("domestic")}
    able = joined([f"{number(n[f'could ship {origin}'])} from {sellers[origin]} sellers" for origin in _ORIGINS])
    buys = joined([f"{number(n[origin])} from {sellers[origin]} ones" for origin in _ORIGINS])
    more = f"it orders {number(n['to_build'])} more towards that" if n["to_build"] > 0 else "it orders no more than it needs"
    return (
        f"{names.word('vendor')} needs USD {number(n['needed'])} bn of {group} this month and holds {number(n['stock'])}; it wants stock for "
        f"{number(n['target'])} months, so {more}. It could get {able}; it buys {buys}."
    )


def _buys(n: Numbers) -> str:
    return ", ".join(f"{origin} {n[origin]:.9f}" for origin in _ORIGINS)


def _orders_again(n: Numbers) -> str:
    of = _all(n)
    target = of["base"] + of["stockpile"] * of["hoard"] * of["horizon"] * of["scarcity"]
    build = sourcing.build(target, of["needed"], of["stock"], of["build_time"])
    able = [of[f"could ship {origin}"] for origin in _ORIGINS]
    bought = sourcing.split(of["needed"] + build, build, of["share"], of["build_share"], *able)
    return _buys({origin: float(x[0]) for origin, x in zip(_ORIGINS, bought, strict=True)})


KINDS = (
    Kind("level change", "a government goes to a higher level", _level, _to, _levels_again),
    Kind("level taken back", "a government goes a level down", _level, _to, _falls_again),
    Kind("level by date", "a level that is a dated fact", _by_date, _to, _to),
    Kind("award", "a carrier orders 5G: its first network, and a part of it anew each month after", _award, _bought, _awards_again),
    Kind("order", "what the vendor orders of an input group in a month, USD bn", _order, _buys, _orders_again),
)
