"""Files of a results folder: Parquet parts, one a block, that appear whole or not at all.

series/part-00000.parquet  a row a world and month: world, month (0 is January 2018), date (its first day), every outcome
agents/<kind>/part-00000.parquet  a row a world, year and agent; or, of many worlds, a row a statistic, year and agent
monthly/part-00000.parquet  a row a kind of agent, measure, agent and month: sum over the block's worlds
worlds.parquet  a row a world: replicate, sample, point of a sweep, and every parameter that varies
points.parquet  of a sweep: a row a point, the values of what it varies

Numbers are stored as float32, sums over worlds exactly, as float64. A file is written under a temporary name, flushed to the disk
and renamed.
"""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.batch.disk import StorageError as StorageError
from sim.batch.disk import refusal
from sim.batch.plan import POINTS, Plan
from sim.months import FIRST_YEAR
from sim.worlds import Numbers, Worlds

Stored32 = NDArray[np.float32]
FULL_UP_TO = 2_000  # worlds of a run for which every agent of every world is kept
STATISTICS = ("mean", "p5", "p50", "p95")
TEMPORARY = ".unfinished"
_WORLDS_AT_A_TIME = 8_192  # rows of worlds.parquet written together; fixed, so that its bytes do not depend on the blocks


class AgentTable(Protocol):
    """What a model tells of one kind of agent; measures are (years, agents, worlds)."""

    @property
    def names(self) -> list[str]: ...
    @property
    def years(self) -> list[int]: ...
    @property
    def measures(self) -> dict[str, Numbers]: ...


class MonthlyTable(Protocol):
    """What a model counts of one kind of agent by month; sums over worlds are (months, agents)."""

    @property
    def names(self) -> list[str]: ...
    @property
    def sums(self) -> dict[str, Numbers]: ...


class Computed(Protocol):
    """What a model tells of a block; series are (months, worlds)."""

    @property
    def months(self) -> int: ...
    @property
    def series(self) -> dict[str, Numbers]: ...
    @property
    def agents(self) -> Mapping[str, AgentTable]: ...
    @property
    def discrepancies(self) -> dict[str, float]: ...
    @property
    def monthly(self) -> Mapping[str, MonthlyTable]: ...


@dataclass(frozen=True)
class Stored:
    """A file as it was written."""

    sha256: str
    bytes: int


def write(path: Path, data: Any) -> Stored:
    """Bytes to a file that is there whole or not at all. StorageError if the disk refuses."""
    own = f"{os.getpid()}-{secrets.token_hex(4)}"  # on another machine someone may have our number and write the same block
    temporary = path.with_name(f"{path.name}.{own}{TEMPORARY}")
    try:
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
            flush_folder(path.parent)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink()
    except OSError as fault:
        raise refusal(fault, path, memoryview(data).nbytes) from fault
    return Stored(hashlib.sha256(data).hexdigest(), memoryview(data).nbytes)


def flush_folder(folder: Path) -> None:
    """Make a rename in it last through a power cut."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows opens no folders
        return
    try:
        with contextlib.suppress(OSError):  # some network file systems cannot
            os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise refusal(fault, folder) from fault


def _make_room(folder: Path, name: str) -> None:
    """The folders below a run's own that a file of it goes into; a run's folder that was deleted stays deleted."""
    for room in reversed(Path(name).parents[:-1]):
        try:
            (folder / room).mkdir(exist_ok=True)
        except OSError as fault:
            raise refusal(fault, folder / room) from fault


def hash_of(path: Path) -> Stored:
    with path.open("rb") as file:
        return Stored(hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)


def part_name(block: int) -> str:
    return f"part-{block:05d}.parquet"


def as_parquet(tables: Iterable[Any]) -> Any:
    """Tables of one schema as the bytes of a Parquet file, a row group each."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = pa.BufferOutputStream()
    writer = None
    for table in tables:
        if writer is None:
            # numbers are nearly all different: a dictionary of them costs most of the time and a third of the size
            numbers = [column.name for column in table.schema if pa.types.is_floating(column.type)]
            others = [column.name for column in table.schema if column.name not in numbers]
            writer = pq.ParquetWriter(
                out, table.schema, compression="zstd", write_page_checksum=True, use_dictionary=others, use_byte_stream_split=numbers
            )
        writer.write_table(table, row_group_size=max(1, table.num_rows))
    assert writer is not None, "a Parquet file of no table"
    writer.close()
    return out.getvalue()


