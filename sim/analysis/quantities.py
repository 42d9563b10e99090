"""What can be measured: every outcome, every number of an agent, and a few that only the running model can tell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.outcomes import MEASURES, OUTCOMES
from sim.worlds import Numbers, total

if TYPE_CHECKING:
    from sim.model import TradeModel

KINDS = {  # kind of agent -> the word for many; "" is no agent
    "": "", "firm": "firms", "group": "groups", "government": "governments", "carrier": "carriers", "side": "sides", "vendor": "vendors",
}  # fmt: skip


@dataclass(frozen=True)
class Quantity:
    """kind: of agent, "" for an outcome; yearly: how months make a year unless a measure says otherwise

    formula: from the model after a month to (worlds,) or (agents, worlds)
    change: for what compares a month with the one before: from the model and last month's formula to what is measured
    stored: whether a results folder keeps it
    """

    kind: str
    name: str
    unit: str
    yearly: str
    sentence: str
    formula: "Callable[[TradeModel], Numbers]"
    change: "Callable[[TradeModel, Numbers], Numbers] | None" = None
    stored: bool = True

    @property
    def full(self) -> str:
        return f"{self.kind}.{self.name}" if self.kind else self.name


def _first_orders(m: "TradeModel") -> Numbers:
    c = m.procurement
    return np.where(c.chose_listed & (c.awarded <= m.month), 1.0, 0.0)


def _shares(m: "TradeModel", everywhere: bool) -> Numbers:
    return np.stack([m.procurement.market.share(i, everywhere) for i in range(len(m.procurement.vendors.names))])


def _by_act(side: str, event: str, sign: int) -> Quantity:
    name = {"acted": "act_rise", "signed": "given_back"}[event]
    when = {"acted": "rise in months in which an announced tariff came into force", "signed": "fall in the month of a signature"}[event]

    def tariff(m: "TradeModel") -> Numbers:
        return np.asarray(getattr(m.now, "tariff" if side == "target" else "tariff_on_controller"), np.float64).copy()

    def change(m: "TradeModel", before: Numbers) -> Numbers:
        moved = sign * (tariff(m) - before)
        return np.where(m.talks.happened[event][0], moved if event == "acted" else np.maximum(moved, 0), 0.0)

    other = {"target": "{controller} on {target}", "controller": "{target} on {controller}"}[side]
    return Quantity("", f"{name}_on_{side}", "points", "sum", f"Tariff of {other}: its {when}", tariff, change, stored=False)


_ONLY_RUNNING = [
    Quantity("", "spells", "spells", "sum", "Spells of talks that began", lambda m: m.talks.happened["opened"][0] * 1.0, stored=False),
    _by_act("target", "acted", 1),
    _by_act("controller", "acted", 1),
    _by_act("target", "signed", -1),
    _by_act("controller", "signed", -1),
    Quantity("", "awards_to_vendor", "carriers", "end", "Carriers outside {target} whose first 5G order includes {vendor}",
             lambda m: total(_first_orders(m)[m.procurement.operators.abroad]), stored=False),
    Quantity("carrier", "chose_vendor", "0 or 1", "end", "Whether its first 5G order includes {vendor}", _first_orders, stored=False),
    Quantity("vendor", "share", "share 0-1", "mean", "Its share in money of radio networks outside {target}",
             lambda m: _shares(m, False), stored=False),
    Quantity("vendor", "share_world", "share 0-1", "mean", "Its share in money of radio networks everywhere",
             lambda m: _shares(m, True), stored=False),
]  # fmt: skip
_ALL = [
    *(Quantity("", o.name, o.unit, o.yearly, o.sentence, o.formula) for o in OUTCOMES.values()),
    *(Quantity(m.kind, m.name, m.unit, m.yearly, m.sentence, m.formula) for m in MEASURES),
    *_ONLY_RUNNING,
]
QUANTITIES: dict[str, Quantity] = {quantity.full: quantity for quantity in _ALL}
