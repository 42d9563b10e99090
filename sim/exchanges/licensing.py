"""The licensing exchange of one office: every product line it may bind, where its licence stands, and what each firm believes.

Lines are rows and worlds are columns. Firms move in agents/chipmaker.py, the licensing authority in agents/authority.py. A case
with several offices has an exchange for each (agents/partner.py); they meet in `clear_the_way` alone.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtri

from sim.case import Case
from sim.network import Seller
from sim.rules import coverage
from sim.trace import Name
from sim.worlds import Index, Mask, Numbers, Pairs

IDLE, PREPARING, PENDING, INTENT, LICENSED, COOLING = range(6)  # where a line stands; INTENT: the authority intends to deny
STATES = ("idle", "preparing", "pending", "intent", "licensed", "cooling")


class Lines:
    """The product lines that an office may bind, K for each row of the firms' sales.

    seller: row of the sales table; firm, group: numbers of the line's firm and input group; all (lines,)
    sensitivity: (lines,), 0-1; sales: (lines, worlds), USD bn a year of 2018; offshore: (lines, worlds), share
    controlled, foundry: (lines,); foreign_cover: (lines,), share of a foreign line that the product rule reaches
    partner_cover: (lines,), share of a line that the rule of the seller's own government reaches
    state, clock (months that the state still lasts), read (the file has been read): (lines, worlds)
    covered: share of the line that needs a licence; may_file: whether that is worth a file; (lines, worlds)
    """

    def __init__(self, case: Case, office: str, sellers: list[Seller], p: Any, worlds: int) -> None:
        count = int(p.lines.per_group)
        groups = case["input_groups"]
        number = {name: i for i, name in enumerate(groups.key)}
        firms = list(dict.fromkeys(s.firm for s in sellers))
        of = [s for s in sellers for _ in range(count)]
        self.firms, self.sellers = firms, sellers
        self.rows = tuple((f"{s.firm} {s.group}", count) for s in sellers)
        self.seller: Index = np.repeat(np.arange(len(sellers)), count)
        self.firm: Index = np.array([firms.index(s.firm) for s in of], np.intp)
        self.group: Index = np.array([number[s.group] for s in of], np.intp)
        self.controlled: Mask = np.array([s.origin == "controlled" for s in of], bool)
        self.foundry: Mask = np.array([s.foundry for s in of], bool)
        self.licensed_by: Mask = np.array([office in s.authorities for s in of], bool)
        self.foreign_cover: Numbers = np.where(self.foundry, 1.0, groups["fdpr_cover"][self.group])
        self.partner_cover: Numbers = groups["partner_cover"][self.group]
        self.carrier_use: Numbers = groups["carrier"][self.group]
        self.sensitivity = np.concatenate([_sensitivities(s, groups["sensitivity"][number[s.group]], p.lines) for s in sellers])
        self.sales = np.concatenate([s.sales * _sizes(p.lines) for s in sellers])
        self.offshore = coverage.offshore_share(p.law.offshore, self.sensitivity[:, None])
        shape = (len(of), worlds)
        self.state: NDArray[np.int8] = np.full(shape, IDLE, np.int8)
        self.clock: NDArray[np.int8] = np.zeros(shape, np.int8)
        self.read: Mask = np.zeros(shape, bool)
        self.covered: Numbers = np.zeros(shape)
        self.may_file: Mask = np.zeros(shape, bool)

    @cached_property
    def names(self) -> list[Name]:
        """Firm, group, and number within the two, from 1, of each line."""
        count = len(self.seller) // len(self.sellers)
        return [(s.firm, s.group, i + 1) for s in self.sellers for i in range(count)]

    def enter(self, state: int, pairs: Pairs, months: Numbers | float = 0) -> None:
        """Move the lines at these pairs to a state that lasts so many months (0: until something happens)."""
        self.state.reshape(-1)[pairs.flat] = state
        self.clock.reshape(-1)[pairs.flat] = months


def _quantiles(count: int) -> Numbers:
    return (np.arange(count) + 0.5) / count


def _sensitivities(seller: Seller, group: float, p: Any) -> Numbers:
    """Sensitivities of one seller's lines in a group: quantiles of a Beta around the group's. (lines,)"""
    mean = np.clip(1.0 if seller.foundry else group, p.sensitivity_margin, 1 - p.sensitivity_margin)
    return np.asarray(betaincinv(p.concentration * mean, p.concentration * (1 - mean), _quantiles(int(p.per_group))))


def _sizes(p: Any) -> Numbers:
    """Shares of a seller's sales, lognormal, the bigger lines somewhat the more sensitive. (lines, worlds), summing to 1."""
    count = int(p.per_group)
    z = ndtri(_quantiles(count))
    other = z[(np.arange(count) * int(p.pair_step) + int(p.pair_shift)) % count]
    with_sensitivity = p.size_sensitivity
    size = np.exp(with_sensitivity * z[:, None] + np.sqrt(1 - with_sensitivity**2) * other[:, None])
    return np.asarray(size / sum(size))


