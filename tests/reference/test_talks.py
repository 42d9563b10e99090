"""The talks agree, world by world, with their second writing."""

import numpy as np
import pytest
from talks_runs import CASE, INPUTS, anywhere, dated, run, stand_ins

from . import talks as plain

WORLDS, MONTHS, SEED = 7, 96, 11
PROTOCOLS = ("concession", "nash", "tit_for_tat", "war_of_attrition")
EXACT = (
    "opened", "agreed", "settled", "walked_out", "partial", "acted", "withdrawn", "expired", "breached",
    "in_talks", "zone", "delisted", "deal", "spell", "due",
)  # fmt: skip
CLOSE = {
    "added_on_target": "added_on_target", "added_on_controller": "added_on_controller", "restriction": "restriction",
    "announced": "announced_points", "trust": "trust", "months": "months", "k_controller": "k_controller", "k_target": "k_target",
    "bargain": "bargain", "promised": "promised", "kept": "kept", "dial": "dial", "given": "given",
}  # fmt: skip


def worlds_that_differ() -> dict[str, np.ndarray]:
    """Seven worlds of other parameters; some unlinked, with the delisting on the table, or without licences on it."""
    return {
        **anywhere(WORLDS, seed=SEED),
        "talks.link": np.array([1, 1, 0, 1, 0.4, 1, 1.0]),
        "talks.delisting_on": np.array([0, 1, 0, 1, 0, 1, 0.0]),
        "talks.delisting.cost": np.array([1, 0.1, 1, 0.2, 1, 0.1, 1]),
        "talks.licences_not_a_chip": np.array([0, 0, 0, 0, 1, 0, 0.0]),
    }


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_talks_are_their_second_writing_world_by_world(protocol):
    drawn = worlds_that_differ()
    seats: list[dict[str, np.ndarray]] = []

    def look(talks, now):
        seat, limits = talks.seat, talks.seat.limits
        seats.append({
            "far": limits.controller[0], "near": limits.target[0], "zone_points": seat.zone_points[0],
            "harm_controller": seat.harm_controller[0], "harm_target": seat.harm_target[0],
            "least_controller": seat.least_controller[0], "least_target": seat.least_target[0],
            "delay_controller": talks.delay_controller[0], "delay_target": talks.delay_target[0],
            "order": seat.row.order[:, 0].copy(),
        })  # fmt: skip

    _, history = run(drawn, months=MONTHS, protocol=protocol, seed=SEED, look=look)
    levers = {lever: dated(lever, MONTHS) for lever in INPUTS}
    for world in range(WORLDS):
        values = {path: float(numbers[world]) for path, numbers in drawn.items()}
        months = plain.run(
            CASE, values, levers, seed=SEED, world=world, months=MONTHS, protocol=protocol,
            lost=lambda month, bargain: stand_ins(month)[0] * (1 - 0.5 * bargain),
            unmet=lambda month, bargain: stand_ins(month)[1] * (1 - 0.5 * bargain),
        )  # fmt: skip
        for month, one in enumerate(months):
            where = f"{protocol}, world {world}, month {month}"
            for name in EXACT:
                assert history[name][month, 0, world] == one[name], f"{name}: {where}"
            assert history["announced"][month, 0, world] == one["announced_now"], where
            for name, column in CLOSE.items():
                assert history[column][month][..., 0, world] == pytest.approx(one[name], rel=1e-9, abs=1e-9), f"{name}: {where}"
            for name, seen in seats[month].items():
                assert seen[..., world] == pytest.approx(one[name], rel=1e-9, abs=1e-9), f"{name}: {where}"


def test_the_worlds_compared_live_through_everything():
    """Else the comparison would say little: in each protocol's seven worlds most kinds of events happen."""
    drawn = worlds_that_differ()
    seen = {protocol: run(drawn, months=MONTHS, protocol=protocol, seed=SEED)[1] for protocol in PROTOCOLS}
    for event in ("opened", "agreed", "walked_out", "partial", "announced", "acted", "withdrawn", "breached"):
        assert seen["concession"][event].any(), event
    assert seen["concession"]["settled"].any() or seen["concession"]["expired"].any()
    assert any(history["delisted"].any() for history in seen.values())
    assert not seen["tit_for_tat"]["opened"].any()
    assert seen["tit_for_tat"]["acted"].any()
