"""A scenario run to the end of 2020 with what the record needs kept beside the targets: levels, awards, shares, what was drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.analysis.allies import Watcher
from sim.analysis.levels import FITTED
from sim.analysis.measured import measured
from sim.analysis.measures import Measure
from sim.analysis.targets import Target
from sim.batch.plan import Plan
from sim.model import TradeModel
from sim.worlds import Numbers

MONTHS = 36


@dataclass(frozen=True)
class Watched:
    """values: (targets, worlds); allies: what governments and carriers did, a block each

    drawn: values of what was fitted to governments, (worlds,); empty where the scenario does not draw them
    fill: share of carriers' demand that the vendor had built last month, mean over worlds, (months,)
    more: what else was measured, (measures, worlds)
    """

    plan: Plan
    targets: list[Target]
    values: Numbers
    allies: list[Watcher]
    drawn: dict[str, Numbers]
    fill: Numbers
    more: Numbers

    @property
    def found(self) -> dict[str, Numbers]:
        return dict(zip((target.name for target in self.targets), self.values, strict=True))


def watch(plan: Plan, targets: Sequence[Target], more: Sequence[Measure] = ()) -> Watched:
    """Runs blocks of worlds, one at a time. more: what else to measure; its values stand below those of the targets"""
    values, watchers, drawn, fill = [], [], [], []
    for block in range(plan.blocks):
        which = plan.cut(block)
        ours = plan.values(which)
        seen: list[Watcher] = []
        filled = [np.ones(len(which))]

        def look(model: TradeModel, seen: list[Watcher] = seen, filled: list[Numbers] = filled) -> None:
            if not seen:
                seen.append(Watcher(model.persuasion, model.procurement))
            if model.month < MONTHS:
                seen[0].see()
                filled.append(np.asarray(model.listed_vendor.fill).copy())

        values.append(measured(plan.scenario, plan.case, which, ours, [*targets, *more], look, MONTHS))
        watchers += seen
        fill.append(np.array(filled[:MONTHS]))
        if all(path in ours for path in FITTED):
            drawn.append(np.array([ours[path] for path in FITTED]))
    together = dict(zip(FITTED, np.concatenate(drawn, axis=1), strict=True)) if drawn else {}
    found, filled_ = np.concatenate(values, axis=1), np.mean(np.concatenate(fill, axis=1), axis=1)
    return Watched(plan, list(targets), found[: len(targets)], watchers, together, filled_, found[len(targets) :])
