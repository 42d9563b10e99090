"""The search for where policies fail: a planted box is found and nothing else, and its limits are no chance."""

import itertools

import numpy as np
import pytest

from sim.analysis import prim


def planted(worlds=1000, paths=30, seed=0, inside=0.85, outside=0.1):
    rng = np.random.default_rng(seed)
    x = rng.random((worlds, paths))
    corner = (x[:, 3] > 0.6) & (x[:, 7] < 0.4)
    return x, rng.random(worlds) < np.where(corner, inside, outside)


@pytest.mark.parametrize("paths", [2 + 6, 30, 100])
def test_a_planted_box_is_found_and_nothing_else(paths):
    found = prim.discover(*planted(paths=paths, seed=paths), halves=np.arange(1000) % 2 == 0)
    assert set(found.box.limits) == {(3, 0), (7, 1)}
    assert found.box.limits[3, 0] == pytest.approx(0.6, abs=0.04)
    assert found.box.limits[7, 1] == pytest.approx(0.4, abs=0.04)
    assert found.box.density == pytest.approx(0.85, abs=0.07)
    assert found.box.coverage > 0.5
    assert max(found.quasi_p.values()) < 1e-10
    assert found.elsewhere is not None


def test_the_search_is_tried_on_the_half_that_it_has_not_seen():
    x, failed = planted()
    first = np.arange(1000) < 600
    box = prim.discover(x[first], failed[first]).box
    other = prim.measured(box.limits, x[~first], failed[~first])
    assert prim.discover(x, failed, halves=first).elsewhere == (other.density, other.coverage)
    assert (other.density, other.coverage) != (box.density, box.coverage)


def test_where_failures_lie_anywhere_no_box_is_found():
    rng = np.random.default_rng(4)
    found = [prim.discover(rng.random((400, 40)), rng.random(400) < 0.3).box for _ in range(40)]
    assert sum(box is not None for box in found) <= 3  # one in twenty is what the test promises


def test_a_limit_that_chance_would_do_as_well_is_dropped():
    x, failed = planted()
    box = prim.measured({(3, 0): 0.6, (7, 1): 0.4, (12, 0): 0.2}, x, failed)
    assert prim.quasi_p(box, x, failed)[12, 0] > 0.01 > prim.quasi_p(box, x, failed)[3, 0]
    assert set(prim._pruned(box, x, failed).limits) == {(3, 0), (7, 1)}


def test_the_spread_of_values_is_compared_as_kolmogorov_and_smirnov_do():
    from scipy.stats import ks_2samp

    x, failed = planted(worlds=400, paths=9)
    x[:, 5] = np.floor(4 * x[:, 5])  # values that come often
    theirs = [ks_2samp(x[failed, path], x[~failed, path], method="asymp").pvalue for path in range(9)]
    assert prim.kolmogorov_smirnov(x, failed) == pytest.approx(theirs, abs=0.04)


def test_quasi_p_is_the_binomial_of_the_box_without_the_limit():
    from scipy.stats import binomtest

    x, failed = planted()
    box = prim.measured({(3, 0): 0.5}, x, failed)
    inside = x[:, 3] > 0.5
    assert prim.quasi_p(box, x, failed)[3, 0] == pytest.approx(
        binomtest(int(failed[inside].sum()), int(inside.sum()), failed.mean(), alternative="greater").pvalue
    )


def test_each_box_on_the_way_lies_in_the_one_before_and_is_denser():
    x, failed = planted()
    boxes = prim.peel(x, failed, range(30))
    masks = [prim.inside_of(box.limits, x) for box in boxes]
    assert all((inner <= outer).all() for outer, inner in itertools.pairwise(masks))
    assert (np.diff([box.density for box in boxes]) > 0).all()
    assert boxes[-1].mass >= prim.LEAST
    assert [box.coverage for box in boxes] == pytest.approx([failed[mask].sum() / failed.sum() for mask in masks])


def test_a_limit_that_was_drawn_too_tightly_is_pasted_back():
    x, failed = planted()
    tight = prim.measured({(3, 0): 0.75, (7, 1): 0.4}, x, failed)
    wide = prim._pasted(tight, x, failed, None)
    assert wide.limits[3, 0] == pytest.approx(0.6, abs=0.05)
    assert wide.balance > tight.balance


def test_a_parameter_of_few_values_is_cut_between_them():
    rng = np.random.default_rng(3)
    x = np.column_stack([rng.choice([20.0, 28.0, 56.0], 600), rng.random(600)])
    found = prim.discover(x, rng.random(600) < np.where(x[:, 0] == 56, 0.9, 0.1))
    assert found.box.limits == {(0, 0): 42}


def test_a_cut_is_weighed_by_the_worlds_that_it_costs():
    """The first parameter loses half of the worlds at a time and gains a little; the second gains more a world."""
    x = np.column_stack([np.arange(1000) % 2 * 1.0, np.arange(1000) / 1000])
    failed = (x[:, 1] > 0.1) & (np.arange(1000) % 10 < np.where(x[:, 0] == 1, 8, 5))
    first = prim.peel(x, failed, [0, 1])[1]
    assert list(first.limits) == [(1, 0)]


def test_the_order_of_worlds_and_of_parameters_does_not_matter():
    x, failed = planted()
    worlds, paths = np.random.default_rng(1).permutation(len(x)), np.random.default_rng(2).permutation(30)
    moved = prim.discover(x[worlds][:, paths], failed[worlds]).box
    assert {(int(paths[path]), side): value for (path, side), value in moved.limits.items()} == prim.discover(x, failed).box.limits


def test_a_threshold_takes_the_box_that_covers_most_of_those_dense_enough():
    x, failed = planted()
    loose, dense = prim.discover(x, failed, 0.5), prim.discover(x, failed, 0.8)
    assert loose.box.density >= 0.5
    assert dense.box.density >= 0.8
    assert loose.box.coverage > dense.box.coverage
    assert dense.box.coverage >= max(box.coverage for box in dense.trade_off if box.density >= 0.8)
    assert prim.discover(x, failed, 1.0).box is None
