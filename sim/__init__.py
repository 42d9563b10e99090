"""Chokepoint: export controls as a negotiation, simulated over many possible futures.

From Python (docs/api.md): `sim.run("history", worlds=500)` runs a scenario and gives a `Run`, whose tables are pandas's; `sim.open`
reads a finished one, `sim.sweep` and `sim.compare` ask the next questions, `sim.scenarios()`, `sim.parameters()` and `sim.outcomes()`
say what there is. The command line, `chokepoint`, does the same with files.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.batch.disk import StorageError as StorageError
    from sim.batch.ended import RunFailed as RunFailed
    from sim.notebook.calls import compare as compare
    from sim.notebook.calls import open as open  # noqa: A004
    from sim.notebook.calls import run as run
    from sim.notebook.calls import sweep as sweep
    from sim.notebook.ema import to_ema as to_ema
    from sim.notebook.lists import outcomes as outcomes
    from sim.notebook.lists import parameters as parameters
    from sim.notebook.lists import scenario as scenario
    from sim.notebook.lists import scenarios as scenarios
    from sim.notebook.one_world import OneWorld as OneWorld
    from sim.notebook.one_world import mesa_model as mesa_model
    from sim.notebook.runs import Run as Run
    from sim.notebook.runs import SweepRun as SweepRun
    from sim.refusal import InputError as InputError
    from sim.scenario import Scenario as Scenario

__version__ = "0.5.0"

# Every public name, and the room where it lives; none is opened before somebody asks.
_ROOMS = {
    **dict.fromkeys(("run", "open", "sweep", "compare"), "sim.notebook.calls"),
    **dict.fromkeys(("scenarios", "scenario", "parameters", "outcomes"), "sim.notebook.lists"),
    **dict.fromkeys(("Run", "SweepRun"), "sim.notebook.runs"),
    "Scenario": "sim.scenario",
    **dict.fromkeys(("mesa_model", "OneWorld"), "sim.notebook.one_world"),
    "to_ema": "sim.notebook.ema",
    "InputError": "sim.refusal",
    "RunFailed": "sim.batch.ended",
    "StorageError": "sim.batch.disk",
}

__all__ = ["__version__", *_ROOMS]


class _House(ModuleType):
    """Some rooms have the name of a public function: sim/scenario.py, sim/sweep.py. Whoever opens one makes Python hang its door sign
    here; the function's stays, so that `sim.scenario("history")` works whatever was imported before."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _ROOMS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    value = getattr(import_module(_ROOMS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_ROOMS})


sys.modules[__name__].__class__ = _House
