"""`chokepoint compare`: from what was asked to paired runs, and what they tell."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sim.analysis.decomposition import Decomposition
from sim.analysis.paired import Comparison, compare
from sim.analysis.parts import parts, with_parts
from sim.batch.plan import SCENARIO, Plan
from sim.batch.results import Results
from sim.batch.store import FULL_UP_TO, agents_kept, write
from sim.inheritance import is_file_name
from sim.refusal import InputError
from sim.running import How, run_batch, run_plan
from sim.scenario import Scenario, read, shipped
from sim.spreadsheet import csv_text
from sim.strict_yaml import read_document

ROWS = "differences.csv"  # in the folder of the runs
MOST_PARTS = 40


@dataclass(frozen=True)
class Compared:
    """What was compared. folder: of the new runs, None where there are none; taken_apart: with --decompose; remarks: what was not done"""

    comparisons: list[Comparison]
    folder: Path | None = None
    taken_apart: Decomposition | None = None
    remarks: list[str] = field(default_factory=list)


def compared(
    what: Sequence[str], *, worlds: int | None, seed: int | None, months: int | None, sets: Sequence[str], jobs: int | None,
    block: int | None, out: Path, quiet: bool, decompose: bool = False, kind: str | None = None, file: Path | None = None,
    case: str | None = None,
) -> Compared:  # fmt: skip
    """Scenarios are run, all with the same luck; finished runs are taken as they are. The first is the base of all others.

    Everything is read, and refused, before anything is run. kind: of agents that are asked for; file: where the rows go too
    """
    if file is not None and not file.parent.is_dir():
        raise InputError("--csv", f"there is no folder {file.parent}")
    named = _with_base(what)
    found: list[Results | str] = [Results.open(name) if _is_folder(name) else name for name in named]
    finished = [one for one in found if isinstance(one, Results)]
    options = {"worlds": worlds, "seed": seed, "months": months, "set": tuple(sets) or None, "block": block, "case": case}
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    if len(finished) == len(found):
        if given or decompose:
            option = "decompose" if decompose else next(iter(given))
            raise InputError(f"--{option}", "these runs are finished, so it can change nothing; leave it out, or name scenarios")
        return Compared([compare(finished[0], other) for other in finished[1:]])
    for other in finished[1:]:
        compare(finished[0], other, finished[0].outcomes[:1])  # luck that is not the same is refused before anything is run
    given.pop("set", None)
    how = How(jobs, quiet=quiet)
    if decompose and (finished or len(found) != 2):
        raise InputError("--decompose", "name one scenario, or a base and one scenario; both are run")
    plans = _plans(found, sets, given)
    for run in (plan.scenario.run for plan in plans if kind is not None):
        if agents_kept(run.record, run.worlds) != "full":
            what = "run.record does not keep them" if run.record != "agents" else f"of more than {FULL_UP_TO:,} worlds not all are kept"
            raise InputError("--agents", f"{what}; leave it out, or change that")
    if decompose:
        return _decomposed(plans[0], plans[1], out, how)
    runs = [run_plan(plans[0], out, how)] if len(plans) == 1 else list(run_batch(plans, out, how))
    new = iter(told.results for told in runs)
    base, *others = [one if isinstance(one, Results) else next(new) for one in found]
    comparisons = [compare(base, other) for other in others]
    folder = runs[0].results.folder if len(plans) == 1 else runs[0].results.folder.parents[1]
    if len(plans) > 1:
        write(folder / ROWS, csv_text(rows_of(comparisons)))
    return Compared(comparisons, folder)


def rows_of(comparisons: Sequence[Comparison], kind: str | None = None) -> list[list[Any]]:
    """A table with its header: every outcome and year of each, and every agent of a kind, if it is given."""
    numbers = ("worlds", "base_mean", "mean", "se", "median", "p5", "p95", "lower", "equal", "higher", "factor", "verdict")
    rows: list[list[Any]] = [["scenario", "base", "kind", "agent", "outcome", "unit", "year", *numbers]]
    for found in comparisons:
        names = [run.manifest["scenario"] for run in (found.other, found.base)]
        rows += [[*names, "", "", r.outcome, r.unit, r.year, *(_cell(getattr(r, n)) for n in numbers)] for r in found.rows]
        for a in found.agents(kind) if kind is not None else ():
            rows.append([*names, a.kind, a.agent, a.measure, a.unit, a.year, *(_cell(getattr(a, n)) for n in numbers)])
    return rows


def write_rows(file: Path, comparisons: Sequence[Comparison], kind: str | None = None) -> None:
    """StorageError if the disk refuses."""
    write(file, csv_text(rows_of(comparisons, kind)))


def _cell(value: Any) -> Any:
    return ("" if value != value else f"{value:.8g}") if isinstance(value, float) else value


def _is_folder(name: str) -> bool:
    return name not in shipped() and Path(name).is_dir()


def _with_base(what: Sequence[str]) -> list[str]:
    """One alone is held against what its scenario says."""
    if not what:
        raise InputError("compare", "name a base and what to compare with it, such as `chokepoint compare history g20_truce`")
    if len(what) > 1:
        return list(what)
    name = what[0]
    if _is_folder(name):
        document = read_document(Results.open(name).folder / SCENARIO)
        base = document.data.get("compare_with")
        if not isinstance(base, str) or is_file_name(base):
            raise InputError(name, "name the base before it: its scenario names none that is shipped")
        return [base, name]
    against = read(name).compare_with
    if against is None:
        raise InputError(name, "it says not what to compare it with; name the base before it, or write `compare_with`")
    return [str(Path(name).parent / against) if is_file_name(against) else against, name]


def _plans(found: Sequence[Results | str], sets: Sequence[str], given: dict[str, Any]) -> list[Plan]:
    """Of the scenarios among them, in order. Worlds, seed and months: as given; else those of the finished runs; else those of the
    first scenario that is held against the base."""
    names = [one for one in found if isinstance(one, str)]
    done = next((one for one in found if isinstance(one, Results)), None)
    if done is not None:
        if done.plan.scenario.sweep is not None:
            raise InputError(str(done.folder), "it is a sweep; compare it with a finished sweep of the same points")
        run = {name: done.manifest[name] for name in ("worlds", "seed", "months")}
        if other := next((name for name in ("seed", "months") if given.get(name, run[name]) != run[name]), None):
            raise InputError(f"--{other}", f"{done.folder} has {run[other]}; leave this out, or run that scenario again")
    else:
        own = read(names[1], sets, given.get("case")).run
        run = {"worlds": own.worlds, "seed": own.seed, "months": own.months}
    for name in names:
        if read(name, sets, given.get("case")).sweep is not None:
            raise InputError(name, "it is a sweep; run it with `chokepoint sweep`, and compare the results folders")
    return [Plan.of(name, sets, **run | given, until="") for name in names]


def _decomposed(base: Plan, other: Plan, out: Path, how: How) -> Compared:
    pieces = parts(base.scenario, other.scenario)
    remark = ""
    if not pieces:
        remark = f"{other.scenario.name} moves nothing against {base.scenario.name}, so there is nothing to take apart"
    elif len(pieces) == 1:
        remark = f"{other.scenario.name} moves one thing alone, {next(iter(pieces))}, so there is nothing to take apart"
    elif len(pieces) > MOST_PARTS:
        raise InputError("--decompose", f"{other.scenario.name} moves {len(pieces)} things; at most {MOST_PARTS} can be taken apart")
    derived = _derived(base, other, pieces) if not remark else {}
    plans = [base, other, *derived.values()]
    runs = [told.results for told in run_batch(plans, out, how)]
    folder = runs[0].folder.parents[1]
    found = {key: compare(runs[0], run) for key, run in zip(derived, runs[2:], strict=True)}
    whole = compare(runs[0], runs[1])
    write(folder / ROWS, csv_text(rows_of([whole, *found.values()])))
    if remark:
        return Compared([whole], folder, remarks=[remark])
    alone = {part: found["only", part] for part in pieces}
    names = list(pieces)
    # of two parts, all but one is the other alone
    without = {part: found["without", part] if len(names) > 2 else alone[names[1 - i]] for i, part in enumerate(names)}
    return Compared([whole], folder, Decomposition(whole, alone, without))


def _derived(base: Plan, other: Plan, pieces: dict[str, frozenset[str]]) -> dict[tuple[str, str], Plan]:
    every = frozenset[str]().union(*pieces.values())
    chosen = {("only", part): paths for part, paths in pieces.items()}
    if len(pieces) > 2:
        chosen |= {("without", part): every - paths for part, paths in pieces.items()}
    return {
        (word, part): Plan(_named(with_parts(base.scenario, other.scenario, paths), f"{word} {part}"), other.case)
        for (word, part), paths in chosen.items()
    }


def _named(scenario: Scenario, what: str) -> Scenario:
    return replace(scenario, name=f"{scenario.name}-{what.replace(' ', '-')}", title=f"{scenario.title}, {what}")


def asked_of(results: Results) -> list[str]:
    """The outcomes at which the run's scenario says to look, as its folder keeps them."""
    with suppress(InputError):
        answer = read_document(results.folder / SCENARIO).data.get("answer")
        names = answer.get("look_at") if isinstance(answer, dict) else None
        return [str(name) for name in names if name in results.manifest["outcomes"]] if isinstance(names, list) else []
    return []
