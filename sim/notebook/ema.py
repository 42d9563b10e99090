"""A scenario as a model of the EMA workbench (https://emaworkbench.readthedocs.io): its uncertainties, levers and outcomes."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.batch.plan import Plan
from sim.batch.store import as_stored
from sim.batch.summary import by_year, years_of
from sim.notebook.options import options, settings, varied
from sim.refusal import InputError, nearest
from sim.scenario import Scenario
from sim.sweep import Sweep, Varied, varied_on_command_line
from sim.uncertainty import Normal, OneOf, Spread, Triangular, Uniform

WORLDS = 50  # of an experiment: most of what one world costs is paid once for all


def to_ema(
    scenario: str | Scenario,
    outcomes: str | Sequence[str],
    *,
    levers: Mapping[str, Any] | None = None,
    uncertainties: Sequence[str] | None = None,
    year: int | None = None,
    monthly: bool = False,
    worlds: int | None = WORLDS,
    seed: int | None = None,
    months: int | None = None,
    sets: Mapping[str, Any] | None = None,
) -> Any:
    """A scenario as an `ema_workbench.Model`, for perform_experiments, optimisation and so on.

    outcomes: names; each the mean over the experiment's worlds of the year's value (a ScalarOutcome, in the outcome's unit), or, with
        monthly, of every month (a TimeSeriesOutcome called NAME_monthly, (months,)); year: by default the run's last
    levers: path to (low, high) or a list of values, each in the path's own unit
    uncertainties: which of the scenario's; by default all that are no levers. What is left, and what the scenario draws together
        from a table, goes on to differ from world to world. A lever or uncertainty a.b is called a__b there.
    worlds: of an experiment, with the same luck in each; seed, months, sets: as for `sim.run`

    An experiment equals `sim.run` with its values in `sets`, to the last bit. InputError for whatever is wrong, and where the package
    ema_workbench is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of optional parts of its own that are not installed
            import ema_workbench as ema
    except ImportError:
        raise InputError("to_ema", "it needs the EMA workbench; install it with: pip install 'chokepoint[ema]'") from None
    run = {name: value for name, value in options("run", worlds=worlds, seed=seed, months=months).items() if value is not None}
    names = tuple(dict.fromkeys([outcomes] if isinstance(outcomes, str) else outcomes))
    _known(names)
    plan = Plan.of(scenario, settings(sets), **run, record="analysed", analysed=names)
    if plan.scenario.sweep is not None:
        raise InputError("to_ema", f"{plan.scenario.name} has a sweep of its own; leave it out, the workbench makes the experiments")
    chosen = [varied_on_command_line(text) for text in varied(levers)]
    if chosen:
        Plan.of(scenario, settings(sets), Sweep(tuple(chosen), "grid", 1, 1))  # refuses a row that the case does not have
    spreads = _spreads(plan.scenario, uncertainties, [one.path for one in chosen])

    model = ema.Model(_name(plan.scenario.name), function=Experiment(plan, names, _year(plan, year), monthly))
    model.uncertainties = [_uncertainty(ema, path, spread) for path, spread in spreads.items()]
    model.levers = [_lever(ema, one) for one in chosen]
    if monthly:  # the workbench knows an outcome's name as one kind all session long
        model.outcomes = [ema.TimeSeriesOutcome(f"{name}_monthly", variable_name=name) for name in names]
    else:
        model.outcomes = [ema.ScalarOutcome(name) for name in names]
    return model


class Experiment:
    """What the workbench calls with the values of uncertainties and levers: their outcomes, by name. Computes in this process."""

    def __init__(self, plan: Plan, outcomes: Sequence[str], year: int, monthly: bool) -> None:
        self.plan, self.outcomes, self.year, self.monthly = plan, outcomes, year, monthly

    def __call__(self, **given: float) -> dict[str, Any]:
        from sim.model import simulate
        from sim.outcomes import OUTCOMES

        found: dict[str, list[Any]] = {name: [] for name in self.outcomes}
        for block in range(self.plan.blocks):
            worlds = self.plan.cut(block)
            set_here = {name.replace("__", "."): np.full(len(worlds), float(value)) for name, value in given.items()}
            series = simulate(self.plan.scenario, self.plan.case, worlds, self.plan.values(worlds) | set_here).series
            for name in self.outcomes:
                months = as_stored(series[name]).T  # rounded as a results folder has it
                found[name].append(months if self.monthly else by_year(months, OUTCOMES[name].yearly)[:, self.year])
        over_worlds = {name: np.concatenate(parts).astype(np.float64).mean(axis=0) for name, parts in found.items()}
        return over_worlds if self.monthly else {name: float(value) for name, value in over_worlds.items()}


def _known(names: Sequence[str]) -> None:
    from sim.outcomes import OUTCOMES

    if not names:
        raise InputError("outcomes", "name one or more, such as lost_sales")
    for name in names:
        if name not in OUTCOMES:
            raise InputError("outcomes", f'there is no outcome "{name}"{nearest(str(name), OUTCOMES)}')


def _year(plan: Plan, year: int | None) -> int:
    years = years_of(plan.scenario.run.months)
    if year is not None and year not in years:
        raise InputError("year", f"{year} is no year of this run; its years are {years[0]} to {years[-1]}")
    return len(years) - 1 if year is None else years.index(year)


def _spreads(scenario: Scenario, asked: Sequence[str] | None, levers: Sequence[str]) -> dict[str, Spread]:
    own = scenario.uncertainties
    paths = [path for path in own if path not in levers] if asked is None else list(dict.fromkeys(asked))
    for path in paths:
        if path not in own:
            raise InputError("uncertainties", f'"{path}" is not uncertain in {scenario.name}{nearest(path, own)}')
        if path in levers:
            raise InputError("uncertainties", f'"{path}" is a lever already; keep one')
    return {path: own[path] for path in paths}


def _uncertainty(ema: Any, path: str, spread: Spread) -> Any:
    name = path.replace(".", "__")
    match spread:
        case Uniform(low, high):
            return ema.RealParameter(name, low, high)
        case OneOf(values, _):
            return ema.CategoricalParameter(name, list(values))
        case Triangular(low, mode, high):
            from scipy.stats import triang

            return ema.RealParameter.from_dist(name, triang((mode - low) / (high - low), loc=low, scale=high - low))
        case Normal(mean, sd, least, most):
            from scipy.stats import truncnorm

            return ema.RealParameter.from_dist(name, truncnorm((least - mean) / sd, (most - mean) / sd, loc=mean, scale=sd))


def _lever(ema: Any, one: Varied) -> Any:
    name = one.path.replace(".", "__")
    return ema.CategoricalParameter(name, list(one.values)) if one.values else ema.RealParameter(name, one.low, one.high)


def _name(scenario: str) -> str:
    """Letters and digits alone, as the workbench wants it."""
    letters = "".join(c for c in scenario if c.isascii() and c.isalnum())
    return letters if letters[:1].isalpha() else f"scenario{letters}"
