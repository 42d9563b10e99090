"""Be the office: ten files of one world to decide, scored against its own answers, and what follows of each, computed.

The office's answers are the journal's; its vote, and what firms learn of answers, are the model's own rules. What a player answers is
put in the office's place in the same world, with all else and all luck the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.explore.docket import DENY, FOLLOWED, GRANT, RETURN, Deal, deal
from sim.rules import belief
from sim.values import values_of

if TYPE_CHECKING:
    from sim.explore.instructed import Path

__all__ = ["DENY", "FOLLOWED", "GRANT", "RETURN", "Deal", "Debrief", "Effect", "Learned", "Progress", "deal", "debrief", "effects"]


@dataclass(frozen=True)
class Progress:
    """How far a player is. told: the last answer has been given, and what became of it is on the table"""

    answers: tuple[str, ...] = ()
    told: bool = False

    def decided(self, answer: str, files: int) -> "Progress":
        return self if self.told or len(self.answers) == files else Progress((*self.answers, answer), True)

    def turned(self) -> "Progress":
        return replace(self, told=False)

    @property
    def at(self) -> int:
        """The file on the table, from 0."""
        return len(self.answers) - self.told


@dataclass(frozen=True)
class Effect:
    """What an answer makes of the next FOLLOWED months, against a denial. USD bn

    firm: of the firm's sales to the vendor; others: of the other sellers', controlled, foreign and domestic
    """

    firm: float = 0.0
    others: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def bought(self) -> float:
        """Of all that the vendor buys."""
        return self.firm + sum(self.others)


def effects(dealt: Deal) -> tuple[dict[str, Effect], ...]:
    """Of each answer to each file, with that one answer changed and no other."""
    from sim.explore.instructed import followed

    ways = (GRANT, RETURN, DENY)
    path = followed(dealt.plan, dealt.world, [{(file.month, file.row): way} for file in dealt.files for way in ways])
    found = []
    for i, file in enumerate(dealt.files):
        columns = range(len(ways) * i, len(ways) * (i + 1))
        assert all(path.obeyed[c] for c in columns), "until its own month the world is the office's"
        sold = [_sold(path, c, file.firm_number, slice(file.month, file.month + FOLLOWED)) for c in columns]
        of_origin = 0 if file.controlled else 1
        made = {}
        for way, (firm, origins) in zip(ways, sold, strict=True):
            own, rest = firm - sold[-1][0], origins - sold[-1][1]
            rest[of_origin] -= own
            made[way] = Effect(own, (float(rest[0]), float(rest[1]), float(rest[2])))
        found.append(made)
    return tuple(found)


def _sold(path: "Path", world: int, firm: int, months: slice) -> tuple[float, np.ndarray]:
    return float(path.firms[months, firm, world].sum()), path.origins[months, :, world].sum(axis=0)


@dataclass(frozen=True)
class Learned:
    """Where a firm that knew only these answers would think the line lies, as firms in the model learn."""

    mean: float
    sd: float


def learned(dealt: Deal, answers: Sequence[str]) -> Learned:
    p = values_of(dealt.plan.case, _fixed(dealt), dealt.plan.values(dealt.plan.worlds(dealt.world, 1)), 1)
    mean, variance, noise = p.belief.mean0, p.belief.sd0**2, p.authority.noise
    for file, answer in zip(dealt.files, answers, strict=True):
        if answer != RETURN:
            lesson = belief.lesson(1.0 if answer == GRANT else -1.0, mean, variance, np.array([file.known.sensitivity]), noise)
            mean, variance = belief.updated(mean, variance, noise, *lesson)
    return Learned(float(mean[0]), float(np.sqrt(variance[0])))


def _fixed(dealt: Deal) -> dict[str, float]:
    scenario = dealt.plan.scenario
    return {path: value for path, value in {**scenario.constants, **scenario.levers}.items() if isinstance(value, float)}


@dataclass(frozen=True)
class Debrief:
    """same: answers like the office's; by_odds: how many of its answers were the likelier ones, given its line
    yours, office: what a firm would learn of either's answers
    together: the ten firms' sales and all that the vendor buys, USD bn, in a world with all ten answers, to its end, against one with ten
    denials; of yours and of the office's; met: how many of yours met their file in that world
    """

    answers: tuple[str, ...]
    same: int
    by_odds: int
    yours: Learned
    office: Learned
    together: tuple[tuple[float, float], tuple[float, float]]
    met: int


def debrief(dealt: Deal, answers: Sequence[str]) -> Debrief:
    """After the tenth file."""
    from sim.explore.instructed import followed

    files = dealt.files
    offices = tuple(file.answer for file in files)
    keys = [(file.month, file.row) for file in files]
    path = followed(dealt.plan, dealt.world, [dict(zip(keys, answers, strict=True)), {}, dict.fromkeys(keys, DENY)])
    firms = sorted({file.firm_number for file in files})

    def in_all(world: int) -> tuple[float, float]:
        sold, bought = ((x[..., world] - x[..., -1]).sum() for x in (path.firms[:, firms], path.origins))
        return float(sold), float(bought)

    return Debrief(
        answers=tuple(answers), same=sum(a == b for a, b in zip(answers, offices, strict=True)),
        by_odds=sum(file.answer == (GRANT if file.odds >= 0.5 else DENY) for file in files),
        yours=learned(dealt, answers), office=learned(dealt, offices), together=(in_all(0), in_all(1)), met=len(path.obeyed[0]),
    )  # fmt: skip
