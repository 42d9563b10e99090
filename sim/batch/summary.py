"""The end of a run: summary.csv and the digests, from the parts on disk.

They are computed from the numbers as stored, in the order of worlds, a few outcomes at a time: so they depend neither on how the
worlds were cut into blocks nor on how many there are, and memory stays bounded.
"""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from sim.batch.store import Stored32, part_name
from sim.case import Case
from sim.months import FIRST_YEAR
from sim.worlds import Numbers

COLUMNS = ("outcome", "unit", "year", "mean", "median", "p5", "p25", "p75", "p95", "worlds")
BUDGET = 128 * 2**20  # bytes of yearly values held at a time


class OutcomeEntry(Protocol):
    @property
    def unit(self) -> str: ...
    @property
    def yearly(self) -> str: ...
    @property
    def sentence(self) -> str: ...


@dataclass(frozen=True)
class Told:
    """What an outcome is, in the case's own words."""

    unit: str
    yearly: str
    sentence: str


def in_words(sentence: str, case: Case) -> str:
    """An outcome's sentence with the case's own words in the place of the braces."""
    table = case["words"]
    return sentence.format_map(dict(zip(table.key, table["word"], strict=True)))


def told(entry: OutcomeEntry, case: Case) -> Told:
    return Told(in_words(entry.unit, case), entry.yearly, in_words(entry.sentence, case))


def years_of(months: int) -> list[int]:
    return [FIRST_YEAR + y for y in range(-(-months // 12))]


def by_year(series: Stored32 | Numbers, how: str, length: int = 12) -> Numbers:
    """(worlds, months) -> (worlds, years): the sum, the mean or the end of each year. Months without a number are left out.

    length: of a year in months; with that of the run, all of it is one
    """
    months = series.shape[1]
    columns = []
    for first in range(0, months, length):
        year = [series[:, month].astype(np.float64) for month in range(first, min(first + length, months))]
        if how == "end":
            columns.append(year[-1])
            continue
        known = [~np.isnan(month) for month in year]
        total = sum((np.where(k, m, 0.0) for k, m in zip(known, year, strict=True)), np.zeros(len(series)))
        count = sum((k.astype(np.float64) for k in known), np.zeros(len(series)))
        with np.errstate(invalid="ignore"):
            columns.append(np.where(count > 0, total if how == "sum" else total / count, np.nan))
    return np.array(columns).T.reshape(len(series), -1)


def read_series(folder: Path, blocks: int, outcomes: Sequence[str], months: int) -> Iterator[dict[str, Stored32]]:
    """Block after block, (worlds, months) each. Memory: one block of these outcomes."""
    for block in range(blocks):
        yield read_block(folder, block, outcomes, months)


def read_block(folder: Path, block: int, outcomes: Sequence[str], months: int) -> dict[str, Stored32]:
    """Some outcomes of one block, (worlds, months) each."""
    import pyarrow.parquet as pq

    # the file's name would otherwise be taken for a partition of a data set
    with (folder / "series" / part_name(block)).open("rb") as file:
        table = pq.ParquetFile(file, page_checksum_verification=True).read(columns=list(outcomes))
    return {name: table.column(name).to_numpy().reshape(-1, months) for name in outcomes}


def summarise(
    folder: Path, blocks: int, worlds: int, months: int, outcomes: Mapping[str, OutcomeEntry], budget: int = BUDGET
) -> tuple[bytes, dict[str, str]]:
    """The text of summary.csv, and each outcome's digest: SHA-256 of its float32 values in the order of worlds, then months."""
    years = years_of(months)
    names = list(outcomes)
    group = max(1, budget // (8 * worlds * len(years)))
    rows: list[list[str]] = []
    digests: dict[str, str] = {}
    for first in range(0, len(names), group):
        some = {name: outcomes[name] for name in names[first : first + group]}
        rows += _some(folder, blocks, worlds, months, some, digests)
    return csv_text([COLUMNS, *rows]), digests


def together(runs: Sequence[tuple[str, Path]]) -> bytes:
    """The summaries of several runs one below the other, the scenario in the first column. runs: scenario and results folder"""
    rows: list[list[str]] = []
    for scenario, folder in runs:
        with (folder / "summary.csv").open(encoding="utf-8", newline="") as file:
            header, *lines = csv.reader(file)
        rows = rows or [["scenario", *header]]
        rows += [[safe_text(scenario), *line] for line in lines]
    return csv_text(rows)


def _some(
    folder: Path, blocks: int, worlds: int, months: int, outcomes: Mapping[str, OutcomeEntry], digests: dict[str, str]
) -> list[list[str]]:
    """The rows of some outcomes, and their digests put with the others. A function, so that its arrays are gone before the next."""
    years = years_of(months)
    yearly = {name: np.empty((len(years), worlds)) for name in outcomes}
    hashes = {name: hashlib.sha256() for name in outcomes}
    seen = 0
    for part in read_series(folder, blocks, list(outcomes), months):
        for name, values in part.items():
            hashes[name].update(np.ascontiguousarray(values, "<f4").tobytes())
            yearly[name][:, seen : seen + len(values)] = by_year(values, outcomes[name].yearly).T
        seen += len(values)
    digests |= {name: total.hexdigest() for name, total in hashes.items()}
    return [_row(name, entry.unit, year, yearly[name][i]) for name, entry in outcomes.items() for i, year in enumerate(years)]


def _row(name: str, unit: str, year: int, values: Numbers) -> list[str]:
    known = values[~np.isnan(values)]
    if len(known):
        p5, p25, p50, p75, p95 = np.quantile(known, (0.05, 0.25, 0.5, 0.75, 0.95))
        numbers = [number_text(v) for v in (known.mean(), p50, p5, p25, p75, p95)]
    else:
        numbers = [""] * 6
    return [safe_text(name), safe_text(unit), str(year), *numbers, str(len(known))]


def digest_of(digests: Mapping[str, str]) -> str:
    """One digest of all outcomes, in the order of their names: equal if and only if every stored number of every series is."""
    return hashlib.sha256("".join(f"{name} {digests[name]}\n" for name in sorted(digests)).encode()).hexdigest()


def number_text(value: float) -> str:
    """As many digits as float32 has, and no more."""
    return f"{value:.8g}"


def safe_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula; a number is not text and keeps its minus."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "{=")) else text


def csv_text(rows: Sequence[Sequence[Any]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()
