"""The second implementation stands on its own."""

import ast
from pathlib import Path

import pytest

ALLOWED = {"sim.parameters", "sim.case", "sim.luck", "sim.worlds"}
FILES = sorted(p for p in Path(__file__).parent.glob("*.py") if not p.name.startswith("test_"))


def imported_from_sim(source: str) -> set[str]:
    """Every module of ours that a text imports, at whatever depth it does so."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names if a.name.split(".")[0] == "sim"}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] == "sim":
            found |= {f"sim.{a.name}" for a in node.names} if node.module == "sim" else {node.module}
    return found


def climbs_out(source: str) -> bool:
    """Whether it reaches another folder by a relative import, or imports by name at run time."""
    nodes = list(ast.walk(ast.parse(source)))
    relative = any(isinstance(n, ast.ImportFrom) and n.level > 1 for n in nodes)
    return relative or any(isinstance(n, ast.Name | ast.Attribute) and "import_module" in ast.dump(n) for n in nodes)


@pytest.mark.parametrize("file", FILES, ids=lambda p: p.name)
def test_the_reference_imports_nothing_of_the_product_but_parameters_case_and_luck(file):
    source = file.read_text(encoding="utf-8")
    assert imported_from_sim(source) <= ALLOWED
    assert not climbs_out(source)


def test_an_import_of_the_products_rules_would_be_seen():
    assert not imported_from_sim("from sim.rules.belief import approval_odds") <= ALLOWED
    assert not imported_from_sim("def f():\n    from sim import model") <= ALLOWED
    assert climbs_out("from ..supply import x")
    assert len(FILES) >= 5
