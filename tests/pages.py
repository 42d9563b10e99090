"""Runs the Python of a page of docs, block after block in one namespace, and compares what comes out with what is shown.

A ```text block right after a ```python block is what it prints, its last line's value included, as a notebook would show it; "..."
stands for anything. `<!-- needs NAME -->` before a block: it is left out where that package is not installed.
"""

import ast
import contextlib
import doctest
import importlib.util
import io
import re
from dataclasses import dataclass

_BLOCK = re.compile(r"(?:<!-- needs (?P<needs>\w+) -->\n)?^```python\n(?P<code>.*?)^```\n(?:```text\n(?P<shown>.*?)^```\n)?", re.M | re.S)


@dataclass(frozen=True)
class Block:
    line: int
    code: str
    shown: str | None
    needs: str | None


def blocks(page):
    for found in _BLOCK.finditer(page):
        yield Block(page.count("\n", 0, found.start("code")) + 1, found["code"], found["shown"], found["needs"])


def run(page, name):
    """What was left out, by package. AssertionError with the line of the first block that prints something else."""
    namespace, missing = {"__name__": "__main__"}, []
    for block in blocks(page):
        if block.needs and importlib.util.find_spec(block.needs) is None:
            missing.append(block.needs)
            continue
        printed = output(block, namespace, name)
        if block.shown is not None:
            same = doctest.OutputChecker().check_output(block.shown, printed, doctest.ELLIPSIS)
            assert same, f"{name}:{block.line} shows\n{block.shown}and prints\n{printed}"
    return missing


def output(block, namespace, name):
    tree = ast.parse("\n" * (block.line - 1) + block.code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(tree, name, "exec"), namespace)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), name, "eval"), namespace)
            if value is not None:
                print(repr(value))
    return out.getvalue()
