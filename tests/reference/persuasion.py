"""Governments once more, one world, with floats, ifs and loops: MODEL 9 read from its text.

    world = PlainGovernments(case, values, calendar, seed=2019, world=0) ; world.step(month, carrier_fill, bargain)

dates: the month's levers, where a model holds them already
"""

import math

from scipy.special import ndtri

from sim.luck import Luck
from sim.worlds import Worlds

from .inputs import Dates, Values, clip, truth


class State:
    """A government: its columns, and what it believes and does."""

    def __init__(self, row) -> None:
        self.name, self.peer_group = row["iso3"], row["peer_group"]
        self.ally, self.power, self.democracy, self.share4g = row["ally"], row["power"], row["democracy_2017"], row["share4g_target"]
        self.intel, self.conflict = row["intel_tie"], row["conflict_with_target"]
        self.exports = row["exports_to_target_pct"] / 100
        self.clubs = {"five_eyes": truth(row["five_eyes"]), "eu_2020": truth(row["eu_2020"]), "nato_2019": truth(row["nato_2019"])}
        self.dated = truth(row["fixed_by_dated_facts"])
        self.decides = row["role"] == "decider" and not self.dated
        self.level = int(row["level_2017"])
        self.known = row["taste_mean_end2020"], row["taste_sd_end2020"]
        self.rho = self.threat0 = self.taste = 0.0


