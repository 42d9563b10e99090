"""`chokepoint sweep`: one run over many values of some parameters, and what it tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.batch.by_point import over_replicates
from sim.batch.headlines import looked_at
from sim.batch.plan import Plan
from sim.batch.results import Results
from sim.refusal import InputError, nearest
from sim.run_told import Told
from sim.running import How, run_plan
from sim.scenario import Scenario, read
from sim.sweep import Sweep, sweep_of, varied_on_command_line
from sim.tables import many, number, table, wrapped

SHOWN = 24  # points that are printed; the rest are in the file
COLUMNS = 4  # outcomes that are printed


@dataclass(frozen=True)
class Swept:
    """A finished sweep."""

    told: Told

    @property
    def results(self) -> Results:
        return self.told.results

    def as_text(self) -> str:
        """The mean of some outcomes in the last year at each of the first points."""
        results, plan = self.results, self.results.plan
        assert plan.scenario.sweep is not None
        names = looked_at(results)[:COLUMNS]
        entries = {name: _Entry(**{k: results.manifest["outcomes"][name][k] for k in ("unit", "yearly", "sentence")}) for name in names}
        found = over_replicates(results.folder, plan, entries)
        paths = list(plan.points)
        rows = []
        for point in range(min(plan.scenario.sweep.size, SHOWN)):
            values = [f"{plan.points[path][point]:.4g}" for path in paths]
            rows.append([*values, *(number(float(found[name].mean[point, -1])) for name in names)])
        text = table([*paths, *names], rows, numbers=len(paths) + len(names))
        size, replicates = plan.scenario.sweep.size, plan.scenario.sweep.replicates
        more = f"; the first {SHOWN} are shown" if size > SHOWN else ""
        note = (
            f"Means of {results.years[-1]} over {many(replicates, 'replicate')} at each of {size:,} points{more}. "
            "Every point has the same luck. All outcomes and years, with their bands: by_point.parquet."
        )
        on = results.on_case
        said = [] if on is None else [f"Case: {on}.", *(f"Note: {line}." for line in on.notes)]
        return "\n\n".join([text, *(wrapped(line, hang=0) for line in (note, *said))])

    def as_json(self) -> dict[str, Any]:
        manifest, plan = self.results.manifest, self.results.plan
        assert plan.scenario.sweep is not None
        told: dict[str, Any] = {name: manifest.get(name) for name in ("scenario", "case", "worlds", "months", "seed", "digest")}
        sweep = plan.scenario.sweep
        return {**told, "folder": str(self.results.folder), "design": sweep.design, "points": sweep.size, "replicates": sweep.replicates}


@dataclass(frozen=True)
class _Entry:
    unit: str
    yearly: str
    sentence: str


def swept(
    scenario: str | Scenario, vary: Sequence[str], design: str | None, points: int | None, replicates: int | None,
    outcomes: str | None, *,
    sets: Sequence[str], seed: int | None, months: int | None, block: int | None, jobs: int | None, out: Path, quiet: bool,
    case: str | None = None, asked: tuple[str, ...] = (),
) -> Swept:  # fmt: skip
    """Vary what --vary names, or else what the scenario's own `sweep` does."""
    given = {name: value for name, value in {"seed": seed, "months": months, "block": block}.items() if value is not None}
    kept: dict[str, Any] = {"record": "outcomes", "analysed": ()}
    if outcomes is not None:
        kept = {"record": "analysed", "analysed": _known(outcomes)}
    plan = Plan.of(scenario, sets, _sweep(scenario, sets, vary, design, points, replicates, case), case, **given, **kept)
    return Swept(run_plan(plan, out, How(jobs, quiet=quiet, asked=asked)))


def _sweep(
    scenario: str | Scenario, sets: Sequence[str], vary: Sequence[str], design: str | None, points: int | None, replicates: int | None,
    case: str | None,
) -> Sweep | None:
    said = {"design": design, "points": points, "replicates": replicates}
    given: dict[str, tuple[Any, str]] = {name: (value, f"--{name}") for name, value in said.items() if value is not None}
    if vary:
        varied = tuple(varied_on_command_line(text) for text in vary)
        paths = [one.path for one in varied]
        if twice := next((path for path in paths if paths.count(path) > 1), None):
            raise InputError(f"--vary {twice}", "it is varied twice; keep one")
        return sweep_of(varied, "sweep", given)
    own = (scenario if isinstance(scenario, Scenario) else read(scenario, sets, case)).sweep
    if own is None:
        name = scenario if isinstance(scenario, str) else scenario.name
        raise InputError("sweep", f"{name} says nothing of a sweep; name what to vary, such as --vary firm.hurdle=0.2:0.6")
    if not given:
        return None
    theirs: dict[str, tuple[Any, str]] = {"design": (own.design, "sweep"), "replicates": (own.replicates, "sweep")}
    theirs |= {} if own.design == "grid" else {"points": (own.points, "sweep")}
    if design is not None and design != own.design:
        theirs = {}
    return sweep_of(own.varied, "sweep", theirs | given)


def _known(outcomes: str) -> tuple[str, ...]:
    from sim.outcomes import OUTCOMES

    names = tuple(dict.fromkeys(name.strip() for name in outcomes.split(",") if name.strip()))
    for name in names:
        if name not in OUTCOMES:
            raise InputError("--outcomes", f'there is no outcome "{name}"{nearest(name, OUTCOMES)}')
    if not names:
        raise InputError("--outcomes", "name outcomes with commas between them, such as approvals,lost_sales")
    return names
