"""A scenario that was made or changed in Python, checked as if it were a file."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.case import shipped_cases
from sim.prior import COPY
from sim.refusal import InputError
from sim.scenario import Scenario, read


def from_python(scenario: Scenario, sets: Sequence[str] = ()) -> Scenario:
    """The same scenario, with what `sets` add (path=value, as after --set), read back from the file that it would be.

    InputError for whatever a file would be refused for: it names the scenario in the place of file and line.
    """
    case = scenario.case if scenario.case in shipped_cases() else "case"
    with tempfile.TemporaryDirectory(prefix="chokepoint-") as folder:
        file = Path(folder) / "scenario.yaml"
        (Path(folder) / "case").mkdir()  # the tables are read from where they are
        if scenario.prior is not None:
            shutil.copyfile(scenario.prior.file, Path(folder) / COPY)
        file.write_text(_text(scenario, case), encoding="utf-8")
        try:
            again = read(str(file), sets)
        except InputError as refused:
            where = refused.where if refused.where.startswith("--set") else f"the scenario {scenario.name}"
            raise InputError(where, refused.what.replace(f"{file}:", "line ")) from None
    said = {path: place for path, place in again.places.items() if place.startswith("--set")}
    came_from = {name: getattr(scenario, name) for name in ("name", "case", "case_folder", "files")}
    prior = again.prior
    if prior is not None and scenario.prior is not None:
        prior = replace(prior, name=scenario.prior.name, file=scenario.prior.file)
    return replace(again, **came_from, prior=prior, places=said, own=scenario.own | said.keys())


def _text(scenario: Scenario, case: str) -> str:
    try:
        levers = {path: _floats(value) for path, value in scenario.levers.items()}
        constants = {path: float(value) for path, value in scenario.constants.items()}
        return replace(scenario, levers=levers, constants=constants).resolved(case)
    except (AttributeError, TypeError, ValueError) as fault:
        what = f"it holds what no scenario can hold ({fault}); change numbers of what sim.scenario() gives, or write a file"
        raise InputError(f"the scenario {scenario.name}", what) from None


def _floats(value: Any) -> Any:
    return {date: float(level) for date, level in value.items()} if isinstance(value, Mapping) else float(value)
