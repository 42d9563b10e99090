"""What governments and carriers had before them each month to the end of 2020, with the levels of the record."""

from dataclasses import dataclass

import numpy as np

from sim import network
from sim.batch.plan import Plan
from sim.calendar import Calendar, Now
from sim.exchanges.persuasion import Columns, Persuasion
from sim.from_record import ENDS, record_of
from sim.luck import Luck
from sim.months import month_of
from sim.values import values_of
from sim.worlds import Numbers, Worlds


@dataclass(frozen=True)
class OnRecord:
    """(months, governments) unless said; the parameters that were not fitted stand at their defaults.

    belief, supply (months,): what a decision of the month reads; peers: mean level of those one looks to, as of last month
    level: the highest reached so far, one row more: the first is that before January 2018
    """

    columns: Columns
    belief: Numbers
    supply: Numbers
    peers: Numbers
    level: Numbers

    @classmethod
    def of(cls, plan: Plan, fill: Numbers) -> "OnRecord":
        """fill: share of carriers' demand that the vendor had built last month, (months,)"""
        case, months = plan.case, month_of(ENDS) + 1
        p = values_of(case, {}, {}, 1)
        calendar = Calendar(case, plan.scenario, months)
        now, graph = Now(calendar, p, 1), network.shared(case, network.Weights.of(p))
        luck = Luck(plan.scenario.run.seed, Worlds.range(0, 1))
        persuasion = Persuasion(case, luck, p, 1, graph, calendar, record=record_of(case, ENDS))
        belief, supply, peers, level = [], [], [], [persuasion.columns.level]
        for month in range(months):
            peers.append(persuasion.peers[:, 0].copy())
            now.turn()
            persuasion.advance(now, now.bargain, fill[month : month + 1])
            belief.append(persuasion.belief[:, 0].copy())
            supply.append(float(persuasion.supply[0]))
            level.append(np.maximum(level[-1], persuasion.level[:, 0]))
        return cls(persuasion.columns, np.array(belief), np.array(supply), np.array(peers), np.array(level))
