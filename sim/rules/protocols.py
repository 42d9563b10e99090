"""How talks end: four protocols for the same table and the same luck, by name.

A protocol takes a Meeting and returns an Ending; the exchange lets it count only where talks are open.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.rules import tariffs
from sim.rules.concession import Offers, break_chance, turn
from sim.rules.package import Limits, Row, moved, offered, package, values
from sim.worlds import Mask, Numbers


class Meeting(NamedTuple):
    """A month at the table. Points where nothing else is said; (..., worlds).

    least_*: what each side must have; harm_*: what each month without a deal costs
    offers: of last month; opened: talks opened this month; months: of talks, those kept of the last spell counted in
    patience: months; beta_*: shapes of the concessions; imitation, least, tempers (chance of a break at the widest gap): shares
    hardest: the more hawkish side, 0-1; grid: positions of the dial that `nash` tries
    luck_break, luck_controller, luck_target: uniforms, of a break and of each side's yielding
    """

    row: Row
    link: Numbers
    least_controller: Numbers
    least_target: Numbers
    limits: Limits
    harm_controller: Numbers
    harm_target: Numbers
    offers: Offers
    opened: Mask
    months: Numbers
    patience: Numbers
    beta_controller: Numbers
    beta_target: Numbers
    imitation: Numbers
    least: Numbers
    tempers: Numbers
    hardest: Numbers
    grid: int
    luck_break: Numbers
    luck_controller: Numbers
    luck_target: Numbers


class Ending(NamedTuple):
    """What a month at the table came to.

    agreed: both sign one package, that of `dial`; settled: each signs for what it has itself offered; walked_out: neither
    given: the package where it was signed, (issues, ..., worlds)
    """

    offers: Offers
    agreed: Mask
    settled: Mask
    walked_out: Mask
    dial: Numbers
    given: Numbers


def concession(m: Meeting) -> Ending:
    """Each turns towards the other; where they meet they sign. When tempers or patience end, each gives what it has itself
    offered if both can ratify that and something moves; else someone walks out."""
    farthest = m.limits.concession_controller, m.limits.concession_target
    offers = turn(m.offers, *farthest, m.months, m.patience, m.beta_controller, m.beta_target, m.imitation)
    agreed = (offers.controller + offers.target >= 1) & m.limits.zone
    gap = 1 - offers.controller - offers.target
    over = ~agreed & ((m.luck_break < break_chance(m.tempers, m.hardest, gap)) | (m.months >= m.patience))
    middle = (offers.controller + 1 - offers.target) / 2
    last = offered(m.row, offers.controller, 1 - offers.target, m.link)
    to_controller, to_target = values(m.row, last)
    settled = over & (to_controller >= m.least_controller) & (to_target >= m.least_target) & (moved(m.row, last) >= m.least)
    given = np.where(agreed, package(m.row, middle, m.link), last)
    return Ending(offers, agreed, settled, over & ~settled, middle, given)


def nash(m: Meeting) -> Ending:
    """When talks open: the package with the largest product of what each has above its least; none, and they walk out."""
    shape = np.broadcast(m.limits.controller, m.opened).shape
    best, dial = np.full(shape, -1.0), np.zeros(shape)
    for place in range(m.grid * int(m.opened.any())):
        here = place / (m.grid - 1)
        to_controller, to_target = values(m.row, package(m.row, np.full(shape, here), m.link))
        above_controller, above_target = to_controller - m.least_controller, to_target - m.least_target
        product = np.where((above_controller >= 0) & (above_target >= 0), above_controller * above_target, -1)
        dial = np.where(product > best, here, dial)
        best = np.maximum(best, product)
    agreed = m.opened & (best >= 0)
    return Ending(m.offers, agreed, np.zeros_like(agreed), m.opened & ~agreed, dial, package(m.row, dial, m.link))


def war_of_attrition(m: Meeting) -> Ending:
    """No offers: who hurts more yields sooner, and signs at its own limit; both at once meet in the middle."""
    yields_controller = m.luck_controller < 1 - np.exp(-m.harm_controller / (12 * m.patience))
    yields_target = m.luck_target < 1 - np.exp(-m.harm_target / (12 * m.patience))
    far, near = m.limits.controller, m.limits.target
    dial = np.where(yields_controller, np.where(yields_target, (far + near) / 2, far), near)
    agreed = (yields_controller | yields_target) & m.limits.zone
    walked_out = ~agreed & (m.luck_break < break_chance(m.tempers, m.hardest, np.ones_like(far)))
    return Ending(m.offers, agreed, np.zeros_like(agreed), walked_out, dial, package(m.row, dial, m.link))


def no_talks(m: Meeting) -> Ending:
    nobody = np.zeros(np.broadcast(m.limits.controller, m.opened).shape, bool)
    return Ending(m.offers, nobody, nobody, nobody, np.zeros(nobody.shape), np.zeros(m.row.worth.shape))


class Protocol(NamedTuple):
    """meets: whether there are talks at all; end: how they end; answer: how the target answers a tariff."""

    meets: bool
    end: Callable[[Meeting], Ending]
    answer: Callable[[Numbers, Numbers, Numbers, Numbers], Numbers]


PROTOCOLS: dict[str, Protocol] = {
    "concession": Protocol(True, concession, tariffs.matched),
    "nash": Protocol(True, nash, tariffs.matched),
    "tit_for_tat": Protocol(False, no_talks, tariffs.point_for_point),
    "war_of_attrition": Protocol(True, war_of_attrition, tariffs.matched),
}
