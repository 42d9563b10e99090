"""The model and the plain second writing agree, world by world: states to the letter, numbers to 1e-9 of their scale."""

import dataclasses
from collections import Counter

import numpy as np
import pytest

from reference.figures import YEAR_END
from reference.month import run
from sim.batch.plan import Plan
from sim.calendar import Calendar
from sim.exchanges.licensing import PENDING
from sim.exchanges.supply import ORIGINS, SEGMENTS
from sim.model import TradeModel
from sim.outcomes import OUTCOMES
from sim.worlds import Worlds

FIRST, COUNT = 3, 7  # seven worlds: no multiple of four, and more than the one in which `and` works on arrays
SEATS = {
    "far": lambda seat: seat.limits.controller, "near": lambda seat: seat.limits.target, "zone": lambda seat: seat.limits.zone,
    "zone_points": lambda seat: seat.zone_points, "harm_controller": lambda seat: seat.harm_controller,
    "harm_target": lambda seat: seat.harm_target, "least_controller": lambda seat: seat.least_controller,
    "least_target": lambda seat: seat.least_target,
}  # fmt: skip
EVENTS = ("opened", "agreed", "settled", "partial", "walked_out", "acted", "withdrawn", "expired", "breached")
TALKS = {
    "deal": "deal", "spell": "spell", "due": "due", "months": "months", "announced": "announced", "promised": "promised",
    "kept": "kept", "dial": "dial", "delay_controller": "delay_controller", "delay_target": "delay_target",
    "added_on_target": "added_on_target", "added_on_controller": "added_on_controller", "restriction": "restriction",
    "trust": "trust", "bargain": "bargain", "left": "left_on_table",
}  # fmt: skip
COUPLINGS = ("talks_to_line", "loss_to_line", "loss_to_talks", "need_to_talks", "talks_to_threat", "fill_to_allies", "carriers_to_vendor")


@dataclasses.dataclass(frozen=True)
class Setting:
    """sets: of the scenario; switches: lever -> its value in each of the seven worlds; compared: which of them, and how long

    Usually the third and the last, in which the vendor cannot build all that carriers want.
    """

    sets: tuple[str, ...] = ()
    switches: dict[str, tuple[float, ...]] = dataclasses.field(default_factory=dict)
    compared: tuple[int, ...] = (2, 6)
    months: int = 60
    scenario: str = "history"


FREE = "rules.talks_mode=free"
# a cheap delisting in some worlds, no coupling at all in one, and licences that are half a chip in another
OF_FREE_TALKS = {
    "talks.delisting_on": (0, 1, 0, 1, 0, 1, 0),
    "talks.delisting.cost": (1, 0.1, 1, 0.1, 1, 0.1, 1),
    "talks.link": (1, 1, 1, 1, 1, 1, 0.4),
    "talks.licences_not_a_chip": (0, 0, 0, 0, 0.5, 0, 0),
    "coupling.bargain_to_allies": (0, 0.7, 0, 0, 0, 0, 1),
    **{f"coupling.{name}": (1, 1, 0, 1, 1, 1, 1) for name in COUPLINGS},
}
SETTINGS = {
    "history": Setting(),
    "free talks": Setting((FREE,), OF_FREE_TALKS, compared=(1, 2, 4, 5)),
    "history, to its end": Setting(compared=tuple(range(COUNT)), months=96),
    "free talks, to their end": Setting((FREE,), OF_FREE_TALKS, compared=tuple(range(COUNT)), months=96),
    "nash": Setting((FREE, "rules.talks=nash", "talks.delisting_on=1", "talks.delisting.cost=0.3")),
    "tit for tat": Setting((FREE, "rules.talks=tit_for_tat")),
    "war of attrition": Setting((FREE, "rules.talks=war_of_attrition", "talks.licences_not_a_chip=1")),
    "couplings off": Setting((*(f"coupling.{name}=0" for name in COUPLINGS), "government.USA.hawk=0.8")),
    "every vote": Setting(("rules.vote=unanimous", "authority.publish_line=1", "rules.drift=trend_instead_of_doubt"), months=42),
    "chair": Setting(("rules.vote=chair", "rules.bottleneck=harmonic_mean", "vendor.stockpile=0.5"), months=42),
    "second firm": Setting(months=72, scenario="second_firm"),
    "a hawkish ally from the first day": Setting(
        ("authority.publish_line=1", "authority.nl.adopted={2019-10-07: 1}", "government.NLD.hawk=0.9"), months=72, scenario="second_firm"
    ),
    "a frozen controller": Setting(
        ("licensing.freeze=1", "coupling.partners_to_line=0", "rules.vote=chair"), months=60, scenario="second_firm"
    ),
    "early product rule": Setting(tuple(f"law.fdpr_{when}=1" for when in ("own_announced", "all_announced", "in_force")), months=42),
}


