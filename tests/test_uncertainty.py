"""Spreads are quantile functions: a uniform in, a value out."""

import numpy as np
import pytest

from sim.case import read_case
from sim.parameters import PARAMETERS
from sim.refusal import InputError
from sim.shipped import SHIPPED
from sim.uncertainty import Joint, Normal, OneOf, Triangular, Uniform

U = (np.arange(10_000) + 0.5) / 10_000
SPREADS = [Uniform(2, 5), Triangular(0, 1, 4), Triangular(0, 0, 1), Triangular(0, 1, 1), Normal(1, 2, 0, 3), OneOf((1, 2, 7))]


def test_what_counts_has_no_range_to_draw_a_fraction_from():
    counts = [entry for entry in PARAMETERS.values() if entry.whole]
    assert {"authority.validity", "talks.grid"} <= {entry.path for entry in counts}
    for entry in counts:
        assert entry.fixed, entry.path
        assert all(bound.is_integer() for bound in (entry.value, entry.least, entry.most)), entry.path


@pytest.mark.parametrize("spread", SPREADS, ids=str)
def test_a_larger_uniform_never_gives_a_smaller_value(spread):
    values = spread.at(U)
    assert values.dtype == np.float64
    assert np.isfinite(values).all()
    assert (np.diff(values) >= 0).all()
    assert values[0] < values[-1]


@pytest.mark.parametrize("spread", SPREADS, ids=str)
def test_a_world_draws_the_same_alone_as_among_many(spread):
    together = spread.at(U[:7])
    assert [spread.at(U[i : i + 1])[0] for i in range(7)] == together.tolist()


def test_means_and_ends_are_those_of_the_distribution():
    assert Uniform(2, 5).at(U).mean() == pytest.approx(3.5)
    triangular = Triangular(0, 1, 4).at(U)
    assert triangular.mean() == pytest.approx(5 / 3, abs=1e-3)
    assert (triangular < 1).mean() == pytest.approx(1 / 4, abs=1e-3)
    normal = Normal(1, 2).at(U)
    assert (normal.mean(), normal.std()) == (pytest.approx(1), pytest.approx(2, rel=1e-2))


def test_a_spread_without_width_is_one_number():
    assert set(Uniform(3, 3).at(U)) == {3}
    assert set(Triangular(3, 3, 3).at(U)) == {3}


def test_a_bell_is_cut_at_what_is_admissible_without_heaps_at_the_ends():
    values = Normal(0, 1, least=0, most=0.5).at(U)
    assert values.min() >= 0
    assert values.max() <= 0.5
    assert len(np.unique(values)) == len(values)


def test_each_of_a_list_comes_as_often_as_its_chance_says():
    values = OneOf((1, 2, 7), (0.1, 0.2, 0.7)).at(U)
    assert [(values == v).mean() for v in (1, 2, 7)] == pytest.approx([0.1, 0.2, 0.7], abs=1e-3)
    assert [(OneOf((5, 3)).at(U) == v).mean() for v in (5, 3)] == [0.5, 0.5]


def test_the_cases_joint_tables_are_drawn_with_their_covariance():
    table = read_case(SHIPPED / "cases" / "huawei")["governments_fit"].numbers
    paths = tuple(name for name in table if name != "estimate")
    rows = tuple(tuple(table[path][row] for path in paths) for row in range(6))
    joint = Joint(paths, tuple(table["estimate"]), rows, (-np.inf,) * 6, (np.inf,) * 6)
    lower = np.array(joint.factor())
    assert np.allclose(lower @ lower.T, rows)
    drawn = joint.at(np.random.default_rng(1).random((6, 20_000)))
    assert tuple(drawn) == paths
    sample = np.array(list(drawn.values()))
    assert np.allclose(sample.mean(axis=1), joint.estimate, atol=0.06)
    assert np.allclose(np.cov(sample), rows, atol=0.1)
    assert joint.at(np.full((6, 1), 0.5))[paths[2]][0] == joint.estimate[2]


def test_a_joint_table_takes_its_limits_from_the_parameters():
    joint = Joint.from_table("x.csv", {"belief.mean0": [0.04, 0.3], "belief.ease": [0.3, 9.0], "estimate": [0.2, 0.2]})
    assert joint.paths == ("belief.mean0", "belief.ease")
    assert (joint.least, joint.most) == ((-0.2, 0.0), (1.2, 1.0))
    assert joint.at(np.full((2, 1), 0.999))["belief.ease"][0] == 1


def test_a_joint_draw_stays_within_what_its_parameters_admit():
    joint = Joint(("a", "b"), (0.0, 1.0), ((1.0, 0.5), (0.5, 1.0)), (0.0, -np.inf), (np.inf, np.inf))
    drawn = joint.at(np.random.default_rng(1).random((2, 1000)))
    assert drawn["a"].min() == 0
    assert drawn["b"].min() < 0


@pytest.mark.parametrize(
    "change, says",
    [
        ({"estimate": None}, "estimate"),
        ({"belief.ease": [1.0]}, "needs 2 rows"),
        ({"belief.ease": [2.0, 0.01]}, "differs between their two rows"),
        ({"belief.ease": [0.3, 0.01]}, "no covariance"),
        ({"belief.eese": [0.0, 1.0]}, "no parameter"),
        ({"law.listing": [0.0, 1.0]}, "dated"),
        ({"lines.per_group": [0.0, 1.0]}, "all worlds"),
    ],
)
def test_a_table_that_is_no_covariance_is_refused(change, says):
    table = {"belief.mean0": [0.04, 0.3], "belief.ease": [0.3, 9.0], "estimate": [0.2, 0.2]}
    changed = {name: column for name, column in {**table, **change}.items() if column is not None}
    if set(change) - set(table):
        del changed["belief.ease"]
    Joint.from_table("x.csv", table)
    with pytest.raises(InputError, match=says) as caught:
        Joint.from_table("x.csv", changed)
    assert caught.value.where == "x.csv"