class PlainGovernments:
    def __init__(self, case, values, calendar, seed, world, trend=False, dates=None) -> None:
        self.p, self.dates, self.trend = Values(values), dates or Dates(calendar), trend
        self.calendar = calendar
        self.luck = Luck(seed, Worlds.range(world, 1))
        self.states = [State(row) for row in case["governments"].rows()]
        self.rows = tuple((state.name, 1) for state in self.states)
        self.doubt = self.supply = self.spent = 0.0
        self.own_seen = self.fdpr_seen = False
        self.looked_at: list[int] = []
        p = self.p
        taste = self.roll("taste", 0)
        for state, u in zip(self.states, taste, strict=True):
            threat = p["persuasion.threat_base"] + p["persuasion.w_intel"] * state.intel + p["persuasion.w_conflict"] * state.conflict
            state.threat0 = state.rho = 1.0 if state.dated else clip(threat, 0, 1)
            state.taste = float(ndtri(u))
            if p["persuasion.taste_from_record"] > 0:
                state.taste = state.known[0] + state.known[1] * state.taste
        self.looks_to = []
        for a in self.states:
            weights = [(self.weight(a, b), b) for b in self.states]
            self.looks_to.append([(w, b) for w, b in weights if w > 0])

    def roll(self, purpose, month):
        return self.luck.table(self.rows, purpose, month)[:, 0].tolist()

    def weight(self, a: State, b: State) -> float:
        if a is b:
            return 0.0
        p = self.p
        worth = {"five_eyes": "intelligence", "eu_2020": "union", "nato_2019": "alliance"}
        clubs = sum(p[f"network.allied_{name}"] for club, name in worth.items() if a.clubs[club] and b.clubs[club])
        return max((clubs + (p["network.allied_region"] if a.peer_group == b.peer_group else 0)) * b.power, 0.0)

    def peers(self) -> list[float]:
        levels = [s.level for s in self.states]
        if levels != self.looked_at:
            self.looked_at, self.found = levels, []
            for row in self.looks_to:
                self.found.append(sum(w * s.level / 3 for w, s in row) / sum(w for w, _ in row) if row else 0.0)
        return self.found

    def cut(self, level: int) -> float:
        p = self.p
        higher = p["persuasion.trend_cuts"] if self.trend else 0.0
        second = p["persuasion.cut_2"]
        return higher + {1: p["persuasion.cut_1"], 2: second, 3: second + math.exp(p["persuasion.log_gap_3"])}[level]

    def step(self, month: int, carrier_fill: float, bargain: float) -> None:
        p = self.p
        self.dates.month = month
        peers = self.peers()
        started = month >= p["persuasion.levers_from"]
        due = sum(s.power * p[f"carrot.{s.name}.offered"] for s in self.states) if started else 0.0
        paid = min(max(p["persuasion.carrot_budget"] - self.spent, 0.0), due)
        self.spent += paid
        part = paid / due if due > 0 else 0.0
        self.believe(month, bargain, started)
        self.wonder(carrier_fill)
        if p["persuasion.government_change"] > 0:
            for s, u, fresh in zip(self.states, self.roll("change", month), self.roll("taste", month + 1), strict=True):
                if u < p["persuasion.change_chance"]:
                    keep = p["persuasion.change_keep"]
                    s.taste = keep * s.taste + math.sqrt(1 - keep**2) * float(ndtri(fresh))
        h = 0.5 / (1 + math.exp(-p["persuasion.logit_2h"]))
        takes, errors, reverses = self.roll("decide", month), self.roll("error", month), self.roll("reverse", month)
        self.cases = []
        for i, s in enumerate(self.states):
            case = self.case(s, peers[i], month)
            if started:
                case += p["persuasion.w_carrot"] * p[f"carrot.{s.name}.offered"] * part * (1 - s.power)
                case -= p["persuasion.w_coercion"] * s.exports * p[f"coercion.{s.name}.threatened"]
            self.cases.append(case)
            if s.decides:
                self.decide(s, case, h, takes[i], errors[i], reverses[i])
            path = f"government.{s.name}.level"
            if path in self.calendar and (s.dated or month < p["persuasion.free_from"]):
                s.level = int(self.calendar[path][month])

    def believe(self, month: int, bargain: float, started: bool) -> None:
        p = self.p
        pressure = self.dates.read("persuasion.pressure") * p["persuasion.pressure_factor"]
        worth = 1 - p["coupling.bargain_to_allies"] * max(bargain, 0.0)
        incidents = self.roll("incident", month) if p["persuasion.incidents"] > 0 else None
        for i, s in enumerate(self.states):
            if s.dated:
                continue
            stick = p[f"stick.{s.name}.threatened"] if started else 0.0
            gain = p["persuasion.speed"] * (pressure * worth + stick) * (s.ally if s.decides else 0.0)
            s.rho += gain * (1 - s.rho) - p["persuasion.fade"] * (s.rho - s.threat0)
            if incidents is not None and incidents[i] < p["persuasion.incident_chance"]:
                s.rho += p["persuasion.incident_size"] * (1 - s.rho)

    def wonder(self, carrier_fill: float) -> None:
        p = self.p
        self.doubt *= p["persuasion.doubt_memory"]
        if self.dates.own > 0 and not self.own_seen:
            self.own_seen = True
            self.doubt += p["persuasion.doubt_announced"]
        if self.dates.fdpr > 0 and not self.fdpr_seen:
            self.fdpr_seen = True
            self.doubt += p["persuasion.doubt_in_force"]
        missing = (1 - carrier_fill) * p["coupling.fill_to_allies"]
        self.supply = clip(self.doubt + missing, 0.0, 1.0)

    def case(self, s: State, peers: float, month: int) -> float:
        p = self.p
        case = p["persuasion.w_threat"] * s.rho + p["persuasion.w_peers"] * peers + p["persuasion.w_democracy"] * s.democracy
        case += s.taste - p["persuasion.w_lock_in"] * s.share4g
        if self.trend:
            case += p["persuasion.trend"] * min(month, p["persuasion.trend_months"]) / 12
        else:
            case += p["persuasion.w_supply"] * self.supply
        return case + (p["persuasion.regional_prompt"] if s.clubs["eu_2020"] else 0.0)

    def decide(self, s: State, case: float, h: float, u: float, error: float, reverse: float) -> None:
        p, before = self.p, s.level
        read = case + p["persuasion.judgement"] * math.log(error / (1 - error))
        passed = sum(read > self.cut(level) for level in (1, 2, 3))
        if u < h:
            s.level = max(before, passed)
        elif u < h + (1 - h) * h and passed >= 2 and before == 0:
            s.level = 1
        fallen = before > 0 and case < self.cut(before) - p["persuasion.reversal_margin"]
        if s.level == before and fallen and reverse < p["persuasion.reversal"]:
            s.level = before - 1
