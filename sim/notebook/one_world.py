"""The model of one world, as users of Mesa know models: plain numbers, agents that can be selected, a step a month."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from sim.batch.plan import Plan
from sim.model import TradeModel
from sim.months import label
from sim.notebook.actors import Authority, Carrier, Chipmaker, Government, Vendor, numbers
from sim.notebook.options import options, settings
from sim.outcomes import MEASURES, OUTCOMES, agents_of
from sim.refusal import InputError
from sim.scenario import Scenario
from sim.worlds import Numbers

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

_FORMULAS = {(measure.kind, measure.name): measure.formula for measure in MEASURES}


class OneWorld(mesa.Model):
    """One world of a scenario, month by month: `model.step()`, `model.agents`, and every outcome as a number, `model.lost_sales`.

    scenario, sets, seed, months: as for `sim.run`; world: its number. It is that world of the run, to the last bit.
    trade: the model beneath, `sim.model.TradeModel`, whose numbers are arrays over worlds, here of one; graph: who governs, licenses,
    supplies, hears and buys from whom. `model.rng` is free for your own agents: nothing here uses it.
    InputError for whatever is wrong with what is asked.
    """

    def __init__(
        self,
        scenario: str | Scenario = "history",
        *,
        seed: int | None = None,
        world: int = 0,
        months: int | None = None,
        sets: Mapping[str, Any] | None = None,
    ) -> None:
        number = options("why", world=world)["world"]
        given = {name: value for name, value in options("run", seed=seed, months=months).items() if value is not None}
        plan = Plan.of(scenario, settings(sets), **given)
        super().__init__(rng=plan.scenario.run.seed)
        worlds = plan.worlds(number, 1)
        self.parameters = {path: float(values[0]) for path, values in plan.values(worlds).items()}
        with _strict():
            self.trade = TradeModel(plan.scenario, plan.case, worlds, plan.values(worlds))
        self.graph: nx.MultiDiGraph[str] = self.trade.graph
        self.months, self.passed = plan.scenario.run.months, 0
        self.names = {kind: names for kind, names in agents_of(self.trade).items() if numbers(kind)}
        self._cache: dict[tuple[str, str], Numbers] = {}
        self._settle()

    def _settle(self) -> None:
        trade, names = self.trade, self.names
        for g in trade.governments:
            Government(self, str(g.columns["name"]), g.row, g.iso3, g.role)
        for office, docket in zip([trade.authority, *trade.partners], trade.dockets, strict=True):
            Authority(self, office.name, 0, docket)
        for row, firm in enumerate(names["firm"]):
            Chipmaker(self, firm, row)
        for row, v in enumerate(trade.vendors):
            Vendor(self, v.name, row, v.home, v.restricted, v is trade.listed_vendor)
        for c in trade.carriers:
            Carrier(self, c.name, c.row, c.home, c.subscribers)

    @property
    def month(self) -> str:
        """The last month that has passed, such as 2019-05; "" before the first."""
        return label(self.passed - 1) if self.passed else ""

    def step(self) -> None:
        """A month passes. With the last one `running` ends. InputError where there is none left."""
        if self.passed == self.months:
            raise InputError("step", f"the {self.months} months are over; ask for more with months=...")
        with _strict():
            self.trade.step()
        self.passed += 1
        self._cache.clear()
        self.running = self.passed < self.months

    def outcomes(self) -> dict[str, float]:
        """Every outcome of the month that has passed, by name, in its own unit."""
        return {name: self._outcome(name) for name in OUTCOMES}

    def table(self, kind: str) -> "pd.DataFrame":
        """A row an agent of a kind (firm, group, government, carrier, side), a column a number of the month, in its own unit.

        InputError for another kind.
        """
        import pandas as pd

        if kind not in self.names:
            raise InputError(kind, f"there is no such kind of agents; there are {', '.join(self.names)}")
        columns = {name: self.measured(kind, name) for name in numbers(kind)}
        return pd.DataFrame(columns, index=pd.Index(self.names[kind], name=kind))

    def measured(self, kind: str, name: str) -> Numbers:
        """A number of every agent of a kind, this month. (agents,)"""
        if (kind, name) not in self._cache:
            self._begun(name)
            with _strict():
                self._cache[kind, name] = np.array(_FORMULAS[kind, name](self.trade)[:, 0], np.float64)
        return self._cache[kind, name]

    def close(self) -> None:
        """Let go of the memory: Mesa 3.3 otherwise keeps every model until the session ends."""
        self.trade.close()
        TradeModel.close(self)

    def _outcome(self, name: str) -> float:
        self._begun(name)
        with _strict():
            return float(OUTCOMES[name].formula(self.trade)[0])

    def _begun(self, name: str) -> None:
        if not self.passed:
            raise InputError(name, "no month has passed yet; call step() first")

    def __getattr__(self, name: str) -> Any:
        """An outcome of the month that has passed, in its own unit. AttributeError for another name."""
        if name in OUTCOMES and "trade" in self.__dict__:
            return self._outcome(name)
        raise AttributeError(f"{type(self).__name__} has no {name!r}; its outcomes are those of sim.outcomes()")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *OUTCOMES})


def mesa_model(
    scenario: str | Scenario = "history",
    *,
    seed: int | None = None,
    world: int = 0,
    months: int | None = None,
    sets: Mapping[str, Any] | None = None,
) -> OneWorld:
    """One world of a scenario as a Mesa model: an `OneWorld`, which says what the words mean. InputError as there."""
    return OneWorld(scenario, seed=seed, world=world, months=months, sets=sets)


def _strict() -> Any:
    """As in a batch: a number that overflows or is undefined is an error."""
    return np.errstate(divide="raise", over="raise", invalid="raise", under="ignore")
