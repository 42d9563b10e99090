"""The office that licenses exports."""

from dataclasses import dataclass
from typing import Any

import mesa
import numpy as np

from sim.exchanges.licensing import COOLING, IDLE, INTENT, LICENSED, PENDING, Licensing
from sim.luck import Luck
from sim.rules import vote
from sim.rules.line import unpublished_line
from sim.trace import SILENT, Journal
from sim.worlds import Mask, Numbers, Pairs


@dataclass(frozen=True)
class Agency:
    """One of the departments that vote on a file; offset: how much more lenient it is than the line, (worlds,)."""

    name: str
    offset: Numbers


class Authority(mesa.Agent):
    """An export-control office with an unpublished line.

    Rule: read what the desk can carry; let the agencies vote, each with its own error; in a freeze read on and sign nothing. The line
    eases when foreigners could sell instead, when talks need a concession and when the office's own firms bleed.
    """

    journal: Journal = SILENT

    def __init__(
        self, model: mesa.Model, name: str, licensing: Licensing, luck: Luck, p: Any, agencies: list[Agency], chair: int, vote_rule: str,
        desk: float = 1.0,
    ) -> None:  # fmt: skip
        super().__init__(model)
        self.name, self.licensing, self.luck, self.p = name, licensing, luck, p
        self.capacity = p.authority.capacity * desk  # files a month, (worlds,)
        self.agencies, self.chair, self.vote_rule = agencies, chair, vote.VOTE_RULES[vote_rule]
        self.rows = tuple((f"{name} {agent}", count) for agent, count in licensing.lines.rows)

    def _draw(self, purpose: str, month: int, pairs: Pairs) -> Numbers:
        return self.luck.at(self.rows, purpose, month, pairs)

    def set_line(
        self, listed: Numbers, base: Numbers, shift: Numbers, available: Numbers, bargain: Numbers, lost: Numbers, hawk: Numbers
    ) -> None:
        """Where the line stands this month. base, bargain, lost (last month's), hawk: (worlds,); available: (groups, worlds)"""
        w = self.p.authority
        loss = np.where(self.p.coupling.loss_to_line > 0, lost, 0)
        talk = np.where(self.p.coupling.talks_to_line > 0, bargain, 0)
        line = unpublished_line(
            base + shift, available, w.w_availability, talk, w.w_bargain,
            loss, w.w_lobby, w.lobby_scale, hawk, w.w_hawk,
        )  # fmt: skip
        self.licensing.line = np.where(listed > 0, line, np.nan)
        if self.journal.on:
            self.journal.note(
                "line", np.isfinite(self.licensing.line), self.licensing.groups, (self.name,), base=base, shift=shift,
                available=available, w_available=w.w_availability, bargain=talk, w_bargain=w.w_bargain, lost=loss, w_lobby=w.w_lobby,
                lobby_scale=w.lobby_scale, hawk=hawk, w_hawk=w.w_hawk, line=line, for_rivals=w.w_availability * available,
                for_talks=w.w_bargain * talk, for_losses=w.w_lobby * np.tanh(loss / w.lobby_scale), for_hawks=-w.w_hawk * (hawk - 0.5),
            )  # fmt: skip

    def turn_the_page(self, lapses: Mask, freed: Mask) -> None:
        """A month has passed: states run out. (worlds,) each.

        lapses: worlds in which every licence lapses now; freed: in which nothing needs a licence any more
        """
        licensing, lines = self.licensing, self.licensing.lines
        lines.clock -= lines.clock > 0
        over = lines.clock == 0
        held = lines.state == LICENSED
        expired = held & over
        ended = expired | ((lines.state == COOLING) & over)
        licensing.happened["expired"] = Pairs.where(expired)
        if lapses.any():
            lapsed = held & ~over & lapses
            licensing.happened["lapsed"] = Pairs.where(lapsed)
            ended |= lapsed
        lines.state[ended] = IDLE
        lines.clock[ended] = 0
        if freed.any():
            released = Pairs.where((lines.state != IDLE) & freed)
            licensing.happened["released"], licensing.released_from = released, lines.state.reshape(-1)[released.flat]
            lines.enter(IDLE, released)

    def decide(self, month: int, frozen: Mask, swept: bool) -> None:
        """Read files, answer those read (unless frozen), close intents, and end some licences (all of them if swept). frozen: (worlds,)"""
        licensing, lines, p = self.licensing, self.licensing.lines, self.p
        pending = lines.state == PENDING
        intent, held = Pairs.where(lines.state == INTENT), Pairs.where(lines.state == LICENSED)
        due = Pairs.where(pending & ~lines.read & (lines.clock == 0))
        pile = np.bincount(due.world, minlength=licensing.worlds)
        chance = np.minimum(p.authority.reading_hazard, self.capacity / np.maximum(pile, 1))
        now_read = due.keep(self._draw("read", month, due) < chance[due.world])
        lines.read.reshape(-1)[now_read.flat] = True

        answerable = Pairs.nowhere() if frozen.all() else Pairs.where(pending & lines.read & ~frozen)
        returned, approved, intended = self._answer(answerable, month)
        back, denied = self._close(intent, month)
        refreshed, revoked = self._end(held, month, swept)

        lines.enter(COOLING, returned, p.firm.cooling_returned[returned.world])
        lines.enter(LICENSED, approved, p.authority.validity[approved.world])
        lines.enter(INTENT, intended)
        lines.enter(COOLING, back, p.firm.cooling_returned[back.world])
        lines.enter(COOLING, denied, p.firm.cooling_denied[denied.world])
        lines.enter(IDLE, refreshed)
        lines.enter(COOLING, revoked, p.firm.cooling_denied[revoked.world])
        licensing.happened |= {
            "returned": returned, "approved": approved, "intended": intended, "reversed": back, "denied": denied,
            "refreshed": refreshed, "revoked": revoked,
        }  # fmt: skip

    def _answer(self, files: Pairs, month: int) -> tuple[Pairs, Pairs, Pairs]:
        """Files returned without action (near the line), approved, and met with an intent to deny."""
        p, noise = self.p.authority, self.p.authority.noise
        sensitivity = self.licensing.lines.sensitivity
        line = self.licensing.line_at(files)
        near = np.flatnonzero(np.abs(sensitivity[files.row] - line) < p.band[files.world])
        returns = np.zeros(len(files), bool)
        nearby = Pairs(files.flat[near], files.row[near], files.world[near])
        u, chance = self._draw("return", month, nearby), p.return_chance[nearby.world]
        returns[near] = u < chance
        self._note("return", nearby, u < chance, line=line[near], band=p.band, chance=chance, luck=u)
        voted, line = files.keep(~returns), line[~returns]
        votes: list[Mask] = []
        for agency in self.agencies:
            u = self._draw(f"vote {agency.name}", month, voted)
            chance = vote.yes_chance(line, agency.offset[voted.world], sensitivity[voted.row], noise[voted.world])
            votes.append(u < chance)
            with_error = {"line": line, "leaning": agency.offset, "noise": noise, "chance": chance, "luck": u}
            self._note("vote", voted, None, agency.name, **with_error, yes=votes[-1])
        ok = self.vote_rule(votes, self.chair)
        self._note_answer("approval", voted, ok, votes, line)
        self._note_answer("intent to deny", voted, ~ok, votes, line)
        return files.keep(returns), voted.keep(ok), voted.keep(~ok)

    def _close(self, intent: Pairs, month: int) -> tuple[Pairs, Pairs]:
        """Intents to deny that end this month: returned to the firm, or finally denied."""
        p = self.p.authority
        u, chance = self._draw("close", month, intent), p.intent_closing[intent.world]
        closed, of_closing = intent.keep(u < chance), u[u < chance]
        u, chance = self._draw("back", month, closed), p.intent_returned[closed.world]
        back = u < chance
        for kind, these in (("intent withdrawn", back), ("denial", ~back)):
            self._note(kind, closed, these, closing=p.intent_closing, luck_closing=of_closing, chance=chance, luck=u)
        return closed.keep(back), closed.keep(~back)

    def _end(self, held: Pairs, month: int, swept: bool) -> tuple[Pairs, Pairs]:
        """Licences whose product is replaced, and licences revoked, since they lie too far above today's line or all are swept away."""
        p = self.p.authority
        ends = self._draw("refresh", month, held) < p.refresh[held.world]
        kept = held.keep(~ends)
        if swept:
            self._note("sweep", kept, None)
            return held.keep(ends), kept
        stray = kept.keep(self.licensing.lines.sensitivity[kept.row] > self.licensing.line_at(kept) + p.tolerance[kept.world])
        u, chance = self._draw("revoke", month, stray), p.revocation[stray.world]
        self._note("revocation", stray, u < chance, line=self.licensing.line_at(stray), tolerance=p.tolerance, chance=chance, luck=u)
        return held.keep(ends), stray.keep(u < chance)

    def _note(self, kind: str, files: Pairs, only: Mask | None, agency: str = "", **numbers: Any) -> None:
        lines = self.licensing.lines
        if not self.journal.on:
            return
        by = (self.name, agency) if agency else (self.name,)
        self.journal.note(kind, files, lines.names, by, only, sensitivity=lines.sensitivity[files.row], **numbers)

    def _note_answer(self, kind: str, files: Pairs, only: Mask, votes: list[Mask], line: Numbers) -> None:
        if not self.journal.on:
            return
        rule = list(vote.VOTE_RULES.values()).index(self.vote_rule)
        said: dict[str, Any] = {f"yes {agency.name}": yes for agency, yes in zip(self.agencies, votes, strict=True)}
        self._note(kind, files, only, line=line, rule=rule, chair=self.chair, validity=self.p.authority.validity, **said)
