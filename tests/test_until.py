"""Runs that stop when they know enough."""

import io

import numpy as np
import pytest

from sim.__main__ import main
from sim.batch import audit, engine
from sim.batch.plan import Plan
from sim.batch.progress import Progress
from sim.batch.results import Results
from sim.batch.until import Watch, error, goal
from sim.refusal import InputError

RUN = {"worlds": 400, "block": 20, "months": 24, "record": "outcomes"}


def done(tmp_path, jobs=1, until="filings +-8%", **run):
    folder = engine.prepare(Plan.of("history", **{**RUN, **run}, until=until), tmp_path)
    engine.finish(folder, jobs)
    return Results.open(folder)


@pytest.mark.parametrize("text", ["lost_sales +-2%", "lost_sales±2%", "lost_sales +/- 2 %", "lost_sales 2.0%"])
def test_a_goal_may_be_written_in_several_ways(text):
    assert (goal(text, "x").outcome, goal(text, "x").share) == ("lost_sales", pytest.approx(0.02))


@pytest.mark.parametrize(
    "text,said",
    [("lost_sales", "is wrong"), ("lost_sale 2%", "did you mean"), ("lost_sales 0%", "above 0"), ("lost_sales 2..0%", "above 0"), ("2%", "is wrong")],
)
def test_another_goal_is_refused(text, said):
    with pytest.raises(InputError, match=said):
        goal(text, "--until")


def test_the_error_is_that_of_the_bands_points_in_repeated_batches():
    """Of a normal: each point's spread over many batches is what one batch says of it."""
    rng = np.random.default_rng(1)
    batches = 10 + rng.normal(size=(400, 900))
    spread = max(1.96 * np.quantile(batches, q, axis=1).std() for q in (0.05, 0.5, 0.95)) / 10
    assert np.mean([error(batch) for batch in batches]) == pytest.approx(spread, rel=0.2)  # the largest of three noisy ones lies above the largest


def test_a_batch_about_nothing_never_knows_enough():
    assert error(np.zeros(100)) == np.inf
    assert error(np.array([1.0])) == np.inf


def test_a_run_stops_at_the_first_block_that_is_enough_and_says_how_many_worlds_it_has(tmp_path):
    results = done(tmp_path)
    count = results.manifest["worlds"]
    assert 20 < count < 400
    assert count % 20 == 0
    assert len(results.worlds()["world"]) == count == len(results.series("filings"))
    yearly = results.yearly("filings")[:, -1]
    assert error(yearly) <= 0.08
    assert all(error(yearly[:few]) > 0.08 for few in range(20, count, 20))
    assert audit.verify(results.folder) == []


@pytest.mark.slow
def test_how_many_processes_compute_it_does_not_matter(tmp_path):
    one, two = done(tmp_path / "a"), done(tmp_path / "b", jobs=2)
    assert one.manifest["digest"] == two.manifest["digest"]
    assert one.manifest["worlds"] == two.manifest["worlds"]
    assert sorted(one.manifest["files"]) == sorted(two.manifest["files"])


@pytest.mark.slow
def test_it_is_the_start_of_the_run_without_a_goal(tmp_path):
    short, whole = done(tmp_path / "a"), done(tmp_path / "b", until="")
    assert np.array_equal(short.series("filings"), whole.series("filings")[: short.manifest["worlds"]])


def test_one_that_never_knows_enough_runs_to_its_end(tmp_path):
    assert done(tmp_path, until="filings +-0.001%", worlds=60).manifest["worlds"] == 60


@pytest.mark.slow
def test_it_is_reproduced_with_as_many_worlds(tmp_path):
    assert audit.reproduce(done(tmp_path).folder)[0] == ""


@pytest.mark.slow
def test_one_killed_as_it_ended_ends_the_same(tmp_path, monkeypatch):
    whole = done(tmp_path / "a")
    folder = engine.prepare(Plan.of("history", **RUN, until="filings +-8%"), tmp_path / "b")

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as m:
        m.setattr(engine, "write_manifest", killed)
        with pytest.raises(engine.Interrupted):
            engine.finish(folder)
    engine.resume(folder)
    assert engine.finish(folder)["digest"] == whole.manifest["digest"]


def test_blocks_are_looked_at_in_order_though_later_ones_may_be_done_first(tmp_path):
    results = done(tmp_path, until="", worlds=60)
    watch = Watch(results.folder, goal("filings 60%", "x"), "sum", 24)
    assert watch.enough({1, 2}) is None
    assert watch.enough({0, 1, 2}) == 1


@pytest.mark.slow
def test_the_command_line_takes_a_goal(tmp_path, capsys):
    words = ["run", "history", "--worlds", "200", "--block", "20", "--months", "24", "--record", "outcomes", "--out", str(tmp_path)]
    assert main([*words, "--until", "filings +-30%", "--json", "--quiet"]) == 0
    assert '"worlds": 200' not in capsys.readouterr().out
    assert main([*words, "--until", "fillings 2%"]) == 2
    assert 'did you mean "filings"' in capsys.readouterr().err


@pytest.mark.parametrize("seconds,said", [(1.0, "About 1 min 39 s to go, going by the first 10 worlds"), (0.01, "")])
def test_a_long_run_says_after_its_first_block_how_long_it_will_take(monkeypatch, seconds, said):
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    out = io.StringIO()
    progress = Progress(out, every=1e9)
    progress.begin(1000, 0)
    clock[0] = seconds
    progress.add(10)
    progress.add(10)
    assert out.getvalue().strip() == said
