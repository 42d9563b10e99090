"""Numbers drawn together: from a table of the case that holds their estimates and covariance."""

import math
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from sim.case import read_case, shipped_case
from sim.parameters import PARAMETERS
from sim.refusal import InputError
from sim.scenario import read, shipped
from sim.uncertainty import Joint

PATHS = ("firm.doubt", "firm.hurdle", "authority.noise")
ESTIMATE = (0.5, 0.4, 0.2)
COVARIANCE = ((0.0004, 0.0002, 0.0), (0.0002, 0.0009, -0.0001), (0.0, -0.0001, 0.0001))
IMPOSSIBLE = ((1, 2, 0), (2, 1, 0), (0, 0, 1))  # correlations above 1

Columns = Mapping[str, Sequence[float]]


def table(paths: Sequence[str] = PATHS, rows: Sequence[Sequence[float]] = COVARIANCE, estimate: Sequence[float] = ESTIMATE) -> Columns:
    return {path: [row[i] for row in rows] for i, path in enumerate(paths)} | {"estimate": list(estimate)}


def with_fit(tmp_path: Path, columns: Columns) -> str:
    """A scenario that draws from a table of its own case: the shipped one with these columns as governments_fit.csv."""
    case = tmp_path / "mine"
    case.mkdir()
    for file in shipped_case("huawei").glob("*.csv"):
        (case / file.name).write_bytes(file.read_bytes())
    rows = [[*(str(columns[name][i]) for name in columns), "test", "test"] for i in range(len(columns["estimate"]))]
    lines = [",".join(cells) for cells in ([*columns, "source", "confidence"], *rows)]
    (case / "governments_fit.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return drawing(tmp_path, "case: mine\nuncertainties:\n  joint: [governments_fit]")


def drawing(tmp_path: Path, text: str) -> str:
    file = tmp_path / "mine.yaml"
    file.write_text(f"extends: history\n{text}\n", encoding="utf-8")
    return str(file)


def test_joint_numbers_have_the_estimates_as_means_and_the_covariance_of_the_table():
    drawn = Joint.from_table("t.csv", table()).at(np.random.default_rng(1).random((3, 40_000)))
    assert tuple(drawn) == PATHS
    rows = np.array([drawn[path] for path in PATHS])
    assert rows.mean(axis=1) == pytest.approx(ESTIMATE, abs=1e-3)
    assert np.cov(rows) == pytest.approx(np.array(COVARIANCE), abs=2e-5)


def test_the_factor_is_a_triangle_and_times_itself_the_covariance():
    factor = np.array(Joint.from_table("t.csv", table()).factor())
    assert factor @ factor.T == pytest.approx(np.array(COVARIANCE), abs=1e-15)
    assert (np.triu(factor, 1) == 0).all()


def test_a_world_draws_the_same_jointly_alone_as_among_others():
    joint, u = Joint.from_table("t.csv", table()), np.random.default_rng(3).random((3, 20))
    together = joint.at(u)
    for world in range(20):
        assert {path: values[0] for path, values in joint.at(u[:, world : world + 1]).items()} == {
            path: values[world] for path, values in together.items()
        }


def test_joint_numbers_are_cut_off_at_what_is_admissible():
    wide = tuple(tuple(4.0 if i == j else 0.0 for j in range(3)) for i in range(3))
    for path, values in Joint.from_table("t.csv", table(rows=wide)).at(np.random.default_rng(2).random((3, 500))).items():
        assert PARAMETERS[path].least <= values.min()
        assert values.max() <= PARAMETERS[path].most


@pytest.mark.parametrize(
    "columns, says, reason",
    [
        (table(paths=("firm.doubtt", *PATHS[1:])), 'did you mean "firm.doubt"', "a path that is none"),
        (table(paths=("law.listing", *PATHS[1:])), "it is dated", "a dated lever"),
        (table(paths=("lines.per_group", *PATHS[1:])), "all worlds of a run share it", "one value for all worlds"),
        (table(paths=("authority.validity", *PATHS[1:])), "it counts", "a count"),
        ({path: [1.0] * 3 for path in PATHS}, 'no column "estimate"', "no estimates"),
        (table(rows=COVARIANCE[:2], estimate=ESTIMATE[:2]), "needs 3 rows", "a row too few"),
        (table(rows=((0.0004, 0.0009, 0), *COVARIANCE[1:])), "differs between their two rows", "not symmetric"),
        (table(rows=IMPOSSIBLE), "no covariance", "correlations above 1"),
        (table(rows=((math.nan, 0, 0), (0, 1, 0), (0, 0, 1))), "no covariance", "a blank"),
    ],
)
def test_a_table_that_is_no_covariance_of_parameters_is_refused(columns, says, reason):
    with pytest.raises(InputError, match=says) as caught:
        Joint.from_table("t.csv", columns)
    assert caught.value.where == "t.csv", reason


def test_a_scenario_draws_from_a_table_of_its_case(tmp_path):
    scenario = read(with_fit(tmp_path, table()))
    case = read_case(scenario.case_folder)
    scenario.check_against(case)
    joint = Joint.from_table("governments_fit.csv", case["governments_fit"].numbers)
    assert (joint.paths, joint.estimate, joint.covariance) == (PATHS, ESTIMATE, COVARIANCE)


@pytest.mark.parametrize(
    "columns, says",
    [
        (table(paths=("nobody.knows", *PATHS[1:])), 'governments_fit.csv: the column "nobody.knows" is no parameter'),
        (table(rows=IMPOSSIBLE), "governments_fit.csv: the rows are no covariance"),
    ],
)
def test_a_case_may_hold_a_table_that_no_scenario_may_draw_from(tmp_path, columns, says):
    file = with_fit(tmp_path, columns)
    case = read_case(tmp_path / "mine")
    with pytest.raises(InputError) as caught:
        read(file).check_against(case)
    assert caught.value.where == f"{file}:4"
    assert says in caught.value.what
    (tmp_path / "other.yaml").write_text("extends: mine.yaml\nuncertainties: {joint: []}\n", encoding="utf-8")
    read(str(tmp_path / "other.yaml")).check_against(case)


@pytest.mark.parametrize("name, says", [("nothing_fit", "has no table nothing_fit.csv"), ("vendors", 'no column "estimate"')])
def test_a_joint_whose_table_the_case_does_not_offer_is_refused_with_its_line(tmp_path, name, says):
    scenario = read(drawing(tmp_path, f"uncertainties:\n  joint: [{name}]"))
    with pytest.raises(InputError, match=says) as caught:
        scenario.check_against(read_case(scenario.case_folder))
    assert caught.value.where.endswith("mine.yaml:3")


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_fits_its_case(name):
    scenario = read(name)
    scenario.check_against(read_case(scenario.case_folder))


def test_reading_a_scenario_and_its_case_loads_nothing_heavy():
    code = (
        "import sys; from sim.scenario import read; from sim.case import read_case; s = read('no_fdpr');"
        "s.check_against(read_case(s.case_folder)); s.resolved();"
        "print({'mesa', 'pandas', 'scipy', 'networkx', 'pyarrow'} & set(sys.modules))"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "set()"
