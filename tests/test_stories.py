"""Stories: one thing is different, and what follows from it is all that follows from it."""

import numpy as np
from one_step import differ, everything, numbers
from runs import model

from sim.network import closeness

WHERE, WHO, MONTHS = 1, "GBR", 60
# What carriers buy comes back to the vendor only through coupling.carriers_to_vendor, and from there to everybody.
SETS = ("persuasion.w_peers=1.5", "coupling.carriers_to_vendor=0")


def one_taste_changed(where=WHERE, worlds=7, by=3.0):
    """A month after the other: the model as it is, and with another taste of one government in one world or all."""
    usual, other = model(sets=SETS, worlds=worlds), model(sets=SETS, worlds=worlds)
    row = other.persuasion.names.index(WHO)
    other.persuasion.taste[row, where] += by
    for month in range(MONTHS):
        usual.step()
        other.step()
        yield month, usual, other, row


def test_one_governments_taste_changes_only_that_government_and_those_that_look_to_it_later():
    before, pioneers, followers = None, 0, 0
    for month, usual, other, row in one_taste_changed(slice(None), worlds=60):
        a, b = usual.persuasion, other.persuasion
        looks_to = (closeness(usual.graph, a.names) > 0).astype(int)
        changed = a.level != b.level
        before = np.zeros_like(changed) if before is None else before
        may = looks_to @ before > 0
        may[row] = True
        assert not (changed & ~may).any(), f"month {month}: somebody had nobody to follow"
        assert not ((a.peers != b.peers) & ~(looks_to @ changed > 0)).any()
        others = np.delete(changed, row, axis=0)
        pioneers += int((changed[row] & ~others.any(axis=0)).sum())
        followers += int(others.sum())
        before = before | changed
    assert pioneers > 0
    assert followers > 0


def test_one_governments_taste_moves_no_other_world_and_nothing_but_governments_and_carriers():
    for month, usual, other, _ in one_taste_changed():
        if month % 10 != 9:
            continue
        a, b = everything(usual), everything(other)
        moved = differ(a, b)
        of_governments = {place.split(".")[1] for place in moved if place.startswith("persuasion.")}
        assert of_governments <= {"taste", "level", "own", "peers", "_looked_at", "happened"}, month  # what they believe and doubt is not moved
        assert {place.split(".")[0] for place in moved} <= {"persuasion", "procurement", "orders", "market"}, month
        for place in moved:
            one, two = numbers(a[place]), numbers(b[place])
            if one.shape == two.shape and one.shape[-1] == 7 and "happened" not in place:
                worlds = np.flatnonzero((one != two).reshape(-1, 7).any(axis=0))
                assert worlds.tolist() == [WHERE], (place, month)


def test_one_governments_taste_moves_carriers_only_where_a_government_has_moved():
    moved_ever, carriers_moved = None, False
    for _, usual, other, _ in one_taste_changed():
        a, b = usual.procurement, other.procurement
        levels = (usual.persuasion.level != other.persuasion.level)[:, WHERE]
        moved_ever = levels if moved_ever is None else moved_ever | levels
        moved = (a.awarded != b.awarded)[:, WHERE] | (a.share5g != b.share5g)[:, :, WHERE].any(axis=1) | (a.left4g != b.left4g)[:, WHERE]
        assert moved_ever[a.operators.government[moved]].all()
        carriers_moved = carriers_moved or moved.any()
    assert carriers_moved


def test_a_delisting_gives_back_neither_a_brand_that_is_sold_nor_customers_who_left_with_the_services():
    one = model(months=48)
    for _ in range(36):
        one.step()
    sold, without = one.now.brand_sold.copy(), one.now.services_lost.copy()
    assert (sold > 0).all()
    assert (without > 0).all()
    one.now.delisted[:] = True
    one.step()
    assert (one.now.listed == 0).all()
    assert np.array_equal(one.now.brand_sold, sold)
    assert np.array_equal(one.now.services_lost, without)
    one.close()
