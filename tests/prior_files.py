"""A case with a sample in it, and scenarios that draw from the sample."""

import json
import shutil

import numpy as np
import pyarrow.parquet as pq

from sim import prior
from sim.analysis.kept import write_kept
from sim.batch.plan import Plan
from sim.case import shipped_case
from sim.worlds import Worlds

ROWS = 40
WORLDS = Worlds.range(0, 200)


def write(folder, name, text):
    (folder / f"{name}.yaml").write_text(f"title: {name}\n{text}\n", encoding="utf-8")
    return str(folder / f"{name}.yaml")


def write_home(folder):
    """A case, a sample in it, and `base.yaml`, which draws from the sample."""
    shutil.copytree(shipped_case("huawei"), folder / "mine", ignore=shutil.ignore_patterns("*.parquet"))
    write(folder, "base", "extends: history\ncase: mine\nprior: posterior.parquet")
    plan = Plan.of("history", ["prior=none"])
    values = plan.values(Worlds.range(1000, ROWS))
    beside = {"sample": np.arange(ROWS), "implausibility": np.ones(ROWS)}
    write_kept(folder / "mine" / "posterior.parquet", plan, values, beside, {"version": "test", "targets": "the record of a test"})
    return folder


def values(file, sets=(), **run):
    return Plan.of(str(file), sets, **run).values(WORLDS)


def changed(home, name, change, about=None):
    """A sample like that of home, changed: its table and what it says of itself."""
    table = pq.read_table(home / "mine" / "posterior.parquet")
    says = json.loads(table.schema.metadata[prior.KEY.encode()])
    table = change(table, says)
    metadata = {prior.KEY: json.dumps(says)} if about is None else about
    pq.write_table(table.replace_schema_metadata(metadata), home / name)
