"""Many worlds are many single worlds, bit for bit, for every class of agent, every number that the model holds and every outcome."""

import numpy as np
import pytest
from one_step import everything, numbers
from runs import model, planned

from sim.agents.authority import Authority
from sim.agents.carrier import Carrier
from sim.agents.chipmaker import Chipmaker
from sim.agents.government import Government
from sim.agents.vendor import ListedVendor
from sim.model import simulate
from sim.outcomes import MEASURES, OUTCOMES
from sim.worlds import Pairs, Worlds

FIRST, COUNT = 3, 7  # not 1, where `and` works on arrays, and no multiple of 4
FREE = ("rules.talks_mode=free", "talks.delisting_on=1", "talks.delisting.cost=0.1")  # off the list in some worlds, not in others
SETTINGS = {
    "history": (),
    "free talks": (
        *FREE, "coupling.bargain_to_allies=0.7", "persuasion.government_change=1", "persuasion.incidents=1",
        "carrot.POL.offered=1", "persuasion.carrot_budget=15", "procurement.open_entrant=1",
    ),
    "every other rule": (
        "rules.talks_mode=free", "rules.talks=war_of_attrition", "rules.vote=chair", "rules.bottleneck=harmonic_mean",
        "rules.drift=trend_instead_of_doubt", "authority.publish_line=1",
    ),
}  # fmt: skip


def held_by(agent):
    """Every number an agent holds, by name, the worlds last."""
    if isinstance(agent, Chipmaker):
        return {**vars(agent.lines), "mean": agent.belief.mean, "sd": agent.belief.sd}
    if isinstance(agent, Authority):
        return {"line": agent.licensing.line, "read": agent.licensing.lines.read}
    if isinstance(agent, Government):
        return {"belief": agent.belief, "level": agent.level, "taste": agent.taste, "peers": agent.peers}
    if isinstance(agent, Carrier):
        return {"awarded": agent.awarded, "share5g": agent.share5g, "restricted5g": agent.restricted5g, "swap_cost": agent.swap_cost}
    assert isinstance(agent, ListedVendor)
    s = agent.supply
    held = {"stock": s.stock, "content": s.content, "qualified": s.qualified, "domestic": s.domestic, "own_chips": s.own_chips}
    held |= {"threat": s.threat, "output": s.output, **s.bought}
    return {name: value[..., s.actual] for name, value in held.items()}


def alike(many, one, w) -> bool:
    """One world of many, and the same world alone; tables of worlds and their shadows side by side have two columns a world."""
    many, one = np.asarray(many), np.asarray(one)
    if many.shape == one.shape:  # no number of worlds
        return np.array_equal(many, one, equal_nan=many.dtype.kind == "f")
    columns = [w] if many.shape[-1] == COUNT else [w, COUNT + w]
    return np.array_equal(many[..., columns], one, equal_nan=many.dtype.kind == "f")


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name == "history" else pytest.mark.slow) for name in SETTINGS])
def test_many_worlds_are_many_single_worlds(name):
    together = model(sets=SETTINGS[name], worlds=COUNT, first=FIRST)
    alone = [model(sets=SETTINGS[name], worlds=1, first=FIRST + w) for w in range(COUNT)]
    kinds = (Chipmaker, Authority, ListedVendor, Government, Carrier)
    assert {type(agent) for agent in together.agents} - set(kinds) == {type(v) for v in together.vendors} - set(kinds)
    for t in range(96):
        for m in (together, *alone):
            m.step()
        if t % 12 != 11:
            continue
        reported = {x: x.formula(together) for x in (*OUTCOMES.values(), *MEASURES)}
        all_held = {place: value for place, value in everything(together).items() if not fleeting(place, value)}
        for w, single in enumerate(alone):
            for kind in kinds:
                for many, one in zip(together.agents_by_type[kind], single.agents_by_type[kind], strict=True):
                    ones = held_by(one)
                    for held, value in held_by(many).items():
                        assert alike(value, ones[held], w), (kind, held, t, w)
            singly = everything(single)
            for place, value in all_held.items():
                assert alike(numbers(value), numbers(singly[place]), w), (place, t, w)
            for x, value in reported.items():
                assert alike(value, x.formula(single), w), (x.name, t, w)
    for m in (together, *alone):
        m.close()


def fleeting(place, value) -> bool:
    """Pairs and what hangs on them, as many as there are cells in which something happened this month; how many worlds there are; and
    the law that an office last looked at, which it does only while the vendor is listed in some world of its block."""
    rooms = ("procurement.bought", "licensing.released_from", "licensing._law")
    return isinstance(value, Pairs) or place.startswith(rooms) or place.endswith("worlds")


@pytest.mark.parametrize("cuts", [pytest.param([5, 18], marks=pytest.mark.slow), [1, 6, 16]])
@pytest.mark.parametrize("sets", [(), FREE], ids=["history", "free talks"])
def test_cutting_a_batch_into_blocks_changes_no_bit(cuts, sets):
    plan = planned(sets=sets, months=60)
    whole = _block(plan, 0, 23)
    assert set(whole.series) == set(OUTCOMES)
    assert set(whole.agents) == {"firm", "group", "government", "carrier", "side"}
    first = 0
    for count in cuts:
        part = _block(plan, first, count)
        for name, series in part.series.items():
            assert np.array_equal(series, whole.series[name][:, first : first + count]), name
        for kind, table in part.agents.items():
            for name, values in table.measures.items():
                assert np.array_equal(values, whole.agents[kind].measures[name][..., first : first + count]), (kind, name)
        first += count


def test_the_blocks_compared_hold_worlds_off_the_list_beside_worlds_on_it():
    running = model(sets=FREE, worlds=23, first=0)
    for _ in range(60):
        running.step()
    off = running.talks.delisted[0]
    mixed = [0 < block.sum() < len(block) for block in (off[:5], off[5:], off[:1], off[1:7], off[7:])]
    assert mixed == [False, True, False, True, True]  # and two blocks without a world on the list


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
