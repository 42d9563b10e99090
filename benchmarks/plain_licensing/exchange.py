"""The agents and the month."""

from math import sqrt, tanh

import mesa

from . import dated
from .rules import lesson, logistic, normal

IDLE, PREPARING, PENDING, INTENT, LICENSED, COOLING = range(6)
AGENCIES = {"chair": 0.06, "second": 0.0, "third": 0.02, "fourth": -0.12}  # how much more lenient each is than the line
COOL_DENIED, COOL_RETURNED, VALID = 9, 3, 48  # months
COVERED, HAWK, SD0, DRIFT, STEEPNESS, READY, BACK, TOLERANCE = 0.02, 0.5, 0.2, 0.02, 12, 0.5, 0.8, 0.15


class Line:
    """A product line of a firm, and where its licence stands."""

    def __init__(self, sensitivity, sales, cover, offshore) -> None:
        self.sensitivity, self.sales, self.cover, self.offshore = sensitivity, sales, cover, offshore
        self.state, self.clock, self.read, self.answer, self.covered = IDLE, 0, False, 0, 0.0

    def enter(self, state, months=0) -> None:
        self.state, self.clock = state, months


class Chipmaker(mesa.Agent):
    """Files when the odds beat the hurdle; learns from answers, its own more than others'."""

    def __init__(self, model, firm, hears) -> None:
        super().__init__(model)
        self.name, self.controlled, self.hears = firm.name, firm.controlled, hears
        self.lines = [
            Line(sensitivity, sales, cover, min(max(2 * model.p.offshore * (1 - sensitivity), 0), 1))
            for sensitivity, sales, cover in zip(firm.sensitivity, firm.sales, firm.cover, strict=True)
        ]
        self.mean, self.variance = model.p.mean0, SD0 * SD0

    def file(self) -> None:
        p, t, uniform = self.model.p, self.model.month, self.model.random.random
        listed, rule, cleared = dated.LISTED[t], dated.PRODUCT_RULE[t], dated.CLEARED[t]
        spread = sqrt(self.variance + p.noise * p.noise)
        bar = p.hurdle + p.doubt * (sqrt(self.variance) / SD0 - 1)
        for line in self.lines:
            if self.controlled:
                line.covered = listed * (1 - (1 - rule) * cleared * line.offshore - rule * min(line.offshore, p.leak))
            else:
                line.covered = rule * line.cover
            if line.state == PREPARING:
                if uniform() < READY:
                    line.enter(PENDING, 1)
                    line.read = False
                    self.model.filings += 1
            elif line.state == IDLE and line.covered > COVERED:
                odds = normal((self.mean - line.sensitivity) / spread)
                if uniform() < p.filing_rate * logistic(STEEPNESS * (odds - bar)):
                    line.enter(PREPARING)

    def tell(self) -> None:
        answers = [x for x in self.lines if x.answer]
        if not answers:
            self.news = None
            return
        n = len(answers)
        yes = [x.sensitivity for x in answers if x.answer == 1]
        no = [x.sensitivity for x in answers if x.answer == -1]
        self.news = (len(yes) / n, sum(yes) / n, len(no) / n, sum(no) / n)

    def learn(self) -> None:
        p, pull, shrink = self.model.p, 0.0, 0.0
        answers = [x for x in self.lines if x.answer]
        for line in answers:
            one = lesson(line.answer, self.mean, self.variance, line.sensitivity, p.noise)
            pull, shrink = pull + one[0] / len(answers), shrink + one[1] / len(answers)
        heard = [0.0, 0.0, 0.0, 0.0]
        for weight, other in zip(self.hears, self.model.chipmakers, strict=True):
            if weight and other.news:
                for i in range(4):
                    heard[i] += weight * other.news[i]
        for answer, share, about in ((1, heard[0], heard[1]), (-1, heard[2], heard[3])):
            if share > 0:
                one = lesson(answer, self.mean, self.variance, about / share, p.noise)
                pull, shrink = pull + p.w_heard * share * one[0], shrink + p.w_heard * share * one[1]
        spread = self.variance + p.noise * p.noise
        self.mean += self.variance / sqrt(spread) * pull + p.ease * dated.TONE[self.model.month]
        self.variance = max(self.variance - self.variance**2 / spread * shrink, DRIFT**2) + DRIFT**2


