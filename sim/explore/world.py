"""One world of a run, computed alone and followed month by month: what its firms believe, and everything that anyone decides."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim import network
from sim.case import Case
from sim.decisions import Decision, Names, told
from sim.explore.session import Settings, desk
from sim.months import label
from sim.refusal import InputError
from sim.trace import Note
from sim.views.why import by_topic, concerns
from sim.worlds import Numbers


@dataclass(frozen=True)
class World:
    """mean, sd, filed, approved, intents: (months, firms), files of the month; line: (months,), its mean over the groups of goods in
    which the office draws one, NaN while there is none; firms: in the order of the columns"""

    asked: Settings
    number: int
    firms: list[str]
    mean: Numbers
    sd: Numbers
    line: Numbers
    filed: Numbers
    approved: Numbers
    intents: Numbers
    notes: list[Note]

    @property
    def months(self) -> list[str]:
        return [label(i) for i in range(len(self.mean))]

    @cached_property
    def names(self) -> Names:
        return Names(self.asked.plan().case)

    def story(self, agent: str) -> list[Decision]:
        """What was decided by or on an agent, month by month, in sentences: as `chokepoint why` tells it."""
        return told(self.number, self.notes, self.names, lambda _, who, subject: concerns(agent, who, subject))

    def by_month(self, agent: str) -> list[tuple[str, list[str]]]:
        """The story's sentences by month, what concerns one file together."""
        months: dict[str, list[Decision]] = {}
        for decision in self.story(agent):
            months.setdefault(decision.month, []).append(decision)
        return [(month, [row.sentence for row in by_topic(rows)]) for month, rows in months.items()]


def agents(case: Case) -> list[str]:
    """Whoever decides something, or is decided on, as a journal calls them: firms, the vendor, offices, governments, carriers."""
    names = Names(case)
    several = (
        sorted(firms(case)), [names.word("vendor")], names.offices.values(), map(str, case["agencies"]["agency"]),
        sorted(names.governments.values()), sorted(names.carriers.values()),
    )  # fmt: skip
    return list(dict.fromkeys(name for some in several for name in some))


def firms(case: Case) -> list[str]:
    """In the model's order."""
    return list(dict.fromkeys(seller.firm for seller in network.sellers(network.build(case))))


def followed(asked: Settings, number: int = 0) -> World:
    """InputError if the run has no such world."""
    if not 0 <= number < asked.worlds:
        raise InputError("World", f"there is no world {number}; they are numbered from 0 to {asked.worlds - 1}")
    world = desk.told(("world", asked, number), computed, asked, number)
    assert isinstance(world, World)
    return world


def computed(asked: Settings, number: int) -> World:
    """The same, here."""
    import gc

    from sim.model import TradeModel
    from sim.trace import Trace

    plan = asked.plan()
    worlds = plan.worlds(number, 1)
    journal, rows = Trace(), []
    gc.collect()
    gc.disable()  # thousands of notes, and none of them garbage
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
            model = TradeModel(plan.scenario, plan.case, worlds, plan.values(worlds))
            docket, firms = model.licensing, model.licensing.lines.firms
            model.tell(journal)
            for _ in range(plan.scenario.run.months):
                model.step()
                line = docket.line[:, 0]
                drawn = line[~np.isnan(line)]
                mean_line = drawn.mean() if len(drawn) else np.nan
                counts = [model.count_by_firm(event)[:, 0].copy() for event in ("filed", "approved", "intended")]
                rows.append((docket.mean[:, 0].copy(), np.sqrt(docket.variance[:, 0]), mean_line, *counts))
            model.close()
    finally:
        gc.enable()
    mean, sd, line, filed, approved, intents = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    return World(asked, number, list(firms), mean, sd, line, filed, approved, intents, journal.notes)
