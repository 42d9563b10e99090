"""How a carrier buys a 5G network: do the restricted vendors stay, how many vendors, which, and who gets how much.

Arrays end in the world axis, or in pairs; lists of arrays have one entry a vendor. A vendor is named by its number in the case's
table; NOBODY stands where there is none.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from sim.worlds import Mask, Numbers

Places = NDArray[np.int8]

NOBODY = np.int8(31)
NOWHERE = np.int8(99)  # the place of who does not compete
SLOTS = 3
SLIVER = 1e-6  # of a carrier's orders


def award_chance(base: Numbers, w_income: Numbers, log_income: Numbers) -> Numbers:
    """Chance a month of a first award."""
    return np.asarray(expit(base + w_income * log_income))


def leaning(
    intercept: Numbers, w_has: Numbers, has: Numbers, w_users: Numbers, log_users: Numbers, response: Numbers, discount: Numbers
) -> Numbers:
    """What a carrier's own books say on dropping the restricted vendors, logit.

    has: they built a part of its 4G; discount: theirs, above the usual one
    """
    return intercept + w_has * has + w_users * log_users - response * discount


def alarm(w_threat: Numbers, belief: Numbers, w_level: Numbers, level: Numbers, w_supply: Numbers, supply: Numbers) -> Numbers:
    """What its government and the news add to that, logit; level: 0 to 3."""
    return w_threat * belief + w_level * (level / 3) + w_supply * supply


def drop_chance(leaning: Numbers, alarm: Numbers, level: Numbers) -> Numbers:
    """Chance that restricted vendors are left out; certain where the government excludes them."""
    return np.where(level >= 3, 1, expit(leaning + alarm))


def number_of_vendors(u: Numbers, chance: Numbers) -> Places:
    """One, and each of two more with the same chance."""
    return np.int8(1) + (u < 1 - (1 - chance) ** 2) + (u < chance**2)


def further_chance(intercept: Numbers, w_users: Numbers, log_users: Numbers) -> Numbers:
    """Chance of each of two vendors beside the first."""
    return np.asarray(expit(intercept + w_users * log_users))


def gumbel(u: Numbers) -> Numbers:
    """The noise of a choice: the vendor with the highest value wins as often as a logit says."""
    return np.asarray(-np.log(-np.log(u)))


def worth(taste: Numbers, w_share4g: Numbers, share4g: Numbers, w_home: Numbers, home: Numbers) -> Numbers:
    """Value of a vendor to a carrier without noise."""
    return taste + w_share4g * np.sqrt(share4g) + w_home * home


def ranks(values: Sequence[Numbers]) -> list[Places]:
    """Each vendor's place by value, 0 for the best.

    >>> ranks([np.array([1.0]), np.array([3.0]), np.array([2.0])])
    [array([2], dtype=int8), array([0], dtype=int8), array([1], dtype=int8)]
    """
    places = [np.zeros(values[0].shape, np.int8) for _ in values]
    for a in range(len(values)):
        for b in range(a):
            better = values[a] > values[b]
            places[b] += better
            places[a] += ~better
    return places


def at_place(places: Sequence[Places], place: int | Places) -> Places:
    """The vendor at a place, which no two share; vendor 0 if nobody is there."""
    found: Places = np.zeros(places[0].shape, np.int8)
    for vendor, where in enumerate(places):
        found += np.int8(vendor) * (where == place)
    return found


class Award(NamedTuple):
    """Who wins: vendors by slot, the best vendor that is not restricted, how many slots there are, and on what terms.

    kept: restricted vendors were let in; capped: they may have only part of it
    """

    winners: tuple[Places, ...]
    best_other: Places
    number: Places
    kept: Mask
    capped: Mask


def award(values: Sequence[Numbers], restricted: Sequence[bool], number: Places, kept: Mask, capped: Mask) -> Award:
    """The highest values win; where restricted vendors are let in, the best of them takes the last slot if none has won.

    values: one array a vendor, -inf where it may not bid
    """
    nowhere = np.full(kept.shape, NOWHERE)
    places = ranks(values)
    others = [np.where(x, nowhere, place) for x, place in zip(restricted, places, strict=True)]
    theirs = [np.where(x, place, nowhere) for x, place in zip(restricted, places, strict=True)]
    best_other, best_theirs = at_place(others, _least(others)), at_place(theirs, _least(theirs))
    bidders = np.zeros(kept.shape, np.int8)
    for value in values:
        bidders += np.isfinite(value)
    last = np.minimum(number, bidders) - 1
    forced = kept & (_least(theirs) > last) & (_least(theirs) < NOWHERE)
    winners = []
    for slot in range(SLOTS):
        winner = np.where(last >= slot, at_place(places, slot), NOBODY)
        winners.append(np.where(forced & (last == slot), best_theirs, winner).astype(np.int8, copy=False))
    return Award(tuple(winners), best_other, number, kept, capped)


def _least(places: Sequence[Places]) -> Places:
    least = places[0]
    for place in places[1:]:
        least = np.minimum(least, place)
    return least


class Slots(NamedTuple):
    """Shares of the winners by slot, and of the best other vendor where it comes in beside them."""

    shares: tuple[Numbers, ...]
    beside: Numbers


def slots(
    number: Places, winners: Sequence[Places], of_two: Numbers, of_three: Numbers, second_of_three: Numbers
) -> list[Numbers]:
    """Shares by slot before anything limits them; what nobody takes goes to the first. Who wins has something: no less than a sliver,
    and of three the second no more than the first and a sliver leave."""
    second_of_three = np.maximum(np.minimum(second_of_three, 1 - of_three - SLIVER), SLIVER)
    second = np.where(winners[1] == NOBODY, 0, np.where(number == 2, np.maximum(1 - of_two, SLIVER), second_of_three))
    third = np.where(winners[2] == NOBODY, 0, np.maximum(1 - of_three - second_of_three, SLIVER))
    return [1 - second - third, second, third]


def shared_out(
    shares: Sequence[Numbers], theirs: Sequence[Mask], built: Numbers, capped: Mask, cap: Numbers, late: Mask
) -> Slots:
    """What each winner of an award with restricted vendors gets once the old network and the rules have spoken.

    theirs: the winner is restricted; built: share of the 4G that they built, below which they do not go; cap: most they may have
    where capped; late: exclusion came before delivery
    """
    part, rest = np.zeros_like(shares[0]), np.zeros_like(shares[0])
    for share, x in zip(shares, theirs, strict=True):
        part, rest = part + np.where(x, share, 0), rest + np.where(x, 0, share)
    wanted = np.maximum(part, built)
    allowed = np.where(late, 0, np.where(capped, np.minimum(wanted, cap), wanted))
    to_them = _ratio(allowed, part)
    to_others = _ratio(1 - allowed, rest)
    return Slots(
        tuple(share * np.where(x, to_them, to_others) for share, x in zip(shares, theirs, strict=True)),
        np.where(rest > 0, 0, 1 - allowed),
    )


def _ratio(part: Numbers, whole: Numbers) -> Numbers:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def left_after(month: Numbers, phase_out: Numbers) -> Numbers:
    """Share of what stood before exclusion that may still stand so many months later."""
    return np.maximum(1 - month / phase_out, 0)


def swapped(month: Numbers, phase_out: Numbers) -> Numbers:
    """What a month of phasing out leaves of last month's restricted part; nothing at the deadline."""
    return _ratio(left_after(month, phase_out), left_after(month - 1, phase_out))


def grown(theirs: Numbers, stays: Numbers) -> Numbers:
    """Factor on the others' part when of the restricted vendors' part only this share stays; 1 where there are no others."""
    return np.divide(1 - theirs * stays, 1 - theirs, out=np.ones_like(theirs), where=theirs < 1)
