"""A case of one's own: copied, changed, run in the place of a scenario's, and named by whatever comes of it."""

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.__main__ import main
from sim.batch import engine
from sim.batch.audit import reproduce
from sim.batch.on_case import of_case, of_plan
from sim.batch.plan import Plan
from sim.batch.results import Results
from sim.case import read_case, shipped_case
from sim.model import simulate
from sim.months import month_of
from sim.prior import COPY
from sim.refusal import InputError
from sim.views.report.question import _beside

PAST = 102  # months: to June 2026
FACT = ["2026-03-01", "licensing.base_line", "0.4", "sensitivity 0-1", "month", "", "what if", "input after 2020", "a test", "judgement"]
LATE = ["2030-01-01", *FACT[1:]]


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copied") / "mycase"
    assert main(["case", "huawei", "--to", str(folder)]) == 0
    return folder


@pytest.fixture
def mine(copied, tmp_path, monkeypatch):
    """A copy of the case, as the command makes it, in the folder where we are."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(copied, tmp_path / "mycase"))


def table(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def save(folder, name, rows, **style):
    with (folder / f"{name}.csv").open("w", encoding=style.pop("encoding", "utf-8"), newline="") as file:
        csv.writer(file, **{"lineterminator": "\n"} | style).writerows(rows)


def cell(folder, name, line, column, value):
    rows = table(folder, name)
    rows[line - 1][rows[0].index(column)] = value
    save(folder, name, rows)


def fact(folder, *more):
    save(folder, "calendar", [*table(folder, "calendar"), *more])


def series(case=None, months=30, worlds=3, name="history"):
    plan = Plan.of(name, case=case, months=months, worlds=worlds)
    some = plan.worlds(0, worlds)
    return simulate(plan.scenario, plan.case, some, plan.values(some)).series


def differing(a, b):
    """outcome -> the first month in which any world differs."""
    months = min(len(next(iter(a.values()))), len(next(iter(b.values()))))
    apart = {name: ~((a[name][:months] == b[name][:months]) | np.isnan(a[name][:months]) & np.isnan(b[name][:months])) for name in a}
    return {name: int(np.flatnonzero(x.any(axis=1))[0]) for name, x in apart.items() if x.any()}


def begun(case, out="results", months=14, **run):
    """A results folder of which nothing is computed yet."""
    return engine.prepare(Plan.of("history", case=case, months=months, worlds=2, **run), Path(out))


def test_an_unchanged_copy_gives_the_same_numbers_and_says_what_it_is_a_copy_of(mine, call):
    words = ["run", "history", "--worlds", "2", "--months", "14", "--jobs", "1", "--quiet", "--json"]
    (shipped,), (copy,) = (json.loads(call(*words, *more)[1]) for more in ((), ("--case", "mycase")))
    assert copy["digest"] == shipped["digest"]
    assert (shipped["case"]["name"], copy["case"]["name"]) == ("huawei", "mycase")
    assert (copy["case"]["copy_of"], copy["case"]["changed"], copy["case"]["notes"]) == ("huawei", {}, [])
    assert copy["case"]["tables"] == shipped["case"]["tables"]


def test_a_changed_need_moves_what_is_bought_and_nobodys_5g(mine):
    before = series()
    cell(mine, "input_groups", 2, "need", "0.6")
    moved = differing(before, series("mycase"))
    assert {"lost_sales", "raw_material"} <= moved.keys()
    assert not {"bans", "exclusions", "vendor_share", "declarations"} & moved.keys()


def test_a_dated_fact_past_2025_acts_from_its_month_on_and_changes_nothing_before(mine):
    fact(mine, FACT)
    before, after = series(months=PAST), series("mycase", months=PAST)
    moved = differing(before, after)
    assert "approvals" in moved
    assert min(moved.values()) == month_of("2026-03")
    assert after["approvals"][month_of("2026-03") :].sum() > before["approvals"][month_of("2026-03") :].sum()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["history", "free_talks"])
def test_a_longer_run_changes_nothing_in_the_years_before(name):
    assert not differing(series(name=name, months=96), series(name=name, months=120))


def test_a_fact_beyond_the_end_of_a_run_is_said_to_change_nothing(mine, call):
    fact(mine, FACT, LATE)
    code, out, _ = call("check", "history", "--case", "mycase")
    said = " ".join(out.split())
    assert code == 0
    assert "2 dated facts (first licensing.base_line of 2026-03-01) lie after 2025-12" in said
    assert "--months 145 reaches them" in said
    assert of_plan(Plan.of("history", case="mycase", months=145)).notes == of_plan(Plan.of("history", case="mycase", months=600)).notes
    assert not any("dated fact" in note for note in of_plan(Plan.of("history", months=30)).notes)  # short on purpose


def test_the_sample_of_a_changed_case_is_said_to_be_another_cases(mine, call):
    assert not of_plan(Plan.of("history", case="mycase")).notes
    cell(mine, "input_groups", 2, "need", "0.6")
    plan = Plan.of("history", case="mycase")
    (note,) = of_plan(plan).notes
    assert f"fitted to the case huawei (tables {of_case(read_case(shipped_case('huawei'))).tables[:8]}), not to these" in note
    assert plan.scenario.prior.file.samefile(mine / COPY)
    worlds = plan.worlds(0, 50)
    drawn, shipped = plan.values(worlds), Plan.of("history").values(worlds)
    assert all((drawn[path] == shipped[path]).all() for path in shipped)  # so that the two are paired
    assert note[:60] in " ".join(call("check", "history", "--case", "mycase")[1].split())


def test_without_a_sample_numbers_are_drawn_from_whole_ranges_and_that_is_said(mine):
    (mine / COPY).unlink()
    plan, whole = Plan.of("history", case="mycase"), Plan.of("history", ["prior=none"])
    (note,) = of_plan(plan).notes
    assert "mycase has no posterior.parquet" in note
    worlds = plan.worlds(0, 20)
    drawn, ranges = plan.values(worlds), whole.values(worlds)
    assert drawn.keys() == ranges.keys()
    assert all((drawn[path] == ranges[path]).all() for path in ranges)


def test_a_sample_that_is_asked_for_by_name_is_taken(mine):
    shutil.move(mine / COPY, mine.parent / "near.parquet")
    assert Plan.of("history", ["prior=near.parquet"], case="mycase").scenario.prior.file.samefile(mine.parent / "near.parquet")


def test_a_spreadsheet_that_saves_a_table_changes_nothing(mine):
    rows = table(mine, "input_groups")
    rows[1][rows[0].index("need")] += "0"
    save(mine, "input_groups", [row[::-1] for row in rows], lineterminator="\r\n", quoting=csv.QUOTE_ALL, encoding="utf-8-sig")
    on = of_plan(Plan.of("history", case="mycase"))
    assert on.tables != of_case(read_case(shipped_case("huawei"))).tables
    assert (on.copy_of, dict(on.changed), on.notes) == ("huawei", {}, ())


def test_case_says_each_cell_and_row_that_was_changed(mine, call):
    cell(mine, "input_groups", 2, "need", "0.6")
    fact(mine, FACT)
    rows = table(mine, "chipmakers")
    save(mine, "costs", [*table(mine, "costs")[:1], *table(mine, "costs")[:1:-1]])
    code, out, _ = call("case", "mycase")
    assert code == 0
    said = " ".join(out.split())
    assert "a copy of huawei" in said
    for part in ("input_groups.csv (1 row changed)", "calendar.csv (1 row added)", "costs.csv (1 row removed)", "need), processor: 0.48 -> 0.6"):
        assert part in said
    assert f"calendar.csv:{len(table(mine, 'calendar'))}: 2026-03-01, licensing.base_line, 0.4" in said
    save(mine, "chipmakers", [rows[0], rows[2], rows[1], *rows[3:]])
    assert "chipmakers.csv (rows in another order)" in " ".join(call("case", "mycase")[1].split())


def test_a_case_that_is_nobodys_copy_is_named_alone(mine):
    save(mine, "carriers", [[*row[:1], row[1] + "x", *row[2:]] if i else row for i, row in enumerate(table(mine, "carriers"))])
    save(mine, "governments", [[*row[:1], row[1] + "x", *row[2:]] if i else row for i, row in enumerate(table(mine, "governments"))])
    save(mine, "calendar", [[*row[:6], "x", *row[7:]] if i else row for i, row in enumerate(table(mine, "calendar"))])
    on = of_case(read_case(mine))
    assert (on.name, on.copy_of, dict(on.changed)) == ("mycase", "", {})


@pytest.mark.parametrize(
    "words, said",
    [
        (["huawei", "--to", "mycase"], "mycase is there already"),
        (["huawei", "--to", "second_firm"], '"second_firm" is the name of a shipped case'),
        (["huawei", "--to", "no/such"], "there is no folder"),
        (["huwaei", "--to", "new"], 'did you mean "huawei"?'),
        (["--to", "new"], "name the case to copy before it"),
        (["nothing"], 'there is no folder "nothing"'),
    ],
)
def test_what_cannot_be_copied_is_refused_and_nothing_is_written(mine, call, words, said):
    before = sorted(mine.parent.rglob("*"))
    code, out, err = call("case", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert sorted(mine.parent.rglob("*")) == before


@pytest.mark.parametrize(
    "damage, place, said",
    [
        (lambda f: shutil.rmtree(f), "--case", 'there is no folder "mycase"'),
        (lambda f: (f / "vendors.csv").unlink(), "vendors.csv", "is missing from the case"),
        (lambda f: cell(f, "input_groups", 1, "need", "neeed"), "input_groups.csv:1", 'did you mean "need"?'),
        (lambda f: cell(f, "input_groups", 3, "need", "-1"), "input_groups.csv:3 (need)", "give a number from 1e-06 to 10000"),
        (lambda f: fact(f, [FACT[0], "licensing.base_lin", *FACT[2:]]), "calendar.csv:119 (lever)", 'did you mean "licensing.base_line"?'),
        (lambda f: fact(f, ["March 2026", *FACT[1:]]), "calendar.csv:119 (date)", "write a month as 2019-05"),
        (lambda f: fact(f, [*FACT[:2], "4", *FACT[3:]]), "calendar.csv:119 (value)", "out of range for licensing.base_line"),
        (lambda f: fact(f, [*FACT[:8], "", "judgement"]), "calendar.csv:119 (source)", "is blank"),
    ],
)
def test_a_case_that_is_out_of_order_is_refused_in_one_sentence(mine, call, damage, place, said):
    damage(mine)
    for words in (["check", "history"], ["run", "history", "--worlds", "2"], ["sweep", "history", "--vary", "firm.hurdle=0.3,0.4"]):
        code, out, err = call(*words, "--case", "mycase")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith(f"chokepoint: {place}: ")
        assert said in err
    assert not (mine.parent / "results").exists()


def test_a_scenario_file_that_names_the_case_says_the_same_as_the_option(mine, call):
    assert call("new", "on_mine", "--case", "mycase")[0] == 0
    assert "\ncase: mycase\n" in Path("on_mine.yaml").read_text(encoding="utf-8")
    file, option = Plan.of("on_mine.yaml"), Plan.of("history", case="./mycase")
    assert (file.scenario.case, file.scenario.prior) == (option.scenario.case, option.scenario.prior)
    worlds = file.worlds(0, 5)
    assert all((option.values(worlds)[path] == values).all() for path, values in file.values(worlds).items())
    Path("elsewhere").mkdir()
    code, _, err = call("new", "on_mine", "--case", "mycase", "--out", "elsewhere")
    assert (code, err.count("\n")) == (2, 1)
    assert "a scenario reads a case in its own folder" in err
    assert not list(Path("elsewhere").iterdir())


def test_diff_tells_the_tables_that_differ(mine, call):
    fact(mine, FACT)
    Path("on_mine.yaml").write_text("title: x\nextends: history\ncase: mycase\n", encoding="utf-8")
    out = call("diff", "history", "on_mine.yaml")[1]
    assert "case: huawei -> mycase" in out
    assert "calendar.csv: 1 row added" in out


def test_a_run_does_not_go_on_after_its_case_was_changed(mine):
    folder = begun("mycase")
    engine.resume(folder, Plan.of("history", case="./mycase", months=14, worlds=2))
    cell(mine, "input_groups", 2, "need", "0.6")
    with pytest.raises(InputError, match=r"input_groups\.csv of the case mycase changed since the run was begun"):
        engine.resume(folder, Plan.of("history", case="mycase", months=14, worlds=2))
    engine.resume(folder)  # with the tables as they were
    cell(folder / "case", "input_groups", 2, "need", "0.6")
    with pytest.raises(InputError, match=r"case/input_groups\.csv is not the file that the run was begun with"):
        engine.resume(folder)


def test_a_run_is_made_again_from_its_own_tables_and_not_from_changed_ones(mine, call):
    folder = begun("mycase")
    engine.finish(folder)
    shutil.rmtree(mine)
    assert reproduce(folder)[0] == ""
    cell(folder / "case", "input_groups", 2, "need", "0.6")
    code, out, err = call("reproduce", folder)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "case/input_groups.csv is not the file that the run was made from" in err


@pytest.mark.slow
def test_whatever_comes_of_a_run_names_its_case(mine, call):
    pytest.importorskip("matplotlib")
    base, carrier = begun("huawei"), table(mine, "carriers")[1][0]
    cell(mine, "input_groups", 2, "need", "0.6")
    cell(mine, "carriers", 2, "key", "renamed")
    other = begun("mycase")
    for folder in (base, other):
        engine.finish(folder)
    on = Results.open(other).on_case
    assert on.short == f"mycase (tables {on.tables[:8]})"
    told = " ".join(call("compare", base, other, "--agents", "carrier")[1].split())
    assert "history on mycase against history on huawei" in told
    assert f"differ (carriers.csv, input_groups.csv), huawei (tables {Results.open(base).on_case.tables[:8]}) and {on.short}" in told
    assert f"each carrier that only one of the two has is left out ({carrier}, renamed)" in told
    assert told.count("fitted to the case huawei") == 1
    assert " ".join(call("compare", other, other)[1].split()).count("fitted to the case huawei") == 1  # true of both, and said once
    assert call("report", other)[0] == 0
    page = (other / "report.html").read_text(encoding="utf-8")
    assert "case mycase</p>" in page
    assert f"scenario history on the case {on.short}, 2 worlds of 14 months, seed 2019; numbers {Results.open(other).manifest['digest'][:12]}" in page
    assert "fitted to the case huawei" in page
    assert "<code>input_groups.csv</code>: 1 row changed, against the case huawei" in page
    assert call("report", other, base)[0] == 0
    assert "<code>input_groups.csv</code>: 1 row changed" in (other / "report.html").read_text(encoding="utf-8")
    asks = Results.open(other)
    scenario = replace(asks.plan.scenario, compare_with="history")
    vars(asks)["plan"] = replace(asks.plan, scenario=scenario)  # as if the scenario named a base, of which a run lies beside
    assert _beside(asks) is None
    assert call("plot", other, "--outcome", "lost_sales", "--to", "x.svg")[0] == 0
    assert f"history on {on.short}" in Path("x.svg").read_text(encoding="utf-8")


def test_options_that_could_change_nothing_are_refused(mine, call):
    folder = begun("mycase")
    assert "leave this out with --resume" in call("run", "--resume", folder, "--case", "mycase")[2]
    engine.finish(folder)
    assert "--case: these runs are finished" in call("compare", folder, folder, "--case", "mycase")[2]
    assert "leave --case out" in call("validate", folder, "--case", "mycase")[2]


def test_python_runs_a_case_of_ones_own_too(mine):
    import sim

    run = sim.run("history", worlds=2, months=14, case=mine, jobs=1, quiet=True)
    assert (run.manifest["case"]["name"], run.manifest["command"][-1]) == ("mycase", "case=mycase")
    assert sim.scenario("history", case="mycase").case_folder.samefile(mine)
    with pytest.raises(InputError, match="was read on a case"):
        sim.run(sim.scenario("history"), case=mine)
