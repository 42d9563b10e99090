"""What is written: whole or not at all, the same bytes for the same numbers, and a summary that is the data's."""

import csv
import errno
import io
import os
import tracemalloc

import fake_model
import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.batch import engine, store
from sim.batch.folder import new_folder, safe_name
from sim.batch.headlines import median_error
from sim.batch.results import Results
from sim.batch.size import bytes_expected
from sim.batch.store import StorageError, as_stored
from sim.batch.summary import by_year, safe_text, summarise
from sim.worlds import Worlds


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """150 worlds of 14 months in blocks of 64."""
    folder = engine.prepare(fake_model.plan(150), tmp_path_factory.mktemp("out"))
    engine.finish(folder, simulate=fake_model.simulate, outcomes=fake_model.OUTCOMES)
    return Results.open(folder)


@pytest.fixture(scope="module")
def computed(results):
    """The same worlds in one piece, never stored."""
    plan, worlds = fake_model.plan(150), Worlds.range(0, 150)
    return fake_model.simulate(plan.scenario, plan.case, worlds, plan.values(worlds))


def test_a_file_whose_writing_fails_is_not_there_and_its_elder_is(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    store.write(path, b"elder")

    def full(source, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StorageError, match=r"a\.csv: the disk is full$"):
        store.write(path, b"younger")
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]
    assert path.read_bytes() == b"elder"


