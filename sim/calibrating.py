"""`chokepoint calibrate`: which values of the uncertain numbers the record does not rule out."""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import click
import numpy as np

from sim import __version__
from sim.analysis.identified import Identified, Together, deaths, identified, together
from sim.analysis.in_blocks import in_blocks
from sim.analysis.kept import write_kept
from sim.analysis.matching import Aims, Matched, match, worlds_of
from sim.analysis.measured import measured
from sim.analysis.scoring import QUANTILES
from sim.analysis.targets import OURS, Target, read_targets
from sim.batch import provenance
from sim.batch.folder import check_place
from sim.batch.on_case import of_case
from sim.batch.plan import Plan, tables_hash
from sim.batch.progress import Progress
from sim.refusal import InputError
from sim.running import cores
from sim.tables import many
from sim.worlds import Integers, Numbers, Worlds

RULE = "the largest implausibility over the targets that are matched"


@dataclass(frozen=True)
class Band:
    """A target's worlds: quantiles at 5, 25, 50, 75 and 95 %, and where the record lies. Empty where there are no worlds."""

    quantiles: tuple[float, ...]
    record: float

    @property
    def in_50(self) -> bool:
        return bool(self.quantiles) and self.quantiles[1] <= self.record <= self.quantiles[3]

    @property
    def in_90(self) -> bool:
        return bool(self.quantiles) and self.quantiles[0] <= self.record <= self.quantiles[4]


@dataclass(frozen=True)
class Calibrated:
    """A calibration, done. tried: the first wave's parameter sets, kept: those not ruled out, in all waves; path -> values."""

    plan: Plan
    targets: list[Target]
    targets_file: Path
    targets_sha256: str
    matched: Matched
    tried: dict[str, Numbers]
    kept: dict[str, Numbers]
    file: Path | None
    date: str | None

    @property
    def rows(self) -> int:
        return int(np.sum(self.matched.kept))

    @cached_property
    def identified(self) -> list[Identified]:
        return identified(self.tried, self.kept) if self.rows else []

    @cached_property
    def together(self) -> list[Together]:
        return together(self.tried, self.kept)

    @cached_property
    def deaths(self) -> tuple[Integers, Integers, Integers]:
        """In the first wave, by target: ruled out, alone, and as the worst. Targets that are not matched rule nothing out."""
        only = np.where(self.matched.aims.matched[:, None], self.matched.implausibility[:, self.matched.wave == 0], 0.0)
        return deaths(only, self.matched.cutoff)

    @cached_property
    def bands(self) -> list[tuple[Band, Band]]:
        """Before and after, target by target."""
        before, after = self.matched.measured[:, self.matched.wave == 0], self.matched.measured[:, self.matched.kept]
        pairs = zip(before.reshape(len(before), -1), after.reshape(len(after), -1), self.targets, strict=True)
        return [(_band(b, t.value), _band(a, t.value)) for b, a, t in pairs]

    @cached_property
    def nearest(self) -> tuple[float, list[str]]:
        """The least implausible parameter set of all, and the targets that rule it out."""
        best = int(np.argmin(self.matched.worst))
        out = self.matched.aims.matched & (self.matched.implausibility[:, best] > self.matched.cutoff)
        return float(self.matched.worst[best]), [t.name for t, is_out in zip(self.targets, out, strict=True) if is_out]

    @property
    def spreads(self) -> list[dict[str, float]]:
        """What may part record and model, in each target's unit: one standard deviation of each."""
        return [
            {"observation": t.observation_sd, "discrepancy": t.discrepancy_sd, "luck": float(np.sqrt(luck))}
            for t, luck in zip(self.targets, self.matched.luck, strict=True)
        ]

    def how(self) -> dict[str, Any]:
        """How the sample was made, for the file that keeps it."""
        m, run = self.matched, self.plan.scenario.run
        return {
            "version": __version__,
            "code": provenance.code_hash(),
            "scenario": self.plan.scenario.name,
            "plan": replace(self.plan, scenario=replace(self.plan.scenario, run=replace(run, worlds=1))).fingerprint(),
            "case": self.plan.case.name,
            "tables": tables_hash(self.plan.case.folder),
            "targets": self.targets_file.name,
            "targets_sha256": self.targets_sha256,
            "matched": [name for name, on in zip(m.aims.names, m.aims.matched, strict=True) if on],
            "seed": run.seed,
            "months": run.months,
            "replicates": int(m.measured.shape[-1]),
            "cutoff": m.cutoff,
            "rule": RULE,
            "waves": [asdict(wave) for wave in m.waves],
            **({"date": self.date} if self.date is not None else {}),
        }

    def as_json(self) -> dict[str, Any]:
        names, (out, alone, worst), m = [t.name for t in self.targets], self.deaths, self.matched
        targets = [
            {
                "name": t.name, "role": t.role, "matched": bool(on), "record": t.value, "sd": sd,
                "rules_out": int(out[i]), "alone": int(alone[i]), "as_the_worst": int(worst[i]),
                "before": list(before.quantiles), "after": list(after.quantiles),
            }
            for i, (t, on, sd, (before, after)) in enumerate(zip(self.targets, m.aims.matched, self.spreads, self.bands, strict=True))
        ]  # fmt: skip
        nearest, by = self.nearest
        return {
            "scenario": self.plan.scenario.name, "file": None if self.file is None else str(self.file), "kept": self.rows, **self.how(),
            "screen": None if m.screen is None else asdict(m.screen), "quantiles": list(QUANTILES), "targets": targets,
            "inside": self.inside(names), "nearest": {"implausibility": nearest if np.isfinite(nearest) else None, "ruled_out_by": by},
            "parameters": [{**asdict(one), "says_something": one.says_something} for one in self.identified],
            "together": [asdict(pair) for pair in self.together],
        }  # fmt: skip

    def inside(self, names: Sequence[str]) -> dict[str, int]:
        """How many of some targets lie within the bands of the worlds."""
        of = [pair for target, pair in zip(self.targets, self.bands, strict=True) if target.name in names]
        return {
            "targets": len(of),
            "before_50": sum(b.in_50 for b, _ in of), "before_90": sum(b.in_90 for b, _ in of),
            "after_50": sum(a.in_50 for _, a in of), "after_90": sum(a.in_90 for _, a in of),
        }  # fmt: skip


