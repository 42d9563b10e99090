"""What is reported: one table of outcomes, one of what is kept for each agent, and the recorder that fills them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.months import year_of
from sim.worlds import Mask, Numbers, total

if TYPE_CHECKING:
    from sim.exchanges.licensing import Licensing
    from sim.model import TradeModel


@dataclass(frozen=True, slots=True)
class Outcome:
    """One number a world and month.

    yearly: how months make a year: sum (a flow), mean (a state of the year) or end (a state at its end)
    unit, sentence: in what, and what it is; words of the case stand in braces: {controller}, {target}, {vendor}, {currency}
    formula: from the model after a month's last step to (worlds,)
    """

    name: str
    unit: str
    yearly: str
    sentence: str
    formula: "Callable[[TradeModel], Numbers]"


def _actual(m: "TradeModel", x: Any) -> Numbers:
    return np.asarray(x[..., m.supply.actual])


def _chips(m: "TradeModel", x: Numbers) -> Numbers:
    return total(_actual(m, x) * m.supply.groups.chip)


def _ratio(part: Numbers, whole: Numbers) -> Numbers:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)


def _stock_months(m: "TradeModel", stock: Numbers, which: Mask) -> Numbers:
    need = _actual(m, total(m.supply.need))
    return _ratio(total(stock * which), total(need * which))


def _mean_line(m: "TradeModel") -> Numbers:
    weight = m.supply.groups.old_controlled
    return np.nan_to_num(total(m.licensing.line * weight) / total(weight), nan=0.0)


def _face_value(m: "TradeModel") -> Numbers:
    return total(_face_of(m, docket) for docket in m.dockets)


def _face_of(m: "TradeModel", docket: "Licensing") -> Numbers:
    approved, lines = docket.happened["approved"], docket.lines
    growth = _actual(m, m.supply.growth)[lines.group[approved.row], approved.world]
    value = m.p.authority.face_multiple[approved.world] * lines.sales[approved.row, approved.world] * growth
    return np.bincount(approved.world, value, minlength=len(m.worlds)).astype(np.float64)


def _revenue(m: "TradeModel") -> Numbers:
    vendor = m.listed_vendor
    return vendor.revenue("carrier") + vendor.revenue("enterprise") + vendor.revenue("consumer") + vendor.new_business(m.now)


def _fill(m: "TradeModel", segment: int) -> Numbers:
    return _actual(m, m.supply.output[segment] / m.supply.demand[segment])


def _home_made_chips(m: "TradeModel") -> Numbers:
    return _ratio(_chips(m, m.supply.bought["domestic"]), _chips(m, m.supply.arrived))


def _research(m: "TradeModel") -> Numbers:
    from sim.rules.ledger import research_share
    from sim.rules.threat import ramp

    v = m.p.vendor
    return research_share(v.rnd_base, v.rnd_rise, ramp(m.listed_vendor.threat, m.p.threat.start, v.rnd_span))


def _talks(event: str) -> "Callable[[TradeModel], Numbers]":
    return lambda m: m.talks.happened[event][0] * 1.0


_TABLE: list[Outcome] = [
    Outcome("filings", "files", "sum", "Licence applications handed in", lambda m: m.count("filed")),
    Outcome("approvals", "files", "sum", "Applications approved", lambda m: m.count("approved")),
    Outcome("intents", "files", "sum", "Applications met with an intent to deny", lambda m: m.count("intended")),
    Outcome("returns", "files", "sum", "Applications returned without action at once", lambda m: m.count("returned")),
    Outcome("denials", "files", "sum", "Applications finally denied", lambda m: m.count("denied")),
    Outcome("revocations", "licences", "sum", "Licences revoked", lambda m: m.count("revoked")),
    Outcome("lapses", "licences", "sum", "Licences that lapsed when the product rule came into force", lambda m: m.count("lapsed")),
    Outcome("pending", "files", "end", "Applications waiting for an answer", lambda m: m.standing(2)),
    Outcome("licences", "licences", "end", "Licences in force", lambda m: m.standing(4)),
    Outcome("face_value", "USD bn", "sum", "Face value of the licences approved: a ceiling over years and no trade", _face_value),
    Outcome("line", "sensitivity 0-1", "mean", "The unpublished line, mean over input groups by {controller} sales; 0 before the listing", _mean_line),
    Outcome("belief", "sensitivity 0-1", "mean", "Where firms think the line lies, mean over firms", lambda m: total(m.licensing.mean) / len(m.licensing.mean)),
    Outcome("doubt", "sensitivity 0-1", "mean", "How unsure firms are of the line, mean over firms", lambda m: total(np.sqrt(m.licensing.variance)) / len(m.licensing.mean)),
    Outcome("bargain", "share 0-1", "mean", "How much the talks need a concession on licences", lambda m: m.now.bargain),
    Outcome("controlled_sales", "USD bn", "sum", "{vendor}'s purchases from {controller} sellers", lambda m: total(_actual(m, m.supply.bought["controlled"]))),
    Outcome("foreign_sales", "USD bn", "sum", "{vendor}'s purchases from other foreign sellers", lambda m: total(_actual(m, m.supply.bought["foreign"]))),
    Outcome("domestic_sales", "USD bn", "sum", "{vendor}'s purchases from sellers in {target}", lambda m: total(_actual(m, m.supply.bought["domestic"]))),
    Outcome("chips_bought", "USD bn", "sum", "{vendor}'s purchases of chips, from all sellers", lambda m: _chips(m, m.supply.arrived)),
    Outcome("lost_sales", "USD bn a year", "end", "Sales that {controller} sellers lost to the controls in the last 12 months", lambda m: m.ledger.lost),
    Outcome("net_lost_sales", "USD bn a year", "end", "Sales that {controller} sellers lost in the last 12 months, less what they placed with other customers", lambda m: m.ledger.lost - m.ledger.resold_year),
    Outcome("spill_over", "USD bn a year", "end", "Further sales lost to unlisted customers in {target}; in no book", lambda m: m.ledger.spill_over),
    Outcome("controlled_change", "USD bn", "sum", "Change of {controller} sales to {vendor} that the controls made", lambda m: total(m.ledger.difference["controlled"])),
    Outcome("foreign_change", "USD bn", "sum", "Change of other foreign sales to {vendor} that the controls made", lambda m: total(m.ledger.difference["foreign"])),
    Outcome("foreign_chip_change", "USD bn", "sum", "Change of other foreign chip sales to {vendor} that the controls made", lambda m: total(m.ledger.difference["foreign"] * m.supply.groups.chip)),
    Outcome("domestic_change", "USD bn", "sum", "Change of sales from within {target} that the controls made", lambda m: total(m.ledger.difference["domestic"])),
    Outcome("stock_change", "USD bn", "sum", "Change of additions to {vendor}'s stock that the controls made", lambda m: total(m.ledger.difference["stock"])),
    Outcome("unmet_change", "USD bn", "sum", "Change of {vendor}'s unmet need that the controls made", lambda m: total(m.ledger.difference["unmet"])),
    Outcome("need_change", "USD bn", "sum", "Change of {vendor}'s need that the controls made", lambda m: total(m.ledger.difference["need"])),
    Outcome("raw_material", "{currency} bn", "end", "{vendor}'s stock of parts, own designs apart", lambda m: m.p.vendor.currency_per_usd * total(_actual(m, m.supply.stock) * (m.supply.groups.stocked & ~m.supply.groups.own_design))),
    Outcome("scarce_stock", "months of need", "end", "{vendor}'s stock of parts that hardly anyone but {controller} sellers makes", lambda m: _stock_months(m, _actual(m, m.supply.stock), m.supply.groups.stocked & ~m.supply.groups.own_design & (m.supply.groups.scarce >= 0.9))),
    Outcome("own_chip_stock", "months of need", "end", "{vendor}'s stock of chips of its own design on the leading node", lambda m: _stock_months(m, _actual(m, m.supply.own_chips), m.supply.groups.own_design & m.supply.groups.leading_node)),
    Outcome("threat", "share 0-1", "mean", "How threatened {vendor} feels", lambda m: m.listed_vendor.threat),
    Outcome("research_share", "share of revenue", "end", "{vendor}'s research spending", _research),
    Outcome("revenue_carrier", "{currency} bn", "sum", "{vendor}'s sales to {carriers}", lambda m: m.listed_vendor.revenue("carrier")),
    Outcome("revenue_enterprise", "{currency} bn", "sum", "{vendor}'s sales to {enterprises}", lambda m: m.listed_vendor.revenue("enterprise")),
    Outcome("revenue_consumer", "{currency} bn", "sum", "{vendor}'s sales to {consumers}", lambda m: m.listed_vendor.revenue("consumer")),
    Outcome("revenue", "{currency} bn", "sum", "{vendor}'s sales, new businesses included", _revenue),
    Outcome("carrier_fill", "share 0-1", "mean", "Share of {carriers}' demand that {vendor} can build", lambda m: _fill(m, 0)),
    Outcome("enterprise_fill", "share 0-1", "mean", "Share of {enterprises}' demand that {vendor} can build", lambda m: _fill(m, 1)),
    Outcome("consumer_fill", "share 0-1", "mean", "Share of {consumers}' demand that {vendor} can build", lambda m: _fill(m, 2)),
    Outcome("unmet", "share 0-1", "mean", "Share of {vendor}'s need of parts that is not met", lambda m: m.listed_vendor.unmet),
    Outcome("domestic_chips", "share 0-1", "mean", "Share of the chips that {vendor} buys that are made in {target}", _home_made_chips),
    Outcome("tariff_on_target", "percent", "end", "Average tariff of {controller} on {target}", lambda m: m.now.tariff),
    Outcome("tariff_on_controller", "percent", "end", "Average tariff of {target} on {controller}", lambda m: m.now.tariff_on_controller),
    Outcome("announced_tariff", "points", "end", "Tariff that {controller} has announced and not put in force", lambda m: m.talks.announced[0]),
    Outcome("restriction", "share 0-1", "end", "Other retaliation of {target} in force: minerals, and lists that name firms", lambda m: m.talks.restriction[0]),
    Outcome("talks_open", "share 0-1", "mean", "Share of months in which the two talk; 0 where talks are dated", lambda m: m.talks.talked[0] * 1.0),
    Outcome("deals", "deals", "sum", "Deals signed in talks", _talks("signed")),
    Outcome("partial_deals", "deals", "sum", "Of these, deals that move under half of the stakes", _talks("partial")),
    Outcome("walk_outs", "walk-outs", "sum", "Talks that one side left", _talks("walked_out")),
    Outcome("tariff_acts", "acts", "sum", "Announced tariffs that came into force", _talks("acted")),
    Outcome("breaches", "deals", "sum", "Deals that a threat ended, or that expired with much of the promise unkept", _talks("breached")),
    Outcome("zone", "share 0-1", "mean", "Share of months in which some deal would suit both sides", lambda m: m.talks.seat.limits.zone[0] * 1.0),
    Outcome("zone_width", "share of the dial", "mean", "How far the two sides' limits overlap; below 0 a gap", lambda m: m.talks.seat.zone[0]),
    Outcome("promised_purchases", "USD bn", "sum", "Purchases that {target} has promised in a deal", lambda m: m.talks.promised[0] / 12),
    Outcome("kept_purchases", "USD bn", "sum", "Of these, purchases made", lambda m: m.talks.kept[0] / 12),
    Outcome("cost_of_delay", "points", "end", "What months of talks have cost both sides so far; a point is a point of tariff on {target} for a year", lambda m: m.talks.delay_controller[0] + m.talks.delay_target[0]),
    Outcome("left_on_table", "points", "sum", "Joint gain that a signature or a walk-out left", lambda m: m.talks.left_on_table[0]),
    Outcome("declarations", "governments", "end", "Governments that at least review or declare against {vendor}", lambda m: m.persuasion.at_least(1)),
    Outcome("bans", "governments", "end", "Governments with a binding limit or an exclusion", lambda m: m.persuasion.at_least(2)),
    Outcome("exclusions", "governments", "end", "Governments that exclude {vendor} with a date", lambda m: m.persuasion.at_least(3)),
    Outcome("threat_belief", "share 0-1", "end", "Belief in the threat, mean over governments", lambda m: total(m.persuasion.belief) / len(m.persuasion.belief)),
    Outcome("supply_doubt", "share 0-1", "mean", "Doubt that {vendor} can deliver and patch", lambda m: m.persuasion.supply),
    Outcome("carrot_spending", "USD bn", "end", "What {controller} has spent on carrots so far", lambda m: m.persuasion.spent),
    Outcome("awards", "carriers", "end", "Carriers that have ordered 5G", lambda m: total(m.procurement.awarded <= m.month)),
    Outcome("vendor_share", "share 0-1", "mean", "{vendor}'s share in money of radio networks outside {target}", lambda m: m.procurement.market.share(m.procurement.vendors.listed)),
    Outcome("vendor_share_world", "share 0-1", "mean", "{vendor}'s share in money of radio networks everywhere", lambda m: m.procurement.listed_share),
    Outcome("concentration", "index 0-1", "end", "Herfindahl index of vendors' shares outside {target}", lambda m: m.procurement.market.concentration),
    Outcome("exposure", "share 0-1", "end", "Share of users outside {target} whose 5G comes from restricted vendors", lambda m: m.procurement.market.exposure_abroad),
    Outcome("swap_cost", "USD m", "sum", "What carriers pay to swap restricted vendors' kit", lambda m: total(m.procurement.swap_cost)),
    Outcome("exclusion_cost", "USD bn", "sum", "Dearer kit where governments limit or exclude", lambda m: total(m.procurement.market.exclusion_cost)),
]  # fmt: skip
OUTCOMES: dict[str, Outcome] = {outcome.name: outcome for outcome in _TABLE}

# What `run` prints when it is done.
HEADLINES = ("filings", "approvals", "licences", "lost_sales", "foreign_chip_change", "raw_material", "revenue_carrier", "revenue_consumer", "domestic_chips", "bans", "vendor_share")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measure:
    """One number an agent, world and month: kind of agent, name, unit, yearly (as for outcomes), formula to (agents, worlds)."""

    kind: str
    name: str
    unit: str
    yearly: str
    sentence: str
    formula: "Callable[[TradeModel], Numbers]"


def _firm(event: str) -> "Callable[[TradeModel], Numbers]":
    return lambda m: m.count_by_firm(event)


def _by_firm(m: "TradeModel", x: Numbers) -> Numbers:
    return np.asarray(m.firm_of_seller @ x)


def _at_risk(m: "TradeModel") -> Numbers:
    """Retaliation that names firms names controlled ones: the share of minerals and lists in force, of what they sell."""
    ours = m.seller_sales[:, m.supply.actual] * m.supply.is_controlled[:, None]
    return np.asarray(_by_firm(m, ours) * m.talks.restriction[0])


def _sides(what: str) -> "Callable[[TradeModel], Numbers]":
    """A number of each side's offer, first the controller's; 0 where nobody talks."""

    def of(m: "TradeModel") -> Numbers:
        talked = m.talks.talked[0]
        made = {"controller": m.talks.offers.controller, "target": m.talks.offers.target}
        offers = [(made[side] if what == "offer" else getattr(m.talks.offer(side), what))[0] for side in made]
        return np.where(talked, np.stack(offers), 0.0)

    return of


MEASURES: list[Measure] = [
    Measure("firm", "filings", "files", "sum", "Applications handed in", _firm("filed")),
    Measure("firm", "approvals", "files", "sum", "Applications approved", _firm("approved")),
    Measure("firm", "intents", "files", "sum", "Applications met with an intent to deny", _firm("intended")),
    Measure("firm", "licences", "licences", "end", "Licences in force", lambda m: m.licences_by_firm()),
    Measure("firm", "sales_to_vendor", "USD bn", "sum", "Sales to {vendor}", lambda m: _by_firm(m, m.seller_sales[:, m.supply.actual])),
    Measure("firm", "change", "USD bn", "sum", "Change of those sales that the controls made", lambda m: _by_firm(m, m.seller_sales[:, m.supply.actual] - m.seller_sales[:, m.supply.shadow])),
    Measure("firm", "sales_at_risk", "USD bn", "sum", "Of a {controller} firm's sales to {vendor}, what {target}'s other retaliation puts at risk; reported only, it moves no firm", _at_risk),
    Measure("firm", "belief", "sensitivity 0-1", "end", "Where the firm thinks the line lies", lambda m: m.licensing.mean),
    Measure("firm", "doubt", "sensitivity 0-1", "end", "How unsure it is", lambda m: np.sqrt(m.licensing.variance)),
    Measure("group", "line", "sensitivity 0-1", "end", "The unpublished line; 0 before the listing", lambda m: np.nan_to_num(m.licensing.line, nan=0.0)),
    Measure("group", "need", "USD bn", "sum", "What {vendor} needs", lambda m: _actual(m, total(m.supply.need))),
    Measure("group", "used", "USD bn", "sum", "What it uses", lambda m: _actual(m, total(m.supply.used))),
    Measure("group", "controlled", "USD bn", "sum", "What it buys from {controller} sellers", lambda m: _actual(m, m.supply.bought["controlled"])),
    Measure("group", "foreign", "USD bn", "sum", "What it buys from other foreign sellers", lambda m: _actual(m, m.supply.bought["foreign"])),
    Measure("group", "domestic", "USD bn", "sum", "What it buys in {target}", lambda m: _actual(m, m.supply.bought["domestic"])),
    Measure("group", "stock_months", "months of need", "end", "Its stock", lambda m: _ratio(_actual(m, m.supply.stock), _actual(m, total(m.supply.need)))),
    Measure("group", "qualified", "share 0-1", "end", "Share of other sellers' parts that are qualified", lambda m: _actual(m, m.supply.qualified)),
    Measure("group", "content", "share 0-1", "end", "Content of the group that is not yet designed out", lambda m: _actual(m, m.supply.content)),
    Measure("group", "domestic_share", "share 0-1", "end", "Share of the need that {target} can make", lambda m: _actual(m, m.supply.domestic)),
    Measure("group", "chokepoint", "share 0-1", "end", "Share of the need that stops if {controller} sellers stop, after qualification and stock", lambda m: _actual(m, m.supply.chokepoint())),
    Measure("government", "level", "level 0-3", "end", "0 open, 1 review or declaration, 2 binding partial limit, 3 exclusion with a date", lambda m: m.persuasion.level),
    Measure("government", "belief", "share 0-1", "end", "Belief in the threat", lambda m: m.persuasion.belief),
    Measure("government", "exposure", "share 0-1", "end", "Share of its users whose 5G comes from restricted vendors", lambda m: m.procurement.market.exposure),
    Measure("government", "exclusion_cost", "USD bn", "sum", "Dearer kit where it limits or excludes", lambda m: m.procurement.market.exclusion_cost),
    Measure("carrier", "awarded", "share 0-1", "end", "Whether it has ordered 5G", lambda m: np.where(m.procurement.awarded <= m.month, 1.0, 0.0)),
    Measure("carrier", "restricted_5g", "share 0-1", "end", "Restricted vendors' share of its 5G", lambda m: np.asarray(m.procurement.restricted5g, np.float64)),
    Measure("carrier", "restricted", "share 0-1", "end", "Restricted vendors' share of its whole network", lambda m: m.procurement.market.restricted),
    Measure("carrier", "swap_cost", "USD m", "sum", "What it pays to swap restricted vendors' kit", lambda m: m.procurement.swap_cost),
    Measure("carrier", "delay", "months", "end", "Months by which 5G is late where such kit must go; reported only", lambda m: m.procurement.delay),
    Measure("side", "offer", "share of the dial", "end", "How far the side has come towards the other", _sides("offer")),
    Measure("side", "offer_to_controller", "points", "end", "What its offer is worth to {controller}", _sides("to_controller")),
    Measure("side", "offer_to_target", "points", "end", "What its offer is worth to {target}", _sides("to_target")),
    Measure("side", "harm", "points", "mean", "What a year without a deal costs it", lambda m: np.stack([m.talks.seat.harm_controller[0], m.talks.seat.harm_target[0]])),
    Measure("side", "least", "points", "end", "What a deal must be worth to it", lambda m: np.stack([m.talks.seat.least_controller[0], m.talks.seat.least_target[0]])),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class AgentTable:
    """names: (agents,); years: (years,); measures: name -> (years, agents, worlds)"""

    names: list[str]
    years: list[int]
    measures: dict[str, Numbers]


class Recorder:
    """Copies what is reported out of the model, month by month."""

    def __init__(self, model: "TradeModel") -> None:
        run, worlds = model.setting.run, len(model.worlds)
        self.model = model
        self.outcomes = [OUTCOMES[name] for name in run.analysed] if run.record == "analysed" else list(OUTCOMES.values())
        self.series = {outcome.name: np.zeros((run.months, worlds)) for outcome in self.outcomes}
        self.measures = MEASURES if run.record == "agents" else []
        self.years = list(range(year_of(0), year_of(run.months - 1) + 1))
        self.names = {
            "firm": model.licensing.lines.firms, "group": model.supply.groups.names, "government": model.persuasion.names,
            "carrier": model.procurement.names, "side": [model.controller.iso3, model.target.iso3],
        }  # fmt: skip
        self._kept = {m: np.zeros((len(self.years), len(self.names[m.kind]), worlds)) for m in self.measures}
        self._months = np.bincount([year_of(t) - self.years[0] for t in range(run.months)])

    def record(self) -> None:
        model, month = self.model, self.model.month
        year = year_of(month) - self.years[0]
        for outcome in self.outcomes:
            self.series[outcome.name][month] = outcome.formula(model)
        for measure in self.measures:
            value = measure.formula(model)
            if measure.yearly == "end":
                self._kept[measure][year] = value
            else:
                self._kept[measure][year] += value if measure.yearly == "sum" else value / self._months[year]

    def agents(self) -> dict[str, AgentTable]:
        kinds = dict.fromkeys(measure.kind for measure in self.measures)
        return {
            kind: AgentTable(self.names[kind], self.years, {m.name: self._kept[m] for m in self.measures if m.kind == kind})
            for kind in kinds
        }
