"""Files of targets: what they may say, and how what is wrong in them is found."""

import re
from pathlib import Path

import numpy as np
import pytest
from runs import planned

from sim.analysis.quantities import QUANTITIES
from sim.analysis.roles import as_in
from sim.analysis.targets import NEEDED, OPTIONAL, OURS, ROLES, read_targets
from sim.refusal import InputError

CASE = planned().case
PAGE = (Path(__file__).parents[1] / "docs" / "targets.md").read_text(encoding="utf-8")
HEADER = ",".join(NEEDED)
GOOD = "filings,,2019,300,10,30,fitted,official"


def file(tmp_path, text):
    path = tmp_path / "my.csv"
    path.write_text(text, encoding="utf-8")
    return path


def read(tmp_path, *rows, header=HEADER):
    return read_targets(file(tmp_path, "\n".join([header, *rows]) + "\n"), CASE)


def refusal(tmp_path, *rows, header=HEADER):
    with pytest.raises(InputError) as refused:
        read(tmp_path, *rows, header=header)
    return str(refused.value)


def test_the_example_of_the_page_is_read(tmp_path):
    example = re.search(r"^```csv\n(.*?)^```", PAGE, re.M | re.S)[1]
    targets = read_targets(file(tmp_path, example), CASE)
    assert len(targets) == 10
    assert [t.measure.event for t in targets].count(True) == 1
    assert [t.measure.level for t in targets].count(True) == 1
    assert targets[9].measure.terms[0].how == "most"


def test_the_page_names_every_column_and_every_measure():
    rows = re.findall(r"^\| ([a-z_, ]+) \|", PAGE, re.M)
    columns = {name for row in rows for name in row.split(", ")}
    assert set(NEEDED) | set(OPTIONAL) <= columns
    for name, quantity in QUANTITIES.items():
        if quantity.kind or not quantity.stored:
            kind = quantity.kind or "none"
            listed = re.search(rf"^\| {kind} \| (.*) \|$", PAGE, re.M)[1].split(", ")
            assert quantity.name + ("" if quantity.stored else "*") in listed, name


def test_our_own_targets_are_in_the_same_format():
    targets = read_targets(OURS, CASE)
    assert len(targets) > 70
    assert {t.role for t in targets} <= set(ROLES)
    assert all(t.why and t.source for t in targets)
    assert sum(t.known_miss != "" for t in targets) >= 4


def test_a_row_needs_no_name_and_no_unit(tmp_path):
    (target,) = read(tmp_path, GOOD)
    assert (target.name, target.unit, target.sd) == ("filings@2019", "files", pytest.approx(1000**0.5))
    assert target.off(310) == 10
    assert target.record_low == target.record_high == 300


def test_comments_blank_lines_and_columns_in_another_order_are_fine(tmp_path):
    path = file(tmp_path, "# mine\n\nsource,role,value,date,selector,measure,discrepancy_sd,observation_sd\n# more\nofficial,input,1,2019,,filings,0,2\n")
    assert read_targets(path, CASE)[0].observation_sd == 2


def test_a_target_applies_only_under_its_settings(tmp_path):
    header = HEADER + ",when"
    free, zero = read(tmp_path, GOOD + ",rules.talks_mode=free", "approvals" + GOOD[7:] + ",coupling.loss_to_line=0", header=header)
    plain, open_, off = planned().scenario, planned(sets=("rules.talks_mode=free",)).scenario, planned(sets=("coupling.loss_to_line=0",)).scenario
    assert [free.applies(s) for s in (plain, open_, off)] == [False, True, False]
    assert [zero.applies(s) for s in (plain, open_, off)] == [False, False, True]


