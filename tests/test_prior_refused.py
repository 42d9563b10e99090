"""A sample that is not there, is none, is damaged or holds what no parameter admits is refused in a sentence."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from prior_files import ROWS, changed, values, write, write_home

from sim.refusal import InputError
from sim.scenario import read


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return write_home(tmp_path_factory.mktemp("home"))


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
