"""What each part of a change did: alone, missing from the rest, and what they did together that none did alone."""

from dataclasses import dataclass

import numpy as np

from sim.analysis.differences import DUST, STORED, Difference, described
from sim.analysis.paired import ALL, Comparison

WHOLE, ALONE, WITHOUT, TOGETHER = "whole", "alone", "all but it", "interaction"


@dataclass(frozen=True, kw_only=True)
class Piece(Difference):
    """part: what moved, "" for the whole and for the interaction; what: whole, alone, all but it, or interaction"""

    part: str
    what: str


@dataclass(frozen=True)
class Decomposition:
    """whole: the change; alone: each part by itself; without: the change less each part, all against one base."""

    whole: Comparison
    alone: dict[str, Comparison]
    without: dict[str, Comparison]

    def pieces(self, outcome: str, year: int | str = ALL) -> list[Piece]:
        """The whole; each part alone; all but each; and the interaction, which in each world is the whole less the sum of the alones."""

        def piece(what: str, part: str, found: Comparison) -> Piece:
            row = vars(found.row(outcome, year))
            return Piece(part=part, what=what, **{name: row[name] for name in Difference.__dataclass_fields__})

        told = [piece(WHOLE, "", self.whole)]
        told += [piece(ALONE, part, found) for part, found in self.alone.items()]
        told += [piece(WITHOUT, part, found) for part, found in self.without.items()]
        terms = np.array([found.differences(outcome, year) for found in (self.whole, *self.alone.values())])
        rest = terms[0] - np.sum(terms[1:], axis=0)
        rest = np.where(np.abs(rest) <= np.maximum(DUST, STORED * np.abs(terms).max(axis=0)), 0.0, rest)
        blank = np.full((len(rest), 1), np.nan)  # it is no difference of two runs: no base, no factor
        (entry,) = described(rest[:, None], self.whole.pairing.sample, blank, blank)
        return [*told, Piece(part="", what=TOGETHER, **vars(entry))]
