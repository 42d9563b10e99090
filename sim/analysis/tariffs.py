"""Free talks, from January 2018 in the whole model, against the record of the tariffs and of the talks to the end of 2020."""

from collections.abc import Sequence

import numpy as np

from sim.analysis.held import Held, against
from sim.analysis.markdown import table
from sim.analysis.measured import measured
from sim.analysis.measures import parse
from sim.analysis.targets import OURS, Target, read_targets
from sim.batch.plan import Plan
from sim.months import label, month_of
from sim.worlds import Numbers

FREE = "rules.talks_mode=free"
PROTOCOLS = ("concession", "war_of_attrition")
# Bands for one path, set before the protocols were compared (MODEL 16): month, and how far each tariff may lie from the record.
DATES, NEAR = ("2018-09", "2019-06", "2019-09", "2020-02"), {"tariff_on_target": 4.0, "tariff_on_controller": 3.0}
BOUNDS = {"spells": (2, 4), "walk_outs": (1, 3), "deals": (month_of("2019-07"), month_of("2020-07"))}  # deals: the first one's month


def plan_of(protocol: str, worlds: int, seed: int, scenario: str = "history") -> Plan:
    return Plan.of(scenario, ["prior=none", FREE, f"rules.talks={protocol}"], worlds=worlds, seed=seed, months=36, block=500)


def of_talks(targets: Sequence[Target]) -> list[Target]:
    """Those of the targets that are tests only where talks are free."""
    return [target for target in targets if ("rules.talks_mode", "free") in target.when]


def held(protocol: str, worlds: int, seed: int) -> tuple[list[Held], dict[str, Numbers]]:
    """The record of the talks against one protocol; and both tariffs by month, (months, worlds)."""
    plan = plan_of(protocol, worlds, seed)
    targets, paths = of_talks(read_targets(OURS, plan.case)), [parse(f"{name}@{label(m)}", plan.case) for name in NEAR for m in range(36)]
    parts = [plan.cut(block) for block in range(plan.blocks)]
    found = [measured(plan.scenario, plan.case, which, plan.values(which), [*targets, *paths]) for which in parts]
    values = np.concatenate(found, axis=1)
    path = values[len(targets) :].reshape(len(NEAR), 36, -1)
    return against(plan, targets, values[: len(targets)], rivals=False), dict(zip(NEAR, path, strict=True))


def like_the_record(found: Sequence[Held]) -> float:
    """Share of worlds that look like the one path on record, within the bands."""
    alike = np.ones(len(found[0].values), bool)
    for h in found:
        (term, *others), values = h.target.measure.terms, h.values
        if others or term.least is not None:
            continue
        if term.quantity.name in NEAR and label(term.span.last) in DATES:
            alike &= np.abs(values - h.target.value) <= NEAR[term.quantity.name]
        elif term.quantity.name in BOUNDS:
            least, most = BOUNDS[term.quantity.name]
            alike &= (values >= least) & (values <= most)
    return float(np.mean(alike))


def cell(h: Held) -> str:
    """Median and band, or the share of worlds in which it happens."""
    if h.target.measure.event:
        return f"{h.middle:.3g}"
    q = h.quantiles
    return f"{h.middle:.3g} ({q[0]:.3g} to {q[4]:.3g}){'' if h.inside(90) else ' outside'}"


def record_of(target: Target) -> str:
    low, high = target.record_low, target.record_high
    return f"{low:g} to {high:g}" if low < high else f"{target.value:g}"


def section(found: dict[str, list[Held]], picture: str) -> str:
    """Both protocols beside the record. found: by protocol; picture: a line that shows it"""
    rows, outside = [], []
    for pair in zip(*(found[protocol] for protocol in PROTOCOLS), strict=True):
        target = pair[0].target
        outside += [
            f"{target.name} ({protocol})"
            for protocol, h in zip(PROTOCOLS, pair, strict=True)
            if not (h.target.measure.event or h.inside(90))
        ]
        rows.append([target.name, target.unit, record_of(target), *(cell(h) for h in pair), f"{target.trial:g}", target.role])
    alike: Sequence[str] = [f"{like_the_record(found[protocol]):.3f}" for protocol in PROTOCOLS]
    header = ["figure", "unit", "record", *PROTOCOLS, "trial run, whole ranges", "role"]
    return _TEXT.format(
        table=table(header, rows), outside="; ".join(outside) or "none", concession=alike[0], attrition=alike[1], picture=picture
    )  # fmt: skip


_TEXT = """## Free talks

Talks free from January 2018 in the whole model (`rules.talks_mode=free`), so that losses and shortages at the table are the model's
own; in the trial run they were stand-ins. Agenda, elections and tightened controls are inputs. One path is on record, and the rules'
numbers were set with it in sight: none of these figures is a test.

{picture}

{table}

The record lies outside the band in: {outside}. A ratio is of worlds that have one (an act, a deal). Share of worlds that look like
the one path (tariffs within 4 and 3 points at the dates, 2 to 4 spells, 1 to 3 walk-outs, first deal within half a year of January
2020): {concession} with `concession`, {attrition} with `war_of_attrition` (trial run .055 and .061). The record cannot say which
bargaining rule is right: run a what-if with both.

Misses, kept: the spell of May 2018 and the gesture on car tariffs in the truce of December 2018 are not produced; rules are hardly
ever signed, where the deal of January 2020 had chapters on them; four to five acts come as three or four, since one threat is pending at
a time; the first deal comes late, and in many worlds not by the end of 2020, the more so as the model's own losses and shortages to 2020
are smaller than the trial run's stand-ins; the target gives tariffs back only when the controller has nothing cheaper to give; truces
cost the target nothing; each issue is given nearly whole or not at all; the rise of April 2025 is out of reach of its rungs.
"""
