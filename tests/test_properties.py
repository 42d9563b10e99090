"""Whatever a scenario may say, it runs with its books kept and its numbers within their bounds, or is refused in a sentence.

A failure prints the scenario as YAML; the same ones are drawn each time.
"""

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, note, settings
from random_scenarios import alone_at_its_ends, ends_of, scenarios
from runs import planned

from sim.batch.plan import Plan
from sim.books import BOOKS
from sim.checks import number
from sim.model import simulate
from sim.outcomes import MEASURES, OUTCOMES
from sim.parameters import PARAMETERS, SMALLEST, find
from sim.refusal import InputError
from sim.scenario import Event
from sim.worlds import Worlds

COUNTS = ("files", "licences", "deals", "walk-outs", "acts", "governments", "carriers")
ROUNDING = 1e-9
ALWAYS_THE_SAME = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def faults(block):
    """What is wrong with a block's books and numbers, in words; nothing, where all is well."""
    assert set(block.discrepancies) == set(BOOKS)
    wrong = [f"book {book} is out by {gap:.1e}" for book, gap in block.discrepancies.items() if not gap < ROUNDING]
    told = [(name, OUTCOMES[name].unit, x) for name, x in block.series.items()]
    units = {(m.kind, m.name): m.unit for m in MEASURES}
    told += [(f"{kind}.{name}", units[kind, name], x) for kind, table in block.agents.items() for name, x in table.measures.items()]
    for name, unit, x in told:
        if not np.isfinite(x).all():
            wrong.append(f"{name} is no finite number in some month")
        elif unit in ("share 0-1", "index 0-1") and not (x.min() >= -ROUNDING and x.max() <= 1 + ROUNDING):
            wrong.append(f"{name} lies between {x.min()} and {x.max()}, and is a share")
        elif unit in COUNTS and not (x.min() >= 0 and np.array_equal(x, np.floor(x))):
            wrong.append(f"{name} is no count")
        elif unit == "level 0-3" and not np.isin(x, (0, 1, 2, 3)).all():
            wrong.append(f"{name} is no level")
        elif unit == "months of need" and not x.min() >= 0:
            wrong.append(f"{name} is a negative stock")
    return wrong


def keeps_its_books(folder, text):
    note(text)
    (folder / "random.yaml").write_text(text, encoding="utf-8")
    plan = Plan.of(str(folder / "random.yaml"))
    worlds = plan.worlds(0, plan.scenario.run.worlds)
    assert faults(simulate(plan.scenario, plan.case, worlds, plan.values(worlds), check=True)) == []


@settings(ALWAYS_THE_SAME, max_examples=15)
@given(text=scenarios(most_months=36))
def test_a_random_scenario_keeps_its_books(tmp_path, text):
    keeps_its_books(tmp_path, text)


@pytest.mark.slow
@settings(ALWAYS_THE_SAME, max_examples=500)
@given(text=scenarios(most_months=60))
def test_five_hundred_random_scenarios_keep_their_books(tmp_path, text):
    keeps_its_books(tmp_path, text)


LAW = {"emergency": ("2019-01", "talks.emergency", 1.0), "tightened": ("2019-01", "talks.control_tightened", 1.0)}
SETTINGS = {
    "history": ("history", ()),
    "concession": ("free_talks", ("rules.talks=concession", "talks.delisting_on=1")),
    "attrition": ("free_talks", ("rules.talks=war_of_attrition", "rules.bottleneck=harmonic_mean")),
    "nash": ("free_talks", ("rules.talks=nash", "rules.vote=chair")),
    "tit for tat": ("free_talks", ("rules.talks=tit_for_tat", "rules.vote=unanimous")),
    "from the record": ("from_2021", ("rules.drift=trend_instead_of_doubt",)),
    "three offices": ("second_firm_allies_first_day", ()),
    "carrots": ("carrots", ()),
}


def held_at(name, sets, dealt, months=48):
    """Blocks in which each world has some numbers at values of its own. dealt: one {path: value} a world"""
    plan = planned(name, sets, months=months, record="agents")
    plan = dataclasses.replace(plan, scenario=dataclasses.replace(plan.scenario, prior=None, events=(*plan.scenario.events, *(Event(*e) for e in LAW.values()))))
    drawn = plan.values(Worlds.range(0, len(dealt)))
    for path in sorted({path for values in dealt for path in values}):
        default = drawn[path] if path in drawn else plan_value(plan, path)
        drawn[path] = np.array([values.get(path, usual) for values, usual in zip(dealt, np.broadcast_to(default, len(dealt)), strict=True)])
    for first in range(0, len(dealt), 250):
        worlds = Worlds.range(first, min(250, len(dealt) - first))
        yield simulate(plan.scenario, plan.case, worlds, {path: x[worlds.number] for path, x in drawn.items()}, check=True)


def plan_value(plan, path):
    said = {**plan.scenario.constants, **plan.scenario.levers}
    return said.get(path, find(path).value)


@pytest.mark.parametrize("setting", [pytest.param(name, marks=() if name == "concession" else pytest.mark.slow) for name in SETTINGS])
def test_every_number_may_stand_at_either_end_of_what_is_admissible(setting):
    name, sets = SETTINGS[setting]
    dealt = alone_at_its_ends(planned(name, sets).case)
    assert len(dealt) > 2 * 150
    for block in held_at(name, sets, dealt, months=24 if setting == "concession" else 60):
        assert faults(block) == []


@pytest.mark.slow
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("share", [0.1, 0.3])
def test_worlds_of_many_extremes_keep_their_books(setting, share):
    name, sets = SETTINGS[setting]
    ends = alone_at_its_ends(planned(name, sets).case)
    luck = np.random.default_rng(2019)
    dealt = [{k: v for one in luck.permutation(len(ends))[: int(share * len(ends))] for k, v in ends[one].items()} for _ in range(60)]
    for block in held_at(name, sets, dealt):
        assert faults(block) == []


@pytest.mark.parametrize("tiny", [5e-324, 1e-300, -1e-13])
def test_next_to_nothing_is_refused_since_a_ratio_to_it_overflows(tiny):
    entry = PARAMETERS["belief.mean0"]
    with pytest.raises(InputError, match=rf"mine\.yaml:4: \"belief\.mean0\" is {tiny:g}, which is next to nothing; write 0, or at least 1e-12"):
        number(tiny, "mine.yaml:4", entry.path, entry)
    assert number(0, "", entry.path, entry) == 0
    assert number(SMALLEST, "", entry.path, entry) == SMALLEST


def test_no_limit_of_a_number_is_beyond_what_can_be_computed():
    for path, entry in PARAMETERS.items():
        assert -1e9 <= entry.least <= entry.low <= entry.high <= entry.most <= 1e9, path
        assert entry.least <= entry.value <= entry.most, path
        assert {entry.least, entry.most} <= {*ends_of(entry)}, path
