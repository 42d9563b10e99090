"""Which world of one finished run belongs to which of another; from their folders alone."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.batch.results import WHO, Results
from sim.refusal import InputError
from sim.worlds import Index, Integers, Numbers

_NAMED = 3  # of many, so many are named in a note


@dataclass(frozen=True)
class Pairing:
    """base, other: places of the paired worlds in each run; number, sample: theirs, (pairs,) each.

    values: what varies in either run, path -> (pairs,), the other's where both vary it
    notes: what a reader must know beside the numbers
    """

    base: Index
    other: Index
    number: Integers
    sample: Integers
    values: dict[str, Numbers] = field(repr=False)
    notes: list[str]

    def __len__(self) -> int:
        return len(self.number)


def pair(base: Results, other: Results) -> Pairing:
    """Worlds of one number, which must have one luck. InputError where the runs' luck is not the same."""
    where = str(other.folder)
    _same_luck(base, other, where)
    ours, theirs = base.worlds(), other.worlds()
    number, at, to = np.intersect1d(ours["world"], theirs["world"], return_indices=True)
    if not len(number):
        raise InputError(where, f"it has no world in common with {base.folder}, so nothing can be paired; run both with the same worlds")
    for what in ("replicate", "sample"):
        if (apart := ours[what][at] != theirs[what][to]).any():
            k = int(np.argmax(apart))
            told = f"world {number[k]} is {what} {theirs[what][to][k]} here and {ours[what][at][k]} in {base.folder}"
            raise InputError(where, f"its worlds have another luck: {told}; compare a run with a run, or sweeps of as many replicates")
    notes = []
    if len(number) < max(len(ours["world"]), len(theirs["world"])):
        notes.append(f"only the {len(number):,} worlds that both runs have are compared")
    notes += _other_values(ours, theirs, at, to, where)
    notes += _other_inputs(base, other)
    values = {path: x[at] for path, x in ours.items() if path not in WHO} | {path: x[to] for path, x in theirs.items() if path not in WHO}
    return Pairing(at, to, number, ours["sample"][at], values, notes)


def _same_luck(base: Results, other: Results, where: str) -> None:
    a, b = base.manifest, other.manifest
    if a["streams"] != b["streams"]:
        what = f"its luck was drawn by {b['streams']}, that of {base.folder} by {a['streams']}; run both with one version of Chokepoint"
        raise InputError(where, what)
    if a["seed"] != b["seed"]:
        what = f"its seed is {b['seed']}, that of {base.folder} is {a['seed']}, so their luck differs; run both with one --seed"
        raise InputError(where, what)
    if a["months"] != b["months"]:
        what = f"it has {b['months']} months, {base.folder} has {a['months']}; run both with the same --months"
        raise InputError(where, what)


def _other_values(ours: dict[str, Any], theirs: dict[str, Any], at: Index, to: Index, where: str) -> list[str]:
    """What varies in both and not alike: with one luck, that is a spread that was changed, or points of sweeps that are not the same."""
    both = [path for path in ours if path in theirs and path not in WHO]
    apart = [path for path in both if not np.array_equal(ours[path][at], theirs[path][to])]
    if apart and ("point" in ours or "point" in theirs):
        raise InputError(where, f"{apart[0]} has other values at the same points; compare sweeps of the same points")
    return [f"{named(apart)} varied over another spread, at the same quantile in each world: that is part of the change"] if apart else []


def _other_inputs(base: Results, other: Results) -> list[str]:
    a, b = base.case_hashes, other.case_hashes
    notes = []
    if apart := [name.removeprefix("case/") for name in sorted({*a, *b}) if a.get(name) != b.get(name)]:
        cases = [run.on_case for run in (base, other)]
        which = f", {cases[0].short} and {cases[1].short}" if cases[0] is not None and cases[1] is not None else ""
        notes.append(f"the tables of the case differ ({named(apart)}){which}: that is part of the change")
    ours, theirs = ((run.on_case.notes if run.on_case is not None else ()) for run in (base, other))
    notes += [note for note in ours if note in theirs]
    for run, some, rest in ((base, ours, theirs), (other, theirs, ours)):
        notes += [f"{run.manifest['scenario']} ({run.folder.name}): {note}" for note in some if note not in rest]
    if base.manifest["environment"]["code"] != other.manifest["environment"]["code"]:
        notes.append("the two runs were made by different code of Chokepoint: that may be part of the change")
    return notes


def named(names: list[str]) -> str:
    """The first of them, and how many more."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
