"""Threats with dates, and the answer to a tariff. Tariffs in percent, what was added since the start in points; (..., worlds)."""

import numpy as np

from sim.worlds import Numbers


def threat_chance(agenda: Numbers, escalation: Numbers, bind: Numbers, deal: Numbers) -> Numbers:
    """Chance that a tariff is announced; deal: 1 while one is in force."""
    return agenda * escalation * (1 - bind * deal)


def rung(luck: Numbers, low: Numbers, middle: Numbers, high: Numbers) -> Numbers:
    """One of three sizes, equally likely."""
    return np.where(luck < 1 / 3, low, np.where(luck < 2 / 3, middle, high))


def threatened(rung: Numbers, ceiling: Numbers, tariff: Numbers) -> Numbers:
    """Points announced: a share of the way to the ceiling."""
    return rung * np.maximum(ceiling - tariff, 0)


def lead(luck: Numbers, longest: Numbers) -> Numbers:
    """Months until an announced tariff's date: 0 to the longest, equally likely."""
    return np.floor(luck * (longest + 1))


def matched(step: Numbers, added: Numbers, cap: Numbers, matching: Numbers) -> Numbers:
    """Points by which the target answers: less and less as it nears what it can add."""
    room = np.maximum(cap - added, 0)
    return np.minimum(matching * step * (room / cap), room)


def point_for_point(step: Numbers, added: Numbers, cap: Numbers, matching: Numbers) -> Numbers:
    return np.minimum(step, np.maximum(cap - added, 0))


def restricted(restriction: Numbers, step: Numbers, cover: Numbers, rate: Numbers, unit: Numbers, provoked: Numbers) -> Numbers:
    """Other retaliation, 0-1, that comes as tariff cover runs out.

    cover: share of what the target can add that it has added; provoked: what a tightened export control adds
    """
    return restriction + (1 - restriction) * np.clip(rate * (step / unit) * cover + provoked, 0, 1)
