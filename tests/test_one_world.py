"""One world as a Mesa model: the numbers of that world of the run, and nothing in it that surprises a user of Mesa."""

import gc
import weakref

import mesa
import numpy as np
import pandas as pd
import pytest
from mesa.datacollection import DataCollector

import sim
from sim.notebook import actors
from sim.notebook.actors import Authority, Carrier, Chipmaker, Government, Vendor
from sim.outcomes import MEASURES, OUTCOMES

MONTHS = 25
KINDS = {"firm": Chipmaker, "government": Government, "carrier": Carrier}


@pytest.fixture(scope="module")
def stepped():
    """World 3 of history, stepped to the end: each month's outcomes, each month's numbers of each kind, and the model as it stands."""
    model = sim.mesa_model("history", world=3, months=MONTHS)
    collector = DataCollector(
        model_reporters={"lost_sales": "lost_sales", "month": "month", "bans": lambda m: m.bans},
        agenttype_reporters={Government: {"level": "level", "belief": "belief", "iso3": "iso3"}, Chipmaker: {"licences": "licences"}},
    )
    months, tables = [], []
    while model.running:
        model.step()
        collector.collect(model)
        months.append(model.outcomes())
        tables.append({kind: model.table(kind) for kind in model.names})
    return model, pd.DataFrame(months), tables, collector


@pytest.fixture(scope="module")
def run():
    return sim.run("history", worlds=4, months=MONTHS)


def test_each_month_is_that_worlds_of_the_run_to_the_last_bit(stepped, run):
    _, months, _, _ = stepped
    assert list(months) == list(OUTCOMES)
    for name in OUTCOMES:
        assert np.array_equal(months[name].to_numpy().astype(np.float32), run.results.series(name)[3]), name
    assert months["approvals"].sum() > 0


@pytest.mark.parametrize("kind", ["firm", "group", "government", "carrier", "side"])
def test_each_agent_is_that_worlds_of_the_run(stepped, run, kind):
    tables = stepped[2]
    theirs = run.agents(kind).query("world == 3").set_index(["year", "agent"])
    for measure in MEASURES:
        if measure.kind == kind:
            of_2019 = [table[kind][measure.name] for table in tables[12:24]]
            ours = of_2019[-1] if measure.yearly == "end" else sum(of_2019) / (1 if measure.yearly == "sum" else 12)
            assert ours.to_numpy() == pytest.approx(theirs.loc[2019][measure.name].to_numpy(), rel=1e-6, abs=1e-7), measure.name


def test_it_is_a_mesa_model_with_plain_numbers(stepped):
    model = stepped[0]
    assert isinstance(model, mesa.Model)
    assert (model.steps, model.month, model.running) == (MONTHS, "2020-01", False)
    assert type(model.lost_sales) is float
    assert {"lost_sales", "agents", "month"} <= {*dir(model)}
    with pytest.raises(AttributeError, match="lost_sale"):
        _ = model.lost_sale
    assert set(model.agents_by_type) == {Government, Authority, Chipmaker, Vendor, Carrier}
    assert [len(model.agents_by_type[kind]) for kind in (Government, Carrier)] == [90, 178]
    with pytest.raises(sim.InputError, match="25 months are over"):
        model.step()


def test_its_agents_can_be_selected_sorted_grouped_and_summed(stepped):
    """All of which fails where an agent's number is an array over worlds."""
    model, table = stepped[0], stepped[0].table("government")
    governments = model.agents_by_type[Government]
    firm = governments.select(lambda g: g.level >= 2)
    assert sorted(g.iso3 for g in firm) == sorted(table.index[table["level"] >= 2])
    assert 0 < len(firm) < 90
    assert [g.belief for g in governments.sort("belief", ascending=False)] == sorted(table["belief"], reverse=True)
    assert governments.agg("exposure", max) == table["exposure"].max()
    by_level = {level: len(group) for level, group in governments.groupby("level")}
    assert sum(by_level.values()) == 90
    assert sum(model.agents_by_type[Chipmaker].get("licences")) == model.licences == sum(model.agents_by_type[Authority].get("licences"))
    shares = model.agents_by_type[Vendor].get("share")
    assert sum(shares) == pytest.approx(1)
    (listed,) = model.agents_by_type[Vendor].select(lambda v: v.listed)
    assert listed.share == model.vendor_share
    (office,) = model.agents_by_type[Authority]
    assert office.line == dict(model.table("group")["line"])
    assert office.pending == model.pending


def test_mesas_own_collector_keeps_each_months_numbers(stepped):
    """Mesa 3.3 keeps what it is given: an array that changes in place would show its last value in every row."""
    _, months, tables, collector = stepped
    collected = collector.get_model_vars_dataframe()
    assert collected["lost_sales"].tolist() == months["lost_sales"].tolist()
    assert collected["bans"].tolist() == months["bans"].tolist()
    assert collected["month"].iloc[[0, -1]].tolist() == ["2018-01", "2020-01"]
    levels = collector.get_agenttype_vars_dataframe(Government)
    assert levels["level"].dtype == levels["belief"].dtype == np.float64
    by_month = levels["belief"].groupby("Step").mean()
    assert by_month.to_numpy() == pytest.approx([table["government"]["belief"].mean() for table in tables])
    assert by_month.nunique() > 3
    assert collector.get_agenttype_vars_dataframe(Chipmaker)["licences"].groupby("Step").sum().tolist() == months["licences"].tolist()


def test_every_kind_has_the_numbers_that_its_docstring_names(stepped):
    for kind, cls in KINDS.items():
        agent = next(iter(stepped[0].agents_by_type[cls]))
        for name in actors.numbers(kind):
            assert name in (cls.__doc__ or ""), f"{cls.__name__}.{name}"
            assert type(getattr(agent, name)) is float
            assert name in dir(agent)
        with pytest.raises(AttributeError, match="no_such"):
            _ = agent.no_such


def test_what_cannot_be_is_refused_in_a_sentence():
    for given, said in (({"world": -1}, "--world"), ({"seed": "x"}, "--seed"), ({"scenario": "histry"}, "did you mean"), ({"months": 0}, "--months")):
        with pytest.raises(sim.InputError, match=said):
            sim.mesa_model(**given)
    model = sim.mesa_model(months=2)
    with pytest.raises(sim.InputError, match="call step"):
        _ = model.lost_sales
    with pytest.raises(sim.InputError, match="there are firm"):
        model.table("frim")


@pytest.mark.slow
def test_seeds_worlds_and_settings_make_a_difference_and_nothing_else_does():
    def line(**given):
        model = sim.mesa_model(months=18, **given)
        while model.running:
            model.step()
        model.close()
        return model.line

    assert line() == line(world=0) == line(seed=2019)
    assert len({line(), line(world=1), line(seed=1), line(sets={"licensing.base_line": 0.5})}) == 4


def test_a_model_that_is_closed_takes_no_memory():
    model = sim.mesa_model(months=2)
    model.step()
    gone = weakref.ref(model), weakref.ref(model.trade)
    model.close()
    del model
    gc.collect()
    assert [ref() for ref in gone] == [None, None]
