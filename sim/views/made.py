"""Pages that are made from the code: shown, or written where they belong."""

import argparse
from collections.abc import Callable
from pathlib import Path


def show_or_write(file: Path, page: Callable[[], str], about: str | None) -> None:
    """`python -m sim.views.X` prints the page; with `--write` it goes to its file."""
    options = argparse.ArgumentParser(description=about)
    options.add_argument("--write", action="store_true", help=f"write {file.name}")
    writes = options.parse_args().write
    text = page()
    if writes:
        file.write_text(text, encoding="utf-8", newline="\n")
    else:
        print(text, end="")
