"""Stylised facts of governments and carriers in the whole model: each is there, and goes when its mechanism is switched off.

Thresholds as in MODEL 14, facts 15 to 19; 200 worlds to the end of 2020, everything coupled, everything uncertain drawn.
"""

import functools

import numpy as np
import pytest
from runs import model, month

from sim.analysis.allies import Watcher

WORLDS, MONTHS = 200, 36
# What the model does not show: (what is asked for, the band in which the measured figure lies). The test fails too when a miss goes away.
MISSES = {
    "16 without": ("under .1", (0.12, 0.22)),
    "18 without": ("under .08", (0.18, 0.30)),
}
NO_THREAT = ("persuasion.w_intel=0", "persuasion.w_conflict=0")
NO_ALARM = ("procurement.drop_threat=0", "procurement.drop_supply=0")
NO_BASE = ("procurement.refresh=1", "procurement.share_of_5g=1", "procurement.spending_on_5g=5")


def still_misses(fact, value):
    low, high = MISSES[fact][1]
    assert low <= value <= high, f"{fact}: {value:.3g}; asked for {MISSES[fact][0]}"


@functools.lru_cache(maxsize=8)
def ran(*sets):
    """The model at the end of 2020, and what was seen of governments and carriers on the way."""
    m = model("history", sets, worlds=WORLDS, months=MONTHS, first=0)
    watcher = Watcher(m.persuasion, m.procurement)
    for _ in range(MONTHS):
        m.step()
        watcher.see()
    m.close()
    return m, watcher


def at_end(*sets):
    return ran(*sets)[1].levels[month(2020, 12)]


def columns():
    return ran()[0].persuasion.columns


def upper_minus_lower_third(*sets):
    """Mean level of those above the second third by threat before 2018 minus that of those up to the first (many are equal)."""
    threat, decides = ran()[0].case["governments"]["threat0"], columns().decides
    first, second = np.quantile(threat[decides], [1 / 3, 2 / 3])
    level = at_end(*sets)
    return np.mean(level[decides & (threat > second)]) - np.mean(level[decides & (threat <= first)])


def allies_minus_others(*sets):
    ally, decides, declared = columns().ally > 0, columns().decides, at_end(*sets) >= 1
    return np.mean(declared[decides & ally]) - np.mean(declared[decides & ~ally])


def left_out_without_rules(*sets):
    """Share of awards to 2020 without restricted vendors, at level 0 in Europe, of carriers whose 4G they had built."""
    m, watcher = ran(*sets)
    c = m.procurement
    region = np.asarray(m.case["governments"]["peer_group"])[c.operators.government] == "Europe"
    here = (region & (c.operators.has > 0))[:, None] & (c.awarded <= month(2020, 12)) & (watcher.level_at_award == 0)
    return np.sum(here & ~c.chose_restricted) / np.sum(here)


def loss_of_share(*sets):
    """Of the money spent on radio networks outside the target, mean of 2019 less mean of 2020."""
    money = np.array(ran(*sets)[1].money)
    return np.mean(money[12:24]) - np.mean(money[24:36])


def test_15_states_with_ties_or_a_quarrel_restrict_first():
    assert upper_minus_lower_third() > 0.8
    assert upper_minus_lower_third(*NO_THREAT) < 0.3


def test_16_pressed_allies_declare():
    assert allies_minus_others() > 0.2
    without = allies_minus_others("persuasion.pressure_factor=0")
    assert without < allies_minus_others() / 2
    still_misses("16 without", without)


def test_17_doubt_about_supply_moves_some_to_bans_and_only_after_may_2020():
    with_doubt, without = ran()[1], ran("persuasion.w_supply=0")[1]
    more = [
        np.mean(np.sum(with_doubt.levels[at] == 3, axis=0) - np.sum(without.levels[at] == 3, axis=0))
        for at in (month(2020, 4), month(2020, 12))
    ]
    assert abs(more[0]) < 0.05  # before it, only what the vendor could not build: in one world of these
    assert more[1] >= 1


def test_18_carriers_leave_ahead_of_governments():
    assert left_out_without_rules() > 0.15
    without = left_out_without_rules(*NO_ALARM)
    assert without < left_out_without_rules() - 0.1
    still_misses("18 without", without)


def test_19_the_vendor_loses_slowly_outside_the_target():
    assert 0 < loss_of_share() < 0.04
    assert loss_of_share(*NO_BASE) > 0.04  # an installed base that weighs nothing


@pytest.mark.parametrize("mechanism", [NO_ALARM, NO_BASE], ids=["alarm", "installed base"])
def test_what_carriers_are_switched_off_from_changes_no_government(mechanism):
    assert np.array_equal(at_end(*mechanism), at_end())
    assert not np.array_equal(ran(*mechanism)[0].procurement.share5g, ran()[0].procurement.share5g)
