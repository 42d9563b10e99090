"""The record's figures are read as they stand, and the page says what the model misses."""

import re

import numpy as np
import pytest

from sim.analysis.validation import PAGE, figures, page, watch


def test_every_figure_has_a_source_and_a_role():
    assert all(f.source and f.role in ("input", "fitted", "predicted") for f in figures())
    assert all(f.last < 36 for f in figures())  # nothing after 2020 is held against the model


def test_every_figure_is_measured_in_every_world():
    found = watch(worlds=20).found
    assert set(found) == {f.name for f in figures()}
    assert all(x.shape == (20,) and np.isfinite(x).all() for x in found.values())


def test_a_value_within_the_records_own_range_is_not_off():
    stock = next(f for f in figures() if f.record_low < f.record_high)
    assert stock.off(stock.record_low) == 0
    assert stock.off(stock.record_high + 1) == pytest.approx(1)


@pytest.mark.slow
def test_the_page_in_docs_has_the_rows_of_today():
    names = re.findall(r"^\| ([^|]+?) \|", PAGE.read_text(encoding="utf-8"), re.M)[2:]
    assert names == re.findall(r"^\| ([^|]+?) \|", page(worlds=10), re.M)[2:]


def test_at_most_three_figures_are_further_from_the_record_than_the_trial_run():
    found = int(re.search(r"draws:\n(\d+) \(", PAGE.read_text(encoding="utf-8")).group(1))
    assert found <= 3
