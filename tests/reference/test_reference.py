"""The second implementation on its own: its books balance, its worlds differ, its figures are those of the first writing."""

import calendar
import csv
import random
from pathlib import Path

import pytest

from sim.case import read_case
from sim.parameters import PARAMETERS

from .inputs import IDLE, INTENT, LICENSED, PENDING, PREPARING, Values, product_lines
from .licensing import lesson
from .month import run
from .supply import Group, groups_of

CASE = Path(__file__).parents[2] / "scenarios" / "cases" / "huawei"
MONTHS, LISTING, RULE = 96, 16, 32  # May 2019, September 2020
TINY = 1e-11


def dated_levers(folder: Path, months: int) -> dict[str, list[float]]:
    """The case's calendar month by month: `day` rows by the share of the month that is left, pulses added up."""
    with (folder / "calendar.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["date"])
    levers: dict[str, list[float]] = {}
    for row in rows:
        year, month, day = (int(part) for part in row["date"].split("-"))
        start, value = (year - 2018) * 12 + month - 1, float(row["value"])
        values = levers.setdefault(row["lever"], [0.0] * months)
        if start >= months:
            continue
        if row["how"] == "pulse":
            values[start] += value
            continue
        days = calendar.monthrange(year, month)[1]
        share = (days - day) / days if row["how"] == "day" else 1.0
        values[start] += (value - values[start]) * share
        values[start + 1 :] = [value] * (months - start - 1)
    return levers


@pytest.fixture(scope="module")
def case():
    return read_case(CASE)


@pytest.fixture(scope="module")
def levers():
    return dated_levers(CASE, MONTHS)


@pytest.fixture(scope="module")
def groups(case) -> list[Group]:
    return groups_of(case, product_lines(case, Values({})))


def some_values(world: int) -> dict[str, float]:
    """A world's parameters, anywhere in their plausible ranges."""
    dice = random.Random(world)
    values = {}
    for path, entry in PARAMETERS.items():
        if entry.kind == "parameter" and entry.low < entry.high and not entry.structural and "*" not in path:
            values[path] = dice.uniform(entry.low, entry.high)
    values["government.USA.hawk"] = dice.uniform(0.3, 0.7)
    return values


@pytest.fixture(scope="module", params=[(1, "majority", "minimum"), (2, "chair", "minimum"), (3, "unanimous", "harmonic_mean")])
def history(request, case, levers):
    world, vote, bottleneck = request.param
    return run(case, some_values(world), levers, {"vote": vote, "bottleneck": bottleneck}, seed=7, world=world, months=MONTHS)


def test_book_1_no_file_is_answered_that_is_not_there_and_none_gets_lost(history):
    assert history[-1]["totals"]["filings"] > 50
    for h in history:
        now, ever, states = h["counts"], h["totals"], h["states"]
        assert now["approvals"] + now["intents"] + now["returns"] <= h["pending_before"]
        decided = ever["approvals"] + ever["intents"] + ever["returns"]
        assert decided + states.count(PENDING) == ever["filings"]
        assert decided + states.count(PENDING) + states.count(PREPARING) == ever["prepared"]


def test_book_2_nothing_covered_ships_without_a_licence(history):
    stopped = 0
    for h in history:
        for number, (state, covered, legal) in enumerate(zip(h["states"], h["covered"], h["legal"], strict=True)):
            assert legal == (1.0 if state == LICENSED else 1 - covered)
            if legal == 0:
                stopped += 1
                assert h["actual"]["sold_by_line"][number] == 0
    assert stopped > 0


def test_book_3_parts_neither_appear_nor_vanish(history):
    for h in history:
        for path in (h["actual"], h["shadow"]):
            columns = (path[k] for k in ("opening_stock", "arrived", "used", "stock"))
            for opening, arrived, used, closing in zip(*columns, strict=True):
                assert abs(opening + arrived - used - closing) < TINY


def test_book_4_what_the_vendor_buys_is_what_sellers_sell(history, groups):
    for h in history:
        for path in (h["actual"], h["shadow"]):
            for i, group in enumerate(groups):
                controlled = sum(path["sold_by_line"][line.number] for line in group.controlled_lines)
                foreign = sum(path["sold_by_line"][line.number] for line in group.foreign_lines) + path["sold_unnamed"][i]
                assert abs(controlled - path["controlled"][i]) < TINY
                assert abs(foreign - path["foreign"][i]) < TINY
                assert abs(path["controlled"][i] + path["foreign"][i] + path["home"][i] - path["arrived"][i]) < TINY


def test_books_5_and_6_amounts_are_not_negative_and_shares_are_shares(history):
    for h in history:
        assert all(0 <= x <= 1 for x in h["legal"] + h["legal_controlled"] + h["legal_foreign"] + h["covered"])
        for path in (h["actual"], h["shadow"]):
            assert min(path["stock"] + path["need"] + list(path["output"].values())) >= 0
            shares = [path["threat"], path["unmet"], *path["qualified"], *path["domestic"], *path["content"]]
            for fills in path["fill"].values():
                shares += fills
            assert all(-TINY <= x <= 1 + TINY for x in shares)


def test_book_10_losses_and_gains_add_up_in_every_group(history):
    moved = 0.0
    for h in history:
        book = h["ledger"]
        columns = (book[k] for k in ("d_controlled", "d_foreign", "d_home", "d_stock", "d_unmet", "d_need"))
        for controlled, foreign, home, stock, unmet, need in zip(*columns, strict=True):
            assert abs(controlled + foreign + home - stock + unmet - need) < TINY
            moved = max(moved, abs(controlled))
    assert moved > 0.1


def test_book_13_no_answer_makes_a_firm_less_sure(history):
    assert max(h["variance_rose"] for h in history) <= 0


def test_book_14_without_a_listing_there_is_nothing_to_license_and_nothing_to_lose(history):
    for h in history[:LISTING]:
        assert set(h["states"]) == {IDLE}
        assert set(h["covered"]) | set(h["line"]) | set(h["counts"].values()) == {0}
        assert h["face"] == 0
        assert h["ledger"]["lost"] == 0
        assert h["actual"] == h["shadow"]
    assert history[LISTING]["actual"] != history[LISTING]["shadow"]


def test_book_15_licences_are_worth_more_than_what_ships_under_them(history):
    face = shipped = 0.0
    for h in history:
        face += h["face"]
        for number, state in enumerate(h["states"]):
            if state == LICENSED:
                shipped += h["covered"][number] * h["actual"]["sold_by_line"][number]
        assert face >= shipped
    assert shipped > 0


def test_book_16_every_intent_and_every_licence_ends_somewhere(history):
    for h in history:
        ever, states = h["totals"], h["states"]
        assert ever["intents"] == ever["intents_returned"] + ever["final_denials"] + states.count(INTENT)
        ended = ever["revocations"] + ever["expiries"] + ever["lapses"] + ever["refreshes"]
        assert ever["approvals"] == states.count(LICENSED) + ended


def test_every_licence_lapses_when_the_product_rule_comes_into_force(history):
    assert [m for m, h in enumerate(history) if h["counts"]["lapses"]] in ([RULE], [])
    assert sum(h["states"].count(LICENSED) for h in history[: RULE - 1]) > 0


def test_one_world_is_itself_again_and_no_other(case, levers):
    first, again, other = (run(case, {}, levers, seed=7, world=w, months=30) for w in (4, 4, 5))
    assert first == again
    assert first[-1]["states"] != other[-1]["states"]
    assert first[15]["actual"] == other[15]["actual"]  # supply draws no luck


def test_without_the_listing_the_two_paths_are_one(case, levers):
    free = {**levers, "law.listing": [0.0] * MONTHS}
    for h in run(case, some_values(6), free, seed=7, world=6, months=MONTHS):
        assert h["actual"] == h["shadow"]
        assert h["totals"]["prepared"] == 0


def test_an_answer_teaches_most_near_the_line():
    surprise, shrink = lesson(1, 0.2, 0.2, 0.2, 0.1)
    assert surprise == pytest.approx(0.7978845608)  # sqrt(2/pi): the mean of a half-normal
    assert shrink == pytest.approx(0.6366197724)  # 2/pi
    assert lesson(1, 0.2, 0.2, 0.0, 0.1)[0] < surprise < lesson(1, 0.2, 0.2, 0.4, 0.1)[0]
    assert lesson(-1, 0.2, 0.2, 0.2, 0.1) == (-surprise, shrink)


@pytest.fixture(scope="module")
def plain_years(case, levers):
    """Six worlds at default values to the end of 2020, without maintenance under the general licence."""
    return [run(case, {"law.maintenance": 0.0}, levers, seed=2019, world=w, months=36) for w in range(6)]


def mean(figures):
    figures = list(figures)
    return sum(figures) / len(figures)


def yearly(history, year, read):
    return sum(read(h) for h in history[12 * (year - 2018) :][:12])


@pytest.mark.parametrize("month, day, days, filed", [(18, 23, 31, 57), (19, 27, 31, 128), (21, 22, 31, 214), (22, 19, 30, 251)])
def test_filings_of_2019_are_those_of_the_first_writing(plain_years, month, day, days, filed):
    def by_date(history):
        files = [h["counts"]["filings"] for h in history]
        return sum(files[:month]) + files[month] * day / days

    assert mean(map(by_date, plain_years)) == pytest.approx(filed, rel=0.12)


def test_the_first_answers_of_2019_are_those_of_the_first_writing(plain_years):
    for name, share in {"approvals": 22, "intents": 19, "returns": 4}.items():
        got = mean(100 * h[22]["totals"][name] / h[22]["totals"]["filings"] for h in plain_years)
        assert got == pytest.approx(share, abs=4)
        assert all(h[21]["totals"][name] == 0 for h in plain_years)


def test_purchases_stock_and_sales_are_those_of_the_first_writing(plain_years):
    def bought(history, year):
        return yearly(history, year, lambda h: sum(h["actual"]["controlled"]))

    def consumer(history, year):
        return yearly(history, year, lambda h: h["actual"]["sales"]["consumer"])

    assert mean(bought(h, 2018) for h in plain_years) == pytest.approx(11.9, abs=0.06)
    assert mean(bought(h, 2019) for h in plain_years) == pytest.approx(16.2, abs=0.15)
    assert mean(h[11]["actual"]["raw_material"] for h in plain_years) == pytest.approx(34.6, abs=0.1)
    assert mean(h[23]["actual"]["raw_material"] for h in plain_years) == pytest.approx(59.5, abs=0.3)
    assert mean(consumer(h, 2018) for h in plain_years) == pytest.approx(349, abs=1)
    assert mean(consumer(h, 2019) for h in plain_years) == pytest.approx(466, abs=1)
    assert mean(consumer(h, 2020) for h in plain_years) == pytest.approx(470, rel=0.04)


def test_maintenance_under_the_general_licence_adds_a_little_to_2019(case, levers):
    history = run(case, {"law.maintenance": 0.1}, levers, seed=2019, world=0, months=24)
    assert yearly(history, 2019, lambda h: sum(h["actual"]["controlled"])) == pytest.approx(16.4, abs=0.15)
    assert history[23]["actual"]["raw_material"] == pytest.approx(60.7, abs=0.3)