def as_stored(values: Numbers) -> Stored32:
    """Rounded to float32, with one kind of zero and one kind of blank (NaN), so that equal numbers are equal bytes."""
    with np.errstate(over="ignore"):
        small = values.astype(np.float32) + np.float32(0)
    small[np.isnan(small)] = np.nan
    return small


def dates(months: int) -> Any:
    """The first day of each month, as pandas reads it."""
    return (np.datetime64(f"{FIRST_YEAR}-01", "M") + np.arange(months)).astype("datetime64[ms]")


def series_table(worlds: Worlds, months: int, series: Mapping[str, Stored32]) -> Any:
    """series: (worlds, months) each. Rows in the order of worlds, then months."""
    import pyarrow as pa

    columns: dict[str, Any] = {
        "world": pa.array(np.repeat(worlds.number, months)),
        "month": pa.array(np.tile(np.arange(months, dtype=np.int32), len(worlds))),
        "date": pa.array(np.tile(dates(months), len(worlds))),
    }
    return pa.table(columns | {name: pa.array(values.reshape(-1)) for name, values in series.items()})


def agents_table(worlds: Worlds, table: AgentTable) -> Any:
    """Every agent of every world. Rows in the order of worlds, years, agents."""
    import pyarrow as pa

    years, names = len(table.years), len(table.names)
    columns: dict[str, Any] = {
        "world": pa.array(np.repeat(worlds.number, years * names)),
        "year": pa.array(np.tile(np.repeat(np.array(table.years, np.int32), names), len(worlds))),
        "agent": _words(table.names, np.tile(np.arange(names), len(worlds) * years)),
    }
    return pa.table(columns | {m: pa.array(as_stored(v).transpose(2, 0, 1).reshape(-1)) for m, v in table.measures.items()})


def statistics_table(worlds: Worlds, table: AgentTable) -> Any:
    """Mean and quantiles over the worlds of a block: `first_world` and `worlds` say which."""
    import pyarrow as pa

    years, names = len(table.years), len(table.names)
    rows = len(STATISTICS) * years * names
    columns: dict[str, Any] = {
        "first_world": pa.array(np.full(rows, worlds.number[0])),
        "worlds": pa.array(np.full(rows, len(worlds), np.int32)),
        "statistic": _words(list(STATISTICS), np.repeat(np.arange(len(STATISTICS)), years * names)),
        "year": pa.array(np.tile(np.repeat(np.array(table.years, np.int32), names), len(STATISTICS))),
        "agent": _words(table.names, np.tile(np.arange(names), len(STATISTICS) * years)),
    }
    for measure, values in table.measures.items():
        levels = [values.mean(axis=2), *np.quantile(values, (0.05, 0.5, 0.95), axis=2)]
        columns[measure] = pa.array(as_stored(np.array(levels)).reshape(-1))
    return pa.table(columns)


