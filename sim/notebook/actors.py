"""Who acts in one world, as Mesa agents with plain numbers.

Each looks at its row of the model's tables: its numbers are this month's, Python floats, and cannot be set. What a kind reports is
what `run.agents(kind)` holds by year; `sim.notebook.actors.numbers(kind)` says it with units.
"""

from typing import TYPE_CHECKING, Any

import mesa

from sim.exchanges.licensing import LICENSED, PENDING, Licensing
from sim.outcomes import MEASURES

if TYPE_CHECKING:
    from sim.notebook.one_world import OneWorld


def numbers(kind: str) -> dict[str, str]:
    """The numbers of a kind of agent (government, firm, carrier; group, side): name to unit."""
    return {measure.name: measure.unit for measure in MEASURES if measure.kind == kind}


class Actor(mesa.Agent):
    """An agent whose numbers are a row of a table of the model. name: as the case calls it."""

    kind = ""

    def __init__(self, model: "OneWorld", name: str, row: int) -> None:
        super().__init__(model)
        self.name, self.row = name, row

    def __getattr__(self, name: str) -> Any:
        """One of the numbers of its kind, this month. AttributeError for another name."""
        if name.startswith("_") or name not in numbers(type(self).kind):
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        return float(self.model.measured(self.kind, name)[self.row])

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *numbers(self.kind)})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Government(Actor):
    """A government. Rule: see `sim.agents.government.Government`.

    iso3; role: persuader (the controller), target_home or decider
    Numbers: level (0 open to 3 exclusion), belief (share 0-1), exposure (share 0-1), exclusion_cost (USD bn).
    """

    kind = "government"

    def __init__(self, model: "OneWorld", name: str, row: int, iso3: str, role: str) -> None:
        super().__init__(model, name, row)
        self.iso3, self.role = iso3, role


class Chipmaker(Actor):
    """A firm with product lines that may need a licence. Rule: see `sim.agents.chipmaker.Chipmaker`.

    Numbers: filings, approvals, intents (files a month), licences, belief and doubt (of the line, sensitivity 0-1), sales_to_vendor,
    change and sales_at_risk (USD bn a month).
    """

    kind = "firm"


class Carrier(Actor):
    """An operator of mobile networks. Rule: see `sim.agents.carrier.Carrier`.

    home: its government's iso3; subscribers: million
    Numbers: awarded (1 once it has ordered 5G), restricted_5g and restricted (shares 0-1), swap_cost (USD m), delay (months).
    """

    kind = "carrier"

    def __init__(self, model: "OneWorld", name: str, row: int, home: str, subscribers: float) -> None:
        super().__init__(model, name, row)
        self.home, self.subscribers = home, subscribers


class Vendor(Actor):
    """A maker of networks. home: its government's iso3; restricted, listed: whether governments' rules hit it, and the controller's."""

    def __init__(self, model: "OneWorld", name: str, row: int, home: str, restricted: bool, listed: bool) -> None:
        super().__init__(model, name, row)
        self.home, self.restricted, self.listed = home, restricted, listed

    @property
    def share(self) -> float:
        """Of spending on radio networks outside the target, this month, 0-1."""
        return float(self.model.trade.procurement.market.share(self.row)[0])


class Authority(Actor):
    """An office that licenses exports. Rule: see `sim.agents.authority.Authority`."""

    def __init__(self, model: "OneWorld", name: str, row: int, docket: Licensing) -> None:
        super().__init__(model, name, row)
        self._docket = docket

    @property
    def line(self) -> dict[str, float]:
        """Its unpublished line by input group, sensitivity 0-1; NaN before the listing."""
        groups = self.model.names["group"]
        return {name: float(line) for name, line in zip(groups, self._docket.line[:, 0], strict=True)}

    @property
    def pending(self) -> int:
        """Files that wait for an answer."""
        return int(self._docket.standing(PENDING)[0])

    @property
    def licences(self) -> int:
        """Licences in force."""
        return int(self._docket.standing(LICENSED)[0])
