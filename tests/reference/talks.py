"""Talks once more, one world and one pair of governments, with floats, ifs and loops: MODEL 8 read from its text.

    run(case, values, calendar, seed=2019, world=0, months=96, protocol="concession", lost=..., unmet=...) -> one dict a month

lost, unmet: functions of (month, bargain of last month), since losses and shortages come from elsewhere.
dates: the month's levers, where a model holds them already. A limit is found here by walking along the row from knot to knot.
"""

import math

from sim.luck import Luck
from sim.worlds import Worlds

from .inputs import Dates, Values, clip

CONTROLLER, TARGET = "controller", "target"


class Issue:
    """A thing that one side can give: worth to the other, cost to itself, share of the stakes and place on the dial."""

    def __init__(self, name: str, giver: str, state: str) -> None:
        self.name, self.giver, self.state = name, giver, state
        self.worth = self.cost = self.start = self.length = 0.0

    def loss(self) -> float:
        """What the controller loses as the dial passes over it."""
        return self.cost if self.giver == CONTROLLER else self.worth

    def gain(self) -> float:
        """What the target gains."""
        return self.worth if self.giver == CONTROLLER else self.cost


class PlainTalks:
    def __init__(self, case, values, calendar, seed, world, protocol, lost, unmet, dates=None) -> None:
        self.p, self.dates, self.case = Values(values), dates or Dates(calendar), case
        self.protocol, self.lost_of, self.unmet_of = protocol, lost, unmet
        sides = dict(zip(case["governments"]["role"], case["governments"].key, strict=True))
        self.us, self.them = sides["persuader"], sides["target_home"]
        self.luck = Luck(seed, Worlds.range(world, 1))
        self.month = -1
        self.t_us = self.t_them = self.r = self.threat = self.due = 0.0
        self.trust = self("trust0")
        self.talking = False
        self.n = self.spell = self.k_us = self.k_them = self.step_us = self.step_them = 0.0
        self.deal = self.promised = self.kept = self.promise_total = self.kept_total = 0.0
        self.bargain = self.delay_us = self.delay_them = 0.0
        self.delisted = False

    def __call__(self, name: str) -> float:
        return self.p[f"talks.{name}"]

    def hawk(self, side: str) -> float:
        return self.p[f"government.{self.us if side == CONTROLLER else self.them}.hawk"]

    def roll(self, purpose: str) -> float:
        return float(self.luck.table(((f"{self.us} {self.them}", 1),), purpose, self.month)[0, 0])

    def state(self, name: str) -> float:
        known = {
            "": 0.0, "unmet": self.unmet, "lost_controlled": self.lost, "trust": self.trust,
            "added_on_target": self.t_us, "added_on_controller": self.t_them, "restriction": self.r,
        }  # fmt: skip
        return known[name]

    def read_issues(self) -> list[Issue]:
        """All issues of the case with this month's worths and costs; off the table both are 0."""
        table, issues = self.case["talks_issues"], []
        for i, name in enumerate(table.key):
            giver = CONTROLLER if table["giver"][i] == self.us else TARGET
            issue = Issue(name, giver, table["state"][i])
            on = float(table["default_on"][i])
            if issue.state == "bargain":
                on *= 1 - self("licences_not_a_chip")
            if issue.state == "law.listing":
                on = max(on, self("delisting_on"))
            if table["needs_listing"][i] and not self.listed:
                on = 0.0
            worth = float(table["worth0"][i]) + float(table["worth_slope"][i]) * self.state(table["worth_of"][i])
            issue.worth = max(worth, 0.0) * self.p[f"talks.{name}.worth"] * on
            dearer = 0.5 + self.hawk(giver) if table["cost_hawk"][i] else 1.0
            slope, of = float(table["cost_slope"][i]), self.state(table["cost_of"][i])
            fixed = float(table["cost0"][i]) * dearer
            cost = fixed + slope * of * (dearer if slope > 0 else 1.0)  # what makes it cheaper is not the dearer for a hawk
            issue.cost = max(cost * self.p[f"talks.{name}.cost"], float(table["cost_floor"][i]), 0.0) * on
            issues.append(issue)
        return issues

    def harms(self) -> tuple[float, float]:
        table, harm = self.case["talks_issues"], {CONTROLLER: 0.0, TARGET: 0.0}
        for i, name in enumerate(table.key):
            giver = CONTROLLER if table["giver"][i] == self.us else TARGET
            receiver = TARGET if giver == CONTROLLER else CONTROLLER
            if table["worth_of"][i] != "trust":
                harm[receiver] += float(table["worth_slope"][i]) * self.state(table["worth_of"][i]) * self.p[f"talks.{name}.worth"]
            if table["cost_slope"][i] < 0:
                harm[giver] -= float(table["cost_slope"][i]) * self.state(table["cost_of"][i]) * self.p[f"talks.{name}.cost"]
        return harm[CONTROLLER], harm[TARGET] + self("believe") * self.threat

    def lay(self) -> None:
        """Put the issues in a row and find how far each side can go."""
        self.issues = self.read_issues()
        total = sum(i.worth + i.cost for i in self.issues)

        def ratio(issue: Issue) -> float:
            if issue.loss() > 0:
                return issue.gain() / issue.loss()
            return math.inf if issue.gain() > 0 else 0.0

        self.line = sorted(self.issues, key=lambda i: -ratio(i))  # sorted() is stable
        place = 0.0
        for issue in self.line:
            issue.start, issue.length = place, (issue.worth + issue.cost) / total if total > 0 else 0.0
            place += issue.length
        relief = self("w_election") * self.dates.read("talks.election")
        self.res_us = self("reservation_controller") + self("w_hawk") * (self.hawk(CONTROLLER) - 0.5) - relief
        self.res_them = self("reservation_target") + self("w_hawk") * (self.hawk(TARGET) - 0.5) - self("believe") * self.threat
        knots = [0.0] + [i.start + i.length for i in self.line]
        worths = [self.values(self.package(k)) for k in knots]
        self.able_us, self.able_them = worths[0][0] >= self.res_us, worths[-1][1] >= self.res_them
        self.far = self.crossing(knots, [v[0] for v in worths], self.res_us) if self.able_us else 0.0
        down = [1 - k for k in reversed(knots)]
        self.near = 1 - self.crossing(down, [v[1] for v in reversed(worths)], self.res_them) if self.able_them else 1.0
        self.zone = self.able_us and self.able_them and self.far >= self.near
        self.best = sum(max(i.worth - i.cost, 0.0) for i in self.issues)
        self.zone_points = self.best - self.res_us - self.res_them

    @staticmethod
    def crossing(knots: list[float], worths: list[float], least: float) -> float:
        """How far one can go along a falling broken line before it drops below `least`."""
        far = 0.0
        for a, b, va, vb in zip(knots, knots[1:], worths, worths[1:], strict=False):
            if va < least:
                break
            far = b if vb >= least else a + (va - least) / (va - vb) * (b - a)
        return min(far, 1.0)

    def turned(self, issue: Issue, dial: float) -> float:
        own = clip((dial - issue.start) / issue.length, 0.0, 1.0) if issue.length > 0 else 0.0
        return self("link") * own + (1 - self("link")) * dial

    def package(self, dial_us: float, dial_them: float | None = None) -> dict[str, float]:
        dial_them = dial_us if dial_them is None else dial_them
        given = {}
        for issue in self.issues:
            if issue.length <= 0:
                given[issue.name] = 0.0
            elif issue.giver == CONTROLLER:
                given[issue.name] = self.turned(issue, dial_us)
            else:
                given[issue.name] = 1 - self.turned(issue, dial_them)
        return given

    def values(self, given: dict[str, float]) -> tuple[float, float]:
        us = them = 0.0
        for issue in self.issues:
            if issue.giver == CONTROLLER:
                us, them = us - issue.cost * given[issue.name], them + issue.worth * given[issue.name]
            else:
                us, them = us + issue.worth * given[issue.name], them - issue.cost * given[issue.name]
        return us, them

    def moved(self, given: dict[str, float]) -> float:
        return sum(i.length * given[i.name] for i in self.issues)

    def share(self, state: str) -> float:
        return min(sum(self.given[i.name] for i in self.issues if i.state == state), 1.0)

    def both_can_ratify(self, given: dict[str, float]) -> bool:
        us, them = self.values(given)
        return us >= self.res_us and them >= self.res_them

    def month_at_the_table(self) -> None:
        """Sets outcome: "" (talks go on), agreed, settled or walked_out; and the package."""
        self.outcome, self.dial, self.given = "", 0.0, dict.fromkeys((i.name for i in self.issues), 0.0)
        if not self.talked:
            return
        self.n, self.spell = self.n + 1, self.spell + 1
        self.delay_us += self.harm_us / 12
        self.delay_them += self.harm_them / 12
        getattr(self, self.protocol)()

    def offer(self, k: float, farthest: float, others_step: float, beta: float) -> float:
        clock = (1 - self("imitation")) * farthest * min(self.n / self("patience"), 1.0) ** (1 / beta)
        return min(farthest, max(k, clock + self("imitation") * min(farthest, k + others_step)))

    def concession(self) -> None:
        can_us, can_them = (self.far if self.able_us else 0.0), (1 - self.near if self.able_them else 0.0)
        us = self.offer(self.k_us, can_us, self.step_them, self("beta_controller"))
        them = self.offer(self.k_them, can_them, self.step_us, self("beta_target"))
        self.step_us, self.step_them = us - self.k_us, them - self.k_them
        self.k_us, self.k_them = us, them
        if us + them >= 1 and self.zone:
            self.outcome, self.dial = "agreed", (us + 1 - them) / 2
            self.given = self.package(self.dial)
            return
        tempers = self("break_chance") * (0.5 + max(self.hawk(CONTROLLER), self.hawk(TARGET))) * (1 - us - them)
        if self.roll("break") < tempers or self.n >= self("patience"):
            last = self.package(us, 1 - them)
            if self.both_can_ratify(last) and self.moved(last) >= self("least"):
                self.outcome, self.dial, self.given = "settled", (us + 1 - them) / 2, last
            else:
                self.outcome = "walked_out"

    def nash(self) -> None:
        if not self.opened:
            return
        places, best = round(self("grid")), -1.0
        for i in range(places):
            given = self.package(i / (places - 1))
            us, them = self.values(given)
            product = (us - self.res_us) * (them - self.res_them)
            if self.both_can_ratify(given) and product > best:
                best, self.outcome, self.dial, self.given = product, "agreed", i / (places - 1), given
        if not self.outcome:
            self.outcome = "walked_out"

    def war_of_attrition(self) -> None:
        us = self.roll("yield_controller") < 1 - math.exp(-self.harm_us / (12 * self("patience")))
        them = self.roll("yield_target") < 1 - math.exp(-self.harm_them / (12 * self("patience")))
        if self.zone and (us or them):
            self.outcome = "agreed"
            self.dial = (self.far + self.near) / 2 if us and them else self.far if us else self.near
            self.given = self.package(self.dial)
        elif self.roll("break") < self("break_chance") * (0.5 + max(self.hawk(CONTROLLER), self.hawk(TARGET))):
            self.outcome = "walked_out"

    def left_on_the_table(self) -> float:
        """Joint gain foregone: all of the zone by a walk-out, what a better package would have added by a signature. Points"""
        if self.outcome == "walked_out":
            return self.zone_points if self.zone else 0.0
        return self.best - sum(self.values(self.given)) if self.outcome else 0.0

    def after_the_table(self) -> None:
        signed = self.outcome in ("agreed", "settled")
        if signed:
            self.t_us *= 1 - self.share("added_on_target")
            self.t_them *= 1 - self.share("added_on_controller")
            self.r *= 1 - self.share("restriction")
            if self.share("law.listing") >= self("delisting_from"):
                self.delisted = True
            self.bargain = self("full_bargain") * self.share("bargain") * (1 - self("licences_not_a_chip"))
            self.deal = self("deal_months")
            self.promised = self("purchases") * self.share("promise")
            self.promise_total = self.kept_total = 0.0
            self.threat = self.n = 0.0
        if signed or self.outcome == "walked_out":
            self.talking = False
        if self.talking:
            self.bargain = self("bargain_in_truce") * (1 - self("licences_not_a_chip"))
        if self.outcome == "walked_out" or not self.listed:
            self.bargain = 0.0

    def after_the_signature(self) -> None:
        if self.deal <= 0:
            self.promised = 0.0
        kept_share = clip(self("kept_share") + self("kept_spread") * (2 * self.roll("kept") - 1), 0.0, 1.0)
        self.kept = self.promised * kept_share
        self.promise_total += self.promised / 12
        self.kept_total += self.kept / 12
        if self.promised > 0:
            self.trust += self("learn") / 12 * (kept_share - self.trust)
        if not self.talked and self.bargain > 0 and self.roll("lapse") < 1 / self("hold"):
            self.bargain = 0.0

    def announce(self) -> None:
        self.announced = self.breached = False
        if self.talked or self.threat > 0:
            return
        agenda = self.dates.read("talks.agenda")
        points = self.rung() * max(self.ceiling - (self("tariff_before_on_target") + self.t_us), 0.0)
        if points > 0 and self.roll("announce") < agenda * self("escalation") * (1 - self("bind") * (self.deal > 0)):
            self.announced, self.breached = True, self.deal > 0
            self.threat, self.deal = points, 0.0
            months = 0 if self.emergency else math.floor(self.roll("lead") * (self("longest_lead") + 1))
            self.due = self.month + months

    def rung(self) -> float:
        u = self.roll("rung")
        return self("rung_low") if u < 1 / 3 else self("rung_middle") if u < 2 / 3 else self("rung_high")

    def act(self) -> None:
        self.acted = self.withdrawn = False
        step = 0.0
        if self.threat > 0:
            if self.outcome == "walked_out":
                self.acted = True
            elif not self.talked and self.month >= self.due:
                self.acted = self.roll("carry_out") < self("resolve")
                self.withdrawn = not self.acted
        if self.acted:
            step = min(self.threat, max(self.ceiling - (self("tariff_before_on_target") + self.t_us), 0.0))
        if self.acted or self.withdrawn:
            self.threat = 0.0
        self.t_us += step
        room = max(self.cap - self.t_them, 0.0)
        if self.protocol == "tit_for_tat":
            self.t_them += min(step, room)
        else:
            self.t_them += min(self("matching") * step * room / self.cap, room)
        hit = self("other_retaliation") * step / self("retaliation_step") * self.t_them / self.cap
        if self.dates.read("talks.control_tightened") > 0 and self.deal <= 0:
            hit += self("retaliation_to_control")
        self.r += (1 - self.r) * clip(hit, 0.0, 1.0)

    def close(self) -> None:
        self.expired = False
        if self.deal > 0:
            self.deal = max(self.deal - 1, 0.0)
            if self.deal <= 0:
                self.expired = True
                if self.kept_total < self("breach_below") * self.promise_total:
                    self.breached = True

    def tariffs(self) -> tuple[float, float]:
        """The controller's on the target and the target's on the controller, percent."""
        return self("tariff_before_on_target") + self.t_us, self("tariff_before_on_controller") + self.t_them

    def look_around(self) -> None:
        """What the month brings from elsewhere."""
        self.month += 1
        self.dates.month = self.month
        self.listed = self.dates.on > 0 and not self.delisted
        self.lost, self.unmet = self.lost_of(self.month, self.bargain), self.unmet_of(self.month, self.bargain)
        self.emergency = self.dates.read("talks.emergency") > 0
        self.ceiling = self("emergency_ceiling") if self.emergency else self("ceiling")
        self.cap = self("emergency_ceiling") if self.emergency else self("cap_target")

    def follow(self, tariff_on_target: float, tariff_on_controller: float, bargain: float) -> dict:
        """Dated talks: tariffs, truces and deals are facts, and only the table is laid."""
        self.look_around()
        self.t_us = max(tariff_on_target - self("tariff_before_on_target"), 0.0)
        self.t_them = max(tariff_on_controller - self("tariff_before_on_controller"), 0.0)
        self.bargain = bargain
        self.harm_us, self.harm_them = self.harms()
        self.lay()
        return self.table()

    def step(self) -> dict:
        self.look_around()
        self.harm_us, self.harm_them = self.harms()
        self.opened = False
        if not self.talking and self.protocol != "tit_for_tat" and (self.deal <= 0 or self.threat > 0):
            eager = min(self.dates.read("talks.agenda"), 1.0)
            self.opened = self.roll("open") < eager * (1 - math.exp(-self("open") * (self.harm_us + self.harm_them)))
        if self.opened:
            self.talking = True
            self.n, self.spell = self("keep") * self.n, 0.0
            self.k_us = self.k_them = self.step_us = self.step_them = 0.0
            self.t_us, self.t_them = min(self.t_us, self("bearable")), min(self.t_them, self("bearable"))
        self.talked = self.talking
        self.lay()
        self.month_at_the_table()
        self.left = self.left_on_the_table()
        partial = self.outcome in ("agreed", "settled") and self.moved(self.given) < self("partial_below")
        self.after_the_table()
        self.after_the_signature()
        self.announce()
        self.act()
        self.close()
        return {
            "opened": self.opened, "talked": self.talked, "left": self.left, "agreed": self.outcome == "agreed", "settled": self.outcome == "settled",
            "walked_out": self.outcome == "walked_out", "partial": partial, "announced_now": self.announced, "acted": self.acted,
            "withdrawn": self.withdrawn, "expired": self.expired, "breached": self.breached, "in_talks": self.talking,
            "delisted": self.delisted, "deal": self.deal, "spell": self.spell, "due": self.due, "months": self.n,
            "announced": self.threat, "k_controller": self.k_us, "k_target": self.k_them, "promised": self.promised, "kept": self.kept,
            "dial": self.dial, "delay_controller": self.delay_us, "delay_target": self.delay_them,
            "given": [self.given[i.name] for i in self.issues], "values": self.values(self.given), **self.table(),
        }  # fmt: skip

    def table(self) -> dict:
        """What lies on the table, whoever decided it."""
        return {
            "added_on_target": self.t_us, "added_on_controller": self.t_them, "restriction": self.r, "trust": self.trust,
            "bargain": self.bargain, "zone": self.zone, "zone_points": self.zone_points, "far": self.far, "near": self.near,
            "harm_controller": self.harm_us, "harm_target": self.harm_them, "least_controller": self.res_us,
            "least_target": self.res_them, "order": [self.issues.index(i) for i in self.line],
        }  # fmt: skip


def run(case, values, calendar, *, seed=2019, world=0, months=96, protocol="concession", lost=None, unmet=None) -> list[dict]:
    """values: path -> number; calendar: lever -> one number a month; world: also its replicate, which decides its luck."""

    def nothing(month: int, bargain: float) -> float:
        return 0.0

    talks = PlainTalks(case, values, calendar, seed, world, protocol, lost or nothing, unmet or nothing)
    return [talks.step() for _ in range(months)]
