"""Scenarios that draw from a sample of parameter sets: what comes from its rows, what does not, and what is refused."""

import json
import os
import shutil
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

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

ROWS = 40
WORLDS = Worlds.range(0, 200)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a case, a sample in it, and `base.yaml`, which draws from the sample."""
    folder = tmp_path_factory.mktemp("home")
    shutil.copytree(shipped_case("huawei"), folder / "mine", ignore=shutil.ignore_patterns("*.parquet"))
    write(folder, "base", "extends: history\ncase: mine\nprior: posterior.parquet")
    plan = Plan.of("history", ["prior=none"])
    values = plan.values(Worlds.range(1000, ROWS))
    beside = {"sample": np.arange(ROWS), "implausibility": np.ones(ROWS)}
    write_kept(folder / "mine" / "posterior.parquet", plan, values, beside, {"version": "test", "targets": "the record of a test"})
    return folder


def write(folder, name, text):
    (folder / f"{name}.yaml").write_text(f"title: {name}\n{text}\n", encoding="utf-8")
    return str(folder / f"{name}.yaml")


def columns(home):
    return pq.read_table(home / "mine" / "posterior.parquet").to_pydict()


def values(file, sets=(), **run):
    return Plan.of(str(file), sets, **run).values(WORLDS)


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
    assert read(write(home, "child", "extends: base.yaml\ncase: theirs")).prior is None
    assert read(write(home, "child", "extends: base.yaml\ncase: mine")).prior is not None
    assert read(write(home, "child", "extends: base.yaml\ncase: theirs\nprior: posterior.parquet")).prior is not None


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


def changed(home, name, change, about=None):
    """A sample like that of home, changed: its table and what it says of itself."""
    table = pq.read_table(home / "mine" / "posterior.parquet")
    says = json.loads(table.schema.metadata[prior.KEY.encode()])
    table = change(table, says)
    metadata = {prior.KEY: json.dumps(says)} if about is None else about
    pq.write_table(table.replace_schema_metadata(metadata), home / name)


def test_a_file_that_is_not_there_is_refused_with_its_line(home):
    with pytest.raises(InputError, match='there is no file "nowhere.parquet"') as caught:
        read(write(home, "child", "extends: base.yaml\nprior: nowhere.parquet"))
    assert caught.value.where.endswith("child.yaml:3")


@pytest.mark.parametrize("written, says", [
    ("prior: ../posterior.parquet", "leads out of the scenario's folder"),
    ("prior: /etc/posterior.parquet", "absolute path"),
    ("prior: 3", "is the number 3"),
    ("prior:", "posterior.parquet, or none"),
    ("prior: {files: a.parquet}", 'did you mean "file"'),
    ("prior: {file: posterior.parquet, except: firm.hurdle}", "write a list"),
    ("prior: {file: posterior.parquet, except: [firm.hurdel]}", 'no column "firm.hurdel"; did you mean "firm.hurdle"'),
    ("prior: base.yaml", "no sample of parameter sets"),
])  # fmt: skip
def test_what_is_no_prior_is_refused_with_its_line(home, written, says):
    with pytest.raises(InputError, match=says) as caught:
        read(write(home, "child", f"extends: base.yaml\n{written}"))
    assert "child.yaml:3" in caught.value.where


def test_a_table_of_something_else_is_refused(home):
    pq.write_table(pa.table({"firm.hurdle": [0.3]}), home / "mine" / "plain.parquet")
    (home / "mine" / "short.parquet").write_bytes(b"PAR1")
    (home / "mine" / "lies.parquet").write_bytes(b"PAR1" + b"\0" * 20 + b"\xff\xff\xff\x7fPAR1")
    for name in ("plain", "short", "lies"):
        with pytest.raises(InputError, match="no sample of parameter sets"):
            read(write(home, "child", f"extends: base.yaml\nprior: {name}.parquet"))


def test_a_column_that_is_no_parameter_is_refused(home):
    def rename(table, says):
        says["drawn_from"]["firm.hurdel"] = says["drawn_from"].pop("firm.hurdle")
        return table.rename_columns(["firm.hurdel" if name == "firm.hurdle" else name for name in table.column_names])

    changed(home, "mine/odd.parquet", rename)
    with pytest.raises(InputError, match='column "firm.hurdel", which is no parameter; did you mean "firm.hurdle"'):
        read(write(home, "child", "extends: base.yaml\nprior: odd.parquet"))


def test_another_schema_is_refused(home):
    changed(home, "mine/old.parquet", lambda table, says: says.update(schema=0) or table)
    with pytest.raises(InputError, match="it is of schema 0"):
        read(write(home, "child", "extends: base.yaml\nprior: old.parquet"))


def test_numbers_that_a_parameter_does_not_admit_are_refused(home):
    def spoil(table, says):
        return table.set_column(table.column_names.index("firm.hurdle"), "firm.hurdle", pa.array([7.0] * ROWS))

    changed(home, "mine/wild.parquet", spoil)
    with pytest.raises(InputError, match='"firm.hurdle" leaves what it may be'):
        values(write(home, "child", "extends: base.yaml\nprior: wild.parquet"))


def test_a_damaged_sample_is_refused(home):
    data = bytearray((home / "mine" / "posterior.parquet").read_bytes())
    data[200:260] = bytes(60)
    (home / "mine" / "broken.parquet").write_bytes(bytes(data))
    with pytest.raises(InputError, match="the sample is damaged"):
        values(write(home, "child", "extends: base.yaml\nprior: broken.parquet"))


def test_a_sample_that_lacks_what_it_says_it_has_is_refused(home):
    changed(home, "mine/less.parquet", lambda table, says: table.drop_columns(["firm.hurdle"]))
    with pytest.raises(InputError, match='it says of itself that it has "firm.hurdle", and has no such column'):
        values(write(home, "child", "extends: base.yaml\nprior: less.parquet"))


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
