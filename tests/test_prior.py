"""Scenarios that draw from a sample of parameter sets: what comes from its rows, and what does not."""

import json
import os
import shutil
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest
from prior_files import ROWS, WORLDS, changed, values, write, write_home

from sim import prior
from sim.analysis.kept import drawn_from, write_kept
from sim.batch import engine
from sim.batch.audit import reproduce
from sim.batch.plan import Plan
from sim.batch.results import Results
from sim.batch.sample import rows_of
from sim.case import shipped_case
from sim.in_words import describe, differences
from sim.parameters import PARAMETERS
from sim.refusal import InputError
from sim.scenario import read
from sim.strict_yaml import Document
from sim.sweep import sweep_of, varied_on_command_line
from sim.uncertainty import Uniform
from sim.worlds import Worlds


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return write_home(tmp_path_factory.mktemp("home"))


def columns(home):
    return pq.read_table(home / "mine" / "posterior.parquet").to_pydict()


def test_every_world_takes_a_whole_row(home):
    drawn, sample = values(home / "base.yaml"), columns(home)
    paths = set(sample) - set(prior.BESIDE)
    assert paths <= set(drawn)
    rows = {tuple(sample[path][row] for path in sorted(paths)): row for row in range(ROWS)}
    taken = [rows[tuple(drawn[path][world] for path in sorted(paths))] for world in range(len(WORLDS))]
    assert len(set(taken)) > ROWS / 2


def test_another_world_or_parameter_moves_nobody_to_another_row(home):
    base = read(str(home / "base.yaml"))
    few, many = (rows_of(base.prior, 2019, Worlds.range(0, count).sample) for count in (5, 500))
    assert (few == many[:5]).all()
    assert (values(home / "base.yaml", ["firm.hurdle=0.3"])["firm.doubt"] == values(home / "base.yaml")["firm.doubt"]).all()
    assert set(rows_of(base.prior, 2019, Worlds.range(0, 5000).sample)) == set(range(ROWS))


def test_zero_is_a_seed_of_rows_too(home):
    sample = read(str(home / "base.yaml")).prior
    zero, one = (rows_of(sample, seed, WORLDS.sample) for seed in (0, 1))
    assert (zero != one).any()


@pytest.mark.parametrize(
    "text, path, reason",
    [
        ("uncertainties: {firm.hurdle: {low: 0.4, high: 0.41}}", "firm.hurdle", "another range in a child"),
        ("uncertainties: {firm.hurdle: range}", "firm.hurdle", "the same range, said anew in a child"),
        ("uncertainties: {joint: [governments_fit]}", "persuasion.w_threat", "numbers that are drawn together anew"),
        ("prior: {file: posterior.parquet, except: [firm.hurdle]}", "firm.hurdle", "what the prior itself leaves out"),
        ("prior: posterior.parquet\nuncertainties: {firm.hurdle: {low: 0.4, high: 0.41}}", "firm.hurdle", "another range beside the prior"),
    ],
)
def test_what_a_scenario_says_otherwise_is_drawn_on_its_own(home, text, path, reason):
    child = write(home, "child", f"extends: base.yaml\n{text}")
    drawn, plain = values(child), values(home / "base.yaml")
    whole = Plan.of(child, ["prior=none"]).values(WORLDS)
    assert (drawn[path] == whole[path]).all(), reason
    assert len(np.unique(drawn[path])) > ROWS
    assert (drawn["belief.ease"] == plain["belief.ease"]).all()
    assert len(np.unique(drawn["belief.ease"])) <= ROWS


@pytest.mark.parametrize(
    "text, sets",
    [("constants: {firm.hurdle: 0.3}", ()), ("", ("firm.hurdle=0.3",)), ("prior: posterior.parquet\nconstants: {firm.hurdle: 0.3}", ())],
)
def test_a_number_is_a_number(home, text, sets):
    drawn = values(write(home, "child", f"extends: base.yaml\n{text}"), sets)
    assert "firm.hurdle" not in drawn
    assert "firm.hurdle" in values(home / "base.yaml")


def test_what_a_program_makes_constant_is_not_taken_either(home):
    plan = Plan.of(str(home / "base.yaml"))
    free = {path: spread for path, spread in plan.scenario.uncertainties.items() if path != "firm.hurdle"}
    fixed = replace(plan, scenario=replace(plan.scenario, uncertainties=free, constants={"firm.hurdle": 0.3}))
    assert "firm.hurdle" in plan.values(WORLDS)
    assert "firm.hurdle" not in fixed.values(WORLDS)


def test_a_lever_that_is_moved_is_not_drawn(home):
    child = write(home, "child", "extends: base.yaml\nlevers: {authority.capacity: 56}")
    assert "authority.capacity" in values(home / "base.yaml")
    assert "authority.capacity" not in values(child)


