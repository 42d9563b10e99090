"""The talks: books in every month and world, pairs, modes and story tests."""

import dataclasses

import numpy as np
import pytest
from talks_runs import CASE, anywhere, run

from sim.exchanges.seat import Situation
from sim.exchanges.talks import Talks
from sim.luck import Luck
from sim.rules import package
from sim.rules.protocols import PROTOCOLS
from sim.values import values_of
from sim.worlds import Worlds

WORLDS, TINY = 200, 1e-9


class Ledger:
    """Books 11 to 12i of the talks, each month."""

    def __init__(self) -> None:
        self.before = None
        self.last = {}
        self.seen = dict.fromkeys(Talks.EVENTS, 0)

    def __call__(self, talks, now):
        for event, mask in talks.happened.items():
            self.seen[event] += int(mask.sum())
        for check in (self.signatures, self.linking, self.tariffs, self.shares, self.offers, self.counts):
            check(talks, now)
        self.last = {
            "target": talks.added_on_target.copy(), "controller": talks.added_on_controller.copy(),
            "in_talks": talks.in_talks.copy(),
            "offers": talks.offers, "limits": talks.seat.limits, "announced": talks.announced.copy(),
        }  # fmt: skip

    def signatures(self, talks, now):
        """11"""
        seat, happened = talks.seat, talks.happened
        to_controller, to_target = package.values(seat.row, talks.given)
        signed, agreed = happened["signed"], happened["agreed"]
        assert (to_controller - seat.least_controller)[signed].min(initial=0) >= -TINY
        assert (to_target - seat.least_target)[signed].min(initial=0) >= -TINY
        assert (talks.dial - seat.limits.target)[agreed].min(initial=0) >= -TINY
        assert (seat.limits.controller - talks.dial)[agreed].min(initial=0) >= -TINY
        assert not (happened["agreed"] & happened["settled"]).any()
        assert not (signed & happened["walked_out"]).any()

    def linking(self, talks, now):
        """11b"""
        row, half = talks.seat.row, np.full(talks.bargain.shape, 0.5)
        nobody, one = np.zeros(WORLDS), np.ones(WORLDS)
        own, other = package.values(row, package.package(row, half, nobody))
        reached = package.limits(row, one, own, np.full_like(own, -1e6)).controller
        linked = package.values(row, package.package(row, reached, one))[1]
        assert (linked - other).min() >= -1e-7

    def tariffs(self, talks, now):
        """12 and 12b"""
        quiet = talks.talked & ~talks.happened["walked_out"]
        if self.last:
            for added, name in ((talks.added_on_target, "target"), (talks.added_on_controller, "controller")):
                assert (added - self.last[name])[quiet].max(initial=0) <= 0
        assert talks.added_on_target.min() >= 0
        assert talks.added_on_controller.min() >= 0
        assert (talks.tariff_on_target - talks.ceiling).max() <= TINY
        assert (talks.added_on_controller - talks.cap).max() <= TINY

    def shares(self, talks, now):
        """12c, 12e, 12i"""
        for x in (talks.given, talks.restriction, talks.trust):
            assert 0 <= x.min() <= x.max() <= 1
        most = np.maximum(talks.p.full_bargain, talks.p.bargain_in_truce)
        assert talks.bargain.min() >= 0
        assert (talks.bargain - most).max() <= TINY
        assert not talks.bargain[now.listed <= 0].any()
        assert (talks.kept <= talks.promised + TINY).all()
        assert (talks.kept_so_far <= talks.promise_so_far + TINY).all()
        assert not talks.bargain[:, talks.p.licences_not_a_chip == 1].any()

    def offers(self, talks, now):
        """12d"""
        if not self.last:
            return
        within = talks.talked & ~talks.happened["opened"]
        for side in ("controller", "target"):
            fell = within & (getattr(talks.offers, side) < getattr(self.last["offers"], side) - TINY)
            came_nearer = getattr(talks.seat.limits, f"concession_{side}") < getattr(self.last["limits"], f"concession_{side}")
            assert came_nearer[fell].all()

    def counts(self, talks, now):
        """12f, 12g, 12h"""
        spells = self.seen["opened"]
        assert spells == self.seen["walked_out"] + self.seen["signed"] + int(talks.in_talks.sum())
        points = talks.points
        gone = points["in_force"] + points["withdrawn"] + points["cancelled"] + talks.announced
        assert np.abs(points["announced"] - gone).max() <= TINY
        if self.last:
            assert not (talks.happened["opened"] & self.last["in_talks"]).any()
            assert not (talks.happened["announced"] & (self.last["announced"] > 0)).any()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_books_balance_in_every_month_and_world(protocol):
    drawn = anywhere(WORLDS) | {
        "talks.licences_not_a_chip": (np.arange(WORLDS) % 5 == 0) * 1.0, "talks.link": (np.arange(WORLDS) % 7 != 0) * 1.0,
        "talks.delisting_on": (np.arange(WORLDS) % 3 == 0) * 1.0,
    }  # fmt: skip
    books = Ledger()
    run(drawn, months=96, protocol=protocol, look=books)
    assert books.seen["acted"] > 0
    assert (books.seen["signed"] > 0) == PROTOCOLS[protocol].meets


def test_the_books_would_see_a_tariff_that_rises_in_a_truce():
    class Cheat(Ledger):
        def __call__(self, talks, now):
            if now.month == 20:
                talks.added_on_target = talks.added_on_target + 1
            super().__call__(talks, now)

    with pytest.raises(AssertionError):
        run(anywhere(WORLDS), months=30, look=Cheat())


