"""The rows of a prior: each world takes a whole one, so that what the sample holds of its numbers together is kept."""

from collections.abc import Container
from functools import lru_cache
from pathlib import Path

import numpy as np

from sim import luck
from sim.parameters import find
from sim.prior import Prior
from sim.refusal import InputError
from sim.text_file import LONGEST_SHOWN, printable
from sim.worlds import Integers, Numbers

ADDRESS = "prior"  # no parameter is called so


def rows_of(prior: Prior, seed: int, samples: Integers) -> Integers:
    """Which row each sample takes: addressed, so that adding a world or a parameter moves nobody to another row. Rows may recur."""
    return (luck.of_samples(seed, ADDRESS, samples) * prior.rows).astype(np.int64)


def drawn(prior: Prior, seed: int, samples: Integers, fixed: Container[str] = ()) -> dict[str, Numbers]:
    """path -> (samples,) of every column that the scenario takes; not of what has been fixed since it was read."""
    state = prior.file.stat()
    columns, rows = columns_of(prior.file, state.st_mtime_ns, prior.rows), rows_of(prior, seed, samples)
    for path in prior.taken:
        if path not in columns:
            where = printable(str(prior.file), LONGEST_SHOWN)
            raise InputError(where, f'the sample is damaged: it says of itself that it has "{path}", and has no such column')
    return {path: columns[path][rows] for path in prior.taken if path not in fixed}


@lru_cache(maxsize=4)
def columns_of(file: Path, changed: int, rows: int) -> dict[str, Numbers]:
    """Every column of a sample's file; changed: when it was. InputError if it is damaged, or holds what a parameter does not admit."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    where = printable(str(file), LONGEST_SHOWN)
    try:
        table = pq.ParquetFile(file, page_checksum_verification=True).read(use_threads=False)
        columns = {name: np.asarray(table.column(name).to_numpy(), np.float64) for name in table.column_names}
    except (OSError, ValueError, pa.ArrowException) as fault:
        raise InputError(where, f"the sample is damaged: {' '.join(str(fault).split())}") from None
    if table.num_rows != rows:
        raise InputError(where, f"the sample has {table.num_rows:,} rows and says of itself that it has {rows:,}")
    for path, values in columns.items():
        entry = find(path)
        if entry is not None and not np.all((values >= entry.least) & (values <= entry.most)):
            raise InputError(where, f'"{path}" leaves what it may be, {entry.least:g} to {entry.most:g}')
    return columns
