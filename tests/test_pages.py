"""The pages for users of Python run as they stand, and show what comes out."""

import re
from pathlib import Path

import pages
import pytest

import sim

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["api.md", "mesa.md"])
@pytest.mark.filterwarnings("ignore:.*not (installed|available)")  # of the EMA workbench's own optional parts
def test_a_page_runs_and_shows_what_comes_out(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    text = (DOCS / name).read_text(encoding="utf-8")
    assert set(pages.run(text, name)) <= {"matplotlib", "xarray", "ema_workbench"}
    assert len(list(pages.blocks(text))) > 6


def test_a_page_that_shows_something_else_is_found_out():
    for shown in ("3\n", "2\nand more\n", ""):
        with pytest.raises(AssertionError, match=r"mine.md:4 shows"):
            pages.run(f"Some words.\n\n```python\n1 + 1\n```\n```text\n{shown}```\n", "mine.md")
    assert pages.run("```python\nx = 1\nprint(x)\nx + 1\n```\n```text\n1\n2\n```\n<!-- needs nobody -->\n```python\nx.y\n```\n", "") == ["nobody"]


def test_the_page_names_everything_that_is_public():
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    table = text.split("## Everything there is")[1]
    for name in sim.__all__:
        if name != "__version__":
            assert re.search(rf"`(sim\.)?{name}\b", table), name
