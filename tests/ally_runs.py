"""Governments and carriers alone, with a stand-in for what the listed vendor can deliver."""

import dataclasses

import numpy as np

from sim import network
from sim.analysis.allies import Watcher
from sim.batch.plan import Plan
from sim.books.allies import AllyBooks
from sim.calendar import Calendar, Now
from sim.exchanges.persuasion import Persuasion
from sim.exchanges.procurement import Procurement
from sim.luck import Luck, of_samples
from sim.parameters import PARAMETERS
from sim.uncertainty import Joint
from sim.values import values_of
from sim.worlds import Worlds

PLAN = Plan.of("history")
CASE = PLAN.case
FITS = ("governments_fit", "carriers_fit")
OURS = ("persuasion.", "procurement.", "coupling.fill_to_allies", "coupling.bargain_to_allies")
SWITCHES = (
    "persuasion.government_change", "persuasion.incidents", "persuasion.taste_from_record", "persuasion.free_from",
    "persuasion.levers_from", "procurement.open_entrant", "coupling.fill_to_allies", "coupling.bargain_to_allies",
)  # fmt: skip


def stand_in(month):
    """Share of carriers' demand that the vendor built last month: all to August 2020, .8 from December on."""
    return float(np.interp(month - 1, [31, 35], [1, 0.8]))


def fitted(worlds, seed=2019, first=0):
    """What the record to 2020 leaves open, drawn together."""
    samples, drawn = np.arange(first, first + worlds), {}
    for name in FITS:
        joint = Joint.from_table(f"{name}.csv", CASE[name].numbers)
        drawn |= joint.at(np.array([of_samples(seed, f"{name} {k}", samples) for k in range(len(joint.paths))]))
    return drawn


def anywhere(worlds, seed=2019, first=0):
    """Every number of governments and carriers anywhere in its plausible range; what was fitted together, together."""
    samples, drawn = np.arange(first, first + worlds), {}
    for path, entry in PARAMETERS.items():
        if path.startswith(OURS) and entry.kind != "dated" and not entry.fixed and not entry.structural and path not in SWITCHES:
            drawn[path] = entry.low + (entry.high - entry.low) * of_samples(seed, path, samples)
    return drawn | fitted(worlds, seed, first)


def inputs(months, events=None):
    """The dated levers of the case, some replaced: lever -> one number a month."""
    scenario = dataclasses.replace(PLAN.scenario, levers={**PLAN.scenario.levers, **(events or {})})
    return Calendar(CASE, scenario, months)


class Run:
    """The two exchanges, month by month. fill: carrier fill of last month by month; level: dated levels in place of the case's"""

    def __init__(self, drawn=None, *, fixed=None, worlds=200, first=0, months=36, seed=2019, drift="doubt_about_supply", dates=None, case=CASE,
                 fill=stand_in):  # fmt: skip
        self.months, self.fill, self.case, self.worlds = months, fill, case, worlds
        which = Worlds.range(first, worlds)
        self.p = values_of(case, fixed or {}, drawn or {}, worlds)
        self.calendar = inputs(months, dates)
        self.now = Now(self.calendar, self.p, worlds)
        luck, graph = Luck(seed, which), network.build(case)
        self.persuasion = Persuasion(case, luck, self.p, worlds, graph, self.calendar, drift)
        self.procurement = Procurement(case, luck, self.p, worlds)
        self.books = AllyBooks(self.persuasion, self.procurement)
        self.watcher = Watcher(self.persuasion, self.procurement)

    def step(self):
        self.now.turn()
        self.persuasion.advance(self.now, self.now.bargain, np.full(self.worlds, 1.0) * self.fill(self.now.month))
        self.procurement.step(self.now.month, self.persuasion.belief, self.persuasion.level, self.persuasion.supply)
        self.watcher.see()

    def to_the_end(self):
        for _ in range(self.months):
            self.step()
        return self
