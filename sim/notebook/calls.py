"""Asking for runs: `sim.run`, `sim.open`, `sim.sweep`, `sim.compare`. Each does what the command of its name does."""

import atexit
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.batch.ended import Interrupted
from sim.batch.results import Results
from sim.notebook.options import options, settings, varied
from sim.notebook.runs import Run, SweepRun
from sim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

Place = str | os.PathLike[str]


def run(
    scenario: str | Scenario,
    *,
    worlds: int | None = None,
    seed: int | None = None,
    months: int | None = None,
    sets: Mapping[str, Any] | None = None,
    case: Place | None = None,
    jobs: int | None = None,
    block: int | None = None,
    record: str | None = None,
    until: str | None = None,
    trace: Sequence[int] | None = None,
    check: bool = False,
    engine: str = "local",
    scheduler: str | None = None,
    out: Place | None = None,
    quiet: bool | None = None,
) -> Run:
    """Run a scenario: a shipped one's name, a file, or a Scenario. What is not said is as the scenario says.

    worlds: possible futures; seed: decides all luck; months: from January 2018; sets: path to value, in place of the scenario's
    case: a folder of tables, or a shipped case, in place of the scenario's
    jobs: processes at a time, one a core by default; block: worlds that one computes together; engine, scheduler: as the command's
    record: "agents", or "outcomes" without them; until: stop once known so well, such as "lost_sales +-2%"
    trace: worlds whose every decision is kept for `chokepoint why`; check: check the books each month
    out: where results go (out/<scenario>/NNN-...); None: a temporary folder, which goes when the Run does
    quiet: no progress on standard error; by default there is some on a terminal, and none in a notebook

    Gives a Run; of a scenario with a sweep of its own, a SweepRun. The numbers are the command's, to the last bit.
    InputError, with the command's sentence, for whatever is wrong; KeyboardInterrupt, RunFailed, StorageError say how to go on.
    """
    asked = {"worlds": worlds, "seed": seed, "months": months, "jobs": jobs, "block": block, "trace": trace}
    said = {"sets": sets, "case": _name(case), "record": record, "until": until, "check": check or None}
    said |= {"engine": None if engine == "local" else engine}
    given = options("run", **asked)

    def begin(place: Path, quiet: bool, words: tuple[str, ...]) -> Results:
        from sim.running import begun

        (told,) = begun(
            [scenario], **given, sets=settings(sets), record=record, until=until, by=engine, scheduler=scheduler, out=place,
            check_books=check, quiet=quiet, case=None if case is None else os.fspath(case), asked=words,
        )  # fmt: skip
        return told.results

    return _done(begin, out, quiet, _words("sim.run", scenario, asked | said))


def sweep(
    scenario: str | Scenario,
    vary: Mapping[str, Any] | None = None,
    *,
    design: str | None = None,
    points: int | None = None,
    replicates: int | None = None,
    outcomes: str | Sequence[str] | None = None,
    seed: int | None = None,
    months: int | None = None,
    sets: Mapping[str, Any] | None = None,
    case: Place | None = None,
    jobs: int | None = None,
    block: int | None = None,
    out: Place | None = None,
    quiet: bool | None = None,
) -> SweepRun:
    """Run a scenario over many values of some parameters, with the same luck at each point.

    vary: path to (low, high), (low, high, places), a list of values, or "range" for its plausible range, each in the path's own
        unit; without it the scenario's own sweep holds
    design: grid (default), lhs, sobol, sobol_pairs or morris; points: lhs: points, sobol: base sample, morris: paths
    replicates: worlds a point
    outcomes: keep these only; the rest is as for `sim.run`

    Gives a SweepRun, whose by_point() has a row a point, outcome and year. InputError with the command's sentence; RunFailed and so
    on as `sim.run`.
    """
    asked = {"points": points, "replicates": replicates, "seed": seed, "months": months, "jobs": jobs, "block": block}
    given = options("sweep", **asked)
    names = outcomes if outcomes is None or isinstance(outcomes, str) else ",".join(outcomes)

    def begin(place: Path, quiet: bool, words: tuple[str, ...]) -> Results:
        from sim.sweeping import swept

        return swept(
            scenario, varied(vary), design, given.pop("points"), given.pop("replicates"), names, sets=settings(sets), **given,
            out=place, quiet=quiet, case=None if case is None else os.fspath(case), asked=words,
        ).results  # fmt: skip

    said = {"vary": vary, "design": design, **asked, "sets": sets, "case": _name(case)}
    done = _done(begin, out, quiet, _words("sim.sweep", scenario, said))
    assert isinstance(done, SweepRun)
    return done


