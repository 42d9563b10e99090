"""Many worlds are many single worlds, bit for bit, for every class of agent and every outcome."""

import numpy as np
import pytest
from runs import model, planned

from sim.agents.authority import Authority
from sim.agents.chipmaker import Chipmaker
from sim.agents.vendor import ListedVendor
from sim.model import simulate
from sim.worlds import Pairs, Worlds

FIRST, COUNT = 3, 7  # not 1, where `and` works on arrays, and no multiple of 4


def held_by(agent):
    """Every number an agent holds, by name, the worlds last."""
    if isinstance(agent, Chipmaker):
        return {**vars(agent.lines), "mean": agent.belief.mean, "sd": agent.belief.sd}
    if isinstance(agent, Authority):
        return {"line": agent.licensing.line, "read": agent.licensing.lines.read}
    assert isinstance(agent, ListedVendor)
    s = agent.supply
    held = {"stock": s.stock, "content": s.content, "qualified": s.qualified, "domestic": s.domestic, "own_chips": s.own_chips}
    held |= {"threat": s.threat, "output": s.output, **s.bought}
    return {name: value[..., s.actual] for name, value in held.items()}


@pytest.mark.parametrize("kind", [Chipmaker, Authority, ListedVendor])
def test_many_worlds_are_many_single_worlds(kind):
    together = model(worlds=COUNT, first=FIRST)
    alone = [model(worlds=1, first=FIRST + w) for w in range(COUNT)]
    for t in range(96):
        for m in (together, *alone):
            m.step()
        if t % 5 and t != 95:
            continue
        for w, single in enumerate(alone):
            for many, one in zip(together.agents_by_type[kind], single.agents_by_type[kind], strict=True):
                for name, value in held_by(many).items():
                    here = value if value.ndim == 1 and name == "sensitivity" else value[..., w]
                    there = held_by(one)[name]
                    assert np.array_equal(here, there if name == "sensitivity" else there[..., 0], equal_nan=True), (kind, name, t, w)


@pytest.mark.parametrize("cuts", [[5, 18], [1, 6, 16]])
def test_cutting_a_batch_into_blocks_changes_no_bit(cuts):
    plan = planned(months=60)
    whole = _block(plan, 0, 23)
    first = 0
    for count in cuts:
        part = _block(plan, first, count)
        for name, series in part.series.items():
            assert np.array_equal(series, whole.series[name][:, first : first + count]), name
        for kind, table in part.agents.items():
            for name, values in table.measures.items():
                assert np.array_equal(values, whole.agents[kind].measures[name][..., first : first + count]), (kind, name)
        first += count


def _block(plan, first, count):
    worlds = Worlds.range(first, count)
    return simulate(plan.scenario, plan.case, worlds, plan.values(worlds))


def test_worlds_differ_from_each_other():
    series = _block(planned(months=36), 0, 9).series
    assert len(np.unique(series["filings"][23:].sum(axis=0))) > 5


def test_pairs_are_the_cells_where_a_mask_holds():
    mask = np.array([[True, False, True], [False, False, True]])
    pairs = Pairs.where(mask)
    assert list(zip(pairs.row.tolist(), pairs.world.tolist(), strict=True)) == [(0, 0), (0, 2), (1, 2)]
    kept = pairs.keep(np.array([False, True, True]))
    assert (kept.flat.tolist(), len(kept), len(Pairs.nowhere())) == ([2, 5], 2, 0)


def test_a_longer_horizon_changes_nothing_before_it():
    short, long = _block(planned(months=30), 0, 5), _block(planned(months=42), 0, 5)
    for name, series in short.series.items():
        assert np.array_equal(series, long.series[name][:30]), name
