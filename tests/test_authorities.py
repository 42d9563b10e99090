"""A line needs the licence of each office that reaches it; what an ally that adopts changes."""

import hashlib
import itertools

import numpy as np
import pytest
from authority_runs import APART, MONTHS, NEVER, SECOND, partner, paths, without
from runs import model, month, planned

from sim import network
from sim.case import read_case, shipped_case
from sim.exchanges.licensing import IDLE, LICENSED
from sim.model import simulate
from sim.worlds import Worlds

GIVES_NOTHING = ("authority.nl.base_line=-1", "authority.jp.base_line=-1")


def shipping(*sets, graph=None, worlds=20):
    return paths(model(SECOND, sets, worlds, MONTHS, graph=graph), sales=lambda m: m.licensing.legal_sales)["sales"]


# The case with one office


def test_a_case_with_one_office_gives_what_it_gave_before_there_could_be_several():
    plan = planned(sets=("prior=none", "coupling.carriers_to_vendor=0"), record="outcomes")
    worlds = Worlds.range(0, 7)
    series = simulate(plan.scenario, plan.case, worlds, plan.values(worlds)).series
    names = ("filings", "approvals", "intents", "returns", "denials", "revocations", "lapses", "licences", "line", "belief", "doubt",
             "face_value", "controlled_sales", "foreign_sales", "lost_sales", "raw_material", "revenue")  # fmt: skip
    text = "\n".join(f"{x:.9e}" for name in names for x in (series[name] + 0.0).ravel())  # nine digits: the same on every processor
    assert hashlib.sha256(text.encode()).hexdigest() == "0d70ed49369981dd3628e2b9ff66322819f4e72a563d2717e15fd9bc2d7d7aea"


def test_a_case_with_one_office_has_no_partners():
    assert model(worlds=2, months=2).partners == []


# Who binds whom


def test_an_office_at_home_binds_the_firms_at_home_and_the_controllers_binds_all():
    sellers = network.sellers(network.build(read_case(shipped_case(SECOND))))
    for seller in sellers:
        assert "bis" in seller.authorities
        assert ("nl" in seller.authorities) == seller.firm.startswith("Dutch"), seller
        assert ("jp" in seller.authorities) == seller.firm.startswith("Japanese"), seller


def test_a_partner_has_a_desk_and_agencies_of_its_own():
    m = model(SECOND, ("authority.capacity=30",), 3, 2)
    assert {p.name: (p.government, [a.name for a in p.agencies]) for p in m.partners} == {
        "nl": ("NLD", ["NL-Trade", "NL-Foreign"]),
        "jp": ("JPN", ["JP-Trade", "JP-Foreign", "JP-Defence"]),
    }
    assert [float(p.capacity[0]) for p in (m.authority, *m.partners)] == pytest.approx([30, 6, 9])


# What may ship


def test_a_line_ships_in_full_only_with_every_licence_that_binds_it():
    m = model(SECOND, (), 5, 60)
    for _ in range(month(2021, 1) + 1):
        m.step()
    nl = partner(m, "nl")
    lines, theirs = m.licensing.lines, nl.licensing.lines
    sellers = np.unique(lines.seller[nl.here])
    assert (lines.covered[nl.here] > 0.1).all()
    assert (theirs.covered > 0.5).all()

    def ships(at_the_controllers, at_home):
        lines.state[:], theirs.state[:] = at_the_controllers, at_home
        m.clear_the_way()
        return m.licensing.legal_sales[sellers]

    full = m.licensing.all_sales[sellers]
    assert np.array_equal(ships(LICENSED, LICENSED), full)
    for one in (ships(LICENSED, IDLE), ships(IDLE, LICENSED)):
        assert (one < full).all()
        assert (ships(IDLE, IDLE) <= one).all()


