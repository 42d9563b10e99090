"""Scores against hand computations, targets held against worlds, and `chokepoint validate` as a whole."""

import csv
import io
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from runs import planned

from sim.analysis import scoring
from sim.analysis.dates import first_reached
from sim.analysis.dates import scores as date_scores
from sim.analysis.held import DATED_ONLY, Held, against, dated_only, scores_of, unchanged
from sim.analysis.measured import measured
from sim.analysis.measures import parse
from sim.analysis.targets import OURS, read_targets
from sim.analysis.validation import PAGE, PICTURES, figures
from sim.batch import engine
from sim.batch.plan import Plan
from sim.cli import chokepoint
from sim.from_record import record_of
from sim.parameters import find
from sim.refusal import InputError
from sim.validating import COLUMNS, validated

PLAN = planned("history", (), 36, "outcomes")
ANY = read_targets(OURS, PLAN.case)[0]


def held(values, value=5.0, sd=1.0, role="predicted", text="filings@2019", low=None, high=None):
    target = replace(
        ANY, name=f"{text} {value} {role}", measure=parse(text, PLAN.case), value=value, observation_sd=sd,
        discrepancy_sd=0.0, role=role, record_low=value if low is None else low, record_high=value if high is None else high, known_miss="",
    )  # fmt: skip
    return Held(target, np.asarray(values, np.float64))


# scores


@pytest.mark.parametrize("size", [1, 2, 7, 50])
def test_crps_is_that_of_the_double_sum(size):
    x, seen = np.random.default_rng(size).normal(size=size), 0.3
    brute = np.mean(np.abs(x - seen)) - sum(abs(a - b) for a in x for b in x) / (2 * size**2)
    assert scoring.crps(x, seen) == pytest.approx(brute, abs=1e-14)


def test_crps_is_the_area_between_the_two_distributions():
    x, seen = np.array([1.0, 2.0, 6.0]), 3.0
    # F steps to 1/3, 2/3, 1 at 1, 2, 6; the record's to 1 at 3
    assert scoring.crps(x, seen) == pytest.approx((1 / 3) ** 2 * 1 + (2 / 3) ** 2 * 1 + (2 / 3 - 1) ** 2 * 3)


def test_brier_and_rps_by_hand():
    assert scoring.brier(0.7, 1) == pytest.approx(0.09)
    assert scoring.brier(np.array([0.7, 0.2]), np.array([1, 0])) == pytest.approx((0.09 + 0.04) / 2)
    assert scoring.rps(np.array([0.8, 0.5, 0.1]), 2) == pytest.approx(0.04 + 0.25 + 0.01)


def test_a_perfect_forecast_scores_0():
    assert scoring.crps(np.full(9, 4.0), 4.0) == 0
    assert scoring.brier(1.0, 1) == scoring.rps(np.array([1.0, 1, 0]), 2) == 0
    assert scoring.of_dates(np.full(9, 17.0), 17, 36) == scoring.of_dates(np.full(9, 36.0), 36, 36) == 0


def test_a_score_of_dates_by_hand():
    assert scoring.of_dates(np.array([1.0, 3.0]), 1, 4) == pytest.approx(0.25 * 2)  # half too late in months 1 and 2
    assert scoring.of_dates(np.array([4.0]), 0, 4) == 4  # never, and it was at once


def test_skill_is_1_when_perfect_and_0_at_par():
    assert scoring.skill(0, 2) == 1
    assert scoring.skill(2, 2) == 0
    assert scoring.skill(4, 2) == -1
    assert np.isnan(scoring.skill(0, 0))


def test_coverage_counts_and_its_interval_is_clopper_and_pearsons():
    found = scoring.coverage([True] * 5 + [False] * 5, 0.5)
    assert (found.inside, found.of) == (5, 10)
    assert (found.low, found.high) == (pytest.approx(0.1871, abs=1e-4), pytest.approx(0.8129, abs=1e-4))
    assert scoring.coverage([False] * 4, 0.9).low == 0
    assert np.isnan(scoring.coverage([], 0.9).low)


# a target beside its worlds


def test_the_record_lies_in_the_bands_in_which_it_lies():
    worlds = np.arange(101.0)
    assert [held(worlds, v).inside(50) for v in (24, 25, 50, 75, 76)] == [False, True, True, True, False]
    assert [held(worlds, v).inside(90) for v in (4, 5, 95, 96)] == [False, True, True, False]
    assert held(worlds, 97, low=94, high=98).inside(90)


