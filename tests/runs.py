"""Runs that several tests share."""

import dataclasses
import functools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from sim.batch import engine
from sim.batch.plan import Plan
from sim.batch.results import Results
from sim.model import TradeModel, simulate
from sim.worlds import Worlds

ROOT = Path(__file__).parents[1]


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


def finished(out, name="history", block=7, worlds=7, months=32, case=None):
    """Results of a run that is done."""
    plan = planned(name, months=months)
    run = dataclasses.replace(plan.scenario.run, worlds=worlds, block=block)
    plan = Plan(dataclasses.replace(plan.scenario, run=run), case or plan.case)
    folder = engine.prepare(plan, out)
    engine.finish(folder)
    return Results.open(folder)


def month(year, number):
    return (year - 2018) * 12 + number - 1


def in_year(series, year):
    return np.sum(series[month(year, 1) : month(year, 12) + 1], axis=0)


def python(code, *more, cwd=ROOT, **settings):
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | settings
    return subprocess.run([sys.executable, "-W", "error", *(["-c", code] if code else []), *more], capture_output=True, text=True, cwd=cwd, env=environment, timeout=240)
