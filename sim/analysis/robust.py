"""Policies over the same futures: regret, how often goals hold, and where they fail. One objective at a time; they are never added up.

A policy is a finished run. World i of each has the same luck and the same draws, so every comparison is world by world.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.analysis.futures import Futures, refuse_blanks, years_asked
from sim.analysis.policies import policies_of, remarks_on
from sim.analysis.prim import Discovery, discover
from sim.refusal import InputError
from sim.text_file import printable
from sim.worlds import Mask, Numbers

_GOAL = re.compile(r"\s*(\w+)\s*(<=|>=|<|>)\s*(\S+)\s*", re.ASCII)
_HOLDS = {"<=": np.less_equal, ">=": np.greater_equal, "<": np.less, ">": np.greater}
FEWEST_FAILURES = 10  # below which no box is looked for


@dataclass(frozen=True)
class Goal:
    """An outcome's year that is to lie on one side of a value."""

    outcome: str
    sign: str
    value: float

    def __str__(self) -> str:
        return f"{self.outcome} {self.sign} {self.value:g}"

    def holds(self, values: Numbers) -> Mask:
        return np.asarray(_HOLDS[self.sign](values, self.value))


@dataclass(frozen=True)
class Regret:
    """One objective over the policies, (policies,) each. best_in: share of worlds in which none does better; regret: what it does
    worse than the best policy in the same world; behind: by how much its mean regret exceeds the least, with a standard error"""

    outcome: str
    unit: str
    sentence: str
    sense: str
    mean: Numbers
    p5: Numbers
    p95: Numbers
    best_in: Numbers
    mean_regret: Numbers
    regret_90: Numbers
    worst_regret: Numbers
    behind: Numbers
    behind_error: Numbers

    @property
    def untold(self) -> list[int]:
        """Policies whose mean regret cannot be told from the least with so many worlds, others than the best."""
        return [int(i) for i in np.flatnonzero((self.behind > 0) & (self.behind <= 1.96 * self.behind_error))]


@dataclass(frozen=True)
class Where:
    """Where a policy misses the goals. failing: share of the worlds; found: None where too few, or all, fail"""

    policy: int
    failing: float
    paths: list[str]
    found: Discovery | None


@dataclass(frozen=True)
class Robust:
    """policies: what each is called; held: (goals, policies) shares of worlds; all_held: (policies,), the domain criterion"""

    policies: list[str]
    folders: list[Path]
    worlds: int
    seed: int
    year: int
    regrets: list[Regret]
    goals: list[Goal]
    held: Numbers
    all_held: Numbers
    failures: list[Where]
    threshold: float | None
    remarks: list[str]


def analyse(
    folders: Sequence[Path], minimise: Sequence[str] = (), maximise: Sequence[str] = (), goals: Sequence[str] = (), *,
    year: str | None = None, discover_in: Sequence[str] = (), threshold: str | None = None,
) -> Robust:  # fmt: skip
    """folders: runs, or a batch; discover_in: policies whose failures are looked into, all where none is named."""
    wanted = [goal_of(text) for text in dict.fromkeys(goals)]
    senses = [*((name, "minimise") for name in dict.fromkeys(minimise)), *((name, "maximise") for name in dict.fromkeys(maximise))]
    if not senses and not wanted:
        raise InputError("robust", 'say what counts: --minimise OUTCOME, --maximise OUTCOME, or --goal "OUTCOME<=VALUE"')
    if both := next((name for name in minimise if name in maximise), None):
        raise InputError("--maximise", f'"{both}" is to be minimised too; choose one')
    if (discover_in or threshold is not None) and not wanted:
        option = "--discover" if discover_in else "--threshold"
        raise InputError(option, 'a failure is a goal that is missed; give a --goal "OUTCOME<=VALUE"')
    names, runs = policies_of(folders)
    if len(runs) < 2 and senses:
        raise InputError(str(folders[0]), "regret compares policies, and this is one run; name two or more")
    if unknown := next((name for name in discover_in if name not in names), None):
        raise InputError("--discover", f'no policy is called "{printable(unknown)}"; they are {", ".join(names)}')
    density = _density(threshold)
    years = runs[0].results.years
    if year is not None and year.strip() == "all":
        raise InputError("--year", f"policies are compared in one year; give one from {years[0]} to {years[-1]}")
    (one,) = years_asked(year, years)
    values = {name: _values(names, runs, name, one) for name in dict.fromkeys([*(n for n, _ in senses), *(g.outcome for g in wanted)])}
    regrets = [regret(values[name], sense, *_about(runs[0], name)) for name, sense in senses]
    shape = len(wanted), len(runs), runs[0].worlds
    holds: Mask = np.array([goal.holds(values[goal.outcome]) for goal in wanted], np.bool_).reshape(shape)
    every = np.asarray(holds.all(axis=0)).reshape(shape[1:])
    looked_into = [i for i, name in enumerate(names) if not discover_in or name in discover_in] if wanted else []
    failures = [_where(i, runs[i], ~every[i], density) for i in looked_into]
    return Robust(
        names, [run.results.folder for run in runs], runs[0].worlds, runs[0].results.manifest["seed"], one, regrets, wanted,
        holds.mean(axis=2), every.mean(axis=1), failures, density, remarks_on(names, runs),
    )  # fmt: skip