def test_coverage_of_a_calibrated_ensemble_is_nominal():
    luck = np.random.default_rng(1)
    hs = [held(luck.normal(size=400), luck.normal()) for _ in range(400)]
    (line,) = scores_of(hs, "predicted")
    assert line.half.low < 0.5 < line.half.high
    assert line.most.low < 0.9 < line.most.high
    narrow = [held(0.3 * h.values, h.target.value) for h in hs]
    assert scores_of(narrow, "predicted")[0].most.high < 0.9


def test_z_is_over_all_spread_there_is():
    worlds = np.array([1.0, 3.0])
    assert held(worlds, 7, sd=0.0).z == pytest.approx(5.0)
    assert held(worlds, 7, sd=3**0.5).z == pytest.approx(2.5)


def test_events_are_scored_by_brier_and_levels_by_rps():
    event = held([1.0, 1, 1, 0], 1.0, text="government.level[DEU]@2020-12 >= 1")
    level = held([0.0, 1, 2, 3], 1.0, text="government.level[DEU]@2020-12")
    assert (event.kind, event.score, event.middle) == ("Brier", pytest.approx(0.0625), 0.75)
    assert (level.kind, level.score) == ("RPS", pytest.approx(0.25**2 + 0.5**2 + 0.25**2))


def test_worlds_without_a_number_are_left_out():
    assert held([np.nan, 5.0, 5.0]).score == 0
    assert held([np.nan, 5.0, 5.0]).as_row()["worlds"] == 2
    nobody = held([np.nan, np.nan])
    assert np.isnan(nobody.score)
    assert not nobody.inside(90)
    assert scores_of([nobody], "predicted") == []


def test_scores_of_a_role_are_in_each_figures_own_spread():
    hs = [held([4.0], 5.0, sd=2.0), held([300.0], 500.0, sd=100.0), held([0.0], 9.0, role="input")]
    (line,) = scores_of(hs, "predicted")
    assert line.targets == 2
    assert line.score == pytest.approx((1 / 2 + 200 / 100) / 2)


# rivals


def test_no_change_says_that_every_month_is_as_the_first():
    texts = ("controlled_sales@2018-01", "controlled_sales@2019", "government.level@2020-12 >= 1", "government.level@2018-01 >= 1", "filings@2019")
    month, year, late, early, filed = unchanged(PLAN, [held([0.0], text=t).target for t in texts], worlds=5)
    np.testing.assert_allclose(year, 12 * month)
    np.testing.assert_array_equal(late, early)
    assert (filed == 0).all()
    assert month.all()


def test_nobody_responds_under_dated_rules_only():
    assert all(find(setting.split("=")[0]) is not None for setting in DATED_ONLY)
    plan, texts = dated_only(PLAN), ("threat@2020", "threat_belief@2018-01", "threat_belief@2020-12", "scarce_stock@2020-05", "filings@2019")
    which = plan.worlds(0, 5)
    threat, early, late, stock, filed = measured(plan.scenario, plan.case, which, plan.values(which), [parse(t, plan.case) for t in texts])
    np.testing.assert_allclose(threat, 0.05)
    np.testing.assert_allclose(late, early)
    own = measured(PLAN.scenario, PLAN.case, which, PLAN.values(which), [parse("scarce_stock@2020-05", plan.case)])
    assert (stock < own).all()
    assert filed.all()


def test_dates_that_are_those_of_the_record_score_0():
    levels = np.maximum.accumulate(record_of(PLAN.case, "2020-12").levels, axis=0)
    perfect = SimpleNamespace(levels=list(levels[:, :, None]), start=np.zeros(levels.shape[1]))
    found = date_scores(PLAN.case, [perfect], np.ones(levels.shape[1], bool))
    assert [d.model for d in found] == [0, 0, 0]
    assert all(d.base_rate > 0 and d.no_change > 0 for d in found)
    assert found[0].reached == np.sum(first_reached(levels, 1) < 36)


# the command

MINE = """measure,selector,date,value,observation_sd,discrepancy_sd,role,source
filings,,2019,300,10,30,fitted,official
government.level@2020 >= 2,,,1,1,0.5,predicted,mine
firm.sales_to_vendor,Micron,2021,1.5,0.1,0.2,predicted,mine
group.stock_months,memory,2020-05,3,0.1,0.1,predicted,mine
tariff_on_target,,2019-09,21,0.1,2,predicted,mine
government.level[DEU]@2020-12 >= 2,,,0,0,0,predicted,mine
"""


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "my.csv").write_text(MINE, encoding="utf-8")
    return tmp_path / "my.csv"


def said(*arguments):
    return CliRunner().invoke(chokepoint, ["validate", *map(str, arguments)], catch_exceptions=True)