def _band(values: Numbers, record: float) -> Band:
    known = values[np.isfinite(values)]
    return Band(tuple(np.quantile(known, QUANTILES).tolist()) if len(known) else (), record)


@dataclass(frozen=True)
class Measuring:
    """What a process is told to do with worlds. The targets hold formulas, which do not travel: each process reads them anew."""

    plan: Plan
    file: Path
    sha256: str

    def __call__(self, worlds: Worlds) -> Numbers:
        targets = _targets_of(self)
        return measured(self.plan.scenario, self.plan.case, worlds, self.plan.values(worlds), targets)


_read: tuple[Measuring, list[Target]] | None = None  # by this process


def _targets_of(told: Measuring) -> list[Target]:
    global _read
    if _read is None or _read[0] is not told:
        targets = _applying(told.file, told.plan)
        if _hash(told.file) != told.sha256:
            raise InputError(str(told.file), "the targets were changed while they were matched; begin anew")
        _read = told, targets
    return _read[1]


def _applying(file: Path, plan: Plan) -> list[Target]:
    """The targets of a file that are ones under the scenario's settings."""
    return [target for target in read_targets(file, plan.case) if target.applies(plan.scenario)]


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def calibrated(
    scenario: str, *, targets: Path | None, samples: int, replicates: int, waves: int, enough: int, cutoff: float, seed: int,
    sets: Sequence[str], jobs: int | None, block: int, out: Path, date: str | None, quiet: bool, case: str | None = None,
) -> Calibrated:  # fmt: skip
    """Match a scenario's uncertain numbers to targets, and write what is kept to a file, if one is named and anything is kept."""
    if replicates < 2:
        raise InputError("--replicates", "give 2 or more: one world of a parameter set does not show how much of it is luck")
    if not 0 < cutoff < float("inf"):
        raise InputError("--cutoff", f"{cutoff:g} is wrong; it is a number above 0, such as 3")
    if out.is_dir():
        raise InputError("--out", f"{out} is a folder; name a file, such as posterior.parquet")
    plan = Plan.of(scenario, [*sets, "prior=none"], case=case, seed=seed, record="outcomes", analysed=(), until="")
    check_place(out, "--out")
    file = targets if targets is not None else OURS
    found = _applying(file, plan)
    sha256 = _hash(file)  # before the first wave
    aims = aims_of(found, str(file))
    run = replace(plan.scenario.run, months=max(target.last for target in found) + 1, worlds=samples * replicates)
    plan = replace(plan, scenario=replace(plan.scenario, sweep=None, run=run), points={})
    if not plan.values(Worlds.range(0, 1)):
        raise InputError(scenario, "nothing in it is uncertain, so there is nothing to calibrate")
    progress = Progress(None if quiet else sys.stderr)
    if not quiet:
        click.echo(_announced(plan, aims, samples, replicates, waves, jobs or cores()), err=True)
    measure = partial(in_blocks, Measuring(plan, file, sha256), block=block, jobs=jobs or cores(), progress=progress)
    matched = match(
        aims, plan.values, measure, samples=samples, replicates=replicates, waves=waves, enough=enough, cutoff=cutoff
    )
    tried = plan.values(worlds_of(matched.sample[matched.wave == 0], 1))
    kept = plan.values(worlds_of(matched.sample[matched.kept], 1))
    done = Calibrated(plan, found, file, sha256, matched, tried, kept, out, date)
    if not done.rows:
        return replace(done, file=None)
    beside: Mapping[str, Any] = {"sample": matched.sample[matched.kept], "implausibility": matched.worst[matched.kept]}
    write_kept(out, plan, kept, beside, done.how())
    return done


def aims_of(targets: Sequence[Target], where: str) -> Aims:
    """Only what was fitted is matched: not what is put in, not what is to be predicted, and no known miss."""
    on = np.array([target.role == "fitted" and not target.known_miss for target in targets], bool)
    if not on.any():
        raise InputError(where, "no target may be matched: none has the role fitted, or all are known misses")
    sd = np.hypot(np.array([t.observation_sd for t in targets]), np.array([t.discrepancy_sd for t in targets]))
    return Aims(tuple(t.name for t in targets), np.array([t.value for t in targets]), sd, on)


def _announced(plan: Plan, aims: Aims, samples: int, replicates: int, waves: int, jobs: int) -> str:
    matched, on = int(np.sum(aims.matched)), of_case(plan.case).short
    return (
        f"{plan.scenario.name} on the case {on}: {matched} of {len(aims)} targets are matched, over {plan.scenario.run.months} months.\n"
        f"Up to {many(waves, 'wave')} of {samples:,} parameter sets, {replicates} worlds each, in {many(jobs, 'process')}; "
        f"seed {plan.scenario.run.seed}."
    )
