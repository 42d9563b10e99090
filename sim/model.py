"""The model: who there is, and one month of it, a phase a line, in order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import mesa
import networkx as nx
import numpy as np
import scipy.sparse

from sim import network
from sim.agents.authority import Agency, Authority
from sim.agents.carrier import Carrier
from sim.agents.chipmaker import Chipmaker, Chipmakers
from sim.agents.government import Government
from sim.agents.partner import Partner
from sim.agents.vendor import ListedVendor, Vendor
from sim.books import Books
from sim.calendar import Calendar, Now
from sim.case import Case
from sim.exchanges.ledger import Ledger
from sim.exchanges.licensing import LICENSED, STATES, Licensing
from sim.exchanges.persuasion import Persuasion
from sim.exchanges.procurement import Procurement
from sim.exchanges.seat import Situation
from sim.exchanges.supply import Supply
from sim.exchanges.talks import Talks
from sim.from_record import record_of
from sim.luck import Luck
from sim.monthly import MonthlyTable, Tally, kept
from sim.months import NEVER
from sim.outcomes import AgentTable, Recorder
from sim.parameters import RULES
from sim.refusal import InputError
from sim.rules.line import availability
from sim.scenario import Scenario
from sim.trace import SILENT, Journal
from sim.values import values_of
from sim.worlds import Numbers, Worlds, total


class TradeModel(mesa.Model):
    """Governments, their authorities, chipmakers, vendors and carriers of one case, in many worlds at once.

    scenario, case: what to run; worlds: which worlds; drawn: the values of what is uncertain, by path, (worlds,) each
    graph: the network from which the exchanges take who supplies, governs, licenses and hears whom (default: the case's own)
    free_from: the month from which talks are free; before it the calendar says what they bring
    """

    p: Any
    now: Now
    licensing: Licensing  # the controller's office's; each of the `partners` has its own
    supply: Supply
    ledger: Ledger
    talks: Talks
    persuasion: Persuasion
    procurement: Procurement
    firms: Chipmakers
    authority: Authority
    partners: list[Partner]
    listed_vendor: ListedVendor
    journal: Journal = SILENT
    _sold: Numbers | None = None

    def __init__(
        self, scenario: Scenario, case: Case, worlds: Worlds, drawn: dict[str, Numbers], graph: "nx.MultiDiGraph[str] | None" = None
    ) -> None:
        super().__init__(rng=0)  # Mesa's dice are not used: luck has an address
        self.setting, self.case, self.worlds = scenario, case, worlds  # `scenario` is Mesa's own name from 3.5 on
        fixed = {path: value for path, value in {**scenario.constants, **scenario.levers}.items() if isinstance(value, float)}
        self.p = p = values_of(case, fixed, drawn, len(worlds))
        self.luck = Luck(scenario.run.seed, worlds)
        self.graph = graph if graph is not None else network.shared(case, network.Weights.of(p))
        calendar = Calendar(case, scenario, scenario.run.months)
        self.now = Now(calendar, p, len(worlds))
        rules = {rule: scenario.rules.get(rule, names[0]) for rule, names in RULES.items()}

        record = record_of(case, scenario.from_record) if scenario.from_record is not None else None
        self.persuasion = Persuasion(case, self.luck, p, len(worlds), self.graph, calendar, rules["drift"], record)
        self.governments = [Government(self, row["iso3"], row["role"], row, self.persuasion) for row in case["governments"].rows()]
        self.controller = next(g for g in self.governments if g.role == "persuader")
        self.target = next(g for g in self.governments if g.role == "target_home")
        office = network.governing(self.graph, self.controller.iso3)
        if office is None:
            raise InputError("network", f"no office of {self.controller.iso3} licenses exports; a `governs` edge is missing")
        sellers = network.sellers(self.graph)
        firms = list(dict.fromkeys(s.firm for s in sellers))
        hears = network.hearing(self.graph, firms)
        self.licensing = Licensing(case, office, sellers, hears, p, len(worlds))
        self.supply = Supply(case, sellers, self.licensing.all_sales, p, rules["bottleneck"])
        self.ledger = Ledger(self.supply, p)
        self.talks = Talks(case, self.luck, p, len(worlds), rules["talks"])
        self.free_from = (0 if record is None else record.month + 1) if rules["talks_mode"] == "free" else NEVER
        self.procurement = Procurement(case, self.luck, p, len(worlds), record)
        self.firm_of_seller = _adder([firms.index(s.firm) for s in sellers], len(firms))

        self.authority = Authority(self, office, self.licensing, self.luck, p, *self._votes(office, rules["vote"]))
        self.partners = self._partners(sellers, rules["vote"])
        self.dockets = [self.licensing, *(partner.licensing for partner in self.partners)]
        self.chipmakers = [Chipmaker(self, name, self.licensing) for name in case["chipmakers"].key]
        self.firms = Chipmakers(self.licensing, self.luck, p, p.authority.publish_line)
        self.vendors = [self._vendor(row) for row in case["vendors"].rows()]
        self.listed_vendor = next(v for v in self.vendors if isinstance(v, ListedVendor))
        self.carriers = [Carrier(self, row["key"], row["iso3"], row["subs_m"], self.procurement) for row in case["carriers"].rows()]

    def _votes(self, office: str, vote_rule: str) -> tuple[list[Agency], int, str, float]:
        """An office's agencies, which of them has the chair, the rule by which they vote, and the size of its desk."""
        rows = [row for row in self.case["agencies"].rows() if row["authority"] == office]
        agencies = [Agency(row["agency"], self.p.agency.offset[row["agency"]] + row["offset"]) for row in rows]
        chair = next(i for i, row in enumerate(rows) if row["chair"])
        desks = self.case["authorities"]
        return agencies, chair, vote_rule, float(desks["desk"][desks.row(office)])

    def _partners(self, sellers: list[network.Seller], vote_rule: str) -> list[Partner]:
        """The offices of other governments, each with an exchange of its own; one that binds nobody has no part in the game."""
        p, lines, supply, partners = self.p, self.licensing.lines, self.supply, []
        for office, government in network.partners(self.graph, self.controller.iso3).items():
            bound = [i for i, seller in enumerate(sellers) if office in seller.authorities]
            if not bound:
                continue
            mine = [sellers[i] for i in bound]
            firms = list(dict.fromkeys(seller.firm for seller in mine))
            licensing = Licensing(self.case, office, mine, network.hearing(self.graph, firms), p, len(self.worlds))
            partners.append(
                Partner(
                    self, office, government, licensing, self.luck, p, *self._votes(office, vote_rule),
                    here=np.flatnonzero(np.isin(lines.seller, bound)),
                    firms_there=np.array([lines.firms.index(firm) for firm in firms], np.intp),
                    foreign_part=supply.foreign_part(bound),
                )
            )  # fmt: skip
        return partners

    def _vendor(self, row: dict[str, Any]) -> Vendor:
        about = row["vendor"], row["home_iso3"], bool(row["restricted"])
        return ListedVendor(self, *about, self.supply, self.p) if row["listed_candidate"] else Vendor(self, *about)

    def tell(self, journal: Journal) -> None:
        """Have everyone who decides write it down in this journal."""
        self.journal = journal
        partners = [agent for partner in self.partners for agent in (partner, partner.firms)]
        for agent in (self.authority, self.firms, *partners, self.talks, self.supply, self.persuasion, self.procurement):
            agent.journal = journal

    @property
    def month(self) -> int:
        return self.now.month

    def step(self) -> None:
        """One month. Numbered as in docs/model.md."""
        now, vendor = self.now, self.listed_vendor
        fill, unmet = vendor.fill, vendor.unmet  # of last month
        now.turn()  # 1 dated facts and levers
        self.journal.turn(now.month)
        vendor.sense_threat(now, *self._news_of_talks())  # 2
        self._talk(now, unmet)  # 3
        self.licensing.forget()
        for partner in self.partners:
            partner.turn(now)  # steps 4 to 7 at its office
        if (now.listed > 0).any() or now.freed.any():
            self._license(now)
        vendor.order(now, self.licensing.legal_sales, self.procurement.demand_factor())  # 8
        vendor.redesign(now)  # 9
        self.ledger.settle(now.month)  # 10
        self.persuasion.advance(now, now.bargain, fill)  # 11
        self.procurement.step(now.month, self.persuasion.belief, self.persuasion.level, self.persuasion.supply)  # 12
        self._sold = None

    def _news_of_talks(self) -> tuple[Numbers, Numbers]:
        """The tariff and the concession that the vendor has heard of: dated facts of this month, or what free talks did last month."""
        now, talks = self.now, self.talks
        if now.month < self.free_from:
            return now.tariff, now.bargain
        heard = self.p.coupling.talks_to_threat > 0
        return np.where(heard, talks.tariff_on_target[0], now.tariff), np.where(heard, talks.bargain[0], now.bargain)

    def _talk(self, now: Now, unmet: Numbers) -> None:
        """Step 3. Free talks take the place of what the calendar says on tariffs, truces, concessions and promises."""
        talks, coupling = self.talks, self.p.coupling
        lost, need = self.ledger.lost * coupling.loss_to_talks, unmet * coupling.need_to_talks
        situation = Situation(now.month, now.listed, now.agenda, now.election, now.emergency, now.tightened, lost, need)
        if now.month < self.free_from:
            talks.follow(situation, now.tariff, now.tariff_on_controller, now.bargain)
            return
        if now.month == self.free_from > 0:
            talks.take_up(*now.ahead("talks.deal"))
        before = talks.bargain[0]
        talks.negotiate(situation)
        now.bargain, now.promised = talks.bargain[0], np.where(talks.bargain[0] > before, 1.0, 0.0)
        now.tariff, now.tariff_on_controller = talks.tariff_on_target[0], talks.tariff_on_controller[0]
        now.delisted = now.delisted | talks.delisted[0]

    def _license(self, now: Now) -> None:
        """Steps 4 to 7; before the listing nothing of them runs."""
        licensing = self.licensing
        self.authority.turn_the_page(now.lapses, now.freed)  # 4
        hawk = self.p.government.hawk[self.controller.iso3]
        shift = self.p.licensing.base_shift
        self.authority.set_line(now.listed, now.base, shift, self.availability(), now.bargain, self.ledger.lost, hawk)
        licensing.reach(now.listed, now.in_force, now.cleared, now.tgl)  # 5
        self.firms.hear(now.said + now.promised, now.listed)
        self.firms.file(now.month, now.listed)
        self.authority.decide(now.month, now.frozen, now.swept)  # 6
        self.clear_the_way()
        self.firms.learn(now.listed)  # 7

    def clear_the_way(self) -> None:
        """What each seller may ship, once every office has answered."""
        self.licensing.clear_the_way((partner.here, partner.licensing.passing()) for partner in self.partners)

    def availability(self) -> Numbers:
        """Share of each group that others could sell in the controlled sellers' place. (groups, worlds)"""
        supply, actual = self.supply, self.supply.actual
        foreign = supply.qualified[:, actual] * supply.groups.foreign_reach
        gone = self.now.in_force
        for partner in self.partners:  # what a partner covers, others cannot sell instead
            joined = np.where(self.p.coupling.partners_to_line > 0, partner.adopted * partner.foreign_part, 0)
            gone = np.maximum(gone, joined)
        return availability(foreign, supply.domestic[:, actual], gone, self.p.authority.domestic_availability)

    @property
    def seller_sales(self) -> Numbers:
        """What each seller ships this month, USD bn; to be read after the month's last step. (sellers, 2 worlds)"""
        if self._sold is None:
            self._sold = self.supply.sellers_sales()[0]
        return self._sold

    def licences_by_firm(self) -> Numbers:
        """Licences in force, at all offices. (firms, worlds)"""
        return self._of_firms(lambda docket: docket.count_by_firm_in(LICENSED))

    def count(self, event: str) -> Numbers:
        """How often something happened this month, at all offices. (worlds,)"""
        return total(docket.count(event) for docket in self.dockets)

    def count_by_firm(self, event: str) -> Numbers:
        """The same for each firm. (firms, worlds)"""
        return self._of_firms(lambda docket: docket.count_by_firm(event))

    def standing(self, state: str) -> Numbers:
        """How many lines stand in a state, at all offices; a line counts once at each. (worlds,)"""
        return total(docket.standing(STATES.index(state)) for docket in self.dockets)

    def _of_firms(self, counted: Callable[[Licensing], Numbers]) -> Numbers:
        """What each office counts of its firms, added up. (firms, worlds)"""
        table = counted(self.licensing)
        for partner in self.partners:
            table[partner.firms_there] += counted(partner.licensing)
        return table

    def close(self) -> None:
        """Let go of the model: Mesa 3.3 keeps every model alive through its table of agents' ids."""
        ids = getattr(mesa.Agent, "_ids", None)
        if ids is not None:
            ids.pop(self, None)
        self.remove_all_agents()


def _adder(owner: list[int], owners: int) -> Any:
    """A matrix that adds rows up by their owner, in order."""
    return scipy.sparse.csr_array((np.ones(len(owner)), (owner, np.arange(len(owner)))), (owners, len(owner)))


@dataclass
class Block:
    """What one block of worlds gives.

    series: outcome -> (months, worlds); agents: kind -> table; discrepancies: book -> largest relative discrepancy (with check);
    monthly: kind -> sums over the block's worlds, empty where a run keeps none
    """

    worlds: Worlds
    months: int
    series: dict[str, Numbers]
    agents: dict[str, AgentTable]
    discrepancies: dict[str, float] = field(default_factory=dict)
    monthly: dict[str, MonthlyTable] = field(default_factory=dict)


def simulate(scenario: Scenario, case: Case, worlds: Worlds, drawn: dict[str, Numbers], *, check: bool = False) -> Block:
    """Run a block of worlds to the scenario's horizon. FloatingPointError if a number overflows or is undefined."""
    with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
        model = TradeModel(scenario, case, worlds, drawn)
        try:
            recorder, books = Recorder(model), Books(model)
            tally = Tally(model) if kept(scenario) else None
            for _ in range(scenario.run.months):
                model.step()
                recorder.record()
                if tally is not None:
                    tally.count()
                if check:
                    books.check()
        finally:
            model.close()
    monthly = tally.tables() if tally is not None else {}
    return Block(worlds, scenario.run.months, recorder.series, recorder.agents(), books.largest if check else {}, monthly)


def follow(scenario: Scenario, case: Case, world: Worlds, drawn: dict[str, Numbers], journal: Journal, months: int | None = None) -> None:
    """Run one world, to the scenario's horizon or for so many months, with everyone's decisions in a journal."""
    with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
        model = TradeModel(scenario, case, world, drawn)
        try:
            model.tell(journal)
            for _ in range(scenario.run.months if months is None else months):
                model.step()
        finally:
            model.close()
