"""How the code keeps its promises: rules without branches, no hidden dice, no names in the model, docs that match it."""

import ast
import csv
from pathlib import Path

import pytest

from sim.books import BOOKS
from sim.case import read_case, shipped_case, shipped_cases
from sim.parameters import FOLDER

ROOT = Path(__file__).parents[1]
RULES = sorted((ROOT / "sim" / "rules").glob("*.py"))
MODEL = [*RULES, *sorted((ROOT / "sim" / "agents").glob("*.py")), *sorted((ROOT / "sim" / "exchanges").glob("*.py"))]
ALL = sorted((ROOT / "sim").rglob("*.py"))
ENGLISH = {"memory", "general", "optical", "switch", "software", "processor", "other", "none", "global", "one", "three", "orange", "ems"}


def tree(file):
    return ast.parse(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", RULES, ids=lambda f: f.stem)
def test_a_rule_has_no_branch_on_a_number(file):
    for node in ast.walk(tree(file)):
        assert not isinstance(node, ast.If | ast.IfExp | ast.BoolOp | ast.While), f"{file.name}:{node.lineno}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("max", "min", "sum", "sorted", "bool"), f"{file.name}:{node.lineno}"


@pytest.mark.parametrize("file", MODEL, ids=lambda f: f.stem)
def test_no_sum_over_rows_depends_on_how_many_worlds_there_are(file):
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("sum", "mean", "dot", "einsum", "prod", "cumsum"):
            assert not any(k.arg == "axis" for k in node.keywords), f"{file.name}:{node.lineno}"


@pytest.mark.parametrize("file", ALL, ids=lambda f: f.stem)
def test_there_is_no_luck_without_an_address(file):
    for node in ast.walk(tree(file)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", "")] if isinstance(node, ast.ImportFrom) else []
        assert not any(name and name.split(".")[0] == "random" for name in names), file.name
        if isinstance(node, ast.Attribute) and node.attr == "random":
            assert file.parent.name == "batch", f"{file.name}:{node.lineno}"


def names_of_the_case():
    cases = [read_case(shipped_case(name)) for name in shipped_cases()]
    columns = [("chipmakers", "firm"), ("vendors", "vendor"), ("governments", "name"), ("governments", "iso3"), ("carriers", "carrier"),
               ("input_groups", "group"), ("authorities", "authority")]  # fmt: skip
    names = [name for case in cases for table, column in columns for name in case[table][column]]
    return {str(name).lower() for name in names} - ENGLISH


@pytest.mark.parametrize("file", [*ALL, *sorted(FOLDER.glob("*.csv"))], ids=lambda f: f.stem)
def test_what_is_special_about_one_is_a_column_and_no_name(file):
    known = names_of_the_case()
    if file.suffix == ".csv":
        with file.open(encoding="utf-8") as lines:
            words = {part for row in csv.DictReader(lines) for part in row["path"].lower().split(".")}
    else:
        text = [n.value for n in ast.walk(tree(file)) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        words = {t.lower() for t in text} | {n.id.lower() for n in ast.walk(tree(file)) if isinstance(n, ast.Name)}
    assert not words & known


def test_the_order_of_the_month_in_the_docs_is_that_of_the_model():
    page = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    listed = [int(line.split("|")[1]) for line in page.splitlines() if line.startswith("| ") and line.split("|")[1].strip().isdigit()]
    code = (ROOT / "sim" / "model.py").read_text(encoding="utf-8")
    months = [int(line.rsplit("# ", 1)[1].split(" ")[0]) for line in code.splitlines() if "# " in line and line.rsplit("# ", 1)[1].split(" ")[0].isdigit()]
    assert sorted(months) == [step for step in listed if step != 13]


def test_the_docs_list_the_books_that_are_checked():
    page = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    assert all(f"- **{book}**: {rule}." in page for book, rule in BOOKS.items())
