"""With the couplings off a lever of one exchange leaves every outcome of the others bit-identical; each coupling carries what it says.

Talks are free, so that they are alive and have levers. Beside the switches `coupling.*` three influences have a weight or a lever of
their own, which is off here: foreigners' parts and home-made ones that ease the line (authority.w_availability), a concession in talks
that firms hear as a statement (belief.ease), and a delisting signed in talks (talks.delisting_on, off unless set).
Two influences are no couplings and are left: what is licensed decides what may ship, and governments decide what carriers may buy.
The rest of what exchanges share are dated facts: product rules feed governments' doubt, tariffs and the arrest the vendor's fear. One
lever moves such a fact: without talks_to_threat the vendor hears the dated concession, which talks.licences_not_a_chip takes away.
"""

import numpy as np
import pytest
from runs import planned, run
from sign_runs import COUPLINGS

from benchmarks import core
from sim.model import simulate
from sim.outcomes import OUTCOMES
from sim.parameters import PARAMETERS
from sim.worlds import Worlds

pytestmark = pytest.mark.slow  # a dozen whole runs in pairs

EXCHANGES = {
    "licensing": (
        "filings", "approvals", "intents", "returns", "denials", "revocations", "lapses", "pending", "licences", "line", "belief", "doubt",
    ),
    "supply": (
        "face_value", "controlled_sales", "foreign_sales", "domestic_sales", "chips_bought", "lost_sales", "net_lost_sales", "spill_over",
        "controlled_change", "foreign_change", "foreign_chip_change", "domestic_change", "stock_change", "unmet_change", "need_change",
        "raw_material", "scarce_stock", "own_chip_stock", "threat", "research_share", "revenue_carrier", "revenue_enterprise",
        "revenue_consumer", "revenue", "carrier_fill", "enterprise_fill", "consumer_fill", "unmet", "domestic_chips",
    ),
    "talks": (
        "bargain", "tariff_on_target", "tariff_on_controller", "announced_tariff", "restriction", "talks_open", "deals", "partial_deals",
        "walk_outs", "tariff_acts", "breaches", "zone", "zone_width", "promised_purchases", "kept_purchases", "cost_of_delay", "left_on_table",
    ),
    "persuasion": ("declarations", "bans", "exclusions", "threat_belief", "supply_doubt", "carrot_spending"),
    "procurement": ("awards", "vendor_share", "vendor_share_world", "concentration", "exposure", "swap_cost", "exclusion_cost"),
}  # fmt: skip
OFF = {
    **dict.fromkeys(COUPLINGS, 0), "rules.talks_mode": "free", "authority.w_availability": 0, "belief.ease": 0,
    "licensing.base_shift": 0, "procurement.discount_change": 0, "talks.break_chance": 0.25, "vendor.horizon_network": 24,
}  # fmt: skip
LEVERS = {  # what is set, and the exchanges that may then differ: each of them must
    "licensing.base_shift": (0.1, {"licensing", "supply"}),
    "authority.capacity": (60, {"licensing", "supply"}),
    "vendor.stockpile": (0, {"supply"}),
    "vendor.horizon_network": (12, {"supply"}),
    "talks.link": (0, {"talks"}),
    "talks.break_chance": (0.4, {"talks"}),
    "talks.licences_not_a_chip": (1, {"talks", "supply"}),
    "persuasion.pressure_factor": (1.3, {"persuasion", "procurement"}),
    "procurement.discount_change": (0.1, {"procurement"}),
    "procurement.cap": (0.1, {"procurement"}),
}
CARRIES = {  # what a coupling switched on alone moves
    "coupling.talks_to_line": {"licensing", "supply"},
    "coupling.loss_to_line": {"licensing", "supply"},
    "coupling.loss_to_talks": {"talks"},
    "coupling.need_to_talks": {"talks"},
    "coupling.talks_to_threat": {"supply"},
    "coupling.fill_to_allies": {"persuasion", "procurement"},
    "coupling.bargain_to_allies": {"persuasion", "procurement"},
    "coupling.carriers_to_vendor": {"supply"},
}
WEIGHTS = {  # influences without a switch: what turns them on, and what a lever of the first then moves in the second
    "authority.w_availability": (0.3, "domestic.programme", 2, "licensing"),
    "belief.ease": (0.3, "talks.licences_not_a_chip", 1, "licensing"),
}


