"""Stylised facts of the case: each is there, and goes when its mechanism is switched off. Thresholds as in docs/model.md."""

import functools

import numpy as np
import pytest
from runs import in_year, model, month, run

WORLDS = 100
# What the model does not show: (what docs/model.md asks for, the band in which the measured median lies). The test fails too when a
# miss goes away, so that this list stays true; docs/validation.md names them.
MISSES = {
    "3 without": ("under .20 when all lines file", (0.30, 0.40)),
    "4 with": ("over 4", (2.5, 4.0)),
    "5 without": ("under 1.05", (1.10, 1.30)),
    "8 without": ("over 0 in 2020", (-2.5, 0.0)),
}


def still_misses(fact, value):
    low, high = MISSES[fact][1]
    assert low <= value <= high, f"{fact}: {value:.3g}; asked for {MISSES[fact][0]}"


def filed_by_november(name, *sets):
    return np.median(np.sum(run(name, sets, WORLDS, 23)["filings"], axis=0))


def decided(name, *sets):
    series = run(name, sets, WORLDS, 23)
    answers = series["approvals"] + series["intents"] + series["returns"]
    return np.median(np.sum(answers[: month(2019, 11)], axis=0)), np.median(answers[month(2019, 11)])


def approved_share(*sets):
    series = run("history", sets, WORLDS, 36)
    answers = np.sum(series["approvals"] + series["intents"] + series["returns"], axis=0)
    return np.median(np.sum(series["approvals"], axis=0) / np.maximum(answers, 1))


def face_over_trade(*sets):
    series = run("history", sets, WORLDS, 36)
    face = in_year(series["face_value"], 2019) + in_year(series["face_value"], 2020)
    return np.median(face / (in_year(series["controlled_sales"], 2019) + in_year(series["controlled_sales"], 2020)))


def growth_of_controlled_sales(*sets):
    series = run("history", sets, WORLDS, 24)
    return np.median(in_year(series["controlled_sales"], 2019) / in_year(series["controlled_sales"], 2018))


def scarce_stock(*sets):
    return np.median(run("history", sets, WORLDS, 29)["scarce_stock"][month(2020, 5)])


@functools.lru_cache
def group_sales(group, sets):
    """Controlled sales of a group by month, in 60 worlds."""
    m = model("history", sets, worlds=60, months=24, first=0)
    number = m.supply.groups.names.index(group)
    sold = []
    for _ in range(24):
        m.step()
        sold.append(m.supply.bought["controlled"][number, m.supply.actual])
    m.close()
    return np.array(sold)


def test_1_filings_climb_after_a_signal_and_not_at_the_listing(tmp_path):
    quiet = tmp_path / "quiet.yaml"
    quiet.write_text("title: No easing statements\nquestion: q\nextends: history\nlevers: {talks.statement: []}\n")
    assert 166 <= filed_by_november("history") <= 326
    assert filed_by_november(str(quiet)) < 130


def test_2_nothing_is_decided_in_a_freeze_and_then_a_batch_is(tmp_path):
    thawed = tmp_path / "thawed.yaml"
    thawed.write_text("title: No freeze\nquestion: q\nextends: history\nlevers: {licensing.freeze: []}\n")
    before, then = decided("history")
    assert before == 0
    assert then > 80
    assert decided(str(thawed))[0] > 50


def test_3_a_good_share_is_approved_since_firms_file_what_has_a_chance():
    assert approved_share() > 0.35
    everything = approved_share("firm.steepness=0", "firm.filing_rate=1")
    assert everything < approved_share()
    still_misses("3 without", everything)


def test_4_face_value_is_several_times_trade():
    assert face_over_trade("authority.face_multiple=1") < 1
    still_misses("4 with", face_over_trade())


def test_5_controlled_sales_rise_in_the_year_of_the_ban():
    assert growth_of_controlled_sales() > 1.15
    without = growth_of_controlled_sales("vendor.stockpile=0")
    assert without < growth_of_controlled_sales() - 0.1
    still_misses("5 without", without)


def test_6_stocks_run_long_where_supply_is_controlled_alone():
    assert scarce_stock() > 12
    assert scarce_stock("vendor.horizon_network=0", "vendor.horizon_phone=0") < 4


def test_7_offshore_shipments_resume_in_weeks():
    """Memory: its sales of August 2019 against the mean month of 2018."""

    def resumed(*sets):
        sold = group_sales("memory", sets)
        return np.median(sold[month(2019, 8)] / (np.sum(sold[:12], axis=0) / 12))

    assert resumed() > 0.7
    assert resumed("law.offshore=0") < 0.35


def test_8_loss_and_foreign_gain_differ_before_and_after_the_product_rule():
    """Without the rule foreigners lose less in 2020, but they lose: phones sell less by then for want of services and of a brand."""
    with_rule, without = run("history", (), WORLDS, 36), run("no_fdpr", (), WORLDS, 36)
    lost = np.median(in_year(with_rule["foreign_chip_change"], 2020))
    assert np.median(in_year(with_rule["foreign_chip_change"], 2019)) > 0
    assert np.median(in_year(without["foreign_chip_change"], 2019)) > 0
    assert lost < 0
    assert lost < np.median(in_year(without["foreign_chip_change"], 2020)) - 0.5
    still_misses("8 without", np.median(in_year(without["foreign_chip_change"], 2020)))


def test_9_phones_break_and_networks_hold_once_the_product_rule_bites():
    def ratio(name):
        series = run(name, (), WORLDS, 48)
        index = in_year(series["revenue_consumer"], 2021) / 348.9
        return np.median(index / (in_year(series["revenue_carrier"], 2021) / 294.0))

    assert ratio("history") < 0.75
    assert ratio("no_fdpr") > 0.9


def test_10_some_supply_returns_from_home():
    """Share of the need of leading-node chips of the vendor's own design that is made at home, end of 2024."""

    def at_home(*sets):
        m = model("history", sets, worlds=60, months=84, first=0)
        groups = m.supply.groups
        chips = np.flatnonzero(groups.own_design & groups.leading_node)[0]
        for _ in range(84):
            m.step()
        m.close()
        return np.median(m.supply.domestic[chips, m.supply.actual])

    assert at_home() > 0.05
    assert at_home("domestic.programme=0") < 0.03


def test_11_research_rises_with_threat():
    def rise(*sets):
        series = run("history", sets, WORLDS, 36)["research_share"]
        return np.median(series[month(2020, 12)] - series[month(2018, 12)])

    calm = ("threat.w_arrest=0", "threat.w_listed=0", "threat.w_own=0", "threat.w_in_force=0", "threat.w_tariff=0")
    assert rise() > 0.04
    assert rise(*calm) <= 1e-3


@pytest.mark.parametrize("mechanism", ["vendor.horizon_network=0", "authority.face_multiple=1", "domestic.programme=0"])
def test_a_mechanism_can_be_switched_off_from_the_command_line(mechanism):
    without, with_it = run("history", (mechanism,), 20, 36), run("history", (), 20, 36)
    assert any(not np.array_equal(without[name], with_it[name]) for name in with_it)