def goal_of(text: str) -> Goal:
    """InputError where the text is no outcome, sign and number."""
    found = _GOAL.fullmatch(text)
    try:
        value = float(found[3]) if found is not None else np.nan
    except ValueError:
        value = np.nan
    if found is None or not np.isfinite(value):
        raise InputError("--goal", f'"{printable(text[:60])}" is wrong; write an outcome, a sign and a number, such as "lost_sales<=20"')
    return Goal(found[1], found[2], value)


def regret(values: Numbers, sense: str, outcome: str = "", unit: str = "", sentence: str = "") -> Regret:
    """values: (policies, worlds)

    >>> found = regret(np.array([[1.0, 4.0], [3.0, 3.0]]), "minimise")
    >>> found.mean_regret.tolist(), found.worst_regret.tolist()
    ([0.5, 1.0], [1.0, 2.0])
    """
    best = values.min(axis=0) if sense == "minimise" else values.max(axis=0)
    missed = np.abs(values - best)
    mean = missed.mean(axis=1)
    beyond = missed - missed[int(np.argmin(mean))]
    error = beyond.std(axis=1, ddof=1) / np.sqrt(values.shape[1]) if values.shape[1] > 1 else np.full(len(values), np.inf)
    p5, p95 = np.quantile(values, (0.05, 0.95), axis=1)
    return Regret(
        outcome, unit, sentence, sense, values.mean(axis=1), p5, p95, (missed == 0).mean(axis=1),
        mean, np.quantile(missed, 0.9, axis=1), missed.max(axis=1), beyond.mean(axis=1), error,
    )  # fmt: skip


def least(values: Numbers) -> list[int]:
    """All places of the least value: several where there is a tie."""
    close = np.isclose(values, values.min(), rtol=1e-9, atol=0)
    return [int(i) for i in np.flatnonzero(close)]


def _values(names: list[str], runs: list[Futures], outcome: str, year: int) -> Numbers:
    """(policies, worlds) of an outcome in a year."""
    found = []
    for name, run in zip(names, runs, strict=True):
        try:
            values = run.yearly(outcome)[:, run.results.years.index(year)]
            refuse_blanks(outcome, year, values)
        except InputError as refused:
            raise InputError(f"{name}, {refused.where}", refused.what) from None
        found.append(values)
    return np.array(found)


def _about(run: Futures, outcome: str) -> tuple[str, str, str]:
    entry = run.results.manifest["outcomes"][outcome]
    return outcome, entry["unit"], entry["sentence"]


def _density(threshold: str | None) -> float | None:
    if threshold is None:
        return None
    try:
        value = float(threshold)
    except ValueError:
        value = np.nan
    if not 0 < value <= 1:
        wrong = f'"{printable(threshold[:40])}" is wrong'
        raise InputError("--threshold", f"{wrong}; give a share of failures above 0 and up to 1, such as 0.8")
    return value


def _where(policy: int, run: Futures, failed: Mask, threshold: float | None) -> Where:
    varying = {path: values for path, values in run.dealt.items() if np.ptp(values) > 0}
    paths = list(varying)
    found = None
    if FEWEST_FAILURES <= failed.sum() <= len(failed) - FEWEST_FAILURES and paths:
        found = discover(np.column_stack(list(varying.values())), failed, threshold, run.unit % 2 == 0)
    return Where(policy, float(failed.mean()), paths, found)
