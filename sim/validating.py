"""`chokepoint validate`: a scenario or a finished run held against a file of targets."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np

from sim.analysis import awards, forecasts
from sim.analysis.allies import scores as level_scores
from sim.analysis.dates import Dates
from sim.analysis.dates import scores as date_scores
from sim.analysis.held import IMPLAUSIBLE, Held, Scored, against, scores_of
from sim.analysis.measured import from_results
from sim.analysis.on_record import OnRecord
from sim.analysis.roles import as_in
from sim.analysis.scoring import Coverage, skill
from sim.analysis.targets import OURS, ROLES, Target, read_targets
from sim.analysis.watched import MONTHS, Watched, watch
from sim.batch.on_case import of_case
from sim.batch.plan import Plan
from sim.batch.results import MANIFEST, Results
from sim.from_record import is_of
from sim.months import label
from sim.refusal import InputError
from sim.spreadsheet import csv_text, number_text
from sim.tables import number, table, wrapped

COLUMNS = (
    "target", "measure", "unit", "role", "record", "record_low", "record_high", "median", "p5", "p25", "p75", "p95", "inside_50",
    "inside_90", "z", "score", "value", "skill_no_change", "skill_dated_rules", "worlds", "known_miss", "source",
)  # fmt: skip


@dataclass(frozen=True)
class Validation:
    """left_out: targets that were not measured, and why; levels, reached, carriers: scores of decisions and awards by forecast"""

    what: str
    targets: str
    worlds: int
    held: list[Held]
    left_out: list[tuple[str, str]]
    levels: dict[str, Any] = field(default_factory=dict)
    reached: list[Dates] = field(default_factory=list)
    carriers: dict[str, awards.Scores] = field(default_factory=dict)

    @property
    def scores(self) -> list[Scored]:
        return [line for role in ROLES for line in scores_of(self.held, role)]

    @property
    def misses(self) -> list[Held]:
        """Where the record lies outside the band of 90 %, or is known to be missed."""
        return [h for h in self.held if h.target.known_miss or (not h.target.measure.event and not h.inside(90))]

    def as_json(self) -> dict[str, Any]:
        told = {
            "validated": self.what, "targets_file": self.targets, "worlds": self.worlds, "targets": [h.as_row() for h in self.held],
            "scores": [asdict(line) for line in self.scores], "left_out": [{"target": t, "why": w} for t, w in self.left_out],
            "levels": {name: asdict(s) for name, s in self.levels.items()}, "dates": [asdict(d) for d in self.reached],
            "carriers": {name: asdict(s) for name, s in self.carriers.items()},
        }  # fmt: skip
        return {name: _no_nan(value) for name, value in told.items()}

    def as_csv(self) -> str:
        rows = [[_cell(h.as_row()[column]) for column in COLUMNS] for h in self.held]
        return csv_text([COLUMNS, *rows]).decode()

    def as_text(self) -> str:
        note = (
            f"{self.what}, {self.worlds:,} worlds, against {self.targets}. The band holds 90 % of the worlds; in: the record lies within "
            "the band of 50 or 90 %; z: the record less the worlds' mean over all spread (beyond 3: implausible). Only predicted "
            "figures are tests."
        )
        parts = [wrapped(note, hang=0), self._targets(), self._scores(), *self._decisions(), self._misses()]
        if self.left_out:
            reasons = dict.fromkeys(why for _, why in self.left_out)
            lines = [f"{why}: {'; '.join(name for name, reason in self.left_out if reason == why)}" for why in reasons]
            parts.append("Not measured here:\n" + "\n".join(wrapped("  " + line) for line in lines))
        return "\n\n".join(part for part in parts if part)

    def _targets(self) -> str:
        rows = []
        for h in self.held:
            t, q = h.target, h.quantiles
            record = number(t.value) if t.record_low == t.record_high else f"{number(t.record_low)} to {number(t.record_high)}"
            band = "" if t.measure.event else f"{number(q[0])} to {number(q[4])}"
            inside = "" if t.measure.event else "50" if h.inside(50) else "90" if h.inside(90) else "no"
            rows.append([t.role, record, number(h.middle), band, inside, f"{h.z:.1f}", f"{t.name}, {t.unit}"])
        return table(["role", "record", "median", "5-95 %", "in", "z", "target"], rows, numbers=5) if rows else ""

    def _scores(self) -> str:
        rows = [
            [s.role, s.kind, str(s.targets), number(s.score), _two(s.skill_unchanged), _two(s.skill_dated), _share(s.half), _share(s.most)]
            for s in self.scores
        ]
        if not rows:
            return ""
        header = ["role", "score", "targets", "mean", "no change", "dated rules", "in 50 %", "in 90 %"]
        note = (
            "Mean: of CRPS, in multiples of the target's own spread. Then skill, 1 - S/S of a rival: every month as the first; the dated "
            "rules with nobody who responds. Then how many bands hold the record, with a 95 % interval of the share."
        )
        return f"{table(header, rows, numbers=6)}\n{wrapped(note, hang=0)}"

    def _decisions(self) -> list[str]:
        parts = []
        if self.levels:
            best = self.levels.get("rule, left out", self.levels["rule"]).rps
            rows = [[f"{s.rps:.3f}", "" if n.startswith("rule") else f"{skill(best, s.rps):.2f}", n] for n, s in self.levels.items()]
            parts.append(table(["RPS", "skill", "levels of governments at the end of 2020"], rows))
        if self.reached:
            rows = [
                [f"{d.model:.2f}", f"{d.base_rate:.2f}", f"{d.no_change:.2f}", f"level {d.level}, reached by {d.reached} of {d.of}"]
                for d in self.reached
            ]
            parts.append(table(["months", "base rate", "no change", "when governments reached it, in sample"], rows))
        if self.carriers:
            rows = [[f"{s.inside:.3f}", f"{s.left_out:.3f}", name] for name, s in self.carriers.items()]
            parts.append(table(["log score", "country left out", "whether awards drop restricted vendors"], rows))
        return parts

    def _misses(self) -> str:
        lines = []
        for h in self.misses:
            where = "" if h.inside(90) else " outside the band"
            far = f", implausible (z {h.z:.1f})" if abs(h.z) > IMPLAUSIBLE else ""
            known = f"; known: {h.target.known_miss}" if h.target.known_miss else ""
            lines.append(wrapped(f"  {h.target.name}:{where or ' within the band'}{far}{known}"))
        return "Misses:\n" + "\n".join(lines) if lines else "Misses: none." if self.held else ""


def validated(
    what: str, targets: Path | None, worlds: int | None, seed: int | None, sets: Sequence[str], quiet: bool = True,
    case: str | None = None,
) -> Validation:  # fmt: skip
    """A scenario, which is run, or the folder of a finished run. targets: a file, by default Chokepoint's own"""
    if (Path(what) / MANIFEST).is_file():
        for option, given in (("--worlds", worlds), ("--seed", seed), ("--set", sets or None), ("--case", case)):
            if given is not None:
                raise InputError(option, f"{what} is a finished run, which has its own; leave {option} out")
        return _of_results(what, targets)
    run: dict[str, Any] = {key: value for key, value in (("worlds", worlds), ("seed", seed)) if value is not None}
    plan = Plan.of(what, sets, case=case, **run)
    ours, left_out = _sorted_out(plan, targets)
    if not quiet:
        last = label(max([target.last for target in ours] + [MONTHS - 1]))
        which = f"{plan.scenario.run.worlds:,} worlds of {plan.scenario.name} to {last}"
        click.echo(f"Running {which}, twice: as it is, and dated rules only", err=True)
    found = watch(plan, ours)
    scored = _decisions(found) if targets is None and _has_our_record(plan) else ()
    return Validation(_on_its_case(plan), _named(targets), found.values.shape[1], against(plan, ours, found.values), left_out, *scored)


