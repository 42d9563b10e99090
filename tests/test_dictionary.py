"""docs/outputs.md is what the code's tables make, and the columns in it are those of real runs."""

import csv

import pyarrow.parquet as pq
import pytest

from sim.__main__ import main
from sim.outcomes import MEASURES, OUTCOMES
from sim.views import dictionary

SMALL = ["--worlds", "3", "--months", "13", "--jobs", "1", "--quiet"]
TYPES = {"text": "string", "double": "double", "float": "float", "int64": "int64", "int32": "int32", "timestamp": "timestamp[ms]"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    assert main(["run", "history", *SMALL, "--trace", "1", "--out", str(out)]) == 0
    return next((out / "history").iterdir())


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    words = ["sweep", "history", "--vary", "firm.hurdle=0.2,0.4", "--replicates", "2", "--months", "13", "--jobs", "1", "--quiet"]
    assert main([*words, "--out", str(out)]) == 0
    return next((out / "history").iterdir())


def described(columns, more):
    """Columns as the page says, what it calls NAME... written out."""
    return [(n, kind) for name, kind, *_ in columns for n in (more if name.endswith("...") else [name])]


def as_stored(file):
    kinds = {f.name: f.type.value_type if str(f.type).startswith("dictionary") else f.type for f in pq.read_schema(file)}
    return {name: str(kind) for name, kind in kinds.items()}


def hold(columns, file, more):
    stored = as_stored(file)
    said = described(columns, more)
    assert [name for name, _ in said] == list(stored)
    assert [TYPES[kind] for _, kind in said] == list(stored.values())


def test_the_page_is_what_the_tables_make():
    assert dictionary.PAGE.read_text(encoding="utf-8") == dictionary.page(), "python -m sim.views.dictionary --write"


def test_columns_are_those_of_a_run(run):
    hold(dictionary.SERIES, run / "series" / "part-00000.parquet", list(OUTCOMES))
    varying = [name for name in as_stored(run / "worlds.parquet") if "." in name]
    hold(dictionary.WORLDS, run / "worlds.parquet", varying)
    assert len(varying) > 50
    for kind in dictionary.KINDS:
        hold(dictionary.AGENTS, run / "agents" / kind / "part-00000.parquet", [m.name for m in MEASURES if m.kind == kind])
    hold(dictionary.MONTHS, run / "monthly" / "part-00000.parquet", [])
    with (run / "summary.csv").open(encoding="utf-8") as file:
        assert next(csv.reader(file)) == [name for name, *_ in dictionary.SUMMARY]


def test_columns_are_those_of_a_sweep(swept):
    hold(dictionary.DESIGN, swept / "points.parquet", ["firm.hurdle"])
    hold(dictionary.BY_POINT, swept / "by_point.parquet", ["firm.hurdle"])


def test_statistics_of_agents_have_their_columns():
    import numpy as np

    from sim.batch.store import statistics_table
    from sim.outcomes import AgentTable
    from sim.worlds import Worlds

    made = statistics_table(Worlds.range(0, 4), AgentTable(["a"], [2018], {"sales": np.ones((1, 1, 4))}))
    assert made.column_names == [name for name, _ in described(dictionary.STATISTICS, ["sales"])]


def test_every_file_and_every_kind_is_on_it(run, swept):
    page = dictionary.page()
    for folder in (run, swept):
        for file in folder.rglob("*"):
            if file.is_file() and file.parent.name != "case":
                name = file.relative_to(folder).as_posix().replace("00000", "NNNNN")
                parts = name.split("/")
                assert (f"agents/KIND/{parts[-1]}" if parts[0] == "agents" else name) in page, name
    assert {m.kind for m in MEASURES} == set(dictionary.KINDS)
    assert "{" not in page.replace("{}", "")
