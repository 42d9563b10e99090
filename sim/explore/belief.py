"""One firm in one world: where it thinks the hidden line lies, month by month, and where it lies."""

from dataclasses import dataclass

import numpy as np

from sim import network
from sim.case import Case
from sim.explore.session import Settings
from sim.months import label
from sim.notebook.one_world import OneWorld
from sim.worlds import Numbers


@dataclass(frozen=True)
class Belief:
    """(months,) each; line: NaN while there is none. filed, approved, intents: files of the month"""

    months: list[str]
    mean: Numbers
    sd: Numbers
    line: Numbers
    filed: Numbers
    approved: Numbers
    intents: Numbers


def firms(case: Case) -> list[str]:
    """In the model's order."""
    return list(dict.fromkeys(seller.firm for seller in network.sellers(network.build(case))))


def followed(asked: Settings, firm: int, world: int = 0) -> tuple[str, Belief]:
    """The firm's name and what it believed. The line is the mean over the groups in which the office draws one."""
    model = OneWorld(asked.scenario, seed=asked.seed, world=world, months=asked.months, sets=dict(asked.sets))
    docket = model.trade.licensing
    rows = []
    for _ in range(asked.months):
        model.step()
        line = docket.line[:, 0]
        drawn = line[~np.isnan(line)]
        count = [model.trade.count_by_firm(event)[firm, 0] for event in ("filed", "approved", "intended")]
        rows.append([docket.mean[firm, 0], np.sqrt(docket.variance[firm, 0]), drawn.mean() if len(drawn) else np.nan, *count])
    return model.names["firm"][firm], Belief([label(i) for i in range(asked.months)], *np.array(rows, np.float64).T)
