"""The parameters of a block of worlds: every number an array, one value a world."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.case import Case
from sim.parameters import PARAMETERS
from sim.worlds import Numbers


def values_of(case: Case, fixed: Mapping[str, float], drawn: Mapping[str, Numbers], worlds: int) -> Any:
    """The rules' numbers by path: p.authority.noise is a (worlds,) array, p.government.hawk[row] one for each row of a table,
    p.lines.per_group (structural) a float.

    fixed: a scenario's constants and undated levers; drawn: its uncertainties, (worlds,) each; all else has its default
    """
    tree: dict[str, Any] = {}

    def put(parts: list[str], value: Any) -> None:
        room = tree
        for part in parts[:-1]:
            room = room.setdefault(part, {})
        room[parts[-1]] = value

    def at(path: str, default: float) -> Numbers:
        return drawn[path] if path in drawn else np.full(worlds, fixed.get(path, default))

    for path, entry in PARAMETERS.items():
        if entry.kind == "dated":
            continue
        first, _, last = path.partition(".*.")
        if last:
            put([first, last], {row: at(f"{first}.{row}.{last}", entry.value) for row in case[entry.over].key})
        elif entry.structural:
            put(path.split("."), float(fixed.get(path, entry.value)))
        else:
            put(path.split("."), at(path, entry.value))
    return SimpleNamespace(**{name: SimpleNamespace(**room) for name, room in tree.items()})
