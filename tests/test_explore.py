"""`chokepoint explore` without marimo: what the page shows, and that its file says what it did."""

import importlib.util
import socket

import numpy as np
import pytest

import sim
from sim.explore import belief, levers, pictures, session, start
from sim.notebook.one_world import OneWorld
from sim.parameters import PARAMETERS
from sim.refusal import InputError
from sim.scenario import read, shipped

MOVED = session.Settings.of("history", {"authority.capacity": 36.0, "authority.publish_line": 1.0}, worlds=4, seed=7, months=30)


@pytest.fixture(scope="module")
def answered():
    return session.answered(MOVED)


def test_the_levers_are_known_and_their_sliders_hold_what_the_scenarios_say():
    for lever in levers.LEVERS:
        entry = PARAMETERS[lever.path]
        assert entry.least <= lever.low < lever.high <= entry.most
    for name in shipped():
        at = levers.values(read(name))
        assert levers.moved(read(name), at) == {}


def test_a_lever_that_is_moved_is_set_and_no_other():
    history = read("history")
    at = levers.values(history) | {"authority.capacity": 36.0}
    assert levers.moved(history, at) == {"authority.capacity": 36.0}


def test_the_exported_file_gives_the_same_bytes(answered, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(MOVED.as_yaml())
    again = sim.run(str(file), jobs=1, quiet=True)
    assert again.digest == answered.digest
    assert again.digest != session.answered(MOVED.unmoved).digest


def test_a_baseline_is_computed_once():
    assert session.answered(MOVED.unmoved) is session.answered(MOVED.unmoved)


def test_bands_hold_the_median_and_are_those_of_the_run(answered):
    found = session.bands(answered.results, "approvals")
    assert found.years == [2018, 2019, 2020]
    assert (found.low <= found.median).all()
    assert (found.median <= found.high).all()
    assert found.median[1] == np.median(answered.results.yearly("approvals")[:, 1])


def test_a_firms_belief_is_that_of_the_world():
    name, found = belief.followed(MOVED, 2)
    model = OneWorld("history", seed=7, months=30, sets=dict(MOVED.sets))
    for _ in range(30):
        model.step()
    assert name == belief.firms(read_case())[2] == model.names["firm"][2]
    assert found.mean[-1] == model.table("firm")["belief"].loc[name]
    assert np.isnan(found.line[0])
    assert not np.isnan(found.line[-1])
    assert found.filed.sum() > 0
    assert "closing" not in pictures.believed(name, found)
    assert name in pictures.believed(name, found)


def read_case():
    from sim.case import read_case as of

    return of(read("history").case_folder)


def test_names_are_escaped_in_pictures(answered):
    hostile = session.bands(answered.results, "approvals")
    hostile = session.Bands(hostile.years, hostile.low, hostile.median, hostile.high, "<img onerror=x>", "</script>")
    assert "<img" not in pictures.compared(hostile, hostile)
    assert "</script" not in pictures.compared(hostile, hostile)


def test_it_listens_on_this_machine_alone():
    words = start.command(2718, browser=False)
    assert words[words.index("--host") + 1] == "127.0.0.1"
    assert "--headless" in words
    assert "--headless" not in start.command(2718, browser=True)


def test_a_port_that_is_taken_is_refused():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="is taken"):
            start._free(taken.getsockname()[1])


def test_without_marimo_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"chokepoint\[explore\]"):
        start.start("history", None, False)
