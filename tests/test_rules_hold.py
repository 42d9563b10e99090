"""Rules of a month that the whole model keeps, each where a slip in one line would break it and no book would notice."""

import csv
import shutil

import numpy as np
import pytest
from runs import model, month

from sim.case import shipped_case
from sim.exchanges.licensing import LICENSED
from sim.shipped import SHIPPED

RULE = month(2020, 9)  # the product rule comes into force


def test_the_shadow_path_is_the_run_without_a_listing():
    """To the last bit, in everything the vendor holds; what the listing brought beside itself is switched off there."""
    carriers_apart = ("coupling.carriers_to_vendor=0",)  # what carriers choose counts on both paths
    alone = (*carriers_apart, "law.listing=0", "talks.bargain=0", "demand.services_loss=0", "demand.brand_sale=0")
    beside, without = model(sets=carriers_apart, worlds=5), model(sets=alone, worlds=5)
    for t in range(60):
        beside.step()
        without.step()
        if t % 6 == 5:
            ours, theirs = beside.supply, without.supply
            for name in ("threat", "effort", "domestic", "qualified", "content", "stock", "own_chips", "demand", "need", "used", "output"):
                shadow, actual = getattr(ours, name)[..., ours.shadow], getattr(theirs, name)[..., theirs.actual]
                assert np.array_equal(shadow, actual), (name, t)
            for origin in ours.bought:
                assert np.array_equal(ours.bought[origin][:, ours.shadow], theirs.bought[origin][:, theirs.actual]), (origin, t)
    assert not np.array_equal(beside.supply.stock[:, beside.supply.shadow], beside.supply.stock[:, beside.supply.actual])
    beside.close()
    without.close()


def test_agencies_vote_by_the_line_of_the_month_in_which_they_vote():
    """A line far above every product for one month, and far below in all others: nobody is denied in it, nobody licensed outside."""
    m = model(sets=("licensing.base_line={2019-05: -1, 2020-01: 2, 2020-02: -1}", "licensing.freeze=0", "authority.noise=0.02"), worlds=5)
    mild = month(2020, 1)
    for t in range(mild + 4):
        m.step()
        approved, intended = m.licensing.count("approved"), m.licensing.count("intended")
        if t == mild:
            assert (approved > 0).all()
            assert not intended.any()
        else:
            assert not approved.any(), t
    assert (intended > 0).all()
    m.close()


def test_every_licence_lapses_when_the_product_rule_comes_into_force():
    m = model(worlds=7)
    for t in range(RULE + 3):
        before = m.licensing.lines.state == LICENSED
        m.step()
        held = m.licensing.lines.state == LICENSED
        new = np.zeros_like(held)
        new.ravel()[m.licensing.happened["approved"].flat] = True
        if t == RULE:
            assert (before.sum(axis=0) > 10).any()
            assert np.array_equal(held, new)
        elif t == RULE - 1:
            assert (held & before).sum() > 0.8 * before.sum()
    m.close()


def test_doubt_comes_back_by_the_same_variance_every_month_and_only_where_the_vendor_is_listed():
    m = model(sets=("firm.filing_rate=0",), worlds=7)
    for _ in range(month(2019, 8)):
        m.step()
    listed = np.array([1, 0, 1, 0.5, 0, 1, 1])
    m.licensing.mean[:], m.licensing.variance[:] = 0.4, 0.0064
    for _ in range(3):
        m.firms.learn(listed)
    drift = m.p.belief.drift**2
    assert (drift > 0).all()
    assert m.licensing.variance == pytest.approx(np.broadcast_to(0.0064 + 3 * drift * (listed > 0), m.licensing.variance.shape), rel=1e-12)
    assert (m.licensing.mean == 0.4).all()
    m.close()


def test_the_line_is_milder_where_others_could_sell_instead():
    m = model(worlds=7)
    for _ in range(month(2019, 9)):
        m.step()
    lines, nothing = [], np.zeros(7)
    for available in (0.0, 0.4, 1.0):
        m.authority.set_line(np.ones(7), nothing, nothing, np.full((len(m.licensing.line), 7), available), nothing, nothing, nothing + 0.5)
        lines.append(m.licensing.line)
    weight = m.p.authority.w_availability
    assert (weight > 0).all()
    assert lines[1] - lines[0] == pytest.approx(np.broadcast_to(0.4 * weight, lines[0].shape))
    assert lines[2] - lines[0] == pytest.approx(np.broadcast_to(weight, lines[0].shape))
    m.close()


def shuffled(tmp_path, table):
    """History on the shipped case, with the rows of one of its tables the other way round."""
    case = shutil.copytree(shipped_case("huawei"), tmp_path / "mine") / table
    with case.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    with case.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *reversed(rows)])
    text = (SHIPPED / "history.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(text.replace("case: huawei", "case: mine").replace("prior: ", "# prior: "), encoding="utf-8")
    return str(tmp_path / "mine.yaml")


def lives(m):
    """What became of every product line and of every carrier, by its name."""
    lines, states = {name: [] for name in m.licensing.lines.names}, []
    for _ in range(month(2020, 6)):
        m.step()
        states.append(m.licensing.lines.state.copy())
    for i, name in enumerate(m.licensing.lines.names):
        lines[name] = np.stack([state[i] for state in states])
    bought = m.procurement
    carriers = {name: np.stack([bought.awarded[i], bought.chose_listed[i]]) for i, name in enumerate(bought.names)}
    m.close()
    return lines | carriers


@pytest.mark.parametrize("table", ["chipmakers.csv", "carriers.csv"])
def test_whose_luck_it_is_does_not_hang_on_the_order_of_a_cases_rows(tmp_path, table):
    ours, theirs = lives(model(sets=("prior=none",), worlds=3)), lives(model(shuffled(tmp_path, table), worlds=3))
    assert ours.keys() == theirs.keys()
    assert {name for name in ours if not np.array_equal(ours[name], theirs[name])} == set()
