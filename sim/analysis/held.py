"""Targets held against worlds: where the record lies in the model's band, and how the model scores beside naive forecasts."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.analysis import scoring
from sim.analysis.measured import Fold, measured, put_together
from sim.analysis.scoring import QUANTILES
from sim.analysis.targets import Target
from sim.batch.plan import Plan
from sim.model import TradeModel
from sim.outcomes import agents_of
from sim.worlds import Numbers, Worlds

DATED_ONLY = (  # the dated rules in force, and nobody who responds to them
    "coupling.talks_to_line=0", "coupling.loss_to_line=0", "coupling.partners_to_line=0", "coupling.fill_to_allies=0",
    "coupling.carriers_to_vendor=0", "coupling.loss_to_talks=0", "coupling.need_to_talks=0", "coupling.talks_to_threat=0",
    "threat.speed=0", "firm.steepness=0", "persuasion.speed=0", "persuasion.fade=0", "persuasion.w_supply=0", "persuasion.w_peers=0",
    "procurement.drop_threat=0", "procurement.drop_supply=0",
)  # fmt: skip
IMPLAUSIBLE = 3.0


@dataclass(frozen=True)
class Held:
    """A target beside the model's worlds. values: (worlds,), NaN where a world has no such number

    unchanged, dated: values of the rivals "no change" and "dated rules only"; None where they were not made
    """

    target: Target
    values: Numbers
    unchanged: Numbers | None = None
    dated: Numbers | None = None

    @property
    def known(self) -> Numbers:
        return self.values[~np.isnan(self.values)]

    @property
    def quantiles(self) -> tuple[float, ...]:
        """5, 25, 50, 75 and 95 % of the worlds."""
        known = self.known
        return tuple(float(q) for q in np.quantile(known, QUANTILES)) if len(known) else (math.nan,) * 5

    @property
    def middle(self) -> float:
        """The median; of what happens or not, the share of worlds in which it does."""
        return float(np.mean(self.known)) if self.target.measure.event and len(self.known) else self.quantiles[2]

    def inside(self, band: int) -> bool:
        """Whether the record, or its range, meets the band that holds 50 or 90 % of the worlds."""
        q = self.quantiles
        low, high = (q[1], q[3]) if band == 50 else (q[0], q[4])
        return low <= self.target.record_high and high >= self.target.record_low

    @property
    def z(self) -> float:
        """Record less the mean of the worlds, over all spread there is: observation, discrepancy and worlds. Beyond 3: implausible."""
        known = self.known
        spread = math.hypot(self.target.sd, float(np.std(known))) if len(known) else 0.0
        return (self.target.value - float(np.mean(known))) / spread if spread > 0 else math.nan

    @property
    def kind(self) -> str:
        """By which score: Brier for what happens or not, RPS for a level, CRPS else."""
        return "Brier" if self.target.measure.event else "RPS" if self.target.measure.level else "CRPS"

    @property
    def score(self) -> float:
        return self.score_of(self.values)

    def score_of(self, values: Numbers) -> float:
        known = values[~np.isnan(values)]
        if not len(known):
            return math.nan
        if self.kind == "Brier":
            return scoring.brier(float(np.mean(known)), self.target.value)
        if self.kind == "RPS":
            return scoring.rps(np.array([np.mean(known >= step) for step in (1, 2, 3)]), round(self.target.value))
        return scoring.crps(known, self.target.value)

    def skill(self, rival: Numbers | None) -> float:
        return math.nan if rival is None else scoring.skill(self.score, self.score_of(rival))

    def as_row(self) -> dict[str, Any]:
        t, q = self.target, self.quantiles
        return {
            "target": t.name, "measure": t.measure.text, "unit": t.unit, "role": t.role, "record": t.value, "record_low": t.record_low,
            "record_high": t.record_high, "median": self.middle, "p5": q[0], "p25": q[1], "p75": q[3], "p95": q[4],
            "inside_50": self.inside(50), "inside_90": self.inside(90), "z": self.z, "score": self.kind, "value": self.score,
            "skill_no_change": self.skill(self.unchanged), "skill_dated_rules": self.skill(self.dated), "worlds": len(self.known),
            "known_miss": t.known_miss, "source": t.source,
        }  # fmt: skip


def against(plan: Plan, targets: Sequence[Target], values: Numbers, rivals: bool = True) -> list[Held]:
    """values: (targets, worlds), of the plan's worlds or of a finished run; the rivals are run to the last month that a target needs."""
    if not targets or not rivals:
        return [Held(target, found) for target, found in zip(targets, values, strict=True)]
    still, dated = unchanged(plan, targets), _values(dated_only(plan), targets)
    return [Held(*each) for each in zip(targets, values, still, dated, strict=True)]


