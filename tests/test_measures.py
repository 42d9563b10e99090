"""The measure language: what each form means, that it gives the numbers of a stored run, and how it refuses the rest."""

import numpy as np
import pytest
from runs import planned

from sim.analysis.measured import from_results, measured
from sim.analysis.measures import parse
from sim.analysis.quantities import QUANTITIES
from sim.analysis.spans import span
from sim.batch import engine
from sim.batch.results import Results
from sim.months import month_of
from sim.outcomes import MEASURES, OUTCOMES
from sim.refusal import InputError

PLAN = planned("history", (), 48, "agents")
CASE = PLAN.case
WORLDS = 7


def of(*texts, plan=PLAN, worlds=WORLDS):
    """Measures of a fresh run, one row each."""
    which = plan.worlds(0, worlds)
    return measured(plan.scenario, plan.case, which, plan.values(which), [parse(text, plan.case) for text in texts])


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    from dataclasses import replace

    scenario = replace(PLAN.scenario, run=replace(PLAN.scenario.run, worlds=WORLDS, block=4))
    folder = engine.prepare(replace(PLAN, scenario=scenario), tmp_path_factory.mktemp("runs"), ["test"])
    engine.finish(folder, jobs=1)
    return Results.open(folder)


def same(one, other):
    np.testing.assert_allclose(one, other, rtol=2e-6, atol=1e-6)  # a stored run keeps float32


def test_every_outcome_by_year_is_that_of_the_stored_run(stored):
    names = list(OUTCOMES)
    for name, found in zip(names, of(*(f"{name}@2020" for name in names)), strict=True):
        same(found, stored.yearly(name)[:, 2])


def test_every_outcome_is_measured_of_a_stored_run_as_of_a_fresh_one(stored):
    texts = [f"{name}@{when}" for name in OUTCOMES for when in ("2019-07", "2019-Q3", "2019-05..2020-06", "2021")]
    same(from_results(stored, [parse(text, CASE) for text in texts]), of(*texts))


def test_every_number_of_an_agent_by_year_is_that_of_the_stored_run(stored):
    for kind in {m.kind for m in MEASURES}:
        names = [m.name for m in MEASURES if m.kind == kind]
        table = stored.agents(kind).to_pandas()
        agent = str(table["agent"].iloc[1])
        rows = table[(table["agent"] == agent) & (table["year"] == 2020)]
        for name, found in zip(names, of(*(f"{kind}.{name}[{agent}]@2020" for name in names)), strict=True):
            same(found, rows[name].to_numpy())


def test_agents_of_a_stored_run_are_measured_as_of_a_fresh_one(stored):
    texts = [
        "firm.sales_to_vendor[Intel; Micron]@2019..2020", "firm.sales_to_vendor@2019", "government.level[DEU]@2020", "government.level@2020 >= 1",
        "group.need@2018..2020", "carrier.awarded@2020-12", "group.stock_months[memory]@2020-12", "government.belief@2019",
        "firm.approvals[Intel]@2020 / firm.filings[Intel]@2019..2020", "side.harm[controller]@2020",
    ]  # fmt: skip
    same(from_results(stored, [parse(text, CASE) for text in texts]), of(*texts))


@pytest.mark.parametrize(
    "text, why",
    [
        ("group.stock_months[memory]@2019-05", "a run keeps groups by year, each year's end"),
        ("firm.belief@2019 mean", "a run keeps firms by year, each year's end"),
        ("firm.filings@2019-05..2020-04", "a run keeps firms by year, each year's sum"),
        ("vendor.share[Ericsson]@2019", "no run keeps vendor.share"),
        ("awards_to_vendor@2019", "no run keeps awards_to_vendor"),
        ("filings@2022", "this run ends before 2022: it has 48 months"),
        ("government.level@2020 reaches 1", "a run keeps governments by year"),
    ],
)
def test_what_a_stored_run_does_not_keep_is_refused_by_name(stored, text, why):
    with pytest.raises(InputError) as refused:
        from_results(stored, [parse("filings@2019", CASE), parse(text, CASE)])
    assert text in str(refused.value)
    assert why in str(refused.value)


def test_a_day_counts_its_share_of_the_months_files():
    before, month, to_day, from_day = of("filings@..2019-06", "filings@2019-07", "filings@..2019-07-23", "filings@2019-07-24..2019-07")
    same(to_day, before + month * 23 / 31)
    same(from_day, month * 8 / 31)
    assert month.any()


def test_a_range_is_its_months_a_quarter_three_of_them_and_a_year_twelve():
    months = of(*(f"controlled_sales@2020-{m:02d}" for m in range(1, 13)))
    same(of("controlled_sales@2020", "controlled_sales@2020-Q2", "controlled_sales@2020-02..2020-04"), [sum(months), sum(months[3:6]), sum(months[1:4])])


def test_how_months_make_one_number():
    months = of(*(f"threat@2019-{m:02d}" for m in range(1, 13)))
    found = of("threat@2019", "threat@2019 end", "threat@2019 most", "threat@2019 least", "threat@2019 sum", "threat@2019-01..2019-02 mean")
    same(found, [sum(months) / 12, months[11], np.max(months, 0), np.min(months, 0), sum(months), (months[0] + months[1]) / 2])


def test_a_month_in_which_something_is_reached():
    months = of(*(f"filings@{2018 + m // 12}-{m % 12 + 1:02d}" for m in range(24)))
    (found,) = of("filings@2018..2019 reaches 1")
    np.testing.assert_array_equal(found, (months >= 1).argmax(axis=0))
    assert found.min() >= month_of("2019-05")
    (never,) = of("filings@2018 reaches 1")
    assert (never == 12).all()


