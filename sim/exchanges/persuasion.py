"""Persuasion: what governments believe, what speaks for excluding the vendor, and the levels they decide on. Governments are rows.

Rules are evaluated, and luck drawn, at the (government, world) pairs that take up their case this month.
"""

from typing import Any

import networkx as nx
import numpy as np
import scipy.sparse
from scipy.special import ndtri

from sim.calendar import Calendar, Now
from sim.case import Case
from sim.from_record import Record
from sim.luck import Luck
from sim.months import month_of
from sim.network import closeness
from sim.rules import conviction
from sim.rules.conviction import DRIFTS, Cuts
from sim.trace import SILENT, Journal, Name
from sim.worlds import Mask, Numbers, Pairs, total

LEVELS = (1, 2, 3)
TASTES_OF = "2020-12"  # what is known of tastes in governments.csv is known by then


class Columns:
    """Columns of governments.csv, (governments,) each, in the table's order.

    decides: free to decide, unless the calendar holds its level; union: member of the union of states that may be prompted
    """

    def __init__(self, case: Case) -> None:
        table = case["governments"]
        self.names = list(table.key)

        def column(name: str) -> Numbers:
            return np.asarray(table[name], np.float64)

        self.ally, self.intel, self.conflict = column("ally"), column("intel_tie"), column("conflict_with_target")
        self.democracy, self.share4g, self.power = column("democracy_2017"), column("share4g_target"), column("power")
        self.exports = column("exports_to_target_pct") / 100
        self.fixed, self.union = column("fixed_by_dated_facts") > 0, column("eu_2020")
        self.decides = ~self.fixed & (np.asarray(table["role"]) == "decider")
        self.level = column("level_2017")
        self.taste_mean, self.taste_sd = column("taste_mean_end2020"), column("taste_sd_end2020")


