"""Talks alone, run free from January 2018 with stand-ins for what they read from other exchanges (MODEL 14)."""

import calendar
import dataclasses
from pathlib import Path

import numpy as np

from sim.case import Case, read_case
from sim.case_table import Table
from sim.exchanges.seat import Situation
from sim.exchanges.talks import Talks
from sim.luck import Luck, of_samples
from sim.months import month_of
from sim.parameters import PARAMETERS
from sim.values import values_of
from sim.worlds import Worlds

CASE = read_case(Path(__file__).parents[1] / "scenarios" / "cases" / "huawei")
INPUTS = ("law.listing", "talks.agenda", "talks.election", "talks.emergency", "talks.control_tightened")
PAIR = ("USA", "CHN")
CHOSEN = ("talks.link", "talks.delisting_on", "talks.licences_not_a_chip")  # switches, not uncertainties


def dated(lever: str, months: int) -> np.ndarray:
    """A lever of the case's calendar, one number a month."""
    table, path = CASE["calendar"], np.zeros(months)
    for date, name, value, how in zip(*(table[c] for c in ("date", "lever", "value", "how")), strict=True):
        month = month_of(date)
        if name != lever or month >= months:
            continue
        if how == "pulse":
            path[month] += value
            continue
        year, number, day = (int(part) for part in date.split("-"))
        days = calendar.monthrange(year, number)[1]
        path[month] += (value - path[month]) * ((days - day) / days if how == "day" else 1)
        path[month + 1 :] = value
    return path


def stand_ins(month: float) -> tuple[float, float]:
    """Sales lost by controlled sellers, USD bn a year, and the share of need not met, before any easing."""
    return float(np.interp(month, [16, 17, 24, 35], [0, 1.5, 2.5, 6])), float(
        np.interp(month, [16, 18, 28, 34], [0, 0.05, 0.12, 0.35])
    )


def anywhere(worlds: int, seed: int = 7) -> dict[str, np.ndarray]:
    """Every uncertain number of the talks, anywhere in its plausible range."""
    rows = {"governments": PAIR, "talks_issues": CASE["talks_issues"].key}
    drawn = {}
    for path, entry in PARAMETERS.items():
        ours = path.startswith("talks.") or path == "government.*.hawk"
        if not ours or entry.kind == "dated" or entry.fixed or entry.structural or path in CHOSEN:
            continue
        for one in [path.replace("*", row) for row in rows[entry.over]] if entry.over else [path]:
            drawn[one] = entry.low + (entry.high - entry.low) * of_samples(seed, one, np.arange(worlds))
    return drawn


def with_issue(issue: str, **columns: float) -> Case:
    """The case with some cells of one issue's row replaced."""
    table = CASE["talks_issues"]
    changed = dict(table.columns)
    for name, value in columns.items():
        changed[name] = table[name].copy()
        changed[name][table.row(issue)] = value
    return dataclasses.replace(CASE, tables={**CASE.tables, "talks_issues": Table(table.name, changed, table.key, table.lines)})


def run(
    drawn, *, fixed=None, worlds=None, months=36, protocol="concession", case=CASE, seed=2019, pairs=None, look=None, inputs=None
):
    """The talks after their last month, and what happened: name -> (months, pairs, worlds). look: called after every month with
    the talks and what they read; inputs: lever -> one number a month, in place of the calendar's."""
    worlds = len(next(iter(drawn.values()))) if worlds is None else worlds
    p = values_of(case, fixed or {}, drawn, worlds)
    talks = Talks(case, Luck(seed, Worlds.range(0, worlds)), p, worlds, protocol, pairs)
    levers = {lever: dated(lever, months) for lever in INPUTS} | (inputs or {})
    history: dict[str, list[np.ndarray]] = {}
    for month in range(months):
        listing, agenda, election, emergency, tightened = (np.full(worlds, levers[lever][month]) for lever in INPUTS)
        lost, unmet = stand_ins(month)
        easing = 1 - 0.5 * talks.bargain
        listed = np.where(talks.delisted, 0, listing)
        now = Situation(month, listed, agenda, election, emergency, tightened, lost * easing, unmet * easing)
        talks.negotiate(now)
        if look is not None:
            look(talks, now)
        for name, value in record(talks).items():
            history.setdefault(name, []).append(value.copy())
    return talks, {name: np.array(values) for name, values in history.items()}


def record(talks: Talks) -> dict[str, np.ndarray]:
    seat = talks.seat
    return {
        **talks.happened, "talked": talks.talked, "in_talks": talks.in_talks, "delisted": talks.delisted,
        "zone": seat.limits.zone,
        "tariff_on_target": talks.tariff_on_target, "tariff_on_controller": talks.tariff_on_controller,
        "added_on_target": talks.added_on_target, "added_on_controller": talks.added_on_controller,
        "restriction": talks.restriction, "announced_points": talks.announced, "trust": talks.trust, "bargain": talks.bargain,
        "months": talks.months, "spell": talks.spell, "deal": talks.deal, "promised": talks.promised, "kept": talks.kept,
        "delay": talks.delay_controller + talks.delay_target, "dial": talks.dial, "given": talks.given, "due": talks.due,
        "k_controller": talks.offers.controller, "k_target": talks.offers.target, "left_on_table": talks.left_on_table,
    }  # fmt: skip


def first(happened: np.ndarray) -> np.ndarray:
    """Month in which something first happened, the number of months where it never did."""
    return np.where(happened.any(axis=0), happened.argmax(axis=0), len(happened))
