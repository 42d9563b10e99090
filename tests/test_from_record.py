"""Runs that start from the record: what is on record to the month, and a free future after it."""

import csv

import numpy as np
import pytest
from runs import model, month, planned

from sim.from_record import FOLDER, record_of
from sim.model import simulate
from sim.refusal import InputError
from sim.scenario import read
from sim.worlds import Worlds

START = """title: From the end of 2020
extends: history
start: {from_record: 2020-12}
rules: {talks_mode: free}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("start") / "forecast.yaml"
    path.write_text(START, encoding="utf-8")
    return str(path)


def rows(table):
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_to_the_date_levels_and_awards_are_the_records_in_every_world(file):
    m = model(file, worlds=7, months=40)
    for _ in range(36):
        m.step()
    last = {}
    for row in sorted(rows("government_decisions_to_2020"), key=lambda row: row["date"]):
        last[row["iso3"]] = float(row["level_after"])
    ours = dict(zip(m.persuasion.names, m.persuasion.level, strict=True))
    assert {iso3: level for iso3, level in last.items() if iso3 in ours and (ours[iso3] != level).any()} == {}
    ordered = {name for name, done in zip(m.case["carriers"]["carrier"], m.procurement.awarded <= 35, strict=True) if done.all()}
    assert ordered == {row["carrier"] for row in rows("carrier_5g_awards_to_2020") if row["vendors_5g_ran"] != "none"}
    listed = sum(m.procurement.chose_listed.all(axis=1))
    assert listed == sum("Huawei" in row["vendors_5g_ran"] for row in rows("carrier_5g_awards_to_2020"))
    m.close()


def test_after_it_every_world_goes_its_own_way(file):
    m = model(file, worlds=50, months=84)
    for _ in range(60):
        m.step()
    assert (m.persuasion.level.std(axis=1) > 0).any()
    assert (m.procurement.awarded.std(axis=1) > 0).any()
    assert (m.talks.added_on_target.std() > 0).any()
    m.close()


def test_tastes_are_those_that_the_record_tells_only_where_it_ends(file):
    prior, posterior = model("history", worlds=400, months=1), model(file, worlds=400, months=1)
    table = posterior.case["governments"]
    row = int(np.argmin(table["taste_sd_end2020"]))
    assert posterior.persuasion.taste[row].std() == pytest.approx(table["taste_sd_end2020"][row], rel=0.15)
    assert posterior.persuasion.taste[row].mean() == pytest.approx(table["taste_mean_end2020"][row], abs=0.1)
    assert prior.persuasion.taste[row].std() == pytest.approx(1, rel=0.15)
    for m in (prior, posterior):
        m.close()


def test_the_deal_of_the_day_is_in_force_until_its_date_and_binds_what_comes_after(file):
    m = model(file, worlds=100, months=84)
    in_force = []
    for _ in range(60):
        m.step()
        in_force.append((m.talks.deal[0] > 0).mean())
    m.close()
    assert not any(in_force[: month(2021, 1)])
    assert in_force[month(2021, 1)] > 0.9
    assert in_force[month(2021, 11)] > 0.9
    assert m.talks.restriction[0].max() >= 0.1


def test_what_the_run_lasts_changes_nothing_before_its_end(file):
    short, long = planned(file, months=42, record="outcomes"), planned(file, months=60, record="outcomes")
    worlds = Worlds.range(0, 20)
    a, b = (simulate(p.scenario, p.case, worlds, p.values(worlds)).series for p in (short, long))
    assert all(np.array_equal(a[name], b[name][:42]) for name in a)


def test_the_books_balance_in_such_a_run(file):
    plan, worlds = planned(file, record="outcomes"), Worlds.range(0, 12)
    found = simulate(plan.scenario, plan.case, worlds, plan.values(worlds), check=True).discrepancies
    assert max(found.values()) < 1e-9, found


@pytest.mark.parametrize(
    "start,said",
    [
        ("start: {from_record: 2021-01}", "write a month from 2018-01 to 2020-12"),
        ("start: {from_record: 2020-13}", "write a month from 2018-01 to 2020-12"),
        ("start: {record: 2020-12}", "it has from_record"),
        ("start: 2020-12", "`start` is"),
    ],
)
def test_a_start_that_cannot_be_is_refused_with_its_line(tmp_path, start, said):
    (tmp_path / "bad.yaml").write_text(f"title: Bad\nextends: history\n{start}\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read(str(tmp_path / "bad.yaml"))
    assert "bad.yaml:3" in str(refused.value)
    assert said in str(refused.value)


def test_a_child_may_go_back_to_january_2018(file, tmp_path):
    (tmp_path / "parent.yaml").write_text(START, encoding="utf-8")
    (tmp_path / "child.yaml").write_text("title: Child\nextends: parent.yaml\nstart: {}\n", encoding="utf-8")
    assert read(file).from_record == "2020-12"
    assert read(str(tmp_path / "child.yaml")).from_record is None
    assert "from_record" in read(file).resolved()


def test_the_record_of_other_carriers_is_refused():
    case = planned("history").case

    class Other:
        def __getitem__(self, table):
            columns = {name: case[table][name] for name in case[table]}
            if table == "carriers":
                columns["carrier"] = ["Somebody else"] * len(columns["carrier"])

            class Table(dict):
                key = case[table].key

            return Table(columns)

    with pytest.raises(InputError, match="the record is of another case"):
        record_of(Other(), "2020-12")