def test_a_file_in_the_place_of_the_folder_is_one_sentence(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(StorageError, match=r"cannot write .*: a file stands where a folder is needed$"):
        engine.prepare(fake_model.plan(), tmp_path / "out")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_not_ours_is_one_sentence(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="no permission"):
        engine.prepare(fake_model.plan(), tmp_path / "out")


def test_equal_numbers_are_equal_bytes():
    other_nan = np.array([0xFFF8000000000001], np.uint64).view(np.float64)[0]
    stored = as_stored(np.array([0.0, -0.0, np.nan, other_nan]))
    assert stored[:2].tobytes() == bytes(8)
    assert stored[2:3].tobytes() == stored[3:].tobytes()


def test_what_is_stored_is_what_was_computed(results, computed):
    for name, values in computed.series.items():
        assert np.array_equal(results.series(name), values.T.astype(np.float32), equal_nan=True)


def test_a_part_says_in_each_row_which_world_and_month_it_is(results):
    rows = pq.ParquetFile(results.folder / "series" / "part-00001.parquet").read().to_pylist()
    assert [(r["world"], r["month"], str(r["date"])[:10]) for r in rows[13:15]] == [(64, 13, "2019-02-01"), (65, 0, "2018-01-01")]


def test_worlds_are_stored_with_the_values_they_were_dealt(results):
    plan = fake_model.plan(150)
    assert (results.worlds()["world"] == np.arange(150)).all()
    assert (results.worlds()["firm.hurdle"] == plan.values(Worlds.range(0, 150))["firm.hurdle"]).all()


def test_agents_are_kept_in_every_world_of_a_small_run(results, computed):
    rows = results.agents("firm").to_pylist()
    assert len(rows) == 150 * 2 * 2
    by_key = {(r["world"], r["year"], r["agent"]): r["sales"] for r in rows}
    sales = computed.agents["firm"].measures["sales"]
    assert by_key[100, 2019, "Other"] == np.float32(sales[1, 1, 100])


def test_agents_of_a_large_run_are_each_blocks_statistics(tmp_path, monkeypatch, computed):
    monkeypatch.setattr(store, "FULL_UP_TO", 149)
    folder = engine.prepare(fake_model.plan(150), tmp_path)
    engine.finish(folder, simulate=fake_model.simulate, outcomes=fake_model.OUTCOMES)
    rows = Results.open(folder).agents("firm").to_pylist()
    second = {(r["statistic"], r["year"], r["agent"]): r["sales"] for r in rows if r["first_world"] == 64}
    sales = computed.agents["firm"].measures["sales"][0, 1, 64:128]
    expected = [sales.mean(), *np.quantile(sales, (0.05, 0.5, 0.95))]
    assert [second[s, 2018, "Other"] for s in store.STATISTICS] == pytest.approx(expected, rel=1e-6)


def test_agents_are_left_out_where_only_outcomes_are_asked_for(tmp_path):
    folder = engine.prepare(fake_model.plan(10, record="outcomes"), tmp_path)
    engine.finish(folder, simulate=fake_model.simulate, outcomes=fake_model.OUTCOMES)
    assert not (folder / "agents").exists()


def test_a_run_says_about_how_much_it_will_write(results):
    expected = bytes_expected(fake_model.plan(150), fake_model.simulate)
    assert expected == 4 * 150 * (3 * 14 + 2 * 2)


def test_the_summary_is_numpys_over_all_worlds(results):
    with (results.folder / "summary.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["outcome"], r["year"]) for r in rows] == [(name, y) for name in fake_model.OUTCOMES for y in ("2018", "2019")]
    for row in rows:
        series = results.series(row["outcome"]).astype(np.float64)
        year = series[:, :12] if row["year"] == "2018" else series[:, 12:]
        how = fake_model.OUTCOMES[row["outcome"]].yearly
        count = (~np.isnan(year)).sum(axis=1)
        mean = np.divide(np.nansum(year, axis=1), count, out=np.full(150, np.nan), where=count > 0)
        values = {"sum": np.nansum(year, axis=1), "mean": mean, "end": year[:, -1]}[how]
        known = values[~np.isnan(values)]
        found = [float(row[c]) for c in ("mean", "median", "p5", "p25", "p75", "p95")]
        assert found == pytest.approx([known.mean(), *np.quantile(known, (0.5, 0.05, 0.25, 0.75, 0.95))], rel=1e-7)
        assert int(row["worlds"]) == len(known)


def test_the_summary_does_not_depend_on_how_much_memory_it_may_take(results):
    whole = summarise(results.folder, 3, 150, 14, fake_model.OUTCOMES)
    assert summarise(results.folder, 3, 150, 14, fake_model.OUTCOMES, budget=1) == whole


@pytest.mark.slow
def test_the_summary_of_many_worlds_takes_little_memory(tmp_path):
    folder = engine.prepare(fake_model.plan(4000, 500, months=96, record="outcomes"), tmp_path)
    engine.finish(folder, simulate=fake_model.simulate, outcomes=fake_model.OUTCOMES)
    data = 4 * len(fake_model.OUTCOMES) * 4000 * 96
    tracemalloc.start()
    try:
        summarise(folder, 8, 4000, 96, fake_model.OUTCOMES, budget=1)
        assert tracemalloc.get_traced_memory()[1] < data / 2
        alone = []
        for name, outcome in fake_model.OUTCOMES.items():
            tracemalloc.reset_peak()
            summarise(folder, 8, 4000, 96, {name: outcome}, budget=1)
            alone.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.reset_peak()
        summarise(folder, 8, 4000, 96, fake_model.OUTCOMES, budget=1)
        assert tracemalloc.get_traced_memory()[1] < 1.3 * max(alone), "three outcomes take the room of the largest one"
    finally:
        tracemalloc.stop()


def test_months_without_a_number_are_left_out_of_a_year_and_a_year_of_them_is_blank():
    series = np.array([[1.0, np.nan, 3.0] + [2.0] * 9 + [5.0], [np.nan] * 13])
    assert by_year(series, "sum")[0].tolist() == [22.0, 5.0]
    assert by_year(series, "mean")[0].tolist() == [2.0, 5.0]
    assert by_year(series, "end")[0].tolist() == [2.0, 5.0]
    assert np.isnan(by_year(series, "sum")[1]).all()


def test_an_outcome_that_is_infinite_is_refused_by_world_and_month(tmp_path):
    folder = engine.prepare(fake_model.plan(100), tmp_path)
    with pytest.raises(engine.RunFailed, match="stock is infinite, or too large to be stored, in world 70, month 2"):
        engine.finish(folder, simulate=fake_model.infinite_in_world_70, outcomes=fake_model.OUTCOMES)


def test_the_medians_error_is_that_of_many_batches():
    dice = np.random.default_rng(1)
    batches = dice.exponential(size=(400, 500))
    told = np.mean([median_error(batch) for batch in batches])
    assert told == pytest.approx(np.median(batches, axis=1).std(), rel=0.12)
    assert np.isnan(median_error(np.array([3.0])))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_no_text_in_a_table_is_a_formula_to_a_spreadsheet(text):
    assert next(csv.reader(io.StringIO(safe_text(text))))[0].startswith("'")


def test_names_of_folders_are_safe_and_no_two_become_one(tmp_path):
    names = ["history", "History", "../history", "CON", "a b", "a/b", "", "x" * 300, "é", "è"]
    safe = [safe_name(name) for name in names]
    assert len(set(safe)) == len(names)
    for name in safe:
        (tmp_path / name).mkdir()
        assert (tmp_path / name).parent == tmp_path
    assert safe[0] == "history"


def test_runs_of_one_plan_get_folders_of_their_own(tmp_path):
    made = [new_folder(tmp_path, tag).name for tag in ("aa", "aa", "bb")]
    assert made == ["001-aa", "002-aa", "003-bb"]
