"""Levels at the end of 2020 forecast and scored: in sample, each government left out in turn, and by naive rivals; and its section."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.analysis import levels
from sim.analysis.allies import Score, Watcher, score, scores, together
from sim.analysis.levels import FITTED, LeftOut
from sim.analysis.markdown import table
from sim.analysis.on_record import OnRecord
from sim.case import Case
from sim.exchanges.persuasion import LEVELS
from sim.months import month_of
from sim.worlds import Numbers

WORST = 8
EARLY = month_of("2019-12")
TRIAL = {  # scores of the run in which the rules were first fitted: RPS, then Brier at or above 1, 2, 3
    "rule": (0.241, 0.142, 0.067, 0.033),
    "rule, left out": (0.242, 0.138, 0.068, 0.036),
    "base rate of the others": (0.432, 0.246, 0.130, 0.055),
    "no change": (0.609, 0.402, 0.149, 0.058),
    "treaty ally and democracy, logit, left out": (0.354, 0.186, 0.116, 0.053),
}
RIVALS = {
    "treaty ally and democracy, logit, left out": ("treaty_ally", "democracy_2017"),
    "guarantee by degree and democracy, logit, left out": ("guarantee", "democracy_2017"),
}


@dataclass(frozen=True)
class Forecasts:
    """scores: by forecast; refit: estimates with each government left out; worlds: least number of worlds that a forecast rests on

    shipped: the likelihood of the record at the shipped estimates, log; moved: largest change of an estimate, in standard errors
    furthest: where the forecast, left out, was worst: name, level on record, mean level forecast, RPS
    early: those who limited or excluded by the end of 2019, and the share of worlds in which they did so by that month
    """

    scores: dict[str, Score]
    refit: LeftOut
    shipped: float
    worlds: float
    moved: float
    furthest: list[tuple[str, float, float, float]]
    early: list[tuple[str, float]]


def forecasts(case: Case, record: OnRecord, watchers: Sequence[Watcher], drawn: dict[str, Numbers]) -> Forecasts:
    """drawn: values of what was fitted, by path, (worlds,)"""
    who, seen = record.columns.decides, record.level[-1]
    level = together(watchers, lambda w: w.levels[len(record.level) - 2])
    found = scores(level, who, seen, record.columns.level)
    fit = case["governments_fit"]
    covariance = np.array([fit[path] for path in FITTED])
    paths, shipped = levels.Paths(record), np.asarray(fit["estimate"], np.float64)
    refit = levels.refitted(paths, shipped)
    weight = levels.weights(np.array([drawn[path] for path in FITTED]), refit.without - refit.best, covariance)
    reached = level[who][None] >= np.array(LEVELS)[:, None, None]
    chances = np.sum(reached * weight, axis=2)
    found["rule, left out"] = score(chances, seen[who])
    own = np.sum((chances - (seen[who] >= np.array(LEVELS)[:, None])) ** 2, axis=0)
    names = np.asarray(case["governments"]["name"])[who]
    worst = [(str(names[i]), float(seen[who][i]), float(np.sum(chances[:, i])), float(own[i])) for i in np.argsort(-own)[:WORST]]
    for name, columns in RIVALS.items():
        x = np.column_stack([np.asarray(case["governments"][column], np.float64)[who] for column in columns])
        found[name] = score(np.array([levels.naive(x, (seen[who] >= step) * 1.0) for step in LEVELS]), seen[who])
    error = np.sqrt(np.diag(covariance))
    moved = float(np.max(np.abs(refit.without - refit.best) / error))
    least = float(np.min(1 / np.sum(weight**2, axis=1)))
    return Forecasts(found, refit, float(np.sum(paths.log_likelihood(shipped))), least, moved, worst, _early(case, record, watchers))


def _early(case: Case, record: OnRecord, watchers: Sequence[Watcher]) -> list[tuple[str, float]]:
    limits = (record.level >= 2) & record.columns.decides
    found = []
    for row in np.flatnonzero(limits[EARLY + 1] & ~limits[0]):
        month = int(np.argmax(limits[1:, row]))
        found.append(
            (month, str(case["governments"]["name"][row]), float(np.mean(np.concatenate([w.levels[month][row] >= 2 for w in watchers]))))
        )
    return [(name, share) for _, name, share in sorted(found)]


def section(found: Forecasts, number: int, worlds: int) -> str:
    order = ("rule", "rule, left out", "base rate of the others", "no change", *RIVALS)
    names = {"rule": "rule, in sample"}
    rows = []
    for name in order:
        s = found.scores[name]
        trial = TRIAL.get(name)
        beside = "" if trial is None else f"{trial[0]:.3f}: {trial[1]:.3f} {trial[2]:.3f} {trial[3]:.3f}"
        rows.append([names.get(name, name), f"{s.rps:.3f}", *(f"{b:.3f}" for b in s.brier), beside])
    rival = found.scores["treaty ally and democracy, logit, left out"].rps
    skill = [1 - found.scores["rule, left out"].rps / found.scores[name].rps for name in ("base rate of the others", "no change")]
    best, error = found.refit.best, found.shipped
    return _TEXT.format(
        number=number,
        early=", ".join(f"{name} {share:.2f}" for name, share in found.early),
        furthest="; ".join(f"{name} {seen:.0f}, {mean:.1f}, {own:.2f}" for name, seen, mean, own in found.furthest),
        table=table(["levels at the end of 2020", "RPS", "Brier at 1 or above", "2 or above", "3", "trial run"], rows),
        likelihood=f"{found.refit.log_likelihood:.1f}", shipped=f"{error:.1f}", w_threat=f"{best[0]:.1f}",
        least=f"{found.worlds:,.0f}", worlds=f"{worlds:,}", moved=f"{found.moved:.1f}",
        base=f"{skill[0]:.2f}", same=f"{skill[1]:.2f}", logit=f"{1 - found.scores['rule, left out'].rps / rival:.2f}",
        guarantee=f"{1 - found.scores['rule, left out'].rps / found.scores['guarantee by degree and democracy, logit, left out'].rps:.2f}",
    )  # fmt: skip


_TEXT = """## Governments

Scored are the {number} governments that decide: not the controller, not the target, not those fixed by dated facts. Ranked probability
score (RPS) and Brier scores; lower is better. *In sample* is fitted, *left out* is predicted from the other governments' record.

{table}

**How they were left out.** The six numbers that were fitted together (weights of threat and supply, three cut-points, the hazard) were
refitted without each government by maximum likelihood on the months and levels of all others, with its own taste integrated out and
everything else at its default; the worlds of this page were then weighted as if drawn around that estimate (the covariance stays),
and the government's own chances read off. Every forecast rests on {least} worlds or more of {worlds}. No estimate moves by more than
{moved} standard errors. The log likelihood of the record is {shipped} at the shipped estimates and {likelihood} at the best ones, where
the weight of threat is {w_threat}: the record hardly tells them apart. What is not left out: the recipe of threat before 2018, chosen
on the same governments, and the ranges of what was not fitted.

Skill of the forecasts left out, 1 - RPS/RPS of the rival: {base} against the base rate, {same} against no change, {logit} against
alliance and democracy, {guarantee} against the harder rival with the guarantee by degree.

Misses by name, left out (level on record, mean level forecast, own RPS):
{furthest}.

Those who moved first come too late, since one hazard cannot do both the first limits of 2018 and what follows. Chance of a limit by
the month in which they set one, in sample: {early}.
"""
