"""What the benchmarks compare is what they say."""

import numpy as np
import pytest

from benchmarks import larger
from benchmarks.plain_month import Month
from sim.batch.plan import Plan
from sim.case import read_case, shipped_case
from sim.model import simulate
from sim.worlds import Worlds


@pytest.mark.parametrize("times", [1, 3])
def test_a_case_of_more_agents_is_a_case_with_the_same_sums(tmp_path, times):
    one = read_case(shipped_case("huawei"))
    many = read_case(larger.write(one.folder, tmp_path / "many", times))
    for table, column in (("firm_sales_by_group", "sales"), ("carriers", "spend_weight")):
        assert np.sum(many[table][column]) == pytest.approx(np.sum(one[table][column]))
        assert len(many[table]) == times * len(one[table])
    assert len(many["governments"]) == times * (len(one["governments"]) - 2) + 2
    assert len(set(many["carriers"].key)) == len(many["carriers"])


def test_the_opponent_of_the_benchmark_computes_the_same_months():
    month, plan = Month(1), Plan.of("history")
    while month.running and month.month < 24:
        month.step()
    worlds = Worlds.range(0, 2)
    block = simulate(plan.scenario, plan.case, worlds, plan.values(worlds))
    month.close()
    for outcome in ("filings", "lost_sales", "chips_bought"):
        assert block.series[outcome][month.month, 1] == pytest.approx(month.record["figures"][outcome])
    assert len(month.datacollector.model_vars["lost_sales"]) == 25
