"""Spreads: what nobody knows, as quantile functions.

A world draws one uniform for each uncertain path; the spread turns it into the value. So a design (Latin hypercube, Sobol)
is a choice of uniforms, and adding an uncertainty moves no other.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from sim.parameters import PARAMETERS, find
from sim.refusal import InputError, nearest
from sim.worlds import Numbers


@dataclass(frozen=True)
class Uniform:
    """Anywhere from low to high, all equally likely."""

    low: float
    high: float

    def at(self, u: Numbers) -> Numbers:
        """Quantiles at u, uniforms in (0, 1), any shape."""
        return self.low + u * (self.high - self.low)

    def in_words(self) -> str:
        return f"anywhere from {self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Triangular:
    """From low to high, most likely near the mode."""

    low: float
    mode: float
    high: float

    def at(self, u: Numbers) -> Numbers:
        """Quantiles at u, uniforms in (0, 1), any shape."""
        span, left, right = self.high - self.low, self.mode - self.low, self.high - self.mode
        turn = left / span if span > 0 else 0.0
        return np.where(u < turn, self.low + np.sqrt(u * span * left), self.high - np.sqrt((1 - u) * span * right))

    def in_words(self) -> str:
        return f"from {self.low:g} to {self.high:g}, most likely {self.mode:g}"


@dataclass(frozen=True)
class Normal:
    """A bell around the mean, cut off at what is admissible (least, most) and scaled up to 1 between."""

    mean: float
    sd: float
    least: float = field(default=-math.inf, repr=False)
    most: float = field(default=math.inf, repr=False)

    def at(self, u: Numbers) -> Numbers:
        """Quantiles at u, uniforms in (0, 1), any shape."""
        from scipy.special import ndtr, ndtri

        below, above = ndtr((self.least - self.mean) / self.sd), ndtr((self.most - self.mean) / self.sd)
        return np.clip(self.mean + self.sd * ndtri(below + u * (above - below)), self.least, self.most)

    def in_words(self) -> str:
        return f"around {self.mean:g}, give or take {self.sd:g}"


@dataclass(frozen=True)
class OneOf:
    """One of a list of values; chances sum to 1, and are equal where none were given."""

    values: tuple[float, ...]
    chances: tuple[float, ...] = ()

    def at(self, u: Numbers) -> Numbers:
        """Quantiles at u, uniforms in (0, 1), any shape: the first values of the list at the smallest u."""
        count = len(self.values)
        steps = np.cumsum(self.chances)[:-1] if self.chances else np.arange(1, count) / count
        return np.array(self.values, dtype=np.float64)[np.searchsorted(steps, u, side="right")]

    def in_words(self) -> str:
        if not self.chances:
            return "one of " + ", ".join(f"{v:g}" for v in self.values)
        return ", ".join(f"{v:g} (chance {c:g})" for v, c in zip(self.values, self.chances, strict=True))


Spread: TypeAlias = Uniform | Triangular | Normal | OneOf


@dataclass(frozen=True)
class Joint:
    """Several paths drawn together: the estimate plus the Cholesky factor of the covariance times independent N(0, 1).

    covariance: one row a path; least, most: what each path admits, where draws are cut off
    """

    paths: tuple[str, ...]
    estimate: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    least: tuple[float, ...]
    most: tuple[float, ...]

    @classmethod
    def from_table(cls, where: str, table: Mapping[str, Sequence[float] | Numbers]) -> "Joint":
        """The numeric columns of a table of the case: one for each path and `estimate`; a row for each path, in the same order.

        InputError (where: the table's file) if a column is no path that may be uncertain, or the rows are no covariance.
        """
        paths = tuple(name for name in table if name != "estimate")
        if "estimate" not in table:
            raise InputError(where, 'there is no column "estimate"')
        least, most = [], []
        for path in paths:
            entry = find(path)
            if entry is None:
                raise InputError(where, f'the column "{path}" is no parameter{nearest(path, PARAMETERS)}')
            if entry.kind == "dated" or entry.structural or entry.whole:
                why = "it is dated" if entry.kind == "dated" else "all worlds of a run share it" if entry.structural else "it counts"
                raise InputError(where, f'"{path}" cannot be uncertain: {why}')
            least.append(entry.least)
            most.append(entry.most)
        if any(len(table[name]) != len(paths) for name in (*paths, "estimate")):
            raise InputError(where, f"a covariance of {len(paths)} columns needs {len(paths)} rows")
        rows = tuple(tuple(float(table[path][row]) for path in paths) for row in range(len(paths)))
        joint = cls(paths, tuple(float(e) for e in table["estimate"]), rows, tuple(least), tuple(most))
        for i, path in enumerate(paths):
            for j in range(i):
                if not math.isclose(rows[i][j], rows[j][i], rel_tol=1e-6, abs_tol=1e-9):
                    raise InputError(where, f'the covariance of "{path}" and "{paths[j]}" differs between their two rows')
        try:
            joint.factor()
        except ValueError:
            raise InputError(where, "the rows are no covariance: no set of numbers varies together like that") from None
        return joint

    def factor(self) -> list[list[float]]:
        """The lower triangle L with L L' = covariance, in plain arithmetic: no BLAS, the same bits everywhere."""
        size = len(self.paths)
        lower = [[0.0] * size for _ in range(size)]
        for i in range(size):
            for j in range(i + 1):
                rest = self.covariance[i][j] - sum(lower[i][k] * lower[j][k] for k in range(j))
                if i == j:
                    if not rest > 0:
                        raise ValueError("not positive definite")
                    lower[i][i] = math.sqrt(rest)
                else:
                    lower[i][j] = rest / lower[j][j]
        return lower

    def at(self, u: Numbers) -> dict[str, Numbers]:
        """u: (paths, worlds), independent uniforms in (0, 1), in the order of `paths`; each path's value, (worlds,)."""
        from scipy.special import ndtri

        z = ndtri(u)
        drawn = {}
        for i, (path, row) in enumerate(zip(self.paths, self.factor(), strict=True)):
            value = self.estimate[i] + sum(row[j] * z[j] for j in range(i + 1))
            drawn[path] = np.clip(value, self.least[i], self.most[i])
        return drawn

    def in_words(self) -> str:
        return f"{len(self.paths)} numbers drawn together: " + ", ".join(self.paths)
