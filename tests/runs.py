"""Runs that several tests share."""

import dataclasses
import functools

import numpy as np

from sim.batch.plan import Plan
from sim.model import TradeModel, simulate
from sim.worlds import Worlds


def planned(name="history", sets=(), months=None, record=None):
    plan = Plan.of(name, list(sets))
    change = {key: value for key, value in {"months": months, "record": record}.items() if value is not None}
    return Plan(dataclasses.replace(plan.scenario, run=dataclasses.replace(plan.scenario.run, **change)), plan.case)


@functools.lru_cache(maxsize=64)
def run(name="history", sets=(), worlds=200, months=84, record="outcomes"):
    """outcome -> (months, worlds); worlds 0 to worlds - 1, so that runs with one seed are paired."""
    plan = planned(name, sets, months, record)
    which = Worlds.range(0, worlds)
    return simulate(plan.scenario, plan.case, which, plan.values(which)).series


def model(name="history", sets=(), worlds=7, months=96, first=3, graph=None):
    plan = planned(name, sets, months, "outcomes")
    which = Worlds.range(first, worlds)
    return TradeModel(plan.scenario, plan.case, which, plan.values(which), graph)


def month(year, number):
    return (year - 2018) * 12 + number - 1


def in_year(series, year):
    return np.sum(series[month(year, 1) : month(year, 12) + 1], axis=0)