def _on_its_case(plan: Plan) -> str:
    on = of_case(plan.case)
    return plan.scenario.name + ("" if on.is_shipped else f" on the case {on.short}")


def _named(targets: Path | None) -> str:
    return "the record to 2020" if targets is None else str(targets)


def _sorted_out(plan: Plan, file: Path | None) -> tuple[list[Target], list[tuple[str, str]]]:
    """The targets that say something of a plan, each with its role there; and the others, with the reason."""
    ours, left_out = [], []
    try:
        targets = read_targets(OURS if file is None else file, plan.case)
    except InputError as refused:
        if file is not None:
            raise
        what = f"the record to 2020 is of another case than {plan.case.name} ({refused.what}); give a file of your own"
        raise InputError("--targets", what) from None
    for target in targets:
        if target.applies(plan.scenario):
            ours.append(as_in(target, plan.scenario))
        else:
            settings = " ".join(f"--set {path}={value}" for path, value in target.when)
            left_out.append((target.name, f"a test only with {settings}"))
    return ours, left_out


def _of_results(folder: str, file: Path | None) -> Validation:
    results = Results.open(folder)
    ours, left_out = _sorted_out(results.plan, file)
    kept, values = [], []
    for target in ours:
        try:
            values.append(from_results(results, [target])[0])
            kept.append(target)
        except InputError as refused:
            left_out.append((target.name, refused.what))
    held = against(results.plan, kept, np.array(values), rivals=False)
    return Validation(folder, _named(file), results.manifest["worlds"], held, left_out)


def _has_our_record(plan: Plan) -> bool:
    """Whether decisions and awards on record can be scored: the case is of the record's agents, and does not start from it."""
    starts_from_it = plan.scenario.from_record is not None
    return not starts_from_it and is_of(plan.case) and "governments_fit" in plan.case and len(plan.case["governments"]) > 1


def _decisions(found: Watched) -> tuple[dict[str, Any], list[Dates], dict[str, awards.Scores]]:
    case, record = found.plan.case, OnRecord.of(found.plan, found.fill)
    decides = np.asarray(record.columns.decides)
    if found.drawn:
        levels: dict[str, Any] = forecasts.forecasts(case, record, found.allies, found.drawn).scores
    else:
        at = np.concatenate([watcher.levels[MONTHS - 1] for watcher in found.allies], axis=1)
        levels = dict(level_scores(at, decides, record.level[-1], record.columns.level))
    return levels, date_scores(case, found.allies, decides), awards.scores(awards.Awards.of(case, record))


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return "" if math.isnan(value) else number_text(value)
    return str(value)


def _two(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2f}"


def _share(c: Coverage) -> str:
    return f"{c.inside} of {c.of} ({c.low:.2f}-{c.high:.2f})" if c.of else ""


def _no_nan(value: Any) -> Any:
    """JSON has no NaN."""
    if isinstance(value, dict):
        return {key: _no_nan(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_no_nan(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value
