"""Talks between the controller of exports and its target: threats, tariffs, offers, deals. A pair of governments is a row.

In `follow` the calendar says what happened, and only the table is laid; in `negotiate` the rules say it. What was done
this month stands in `happened`, what lay on the table in `seat`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.case import Case
from sim.exchanges import minutes
from sim.exchanges.issues import Issues
from sim.exchanges.seat import Offer, Seat, Situation
from sim.luck import Luck
from sim.rules import concession, package, promise, tariffs
from sim.rules.concession import Offers
from sim.rules.protocols import PROTOCOLS, Ending, Meeting
from sim.trace import SILENT, Journal
from sim.worlds import Mask, Numbers


def pairs_of(case: Case) -> list[tuple[str, str]]:
    """The case's pair: the controller and the target."""
    of = dict(zip(case["governments"]["role"], case["governments"].key, strict=True))
    return [(of["persuader"], of["target_home"])]


class Talks:
    """All pairs' tariffs, threats, offers and deals. (pairs, worlds) unless said.

    added_on_target, added_on_controller: points of tariff added since the start; restriction: other retaliation, 0-1
    announced: points threatened and not in force; due: month of the threat's date; trust: in promises, 0-1
    in_talks; months: of talks, those kept of the last spell counted in; spell: of this spell alone; offers: of the dial
    deal: months that a deal is still in force; promised, kept: USD bn a year; promise_so_far, kept_so_far: USD bn of this deal
    bargain: concession on licences, 0-1; delisted: the vendor came off the list
    given: what was signed this month, share of each issue, (issues, pairs, worlds); dial: where it was signed
    left_on_table: points, where talks ended this month; delay_*: points lost so far in months of talks
    points: announced, in_force, withdrawn, cancelled: points of tariff so far
    happened: opened, signed, agreed, settled, partial, walked_out, announced, acted, withdrawn, expired, breached, lapsed
    """

    journal: Journal = SILENT

    EVENTS = (
        "opened", "signed", "agreed", "settled", "partial", "walked_out",
        "announced", "acted", "withdrawn", "expired", "breached", "lapsed",
    )  # fmt: skip

    def __init__(
        self, case: Case, luck: Luck, p: Any, worlds: int, protocol: str = "concession",
        pairs: Sequence[tuple[str, str]] | None = None,
    ) -> None:  # fmt: skip
        self.luck, self.p, self.protocol = luck, p.talks, PROTOCOLS[protocol]
        self.pairs = list(pairs) if pairs is not None else pairs_of(case)
        self.rows = tuple((f"{controller} {target}", 1) for controller, target in self.pairs)
        self.issues = Issues(case, p)
        self.hawk_controller = np.stack([p.government.hawk[controller] for controller, _ in self.pairs])
        self.hawk_target = np.stack([p.government.hawk[target] for _, target in self.pairs])
        self.hardest = np.maximum(self.hawk_controller, self.hawk_target)
        shape = (len(self.pairs), worlds)

        def nothing() -> Numbers:
            return np.zeros(shape)

        self.added_on_target, self.added_on_controller, self.restriction = nothing(), nothing(), nothing()
        self.announced, self.due, self.trust = nothing(), nothing(), np.tile(self.p.trust0, (len(self.pairs), 1))
        self.months, self.spell, self.deal = nothing(), nothing(), nothing()
        self.offers = Offers(nothing(), nothing(), nothing(), nothing())
        self.promised, self.kept, self.promise_so_far, self.kept_so_far = nothing(), nothing(), nothing(), nothing()
        self.bargain, self.dial, self.left_on_table = nothing(), nothing(), nothing()
        self.delay_controller, self.delay_target = nothing(), nothing()
        self.points = {name: nothing() for name in ("announced", "in_force", "withdrawn", "cancelled")}
        self.in_talks: Mask = np.zeros(shape, bool)
        self.delisted: Mask = np.zeros(shape, bool)
        self.given: Numbers = np.zeros((len(self.issues.names), *shape))
        self.ceiling = self.cap = nothing()
        self.happened: dict[str, Mask] = {}
        self.seat: Seat
        self._forget()

    @property
    def tariff_on_target(self) -> Numbers:
        """The controller's average tariff on the target, percent."""
        return np.asarray(self.p.tariff_before_on_target + self.added_on_target)

    @property
    def tariff_on_controller(self) -> Numbers:
        """The target's average tariff on the controller, percent."""
        return np.asarray(self.p.tariff_before_on_controller + self.added_on_controller)

    def follow(self, now: Situation, tariff_on_target: Numbers, tariff_on_controller: Numbers, bargain: Numbers) -> None:
        """A month in which tariffs (percent), truces and deals are dated facts: only the table is laid, for the report."""
        self._forget()
        nothing = np.zeros(self.bargain.shape)
        self.added_on_target = nothing + np.maximum(tariff_on_target - self.p.tariff_before_on_target, 0)
        self.added_on_controller = nothing + np.maximum(tariff_on_controller - self.p.tariff_before_on_controller, 0)
        self.bargain = nothing + bargain
        self._set_limits(now)
        self._lay(now, *self._harm(now))

    def take_up(self, promised: float, months: int) -> None:
        """Free talks begin after dated months, with what these left: a deal still in force for so many months, and other retaliation.

        promised: share of the largest purchases that the deal promises
        """
        nothing = np.zeros(self.bargain.shape)
        self.deal, self.promised = nothing + months, nothing + self.p.purchases * promised * (months > 0)
        self.restriction = nothing + self.p.restriction_then

    def negotiate(self, now: Situation) -> None:
        """A month of the rules, in the order of docs/model.md. Reads no dated tariff, truce or bargain."""
        self._forget()
        self._set_limits(now)
        harm = self._harm(now)
        self._open(now, harm[0] + harm[1])
        self._lay(now, *harm)
        ending = self._meet(now)
        self._sign(now, ending)
        self._keep(now)
        self._announce(now)
        self._act(now)
        self._close()

    def _roll(self, purpose: str, now: Situation) -> Numbers:
        return self.luck.table(self.rows, purpose, now.month)

    def _forget(self) -> None:
        """A new month: nothing has happened yet."""
        self.happened = {event: np.zeros(self.in_talks.shape, bool) for event in self.EVENTS}
        self.talked = self.in_talks
        self.given, self.dial, self.left_on_table = np.zeros_like(self.given), np.zeros_like(self.dial), np.zeros_like(self.dial)

    def _set_limits(self, now: Situation) -> None:
        """How far tariffs can go: ceiling in percent, cap in points."""
        law = now.emergency > 0
        nothing = np.zeros(self.in_talks.shape)
        self.ceiling = nothing + np.where(law, self.p.emergency_ceiling, self.p.ceiling)
        self.cap = nothing + np.where(law, self.p.emergency_ceiling, self.p.cap_target)

    def _states(self, now: Situation) -> dict[str, Numbers]:
        nothing = np.zeros(self.in_talks.shape)
        return {
            "unmet": nothing + now.unmet, "lost_controlled": nothing + now.lost, "trust": self.trust,
            "added_on_target": self.added_on_target, "added_on_controller": self.added_on_controller,
            "restriction": self.restriction,
        }  # fmt: skip

    def _harm(self, now: Situation) -> tuple[Numbers, Numbers]:
        """What a year without a deal costs each side; a believed threat counts as if it were in force."""
        to_controller, to_target = self.issues.harm(self._states(now))
        return to_controller, to_target + self.p.believe * self.announced

    def _open(self, now: Situation, harm: Numbers) -> None:
        if not self.protocol.meets:
            return
        p = self.p
        free = ~self.in_talks & ((self.deal <= 0) | (self.announced > 0))
        u, chance = self._roll("open", now), concession.opening_chance(now.agenda, p.open, harm)
        opened = free & (u < chance)
        self.journal.note("talks opened", opened, self.pairs, agenda=now.agenda, rate=p.open, harm=harm, chance=chance, luck=u)
        self.happened["opened"] = opened
        self.in_talks = self.talked = self.in_talks | opened
        self.months = np.where(opened, p.keep * self.months, self.months)
        self.spell = np.where(opened, 0, self.spell)
        self.offers = self.offers.since(opened)
        self.added_on_target = np.where(opened, np.minimum(self.added_on_target, p.bearable), self.added_on_target)
        self.added_on_controller = np.where(opened, np.minimum(self.added_on_controller, p.bearable), self.added_on_controller)

    def _lay(self, now: Situation, harm_controller: Numbers, harm_target: Numbers) -> None:
        p = self.p
        row = self.issues.row(self._states(now), now.listed > 0, self.hawk_controller, self.hawk_target)
        relief = p.w_election * now.election
        least_controller = concession.reservation(p.reservation_controller, p.w_hawk, self.hawk_controller, relief)
        least_target = concession.reservation(p.reservation_target, p.w_hawk, self.hawk_target, p.believe * self.announced)
        limits = package.limits(row, p.link, least_controller, least_target)
        points = package.best_joint_gain(row) - least_controller - least_target
        width = limits.controller - limits.target
        self.seat = Seat(row, harm_controller, harm_target, least_controller, least_target, limits, width, points)

    def _meet(self, now: Situation) -> Ending:
        p, seat = self.p, self.seat
        self.months = self.months + self.talked
        self.spell = self.spell + self.talked
        meeting = Meeting(
            row=seat.row, link=p.link, limits=seat.limits, least_controller=seat.least_controller, least_target=seat.least_target,
            harm_controller=seat.harm_controller, harm_target=seat.harm_target,
            offers=self.offers, opened=self.happened["opened"], months=self.months, patience=p.patience,
            beta_controller=p.beta_controller, beta_target=p.beta_target, imitation=p.imitation,
            least=p.least, tempers=p.break_chance, hardest=self.hardest, grid=int(p.grid),
            luck_break=self._roll("break", now), luck_controller=self._roll("yield_controller", now),
            luck_target=self._roll("yield_target", now),
        )  # fmt: skip
        ending = self.protocol.end(meeting)
        if self.journal.on:
            minutes.take(self.journal, self, meeting, ending)
        self.offers = Offers(*(np.where(self.talked, new, old) for new, old in zip(ending.offers, self.offers, strict=True)))
        self.delay_controller = self.delay_controller + np.where(self.talked, seat.harm_controller / 12, 0)
        self.delay_target = self.delay_target + np.where(self.talked, seat.harm_target / 12, 0)
        return ending

    def _sign(self, now: Situation, ending: Ending) -> None:
        """Signatures, walk-outs, and what they change at once."""
        p, seat, talked = self.p, self.seat, self.talked
        agreed, settled, walked_out = talked & ending.agreed, talked & ending.settled, talked & ending.walked_out
        signed = agreed | settled
        given = self.given = np.where(signed, ending.given, 0)
        self.dial = np.where(signed, ending.dial, 0)
        share = self.issues.share
        to_controller, to_target = package.values(seat.row, given)
        foregone = package.best_joint_gain(seat.row) - to_controller - to_target
        self.left_on_table = np.where(signed, foregone, np.where(walked_out & seat.limits.zone, seat.zone_points, 0))
        self.happened |= {
            "signed": signed, "agreed": agreed, "settled": settled, "walked_out": walked_out,
            "partial": signed & (package.moved(seat.row, given) < p.partial_below),
        }  # fmt: skip
        self.in_talks = talked & ~signed & ~walked_out

        self.added_on_target = self.added_on_target * (1 - share("added_on_target", given))
        self.added_on_controller = self.added_on_controller * (1 - share("added_on_controller", given))
        self.restriction = self.restriction * (1 - share("restriction", given))
        self.delisted = self.delisted | (signed & (share("law.listing", given) >= p.delisting_from))
        chip = 1 - p.licences_not_a_chip
        conceded = np.where(signed, p.full_bargain * share("bargain", given) * chip, self.bargain)
        conceded = np.where(self.in_talks, p.bargain_in_truce * chip, conceded)
        self.bargain = np.where(walked_out | (now.listed <= 0), 0, conceded)

        self.points["cancelled"] = self.points["cancelled"] + np.where(signed, self.announced, 0)
        self.announced = np.where(signed, 0, self.announced)
        self.months = np.where(signed, 0, self.months)
        self.deal = np.where(signed, p.deal_months, self.deal)
        self.promised = np.where(signed, p.purchases * share("promise", given), self.promised)
        self.promise_so_far = np.where(signed, 0, self.promise_so_far)
        self.kept_so_far = np.where(signed, 0, self.kept_so_far)

    def _keep(self, now: Situation) -> None:
        """Promises are kept in part; a concession on licences may lapse in any month after its signature."""
        p = self.p
        self.promised = np.where(self.deal > 0, self.promised, 0)
        share = promise.kept_share(p.kept_share, p.kept_spread, self._roll("kept", now))
        self.kept = self.promised * share
        self.promise_so_far = self.promise_so_far + self.promised / 12
        self.kept_so_far = self.kept_so_far + self.kept / 12
        self.trust = np.where(self.promised > 0, promise.trust(self.trust, share, p.learn), self.trust)
        lapsed = ~self.talked & (self.bargain > 0) & (self._roll("lapse", now) < 1 / p.hold)
        self.happened["lapsed"] = lapsed
        self.bargain = np.where(lapsed, 0, self.bargain)

    def _announce(self, now: Situation) -> None:
        """A new threat, where nobody talks and none is pending; under a deal it ends the deal."""
        p, deal = self.p, self.deal > 0
        size = tariffs.rung(self._roll("rung", now), p.rung_low, p.rung_middle, p.rung_high)
        points = tariffs.threatened(size, self.ceiling, self.tariff_on_target)
        lead = np.where(now.emergency > 0, 0, tariffs.lead(self._roll("lead", now), p.longest_lead))
        chance = tariffs.threat_chance(now.agenda, p.escalation, p.bind, deal.astype(np.float64))
        u = self._roll("announce", now)
        announced = ~self.talked & (self.announced <= 0) & (points > 0) & (u < chance)
        if self.journal.on:
            minutes.threat(self.journal, self, now, announced, points, lead, chance, u)
        self.happened["announced"] = announced
        self.happened["breached"] = announced & deal
        self.points["announced"] = self.points["announced"] + np.where(announced, points, 0)
        self.announced = np.where(announced, points, self.announced)
        self.due = np.where(announced, now.month + lead, self.due)
        self.deal = np.where(announced, 0, self.deal)

    def _act(self, now: Situation) -> None:
        """Threats come into force or are withdrawn at their dates; a walk-out brings them at once. The target answers."""
        p, pending = self.p, self.announced > 0
        broken = pending & self.happened["walked_out"]
        due = pending & ~self.talked & (now.month >= self.due)
        u = self._roll("carry_out", now)
        resolved = u < p.resolve
        acted, withdrawn = broken | (due & resolved), due & ~resolved
        step = np.where(acted, np.minimum(self.announced, np.maximum(self.ceiling - self.tariff_on_target, 0)), 0)
        if self.journal.on:
            minutes.act(self.journal, self, now, acted, withdrawn, step, u)
        self.happened["acted"], self.happened["withdrawn"] = acted, withdrawn
        self.points["in_force"] = self.points["in_force"] + step
        self.points["withdrawn"] = self.points["withdrawn"] + np.where(acted | withdrawn, self.announced - step, 0)
        self.announced = np.where(acted | withdrawn, 0, self.announced)

        self.added_on_target = self.added_on_target + step
        answer = self.protocol.answer(step, self.added_on_controller, self.cap, p.matching)
        self.added_on_controller = self.added_on_controller + answer
        provoked = p.retaliation_to_control * ((now.tightened > 0) & (self.deal <= 0))
        cover = self.added_on_controller / self.cap
        self.restriction = tariffs.restricted(self.restriction, step, cover, p.other_retaliation, p.retaliation_step, provoked)

    def _close(self) -> None:
        """The month is over: deals come to their end."""
        running = self.deal > 0
        self.deal = np.maximum(self.deal - running, 0)
        expired = running & (self.deal <= 0)
        broken = expired & (self.kept_so_far < self.p.breach_below * self.promise_so_far)
        self.happened["expired"] = expired
        self.happened["breached"] = self.happened["breached"] | broken

    def offer(self, side: str) -> Offer:
        """A side's offer at the end of the month, and what it is worth to each. side: controller or target"""
        dial = self.offers.controller if side == "controller" else 1 - self.offers.target
        return Offer(dial, *package.values(self.seat.row, package.package(self.seat.row, dial, self.p.link)))