def close(a, b, what) -> None:
    a, b = np.asarray(a, float), np.asarray(b, float)
    assert np.abs(a - b).max(initial=0) <= 1e-9 * max(1.0, np.abs(b).max(initial=0)), what


LONG = (
    "history, to its end", "free talks, to their end", "a hawkish ally from the first day", "a frozen controller", "couplings off",
    "nash", "tit for tat", "war of attrition", "every vote", "chair", "early product rule",
)  # fmt: skip


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow if name in LONG else ()) for name in SETTINGS])
def test_the_model_agrees_with_the_plain_reference_world_by_world(name):
    setting = SETTINGS[name]
    plan = Plan.of(setting.scenario, setting.sets, months=setting.months)
    scenario, worlds = plan.scenario, Worlds.range(FIRST, COUNT)
    drawn = plan.values(worlds) | {path: np.array(values, float) for path, values in setting.switches.items()}
    calendar = {lever: path.tolist() for lever, path in Calendar(plan.case, scenario, setting.months).values.items()}
    fixed = {k: v for k, v in {**scenario.constants, **scenario.levers}.items() if isinstance(v, float)}
    plain = {
        w: run(plan.case, {**fixed, **{path: float(x[w]) for path, x in drawn.items()}}, calendar, scenario.rules,
               seed=scenario.run.seed, world=FIRST + w, months=setting.months)
        for w in setting.compared
    }  # fmt: skip
    model = TradeModel(scenario, plan.case, worlds, drawn)
    for month in range(setting.months):
        model.step()
        reported = {outcome.name: outcome.formula(model) for outcome in OUTCOMES.values()}
        for w, history in plain.items():
            where = (name, w, month)
            compare_licensing(model, w, history[month], where)
            compare_supply(model, w, history[month], where)
            compare_talks(model, w, history[month]["talks"], where)
            compare_allies(model, w, history[month], where)
            figures = history[month]["figures"]
            assert set(figures) == set(OUTCOMES) - (set() if month % 12 == 11 else set(YEAR_END))
            for outcome, figure in figures.items():
                close(reported[outcome][w], figure, (outcome, where))
    model.close()
    seen_to_live(name, list(plain.values()))


