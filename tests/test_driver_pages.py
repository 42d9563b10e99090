"""docs/drivers.md and docs/robust.md: every command in them runs, and every example is what the program says."""

import re
import shlex
from pathlib import Path

import pytest

from sim.__main__ import main
from sim.analysis.robust import Regret
from sim.views.drivers import _COLUMNS

DOCS = Path(__file__).parents[1] / "docs"
SMALLER = {"run": ["--worlds", "12", "--months", "13"], "sweep": ["--points", "4", "--months", "13"]}
QUIET = ["--quiet", "--jobs", "1"]


def commands(page):
    """The words of each command of a page, in order."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.M | re.S)
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines() if line.startswith("chokepoint ")]


def folder_of(words, out):
    """The command with the folder that was made last in the place of that of the page."""
    kind = next((word.split("/")[1] for word in words if word.startswith("results/")), None)
    made = sorted((out / kind).glob("[0-9]*")) if kind is not None else []
    return [str(made[-1]) if word.startswith("results/") else word for word in words]


@pytest.mark.slow
@pytest.mark.parametrize("page", ["drivers.md", "robust.md"])
def test_every_command_of_the_page_runs(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    found = commands(page)
    assert {words[0] for words in found} >= {"run", "sensitivity" if page == "drivers.md" else "robust"}
    for words in found:
        words = folder_of(words, tmp_path / "results")
        if words[0] in SMALLER:
            words += [*SMALLER[words[0]], *QUIET]
        if "--year" in words and words[0] == "robust":
            words[words.index("--year") + 1] = "2019"
        assert main(words) == 0, (words, capsys.readouterr().err)


@pytest.mark.slow
@pytest.mark.parametrize("page", ["drivers.md", "robust.md"])
def test_the_example_of_the_page_is_what_the_program_says(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    ran, asked = commands(page)[:2]
    assert main([*ran, *QUIET]) == 0
    capsys.readouterr()
    assert main(folder_of(asked, tmp_path / "results")) == 0
    example = (DOCS / page).read_text(encoding="utf-8").split("```\n")[2]
    assert capsys.readouterr().out.split() == example.split()


def test_the_pages_name_every_column_and_criterion():
    drivers, robust = ((DOCS / page).read_text(encoding="utf-8") for page in ("drivers.md", "robust.md"))
    assert all(key in drivers for columns in _COLUMNS.values() for key in columns)
    criteria = [name for name in Regret.__dataclass_fields__ if name.endswith("regret") or name in ("regret_90", "best_in")]
    assert all(f"| {name} |" in robust for name in [*criteria, "goal_holds"])
