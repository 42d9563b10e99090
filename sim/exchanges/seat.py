"""What talks read from elsewhere, and the table as it is laid in a month."""

from dataclasses import dataclass

from sim.rules.package import Limits, Row
from sim.worlds import Numbers


@dataclass(frozen=True)
class Situation:
    """What talks read from elsewhere; (worlds,) or (pairs, worlds).

    listed: share of the month, 0-1; agenda, election, emergency, tightened: the month's dated inputs
    lost: controlled sellers' lost sales last month, USD bn a year; unmet: share of the vendor's need not met last month
    """

    month: int
    listed: Numbers
    agenda: Numbers
    election: Numbers
    emergency: Numbers
    tightened: Numbers
    lost: Numbers
    unmet: Numbers


@dataclass(frozen=True)
class Seat:
    """The table as it was laid this month; points unless said. (pairs, worlds), row: (issues, pairs, worlds)

    harm_*: what a year without a deal costs; least_*: what each must have; limits: positions of the dial
    zone: its width, share of the dial (below 0: a gap); zone_points: an upper bound to what a deal gives above both leasts
    """

    row: Row
    harm_controller: Numbers
    harm_target: Numbers
    least_controller: Numbers
    least_target: Numbers
    limits: Limits
    zone: Numbers
    zone_points: Numbers


@dataclass(frozen=True)
class Offer:
    """A side's offer on the table: the dial, and what the package of that dial is worth to each side. (pairs, worlds)"""

    dial: Numbers
    to_controller: Numbers
    to_target: Numbers