def _values(plan: Plan, targets: Sequence[Target]) -> Numbers:
    blocks = [plan.cut(block) for block in range(plan.blocks)]
    return np.concatenate([measured(plan.scenario, plan.case, which, plan.values(which), targets) for which in blocks], axis=1)


def dated_only(plan: Plan) -> Plan:
    """The same scenario with its dated rules in force and nobody who responds (DATED_ONLY)."""
    fixed = {path: float(value) for path, value in (setting.split("=") for setting in DATED_ONLY)}
    s = plan.scenario
    levers = {path: value for path, value in s.levers.items() if path not in fixed}
    uncertainties = {path: spread for path, spread in s.uncertainties.items() if path not in fixed}
    scenario = dataclasses.replace(s, levers=levers, uncertainties=uncertainties, constants={**s.constants, **fixed})
    return Plan(scenario, plan.case, {path: values for path, values in plan.points.items() if path not in fixed})


def unchanged(plan: Plan, targets: Sequence[Target], worlds: int = 100) -> Numbers:
    """The forecast that every month will be as the first: (targets, worlds), of some worlds of the plan."""
    which: Worlds = plan.worlds(0, min(worlds, plan.scenario.run.worlds))
    with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
        model = TradeModel(plan.scenario, plan.case, which, plan.values(which))
        try:
            model.step()
            names, found = agents_of(model), []
            for target in targets:
                values = []
                for term in target.measure.terms:
                    fold = Fold(term, [names[term.quantity.kind].index(agent) for agent in term.agents], len(which))
                    now = term.quantity.formula(model)
                    now = np.zeros_like(now) if term.quantity.change is not None else now
                    for month in range(term.span.first, term.span.last + 1):
                        if fold.wants(month):
                            fold.see(month, now)
                    values.append(fold.value())
                found.append(put_together(target.measure, values))
        finally:
            model.close()
    return np.array(found)


@dataclass(frozen=True)
class Scored:
    """All targets of a role and one kind of score: CRPS, Brier or RPS. skill_unchanged, skill_dated: NaN where there is no rival

    score: mean; of CRPS, of multiples of the target's own spread (observation and discrepancy), so that units do not count
    half, most: how many of the 50 and 90 % bands hold the record; none of what happens or not
    """

    role: str
    kind: str
    targets: int
    score: float
    skill_unchanged: float
    skill_dated: float
    half: scoring.Coverage
    most: scoring.Coverage


def scores_of(held: Sequence[Held], role: str) -> list[Scored]:
    """A line for each kind of score that the role has. A target that no world has a number for is left out."""
    found = []
    for kind in ("CRPS", "Brier", "RPS"):
        some = [h for h in held if h.target.role == role and h.kind == kind and len(h.known)]
        if not some:
            continue
        scale = np.array([h.target.sd if kind == "CRPS" else 1.0 for h in some])
        score = np.array([h.score for h in some]) / scale
        skills = [_skill(score, scale, some, [getattr(h, name) for h in some]) for name in ("unchanged", "dated")]
        bands = [scoring.coverage([h.inside(band) for h in some if kind != "Brier"], band / 100) for band in (50, 90)]
        found.append(Scored(role, kind, len(some), float(np.mean(score)), skills[0], skills[1], bands[0], bands[1]))
    return found


def _skill(score: Numbers, scale: Numbers, some: Sequence[Held], rivals: Sequence[Numbers | None]) -> float:
    """Of the mean scores, over the targets that the rival has a number for."""
    if any(rival is None for rival in rivals):
        return math.nan
    theirs = np.array([h.score_of(rival) for h, rival in zip(some, rivals, strict=True) if rival is not None]) / scale
    both = ~np.isnan(theirs)
    return scoring.skill(float(np.mean(score[both])), float(np.mean(theirs[both]))) if both.any() else math.nan
