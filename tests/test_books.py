"""Books that must balance do, in every world and month; and each is seen to fail when something is broken."""

import dataclasses

import numpy as np
import pytest
from runs import model, planned

from sim.books import BOOKS, Books
from sim.exchanges.licensing import IDLE, INTENT, LICENSED, PENDING
from sim.model import simulate
from sim.scenario import shipped
from sim.worlds import Pairs, Worlds


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped())
def test_the_books_of_every_shipped_scenario_balance_every_month(name):
    plan = planned(name, months=60, record="outcomes")
    worlds = Worlds.range(0, 6)
    found = simulate(plan.scenario, plan.case, worlds, plan.values(worlds), check=True).discrepancies
    assert set(found) == set(BOOKS)
    assert max(found.values()) < 1e-9, found


@pytest.mark.parametrize(
    "sets", [("rules.bottleneck=harmonic_mean",), ("vendor.stockpile=0", "law.leak=0"), ("lines.per_group=7", "rules.vote=chair")]
)
def test_they_balance_under_other_rules(sets):
    plan = planned("history", sets, record="outcomes")
    worlds = Worlds.range(5, 6)
    found = simulate(plan.scenario, plan.case, worlds, plan.values(worlds), check=True).discrepancies
    assert max(found.values()) < 1e-9, found


def drop_a_shipment(m):
    m.supply.stock = m.supply.stock * 0.99


def pay_twice(m):
    m.supply.bought["foreign"] = m.supply.bought["foreign"] + 0.01


def sell_a_negative(m):
    m.supply.bought["domestic"] = m.supply.bought["domestic"] - 100


def lose_a_file(m):
    m.licensing.lines.enter(IDLE, Pairs.where(m.licensing.lines.state == PENDING))


def lose_an_intent(m):
    m.licensing.lines.enter(IDLE, Pairs.where(m.licensing.lines.state == INTENT))


def lose_a_licence(m):
    m.licensing.lines.enter(IDLE, Pairs.where(m.licensing.lines.state == LICENSED))


def ship_without_a_licence(m):
    m.licensing.legal_sales = m.licensing.all_sales * 1.5


def forget_doubt(m):
    m.firms.shrunk = m.firms.shrunk + 1


def lose_content(m):
    m.supply.content = m.supply.content - 2


def forget_unmet_need(m):
    m.ledger.difference["unmet"] = m.ledger.difference["unmet"] + 0.5


def give_licences_for_nothing(m):
    m.licensing.happened["approved"] = Pairs.nowhere()


BREAKS = [
    (drop_a_shipment, "3 stock"), (pay_twice, "3 stock"), (sell_a_negative, "5 signs"), (lose_a_file, "1 files"),
    (lose_an_intent, "16 intents"), (lose_a_licence, "16 intents"), (ship_without_a_licence, "2 law"), (forget_doubt, "13 belief"), (lose_content, "6 shares"),
    (forget_unmet_need, "10 ledger"), (give_licences_for_nothing, "15 face"),
]  # fmt: skip


@pytest.mark.parametrize("break_it,book", BREAKS)
def test_a_broken_model_is_caught_by_its_book(break_it, book):
    m = model(worlds=5, months=40)
    books = Books(m)
    for month in range(30):
        m.step()
        if month == 26 and break_it is not give_licences_for_nothing:
            assert max(books.largest.values()) < 1e-9
        if month > 26 or (break_it is give_licences_for_nothing and month > 15):
            break_it(m)
        books.check()
    m.close()
    assert books.largest[book] > 1e-6


def test_something_licensed_before_the_listing_is_caught():
    m = model(worlds=3, months=10)
    books = Books(m)
    m.step()
    m.licensing.lines.state[0] = LICENSED
    books.check()
    m.close()
    assert books.largest["14 before"] > 0


def test_trade_that_no_seller_made_is_caught():
    m = model(worlds=3, months=10)
    books = Books(m)
    m.step()
    m.supply.ships = m.supply.ships * 0 + 1e-3
    m.supply.ships[np.flatnonzero(m.supply.is_controlled)] = 0.0
    books.check()
    m.close()
    assert books.largest["4 trade"] > 1e-6


def test_a_scenario_without_any_listing_balances_to_the_last_bit():
    plan = planned("no_entity_list", record="outcomes")
    plan = dataclasses.replace(plan)
    worlds = Worlds.range(0, 5)
    series = simulate(plan.scenario, plan.case, worlds, plan.values(worlds)).series
    for name in ("lost_sales", "controlled_change", "foreign_change", "unmet_change", "filings", "licences"):
        assert not series[name].any(), name