def monthly_table(worlds: Worlds, months: int, monthly: Mapping[str, MonthlyTable]) -> Any:
    """Sums over the worlds of a block. Rows in the order of kinds, measures, agents, months; so months of an agent lie together."""
    import pyarrow as pa

    measures = [(kind, name, table.names, sums) for kind, table in monthly.items() for name, sums in table.sums.items()]
    kinds, names = list(monthly), list(dict.fromkeys(name for _, name, _, _ in measures))
    agents = list(dict.fromkeys(agent for table in monthly.values() for agent in table.names))
    number = {agent: i for i, agent in enumerate(agents)}
    lengths = [sums.size for *_, sums in measures]
    who = [np.repeat([number[agent] for agent in known], months) for _, _, known, _ in measures]
    rows = sum(lengths)
    return pa.table({
        "kind": _words(kinds, np.repeat([kinds.index(kind) for kind, *_ in measures], lengths)),
        "agent": _words(agents, np.concatenate(who)),
        "month": pa.array(np.tile(np.arange(months, dtype=np.int32), rows // months)),
        "measure": _words(names, np.repeat([names.index(name) for _, name, _, _ in measures], lengths)),
        "sum": pa.array(np.concatenate([sums.T.reshape(-1) for *_, sums in measures])),
        "worlds": pa.array(np.full(rows, len(worlds), np.int32)),
    })  # fmt: skip


def _words(words: list[str], index: NDArray[Any]) -> Any:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32)), pa.array(words, pa.string()))


def agents_kept(record: str, worlds: int) -> str:
    """How much is kept of the agents: "none", "full" (every world) or "statistics" (of each block)."""
    if record != "agents":
        return "none"
    return "full" if worlds <= FULL_UP_TO else "statistics"


def write_block(folder: Path, plan: Plan, block: int, worlds: Worlds, computed: Computed) -> tuple[dict[str, Stored], dict[str, int]]:
    """The parts of one block; also the blanks (worlds and months without a number) of each outcome that has some.

    ValueError if an outcome is infinite or too large to be stored.
    """
    small: dict[str, Stored32] = {}
    blanks: dict[str, int] = {}
    for name, values in computed.series.items():
        small[name] = as_stored(values).T.copy()
        if np.isinf(small[name]).any():
            world, month = np.argwhere(np.isinf(small[name]))[0]
            raise ValueError(f"{name} is infinite, or too large to be stored, in world {worlds.number[world]}, month {month}")
        if blank := int(np.isnan(small[name]).sum()):
            blanks[name] = blank
    tables = {f"series/{part_name(block)}": series_table(worlds, computed.months, small)}
    kept = agents_kept(plan.scenario.run.record, plan.scenario.run.worlds)
    if kept != "none":
        table_of = agents_table if kept == "full" else statistics_table
        for kind, table in computed.agents.items():
            tables[f"agents/{kind}/{part_name(block)}"] = table_of(worlds, table)
    if computed.monthly:
        tables[f"monthly/{part_name(block)}"] = monthly_table(worlds, computed.months, computed.monthly)
    files = {}
    for name, table in tables.items():
        _make_room(folder, name)
        files[name] = write(folder / name, as_parquet([table]))
    return files, blanks


def write_points(folder: Path, plan: Plan) -> Stored:
    """points.parquet: the values of what a sweep varies, a row a point."""
    import pyarrow as pa

    size = len(next(iter(plan.points.values())))
    table = pa.table({"point": pa.array(np.arange(size))} | {path: pa.array(values) for path, values in plan.points.items()})
    return write(folder / POINTS, as_parquet([table]))


def write_worlds(folder: Path, plan: Plan) -> Stored:
    """worlds.parquet: who each world is, and the values it was dealt."""
    import pyarrow as pa

    def pieces() -> Iterable[Any]:
        for first in range(0, plan.scenario.run.worlds, _WORLDS_AT_A_TIME):
            worlds = plan.worlds(first, min(_WORLDS_AT_A_TIME, plan.scenario.run.worlds - first))
            who = {"world": worlds.number, "replicate": worlds.replicate, "sample": worlds.sample}
            who |= {"point": plan.point(worlds)} if plan.points else {}
            yield pa.table({name: pa.array(column) for name, column in (who | plan.values(worlds)).items()})

    return write(folder / "worlds.parquet", as_parquet(pieces()))