def test_what_a_scenario_puts_in_is_no_test_there(tmp_path):
    tariff, level, filed = read(tmp_path, "tariff_on_target" + GOOD[7:], "government.level,DEU,2020-12,1,0.3,0.3,predicted,x", GOOD)
    plain, open_, late = planned().scenario, planned(sets=("rules.talks_mode=free",)).scenario, planned("from_2021").scenario
    assert [as_in(tariff, s).role for s in (plain, open_)] == ["input", "fitted"]
    assert [as_in(level, s).role for s in (plain, late)] == ["predicted", "reproduced by construction"]
    assert as_in(filed, late).role == "fitted"


@pytest.mark.parametrize(
    "row, said",
    [
        (GOOD.replace("filings", "filing"), ':2 (measure): there is no measure "filing"; did you mean "filings"?'),
        (GOOD.replace("filings", ""), ":2 (measure): is blank"),
        (GOOD.replace("300", "many"), ':2 (value): "many" is no number; write for example 18.7'),
        (GOOD.replace("300", "1e999"), ':2 (value): "1e999" is no number'),
        (GOOD.replace("300", ""), ":2 (value): is blank; give a number"),
        (GOOD.replace(",10,", ",-1,"), ":2 (observation_sd): -1 is below 0"),
        (GOOD.replace(",10,30,", ",0,0,"), ":2: observation_sd and discrepancy_sd are both 0"),
        (GOOD.replace("fitted", "fited"), ':2 (role): "fited" is no role; did you mean "fitted"?'),
        (GOOD.replace("official", ""), ":2 (source): is blank; say where the figure is from"),
        (GOOD + ",more", ":2: has 9 cells where the header has 8"),
        ("government.level@2020-12 >= 1,DEU,,0.5,0,0,fitted,x", ':2 (value): "0.5" is wrong; government.level@2020-12 >= 1[DEU] either holds (1) or does not (0)'),
        (GOOD + "\n" + GOOD, ':3: the target "filings@2019" stands there twice, first in line 2'),
        ('"filings', "is not well-formed CSV"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named_with_its_line(tmp_path, row, said):
    assert f"my.csv{said}" in refusal(tmp_path, row) or ("CSV" in said and said in refusal(tmp_path, row))


@pytest.mark.parametrize(
    "header, rows, said",
    [
        (HEADER.replace("role", "rôle"), [GOOD], ':1: there is no column "rôle"; did you mean "role"?'),
        (HEADER.replace(",source", ""), [GOOD], ':1: the column "source" is missing'),
        (HEADER + ",role", [GOOD + ",x"], ':1: the column "role" stands there twice'),
        (HEADER, [], ": has no targets"),
        (HEADER + ",low,high", [GOOD + ",310,320"], ":2 (low, high): the value 300 does not lie between 310 and 320"),
        (HEADER + ",when", [GOOD + ",rules.talks_mode=fre"], ':2 (when): "fre" is none of dated, free; did you mean "free"?'),
        (HEADER + ",when", [GOOD + ",free talks"], ':2 (when): "free" is no setting'),
        (HEADER + ",when", [GOOD + ",coupling.loss=0"], ':2 (when): "coupling.loss=0" is no setting of a number'),
    ],
)
def test_a_wrong_header_or_optional_cell_is_named(tmp_path, header, rows, said):
    assert f"my.csv{said}" in refusal(tmp_path, *rows, header=header)


def test_a_line_is_counted_through_quoted_line_breaks_and_comments(tmp_path):
    rows = ['filings,,2019,300,10,30,fitted,"two\nlines"', "# a comment", GOOD.replace("fitted", "x")]
    assert "my.csv:5 (role)" in refusal(tmp_path, *rows)


def test_a_file_that_is_none_is_refused(tmp_path):
    for path, said in ((tmp_path / "none.csv", "there is no such file"), (tmp_path, "is a folder; give a CSV file of targets")):
        with pytest.raises(InputError, match=said):
            read_targets(path, CASE)


def test_spreads_of_our_own_targets_are_no_wider_than_the_figures():
    for target in read_targets(OURS, CASE):
        if not target.measure.event:
            assert 0 < target.sd <= np.maximum(0.55 * abs(target.value), 2.5), target.name
