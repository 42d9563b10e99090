"""How the agencies' votes on a file become an answer."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import ndtr

from sim.worlds import Mask, Numbers, total


def yes_chance(line: Numbers, offset: Numbers, sensitivity: Numbers, noise: Numbers) -> Numbers:
    """Chance that one agency, with its own leaning and its own error, finds a file harmless enough."""
    return ndtr((line + offset - sensitivity) / noise)


def majority(votes: Sequence[Mask], chair: int) -> Mask:
    """More than half say yes; at a tie the chair decides."""
    yes = total(vote.astype(np.int8) for vote in votes)
    return np.asarray((2 * yes > len(votes)) | ((2 * yes == len(votes)) & votes[chair]))


def chair_decides(votes: Sequence[Mask], chair: int) -> Mask:
    return votes[chair]


def unanimous(votes: Sequence[Mask], chair: int) -> Mask:
    """One no is enough to deny."""
    agreed = votes[chair]
    for vote in votes:
        agreed = agreed & vote
    return agreed


VOTE_RULES: dict[str, Callable[[Sequence[Mask], int], Mask]] = {
    "majority": majority,
    "chair": chair_decides,
    "unanimous": unanimous,
}
