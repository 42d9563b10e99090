"""journal.parquet: every decision of the traced worlds, with the numbers behind it and a sentence.

A traced world is computed again, alone, after the run's blocks, so that tracing can change none of their bytes.
"""

import gc
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.batch.parquet import opened
from sim.batch.plan import Plan
from sim.batch.store import Stored, as_parquet, write
from sim.decisions import Decision, Names, Wanted, told
from sim.refusal import InputError
from sim.trace import Trace
from sim.worlds import Numbers, Worlds

FILE = "journal.parquet"


def check_worlds(traced: Iterable[int], worlds: int, where: str) -> None:
    """InputError if a run has no such world."""
    for world in traced:
        if not 0 <= world < worlds:
            raise InputError(where, f"there is no world {world}; this run's worlds are 0 to {worlds - 1}")


def dealt(folder: Path, world: int) -> tuple[Worlds, dict[str, Numbers]]:
    """Who a world of a run is, and the values it was dealt."""
    if not (folder / "worlds.parquet").is_file():
        raise InputError(
            str(folder), "worlds.parquet is missing, so nobody knows what its worlds are; `chokepoint verify` shows what else is"
        )
    first = 0
    with opened(folder / "worlds.parquet") as file:
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if world < first + rows:
                row = file.read_row_group(group, use_threads=False).slice(world - first, 1)
                values: dict[str, Any] = {name: row.column(name).to_numpy() for name in row.column_names}
                values.pop("point", None)  # of a sweep: what it stands for is among the values
                who = (np.asarray(values.pop(name), np.int64) for name in ("world", "replicate", "sample"))
                return Worlds(*who), values
            first += rows
    raise InputError(str(folder), f"worlds.parquet ends before world {world}")


def decisions_of(folder: Path, plan: Plan, world: int, wanted: Wanted | None = None, months: int | None = None) -> list[Decision]:
    """A world of a run, computed again, alone; only for so many months, if they are given."""
    from sim.model import follow

    gc.collect()  # a model and its agents hold each other
    gc.disable()  # thousands of notes, and none of them garbage
    try:
        journal = Trace()
        follow(plan.scenario, plan.case, *dealt(folder, world), journal, months)
        return told(world, journal.notes, Names(plan.case), wanted)
    finally:
        gc.enable()


def write_journal(folder: Path, plan: Plan, worlds: Sequence[int]) -> Stored:
    return write(folder / FILE, as_parquet(_table(decisions_of(folder, plan, world)) for world in worlds))


def _table(rows: Sequence[Decision]) -> Any:
    import pyarrow as pa

    columns = {name: pa.array([getattr(row, name) for row in rows]) for name in Decision.__dataclass_fields__ if name != "numbers"}
    ends = np.cumsum([0, *(len(row.numbers) for row in rows)])
    names = pa.array([name for row in rows for name in row.numbers], pa.string())
    values = pa.array([value for row in rows for value in row.numbers.values()], pa.float64())
    return pa.table(columns | {"numbers": pa.MapArray.from_arrays(ends.astype(np.int32), names, values)})


def read_journal(folder: Path, world: int) -> list[Decision]:
    """A traced world's decisions, as stored."""
    with opened(folder / FILE) as file:
        for group in range(file.num_row_groups):  # one a world
            table = file.read_row_group(group, use_threads=False)
            if table.num_rows and table.column("world")[0].as_py() == world:
                return [Decision(**row | {"numbers": dict(row["numbers"])}) for row in table.to_pylist()]
    return []
