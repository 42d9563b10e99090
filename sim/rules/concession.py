"""How two sides come to a table and towards each other: harm, what each must have, and offers that move a little a month.

The tactics are Faratin's: an offer follows the clock and, in part, the other side's last step. Points; (..., worlds).
"""

from typing import NamedTuple

import numpy as np

from sim.worlds import Mask, Numbers


class Offers(NamedTuple):
    """How far each side has come, 0-1 of the dial from its own end, and its last step."""

    controller: Numbers
    target: Numbers
    step_controller: Numbers
    step_target: Numbers

    def since(self, opened: Mask) -> "Offers":
        """The same, where talks have just opened nothing yet."""
        return Offers(*(np.where(opened, 0, x) for x in self))


def reservation(base: Numbers, w_hawk: Numbers, hawk: Numbers, relief: Numbers) -> Numbers:
    """Least that a side can ratify at home; relief: what an election or a believed threat takes off."""
    return base + w_hawk * (hawk - 0.5) - relief


def opening_chance(agenda: Numbers, rate: Numbers, harm: Numbers) -> Numbers:
    """Chance that a month of this much harm, both sides together, brings them to the table."""
    return np.asarray(np.minimum(agenda, 1) * (1 - np.exp(-rate * harm)))


def on_the_clock(farthest: Numbers, months: Numbers, patience: Numbers, shape: Numbers) -> Numbers:
    """How far a side would have come by the clock alone; shape below 1: it holds out till late."""
    return np.asarray(farthest * np.minimum(months / patience, 1) ** (1 / shape))


def offer(last: Numbers, others_step: Numbers, farthest: Numbers, clock: Numbers, imitation: Numbers) -> Numbers:
    """A side's next offer. No offer is taken back, unless the farthest it can go has come nearer."""
    answered = np.minimum(farthest, last + others_step)
    return np.minimum(farthest, np.maximum(last, (1 - imitation) * clock + imitation * answered))


def turn(
    offers: Offers, farthest_controller: Numbers, farthest_target: Numbers, months: Numbers, patience: Numbers,
    beta_controller: Numbers, beta_target: Numbers, imitation: Numbers,
) -> Offers:  # fmt: skip
    """Both sides' next offers; each answers the other's last step."""
    clock_controller = on_the_clock(farthest_controller, months, patience, beta_controller)
    clock_target = on_the_clock(farthest_target, months, patience, beta_target)
    controller = offer(offers.controller, offers.step_target, farthest_controller, clock_controller, imitation)
    target = offer(offers.target, offers.step_controller, farthest_target, clock_target, imitation)
    return Offers(controller, target, controller - offers.controller, target - offers.target)


def break_chance(base: Numbers, hardest: Numbers, gap: Numbers) -> Numbers:
    """Chance that tempers end the talks; hardest: the more hawkish side; gap: share of the dial between the offers."""
    return base * (0.5 + hardest) * gap