def test_a_sweep_varies_what_it_varies_and_takes_rows_for_the_rest(home):
    sweep = sweep_of((varied_on_command_line("firm.hurdle=0.3:0.5:3"),), "sweep", {"replicates": (10, "sweep")})
    plan = Plan.of(str(home / "base.yaml"), sweep=sweep)
    drawn, plain = plan.values(plan.worlds(0, 30)), values(home / "base.yaml")
    assert sorted(set(drawn["firm.hurdle"])) == [0.3, 0.4, 0.5]
    for point in range(3):
        assert (drawn["belief.ease"][10 * point : 10 * point + 10] == plain["belief.ease"][:10]).all()


@pytest.mark.parametrize("text, sets", [("prior: none", ()), ("", ("prior=none",))])
def test_none_goes_back_to_whole_ranges(home, text, sets):
    child = read(write(home, "child", f"extends: base.yaml\n{text}"), sets)
    assert child.prior is None
    assert child.uncertainties == read("history", ["prior=none"]).uncertainties
    assert len(np.unique(values(home / "child.yaml", sets)["belief.ease"])) == len(WORLDS)


def test_a_child_on_another_case_does_not_take_the_sample_of_the_first(home):
    shutil.copytree(home / "mine", home / "theirs", dirs_exist_ok=True)
    theirs = read(write(home, "child", "extends: base.yaml\ncase: theirs"))
    assert theirs.prior.file.samefile(home / "theirs" / "posterior.parquet")  # its own of that name
    assert read(write(home, "child", "extends: base.yaml\ncase: mine")).prior.file.samefile(home / "mine" / "posterior.parquet")
    (home / "theirs" / "posterior.parquet").unlink()
    shutil.copy(home / "mine" / "posterior.parquet", home / "posterior.parquet")  # beside the scenario, fitted to nobody knows what
    theirs = read(write(home, "child", "extends: base.yaml\ncase: theirs"))
    assert (theirs.prior, theirs.no_sample) == (None, "posterior.parquet")
    assert read(write(home, "child", "extends: base.yaml\ncase: theirs\nprior: posterior.parquet")).prior is not None
    (home / "posterior.parquet").unlink()


def test_a_sample_may_lie_beside_the_scenario_and_is_seen_from_a_childs_folder(home):
    (home / "below").mkdir(exist_ok=True)
    shutil.copy(home / "mine" / "posterior.parquet", home / "below" / "near.parquet")
    write(home / "below", "parent", "extends: history\nprior: near.parquet")
    child = read(write(home, "child", "extends: below/parent.yaml"))
    assert child.prior.name == "below/near.parquet"
    (home / "again.yaml").write_text(child.resolved(), encoding="utf-8")
    again = read(str(home / "again.yaml"))
    assert again == child
    assert again.prior.file.samefile(home / "below" / "near.parquet")


def test_a_resolved_scenario_says_the_same(home):
    child = read(write(home, "child", "extends: base.yaml\nuncertainties: {firm.hurdle: range}\nconstants: {firm.doubt: 0.1}"))
    assert child.prior.apart == {"firm.hurdle", "firm.doubt"}
    (home / "again.yaml").write_text(child.resolved(), encoding="utf-8")
    again = read(str(home / "again.yaml"))
    assert again == child
    assert {p: v.tolist() for p, v in values(home / "again.yaml").items()} == {p: v.tolist() for p, v in values(home / "child.yaml").items()}


def test_the_fingerprint_knows_the_sample(home):
    base = Plan.of(str(home / "base.yaml")).fingerprint()
    assert Plan.of(str(home / "base.yaml"), ["prior=none"]).fingerprint() != base
    file = home / "mine" / "posterior.parquet"
    kept, state = file.read_bytes(), file.stat()
    try:
        file.write_bytes(kept[:-8].replace(b"a test", b"atests") + kept[-8:])
        os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
        assert Plan.of(str(home / "base.yaml")).fingerprint() != base
    finally:
        file.write_bytes(kept)


@pytest.mark.slow
def test_a_results_folder_carries_the_sample_and_is_enough_to_run_again(home, tmp_path):
    away = tmp_path / "away"
    shutil.copytree(home, away)
    child = write(away, "child", "extends: base.yaml\nuncertainties: {firm.hurdle: range}")
    plan = Plan.of(child, worlds=6, months=20, block=3)
    folder = engine.prepare(plan, tmp_path / "out")
    shutil.rmtree(away)
    manifest = engine.finish(folder, 1)
    assert f"case/{prior.COPY}" in manifest["files"]
    assert "prior" in (folder / "scenario.yaml").read_text(encoding="utf-8")
    drawn = Results.open(folder).worlds()
    assert (drawn["belief.ease"] == Plan.read(folder).values(Worlds.range(0, 6))["belief.ease"]).all()
    assert reproduce(folder) == ("", [])


def test_a_run_does_not_go_on_from_another_sample(home, tmp_path):
    folder = engine.prepare(Plan.of(str(home / "base.yaml"), worlds=6, months=20), tmp_path)
    engine.resume(folder)
    kept = folder / "case" / prior.COPY
    kept.write_bytes(kept.read_bytes().replace(b"a test", b"atests"))
    with pytest.raises(InputError, match=r"posterior\.parquet is not the file that the run was begun with"):
        engine.resume(folder)


