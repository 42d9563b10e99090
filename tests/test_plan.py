"""How the worlds of a run are cut, and which values they are dealt."""

from dataclasses import replace

import fake_model
import numpy as np
import pytest

from sim.batch import engine
from sim.batch.plan import Plan
from sim.uncertainty import Uniform
from sim.worlds import Worlds


@pytest.mark.parametrize("block", [1, 7, 100, 300, 512])
def test_the_blocks_hold_every_world_once_in_order(block):
    plan = fake_model.plan(worlds=300, block=block)
    numbers = np.concatenate([plan.cut(i).number for i in range(plan.blocks)])
    assert (numbers == np.arange(300)).all()
    assert max(len(plan.cut(i)) for i in range(plan.blocks)) <= block


@pytest.mark.slow
def test_a_worlds_values_do_not_depend_on_its_block():
    plan = Plan.of("history", worlds=50, block=7)
    whole = plan.values(Worlds.range(0, 50))
    assert len(whole) > 40
    for path, values in whole.items():
        parts = np.concatenate([plan.values(plan.cut(i))[path] for i in range(plan.blocks)])
        assert (parts == values).all(), path


def test_another_uncertainty_moves_no_other_ones_values():
    plan = fake_model.plan()
    more = {**plan.scenario.uncertainties, "firm.doubt": Uniform(0, 0.3)}
    richer = Plan(replace(plan.scenario, uncertainties=more), plan.case)
    worlds = Worlds.range(0, 20)
    assert (richer.values(worlds)["firm.hurdle"] == plan.values(worlds)["firm.hurdle"]).all()
    assert "firm.doubt" not in plan.values(worlds)


def test_zero_is_a_seed():
    worlds = Worlds.range(0, 20)
    zero, one, again = (fake_model.plan(seed=seed).values(worlds)["firm.hurdle"] for seed in (0, 1, 0))
    assert (zero == again).all()
    assert (zero != one).all()


def test_what_a_user_sets_is_not_drawn():
    assert "firm.hurdle" in Plan.of("history").values(Worlds.range(0, 2))
    assert "firm.hurdle" not in Plan.of("history", ["firm.hurdle=0.3"]).values(Worlds.range(0, 2))


def test_the_fingerprint_knows_all_that_decides_the_numbers_and_not_the_block():
    plan = fake_model.plan(block=64)
    assert fake_model.plan(block=65).fingerprint() == plan.fingerprint()
    changed = [fake_model.plan(seed=1), fake_model.plan(worlds=301), fake_model.plan(months=15), Plan.of("history")]
    prints = {other.fingerprint() for other in changed}
    assert len(prints) == 4
    assert plan.fingerprint() not in prints


def test_a_results_folder_keeps_the_whole_plan(tmp_path):
    plan = Plan.of("g20_truce", ["firm.hurdle=0.35"], worlds=3, months=5)
    kept = Plan.read(engine.prepare(plan, tmp_path))
    assert kept.fingerprint() == replace_case(plan, kept).fingerprint()
    worlds = Worlds.range(0, 3)
    assert {p: v.tolist() for p, v in kept.values(worlds).items()} == {p: v.tolist() for p, v in plan.values(worlds).items()}


def replace_case(plan, kept):
    """The plan on the copy of its case: the case's name is written in the scenario."""
    return Plan(replace(plan.scenario, case=kept.scenario.case), kept.case)
