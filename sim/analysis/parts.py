"""A scenario taken apart: what it moves against another, piece by piece, and scenarios that move only some of it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sim.parameters import RULES, find
from sim.prior import Prior
from sim.refusal import InputError
from sim.scenario import Scenario
from sim.sections import LeverValue
from sim.uncertainty import Spread

ROWS_APART = 4  # rows of one table of which each is a part; more are one part
START, JOINT, PRIOR = "start.from_record", "uncertainties.joint", "prior"


def parts(base: Scenario, other: Scenario) -> dict[str, frozenset[str]]:
    """name -> the paths that move together: a lever with its events, a number or its spread, a rule, the start.

    The same lever on many rows of a table is one part, `lever.*.name`. InputError where the cases differ.
    """
    if base.case_folder.resolve() != other.case_folder.resolve():
        raise InputError("--decompose", f"{other.name} is of the case {other.case} and {base.name} of {base.case}; name scenarios of one")
    moved = [path for path in _paths(base, other) if _state(base, path) != _state(other, path)]
    kinds: dict[str, list[str]] = {}
    for path in moved:
        kinds.setdefault(_kind(path), []).append(path)
    found: dict[str, frozenset[str]] = {}
    for kind, paths in kinds.items():
        if len(paths) >= ROWS_APART:
            found[kind] = frozenset(paths)
        else:
            found |= {path: frozenset([path]) for path in paths}
    return found


def with_parts(base: Scenario, other: Scenario, paths: Iterable[str]) -> Scenario:
    """The base with some paths as the other has them. Runs, sweeps and answers are the other's."""
    chosen = set(paths)

    def merged(section: str) -> dict[str, Any]:
        ours, theirs = getattr(base, section), getattr(other, section)
        kept = {path: value for path, value in ours.items() if path not in chosen}
        return kept | {path: value for path, value in theirs.items() if path in chosen}

    events = [e for e in base.events if e.lever not in chosen] + [e for e in other.events if e.lever in chosen]
    return replace(
        other,
        levers=merged("levers"),
        uncertainties=merged("uncertainties"),
        constants=merged("constants"),
        events=tuple(sorted(events, key=lambda e: (e.date, e.lever))),
        rules={rule: (other if f"rules.{rule}" in chosen else base).rules[rule] for rule in RULES},
        joints=(other if JOINT in chosen else base).joints,
        prior=_prior(base, other, chosen),
        from_record=(other if START in chosen else base).from_record,
    )


def _prior(base: Scenario, other: Scenario, chosen: set[str]) -> Prior | None:
    """The sample of one of them; of each number, the one that the number comes from says whether it is taken from there."""
    prior = (other if PRIOR in chosen else base).prior
    if prior is None:
        return None
    apart = {path for path in prior.about["drawn_from"] if _apart(other if path in chosen else base, path)}
    return replace(prior, apart=frozenset(apart))


def _apart(scenario: Scenario, path: str) -> bool:
    """Whether a scenario leaves a number out of its sample, and says it by itself."""
    return scenario.prior is not None and path in scenario.prior.apart


def _paths(*scenarios: Scenario) -> list[str]:
    found = [path for s in scenarios for section in (s.levers, s.uncertainties, s.constants) for path in section]
    found += [event.lever for s in scenarios for event in s.events]
    return list(dict.fromkeys([*found, *(f"rules.{rule}" for rule in RULES), START, JOINT, PRIOR]))


_State = tuple[LeverValue | Spread | str | tuple[str, ...] | None, tuple[tuple[str, float], ...], bool]


def _state(scenario: Scenario, path: str) -> _State:
    """What a scenario says of a path, defaults filled in; its events there; and whether it leaves it out of its sample."""
    if path.startswith("rules."):
        return scenario.rules[path.removeprefix("rules.")], (), False
    if path in (START, JOINT):
        return (scenario.from_record if path == START else scenario.joints), (), False
    if path == PRIOR:
        return (None if scenario.prior is None else scenario.prior.mark), (), False
    events = tuple((event.date, event.value) for event in scenario.events if event.lever == path)
    for section in (scenario.levers, scenario.uncertainties, scenario.constants):
        if path in section:
            return section[path], events, _apart(scenario, path)
    entry = find(path)
    return (None if entry is None or entry.kind == "dated" or scenario.joints else entry.value), events, _apart(scenario, path)


def _kind(path: str) -> str:
    words = path.split(".")
    entry = find(path)
    return f"{words[0]}.*.{words[2]}" if entry is not None and entry.over and len(words) == 3 else path