def test_the_footer_is_read_without_the_library_as_with_it(home):
    file = home / "mine" / "posterior.parquet"
    with_library = json.loads(pq.read_schema(file).metadata[prior.KEY.encode()])
    assert prior.about(file, "here", "posterior.parquet") == with_library
    assert with_library["rows"] == ROWS
    assert with_library["drawn_from"] == drawn_from(Plan.of("history", ["prior=none"]))


def test_the_same_sample_is_the_same_bytes(home, tmp_path):
    plan = Plan.of("history", ["prior=none"])
    beside = {"sample": np.arange(ROWS), "implausibility": np.ones(ROWS)}
    how = {"version": "test", "targets": "the record of a test"}
    write_kept(tmp_path / "again.parquet", plan, plan.values(Worlds.range(1000, ROWS)), beside, how)
    assert (tmp_path / "again.parquet").read_bytes() == (home / "mine" / "posterior.parquet").read_bytes()


def test_a_scenario_in_words_says_what_comes_from_the_sample(home, call):
    child = write(home, "child", "extends: base.yaml\nuncertainties: {firm.hurdle: range}")
    text = describe(read(child))
    assert "takes 107 uncertain numbers together, from a row of posterior.parquet (40 rows" in text
    assert "the record of a test does not rule out" in text
    assert "Uncertain, a value for each world (1):\n  firm.hurdle" in text
    assert call("check", child)[0] == 0


def test_differences_are_told_in_a_line_each(home):
    base = read(str(home / "base.yaml"))
    child = read(write(home, "child", "extends: base.yaml\nuncertainties: {firm.hurdle: range}"))
    whole = read(str(home / "base.yaml"), ["prior=none"])
    told = differences(base, child)
    assert len(told) == 1
    assert told[0].startswith("firm.hurdle: anywhere from 0.3 to 0.5, from a row of posterior.parquet -> anywhere from 0.3 to 0.5 (")
    assert [line.split(":")[0] for line in differences(base, whole)] == ["prior"]
    assert differences(base, base) == []


def test_check_and_diff_of_a_scenario_with_a_prior_load_nothing_heavy(home):
    import subprocess
    import sys

    from test_cli import ENV

    code = (
        "import sys; from sim.__main__ import main\n"
        f"assert main(['check', {str(home / 'base.yaml')!r}]) == 0 and main(['diff', 'history', {str(home / 'base.yaml')!r}]) == 0\n"
        "assert not {'mesa', 'pandas', 'scipy', 'networkx', 'pyarrow'} & set(sys.modules), sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, env=ENV, check=False)
    assert done.returncode == 0, done.stderr


def test_none_is_said_like_any_other_choice():
    asked = prior.asked(Document("x.yaml", {"prior": "none"}, {}))
    assert asked == prior.Asked("")
    assert prior.asked(Document("x.yaml", {}, {})) is None


def test_a_range_that_has_changed_since_is_drawn_on_its_own(home):
    """A sample made from other ranges than the scenario's holds only for those that are still the same."""

    def narrower(table, says):
        says["drawn_from"]["firm.hurdle"] = "{low: 0.3, high: 0.31}"
        return table

    changed(home, "mine/older.parquet", narrower)
    child = read(write(home, "child", "extends: history\ncase: mine\nprior: older.parquet"))
    assert child.prior.apart == {"firm.hurdle"}
    assert isinstance(child.uncertainties["firm.hurdle"], Uniform)


def test_a_sample_beside_the_scenario_comes_before_one_of_the_same_name_in_the_case(home):
    (home / "own").mkdir(exist_ok=True)
    shutil.copy(home / "mine" / "posterior.parquet", home / "own" / "posterior.parquet")
    own = read(write(home / "own", "own", "extends: history\nprior: posterior.parquet"))
    assert own.prior.file.samefile(home / "own" / "posterior.parquet")
    assert read("history").prior.file.samefile(shipped_case("huawei") / "posterior.parquet")


def test_a_number_is_not_rounded_beyond_what_a_parameter_admits(tmp_path):
    plan = Plan.of("history", ["prior=none"])
    values = plan.values(Worlds.range(0, 3)) | {"firm.hurdle": np.array([1 - 1e-12, 0.0, 1e-300])}
    write_kept(tmp_path / "edge.parquet", plan, values, {"sample": np.arange(3)}, {})
    assert pq.read_table(tmp_path / "edge.parquet")["firm.hurdle"].to_pylist() == [1.0, 0.0, 0.0]
    values["lines.size_sensitivity"] = np.nextafter(np.full(3, PARAMETERS["lines.size_sensitivity"].most), 0)
    write_kept(tmp_path / "edge.parquet", plan, values, {"sample": np.arange(3)}, {})
    assert max(pq.read_table(tmp_path / "edge.parquet")["lines.size_sensitivity"].to_pylist()) <= PARAMETERS["lines.size_sensitivity"].most
