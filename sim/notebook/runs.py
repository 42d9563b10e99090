"""A finished run as pandas sees it."""

import html
import os
import shutil
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from sim.batch.by_point import BY_POINT
from sim.batch.parquet import opened
from sim.batch.plan import POINTS
from sim.batch.results import Results
from sim.batch.store import dates
from sim.refusal import InputError
from sim.tables import number

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sim.scenario import Scenario


class Run:
    """A finished run: what `sim.run` and `sim.open` give. Reads from its results folder what is asked for, and keeps none of it.

    Every table is a new pandas DataFrame. Units and meanings of its columns: `run.manifest["outcomes"]`, or `sim.outcomes()`.
    """

    def __init__(self, results: Results) -> None:
        self.results = results

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> "Run":
        """The run in a results folder; a SweepRun where it is a sweep. InputError where there is none, or it is not finished."""
        results = Results.open(Path(folder).expanduser())
        return (SweepRun if (results.folder / POINTS).is_file() else Run)(results)

    def lives_in(self, folder: Path) -> Self:
        """Take a temporary folder along when this object goes, and what reads from it for this object."""
        weakref.finalize(self.results, _away_with, folder, os.getpid())
        return self

    @property
    def folder(self) -> Path:
        """The results folder. Without `out`, a temporary one, which goes when this object does: copy it if you need it longer."""
        return self.results.folder

    @property
    def manifest(self) -> dict[str, Any]:
        """All about the run: scenario, seed, versions, digest, and every outcome's unit, sentence and how months make its year."""
        return self.results.manifest

    @property
    def scenario(self) -> "Scenario":
        """What was run, all inheritance and settings written out: levers, uncertainties, constants, by path, in their own units."""
        return self.results.plan.scenario

    @property
    def digest(self) -> str:
        """SHA-256 of every stored number of every series: equal if and only if all of them are."""
        return str(self.manifest["digest"])

    def series(self, outcome: str | Sequence[str] | None = None) -> "pd.DataFrame":
        """The months: a row a world and month, in that order. Columns: world, month (its first day), each outcome in its own unit.

        outcome: one, several, or (None) all that the run keeps. Numbers are float32, as stored; NaN where there is none. With all
        outcomes it takes about 30 kB a world: name those you need. InputError for an outcome that the run does not have.
        """
        import pandas as pd

        names, months = self._outcomes(outcome), self.manifest["months"]
        parts = list(self.results.parts(names))
        worlds = sum(len(part[names[0]]) for part in parts)
        when = {"world": np.repeat(np.arange(worlds), months), "month": np.tile(dates(months), worlds)}
        return pd.DataFrame(when | {name: np.concatenate([part[name] for part in parts]).reshape(-1) for name in names})

    def yearly(self, outcome: str | Sequence[str] | None = None) -> "pd.DataFrame":
        """The years: a row a world and year, in that order. Columns: world, year, each outcome in its own unit, float64.

        A year is the sum, the mean or the end of its months, as `sim.outcomes()` says of each. InputError as for `series`.
        """
        import pandas as pd

        columns = {name: self.results.yearly(name) for name in self._outcomes(outcome)}
        worlds, years = next(iter(columns.values())).shape
        when = {"world": np.repeat(np.arange(worlds), years), "year": np.tile(self.results.years, worlds)}
        return pd.DataFrame(when | {name: values.reshape(-1) for name, values in columns.items()})

    def summary(self) -> "pd.DataFrame":
        """summary.csv: a row an outcome and year, over worlds. Columns: outcome, unit, year, mean, median, p5, p25, p75, p95 (in that
        unit), worlds (that have a number)."""
        import pandas as pd

        return pd.read_csv(self.folder / "summary.csv")

    def worlds(self) -> "pd.DataFrame":
        """A row a world: its number, replicate (its luck), sample, and each parameter that varies, by path, in the unit that
        `sim.parameters()` says."""
        import pandas as pd

        return pd.DataFrame(self.results.worlds())

    def agents(self, kind: str) -> "pd.DataFrame":
        """A row a world, year and agent of a kind: firm, group, government, carrier or side. Columns: the numbers kept of that kind,
        float32, each a sum, mean or end of the year.

        Above 2,000 worlds each block's mean, p5, p50 and p95 in the place of its worlds: manifest["agents_kept"] says "statistics".
        InputError for a kind that the run does not keep, as with record="outcomes".
        """
        table: pd.DataFrame = self.results.agents(kind).to_pandas()
        return table

    def to_xarray(self, outcome: str | Sequence[str] | None = None) -> "xr.Dataset":
        """The months as an xarray Dataset: dimensions world and month, a float32 variable an outcome, with units, long_name (its
        sentence) and yearly; replicate, sample and each varied parameter as coordinates along world; provenance as its attributes.

        InputError if xarray is not installed, or for an outcome that the run does not have.
        """
        try:
            import xarray as xr
        except ImportError:
            raise InputError("to_xarray", "it needs xarray; install it with: pip install 'chokepoint[notebook]'") from None
        names, about = self._outcomes(outcome), self.manifest["outcomes"]
        keys = {"units": "unit", "long_name": "sentence", "yearly": "yearly"}
        said = {name: {theirs: about[name][ours] for theirs, ours in keys.items()} for name in names}
        series = {name: (("world", "month"), self.results.series(name), said[name]) for name in names}
        worlds = {name: ("world", values) for name, values in self.results.worlds().items()}
        return xr.Dataset(series, worlds | {"month": ("month", dates(self.manifest["months"]))}, self._provenance())

    def experiments(self, outcome: str | Sequence[str], year: int | None = None) -> "tuple[pd.DataFrame, dict[str, Any]]":
        """What analyses of a design want, the EMA workbench's above all: a table of the varied parameters, a row a world, a column a path
        in its own unit; and each outcome in a year (by default the last), (worlds,) float64, in its own unit.

        InputError for an outcome or year that the run does not have.
        """
        years = self.results.years
        if year is not None and year not in years:
            raise InputError("year", f"{year} is no year of this run; its years are {years[0]} to {years[-1]}")
        at = years.index(years[-1] if year is None else year)
        varied = self.worlds().drop(columns=["world", "replicate", "sample", "point"], errors="ignore")
        return varied, {name: self.results.yearly(name)[:, at] for name in self._outcomes(outcome)}

    def _provenance(self) -> dict[str, str | int]:
        m = self.manifest
        commit = m["git"].get("commit", "")
        source = f"Chokepoint {m['environment']['chokepoint']}" + (f", commit {commit}" if commit else "")
        said = {name: m[name] for name in ("scenario", "title", "question", "seed", "digest", "plan")}
        return {**said, "case": str(self.results.on_case or ""), "source": source, "history": f"{m['ended']}: {' '.join(m['command'])}"}

    def _outcomes(self, asked: str | Sequence[str] | None) -> list[str]:
        """InputError for none, and for one that is not there."""
        if asked is None:
            return self.results.outcomes
        names = list(dict.fromkeys([asked] if isinstance(asked, str) else asked))
        if not names:
            raise InputError("outcome", f"name one or more, such as {self.results.outcomes[0]}, or leave it out for all")
        self.results.parts(names)  # asks the run whether it has them
        return names

    def _about(self) -> str:
        m = self.manifest
        return f"{m['worlds']:,} worlds of {m['months']} months, seed {m['seed']}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.manifest['scenario']}: {self._about()}; {self.folder}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the question, and some outcomes' last year with their bands."""
        from sim.outcomes import HEADLINES

        m, said = self.manifest, html.escape
        table = self.summary()
        last = table[(table["year"] == table["year"].max()) & table["outcome"].isin(HEADLINES)]
        rows = "".join(
            f"<tr><td style='text-align:left'>{said(row.outcome)}, {said(row.unit)}</td><td>{number(float(row.median))}</td>"
            f"<td>{number(float(row.p5))} to {number(float(row.p95))}</td></tr>"
            for row in last.itertuples()
        )  # fmt: skip
        head = f"<tr><th></th><th>median {self.results.years[-1]}</th><th>5-95 %</th></tr>"
        return (
            f"<div><strong>{said(m['scenario'])}: {said(m['title'])}</strong><br>{said(m['question'])}<br>"
            f"<small>{said(self._about())}; <code>{said(str(self.folder))}</code></small>"
            + (f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>" if rows else "")
            + "</div>"
        )


class SweepRun(Run):
    """A finished sweep: what `sim.sweep` gives. A Run whose worlds are its points times its replicates, with the same luck at each point.

    `worlds()` has a column `point` besides.
    """

    def points(self) -> "pd.DataFrame":
        """A row a point: point (its number), and the value of each varied path, in its own unit."""
        return self._read(POINTS)

    def by_point(self, outcome: str | Sequence[str] | None = None) -> "pd.DataFrame":
        """A row a point, outcome and year, over the point's replicates. Columns: point, each varied path, outcome, year, mean, median,
        p5, p95 (in the outcome's unit), worlds (that have a number).

        outcome: one, several, or (None) all. InputError for one that the sweep does not have.
        """
        names = self._outcomes(outcome)
        table = self._read(BY_POINT)
        return table if outcome is None else table[table["outcome"].isin(names)].reset_index(drop=True)

    def _read(self, name: str) -> "pd.DataFrame":
        with opened(self.folder / name) as file:
            table: pd.DataFrame = file.read(use_threads=False).to_pandas(use_threads=False)
        return table


def _away_with(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # and not a forked child that ends
        shutil.rmtree(folder, ignore_errors=True)