def open(folder: Place) -> Run:  # noqa: A001
    """A finished run, whoever made it: the folder that holds its manifest.json, such as results/history/001-9d3602b7.

    Gives a Run, or a SweepRun. InputError if there is no run, or it is not finished.
    """
    return Run.open(folder)


def compare(
    base: Run | Place, other: Run | Place, outcome: str | Sequence[str] | None = None, *, agents: str | None = None
) -> "pd.DataFrame":
    """What a change did: other less base, world by world. Runs of one seed, or their folders.

    A row an outcome and year, and one over the whole run (year "all"). Columns: outcome, unit, year, worlds (pairs of them),
    base_mean, mean and its standard error se, median, p5, p95 (of the differences, in that unit), lower, equal, higher (shares of
    the worlds), factor (how much wider without pairing), verdict. outcome: one, several, or (None) all that both have
    agents: instead of outcomes the numbers of this kind of agent (firm, group, government, carrier, side): agent, measure, unit, year

    What must be known beside the numbers is warned of, and stands in `.attrs["notes"]`. InputError where their luck is not the same.
    """
    import pandas as pd

    from sim.analysis import paired

    a, b = (run if isinstance(run, Run) else Run.open(run) for run in (base, other))
    names = [outcome] if isinstance(outcome, str) else outcome
    found = paired.compare(a.results, b.results, names)
    rows: Sequence[Any] = found.rows if agents is None else found.agents(agents)
    table = pd.DataFrame([vars(row) for row in rows])
    first = [name for name in ("agent", "measure", "outcome", "unit", "year") if name in table]
    table = table[[*first, *(name for name in table if name not in first)]]
    table.attrs["notes"] = found.notes
    for note in found.notes:
        warnings.warn(note, stacklevel=2)
    return table


def _done(begin: Callable[[Path, bool, tuple[str, ...]], Results], out: Place | None, quiet: bool | None, words: tuple[str, ...]) -> Run:
    """Have it run, in a lasting folder or a temporary one. A temporary folder of a run that was stopped stays until the session ends."""
    _import_mesa()
    silent = not (sys.stderr is not None and sys.stderr.isatty()) if quiet is None else quiet
    if out is not None:
        try:
            return Run.open(begin(Path(out).expanduser(), silent, words).folder)
        except Interrupted as stopped:
            raise KeyboardInterrupt(str(stopped)) from None
    place = Path(tempfile.mkdtemp(prefix="chokepoint-"))
    try:
        return Run.open(begin(place, silent, words).folder).lives_in(place)
    except BaseException as fault:
        if any(place.iterdir()):
            atexit.register(shutil.rmtree, place, ignore_errors=True)
        else:
            place.rmdir()
        if isinstance(fault, Interrupted):
            raise KeyboardInterrupt(str(fault)) from None
        raise


def _import_mesa() -> None:
    """Mesa brings a progress bar that, in a notebook without ipywidgets, warns of its own looks. Nobody here draws it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="IProgress not found")
        import mesa  # noqa: F401


def _name(case: Place | None) -> str | None:
    """A case's folder without where it lies."""
    return None if case is None else Path(case).name


def _words(call: str, scenario: str | Scenario, asked: Mapping[str, Any]) -> tuple[str, ...]:
    """What was asked, for the manifest."""
    name = scenario if isinstance(scenario, str) else scenario.name
    return call, name, *(f"{option}={value}" for option, value in asked.items() if value is not None)