def test_my_targets_against_a_scenario(mine):
    result = said("history", "--targets", mine, "--worlds", 20, "--json")
    told = json.loads(result.stdout)
    assert [t["target"] for t in told["targets"]][2:4] == ["firm.sales_to_vendor[Micron]@2021", "group.stock_months[memory]@2020-05"]
    assert [t["role"] for t in told["targets"]] == ["fitted", "predicted", "predicted", "predicted", "input", "predicted"]
    assert told["targets"][0]["worlds"] == told["worlds"] == 20
    assert told["levels"] == {}
    assert told["left_out"] == []


@pytest.mark.slow
def test_a_finished_run_says_the_same_as_its_scenario_and_names_what_it_lacks(mine, tmp_path):
    plan = Plan.of("history", worlds=20, months=48, block=16)
    folder = engine.prepare(plan, tmp_path, ["test"])
    engine.finish(folder)
    kept, fresh = validated(str(folder), mine, None, None, ()), validated("history", mine, 20, None, ())
    assert [name for name, why in kept.left_out if why.startswith("a run keeps groups by year, each year's end")] == [fresh.held[3].target.name]
    ours = {h.target.name: h for h in fresh.held}
    for h in kept.held:
        np.testing.assert_allclose(h.values, ours[h.target.name].values, rtol=2e-6)
    with pytest.raises(InputError, match="--worlds"):
        validated(str(folder), mine, 20, None, ())


def test_the_table_and_the_misses_are_told(mine):
    text = said("history", "--targets", mine, "--worlds", 20).stdout
    assert "filings@2019, files" in text
    assert "Misses:" in text
    assert "government.level@2020 >= 2: outside the band" in text
    assert "group.stock_months[memory]@2020-05: outside the band, implausible" in text
    rows = list(csv.DictReader(io.StringIO(said("history", "--targets", mine, "--worlds", 20, "--csv").stdout)))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 6


def test_a_case_without_our_agents_asks_for_targets_of_its_own(tmp_path):
    shutil.copytree(PLAN.case.folder, tmp_path / "mine")
    groups, *tables = [tmp_path / "mine" / f"{name}.csv" for name in ("input_groups", "firm_sales_by_group", "components")]
    for table in (groups, *tables):
        table.write_text(table.read_text(encoding="utf-8").replace("fpga", "gate_arrays"), encoding="utf-8")
    (tmp_path / "own.yaml").write_text("title: mine\nquestion: What then?\ncase: ./mine\n", encoding="utf-8")
    with pytest.raises(InputError, match=r'another case than mine \(the case has no group "fpga".*\); give a file of your own'):
        validated(str(tmp_path / "own.yaml"), None, 3, None, ())


def test_rivals_are_paired_with_the_model():
    targets = [held([0.0], text="enterprise_fill@2019", value=1.0).target]
    which = PLAN.worlds(0, 6)
    plan = replace(PLAN, scenario=replace(PLAN.scenario, run=replace(PLAN.scenario.run, worlds=6, block=4)))
    values = measured(plan.scenario, plan.case, which, plan.values(which), targets)
    (found,) = against(plan, targets, values)
    assert found.dated.shape == found.unchanged.shape == (6,)


def test_a_wrong_file_is_one_sentence_and_nothing_runs(tmp_path):
    path, where = tmp_path / "my.csv", "my.csv:2 (measure)"
    path.write_text(MINE.replace("filings", "fillings"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "sim", "validate", "--targets", str(path)], capture_output=True, text=True, check=False, timeout=60
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert where in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_validate_needs_no_matplotlib(mine):
    code = (
        "import sys; sys.modules['matplotlib'] = None; from sim.__main__ import main; "
        f"sys.argv = ['chokepoint', 'validate', '--targets', {str(mine)!r}, '--worlds', '3']; sys.exit(main())"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60).returncode == 0


# the page


def test_the_page_says_which_figures_were_inputs_and_shows_every_picture():
    text = PAGE.read_text(encoding="utf-8")
    inputs = text.split("Inputs, and so no evidence at all: ")[1].split(".\n")[0].split("; ")
    assert inputs == [t.name for t in figures() if t.role == "input"]
    for name in PICTURES:
        assert f"(validation/{name}.svg)" in text
        assert (PAGE.parent / "validation" / f"{name}.svg").is_file()
        assert "<dc:date>" not in (PAGE.parent / "validation" / f"{name}.svg").read_text(encoding="utf-8")


@pytest.mark.slow
def test_pictures_of_the_same_numbers_are_the_same_bytes(tmp_path):
    pytest.importorskip("matplotlib")
    from sim.analysis.validation import find
    from sim.views.record_plots import draw

    found = find(10)
    one, other = (draw(found, tmp_path / name) for name in ("one", "other"))
    assert [a.read_bytes() for a in one] == [b.read_bytes() for b in other]
    assert len(one) == len(PICTURES)
