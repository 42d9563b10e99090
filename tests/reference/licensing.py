"""The law's reach, the authority and the firms, in plain floats (MODEL 3 to 5)."""

import math

import mesa

from .inputs import COOLING, IDLE, INTENT, LICENSED, PENDING, PREPARING, Line, clip, truth

MODERATE = 0.5  # a government neither hawkish nor mild; the line is counted from it
LEAST_CHANCE = 1e-300  # keeps the pull of an answer that was thought impossible finite
COUNTS = (
    "prepared", "filings", "approvals", "intents", "returns", "final_denials", "intents_returned",
    "revocations", "expiries", "refreshes", "lapses", "released",
)  # fmt: skip


def chance_below(z: float) -> float:
    """The normal distribution."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def density(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))


def lesson(answer: int, mean: float, sd: float, sensitivity: float, noise: float) -> tuple[float, float]:
    """What one answer (+1 approval, -1 intent to deny) teaches: the pull on the mean, the shrink of the variance."""
    z = (mean - sensitivity) / math.sqrt(sd * sd + noise * noise)
    pull = answer * density(z) / max(chance_below(answer * z), LEAST_CHANCE)
    return pull, clip(pull * (pull + z), 0.0, 1.0)


class Chipmaker(mesa.Agent):
    """A seller at one office. It files for a covered line when its believed odds beat a hurdle that grows with doubt; answers teach it."""

    def __init__(self, model: mesa.Model, name: str, lines: list[Line], office: "Authority") -> None:
        super().__init__(model)
        self.name, self.lines, self.office = name, lines, office
        self.groups = {line.group for line in lines}
        self.mean, self.sd = model.p["belief.mean0"], model.p["belief.sd0"]
        self.hears: dict[str, float] = {}
        self.answers: list[tuple[int, Line]] = []
        self.variance_rose = 0.0  # by how much doubt grew on an answer, before the drift: never above 0 (Book 13)

    def listen_to(self, others: list["Chipmaker"]) -> None:
        """Weights on the answers of others; they sum to 1."""
        p = self.model.p
        near, far = p["network.hears_same_group"], p["network.hears_other_group"]
        weights = {f.name: near if f.groups & self.groups else far for f in others if f is not self}
        total = sum(weights.values())
        self.hears = {name: w / total if total > 0 else 0.0 for name, w in weights.items()}

    def take_cover(self) -> None:
        for line in self.lines:
            line.covered = self.office.covers(line)

    def hear_statements(self) -> None:
        if self.office.on > 0 and self.office.speaks:
            self.mean += self.model.p["belief.ease"] * self.model.statement()

    def file(self) -> None:
        """First the prepared files go in, then idle lines are taken up: no line does both in one month."""
        model, p, office = self.model, self.model.p, self.office
        on = office.on
        if on <= 0:
            return
        noise = p["authority.noise"]
        ready = [line for line in self.lines if line.state == PREPARING]
        idle = [line for line in self.lines if line.state == IDLE and line.covered > p["firm.covered_floor"]]
        for line in ready:
            if model.dice.roll("", line, f"ready{office.counter}", model.month) < 1 / p["firm.preparation"]:
                line.enter(PENDING)
                line.filed = model.month
                model.counts["filings"] += 1
        published = office.speaks and p["authority.publish_line"] > 0
        for line in idle:
            if published:
                centre, sd = office.line[line.group], p["belief.published_sd"]
            else:
                centre, sd = self.mean, self.sd
            odds = chance_below((centre - line.sensitivity) / math.sqrt(sd * sd + noise * noise))
            hurdle = p["firm.hurdle"] + p["firm.doubt"] * (sd / p["firm.ordinary_doubt"] - 1)
            chance = p["firm.filing_rate"] * on * logistic(p["firm.steepness"] * (odds - hurdle))
            if model.dice.roll("", line, f"file{office.counter}", model.month) < chance:
                line.enter(PREPARING)
                model.counts["prepared"] += 1

    def learn(self) -> None:
        """Own answers count as their mean; those of others by how well they are heard."""
        p = self.model.p
        if self.office.on <= 0:
            return
        noise = p["authority.noise"]
        pull = shrink = 0.0
        for answer, line in self.answers:
            one_pull, one_shrink = lesson(answer, self.mean, self.sd, line.sensitivity, noise)
            pull += one_pull / len(self.answers)
            shrink += one_shrink / len(self.answers)
        for answer in (1, -1):
            told = heard = 0.0
            for other in self.office.firms.values():
                if other is self or not other.answers:
                    continue
                sensitivities = [line.sensitivity for y, line in other.answers if y == answer]
                weight = self.hears[other.name] / len(other.answers)
                told += weight * len(sensitivities)
                heard += weight * sum(sensitivities)
            if told > 0:
                one_pull, one_shrink = lesson(answer, self.mean, self.sd, heard / told, noise)
                pull += p["belief.w_heard"] * told * one_pull
                shrink += p["belief.w_heard"] * told * one_shrink
        variance = self.sd**2
        both = variance + noise**2
        self.mean = clip(self.mean + variance / math.sqrt(both) * pull, p["belief.mean_low"], p["belief.mean_high"])
        taught = variance - variance**2 / both * shrink
        self.variance_rose = taught - variance
        self.sd = math.sqrt(clip(taught + p["belief.drift"] ** 2, p["belief.sd_floor"] ** 2, p["belief.sd0"] ** 2))

    def forget_post(self) -> None:
        self.answers = []


class Agency:
    def __init__(self, name: str, offset: float, chair: bool) -> None:
        self.name, self.offset, self.chair = name, offset, chair


class Authority(mesa.Agent):
    """The office: an unpublished line, a desk that reads what it can carry, agencies that vote with error, freezes."""

    speaks = True  # its statements are heard, and it may publish its line
    counter = ""  # where firms hand their files in; part of the address of their dice

    def __init__(self, model: mesa.Model, name: str, government: str, agencies: list[Agency], lines: list[Line]) -> None:
        super().__init__(model)
        self.name, self.government, self.agencies, self.lines = name, government, agencies, lines
        self.line = [0.0] * len(model.groups)
        names = dict.fromkeys(line.firm for line in lines)
        self.firms = {name: Chipmaker(model, name, [line for line in lines if line.firm == name], self) for name in names}
        for firm in self.firms.values():
            firm.listen_to(list(self.firms.values()))

    @property
    def on(self) -> float:
        """Share of the month in which it licenses."""
        return self.model.dates.on

    @property
    def frozen(self) -> bool:
        return self.model.dates.read("licensing.freeze") > 0

    @property
    def lapse(self) -> bool:
        return self.model.dates.lapse

    @property
    def freed(self) -> bool:
        """Nothing needs its licence any more, from this month on."""
        return self.model.dates.freed

    @property
    def capacity(self) -> float:
        return self.model.p["authority.capacity"]

    def covers(self, line: Line) -> float:
        """How far its law reaches a line this month (MODEL 3)."""
        p, dates = self.model.p, self.model.dates
        on, fdpr = dates.on, dates.fdpr
        group = self.model.groups[line.group]
        if not line.controlled:
            return fdpr if line.foundry else fdpr * group.fdpr_cover
        at_once = p["law.cleared_at_once"]
        cleared = at_once + (1 - at_once) * dates.read("law.offshore_cleared")
        escapes = (1 - fdpr) * cleared * line.offshore + fdpr * min(line.offshore, p["law.leak"])
        return on * (1 - escapes) * (1 - dates.read("law.tgl") * p["law.maintenance"] * group.use["carrier"])

    def set_line(self) -> None:
        model, p, dates = self.model, self.model.p, self.model.dates
        if dates.on <= 0:
            self.line = [0.0] * len(model.groups)
            return
        bargain = model.bargain() * p["coupling.talks_to_line"]
        lobby = math.tanh(model.lost_us / p["authority.lobby_scale"]) * p["coupling.loss_to_line"]
        hawk = p[f"government.{self.government}.hawk"]
        for g, group in enumerate(model.groups):
            gone = max(dates.fdpr, *(partner.took(g) for partner in model.partners), 0.0)
            foreign = (1 - gone) * model.actual.qualified[g] * group.foreign_reach
            availability = clip(foreign + p["authority.domestic_availability"] * model.actual.domestic[g], 0.0, 1.0)
            self.line[g] = (
                dates.read("licensing.base_line")
                + p["licensing.base_shift"]
                + p["authority.w_availability"] * availability
                + p["authority.w_bargain"] * bargain
                + p["authority.w_lobby"] * lobby
                - p["authority.w_hawk"] * (hawk - MODERATE)
            )

    def turn_clocks(self) -> None:
        """Licences run out, lines cool off; in the month of the product rule every licence lapses, in that of a delisting all ends."""
        model = self.model
        if self.on <= 0 and not self.freed:
            return
        for line in self.lines:
            line.clock = max(line.clock - 1, 0.0)
            if line.clock == 0 and line.state == LICENSED:
                line.enter(IDLE)
                model.counts["expiries"] += 1
            elif line.clock == 0 and line.state == COOLING:
                line.enter(IDLE)
            if self.lapse and line.state == LICENSED:
                line.enter(IDLE)
                model.counts["lapses"] += 1
            if self.freed and line.state != IDLE:
                line.enter(IDLE)
                model.counts["released"] += 1

    def decide(self) -> None:
        model = self.model
        if self.on > 0:
            pile = [line for line in self.lines if line.state == PENDING]
            intents = [line for line in self.lines if line.state == INTENT]
            licences = [line for line in self.lines if line.state == LICENSED]
            model.pending_before += len(pile)
            self.read(pile)
            if not self.frozen:
                for line in pile:
                    if line.read:
                        self.answer(line)
            for line in intents:
                self.close(line)
            for line in licences:
                self.review(line)
        for line in self.lines:
            line.legal = 1 - line.covered * (0.0 if line.state == LICENSED else 1.0)

    def roll(self, line: Line, purpose: str) -> float:
        return self.model.dice.roll(self.name, line, purpose, self.model.month)

    def read(self, pile: list[Line]) -> None:
        p = self.model.p
        due = [line for line in pile if not line.read and line.filed < self.model.month]
        chance = min(p["authority.reading_hazard"], self.capacity / max(len(due), 1))
        for line in due:
            line.read = self.roll(line, "read") < chance

    def answer(self, line: Line) -> None:
        model, p = self.model, self.model.p
        cut = self.line[line.group]
        if abs(line.sensitivity - cut) < p["authority.band"] and self.roll(line, "return") < p["authority.return_chance"]:
            line.enter(COOLING, p["firm.cooling_returned"])
            model.counts["returns"] += 1
            return
        if self.vote(line, cut):
            line.enter(LICENSED, p["authority.validity"])
            model.counts["approvals"] += 1
            model.approved.append(line)
            self.firms[line.firm].answers.append((1, line))
        else:
            line.enter(INTENT)
            model.counts["intents"] += 1
            self.firms[line.firm].answers.append((-1, line))

    def vote(self, line: Line, cut: float) -> bool:
        noise = self.model.p["authority.noise"]
        yes, chair = 0, False
        for agency in self.agencies:
            says = self.roll(line, f"vote {agency.name}") < chance_below((cut + agency.offset - line.sensitivity) / noise)
            yes += says
            chair = chair or (says and agency.chair)
        rule = self.model.rules["vote"]
        if rule == "chair":
            return chair
        if rule == "unanimous":
            return yes == len(self.agencies)
        return 2 * yes > len(self.agencies) or (2 * yes == len(self.agencies) and chair)

    def close(self, line: Line) -> None:
        model, p = self.model, self.model.p
        if self.roll(line, "close") >= p["authority.intent_closing"]:
            return
        if self.roll(line, "back") < p["authority.intent_returned"]:
            line.enter(COOLING, p["firm.cooling_returned"])
            model.counts["intents_returned"] += 1
        else:
            line.enter(COOLING, p["firm.cooling_denied"])
            model.counts["final_denials"] += 1

    def review(self, line: Line) -> None:
        model, p = self.model, self.model.p
        if self.roll(line, "refresh") < p["authority.refresh"]:
            line.enter(IDLE)
            model.counts["refreshes"] += 1
            return
        too_far = line.sensitivity > self.line[line.group] + p["authority.tolerance"]
        if too_far and self.roll(line, "revoke") < p["authority.revocation"]:
            line.enter(COOLING, p["firm.cooling_denied"])
            model.counts["revocations"] += 1


def agencies_of(case, authority: str, values) -> list[Agency]:
    table = case["agencies"]
    return [
        Agency(name, float(table["offset"][i]) + values[f"agency.{name}.offset"], truth(table["chair"][i]))
        for i, name in enumerate(table["agency"])
        if table["authority"][i] == authority
    ]
