"""The parameter sets that a calibration keeps, as a file that scenarios draw from (`prior: posterior.parquet`)."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.batch.plan import Plan, joints
from sim.batch.store import Stored, Stored32, as_parquet, write
from sim.parameters import find
from sim.prior import KEY, SCHEMA, joint
from sim.scenario_file import spread_written
from sim.worlds import Numbers


def drawn_from(plan: Plan) -> dict[str, str]:
    """Each path that varies, and how its values were drawn."""
    scenario = plan.scenario
    together = {path: joint(name) for name, table in joints(scenario, plan.case).items() for path in table.paths}
    together = {path: name for path, name in together.items() if path not in scenario.levers and path not in scenario.constants}
    return dict(sorted((together | {path: spread_written(spread) for path, spread in scenario.uncertainties.items()}).items()))


def write_kept(
    file: Path, plan: Plan, values: Mapping[str, Numbers], beside: Mapping[str, Numbers], how: Mapping[str, Any]
) -> Stored:
    """values: path -> (rows,), stored as float32; beside: columns that are no parameters; how: the sample was made, for JSON.

    The same sample gives the same bytes (with one version of pyarrow): nothing of when or where it was made is among them.
    """
    import pyarrow as pa

    columns = {name: np.ascontiguousarray(column) for name, column in {**beside, **{p: _small(p, v) for p, v in values.items()}}.items()}
    digest = hashlib.sha256(b"".join(column.tobytes() for column in columns.values())).hexdigest()
    rows = len(next(iter(columns.values())))
    about = {"schema": SCHEMA, **how, "rows": rows, "digest": digest, "drawn_from": drawn_from(plan)}
    table = pa.table(columns).replace_schema_metadata({KEY: json.dumps(about)})
    return write(file, as_parquet([table]))


def _small(path: str, values: Numbers) -> Stored32:
    """As float32, and not rounded beyond what the parameter admits."""
    small, entry = values.astype(np.float32), find(path)
    if entry is not None:
        small = np.where(small.astype(np.float64) > entry.most, np.nextafter(small, np.float32(-np.inf)), small)
        small = np.where(small.astype(np.float64) < entry.least, np.nextafter(small, np.float32(np.inf)), small)
    return small
