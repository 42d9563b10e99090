"""The model and the plain second writing agree, world by world: states to the letter, numbers to 1e-9 of their scale."""

import dataclasses

import numpy as np
import pytest

from reference.month import run
from sim.batch.plan import Plan
from sim.calendar import Calendar
from sim.exchanges.supply import ORIGINS, SEGMENTS
from sim.model import TradeModel
from sim.worlds import Worlds

FIRST, COUNT = 3, 7  # seven worlds: no multiple of four, and more than the one in which `and` works on arrays
SECOND = {
    "second firm": [],
    "a hawkish ally from the first day": ["authority.publish_line=1", "authority.nl.adopted={2019-10-07: 1}", "government.NLD.hawk=0.9"],
    "a frozen controller": ["licensing.freeze=1", "coupling.partners_to_line=0", "rules.vote=chair"],
}
CASES = {
    **SECOND,
    "history": [],
    "every vote": ["rules.vote=unanimous", "authority.publish_line=1"],
    "chair": ["rules.vote=chair", "rules.bottleneck=harmonic_mean"],
    "no chip": ["talks.licences_not_a_chip=1", "vendor.stockpile=0.5"],
    "couplings off": ["coupling.talks_to_line=0", "coupling.loss_to_line=0", "government.USA.hawk=0.8"],
    "early product rule": ["law.fdpr_own_announced=1", "law.fdpr_all_announced=1", "law.fdpr_in_force=1"],
}


def close(a, b, what) -> None:
    a, b = np.asarray(a, float), np.asarray(b, float)
    assert np.abs(a - b).max(initial=0) <= 1e-9 * max(1.0, np.abs(b).max(initial=0)), what


@pytest.mark.parametrize("name", CASES)
def test_the_model_agrees_with_the_plain_reference_world_by_world(name):
    plan = Plan.of("second_firm" if name in SECOND else "history", CASES[name])
    months = 96 if name == "history" else 72 if name in SECOND else 48
    scenario = dataclasses.replace(plan.scenario, run=dataclasses.replace(plan.scenario.run, months=months))
    worlds = Worlds.range(FIRST, COUNT)
    drawn = plan.values(worlds)
    calendar = {lever: path.tolist() for lever, path in Calendar(plan.case, scenario, months).values.items()}
    fixed = {k: v for k, v in {**scenario.constants, **scenario.levers}.items() if isinstance(v, float)}
    plain = [
        run(plan.case, {**fixed, **{path: float(x[w]) for path, x in drawn.items()}}, calendar, scenario.rules,
            seed=scenario.run.seed, world=FIRST + w, months=months)
        for w in range(COUNT if name == "history" else 2)
    ]  # fmt: skip
    model = TradeModel(scenario, plan.case, worlds, drawn)
    for month in range(months):
        model.step()
        for w, history in enumerate(plain):
            compare(model, w, history[month], (name, w, month))
    model.close()


def compare(model, w, plain, where) -> None:
    licensing, supply, shadow = model.licensing, model.supply, model.supply.worlds + w
    table = model.case["firm_sales_by_group"]
    ours = [agent for agent, count in licensing.lines.rows for _ in range(count)]
    theirs = [f"{f} {g}" for f, g in zip(table["firm"], table["group"], strict=True) for _ in range(len(ours) // len(table))]
    same = sorted(range(len(ours)), key=lambda i: (theirs.index(ours[i]), i))  # the network lists sellers by firm, the table as it likes
    assert licensing.lines.state[same, w].tolist() == plain["states"], where
    close(licensing.lines.covered[same, w], plain["covered"], where)
    assert [partner.name for partner in model.partners] == list(plain["partners"])
    for partner in model.partners:
        compare_office(partner, w, plain["partners"][partner.name], theirs, where)
    firms = licensing.lines.firms
    close(licensing.mean[:, w], [plain["mean"][f] for f in firms], where)
    close(np.sqrt(licensing.variance[:, w]), [plain["sd"][f] for f in firms], where)
    if plain["on"] > 0:
        close(licensing.line[:, w], plain["line"], where)
    allowed = [sum(share * line for share, line in zip(*rows, strict=True)) for rows in by_seller(model, w, plain, same)]
    close(licensing.legal_sales[:, w], allowed, where)
    for column, path in ((w, plain["actual"]), (shadow, plain["shadow"])):
        close(supply.threat[column], path["threat"], where)
        close(supply.stock[:, column], path["stock"], where)
        close(supply.content[:, column], path["content"], where)
        close(supply.domestic[:, column], path["domestic"], where)
        close(supply.output[:, column], [path["output"][s] for s in SEGMENTS], where)
        for origin in ORIGINS:
            close(supply.bought[origin][:, column], path["home" if origin == "domestic" else origin], (where, origin))
    close(model.ledger.lost[w], plain["ledger"]["lost"], where)
    close(model.ledger.resold[w], plain["ledger"]["resold"], where)


def by_seller(model, w, plain, same):
    """For each seller of the model, the plain shares that may ship of its lines, and the lines' sales."""
    lines = model.licensing.lines
    legal = dict(zip(same, plain["legal"], strict=True))
    for seller in range(len(lines.sellers)):
        rows = np.flatnonzero(lines.seller == seller)
        yield [legal[row] for row in rows], lines.sales[rows, w]


def compare_office(partner, w, plain, names, where) -> None:
    """names: of all lines of the plain writing, by their numbers"""
    where, lines = (*where, partner.name), partner.licensing.lines
    ours = [agent for agent, count in lines.rows for _ in range(count)]
    theirs = [names[number] for number in plain["numbers"]]
    same = sorted(range(len(ours)), key=lambda i: (theirs.index(ours[i]), i))
    assert lines.state[same, w].tolist() == plain["states"], where
    close(lines.covered[same, w], plain["covered"], where)
    close(partner.licensing.mean[:, w], [plain["mean"][f] for f in lines.firms], where)
    close(np.sqrt(partner.licensing.variance[:, w]), [plain["sd"][f] for f in lines.firms], where)
    if plain["on"] > 0:
        close(partner.licensing.line[:, w], plain["line"], where)