def test_many_worlds_are_many_single_worlds():
    drawn = anywhere(7)
    _, many = run(drawn, months=60)
    p = {path: values[4:5] for path, values in drawn.items()}
    import talks_runs

    talks = Talks(CASE, Luck(2019, Worlds.range(4, 1)), values_of(CASE, {}, p, 1), 1)
    for month in range(60):
        levers = [np.full(1, talks_runs.dated(lever, 60)[month]) for lever in talks_runs.INPUTS]
        lost, unmet = talks_runs.stand_ins(month)
        easing = 1 - 0.5 * talks.bargain
        talks.negotiate(Situation(month, np.where(talks.delisted, 0, levers[0]), *levers[1:], lost * easing, unmet * easing))
        for name, value in talks_runs.record(talks).items():
            assert np.array_equal(value[..., 0], many[name][month][..., 4]), (name, month)
    assert many["signed"].any()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_three_pairs_are_three_single_pairs(protocol):
    pairs = [("USA", "CHN"), ("USA", "RUS"), ("JPN", "KOR")]
    dice = np.random.default_rng(1)
    drawn = anywhere(7) | {f"government.{iso3}.hawk": dice.uniform(0.3, 0.7, 7) for iso3 in ("RUS", "JPN", "KOR")}
    _, together = run(drawn, months=60, protocol=protocol, pairs=pairs)
    for number, pair in enumerate(pairs):
        _, alone = run(drawn, months=60, protocol=protocol, pairs=[pair])
        for name, values in together.items():
            assert np.array_equal(values[..., number, :], alone[name][..., 0, :]), (name, pair)
    assert not np.array_equal(together["added_on_target"][:, 0], together["added_on_target"][:, 1])


def following(month, drawn, tariffs=(21.0, 20.0)):
    worlds = len(next(iter(drawn.values())))
    talks = Talks(CASE, Luck(1, Worlds.range(0, worlds)), values_of(CASE, {}, drawn, worlds), worlds)
    zero, one = np.zeros(worlds), np.ones(worlds)
    talks.follow(
        Situation(month, one, one, zero, zero, zero, zero + 2, zero + 0.1), *(np.full(worlds, x) for x in tariffs), zero + 0.35
    )
    return talks


def test_dated_talks_take_tariffs_and_bargain_as_facts_and_still_lay_the_table():
    talks = following(20, anywhere(7))
    assert talks.tariff_on_target == pytest.approx(np.full((1, 7), 21.0))
    assert talks.added_on_controller == pytest.approx(np.full((1, 7), 12.4))
    assert (talks.bargain == 0.35).all()
    assert not talks.announced.any()
    assert not talks.restriction.any()
    assert (talks.trust == 0.8).all()
    assert not any(mask.any() for mask in talks.happened.values())
    assert len(set(talks.seat.zone[0])) == 7


def test_a_tariff_below_its_old_level_adds_nothing():
    assert not following(6, anywhere(7), tariffs=(3.0, 7.2)).added_on_controller.any()


def test_free_talks_have_no_way_to_read_a_dated_tariff_truce_or_bargain():
    fields = {field.name for field in dataclasses.fields(Situation)}
    assert fields == {"month", "listed", "agenda", "election", "emergency", "tightened", "lost", "unmet"}


def test_without_an_agenda_nothing_happens():
    _, history = run(anywhere(50), inputs={"talks.agenda": np.zeros(36)})
    assert not any(history[event].any() for event in Talks.EVENTS)
    assert (history["tariff_on_target"] == history["tariff_on_target"][0]).all()


def test_licences_that_are_no_chip_are_never_eased_and_leave_the_table():
    def look(talks, now):
        licences = talks.issues.names.index("licences")
        assert not talks.seat.row.worth[licences].any()
        assert not talks.seat.row.cost[licences].any()

    _, history = run(anywhere(WORLDS) | {"talks.licences_not_a_chip": np.ones(WORLDS)}, months=96, look=look)
    assert not history["bargain"].any()
    assert history["signed"].any()


def test_a_delisting_counts_from_the_next_month_and_ends_the_concession_on_licences():
    fixed = {"talks.delisting_on": 1.0, "talks.delisting.cost": 0.05}
    _, history = run({}, fixed=fixed, worlds=200, months=60)
    off = history["delisted"][:, 0]
    assert off.any()
    assert not history["bargain"][1:, 0][off[:-1]].any()


def test_a_deal_lasts_two_years_and_expires_or_ends_with_a_threat():
    _, history = run(anywhere(WORLDS), months=96)
    signed, expired = history["signed"][:, 0], history["expired"][:, 0]
    ends = np.argwhere(expired)
    assert len(ends) > 20
    for month, world in ends:
        assert signed[month - 23, world]
    assert (history["breached"][:, 0] & history["announced"][:, 0]).any()


def test_offers_know_what_they_are_worth_to_each_side():
    talks, _ = run(anywhere(WORLDS), months=24)
    for side in ("controller", "target"):
        offer = talks.offer(side)
        rich = talks.in_talks & (offer.dial > 0) & (offer.dial < 1)
        assert rich.any()
        mine = (
            offer.to_controller - talks.seat.least_controller
            if side == "controller"
            else offer.to_target - talks.seat.least_target
        )
        assert mine[rich].min() >= -TINY  # nobody offers what it could not ratify


def test_an_unlucky_break_changes_nothing_before_it():
    """One world, one spell: with tempers that never break, the month of the break is the first that differs."""
    _, calm = run({}, fixed={"talks.break_chance": 0.0}, worlds=100)
    _, usual = run({}, worlds=100)
    ended = usual["walked_out"][:, 0] | usual["settled"][:, 0]
    for world in np.flatnonzero(ended.any(axis=0))[:40]:
        month = int(ended[:, world].argmax())
        for name in ("added_on_target", "k_controller", "bargain", "announced_points"):
            assert np.array_equal(calm[name][:month, 0, world], usual[name][:month, 0, world])
