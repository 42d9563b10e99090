"""How agents stand month by month, counted over worlds: what the pictures of a report show, at next to no cost.

Each number is a sum over the worlds of a block: of worlds in which something holds, or of a number that is first rounded to
multiples of 2**-20. Such sums are exact, so the blocks of a run add up to the same bytes however it was cut.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from sim.exchanges.licensing import COOLING, Licensing
from sim.outcomes import agents_of
from sim.scenario import Scenario
from sim.worlds import Index, Numbers

if TYPE_CHECKING:
    from sim.model import TradeModel

GRAIN = 2.0**20
# Where a firm stands in a world: the last of these that holds for any of its lines, at any office. In the order of the lines'
# states: idle or cooling, preparing, pending, intent, licensed.
FIRM_STATES = ("unbound", "without", "waiting", "intent", "licensed")


@dataclass(frozen=True, slots=True)
class Monthly:
    """A number of each agent and month, summed over worlds. unit: of one world's number; "worlds" where worlds are counted"""

    kind: str
    name: str
    unit: str
    sentence: str


MONTHLY: list[Monthly] = [
    Monthly("firm", "unbound", "worlds", "None of its lines needs a licence"),
    Monthly("firm", "without", "worlds", "It needs a licence for something, holds none, and no answer is out"),
    Monthly("firm", "waiting", "worlds", "It holds no licence and waits for the answer to a file"),
    Monthly("firm", "intent", "worlds", "It holds no licence and has been told of an intent to deny"),
    Monthly("firm", "licensed", "worlds", "It holds a licence"),
    Monthly("firm", "may_ship", "share 0-1", "Share of its sales of 2018 to {vendor} that it may ship now"),
    Monthly("firm", "sales", "USD bn", "Its sales to {vendor} in the month"),
    Monthly("government", "level_1", "worlds", "It at least reviews or declares"),
    Monthly("government", "level_2", "worlds", "It at least limits bindingly"),
    Monthly("government", "level_3", "worlds", "It excludes with a date"),
    Monthly("carrier", "awarded", "worlds", "It has ordered 5G"),
    Monthly("carrier", "listed", "worlds", "It has ordered 5G, from {vendor} too"),
]


@dataclass(frozen=True, slots=True)
class MonthlyTable:
    """names: (agents,); sums: name -> (months, agents), over the worlds of a block"""

    names: list[str]
    sums: dict[str, Numbers]


def kept(scenario: Scenario) -> bool:
    """Whether a run counts its agents by month: not where its worlds differ by design, nor where it keeps chosen outcomes alone."""
    return scenario.sweep is None and scenario.run.record != "analysed"


def exact(x: Numbers) -> Numbers:
    """Summed over worlds to the same bits in any order."""
    return np.asarray((np.rint(x * GRAIN) / GRAIN).sum(axis=-1))


class Tally:
    """Counts a model's agents after each month."""

    def __init__(self, model: "TradeModel") -> None:
        self.model, months = model, model.setting.run.months
        self.names = agents_of(model)
        self.sums = {m: np.zeros((months, len(self.names[m.kind]))) for m in MONTHLY}
        self._dockets = [_Standing(model.licensing, None)]
        self._dockets += [_Standing(partner.licensing, partner.firms_there) for partner in model.partners]
        self._by_firm: Any = scipy.sparse.csr_array(model.firm_of_seller)
        self._all = self._by_firm @ model.licensing.all_sales

    def count(self) -> None:
        for kind, counted in (("firm", self._firms()), ("government", self._governments()), ("carrier", self._carriers())):
            for measure in MONTHLY:
                if measure.kind == kind:
                    self.sums[measure][self.model.month] = counted[measure.name]

    def _firms(self) -> dict[str, Numbers]:
        model = self.model
        state = self._dockets[0].of_firms()
        for docket in self._dockets[1:]:
            state[docket.firms] = np.maximum(state[docket.firms], docket.of_firms())
        counted = {name: np.count_nonzero(state == i, axis=1) * 1.0 for i, name in enumerate(FIRM_STATES)}
        legal = np.divide(self._by_firm @ model.licensing.legal_sales, self._all, out=np.zeros_like(self._all), where=self._all > 0)
        sales = self._by_firm @ model.seller_sales[:, model.supply.actual]
        return counted | {"may_ship": exact(np.asarray(legal)), "sales": exact(sales)}

    def _governments(self) -> dict[str, Numbers]:
        level = self.model.persuasion.level
        return {f"level_{n}": np.count_nonzero(level >= n, axis=1) * 1.0 for n in (1, 2, 3)}

    def _carriers(self) -> dict[str, Numbers]:
        procurement = self.model.procurement
        awarded = procurement.awarded <= self.model.month
        listed = awarded & procurement.chose_listed
        return {"awarded": np.count_nonzero(awarded, axis=1) * 1.0, "listed": np.count_nonzero(listed, axis=1) * 1.0}

    def tables(self) -> dict[str, MonthlyTable]:
        kinds = dict.fromkeys(m.kind for m in MONTHLY)
        return {kind: MonthlyTable(self.names[kind], {m.name: self.sums[m] for m in MONTHLY if m.kind == kind}) for kind in kinds}


class _Standing:
    """Where firms stand at one office. firms: their numbers among all firms"""

    def __init__(self, licensing: Licensing, firms: Index | None) -> None:
        self.lines = licensing.lines
        self.firms: Index = np.arange(len(licensing.lines.firms)) if firms is None else firms
        order = np.argsort(self.lines.firm, kind="stable")
        self._order = None if np.array_equal(order, np.arange(len(order))) else order
        self._starts = np.searchsorted(self.lines.firm[order], np.arange(len(self.lines.firms)))

    def of_firms(self) -> NDArray[np.int8]:
        """The furthest state of any of its lines: a number of FIRM_STATES. (firms, worlds)"""
        state = self.lines.state
        rank = np.maximum(state * (state != COOLING), self.lines.may_file.view(np.int8))  # what may be filed is at least "without"
        return np.maximum.reduceat(rank if self._order is None else rank[self._order], self._starts, axis=0)
