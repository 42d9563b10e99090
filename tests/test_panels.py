"""What is counted of agents by month, and the pictures that a report makes of it."""

import csv
import dataclasses
import re
import shutil
from html.parser import HTMLParser

import fake_model
import numpy as np
import pytest
from runs import planned

from sim.batch import engine
from sim.batch.audit import verify
from sim.batch.plan import Plan
from sim.batch.results import Results
from sim.exchanges.licensing import INTENT, LICENSED, PENDING
from sim.model import TradeModel, simulate
from sim.monthly import FIRM_STATES, MONTHLY, Tally, exact
from sim.months import label, month_of
from sim.refusal import InputError
from sim.sweep import Sweep, Varied
from sim.views.report import flow, levels_map, licences_ring
from sim.worlds import Worlds

MONTHS = 32
HOSTILE = "</script><img src=x onerror=alert(1)> \" onfocus=alert(2) x=\" & 'more'"
PANELS = [flow.panel, levels_map.panel, licences_ring.panel]


def finished(out, name="history", block=7, worlds=7, months=MONTHS, case=None):
    plan = planned(name, months=months)
    run = dataclasses.replace(plan.scenario.run, worlds=worlds, block=block)
    plan = Plan(dataclasses.replace(plan.scenario, run=run), case or plan.case)
    folder = engine.prepare(plan, out)
    engine.finish(folder)
    return Results.open(folder)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def history(out):
    """Seven worlds to August 2020 in one block."""
    return finished(out)


@pytest.fixture(scope="module")
def cut(out):
    """The same worlds in blocks of three, three and one."""
    return finished(out, block=3)


@pytest.fixture(scope="module")
def second(out):
    return finished(out, "second_firm", worlds=3, months=60)


@pytest.mark.slow
def test_any_blocks_count_the_same(history, cut):
    for kind in ("firm", "government", "carrier"):
        one, many = history.monthly(kind), cut.monthly(kind)
        assert one.agents == many.agents
        assert one.worlds == many.worlds == 7
        for measure, shares in one.shares.items():
            assert np.array_equal(shares, many.shares[measure]), measure
    assert len([name for name in cut.manifest["files"] if name.startswith("monthly/")]) == 3


def test_sums_do_not_depend_on_the_order_of_worlds():
    x = np.random.default_rng(1).uniform(0, 1, (3, 700))
    assert np.array_equal(exact(x), exact(x[:, :300]) + exact(x[:, 300:]))
    assert np.array_equal(exact(x), exact(x[:, ::-1]))
    assert np.abs(exact(x) - x.sum(axis=1)).max() < 700 * 2**-20


@pytest.mark.parametrize("name", ["history", "second_firm"])
def test_sums_are_those_of_worlds_counted_one_by_one(name):
    plan = planned(name, months=26)
    worlds = Worlds.range(2, 4)
    block = simulate(plan.scenario, plan.case, worlds, plan.values(worlds)).monthly
    alone = [simulate(plan.scenario, plan.case, one, plan.values(one)).monthly for one in (Worlds.range(i, 1) for i in range(2, 6))]
    assert block["government"].sums["level_1"].any()
    assert block["firm"].sums["waiting"].any()
    for kind, table in block.items():
        for measure, sums in table.sums.items():
            assert np.array_equal(sums, sum(one[kind].sums[measure] for one in alone)), (kind, measure)


@pytest.mark.parametrize("name", ["history", "second_firm"])
def test_a_firm_stands_where_the_plainest_reading_of_its_lines_puts_it(name):
    plan = planned(name, months=40)
    worlds = Worlds.range(0, 3)
    model = TradeModel(plan.scenario, plan.case, worlds, plan.values(worlds))
    tally, seen = Tally(model), set()
    for month in range(40):
        model.step()
        tally.count()
        assert np.array_equal(model.seller_sales, model.supply.sellers_sales()[0])  # of this month, though kept
        for i, firm in enumerate(model.licensing.lines.firms):
            counted = dict.fromkeys(FIRM_STATES, 0)
            for world in range(3):
                states, bound = set(), False
                for docket in model.dockets:
                    for row, number in enumerate(docket.lines.firm):
                        if docket.lines.firms[number] == firm:
                            states.add(int(docket.lines.state[row, world]))
                            bound |= bool(docket.lines.may_file[row, world]) or docket.lines.state[row, world] == 1
                where = ((LICENSED, "licensed"), (INTENT, "intent"), (PENDING, "waiting"))
                name_of = next((name for state, name in where if state in states), "without" if bound else "unbound")
                counted[name_of] += 1
            seen |= {name for name, n in counted.items() if n}
            stored = {m.name: tally.sums[m][month, i] for m in MONTHLY if m.kind == "firm" and m.name in FIRM_STATES}
            assert stored == counted, (firm, month)
    assert seen >= {"unbound", "without", "waiting", "intent"}
    model.close()


