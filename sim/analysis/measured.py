"""What the targets measure, in a block of worlds."""

from collections.abc import Sequence

import numpy as np

from sim.analysis.targets import Target
from sim.analysis.validation import _read, _value
from sim.case import Case
from sim.model import TradeModel
from sim.scenario import Scenario
from sim.worlds import Numbers, Worlds, total


def measured(scenario: Scenario, case: Case, worlds: Worlds, drawn: dict[str, Numbers], targets: Sequence[Target]) -> Numbers:
    """(targets, worlds). Runs to the scenario's horizon, which must reach every target, and keeps nothing else."""
    months = scenario.run.months
    which = {(t.measure, t.selector): t for t in (_FILINGS, *targets)}
    series = {key: np.zeros((months, len(worlds))) for key in which}
    with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
        model = TradeModel(scenario, case, worlds, drawn)
        try:
            for month in range(months):
                model.step()
                for key, target in which.items():
                    series[key][month] = _value(model, target)
        finally:
            model.close()
    return np.array([_off(t, series[t.measure, t.selector], series["filings", ""]) for t in targets]).reshape(len(targets), len(worlds))


_FILINGS = Target("filings", "filings", "", 0, 0, "sum", 0.0, 0.0, 0.0, "input", False, "")


def _off(target: Target, series: Numbers, filings: Numbers) -> Numbers:
    if target.how == "mean":
        return total(series[target.first : target.last + 1]) / (target.last + 1 - target.first)
    return _read(target, series, filings)