class Licensing:
    """Lines, beliefs and the authority's line; what happened this month, as pairs by name.

    office: whose licences these are; a seller in whose `authorities` it is not needs none of them
    line: the unpublished line, (groups, worlds), NaN without a listing
    mean, variance: what each firm believes about it, (firms, worlds)
    legal_sales: what each seller may ship, USD bn a year of 2018, (sellers, worlds)
    happened: filed, approved, intended, returned, denied, reversed (an intent returned), revoked, refreshed, expired, lapsed,
        released (by a delisting, from the states in released_from)
    """

    EVENTS = (
        "filed", "prepared", "approved", "intended", "returned", "denied", "reversed",
        "revoked", "refreshed", "expired", "lapsed", "released",
    )  # fmt: skip

    def __init__(self, case: Case, office: str, sellers: list[Seller], hears: Numbers, p: Any, worlds: int) -> None:
        self.p, self.worlds = p, worlds
        self.lines = lines = Lines(case, office, sellers, p, worlds)
        firms, groups = len(lines.firms), len(case["input_groups"])
        self.mean: Numbers = np.tile(p.belief.mean0, (firms, 1))
        self.variance: Numbers = np.tile(p.belief.sd0**2, (firms, 1))
        self.line: Numbers = np.full((groups, worlds), np.nan)
        self.groups: list[Name] = [(name,) for name in case["input_groups"].key]
        self.hears = scipy.sparse.csr_array(hears)
        self.by_seller = scipy.sparse.csr_array(
            (np.ones(len(lines.seller)), (lines.seller, np.arange(len(lines.seller)))), (len(sellers), len(lines.seller))
        )
        self.by_firm = scipy.sparse.csr_array(
            (np.ones(len(lines.firm)), (lines.firm, np.arange(len(lines.firm)))), (firms, len(lines.firm))
        )
        self.all_sales: Numbers = self.by_seller @ lines.sales
        self.legal_sales: Numbers = self.all_sales.copy()
        self.happened: dict[str, Pairs] = {}
        self._law: tuple[Numbers, ...] = ()
        self._free_sales = lines.sales
        self.forget()

    def forget(self) -> None:
        """A new month: nothing has happened yet."""
        self.happened = dict.fromkeys(self.EVENTS, Pairs.nowhere())
        self.released_from: NDArray[np.int8] = np.zeros(0, np.int8)

    def reach(self, listed: Numbers, in_force: Numbers, cleared: Numbers, tgl: Numbers) -> None:
        """How far the controller's law reaches each line, written anew in the months in which it changes. All (worlds,)."""
        if not self._changed(listed, in_force, cleared, tgl):
            return
        lines, p = self.lines, self.p
        us, others = lines.controlled, ~lines.controlled
        let_go = coverage.cleared_share(p.law.cleared_at_once, cleared)
        spared = tgl * p.law.maintenance * lines.carrier_use[us, None]
        lines.covered[us] = coverage.controlled_coverage(listed, in_force, let_go, lines.offshore[us], p.law.leak, spared)
        lines.covered[others] = in_force * lines.foreign_cover[others, None]
        lines.covered[~lines.licensed_by] = 0.0
        self._covered()

    def adopt(self, adopted: Numbers) -> None:
        """The same for a partner's law, which is one rule for all its sellers. adopted: share of the month, (worlds,)"""
        if self._changed(adopted):
            self.lines.covered = adopted * self.lines.partner_cover[:, None]
            self._covered()

    def _changed(self, *law: Numbers) -> bool:
        """Whether the law is another than last month's."""
        if self._law and all(np.array_equal(new, old) for new, old in zip(law, self._law, strict=True)):
            return False
        self._law = tuple(x.copy() for x in law)
        return True

    def _covered(self) -> None:
        """What follows from what is covered."""
        lines, p = self.lines, self.p
        lines.may_file = lines.covered > p.firm.covered_floor
        self._free_sales = coverage.legal_share(lines.covered, np.zeros(())) * lines.sales  # what ships of a line without a licence

    def passing(self) -> Numbers:
        """What this office lets pass of each line, after the month's answers. (lines, worlds), USD bn a year of 2018"""
        return np.asarray(np.where(self.lines.state == LICENSED, self.lines.sales, self._free_sales))

    def clear_the_way(self, others: Iterable[tuple[Index, Numbers]] = ()) -> None:
        """What each seller may ship: of each line the least that any office with reach over it lets pass.

        others: rows that another office may bind too, and what it lets pass of each
        """
        passing: Numbers = self.passing()
        for rows, least in others:
            passing[rows] = np.minimum(passing[rows], least)
        self.legal_sales = np.asarray(self.by_seller @ passing)

    def line_at(self, pairs: Pairs) -> Numbers:
        return self.line[self.lines.group[pairs.row], pairs.world]

    def count(self, event: str) -> Numbers:
        """How often something happened this month. (worlds,)"""
        return np.bincount(self.happened[event].world, minlength=self.worlds).astype(np.float64)

    def released(self, *states: int) -> Numbers:
        """How many lines a delisting has taken out of these states this month. (worlds,)"""
        chosen = self.happened["released"].keep(np.isin(self.released_from, states))
        return np.bincount(chosen.world, minlength=self.worlds).astype(np.float64)

    def count_by_firm(self, event: str) -> Numbers:
        """The same for each firm. (firms, worlds)"""
        pairs = self.happened[event]
        cell = self.lines.firm[pairs.row] * self.worlds + pairs.world
        return np.bincount(cell, minlength=self.mean.size).astype(np.float64).reshape(self.mean.shape)

    def count_by_firm_in(self, state: int) -> Numbers:
        """How many lines of each firm stand in a state. (firms, worlds)"""
        return np.asarray(self.by_firm @ (self.lines.state == state).astype(np.float64))

    def standing(self, state: int) -> Numbers:
        """How many lines stand in a state. (worlds,)"""
        return np.asarray(np.count_nonzero(self.lines.state == state, axis=0), np.float64)