class Authority(mesa.Agent):
    """Reads what its desk can carry; four agencies vote, each with its own error; signs nothing in a freeze."""

    def __init__(self, model) -> None:
        super().__init__(model)
        self.lost = 0.0  # sales its own firms lose, USD bn a year

    def set_line(self) -> None:
        p, t = self.model.p, self.model.month
        self.line = (
            dated.BASE_LINE[t] + p.base_shift + p.w_bargain * dated.BARGAIN[t] + p.w_lobby * tanh(self.lost / 5) - p.w_hawk * (HAWK - 0.5)
        )  # fmt: skip
        for firm in self.model.chipmakers:
            for line in firm.lines:
                line.clock = max(line.clock - 1, 0)
                over = line.clock == 0 or t == dated.LAPSE
                if (line.state == LICENSED and over) or (line.state == COOLING and line.clock == 0):
                    line.enter(IDLE)

    def decide(self) -> None:
        p, firms = self.model.p, self.model.chipmakers
        waiting = sum(line.state == PENDING and not line.read for firm in firms for line in firm.lines)
        self.chance = min(p.reading_hazard, p.capacity / max(waiting, 1))
        self.lost = 0.0
        for firm in firms:
            for line in firm.lines:
                line.answer = 0
                self.decide_line(line)
                if firm.controlled and line.state != LICENSED:
                    self.lost += line.sales * line.covered

    def decide_line(self, line) -> None:
        p, uniform = self.model.p, self.model.random.random
        if line.state == INTENT:
            if uniform() < p.close:
                line.enter(COOLING, COOL_RETURNED if uniform() < BACK else COOL_DENIED)
        elif line.state == LICENSED:
            stray = line.sensitivity > self.line + TOLERANCE
            if uniform() < p.refresh:
                line.enter(IDLE)
            elif stray and uniform() < p.revoke:
                line.enter(COOLING, COOL_DENIED)
        elif line.state == PENDING:
            if not line.read and line.clock == 0 and uniform() < self.chance:
                line.read = True
            if line.read and not dated.FROZEN[self.model.month]:
                self.answer(line)

    def answer(self, line) -> None:
        p, uniform = self.model.p, self.model.random.random
        if abs(line.sensitivity - self.line) < p.band and uniform() < p.return_chance:
            line.enter(COOLING, COOL_RETURNED)
            return
        votes = {name: uniform() < normal((self.line + offset - line.sensitivity) / p.noise) for name, offset in AGENCIES.items()}
        yes = sum(votes.values())
        if yes >= 3 or (yes == 2 and votes["chair"]):
            line.enter(LICENSED, VALID)
            line.answer = 1
        else:
            line.enter(INTENT)
            line.answer = -1


class Exchange(mesa.Model):
    """One world. firms, hears: from read_case; p: from draw."""

    def __init__(self, firms, hears, p, seed=0) -> None:
        super().__init__(rng=seed)
        self.p, self.month, self.filings = p, 0, 0
        self.authority = Authority(self)
        agents = [Chipmaker(self, firm, row) for firm, row in zip(firms, hears, strict=True)]
        self.chipmakers = mesa.agent.AgentSet(agents, random=self.random)

    def step(self) -> None:
        if self.month >= dated.START:
            self.authority.set_line()
            self.chipmakers.do("file")
            self.authority.decide()
            self.chipmakers.do("tell")
            self.chipmakers.do("learn")
        self.month += 1

    def run(self) -> "Exchange":
        for _ in range(dated.MONTHS):
            self.step()
        getattr(mesa.Agent, "_ids", {}).pop(self, None)  # Mesa 3.3 keeps every model alive through it
        return self
