"""Pages that are made from the code's tables: printed, or written with --write; a test holds each to what makes it."""

import argparse
from collections.abc import Callable
from pathlib import Path


def print_or_write(about: str | None, page: Path, make: Callable[[], str]) -> None:
    """The command line of a module that makes a page."""
    options = argparse.ArgumentParser(description=about)
    options.add_argument("--write", action="store_true", help=f"write {page.name}")
    wanted, text = options.parse_args(), make()
    if wanted.write:
        page.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
