"""Dated facts and levers, month by month: the calendar of the case as a scenario leaves it, and what holds this month."""

from typing import Any

import numpy as np

from sim.case import Case
from sim.months import month_of, share_left
from sim.parameters import PARAMETERS, find
from sim.scenario import Scenario
from sim.worlds import Mask, Numbers

Row = tuple[str, float, str, str]  # date, value, how, follows


class Calendar:
    """Every dated lever as one number a month: values[lever] is (months,)."""

    def __init__(self, case: Case, scenario: Scenario, months: int) -> None:
        rows: dict[str, list[Row]] = {path: [] for path, entry in PARAMETERS.items() if entry.kind == "dated" and "*" not in path}
        table = case["calendar"]
        for date, lever, value, how, follows in zip(*(table[c] for c in ("date", "lever", "value", "how", "follows")), strict=True):
            rows.setdefault(lever, []).append((date, float(value), how, follows))
        held: dict[str, float] = {}
        for lever, change in scenario.levers.items():
            if _is_dated(lever):
                rows[lever] = []
                if isinstance(change, dict):
                    rows[lever] = [(date, value, _how(lever, date), "") for date, value in change.items()]
                else:
                    held[lever] = change
        for event in scenario.events:
            rows.setdefault(event.lever, []).append((event.date, event.value, _how(event.lever, event.date), ""))
        self.values: dict[str, Numbers] = {}
        for lever in sorted(rows, key=lambda lever: any(follows for *_, follows in rows[lever])):  # followers last
            self.values[lever] = np.full(months, held[lever]) if lever in held else self._path(lever, rows[lever], months)

    def _path(self, lever: str, rows: list[Row], months: int) -> Numbers:
        entry = find(lever)
        assert entry is not None
        path = np.full(months, entry.value)
        placed = [(self._month(date, follows, months), i, row) for i, row in enumerate(rows) for date, _, _, follows in [row]]
        for month, _, (date, value, how, follows) in sorted(placed, key=lambda x: x[:2]):
            if month >= months:
                continue
            if how == "pulse":
                if month >= 0:
                    path[month] += value
                continue
            share = share_left(date) if how == "day" and month >= 0 and not follows else 1.0
            at = max(month, 0)
            path[at] += (value - path[at]) * share
            path[at + 1 :] = value
        return path

    def _month(self, date: str, follows: str, months: int) -> int:
        """The month from which a row counts; one that follows a lever waits for it, and for ever if it never rises."""
        if not follows:
            return month_of(date)
        if follows not in self.values:  # a row's lever that nothing dates
            return months
        risen = np.flatnonzero(self.values[follows] > 0)
        return int(risen[0]) if len(risen) else months


def _is_dated(path: str) -> bool:
    entry = find(path)
    return entry is not None and entry.kind == "dated"


def _how(lever: str, date: str) -> str:
    """How a scenario's own row counts: a pulse where the lever is one, else by whether its date has a day."""
    entry = find(lever)
    assert entry is not None
    return "pulse" if entry.how == "pulse" else ("day" if date.count("-") == 2 else "month")


class Now:
    """What the calendar says this month, one number a world.

    listed, own, announced, in_force (first and second product rule announced, and in force), tgl, cleared: share of the month, 0-1
    lapses: worlds in which the product rule comes into force this month; freed: in which the vendor comes off the list
    frozen: nothing is signed; swept: every licence is revoked, in all worlds
    said, promised: statements on licences, and those made for the sake of talks
    """

    def __init__(self, calendar: Calendar, p: Any, worlds: int) -> None:
        self._calendar, self._worlds = calendar, worlds
        self._chip = 1 - p.talks.licences_not_a_chip
        self.month = -1
        self.in_force: Numbers = np.zeros(worlds)
        self.listed: Numbers = np.zeros(worlds)
        self.tariff: Numbers = np.zeros(worlds)
        self.tariff_on_controller: Numbers = np.zeros(worlds)
        self.promised: Numbers = np.zeros(worlds)
        self.bargain: Numbers = np.zeros(worlds)
        self.services_lost: Numbers = np.zeros(worlds)
        self.brand_sold: Numbers = np.zeros(worlds)
        self.delisted: Mask = np.zeros(worlds, bool)

    def read(self, lever: str) -> Numbers:
        """A dated lever this month. (worlds,)"""
        return np.full(self._worlds, self._calendar.values[lever][self.month])

    def read_for(self, pattern: str, row: str) -> Numbers:
        """A dated lever that each row of a table has, for one of them; its default where nothing is dated. (worlds,)"""
        lever = pattern.replace("*", row)
        return self.read(lever) if lever in self._calendar.values else np.full(self._worlds, PARAMETERS[pattern].value)

    def turn(self) -> None:
        """Read the next month."""
        self.month += 1
        read, before, was_listed = self.read, self.in_force, self.listed
        self.listed = np.where(self.delisted, 0, read("law.listing"))
        under = self.listed > 0  # no listing, no rule against the listed
        self.freed = (was_listed > 0) & ~under
        self.own = np.where(under, read("law.fdpr_own_announced"), 0)
        self.announced = np.where(under, read("law.fdpr_all_announced"), 0)
        self.in_force = np.where(under, read("law.fdpr_in_force"), 0)
        self.tgl = np.where(under, read("law.tgl"), 0)
        self.cleared = read("law.offshore_cleared")
        self.lapses = (before == 0) & (self.in_force > 0)
        self.base, self.frozen = read("licensing.base_line"), read("licensing.freeze") > 0
        self.bargain = np.where(under, read("talks.bargain") * self._chip, 0)
        self.said, self.swept = read("licensing.statement"), bool(self._calendar.values["licensing.revoke_all"][self.month] > 0)
        self.promised = read("talks.statement") * self._chip
        self.tariff, self.tariff_on_controller = read("tariff.on_target"), read("tariff.on_controller")
        self.arrest, self.agenda, self.election = read("threat.arrest"), read("talks.agenda"), read("talks.election")
        self.emergency, self.tightened = read("talks.emergency"), read("talks.control_tightened")
        self.services_lost = np.where(under, self._since("demand.services_loss"), self.services_lost)  # a delisting brings nothing back
        self.brand_sold = np.where(under, read("demand.brand_sale"), self.brand_sold)
        self.new_business_months = self._since("demand.new_business")

    def ahead(self, lever: str) -> tuple[float, int]:
        """A dated lever's value this month, and for how many months it stays above 0."""
        path = self._calendar.values[lever][self.month :]
        over = np.flatnonzero(path <= 0)
        return float(path[0]), int(over[0]) if len(over) else len(path) + 1  # beyond the run's end

    def _since(self, lever: str) -> float:
        """Months since a lever first rose above 0."""
        risen = np.flatnonzero(self._calendar.values[lever][: self.month + 1] > 0)
        return float(self.month - risen[0]) if len(risen) else 0.0
