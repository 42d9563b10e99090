"""A deal is a package: what each side gives, issue by issue, chosen by turning one dial along a row of issues.

First in the row comes what costs the controller least and pleases the target most (or spares it most, where the target gives).
At 0 the target gives everything, at 1 the controller does. Issues are the first axis, worlds the last. Worths are points.
"""

from typing import NamedTuple

import numpy as np

from sim.worlds import Index, Mask, Numbers, total


class Row(NamedTuple):
    """What lies on the table, and where on the dial each issue lies. All (issues, ..., worlds).

    controller_gives: who gives; worth: to the receiver; cost: to the giver; order: numbers of the issues along the dial
    start, length: stretch of the dial; loss: what the controller loses over it; gain: what the target gains
    lost, gained: the same of all issues before it
    """

    controller_gives: Mask
    worth: Numbers
    cost: Numbers
    order: Index
    start: Numbers
    length: Numbers
    loss: Numbers
    gain: Numbers
    lost: Numbers
    gained: Numbers


class Limits(NamedTuple):
    """How far each side can go. (..., worlds)

    controller: farthest point of the dial that it can ratify, target: nearest one that it can; both as positions 0-1
    zone: whether some package suits both; concession_controller, concession_target: the longest way each can go, 0-1
    """

    controller: Numbers
    target: Numbers
    zone: Mask
    concession_controller: Numbers
    concession_target: Numbers


def worth(base: Numbers, slope: Numbers, of: Numbers, factor: Numbers, on: Numbers) -> Numbers:
    """Worth of an issue to its receiver; of: the state with which it rises; on: 1 where the issue is on the table, else 0."""
    return np.maximum(base + slope * of, 0) * factor * on


def cost(base: Numbers, slope: Numbers, of: Numbers, hawk: Numbers, floor: Numbers, factor: Numbers, on: Numbers) -> Numbers:
    """Cost of an issue to its giver. hawk: 1 for a moderate, more for a hawk; it makes dearer what costs, not what relieves."""
    dear = (base + np.maximum(slope, 0) * of) * hawk
    return np.maximum(np.maximum((dear + np.minimum(slope, 0) * of) * factor, floor), 0) * on


def row(worth: Numbers, cost: Numbers, controller_gives: Mask) -> Row:
    """Put the issues in a row, by falling ratio of what the target gains to what the controller loses."""
    gain, loss = np.where(controller_gives, worth, cost), np.where(controller_gives, cost, worth)
    ratio = np.divide(gain, loss, out=np.where(gain > 0, np.inf, 0.0), where=loss > 0)
    stakes = worth + cost
    all_stakes = total(stakes)
    length = np.divide(stakes, all_stakes, out=np.zeros_like(stakes), where=all_stakes > 0)
    order = np.argsort(-ratio, axis=0, kind="stable")
    start, lost, gained = (_before(x, order) for x in (length, loss, gain))
    return Row(np.broadcast_to(controller_gives, worth.shape), worth, cost, order, start, length, loss, gain, lost, gained)


def _before(x: Numbers, order: Index) -> Numbers:
    """For each issue the sum over those before it in the row."""
    along = np.take_along_axis(x, order, axis=0)
    sums, so_far = np.empty_like(x), np.zeros_like(x[0])
    for place, here in enumerate(along):
        sums[place] = so_far
        so_far = so_far + here
    before = np.empty_like(x)
    np.put_along_axis(before, order, sums, axis=0)
    return before


def turned(row: Row, dial: Numbers, link: Numbers) -> Numbers:
    """How far each issue is turned from target to controller, 0-1; with link 0 all turn together. (issues, ..., worlds)"""
    way = np.clip(dial - row.start, 0, row.length)
    own = np.divide(way, row.length, out=np.zeros_like(way), where=row.length > 0)
    return link * own + (1 - link) * dial


def package(row: Row, dial: Numbers, link: Numbers) -> Numbers:
    """Share of each issue that its giver gives, 0-1; nothing where nothing is at stake. (issues, ..., worlds)"""
    return offered(row, dial, dial, link)


def offered(row: Row, dial_controller: Numbers, dial_target: Numbers, link: Numbers) -> Numbers:
    """The same where each gives by a dial of its own: its last offer."""
    given = np.where(row.controller_gives, turned(row, dial_controller, link), 1 - turned(row, dial_target, link))
    return np.where(row.length > 0, np.clip(given, 0, 1), 0)


def values(row: Row, given: Numbers) -> tuple[Numbers, Numbers]:
    """What a package is worth to the controller and to the target, points."""
    received, spent = row.worth * given, row.cost * given
    to_controller = total(np.where(row.controller_gives, -spent, received))
    to_target = total(np.where(row.controller_gives, received, -spent))
    return np.asarray(to_controller), np.asarray(to_target)


def moved(row: Row, given: Numbers) -> Numbers:
    """Share of the stakes on the table that a package moves, 0-1."""
    return total(row.length * given)


def best_joint_gain(row: Row) -> Numbers:
    """Most that the two can gain together: all that is worth more than it costs."""
    return total(np.maximum(row.worth - row.cost, 0))


def limits(row: Row, link: Numbers, least_controller: Numbers, least_target: Numbers) -> Limits:
    """Farthest each side can go. Values are straight lines between the ends of the issues' stretches, so this is exact.

    least_controller, least_target: points that each must have
    """
    end = row.start + row.length
    all_loss, all_gain = total(row.loss), total(row.gain)
    best_controller = total(np.where(row.controller_gives, 0, row.worth))  # with the dial at 0
    worst_target = -total(np.where(row.controller_gives, 0, row.cost))

    def to_controller(lost: Numbers, dial: Numbers) -> Numbers:
        return best_controller - link * lost - (1 - link) * dial * all_loss

    def to_target(gained: Numbers, dial: Numbers) -> Numbers:
        return worst_target + link * gained + (1 - link) * dial * all_gain

    fits_controller = _fitting(to_controller(row.lost, row.start), to_controller(row.lost + row.loss, end), least_controller)
    fits_target = _fitting(to_target(row.gained + row.gain, end), to_target(row.gained, row.start), least_target)
    able_controller = best_controller >= least_controller
    able_target = worst_target + all_gain >= least_target
    far = np.where(able_controller, np.minimum(total(row.length * fits_controller), 1), 0)
    way = np.where(able_target, np.minimum(total(row.length * fits_target), 1), 0)
    near = 1 - way
    return Limits(far, near, able_controller & able_target & (far >= near), far, way)


def _fitting(better: Numbers, worse: Numbers, least: Numbers) -> Numbers:
    """Share of a stretch, from its better end, over which a value stays at `least` or above. 0-1"""
    drop = better - worse
    return np.divide(np.clip(better - least, 0, drop), drop, out=np.where(better >= least, 1.0, 0.0), where=drop > 0)
