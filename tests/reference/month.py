"""One world, month by month, as an ordinary Mesa model, in the order of MODEL 11.

run(case, values, calendar, rules, seed=2019, world=0, months=96) -> one plain dict a month
"""

import mesa

from .figures import figures
from .inputs import Dates, Dice, Values, dice_rows, product_lines
from .ledger import Ledger
from .licensing import COUNTS, Authority, Chipmaker, agencies_of
from .partner import Partner
from .persuasion import PlainGovernments
from .procurement import PlainCarriers
from .supply import Path, Vendor, groups_of
from .talks import PlainTalks

YARDSTICK = 35  # December 2020: carriers' demand follows the vendor's share from the month after
DEFAULTS = {
    "vote": "majority", "bottleneck": "minimum", "talks": "concession", "talks_mode": "dated", "drift": "doubt_about_supply",
}  # fmt: skip


class PlainModel(mesa.Model):
    def __init__(self, case, values=None, calendar=None, rules=None, seed=0, world=0) -> None:
        super().__init__(rng=0)
        self.p = Values(values or {})
        self.dates = Dates(calendar or {})
        self.rules = {**DEFAULTS, **(rules or {})}
        self.month = -1
        self.listed = False  # the listing has begun
        self.lines = product_lines(case, self.p)
        self.dice = Dice(seed, world, dice_rows(case, self.p))
        self.groups = groups_of(case, self.lines)
        table = case["firm_sales_by_group"]
        self.sizes: dict[str, tuple[float, float]] = {}  # a firm's whole revenue and its sales to the vendor, USD bn a year
        for row, firm in enumerate(table["firm"]):
            self.sizes[firm] = (float(table["rev"][row]), self.sizes.get(firm, (0.0, 0.0))[1] + float(table["sales"][row]))
        office = case["authorities"]
        name, controller = office["authority"][0], office["government"][0]
        self.authority = Authority(self, name, controller, agencies_of(case, name, self.p), self.lines)
        self.chipmakers = list(self.authority.firms.values())
        self.partners = [Partner(self, case, row) for row in range(1, len(office))]
        vendors = case["vendors"]
        listed = [name for i, name in enumerate(vendors["vendor"]) if float(vendors["listed_candidate"][i]) == 1]
        self.vendor = Vendor(self, listed[0])
        self.actual: Path = self.vendor.paths[0]
        self.shadow: Path = self.vendor.paths[1]
        self.ledger = Ledger(self)
        self.lost_us = 0.0  # as of last month, USD bn a year
        self.counts = dict.fromkeys(COUNTS, 0)
        self.totals = dict.fromkeys(COUNTS, 0)
        self.approved: list = []
        self.pending_before = 0
        self.legal_controlled = [1.0] * len(self.groups)
        self.legal_foreign = [1.0] * len(self.groups)
        self.free = self.rules["talks_mode"] == "free"
        self.talks = PlainTalks(
            case, values or {}, calendar or {}, seed, world, self.rules["talks"], dates=self.dates,
            lost=lambda month, bargain: self.lost_us * self.p["coupling.loss_to_talks"],
            unmet=lambda month, bargain: self.actual.unmet * self.p["coupling.need_to_talks"],
        )  # fmt: skip
        self.eased = 0.0  # said this month for the sake of free talks
        trend = self.rules["drift"] == "trend_instead_of_doubt"
        self.governments = PlainGovernments(case, values or {}, calendar or {}, seed, world, trend, dates=self.dates)
        self.carriers = PlainCarriers(case, values or {}, seed, world)
        self.share = self.share_then = self.vendor_share()

    def dated_bargain(self) -> float:
        """What the talks need by way of licences; nothing without a listing, nor where licences are no chip."""
        if self.dates.on <= 0:
            return 0.0
        return self.dates.read("talks.bargain") * (1 - self.p["talks.licences_not_a_chip"])

    def bargain(self) -> float:
        """The same this month, whoever decides it; from step 3 on."""
        return self.talks.bargain if self.free else self.dated_bargain()

    def news_of_talks(self) -> tuple[float, float]:
        """Tariff and bargain as the vendor knows them in step 2: free talks of this month are still to come."""
        if self.free and self.p["coupling.talks_to_threat"] > 0:
            return self.talks.tariffs()[0], self.talks.bargain
        return self.dates.read("tariff.on_target"), self.dated_bargain()

    def talk(self) -> dict:
        if not self.free:
            tariffs = self.dates.read("tariff.on_target"), self.dates.read("tariff.on_controller")
            return self.talks.follow(*tariffs, self.dated_bargain())
        before = self.talks.bargain
        table = self.talks.step()
        self.eased = 1.0 if self.talks.bargain > before else 0.0
        if self.talks.delisted and self.dates.free_from is None:
            self.dates.free_from = self.month + 1
        return table

    def statement(self) -> float:
        """What was said on licences this month; what was said for the sake of the talks only where licences are a chip in them."""
        if self.free:
            return self.dates.read("licensing.statement") + self.eased
        promised = self.dates.read("talks.statement") * (1 - self.p["talks.licences_not_a_chip"])
        return self.dates.read("licensing.statement") + promised

    def vendor_share(self) -> float:
        """The listed vendor's share of what all carriers spend on networks."""
        money = self.carriers.money(abroad_only=False)
        return money[self.carriers.listed.key] / sum(money.values())

    def carriers_choice(self) -> float:
        """Factor on carriers' demand, from what they have bought up to last month."""
        if self.month <= YARDSTICK:
            return 1.0
        return (self.share / self.share_then) ** self.p["coupling.carriers_to_vendor"]

    def step(self) -> None:
        """One month, numbered as in MODEL 11."""
        self.month += 1  # 1
        self.dates.month = self.month
        self.listed = self.listed or self.dates.on > 0
        fill = self.actual.carrier_fill  # of last month
        self.counts = dict.fromkeys(COUNTS, 0)
        self.approved, self.pending_before = [], 0
        chipmakers = self.agents_by_type[Chipmaker]
        authorities = self.agents.select(lambda agent: isinstance(agent, Authority))
        vendors = self.agents_by_type[Vendor]
        vendors.do("fear")  # 2
        table = self.talk()  # 3
        authorities.do("set_line")  # 4
        authorities.do("turn_clocks")
        chipmakers.do("take_cover")  # 5
        chipmakers.do("hear_statements")
        chipmakers.do("file")
        authorities.do("decide")  # 6
        for partner in self.partners:
            for line in partner.lines:
                own = self.lines[line.number]
                own.legal = min(own.legal, line.legal)
        self.share_legal()
        chipmakers.do("learn")  # 7
        answers = {f.name: [(y, line.number) for y, line in f.answers] for f in self.chipmakers if f.answers}
        chipmakers.do("forget_post")
        vendors.do("trade")  # 8
        vendors.do("redesign")  # 9
        ledger = self.ledger.book()  # 10
        self.lost_us = self.ledger.lost
        governments = self.governments
        governments.step(self.month, fill, self.bargain())  # 11
        self.carriers.step(self.month, {s.name: (s.rho, s.level) for s in governments.states}, governments.supply)  # 12
        self.share = self.vendor_share()
        if self.month == YARDSTICK:
            self.share_then = self.share
        for name, number in self.counts.items():
            self.totals[name] += number
        self.record = self.report(answers, ledger) | {"talks": table} | self.report_of_allies()  # 13
        self.record["figures"] = figures(self, self.record)

    def share_legal(self) -> None:
        """Shares of a group's controlled and foreign sales that may ship."""
        dates = self.dates
        for i, g in enumerate(self.groups):
            sales = sum(line.sales for line in g.controlled_lines)
            legal = sum(line.legal * line.sales for line in g.controlled_lines)
            self.legal_controlled[i] = legal / sales if g.controlled_lines else 1 - dates.on
            ordinary = [line for line in g.foreign_lines if not line.foundry]
            sales = sum(line.sales for line in ordinary)
            legal = sum(line.legal * line.sales for line in ordinary)
            self.legal_foreign[i] = legal / sales if ordinary else 1 - dates.fdpr * g.fdpr_cover

    def report(self, answers, ledger) -> dict:
        face = self.p["authority.face_multiple"] * sum(line.sales * self.actual.growth[line.group] for line in self.approved)
        return {
            "month": self.month, "on": self.dates.on,
            "states": [line.state for line in self.lines], "clocks": [line.clock for line in self.lines],
            "read": [line.read for line in self.lines], "covered": [line.covered for line in self.lines],
            "legal": [line.legal for line in self.lines],
            "mean": {f.name: f.mean for f in self.chipmakers}, "sd": {f.name: f.sd for f in self.chipmakers},
            "variance_rose": max(f.variance_rose for f in self.chipmakers),
            "counts": dict(self.counts), "totals": dict(self.totals), "pending_before": self.pending_before,
            "partners": {p.name: p.report() for p in self.partners},
            "answers": answers, "face": face, "line": list(self.authority.line), "bargain": self.bargain(),
            "legal_controlled": list(self.legal_controlled), "legal_foreign": list(self.legal_foreign),
            "actual": self.actual.report(), "shadow": self.shadow.report(), "ledger": ledger,
        }  # fmt: skip

    def report_of_allies(self) -> dict:
        governments, carriers = self.governments, self.carriers
        tariffs = self.talks.tariffs() if self.free else (self.dates.read("tariff.on_target"), self.dates.read("tariff.on_controller"))
        return {
            "tariffs": tariffs,
            "level": [s.level for s in governments.states], "belief_in_threat": [s.rho for s in governments.states],
            "taste": [s.taste for s in governments.states], "doubt": governments.doubt, "supply_doubt": governments.supply,
            "spent": governments.spent,
            "awarded": [c.awarded for c in carriers.carriers],
            "restricted_award": [c.restricted_award for c in carriers.carriers],
            "listed_award": [c.listed_award for c in carriers.carriers],
            "share5g": [dict(c.share5g or {}) for c in carriers.carriers],
            "restricted": [carriers.restricted(carriers.mix(c)) for c in carriers.carriers],
            "removed": [c.removed for c in carriers.carriers], "swap_cost": [c.swap_cost for c in carriers.carriers],
            "share": self.share,
        }  # fmt: skip


def run(case, values=None, calendar=None, rules=None, *, seed=0, world=0, months=96) -> list[dict]:
    """values: path -> number; calendar: lever -> one number a month; world: also its replicate, which decides its luck."""
    model = PlainModel(case, values, calendar, rules, seed, world)
    history = []
    for _ in range(months):
        model.step()
        history.append(model.record)
    model.remove_all_agents()
    getattr(mesa.Agent, "_ids", {}).pop(model, None)  # Mesa 3.3 keeps every model alive through it; 3.5 has none
    return history
