"""`chokepoint robust` in words: policies by criteria, and in which worlds each fails; JSON, CSV."""

import math
from typing import Any

import numpy as np

from sim.analysis.futures import about
from sim.analysis.prim import Box, Discovery
from sim.analysis.robust import FEWEST_FAILURES, Regret, Robust, Where, least
from sim.decisions.figures import joined
from sim.spreadsheet import csv_text, number_text
from sim.tables import number, table, wrapped
from sim.worlds import Numbers

_UNSAID = ("share", "chance", "number", "weight", "factor", "0/1", "correlation", "sensitivity", "belief", "index", "power", "a year")
_CRITERIA = (("mean regret", "mean_regret"), ("90 % regret", "regret_90"), ("worst regret", "worst_regret"))


def as_text(found: Robust) -> str:
    many = f"{len(found.policies)} policies over the same " if len(found.policies) > 1 else f"{found.policies[0]}: "
    parts = [wrapped(f"{many}{found.worlds:,} worlds (seed {found.seed}), {found.year}.", hang=0)]
    parts += [_regret(found, one) for one in found.regrets]
    parts += [_goals(found)] if found.goals else []
    parts += [_failures(found, one) for one in found.failures]
    if any(one.found is not None for one in found.failures):
        parts.append(wrapped(_rule(found), hang=0))
    parts += [wrapped(f"note: {remark}.", hang=2) for remark in found.remarks]
    return "\n\n".join(parts)


def _regret(found: Robust, one: Regret) -> str:
    better = "less is better" if one.sense == "minimise" else "more is better"
    columns = ["policy", "mean", "5-95 %", "best in", *(name for name, _ in _CRITERIA)]
    best = {key: least(getattr(one, key)) for _, key in _CRITERIA}
    top = least(-one.best_in)
    rows = []
    for i, name in enumerate(found.policies):
        cells = [number(float(one.mean[i])), f"{number(float(one.p5[i]))} to {number(float(one.p95[i]))}"]
        cells.append(f"{one.best_in[i]:.1%}{_star(i, top, len(found.policies))}")
        cells += [f"{number(float(getattr(one, key)[i]))}{_star(i, best[key], len(found.policies))}" for _, key in _CRITERIA]
        rows.append([name, *cells])
    text = [wrapped(f"{one.outcome}, {one.unit}, {better}: {one.sentence}."), table(columns, rows, numbers=len(columns) - 1)]
    names = {key: _names(found, best[key]) for key in best}
    if len(set(names.values())) == 1:
        said = f"{names['mean_regret']}: least regret on average, in the worst tenth and in the worst world."
    else:
        said = f"Least mean regret: {names['mean_regret']}. Least 90 % regret: {names['regret_90']}."
        said += f" Least worst regret (minimax): {names['worst_regret']}."
    if any(len(places) > 1 for places in best.values()):
        said += " Policies named together are tied."
    if one.untold:
        said += f" By mean regret {_names(found, one.untold)} cannot be told from the best with so many worlds."
    return "\n".join([*text, wrapped(said, hang=0)])


def _star(i: int, best: list[int], of: int) -> str:
    """The mark of the best; none where all are."""
    return " *" if i in best and len(best) < of else "  "


def _names(found: Robust, places: list[int]) -> str:
    return joined([found.policies[i] for i in places])


def _goals(found: Robust) -> str:
    several = len(found.goals) > 1
    which = "; all goals together: the domain criterion" if several else " (the domain criterion)"
    shares: list[Numbers] = [*found.held, *([found.all_held] if several else [])]
    columns = ["policy", *map(str, found.goals), *(["all goals"] if several else [])]
    rows = [[name] for name in found.policies]
    for column in shares:
        best = least(-column)
        for i, row in enumerate(rows):
            row.append(f"{column[i]:.1%}{_star(i, best, len(rows))}")
    head = f"Share of worlds in which a goal holds{which}."
    last = ["* the best of its column."] if len(found.policies) > 1 else []
    return "\n".join([wrapped(head, hang=0), table(columns, rows, numbers=len(columns) - 1), *last])


def _failures(found: Robust, one: Where) -> str:
    name, missed = found.policies[one.policy], _missed(found)
    if one.found is None:
        worlds = round(one.failing * found.worlds)
        if worlds == 0:
            return wrapped(f"{name} misses {missed} in no world.")
        few = f"in {worlds:,} of {found.worlds:,} worlds"
        why = f"fewer than {FEWEST_FAILURES} {'failures' if one.failing < 0.5 else 'successes'} say nothing of where they lie"
        return wrapped(f"{name} misses {missed} {few}; {why}.")
    box = one.found.box
    if box is None:
        asked = " that chance would not give as well"
        if found.threshold is not None:
            asked = f" in which failures are {found.threshold:.0%} of the worlds; the densest on the trade-off has {_densest(one):.0%}"
        return wrapped(f"{name} misses {missed} in {one.failing:.0%} of the worlds, and no box of parameters was found{asked}.")
    often = "mostly" if box.coverage >= 0.5 else "more often"
    limits = [_limit(one.paths[path], side, value) for (path, side), value in box.limits.items()]
    when = joined(limits)
    share = f"{box.coverage:.0%} of the failures lie there, and failures are {box.density:.0%} of the worlds there ({box.base:.0%} of all)"
    lines = [wrapped(f"{name} misses {missed} {often} when {when}: {share}.")]
    for limit in box.limits:
        path = one.paths[limit[0]]
        lines.append(wrapped(f"  {path}: {about(path)[1]} (quasi-p {_p(one.found.quasi_p[limit])})"))
    lines.append(wrapped(_tried(one.found), hang=2))
    return "\n".join(lines)


