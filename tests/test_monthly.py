"""What is counted of agents by month: of any blocks, in any order, and world by world."""

import dataclasses
import shutil

import numpy as np
import pytest
from runs import finished, planned

from sim.batch.audit import verify
from sim.exchanges.licensing import INTENT, LICENSED, PENDING
from sim.model import TradeModel, simulate
from sim.monthly import FIRM_STATES, MONTHLY, Tally, exact
from sim.months import month_of
from sim.refusal import InputError
from sim.sweep import Sweep, Varied
from sim.worlds import Worlds

MONTHS = 32


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
