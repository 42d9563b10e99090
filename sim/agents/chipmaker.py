"""Firms that sell components and may need a licence to do so."""

from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np

from sim.exchanges.licensing import IDLE, PENDING, PREPARING, Licensing
from sim.luck import Luck
from sim.rules import belief
from sim.trace import SILENT, Journal
from sim.worlds import Numbers, Pairs


class Chipmaker(mesa.Agent):
    """A firm that sells components and may need a licence to do so.

    Rule: file when the odds beat the hurdle; remember every answer, your own more than hearsay.
    Its numbers are views on its rows of the controller's licensing exchange; firms without lines of their own hold none.
    """

    def __init__(self, model: mesa.Model, name: str, licensing: Licensing) -> None:
        super().__init__(model)
        self.name, self._licensing = name, licensing
        known = licensing.lines.firms
        self.number = known.index(name) if name in known else -1
        self.rows = np.flatnonzero(licensing.lines.firm == self.number)

    @property
    def lines(self) -> Any:
        """The firm's product lines: state, clock, read, covered (lines, worlds) and sensitivity (lines,)."""
        table = self._licensing.lines
        return SimpleNamespace(**{name: getattr(table, name)[self.rows] for name in ("state", "clock", "read", "covered", "sensitivity")})

    @property
    def belief(self) -> Any:
        """Where it thinks the line lies, and how unsure it is: mean and sd, (worlds,)."""
        where = slice(self.number, self.number + 1) if self.number >= 0 else slice(0, 0)
        return SimpleNamespace(mean=self._licensing.mean[where], sd=np.sqrt(self._licensing.variance[where]))