def _tried(found: Discovery) -> str:
    if found.elsewhere is None:
        return "  Half of the worlds alone give no box, so take this one with care."
    density, coverage = found.elsewhere
    tried = f"{coverage:.0%} of the failures, {density:.0%} of the worlds there"
    return f"  The box that half of the worlds give, tried on the other half: {tried}."


def _densest(one: Where) -> float:
    return max(box.density for box in one.found.trade_off) if one.found is not None else 0.0


def _missed(found: Robust) -> str:
    goals = [str(goal) for goal in found.goals]
    return goals[0] if len(goals) == 1 else f"one of its goals ({', '.join(goals)})"


def _limit(path: str, side: int, value: float) -> str:
    unit = about(path)[0]
    said = "" if not unit or unit.startswith(_UNSAID) else f" {unit}"
    return f"{path} is {'below' if side else 'above'} {value:.3g}{said}"


def _p(value: float) -> str:
    return "below 1e-10" if value < 1e-10 else f"{value:.1g}"


def _rule(found: Robust) -> str:
    chosen = (
        "the one that holds the largest share of the failures times its gain in density over all worlds"
        if found.threshold is None
        else f"of the boxes in which at least {found.threshold:.0%} of the worlds are failures, the one that holds the most failures"
    )
    return f"Boxes by PRIM: along the trade-off, {chosen}. --json has all of it. Where failures lie is not why they happen."


def as_json(found: Robust) -> dict[str, Any]:
    """All criteria, the policies that are best by each, and the whole trade-off of boxes."""
    return {
        "policies": [{"policy": name, "folder": str(folder)} for name, folder in zip(found.policies, found.folders, strict=True)],
        "worlds": found.worlds, "seed": found.seed, "year": found.year, "remarks": found.remarks,
        "objectives": [_regret_json(found, one) for one in found.regrets],
        "goals": [{"goal": str(goal), "share_of_worlds": _by_policy(found, h)} for goal, h in zip(found.goals, found.held, strict=True)],
        "all_goals": _by_policy(found, found.all_held) if found.goals else None,
        "failures": [_where_json(found, one) for one in found.failures],
    }  # fmt: skip


def _by_policy(found: Robust, values: Numbers) -> dict[str, float | None]:
    return {name: float(v) if math.isfinite(v) else None for name, v in zip(found.policies, values, strict=True)}


def _regret_json(found: Robust, one: Regret) -> dict[str, Any]:
    keys = ("mean", "p5", "p95", "best_in", "mean_regret", "regret_90", "worst_regret")
    best = {key: [found.policies[i] for i in least(getattr(one, key))] for _, key in _CRITERIA}
    told = {"outcome": one.outcome, "unit": one.unit, "sense": one.sense, **{key: _by_policy(found, getattr(one, key)) for key in keys}}
    return {**told, "least": best, "not_told_from_best": [found.policies[i] for i in one.untold]}


def _where_json(found: Robust, one: Where) -> dict[str, Any]:
    told: dict[str, Any] = {"policy": found.policies[one.policy], "failing": one.failing, "box": None, "trade_off": [], "other_half": None}
    if one.found is not None:
        p = one.found.quasi_p
        told["box"] = _box_json(one, one.found.box, p) if one.found.box is not None else None
        told["trade_off"] = [_box_json(one, box, {}) for box in one.found.trade_off]
        if one.found.elsewhere is not None:
            told["other_half"] = dict(zip(("density", "coverage"), one.found.elsewhere, strict=True))
    return told


def _box_json(one: Where, box: Box, p: dict[tuple[int, int], float]) -> dict[str, Any]:
    limits = []
    for (path, side), value in box.limits.items():
        unit, meaning = about(one.paths[path])
        more = {"quasi_p": p[path, side], "meaning": meaning} if p else {}
        limits.append({"path": one.paths[path], ("below" if side else "above"): value, "unit": unit, **more})
    return {"limits": limits, "coverage": box.coverage, "density": box.density, "mass": box.mass}


def as_csv(found: Robust) -> bytes:
    """A row a policy, objective or goal, and criterion; best is 1 for the best, and for all that tie with it."""
    rows: list[list[str]] = [["policy", "of", "criterion", "value", "best"]]
    for one in found.regrets:
        for key in ("mean", "p5", "p95", "best_in", *(key for _, key in _CRITERIA)):
            values = getattr(one, key)
            best = least(values) if key.endswith("regret") or key == "regret_90" else least(-values) if key == "best_in" else None
            rows += _csv_rows(found, one.outcome, key, values, best)
    for goal, held in zip(found.goals, found.held, strict=True):
        rows += _csv_rows(found, str(goal), "goal_holds", held, least(-held))
    if found.goals:
        rows += _csv_rows(found, "all goals", "goal_holds", found.all_held, least(-found.all_held))
    return csv_text(rows)


def _csv_rows(found: Robust, of: str, criterion: str, values: Numbers, best: list[int] | None) -> list[list[str]]:
    marks = [""] * len(values) if best is None else [str(int(i in best)) for i in range(len(values))]
    names = zip(found.policies, np.asarray(values), marks, strict=True)
    return [[name, of, criterion, number_text(float(value)), mark] for name, value, mark in names]
