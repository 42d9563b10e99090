"""Decisions of governments on the vendor, of carriers on their networks, and of the vendor on its parts."""

from functools import lru_cache
from typing import Any

import numpy as np

from sim.decisions.figures import Numbers, joined, money, number, percent, share, signed, spoken
from sim.decisions.kinds import Kind
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
    n, name = note.numbers, spoken(names.who(note))
    level, after = int(n["level"]), int(n["after"])
    parts = (
        f"belief in the threat {share(n['belief'])}, doubt about {names.word('vendor')}'s supply {share(n['supply'])}, peers at "
        f"{share(n['peers'])} of the highest level, its own taste {signed(n['taste'])}"
    )
    move = f"{name} goes from {LEVELS[level]} ({level}) to {LEVELS[after]} ({after})"
    if note.kind == "level taken back":
        return (
            f"{move}: its case has fallen to {share(n['case'])} ({parts}), more than {share(n['margin'])} below the "
            f"cut-point of {share(n[f'cut {level}'])}; "
            f"a level is looked at again with a chance of {percent(n['chance'])} a month, and the draw was {share(n['luck'])}."
        )
    passed = int(n["passed"])
    taken_up = f"a case is taken up with a chance of {percent(n['hazard'])} a month"
    if passed > after:
        taken_up += ", and as often again a big step is announced as a review first"
    return (
        f"{move}: its case stands at {share(n['case'])} ({parts}), read with an error of {signed(n['error'])}, past the cut-point of "
        f"{share(n[f'cut {passed}'])} for level {passed}; {taken_up}, and the draw was {share(n['luck'])}."
    )


def _case(x: dict[str, Any]) -> Any:
    own = conviction.case(
        x["w_threat"], x["belief"], x["w_peers"], x["peers"], x["w_democracy"], x["democracy"], x["w_lock_in"], x["share4g"], x["taste"]
    )
    bids = conviction.bids(x["w_carrot"], x["carrot"], x["power"], x["w_coercion"], x["exports"], x["coercion"])
    return own + x["drift"] + x["prompt"] + bids


def _level_worked(n: Numbers) -> Numbers:
    return {"case": float(_case(_all(n))[0])}


def _levels_again(n: Numbers) -> str:
    x = _all(n)
    passed = conviction.passed(_case(x), x["error"], Cuts(x["cut 1"], x["cut 2"], x["cut 3"]))
    return _to({"after": float(conviction.moved(x["level"], passed, x["luck"], x["hazard"])[0])})


def _falls_again(n: Numbers) -> str:
    x = _all(n)
    gone = conviction.gone(x["level"], _case(x), Cuts(x["cut 1"], x["cut 2"], x["cut 3"]), x["margin"])
    return _to({"after": n["level"] - float(gone[0] and n["luck"] < n["chance"])})


def _by_date(note: Note, names: Names) -> str:
    n = note.numbers
    before, after = int(n["before"]), int(n["after"])
    move = f"{spoken(names.who(note))} goes from {LEVELS[before]} ({before}) to {LEVELS[after]} ({after})"
    return f"{move}: a dated fact, put in and not explained."


def _together(note: Note, names: Names) -> str:
    n = note.numbers
    before, after = int(n["before"]), int(n["after"])
    move = f"{spoken(names.who(note))} goes from {LEVELS[before]} ({before}) to {LEVELS[after]} ({after})"
    return (
        f"{move} together with its union: {percent(n['reached'])} of the members have reached that level by themselves, and "
        f"{percent(n['majority'])} are a majority; by itself it stands at level {n['own']:.0f}."
    )


def _together_again(n: Numbers) -> str:
    bound = n["joint"] if n["reached"] >= n["majority"] else 0.0
    return _to({"after": max(n["own"], bound)})


def _on_record(note: Note, names: Names) -> str:
    won = joined([names.vendors[key] for key in _winners(note.numbers, _vendors(note.numbers))])
    return f"{names.who(note)} orders its first 5G network, from {won}: as on record, put in and not explained."


def _winners(n: Numbers, vendors: tuple[str, ...]) -> list[str]:
    return [vendors[int(n[f"slot {slot}"])] for slot in range(1, tender.SLOTS + 1) if f"slot {slot}" in n]


def _vendors(n: Numbers) -> tuple[str, ...]:
    return _worth_of(tuple(n))


@lru_cache(maxsize=8)
def _worth_of(numbers: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.removeprefix("worth ") for name in numbers if name.startswith("worth "))


def _bought(n: Numbers) -> str:
    return joined(_winners(n, _vendors(n)))