def test_what_may_ship_is_the_least_that_any_office_lets_pass_in_every_month():
    m = model(SECOND, (), 4, MONTHS)
    for _ in range(MONTHS):
        m.step()
        lines, expected = m.licensing.lines, np.zeros_like(m.licensing.all_sales)
        offices = [(range(len(lines.seller)), lines), *((p.here.tolist(), p.licensing.lines) for p in m.partners)]
        for row, seller in enumerate(lines.seller):
            found = [(at, rows.index(row)) for rows, at in offices if row in rows]
            shares = [np.where(at.state[i] == LICENSED, 1, 1 - at.covered[i]) for at, i in found]
            expected[seller] += lines.sales[row] * np.min(shares, axis=0)
        if m.now.listed.any():
            np.testing.assert_allclose(m.licensing.legal_sales, expected, rtol=1e-12)


# Adoption


@pytest.mark.parametrize("office", ["nl", "jp"])
def test_an_ally_that_never_adopts_is_as_if_its_edges_were_cut(office):
    never = paths(model(SECOND, (f"authority.{office}.adopted=0",), 9, MONTHS), **SEEN)
    cut = paths(model(SECOND, (), 9, MONTHS, graph=without(office)), **SEEN)
    for name, values in never.items():
        assert np.array_equal(values, cut[name], equal_nan=True), name
    joined = paths(model(SECOND, (), 9, MONTHS), **SEEN)
    assert not np.array_equal(joined["sales"], cut["sales"])


SEEN = {
    "sales": lambda m: m.licensing.legal_sales,
    "line": lambda m: m.licensing.line,
    "state": lambda m: m.licensing.lines.state,
    "mean": lambda m: m.licensing.mean,
    "variance": lambda m: m.licensing.variance,
    "filed": lambda m: m.count_by_firm("filed"),
    "held": lambda m: m.licences_by_firm(),
    "stock": lambda m: m.supply.stock,
    "lost": lambda m: m.ledger.lost,
}


def test_an_ally_that_adopts_never_raises_what_may_ship():
    alone, joined = shipping(*APART, *NEVER), shipping(*APART)
    assert (joined <= alone).all()  # of every seller, in every world and month
    assert (joined < alone).any()


def test_an_ally_that_adopts_earlier_never_raises_what_may_ship_while_it_licenses_nothing():
    dates = [{"nl": "2019-11", "jp": "2019-10-20"}, {"nl": "2020-03-05", "jp": "2020-03"}, {"nl": "2021-01", "jp": "2020-03"}]
    runs = [
        shipping(*APART, *GIVES_NOTHING, *(f"authority.{office}.adopted={{{date}: 1}}" for office, date in when.items())) for when in dates
    ]
    for earlier, later in itertools.pairwise(runs):
        assert (earlier <= later).all()
        assert (earlier < later).any()


def test_an_ally_that_adopts_earlier_can_also_license_earlier():
    """Why the sentence above has its second half: who joins late starts with an empty pile."""
    early, late = (shipping(*APART, f"authority.nl.adopted={{{date}: 1}}") for date in ("2019-11", "2020-12"))
    assert (early[month(2021, 1) :] > late[month(2021, 1) :]).any()


def test_nothing_is_adopted_against_a_firm_that_is_not_listed():
    m = model(SECOND, ("authority.nl.adopted=1", "authority.jp.adopted=1"), 5, MONTHS)
    seen = paths(m, sales=lambda m: m.licensing.legal_sales, listed=lambda m: m.now.listed, adopted=lambda m: m.partners[0].adopted)
    before = seen["listed"].max(axis=1) == 0
    assert before.sum() == month(2019, 10)
    assert np.array_equal(seen["sales"][before], np.broadcast_to(m.licensing.all_sales, seen["sales"][before].shape))
    assert np.array_equal(seen["adopted"], seen["listed"])


def test_the_controllers_line_hardens_where_partners_take_the_alternatives_away():
    off = "coupling.loss_to_line=0"
    lines = [
        paths(model(SECOND, sets, 9, MONTHS), line=lambda m: np.nan_to_num(m.licensing.line))["line"]
        for sets in [(off,), (off, *NEVER), (*APART,), (*APART, *NEVER)]
    ]
    joined, alone, deaf, deaf_alone = lines
    assert (joined <= alone).all()
    assert (joined < alone).any()
    assert np.array_equal(deaf, deaf_alone)
    assert np.array_equal(deaf, alone)