def compare_licensing(model, w, plain, where) -> None:
    licensing = model.licensing
    table = model.case["firm_sales_by_group"]
    ours = [agent for agent, count in licensing.lines.rows for _ in range(count)]
    theirs = [f"{f} {g}" for f, g in zip(table["firm"], table["group"], strict=True) for _ in range(len(ours) // len(table))]
    same = sorted(range(len(ours)), key=lambda i: (theirs.index(ours[i]), i))  # the network lists sellers by firm, the table as it likes
    assert licensing.lines.state[same, w].tolist() == plain["states"], where
    close(licensing.lines.covered[same, w], plain["covered"], where)
    waiting = licensing.lines.state[same, w] == PENDING  # the model marks a file of this month by its clock, the reference by its date
    assert np.where(waiting, 0, licensing.lines.clock[same, w]).tolist() == np.where(waiting, 0, plain["clocks"]).tolist(), where
    assert (licensing.lines.read[same, w] & waiting).tolist() == (np.array(plain["read"]) & waiting).tolist(), where
    assert model.count("released")[w] == plain["counts"]["released"], where
    assert [partner.name for partner in model.partners] == list(plain["partners"])
    for partner in model.partners:
        compare_office(partner, w, plain["partners"][partner.name], theirs, where)
    firms = licensing.lines.firms
    close(licensing.mean[:, w], [plain["mean"][f] for f in firms], where)
    close(np.sqrt(licensing.variance[:, w]), [plain["sd"][f] for f in firms], where)
    assert np.isnan(licensing.line[:, w]).all() == (plain["on"] <= 0), where
    if plain["on"] > 0:
        close(licensing.line[:, w], plain["line"], where)
    allowed = [sum(share * line for share, line in zip(*rows, strict=True)) for rows in by_seller(model, w, plain, same)]
    close(licensing.legal_sales[:, w], allowed, where)


def compare_supply(model, w, plain, where) -> None:
    supply = model.supply
    for column, path in ((w, plain["actual"]), (supply.worlds + w, plain["shadow"])):
        close(supply.threat[column], path["threat"], where)
        close(supply.stock[:, column], path["stock"], where)
        close(supply.content[:, column], path["content"], where)
        close(supply.domestic[:, column], path["domestic"], where)
        close(supply.qualified[:, column], path["qualified"], where)
        close(supply.demand[:, column], [path["demand"][s] for s in SEGMENTS], where)
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


def compare_talks(model, w, plain, where) -> None:
    talks = model.talks
    for name, number in SEATS.items():
        close(number(talks.seat)[0, w], plain[name], (name, where))
    assert talks.seat.row.order[:, 0, w].tolist() == plain["order"], where
    for name, number in TALKS.items():
        close(getattr(talks, number)[0, w], plain.get(name, 0.0), (name, where))
    for name in EVENTS:
        assert talks.happened[name][0, w] == plain.get(name, False), (name, where)
    assert talks.happened["announced"][0, w] == plain.get("announced_now", False), where
    assert talks.in_talks[0, w] == plain.get("in_talks", False), where
    assert talks.delisted[0, w] == plain.get("delisted", False), where
    close(talks.offers.controller[0, w], plain.get("k_controller", 0.0), where)
    close(talks.offers.target[0, w], plain.get("k_target", 0.0), where)
    close(talks.given[:, 0, w], plain.get("given", 0.0), where)


def compare_allies(model, w, plain, where) -> None:
    persuasion, procurement = model.persuasion, model.procurement
    assert persuasion.level[:, w].tolist() == plain["level"], where
    close(persuasion.belief[:, w], plain["belief_in_threat"], where)
    close([persuasion.doubt[w], persuasion.supply[w]], [plain["doubt"], plain["supply_doubt"]], where)
    awarded = [month if month <= where[-1] else None for month in procurement.awarded[:, w].tolist()]
    assert awarded == plain["awarded"], where
    assert procurement.chose_restricted[:, w].tolist() == plain["restricted_award"], where
    assert procurement.chose_listed[:, w].tolist() == plain["listed_award"], where
    names = procurement.vendors.names
    close(procurement.share5g[:, :, w], [[shares.get(key, 0.0) for key in names] for shares in plain["share5g"]], where)
    close(procurement.market.restricted[:, w], plain["restricted"], where)
    close(procurement.removed[:, w], plain["removed"], where)
    close(procurement.swap_cost[:, w], plain["swap_cost"], where)


def seen_to_live(name, plain) -> None:
    """The comparison says little of what never happens."""
    seen = Counter()
    for history in plain:
        for month in history:
            seen.update({event: month["talks"].get(event, False) for event in (*EVENTS, "announced_now", "delisted")})
            seen.update(month["counts"])
            seen.update({"raised": max(month["level"]) > 1, "swapped": max(month["swap_cost"]) > 0, "awarded": any(month["listed_award"])})
    wanted = {
        "history, to its end": ("filings", "approvals", "final_denials", "lapses", "revocations", "swapped", "awarded"),
        "free talks": ("opened", "walked_out", "acted", "withdrawn", "delisted", "released", "approvals", "partial"),
        "free talks, to their end": ("expired", "breached", "delisted", "released", "partial"),
        "nash": ("opened", "agreed", "delisted", "acted"),
        "tit for tat": ("acted", "withdrawn", "announced_now"),
        "war of attrition": ("opened", "walked_out", "acted"),
    }
    for event in wanted.get(name, ("filings", "approvals", "raised")):
        assert seen[event] > 0, event