def test_states_of_a_firm_sum_to_one_and_nothing_needs_a_licence_before_the_listing(history):
    firms = history.monthly("firm").shares
    assert np.allclose(sum(firms[state] for state in FIRM_STATES), 1)
    assert (firms["unbound"][:, : month_of("2019-05")] == 1).all()
    assert (firms["may_ship"][:, : month_of("2019-05")] == 1).all()
    assert (firms["may_ship"][:, month_of("2019-06")] < 1).any()


def test_monthly_sales_are_the_year_s_and_levels_are_the_outcome_s(history):
    yearly = history.agents("firm").to_pandas()
    sales = history.monthly("firm")
    for firm, of in yearly[yearly.year == 2019].groupby("agent", observed=True):
        twelve = sales.shares["sales"][sales.agents.index(firm), 12:24].sum()
        assert twelve == pytest.approx(of.sales_to_vendor.mean(), abs=2e-5)
    bans = history.monthly("government").shares["level_2"].sum(axis=0)
    assert np.allclose(bans, history.series("bans").mean(axis=0), atol=1e-5)
    awards = history.monthly("carrier").shares["awarded"].sum(axis=0)
    assert np.allclose(awards, history.series("awards").mean(axis=0), atol=1e-5)


def test_a_run_that_keeps_none_says_so_and_makes_no_pictures(tmp_path):
    folder = engine.prepare(fake_model.plan(70), tmp_path)
    engine.finish(folder, simulate=fake_model.simulate, outcomes=fake_model.OUTCOMES)
    results = Results.open(folder)
    with pytest.raises(InputError, match="keeps no agents by month"):
        results.monthly("firm")
    assert [panel(results, None) for panel in PANELS] == [None] * 3


def test_neither_a_sweep_nor_chosen_outcomes_count_agents():
    plan, worlds = planned(months=1), Worlds.range(0, 1)
    sweep = Sweep((Varied("firm.hurdle", 0.2, 0.6, places=2),), "grid", 2, 1)
    chosen = dataclasses.replace(plan.scenario.run, record="analysed", analysed=("bans",))
    for scenario in (dataclasses.replace(plan.scenario, sweep=sweep), dataclasses.replace(plan.scenario, run=chosen)):
        assert simulate(scenario, plan.case, worlds, plan.values(worlds)).monthly == {}


def test_a_kind_that_is_not_there_is_named(history):
    with pytest.raises(InputError, match='firms: this run keeps no such kind of agents by month; it has firm, government, carrier.*"firm"'):
        history.monthly("firms")


def test_a_strange_file_among_the_months_is_found(history, tmp_path):
    folder = shutil.copytree(history.folder, tmp_path / "copy")
    (folder / "monthly" / "part-00009.parquet").write_bytes(b"")
    assert verify(folder) == ["monthly/part-00009.parquet is no part of this run"]


def test_the_books_of_the_flow_balance_to_the_last_step(history, second):
    for results in (history, second):
        kept = flow.books(results)
        assert [book.period for book in kept] == [*map(str, results.years), "whole run"]
        for book in kept:
            assert sum(book.fell.values()) == sum(book.filled.values())
            assert not book.fell.keys() & book.filled.keys()
        assert not kept[0].fell  # before the listing nothing falls
        assert kept[-1].fell["controlled"] > 0


def test_the_flow_tells_the_outcomes(history):
    for i, book in enumerate(flow.books(history)[:-1]):
        sold, change = (history.yearly(name).mean(axis=0)[i] for name in ("controlled_sales", "controlled_change"))
        assert book.kept == pytest.approx(min(sold, sold - change) / flow.GRAIN, abs=1)
        terms = {name: sign * history.yearly(outcome).mean(axis=0)[i] for name, (outcome, sign) in flow.CHANGES.items()}
        for name, term in terms.items():
            told = book.filled.get(name, 0) - book.fell.get(name, 0)
            assert told == pytest.approx(term / flow.GRAIN, abs=1.01), (book.period, name)


