"""`import sim` in scripts, pools and notebooks: several processes, signals, stopping, and what is said."""

import warnings

import pytest
from runs import python

import sim
from sim.__main__ import main


@pytest.mark.slow
def test_a_plain_script_without_a_guard_may_use_several_processes(tmp_path):
    """The trap: a spawned process runs the main script again, which runs the batch again."""
    script = tmp_path / "plain.py"
    script.write_text("import sim\nrun = sim.run('history', worlds=4, block=2, months=12, jobs=2, record='outcomes')\nprint('once', run.digest, run.manifest['jobs'])\n", encoding="utf-8")
    ours = sim.run("history", worlds=4, months=12, record="outcomes")
    done = python("", str(script), cwd=tmp_path)
    assert (done.stdout, done.stderr) == (f"once {ours.digest} 2\n", "")


@pytest.mark.slow
def test_so_may_one_that_has_dask_start_them(tmp_path):
    pytest.importorskip("distributed")
    script = tmp_path / "plain.py"
    script.write_text("import sim\nrun = sim.run('history', worlds=4, block=2, months=12, jobs=2, engine='dask')\nprint('once', run.digest)\n", encoding="utf-8")
    done = python("", str(script), cwd=tmp_path)
    assert done.stdout == f"once {sim.run('history', worlds=4, months=12).digest}\n", done.stderr


def _in_a_pool(_):
    return sim.run("history", worlds=3, block=1, months=6, jobs=2).digest


@pytest.mark.slow
def test_a_worker_of_somebodys_pool_computes_by_itself():
    import multiprocessing

    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(_in_a_pool, [0]) == [sim.run("history", worlds=3, months=6).digest]


@pytest.mark.slow
def test_stopping_is_pythons_own_and_says_how_to_go_on(tmp_path, monkeypatch):
    from sim.batch import worker

    before = worker.Worker.block

    def stop(self, block):
        if block == 1:
            raise KeyboardInterrupt
        return before(self, block)

    monkeypatch.setattr(worker.Worker, "block", stop)
    with pytest.raises(KeyboardInterrupt, match="stopped with 5 of 12 worlds done; go on with: chokepoint run --resume"):
        sim.run("history", worlds=12, months=2, block=5, jobs=1, out=tmp_path)
    monkeypatch.undo()
    (folder,) = (tmp_path / "history").iterdir()
    assert main(["run", "--resume", str(folder), "--quiet"]) == 0
    assert len(sim.open(folder).worlds()) == 12


def test_it_leaves_the_sessions_signals_alone(monkeypatch):
    import signal

    from sim.batch import worker

    seen, before = [], worker.Worker.block

    def look(self, block):
        seen.append((signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)))
        return before(self, block)

    monkeypatch.setattr(worker.Worker, "block", look)
    sim.run("history", worlds=1, months=2)
    assert seen == [(signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))]


@pytest.mark.slow
def test_a_notebook_without_widgets_hears_nothing_of_them():
    kernel = """import sys, types, warnings
warnings.simplefilter("default")  # an error would be caught where it is raised
fake = types.SimpleNamespace(get_ipython=lambda: None, WARN_NOIPYW="IProgress not found. Please update ipywidgets.", IProgress=None)
sys.modules |= {"ipykernel.zmqshell": fake, "IPython": fake, "tqdm.notebook": fake}
"""
    asked = python(f"{kernel}import sim; print(sim.run('history', worlds=1, months=1).manifest['worlds'])")
    assert (asked.stdout, asked.stderr) == ("1\n", "")
    assert "IProgress" in python(f"{kernel}import mesa").stderr  # so the test can fail


def test_nothing_is_said_where_nobody_looks_and_the_plan_where_asked(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sim.run("history", worlds=1, months=2)
        assert capsys.readouterr() == ("", "")
        sim.run("history", worlds=1, months=2, quiet=False)
    assert "1 worlds of 2 months" in capsys.readouterr().err