def ran(**change):
    """Both years of carriers' demand that follows their choices are in it."""
    return run("history", tuple(f"{path}={value}" for path, value in {**OFF, **change}.items()), worlds=25, months=84)


def moved(before, after):
    """The exchanges in which some outcome differs by a bit."""
    return {exchange for exchange, names in EXCHANGES.items() if any(not np.array_equal(before[name], after[name]) for name in names)}


def test_every_outcome_belongs_to_one_exchange():
    names = [name for names in EXCHANGES.values() for name in names]
    assert sorted(names) == sorted(OUTCOMES)


@pytest.mark.parametrize("lever", LEVERS)
def test_with_the_couplings_off_a_lever_stays_in_its_exchange(lever):
    value, may = LEVERS[lever]
    assert moved(ran(), ran(**{lever: value})) == may


@pytest.mark.parametrize("coupling", CARRIES)
def test_a_coupling_alone_carries_what_it_says_and_nothing_else(coupling):
    assert moved(ran(), ran(**{coupling: 1})) == CARRIES[coupling]


def test_what_partners_offices_cover_reaches_the_controllers_line_and_nothing_else():
    """It takes a case with several offices, and works through the weight of what others could sell."""
    sets = {**OFF, "authority.w_availability": 0.3}
    off, on = ({**sets, "coupling.partners_to_line": switch} for switch in (0, 1))
    before, after = (run("second_firm", tuple(f"{path}={value}" for path, value in change.items()), 25, 84) for change in (off, on))
    assert moved(before, after) == {"licensing", "supply"}


def test_every_coupling_is_tested():
    assert {*CARRIES, "coupling.partners_to_line"} == {path for path in PARAMETERS if path.startswith("coupling.")}
    assert set(CARRIES) == set(COUPLINGS)


@pytest.mark.parametrize("weight", WEIGHTS)
def test_an_influence_without_a_switch_ends_with_its_weight(weight):
    value, lever, setting, into = WEIGHTS[weight]
    with_it, without = {weight: value}, {}
    assert into in moved(ran(**with_it), ran(**with_it, **{lever: setting}))
    assert into not in moved(ran(**without), ran(**without, **{lever: setting}))


def test_a_delisting_signed_in_talks_reaches_every_exchange():
    """The one way from talks into all others; it is off the table unless a scenario puts it there."""
    on = {"talks.delisting_on": 1, "talks.delisting.cost": 0.1, "talks.delisting.worth": 3}
    signed = ran(**on, **{"talks.break_chance": 0})
    assert {"licensing", "supply"} <= moved(ran(**{"talks.break_chance": 0}), signed)


def test_with_the_couplings_on_stockpiling_reaches_everyone():
    on = dict.fromkeys(COUPLINGS, 1)
    assert moved(ran(**on), ran(**on, **{"vendor.stockpile": 0})) == set(EXCHANGES)


def test_the_core_that_the_benchmark_times_is_the_month_without_its_couplings():
    sets = tuple(f"{path}=0" for path in COUPLINGS)
    plan, worlds = core.plan_of(planned("history", sets, months=48)), Worlds.range(0, 10)
    with core.alone():
        found = simulate(plan.scenario, plan.case, worlds, plan.values(worlds)).series
    whole = run("history", sets, worlds=10, months=48)
    assert {*EXCHANGES["licensing"], *EXCHANGES["supply"]} <= set(found)
    assert all(np.array_equal(found[name], whole[name]) for name in found)