def test_what_controlled_sellers_gain_is_filled_and_not_kept():
    gain = {"controlled_change": 2.0, "foreign_change": -1.0, "domestic_change": -0.5, "stock_change": 0.5, "unmet_change": 0, "need_change": 0}
    book = flow.book("2018", {**gain, "controlled_sales": 10.0})
    assert (book.kept, book.fell, book.filled) == (800, {"foreign": 100, "domestic": 50, "stock": 50}, {"controlled": 200})


def test_rounding_never_tips_the_books():
    rng = np.random.default_rng(3)
    for _ in range(200):
        c, f, d, s, u = rng.normal(0, 1, 5) * 10 ** rng.uniform(-4, 2)
        change = dict(zip(["controlled", "foreign", "domestic", "stock", "unmet"], (c, f, d, s, u), strict=True))
        mean = {f"{name}_change": value for name, value in change.items()}
        book = flow.book("x", {**mean, "need_change": c + f + d - s + u, "controlled_sales": 5.0})
        assert sum(book.fell.values()) == sum(book.filled.values())


def test_ribbons_of_a_picture_fill_both_sides(history):
    book = flow.books(history)[-1]
    picture = flow._picture(book, flow._words(history), book.kept + sum(book.fell.values()), 720)
    highs = []
    for path in re.findall(r'<path d="([^"]+)"', picture):
        y0 = float(re.match(r"M12 ([\d.]+)C", path)[1])
        y1 = float(re.search(r" ([\d.]+)Z$", path.replace("Z", " Z").replace(" Z", "Z"))[1])
        highs.append(y1 - y0)
    bars = [float(high) for high in re.findall(r'<rect x="0" [^>]*height="([\d.]+)"', picture)]
    assert sum(highs) == pytest.approx(sum(bars), abs=2)


def test_every_government_has_one_tile_in_its_region(history, second):
    for results in (history, second):
        governments = results.plan.case["governments"]
        panel = levels_map.panel(results)
        names = re.findall(r'data-name="([^"]+)"', panel.html)
        assert sorted(names) == sorted(map(str, governments["name"]))
        assert sorted(map(int, re.findall(r'data-tile="(\d+)"', panel.html))) == list(range(len(governments.key)))
        assert sum(len(of) for of in levels_map.regions(results).values()) == len(governments.key)
        assert set(levels_map.regions(results)) == set(map(str, governments["region"]))


def test_rows_are_the_governments_of_a_month_together_and_their_shares_sum_to_one(history, cut):
    rows = levels_map.rows(history, cut)
    governments = list(history.plan.case["governments"].key)
    assert len(rows) == MONTHS * len(governments)
    for month in (0, 17, MONTHS - 1):
        some = rows[month * len(governments) : (month + 1) * len(governments)]
        assert [row["government"] for row in some] == governments
        assert {row["month"] for row in some} == {label(month)}
        for row in some:
            at = [row[f"at_{n}"] for n in range(4)]
            assert sum(at) == pytest.approx(1, abs=0.002)
            assert row["share"] == max(at) == at[row["level"]]
            assert row["mean"] == row["base"] == pytest.approx(sum(n * share for n, share in enumerate(at)), abs=0.004)


def test_the_record_is_shown_to_its_end_and_only_of_its_own_case(out, history, second):
    longer = finished(out, worlds=1, months=37)
    last = [row for row in levels_map.rows(longer) if row["month"] in ("2020-12", "2021-01")]
    assert {row["record"] for row in last if row["month"] == "2021-01"} == {None}
    with open("sim/record/government_decisions_to_2020.csv", encoding="utf-8", newline="") as file:
        at_end = {row["iso3"]: int(row["level_after"]) for row in sorted(csv.DictReader(file), key=lambda row: row["date"])}
    of = {row["government"]: row["record"] for row in last if row["month"] == "2020-12"}
    assert {name: of[name] for name in at_end if name in of} == {name: level for name, level in at_end.items() if name in of}
    assert "record" not in levels_map.rows(second)[0]
    assert "on record" in levels_map.panel(history).html
    assert "on record" not in levels_map.panel(second).html


