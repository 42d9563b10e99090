"""The same world with an answer of one's own in the office's place: computed, all else and all luck the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.agents.authority import Authority
from sim.batch.plan import Plan
from sim.explore.docket import DENY, GRANT, RETURN
from sim.model import TradeModel
from sim.outcomes import MEASURES
from sim.worlds import Numbers, Pairs, Worlds

_ORDER = (RETURN, GRANT, DENY)  # as the office hands its answers on
_FORMULAS = {(measure.kind, measure.name): measure.formula for measure in MEASURES}
_ORIGINS = ("controlled", "foreign", "domestic")

Orders = Mapping[tuple[int, int], str]  # (month, row of the office's lines) -> answer


@dataclass(frozen=True)
class Path:
    """What was sold to the vendor in some worlds, month by month, USD bn.

    firms: (months, firms, worlds); origins: (months, 3 origins, worlds); obeyed: of each world, the orders that met their file
    """

    firms: Numbers
    origins: Numbers
    obeyed: tuple[frozenset[tuple[int, int]], ...]


class _Orders:
    """Stands between an office and the answers that it hands on: files with an order are moved, before anything follows from them."""

    def __init__(self, office: Authority, orders: Sequence[Orders]) -> None:
        self._answer, self._worlds = office._answer, len(orders)
        self.obeyed: list[set[tuple[int, int]]] = [set() for _ in orders]
        self._by_month: dict[int, list[tuple[int, int, int]]] = {}
        for world, given in enumerate(orders):
            for (month, row), answer in given.items():
                self._by_month.setdefault(month, []).append((row, world, _ORDER.index(answer)))
        office._answer = self.answer  # type: ignore[method-assign]

    def answer(self, files: Pairs, month: int) -> tuple[Pairs, Pairs, Pairs]:
        answers = self._answer(files, month)
        due = self._by_month.get(month)
        if due is None:
            return answers
        said = np.full(self._worlds * (1 + int(files.row.max(initial=-1))), -1)  # by cell of the table
        for i, pairs in enumerate(answers):
            said[pairs.flat] = i
        for row, world, answer in due:
            cell = row * self._worlds + world
            if cell < len(said) and said[cell] >= 0:
                said[cell] = answer
                self.obeyed[world].add((month, row))
        back, yes, no = (files.keep(said[files.flat] == i) for i in range(3))
        return back, yes, no


def followed(plan: Plan, world: int, orders: Sequence[Orders]) -> Path:
    """One world as often as there are orders, each time with those: column i is the world under orders[i]."""
    one = plan.worlds(world, 1)
    count = len(orders)
    worlds = Worlds(*(np.repeat(x, count) for x in (one.number, one.replicate, one.sample)))
    values = {path: np.repeat(x, count) for path, x in plan.values(one).items()}
    with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
        model = TradeModel(plan.scenario, plan.case, worlds, values)
        try:
            hook = _Orders(model.authority, orders)
            firms, origins = [], []
            for _ in range(plan.scenario.run.months):
                model.step()
                firms.append(_FORMULAS["firm", "sales_to_vendor"](model))
                origins.append(np.stack([np.asarray(sum(_FORMULAS["group", origin](model))) for origin in _ORIGINS]))
        finally:
            model.close()
    return Path(np.array(firms), np.array(origins), tuple(map(frozenset, hook.obeyed)))