class Persuasion:
    """What all governments believe and decide. (governments, worlds) unless said.

    belief: in the threat, 0-1; level: in force, 0-3; own: what it would be without the union's joint decisions
    taste: a government's own, sd 1; peers: mean level of those it looks to, 0-1
    doubt, supply: that the vendor can go on, and deliver, 0-1, (worlds,)
    carrot, stick, coercion: what is offered and threatened, 0-1; spent: on carrots, USD bn, (worlds,)
    happened: pairs of this month: raised (to the level the case asks for), reviewed (a review first), reversed
    """

    journal: Journal = SILENT

    def __init__(
        self, case: Case, luck: Luck, p: Any, worlds: int, graph: "nx.MultiDiGraph[str]", calendar: Calendar,
        drift: str = "doubt_about_supply", record: Record | None = None,
    ) -> None:  # fmt: skip
        self.luck, self.p, self.worlds, self.all = luck, p.persuasion, worlds, p
        self.columns = c = Columns(case)
        self.names, self.rows = c.names, tuple((name, 1) for name in c.names)
        self.drift = DRIFTS[drift]
        first = conviction.threat_at_first(self.p.threat_base, self.p.w_intel, c.intel[:, None], self.p.w_conflict, c.conflict[:, None])
        self.first: Numbers = np.where(c.fixed[:, None], 1.0, first)
        self.belief: Numbers = self.first
        self.ally = np.where(c.decides, c.ally, 0)[:, None]
        self.level: Numbers = np.tile(c.level[:, None], (1, worlds))
        self.cuts = conviction.cuts(self.p.cut_1, self.p.cut_2, self.p.log_gap_3)
        self.hazard = conviction.hazard(self.p.logit_2h)
        fresh = ndtri(luck.table(self.rows, "taste", 0))
        known = c.taste_mean[:, None] + c.taste_sd[:, None] * fresh
        self.record = record
        known_by_now = record is not None and record.month == month_of(TASTES_OF)
        self.taste: Numbers = np.where((self.p.taste_from_record > 0) | known_by_now, known, fresh)
        self.carrot, self.stick, self.coercion = (
            np.stack([lever[name] for name in c.names]) for lever in (p.carrot.offered, p.stick.threatened, p.coercion.threatened)
        )
        self.doubt: Numbers = np.zeros(worlds)
        self.supply: Numbers = np.zeros(worlds)
        self.spent: Numbers = np.zeros(worlds)
        self._announced: Mask = np.zeros(worlds, bool)
        self._in_force: Mask = np.zeros(worlds, bool)
        self._weights = scipy.sparse.csr_array(closeness(graph, c.names))
        self._looked_at: Numbers = np.full_like(self.level, np.nan)
        self.peers: Numbers = np.zeros_like(self.level)
        self.happened: dict[str, Pairs] = {}
        self._in_play = bool(self.carrot.any() or self.stick.any() or self.coercion.any())
        self._carrots = self._sticks = self._coercion = np.zeros_like(self.level)
        levels = [f"government.{name}.level" for name in c.names]
        self._dated = [(row, path) for row, path in enumerate(levels) if path in calendar.values]
        self.dated = [row for row, _ in self._dated]
        self.own: Numbers = self.level  # what each would have decided for itself
        self.look_around()

    def advance(self, now: Now, bargain: Numbers, carrier_fill: Numbers) -> None:
        """A month. bargain: concession on licences in talks, now; carrier_fill: output/demand of the vendor's networks, last month."""
        self._bid(now)
        self._believe(now, bargain)
        self._doubt(now, carrier_fill)
        if (self.p.government_change > 0).any():
            self._change_governments(now)
        before, self.level = self.level, self.own
        self._decide(now)
        self._obey(now)
        self.own = self.level
        if (self.p.union_decides > 0).any():
            self._decide_together(before)
        self.look_around()

    def _bid(self, now: Now) -> None:
        """Carrots while the budget lasts, sticks, and coercion."""
        if not self._in_play:
            return
        p, power = self.p, self.columns.power[:, None]
        open_ = np.where(now.month >= p.levers_from, 1.0, 0.0)
        due = total(power * self.carrot * open_)
        part = np.divide(np.clip(p.carrot_budget - self.spent, 0, due), due, out=np.zeros(self.worlds), where=due > 0)
        self.spent = self.spent + part * due
        self._carrots, self._sticks, self._coercion = self.carrot * open_ * part, self.stick * open_, self.coercion * open_

    def _believe(self, now: Now, bargain: Numbers) -> None:
        p = self.p
        pressure = now.read("persuasion.pressure") * p.pressure_factor
        stick = self._sticks if self._in_play else np.zeros(())
        push = conviction.push(p.speed, pressure, self.all.coupling.bargain_to_allies, bargain, stick, self.ally)
        self.belief = conviction.believed(self.belief, self.first, push, p.fade)
        if (p.incidents > 0).any():
            hit = (p.incidents > 0) & (self.luck.table(self.rows, "incident", now.month) < p.incident_chance)
            hit = hit & ~self.columns.fixed[:, None]
            self.belief = np.where(hit, self.belief + p.incident_size * (1 - self.belief), self.belief)

    def _doubt(self, now: Now, carrier_fill: Numbers) -> None:
        p = self.p
        announced, in_force = now.own > 0, now.in_force > 0
        news = np.where(announced & ~self._announced, p.doubt_announced, 0) + np.where(in_force & ~self._in_force, p.doubt_in_force, 0)
        self._announced, self._in_force = self._announced | announced, self._in_force | in_force
        self.doubt = conviction.doubt(self.doubt, p.doubt_memory, news)
        seen = 1 - self.all.coupling.fill_to_allies * (1 - carrier_fill)
        self.supply = conviction.supply_doubt(self.doubt, seen)

    def _change_governments(self, now: Now) -> None:
        p = self.p
        changes = Pairs.where((self.luck.table(self.rows, "change", now.month) < p.change_chance) & (p.government_change > 0))
        fresh = ndtri(self.luck.at(self.rows, "taste", now.month + 1, changes))
        taste = self.taste.copy()
        taste.ravel()[changes.flat] = conviction.redrawn(taste.ravel()[changes.flat], p.change_keep[changes.world], fresh)
        self.taste = taste

    def case_at(self, at: Pairs, month: int) -> Numbers:
        """What speaks for excluding the vendor, at pairs."""
        p, c, row, world = self.p, self.columns, at.row, at.world
        own = conviction.case(
            p.w_threat[world], self.belief.ravel()[at.flat], p.w_peers[world], self.peers.ravel()[at.flat],
            p.w_democracy[world], c.democracy[row], p.w_lock_in[world], c.share4g[row], self.taste.ravel()[at.flat],
        )  # fmt: skip
        drift, _ = self.drift(p, self.supply, month)
        own = own + drift[world] + p.regional_prompt[world] * c.union[row]
        if self._in_play:
            carrot, coercion = self._carrots.ravel()[at.flat], self._coercion.ravel()[at.flat]
            own = own + conviction.bids(p.w_carrot[world], carrot, c.power[row], p.w_coercion[world], c.exports[row], coercion)
        return np.asarray(own)

    def cuts_at(self, at: Pairs, month: int) -> Cuts:
        _, by = self.drift(self.p, self.supply, month)
        return Cuts(*(cut[at.world] for cut in self.cuts.raised(by)))

    def _decide(self, now: Now) -> None:
        p, month, hazard = self.p, now.month, self.hazard
        free, level = self.columns.decides[:, None], self.level.ravel()
        u = self.luck.table(self.rows, "decide", month)
        at = Pairs.where(free & (u < hazard + (1 - hazard) * hazard))
        error = conviction.misreading(self.luck.at(self.rows, "error", month, at), p.judgement[at.world])
        passed = conviction.passed(self.case_at(at, month), error, self.cuts_at(at, month))
        after = conviction.moved(level[at.flat], passed, u.ravel()[at.flat], hazard[at.world])
        up = after > level[at.flat]
        standing = Pairs.where(free & (self.level > 0))
        luck = self.luck.at(self.rows, "reverse", month, standing)
        doubtful = standing.keep(luck < p.reversal[standing.world])
        gone = conviction.gone(
            level[doubtful.flat], self.case_at(doubtful, month), self.cuts_at(doubtful, month), p.reversal_margin[doubtful.world]
        )
        decided = level.copy()
        decided[at.flat] = after
        gone &= decided[doubtful.flat] == level[doubtful.flat]
        back = doubtful.keep(gone)
        decided[back.flat] -= 1
        raised = after >= passed
        if self.journal.on:
            self._note("level change", at, up, month, error=error, passed=passed, luck=u.ravel()[at.flat], after=after)
            again = {"margin": p.reversal_margin, "chance": p.reversal, "luck": luck[luck < p.reversal[standing.world]]}
            self._note("level taken back", doubtful, gone, month, **again, after=decided[doubtful.flat])
        self.happened = {"raised": at.keep(up & raised), "reviewed": at.keep(up & ~raised), "reversed": back}
        self.level = decided.reshape(self.level.shape)

    def _decide_together(self, before: Numbers) -> None:
        """The union's members stand at the highest level that a qualified majority of them has reached, or above it by themselves."""
        members = (self.columns.union > 0) & self.columns.decides
        joint = conviction.joint_level(self.own[members], self.p.union_majority)
        together = (self.p.union_decides > 0) & members[:, None]
        self.level = np.where(together, np.maximum(self.own, joint), self.own)
        if self.journal.on:
            moved = (self.level != before) & (self.level > self.own)
            reached = total(self.own[members] >= joint) / members.sum()
            self.journal.note(
                "level together", moved, [(name,) for name in self.names], before=before, after=self.level, own=self.own, joint=joint,
                reached=reached, majority=self.p.union_majority,
            )  # fmt: skip

    def _note(self, kind: str, at: Pairs, only: Mask, month: int, **numbers: Any) -> None:
        """A change of level, with the case in its parts and the cut-points that it had to pass."""
        p, c, row, (drift, _) = self.p, self.columns, at.row, self.drift(self.p, self.supply, month)
        names: list[Name] = [(name,) for name in c.names]
        cuts: dict[str, Any] = dict(zip(("cut 1", "cut 2", "cut 3"), self.cuts_at(at, month), strict=True))
        self.journal.note(
            kind, at, names, (), only, level=self.level.ravel()[at.flat], hazard=self.hazard, case=self.case_at(at, month), drift=drift,
            supply=self.supply, belief=self.belief.ravel()[at.flat], peers=self.peers.ravel()[at.flat], democracy=c.democracy[row],
            share4g=c.share4g[row], taste=self.taste.ravel()[at.flat], prompt=p.regional_prompt * c.union[row], power=c.power[row],
            carrot=self._carrots.ravel()[at.flat], coercion=self._coercion.ravel()[at.flat], exports=c.exports[row],
            w_threat=p.w_threat, w_peers=p.w_peers, w_democracy=p.w_democracy, w_lock_in=p.w_lock_in, w_carrot=p.w_carrot,
            w_coercion=p.w_coercion, **cuts, **numbers,
        )  # fmt: skip

    def _obey(self, now: Now) -> None:
        """Levels of the record, that are dated facts, and that the calendar of a scenario holds."""
        if self.record is not None and now.month <= self.record.month:
            before, self.level = self.level, np.repeat(self.record.levels[now.month][:, None], self.worlds, axis=1)
            if self.journal.on:
                names: list[Name] = [(name,) for name in self.names]
                self.journal.note("level by date", before != self.level, names, before=before, after=self.level)
            self.happened = dict.fromkeys(self.happened, Pairs.nowhere())
        for row, path in self._dated:
            if self.columns.fixed[row] or now.month < self.p.free_from:
                before, self.level[row] = self.level[row].copy(), now.read(path)
                changed = (before != self.level[row])[None]
                self.journal.note("level by date", changed, [(self.names[row],)], before=before, after=self.level[row])

    def look_around(self) -> None:
        """What each government's peers have decided, where anything has changed."""
        changed = np.flatnonzero((self.level != self._looked_at).any(axis=0))
        if len(changed):
            self.peers[:, changed] = self._weights @ np.ascontiguousarray(self.level[:, changed] / conviction.HIGHEST)
        self._looked_at = self.level.copy()

    def at_least(self, level: int) -> Numbers:
        """Number of governments at a level or above. (worlds,)"""
        return total(self.level >= level)

    def case(self, month: int) -> Numbers:
        """What speaks for excluding the vendor, everywhere."""
        return self.case_at(Pairs.where(np.ones(self.level.shape, bool)), month).reshape(self.level.shape)