def test_the_ring_has_each_firm_once_in_a_place_of_its_own(history, second):
    for results in (history, second):
        firms = licences_ring.firms(results.plan.case)
        assert sorted(firm.name for firm in firms) == sorted(results.monthly("firm").agents)
        turns = [firm.turn for firm in firms]
        assert turns == sorted(set(turns))
        assert min(turns) >= 0
        assert max(turns) < 1
        assert [firm.origin for firm in firms] == sorted(firm.origin for firm in firms)
        panel = licences_ring.panel(results)
        assert panel.html.count("data-firm=") == 2 * len(firms)
        nodes = len(firms) + 1 + len(results.plan.case["authorities"].key)
        assert nodes <= 60
        assert all(f'data-shape="{state}"' in panel.html for state in FIRM_STATES)


def test_each_office_is_a_gate_before_the_firms_that_it_binds(second):
    firms = licences_ring.firms(second.plan.case)
    offices = licences_ring._offices(second.plan.case, firms)
    assert [letter for letter, *_ in offices] == ["A", "B", "C"]
    assert offices[0][2] == "every firm"
    for letter, _, _, bound in offices[1:]:
        places = [firms.index(firm) for firm in bound]
        assert places == list(range(places[0], places[-1] + 1)), letter  # one arc
        ((first, last),) = licences_ring._runs(firms, bound)
        assert [firm for firm in firms if first <= firm.turn <= last] == bound


def test_rows_of_the_ring_are_what_was_counted(history):
    rows, firms = licences_ring.rows(history), licences_ring.firms(history.plan.case)
    counted = history.monthly("firm")
    assert len(rows) == MONTHS * len(firms)
    month = month_of("2020-03")
    for firm, row in zip(firms, rows[month * len(firms) :], strict=False):
        i = counted.agents.index(firm.name)
        assert (row["month"], row["firm"]) == ("2020-03", firm.name)
        assert sum(row[state] for state in FIRM_STATES) == pytest.approx(1, abs=0.003)
        assert row[row["state"]] == row["share"] == max(row[state] for state in FIRM_STATES)
        assert row["may_ship"] == pytest.approx(counted.shares["may_ship"][i, month], abs=0.001)


def test_sliders_have_the_months_of_the_run_and_begin_at_its_end(history):
    for panel in (levels_map.panel(history), licences_ring.panel(history)):
        labels = re.search(r'data-labels="([^"]+)"', panel.html)[1].split("|")
        assert labels == [label(month) for month in range(MONTHS)]
        assert f'max="{MONTHS - 1}" step="1" value="{MONTHS - 1}"' in panel.html
    frames = re.findall(r"<div data-frame( hidden)?>", flow.panel(history).html)
    assert frames == [" hidden"] * 3 + [""]
    assert 'data-labels="2018|2019|2020|whole run"' in flow.panel(history).html


class Elements(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag != "input":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def hostile(out):
    """A run of a case in which every name is markup."""
    plan = planned("second_firm", months=20)
    folder = shutil.copytree(plan.case.folder, out / "hostile_case")
    names = {"governments.csv": ["name", "region"], "authorities.csv": ["name"], "words.csv": ["word"]}
    for file, columns in names.items():
        with (folder / file).open(encoding="utf-8", newline="") as text:
            rows = list(csv.DictReader(text))
        for i, row in enumerate(rows):
            row |= dict.fromkeys(columns, f"{HOSTILE} {i}")
        _write(folder / file, rows)
    for file in ("firm_sales_by_group.csv", "chipmakers.csv"):
        with (folder / file).open(encoding="utf-8", newline="") as text:
            rows = list(csv.DictReader(text))
        _write(folder / file, [row | {"firm": f"{HOSTILE} {row['firm']}"} for row in rows])
    from sim.case import read_case

    return finished(out, "second_firm", worlds=2, months=20, case=read_case(folder))


def _write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize("panel", PANELS)
def test_hostile_names_stay_text(hostile, panel):
    made = panel(hostile, hostile)
    page = Elements(made.html)
    assert page.open == []
    assert not {"script", "img", "style"} & set(page.tags)
    assert not [name for name in page.attributes if name.startswith("on") or name == "style"]  # the page's policy stops these
    assert "&lt;/script&gt;" in made.html
    assert not [word for word in ("<!--", "</script", "eval(", "innerHTML") if word in made.script]
