"""The core of the month alone: licensing, supply and the ledger, with talks, governments and carriers left out.

What it is for: to see what the rest of the month costs on top. The left-out exchanges are built, once a block, and never move; tariffs and
concessions come from the calendar as they do when talks are dated.
"""

import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np

from sim.batch.plan import Plan
from sim.exchanges.persuasion import Persuasion
from sim.exchanges.procurement import Procurement
from sim.model import TradeModel
from sim.outcomes import OUTCOMES

LEFT_OUT = {"talks", "persuasion", "procurement"}


def outcomes() -> tuple[str, ...]:
    """Those that nothing left out is asked for."""
    return tuple(name for name, o in OUTCOMES.items() if not LEFT_OUT & set(o.formula.__code__.co_names))


def plan_of(plan: Plan) -> Plan:
    """The same run, recording the outcomes of the core."""
    run = dataclasses.replace(plan.scenario.run, record="analysed", analysed=outcomes())
    return Plan(dataclasses.replace(plan.scenario, run=run), plan.case)


@contextmanager
def alone() -> Iterator[None]:
    """While this is open, a month has no steps 3, 11 and 12."""

    def nothing(*_: Any) -> None:
        return None

    def one(procurement: Procurement) -> Any:
        return np.ones(procurement.worlds)

    with ExitStack() as stack:
        for owner, step in ((TradeModel, "_talk"), (Persuasion, "advance"), (Procurement, "step")):
            stack.enter_context(patch.object(owner, step, nothing))
        stack.enter_context(patch.object(Procurement, "demand_factor", one))
        yield
