"""The chart at the end of a run: what it shows, how wide it gets, and when there is none."""

import io
import math
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from sim.__main__ import main
from sim.views.terminal_chart import ROWS, WIDEST, chart, shows

ROOT = Path(__file__).parents[1]
YEARS = list(range(2018, 2026))
BANDS = [[k, k + 1, k + 2, k + 3, k + 4.0] for k in range(8)]
RUN = ["run", "history", "--worlds", "2", "--months", "13", "--jobs", "1"]


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 200])
@pytest.mark.parametrize("months", [1, 3, 8, 50])
def test_it_fits_any_terminal_and_never_loses_the_last_year(width, months):
    years = list(range(2018, 2018 + months))
    lines = chart("lost_sales, USD bn", years, [[0, 1, 2, 3, 1e9]] * months, width).splitlines()
    assert max(map(len, lines)) <= min(width, WIDEST)
    assert str(years[-1]) in lines[-1] or lines[-1].endswith(f"'{years[-1] % 100}")
    assert ROWS + 3 <= len(lines) <= ROWS + 4


def test_the_median_rises_with_the_numbers_and_lies_in_its_band():
    rows = [line.split("│")[1] for line in chart("x", YEARS, BANDS, 78).splitlines() if "│" in line]
    columns = [[row.ljust(90)[i * 9] for row in rows] for i in range(len(YEARS))]
    heights = [column.index("━") for column in columns if "━" in column]
    assert len(heights) == len(YEARS)
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > heights[-1]
    assert all(column[column.index("━") + 1 :][:1] in (["▒"], ["░"], []) for column in columns)


def test_a_year_without_a_number_is_blank_and_nothing_known_is_nothing_drawn():
    blank = [[math.nan] * 5, [0, 1, 2, 3, 4.0]]
    rows = [line.split("│")[1] for line in chart("x", [2018, 2019], blank, 40).splitlines() if "│" in line]
    assert all(row[:8].strip() == "" for row in rows)
    assert chart("x", [2018], [[math.nan] * 5], 40) == ""


def test_numbers_below_0_are_drawn_too_and_all_zeros_are_a_line():
    assert "-4" in chart("x", [2018], [[-4, -3, -2, -1, 0.0]], 40)
    assert chart("x", [2018], [[0.0] * 5], 40).splitlines()[-3].endswith("━━━")


def test_a_terminal_of_plain_letters_gets_plain_letters():
    chart("x", YEARS, BANDS, 78, blocks=False).encode("ascii")


def on_a_terminal(words, tmp_path, **extra):
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "80", **extra}
    begun = subprocess.Popen([sys.executable, "-m", "sim", *words, "--out", str(tmp_path)], stdout=theirs, stderr=subprocess.PIPE, env=env, cwd=tmp_path)
    os.close(theirs)
    told = io.BytesIO()
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        told.write(piece)
    begun.communicate(timeout=60)
    assert begun.returncode == 0
    return told.getvalue().decode()


def test_a_run_ends_with_it_on_a_terminal(tmp_path):
    told = on_a_terminal(RUN, tmp_path, PYTHONIOENCODING="utf-8")
    assert "lost_sales, USD bn a year\r\n" in told
    assert "━" in told
    assert "\x1b[" in told


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def __init__(self, encoding="utf-8"):
        super().__init__()
        self.spoken = encoding

    @property
    def encoding(self):
        return self.spoken

    def isatty(self):
        return True


@pytest.fixture
def call(tmp_path, monkeypatch):
    """What a command writes to such a stream."""

    def called(*words, stream=None):
        monkeypatch.setenv("TERM", "xterm")
        stream = Terminal() if stream is None else stream
        monkeypatch.setattr(sys, "stdout", stream)
        assert main([*RUN, *words, "--out", str(tmp_path)]) == 0
        return stream.getvalue()

    return called


def test_no_colour_where_none_is_wanted_and_ascii_where_there_is_no_more(call, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    told = call(stream=Terminal("ascii"))
    assert "= median" in told
    assert "\x1b[" not in told


@pytest.mark.slow
def test_none_where_nobody_looks_or_quiet_is_wanted(call, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert "25-75 %" in call()
    assert "25-75 %" not in call("--quiet")
    assert "25-75 %" not in call("--json")
    assert "25-75 %" not in call(stream=io.StringIO())
    monkeypatch.setattr(os, "environ", {**os.environ, "TERM": "dumb"})
    assert not shows(Terminal())