class Chipmakers:
    """All firms at once, at one office: they file and learn together, since none waits for another within a month.

    at: what sets the draws of this office apart; empty for the controller's
    """

    journal: Journal = SILENT

    def __init__(self, licensing: Licensing, luck: Luck, p: Any, published: Numbers, at: str = "") -> None:
        self.licensing, self.luck, self.p = licensing, luck, p
        self._ready, self._file = f"ready{at}", f"file{at}"
        self.published = published > 0  # (worlds,)
        self._reasons: dict[str, Any] = {}  # for the journal: behind the chances of filing

    def hear(self, said: Numbers, listed: Numbers) -> None:
        """Public statements move every belief by one size: said is the number of easing less tightening ones. (worlds,)"""
        self.licensing.mean += np.where(listed > 0, self.p.belief.ease * said, 0.0)

    def file(self, month: int, listed: Numbers) -> None:
        """Hand in what is prepared; prepare a file for each idle, covered line whose odds beat the hurdle."""
        licensing, p = self.licensing, self.p
        lines = licensing.lines
        preparing = Pairs.where(lines.state == PREPARING)
        u, chance = self.luck.at(lines.rows, self._ready, month, preparing), (1 / p.firm.preparation)[preparing.world]
        ready = preparing.keep(u < chance)
        self.journal.note("submission", preparing, lines.names, only=u < chance, months=p.firm.preparation, chance=chance, luck=u)
        idle = Pairs.where((lines.state == IDLE) & lines.may_file)
        u = self.luck.at(lines.rows, self._file, month, idle)
        hopeful = u < (p.firm.filing_rate * listed)[idle.world]  # the chance is never above this, so the dear rule is for these alone
        idle, u = idle.keep(hopeful), u[hopeful]
        chance = self._chance(idle, listed)
        taken_up = u < chance
        files = idle.keep(taken_up)
        self.journal.note("filing", idle, lines.names, only=taken_up, chance=chance, luck=u, **self._reasons)

        lines.enter(PENDING, ready, 1)  # a file is not read in its own month
        lines.read.reshape(-1)[ready.flat] = False
        lines.enter(PREPARING, files)
        licensing.happened["filed"], licensing.happened["prepared"] = ready, files

    def _chance(self, at: Pairs, listed: Numbers) -> Numbers:
        licensing, p, world = self.licensing, self.p, at.world
        mean, variance = licensing.mean, licensing.variance
        firm = licensing.lines.firm[at.row] * licensing.worlds + world
        sensitivity = licensing.lines.sensitivity[at.row]
        bar = belief.hurdle(p.firm.hurdle, p.firm.doubt, np.sqrt(variance), p.firm.ordinary_doubt)
        believed, doubt, hurdle = mean.reshape(-1)[firm], variance.reshape(-1)[firm], bar.reshape(-1)[firm]
        if self.published.any():
            told, sd = self.published[world], p.belief.published_sd
            believed = np.where(told, licensing.line_at(at), believed)
            doubt = np.where(told, (sd * sd)[world], doubt)
            hurdle = np.where(told, belief.hurdle(p.firm.hurdle, p.firm.doubt, sd, p.firm.ordinary_doubt)[world], hurdle)
        odds = belief.approval_odds(believed, doubt, sensitivity, p.authority.noise[world])
        rate = (p.firm.filing_rate * listed)[world]
        if self.journal.on:
            self._reasons = {
                "believed": believed, "sd": np.sqrt(doubt), "variance": doubt, "sensitivity": sensitivity, "noise": p.authority.noise,
                "odds": odds, "ordinary_hurdle": p.firm.hurdle, "doubt_weight": p.firm.doubt, "ordinary_doubt": p.firm.ordinary_doubt,
                "hurdle": hurdle, "rate": rate, "steepness": p.firm.steepness,
            }  # fmt: skip
        return belief.filing_chance(rate, p.firm.steepness[world], odds, hurdle)

    def learn(self, listed: Numbers) -> None:
        """Take in the month's answers, own and heard of; then doubt drifts back."""
        licensing, p = self.licensing, self.p
        mean, variance, noise = licensing.mean, licensing.variance, p.authority.noise
        if len(licensing.happened["approved"]) + len(licensing.happened["intended"]):
            pull, shrink = self._lessons()
            mean, variance = belief.updated(mean, variance, noise, pull, shrink)
        self.shrunk = variance
        active = listed > 0
        after = belief.drifted(variance, p.belief.drift, p.belief.sd_floor, p.belief.sd0)
        licensing.mean = np.where(active, np.clip(mean, p.belief.mean_low, p.belief.mean_high), licensing.mean)
        licensing.variance = np.where(active, after, licensing.variance)

    def _lessons(self) -> tuple[Numbers, Numbers]:
        """Pull and shrink of the month for each firm. (firms, worlds)"""
        licensing, p, lines = self.licensing, self.p, self.licensing.lines
        mean, variance, noise = licensing.mean, licensing.variance, p.authority.noise
        answers = [(1.0, licensing.happened["approved"]), (-1.0, licensing.happened["intended"])]
        size, shape = mean.size, mean.shape

        def each_firm(pairs: Pairs, weights: Numbers | None = None) -> Numbers:
            cell = lines.firm[pairs.row] * licensing.worlds + pairs.world
            return np.bincount(cell, weights, minlength=size).reshape(shape).astype(np.float64)

        number = [each_firm(pairs) for _, pairs in answers]
        any_number = np.maximum(number[0] + number[1], 1)
        pull, shrink = np.zeros(shape), np.zeros(shape)
        for answer, pairs in answers:
            at = lines.firm[pairs.row], pairs.world
            one = belief.lesson(answer, mean[at], variance[at], lines.sensitivity[pairs.row], noise[pairs.world])
            pull += each_firm(pairs, one[0]) / any_number
            shrink += each_firm(pairs, one[1]) / any_number
        for (answer, pairs), count in zip(answers, number, strict=True):
            told = np.asarray(licensing.hears @ (count / any_number))
            about = np.asarray(licensing.hears @ (each_firm(pairs, lines.sensitivity[pairs.row]) / any_number))
            heard = belief.lesson(answer, mean, variance, about / np.where(told > 0, told, 1), noise)
            weight = p.belief.w_heard * told
            pull += np.where(told > 0, weight * heard[0], 0)
            shrink += np.where(told > 0, weight * heard[1], 0)
        return pull, shrink