def test_at_least_counts_agents_and_asks_outcomes():
    one, two, both, bans, any_ = of(
        "government.level[DEU]@2020-12 >= 1", "government.level[FRA]@2020-12 >= 1", "government.level[DEU; FRA]@2020-12 >= 1",
        "government.level@2020-12 >= 2", "filings@2019 >= 1",
    )  # fmt: skip
    same(both, one + two)
    same(bans, of("bans@2020-12")[0])
    assert set(any_) == {1.0}
    assert set(one) <= {0.0, 1.0}


def test_quantities_are_added_up_over_agents_and_shares_are_averaged():
    each = of(*(f"firm.sales_to_vendor[{name}]@2019" for name in ("Intel", "Micron")))
    same(of("firm.sales_to_vendor[Intel; Micron]@2019"), [sum(each)])
    level = of("government.level[DEU]@2020", "government.level[FRA]@2020", "government.level[DEU;FRA]@2020")
    same(level[2], (level[0] + level[1]) / 2)


def test_a_ratio_has_no_number_where_it_divides_by_nothing():
    found = of("filings@2018 / filings@2018", "approvals@2019 percent of filings@2019", "filings@2019", "approvals@2019")
    assert np.isnan(found[0]).all()
    same(found[1], 100 * found[3] / found[2])


def test_the_listed_vendor_may_be_called_by_its_own_name():
    same(of("huawei.revenue_consumer@2019", "HUAWEI.revenue_consumer@2019"), of("vendor.revenue_consumer@2019", "revenue_consumer@2019"))
    same(of("nokia.share@2019", "huawei.share@2019"), of("vendor.share[Nokia]@2019", "vendor_share@2019"))


def test_agents_are_found_by_name_in_any_letters():
    assert parse("government.level[germany]@2020", CASE).terms[0].agents == ("DEU",)
    assert parse("firm.filings[II-VI / Finisar]@2020", CASE).terms[0].agents == ("II-VI / Finisar",)
    assert parse("side.offer[target]@2020", CASE).terms == parse("side.offer[CHN]@2020", CASE).terms


def test_columns_hold_where_the_text_says_nothing():
    whole = parse("group.stock_months[memory]@2020-05", CASE)
    assert parse("group.stock_months", CASE, selector="memory", date="2020-05").terms == whole.terms
    assert parse("group.stock_months[memory]@2020-05", CASE, selector="fpga", date="2019").terms == whole.terms


def test_later_years_are_run_beyond_the_scenarios_horizon():
    plan = planned("history", (), 24, "outcomes")
    assert of("filings@2026", "government.level[DEU]@2026-12", plan=plan, worlds=2).shape == (2, 2)


def test_a_measure_does_not_depend_on_what_else_is_measured_nor_on_other_worlds():
    texts = ("vendor.share[Ericsson]@2019", "act_rise_on_target@2018..2019", "filings@2019")
    plan = planned("history", ("rules.talks_mode=free",), 48, "outcomes")
    together = of(*texts, plan=plan)
    assert (together[1] > 0).any()
    for i, text in enumerate(texts):
        np.testing.assert_array_equal(of(text, plan=plan)[0], together[i])
        np.testing.assert_array_equal(of(text, plan=plan, worlds=2)[0], together[i, :2])


@pytest.mark.parametrize(
    "text, said",
    [
        ("filing@2019", 'there is no measure "filing"; did you mean "filings"?'),
        ("government.levle@2019", 'there is no measure "government.levle"; did you mean "government.level"?'),
        ("government.level[germny]@2019", 'the case has no government "germny"; did you mean "germany"?'),
        ("government.level[DEU; germany]@2019", "stands in the brackets twice"),
        ("filings[Intel]@2019", 'filings is one number for all: leave "[Intel]" out'),
        ("filings", '"filings" has no date; write filings@2019, @2019-07, @2019-Q3 or @2019-05..2020-06'),
        ("filings@May", '"May" is no date; write 2019, 2019-Q3, 2019-07, 2019-07-23'),
        ("filings@2019-13", '"2019-13" is no date'),
        ("filings@2019..2018", '"2019..2018" ends before it starts'),
        ("filings@2019-05..", '"2019-05.." has no end'),
        ("filings@2017", '"2017" lies outside what can be run'),
        ("filings@2019-07-23", "one day is no time for filings, which is counted by month; write ..2019-07-23"),
        ("filings@2019 summ", '"summ" is no way to make one number of months; did you mean "sum"?'),
        ("filings@2019 / ", "is no measure; write one, or two with / or"),
        ("a@2019 / b@2019 / c@2019", "is no measure; write one, or two with / or"),
        ("nokia.revenue@2019", 'of nokia there is no "revenue"; of a vendor that is not listed there are share, share_world'),
        ("huawei.revenu@2019", 'there is no measure "revenu"; did you mean "revenue"?'),
        ("huawei.share[Nokia]@2019", "names its vendor twice; leave the brackets out"),
        ("", "is no measure"),
        ("filings@2019 >= many", '">= many" is no way to make one number of months'),
    ],
)
def test_what_is_no_measure_is_refused_in_a_sentence(text, said):
    with pytest.raises(InputError) as refused:
        parse(text, CASE, where="my.csv:3 (measure)")
    assert str(refused.value).startswith("my.csv:3 (measure): ")
    assert said in str(refused.value)


def test_every_quantity_can_be_measured():
    found = of(*(f"{name}@2019" for name in QUANTITIES))
    assert np.isfinite(found).all()


def test_whole_years_are_told_from_parts_of_them():
    assert span("2019..2020", "x").whole_years == range(2019, 2021)
    assert span("2019-Q1", "x").whole_years is None
    assert span("2019-01-02..2019", "x").whole_years is None
