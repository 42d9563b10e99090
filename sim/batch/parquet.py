"""Opens the Parquet files of a results folder, which may be damaged, half copied or gone."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.batch.disk import StorageError
from sim.batch.memory import lacking


@contextlib.contextmanager
def opened(file: Path) -> Iterator[Any]:
    """A pyarrow ParquetFile, its pages checked as they are read. StorageError if it, or what is read of it, is not as it was written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with file.open("rb") as stream:  # a file's name might be taken for a partition of a data set
            yield pq.ParquetFile(stream, page_checksum_verification=True)
    except FileNotFoundError:
        raise StorageError(f"{file} is missing", _look(file)) from None
    except (OSError, pa.ArrowException) as fault:
        if lacking(fault):
            raise
        raise StorageError(f"{file} cannot be read, or is damaged", _look(file)) from fault


def _look(file: Path) -> str:
    """Parts lie up to two folders below the run's own."""
    run = next((folder for folder in file.parents[:3] if (folder / "manifest.json").is_file()), None)
    return f"`chokepoint verify {run}` says what else is" if run is not None else ""
