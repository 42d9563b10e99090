"""Governments and carriers agree, world by world, with their second writing."""

import numpy as np
import pytest
from ally_runs import CASE, Run, anywhere, inputs

from .persuasion import PlainGovernments
from .procurement import PlainCarriers

WORLDS, MONTHS, SEED = 7, 72, 11
NAMES = CASE["governments"].key
WEAK = ("POL", "THA", "KEN")


def worlds_that_differ():
    """Seven worlds anywhere, with switches and levers on in some."""
    drawn = anywhere(WORLDS, SEED) | {
        "persuasion.government_change": np.array([0, 1, 0, 0, 1, 0, 0.0]),
        "persuasion.incidents": np.array([0, 0, 1, 0, 1, 0, 0.0]),
        "persuasion.taste_from_record": np.array([0, 0, 0, 1, 0, 0, 0.0]),
        "persuasion.reversal": np.array([0.005, 0.3, 0.005, 0.005, 0.3, 0.3, 0.005]),
        "persuasion.regional_prompt": np.array([0, 0, 0, 0, 0, 1, 0.0]),
        "persuasion.carrot_budget": np.array([60, 60, 60, 60, 60, 2.5, 60]),
        "persuasion.levers_from": np.array([0, 0, 0, 0, 0, 12, 0.0]),
        "coupling.bargain_to_allies": np.array([0, 0, 0.7, 0, 0, 0, 1.0]),
        "coupling.fill_to_allies": np.array([1, 0, 1, 1, 1, 1, 1.0]),
        "procurement.open_entrant": np.array([0, 0, 0, 1, 0, 1, 0.0]),
        "procurement.phase_out": np.array([78, 24, 30, 12, 1, 78, 20.5]),
    }
    for name in WEAK:
        drawn[f"carrot.{name}.offered"] = np.array([0, 0, 1, 0, 0, 1, 0.3])
        drawn[f"stick.{name}.threatened"] = np.array([0, 0.5, 0, 0, 0, 1, 0])
        drawn[f"coercion.{name}.threatened"] = np.array([0, 0, 0, 0.8, 0, 1, 0])
    return drawn


@pytest.mark.parametrize("drift, months", [("doubt_about_supply", MONTHS), ("trend_instead_of_doubt", 32)])
def test_governments_and_carriers_are_their_second_writing_world_by_world(drift, months):
    drawn = worlds_that_differ()
    dates = {"government.KEN.level": {"2018-01": 0.0, "2019-06": 2.0, "2020-09": 3.0, "2022-01": 0.0}}
    run = Run(drawn, worlds=WORLDS, months=months, seed=SEED, drift=drift, dates=dates)
    calendar = inputs(months, dates).values
    plain = []
    for world in range(WORLDS):
        values = {path: float(numbers[world]) for path, numbers in drawn.items()}
        trend = drift == "trend_instead_of_doubt"
        plain.append((PlainGovernments(CASE, values, calendar, SEED, world, trend), PlainCarriers(CASE, values, SEED, world)))
    for month in range(months):
        run.step()
        for world, (governments, carriers) in enumerate(plain):
            governments.step(month, run.fill(month), float(run.now.bargain[world]))
            carriers.step(month, {s.name: (s.rho, s.level) for s in governments.states}, governments.supply)
            compare(run, world, governments, carriers, f"{drift}, world {world}, month {month}")


def close(found, other, where):
    np.testing.assert_allclose(found, other, rtol=1e-9, atol=1e-9, err_msg=where)


def compare(run, world, governments, carriers, where):
    p, c = run.persuasion, run.procurement
    assert p.level[:, world].tolist() == [s.level for s in governments.states], where
    close(p.belief[:, world], [s.rho for s in governments.states], where)
    close(p.taste[:, world], [s.taste for s in governments.states], where)
    close([p.doubt[world], p.supply[world], p.spent[world]], [governments.doubt, governments.supply, governments.spent], where)
    awarded = [np.iinfo(np.int16).max if o.awarded is None else o.awarded for o in carriers.carriers]
    assert np.where(c.awarded[:, world] > run.months, np.iinfo(np.int16).max, c.awarded[:, world]).tolist() == awarded, where
    for found, name in ((c.chose_restricted, "restricted_award"), (c.chose_listed, "listed_award")):
        assert found[:, world].tolist() == [getattr(o, name) for o in carriers.carriers], where
    nothing = dict.fromkeys(c.vendors.names, 0.0)
    shares = [[(o.share5g or nothing)[key] for key in c.vendors.names] for o in carriers.carriers]
    close(c.share5g[:, :, world], shares, where)
    close(c.market.restricted[:, world], [carriers.restricted(carriers.mix(o)) for o in carriers.carriers], where)
    close(c.removed[:, world], [o.removed for o in carriers.carriers], where)
    close(c.swap_cost[:, world], [o.swap_cost for o in carriers.carriers], where)
    for abroad in (True, False):
        money = carriers.money(abroad)
        spent = run.procurement.market.spending[0, :, world] + (0 if abroad else run.procurement.market.spending[1, :, world])
        close(spent, [money[key] for key in c.vendors.names], where)
    if run.now.month % 12 == 11:
        close(c.market.exposure[:, world], [carriers.exposure(name) for name in NAMES], where)
        levels = {s.name: s.level for s in governments.states}
        close(sum(c.market.exclusion_cost[:, world]), carriers.exclusion_cost(levels), where)


def test_the_worlds_compared_live_through_everything():
    drawn, seen = worlds_that_differ(), {"raised": 0, "reviewed": 0, "reversed": 0}
    run = Run(drawn, worlds=WORLDS, months=MONTHS, seed=SEED)
    kept_at_cap = swapped = 0
    for _ in range(MONTHS):
        run.step()
        for name in seen:
            seen[name] += len(run.persuasion.happened[name])
        c = run.procurement
        kept_at_cap += int((c.bought.kept & c.bought.capped).sum())
        swapped += int((c.removed > 0).sum())
    assert min(seen.values()) > 0
    assert kept_at_cap > 0
    assert swapped > 0
    assert run.persuasion.spent[5] == 2.5
    assert run.persuasion.spent[2] > 0
