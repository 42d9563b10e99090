"""What `chokepoint run` prints of a run that is done: its headline outcomes by year, and whether its books balance."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from sim.batch.headlines import Headline, spread_over
from sim.batch.results import Results
from sim.tables import many, number, table, terminal_width, wrapped

OUT_OF_BALANCE = 1e-9  # relative; beyond it a book does not balance
_MEDIAN, _BAND = "  median", "  5-95 %"


@dataclass(frozen=True)
class Told:
    """What a finished run says of itself."""

    results: Results
    lines: list[Headline] = field(default_factory=list)

    @property
    def checked(self) -> bool:
        return bool(self.results.manifest.get("checked"))

    @property
    def books_balance(self) -> bool:
        """True also where nobody checked."""
        books = self.results.manifest["discrepancies"]
        return not self.checked or (bool(books) and all(out <= OUT_OF_BALANCE for out in books.values()))

    def as_json(self) -> dict[str, Any]:
        manifest = self.results.manifest
        told: dict[str, Any] = {name: manifest.get(name) for name in ("scenario", "case", "worlds", "months", "seed", "digest")}
        numbers = [{k: None if isinstance(v, float) and math.isnan(v) else v for k, v in asdict(line).items()} for line in self.lines]
        books = {"discrepancies": manifest["discrepancies"]} if self.checked else {}
        return {**told, "folder": str(self.results.folder), "headlines": numbers, **books}

    def as_text(self) -> str:
        manifest = self.results.manifest
        on = self.results.on_case
        where = f" on the case {on.short}" if on is not None else ""
        note = (
            f"{manifest['worlds']:,} worlds of {manifest['scenario']}{where}: the median, +/- its Monte Carlo error, which more worlds "
            "make smaller; and the band in which 90 % of them lie, which they do not. "
            "A year is a sum, a mean or its end: see `chokepoint outcomes`."
        )
        if left := manifest["months"] % 12:
            note += f" {self.results.years[-1]} has only its first {many(left, 'month')}."
        parts = [self._table(), wrapped(note, hang=0)] if self.lines else []
        if on is not None and not on.is_shipped:
            parts.append(wrapped(f"Case: {on}.", hang=0))
        parts += [wrapped(f"Note: {said}.", hang=0) for said in (on.notes if on is not None else ())]
        return "\n\n".join([*parts, *self._books()])

    def _table(self) -> str:
        """A column a year, as many of the years as fit; the median's error in the last alone."""
        every = list(dict.fromkeys(line.year for line in self.lines))
        width = min(terminal_width(), 80)
        for most in range(len(every), 0, -1):
            columns = [self._column(every[i], i == len(every) - 1) for i in spread_over(len(every), most)]
            sizes = [max(map(len, column)) + 2 for column in columns]
            if len(_MEDIAN) + sum(sizes) <= width:
                break
        rows = ["".join(cell.rjust(size) for cell, size in zip(row, sizes, strict=True)) for row in zip(*columns, strict=True)]
        text = [" " * len(_MEDIAN) + rows[0]]
        for i, name in enumerate(dict.fromkeys(line.outcome for line in self.lines)):
            about = self.results.manifest["outcomes"][name]
            text.append(wrapped(f"{name}, {about['unit']}: {about['sentence']}"))
            text += [_MEDIAN + rows[2 * i + 1], _BAND + rows[2 * i + 2]]
        return "\n".join(text)

    def _column(self, year: int, last: bool) -> list[str]:
        cells = [str(year)]
        for line in self.lines:
            if line.year == year:
                error = f" +/- {line.median_error:.2g}" if last and not math.isnan(line.median_error) else ""
                cells += [number(line.median) + error, f"{number(line.p5)} to {number(line.p95)}"]
        return cells

    def _books(self) -> list[str]:
        if not self.checked:
            return []
        books = self.results.manifest["discrepancies"]
        rows = [[name, f"{out:.1e}", "balances" if out <= OUT_OF_BALANCE else "OUT OF BALANCE"] for name, out in books.items()]
        return [table(["book", "largest discrepancy", ""], rows, numbers=1) if rows else "The model keeps no books."]