def _award(note: Note, names: Names) -> str:
    n, who, keys = note.numbers, names.who(note), _vendors(note.numbers)
    won = _winners(n, keys)
    best = sorted((key for key in keys if f"value {key}" in n), key=lambda key: -n[f"value {key}"])
    values = joined([f"{names.vendors[key]} {number(n[f'value {key}'])}" for key in best])
    begins = f"{who} orders a part of its 5G network anew, from {joined([names.vendors[key] for key in won])}."
    if note.kind == "award":
        begins = (
            f"{who} orders its first 5G network, from {joined([names.vendors[key] for key in won])} (chance of a tender this month "
            f"{percent(n['tender'])}, draw {share(n['luck_tender'])})."
        )
    why = f"chance of leaving them out {percent(n['drop'])}, draw {share(n['luck_drop'])}"
    if n["level"] >= 3:
        why = "its government excludes them"
    kept = ""
    if set(won) != set(best[: len(won)]):
        kept = f"{names.vendors[won[-1]]} is in as the best restricted vendor, since none had won; "
    return (
        f"{begins} Restricted vendors {'may bid' if n['kept'] else 'may not bid'} ({why}); it takes {number(n['number'])} of the bidders "
        f"(chance of each beyond the first {percent(n['more'])}, draw {share(n['luck_number'])}); {kept}worth to it, luck included: "
        f"{values}."
    )


def _award_worked(n: Numbers) -> Numbers:
    x = _all(n)
    return {"drop": float(tender.drop_chance(x["leaning"], x["alarm"], x["level"])[0])}


def _awards_again(n: Numbers) -> str:
    x, vendors = _all(n), _vendors(n)
    kept = x["luck_drop"] >= _award_worked(n)["drop"]
    many = tender.number_of_vendors(x["luck_number"], x["more"])
    values = [x.get(f"value {name}", np.array([-np.inf])) for name in vendors]
    award = tender.award(values, [n[f"restricted {name}"] > 0 for name in vendors], many, kept, x["level"] == 2)
    slots = {f"slot {i + 1}": float(won[0]) for i, won in enumerate(award.winners) if won[0] != tender.NOBODY}
    return joined(_winners(slots, vendors))


def _order(note: Note, names: Names) -> str:
    n, group = note.numbers, plain(str(note.name[0]))
    able, buys = (joined([money(n[prefix + origin]) for origin in _ORIGINS]) for prefix in ("could ship ", ""))
    more = f"it orders {money(n['to_build'])} more towards that" if n["to_build"] > 0 else "it orders no more than it needs"
    return (
        f"{names.word('vendor')} needs USD {money(n['needed'])} bn of {group} this month and holds {money(n['stock'])}; it wants stock for "
        f"{number(n['target'])} months, so {more}. From {names.word('controlled')}, other foreign and {names.word('domestic')} sellers it "
        f"could get {able}; it buys {buys}."
    )


def _buys(n: Numbers) -> str:
    return ", ".join(f"{origin} {n[origin]:.9f}" for origin in _ORIGINS)


def _order_worked(n: Numbers) -> Numbers:
    x = _all(n)
    target = x["base"] + x["stockpile"] * x["hoard"] * x["horizon"] * x["scarcity"]
    return {"target": float(target[0]), "to_build": float(sourcing.build(target, x["needed"], x["stock"], x["build_time"])[0])}


def _orders_again(n: Numbers) -> str:
    x, build = _all(n), np.array([_order_worked(n)["to_build"]])
    able = [x[f"could ship {origin}"] for origin in _ORIGINS]
    bought = sourcing.split(x["needed"] + build, build, x["share"], x["build_share"], *able)
    return _buys({origin: float(x[0]) for origin, x in zip(_ORIGINS, bought, strict=True)})


KINDS = (
    Kind("level change", "a government goes to a higher level", _level, _to, _levels_again, _level_worked),
    Kind("level taken back", "a government goes a level down", _level, _to, _falls_again, _level_worked),
    Kind("level by date", "a level that is a dated fact", _by_date, _to, _to),
    Kind("level together", "a level that a union's members take together", _together, _to, _together_again),
    Kind("award on record", "a first 5G network that is on record, in a run that starts from it", _on_record, _bought, _bought),
    Kind("award", "a carrier orders its first 5G network", _award, _bought, _awards_again, _award_worked),
    Kind("renewal", "a carrier orders a part of its 5G network anew, each month after", _award, _bought, _awards_again, _award_worked),
    Kind("order", "what the vendor orders of an input group in a month, USD bn", _order, _buys, _orders_again, _order_worked),
)
