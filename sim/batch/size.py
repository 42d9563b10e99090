"""How much a run will write, before it writes."""

from dataclasses import replace

from sim.batch.plan import Plan
from sim.batch.store import STATISTICS, agents_kept
from sim.batch.summary import years_of
from sim.batch.worker import Simulate
from sim.worlds import Worlds

_NUMBER = 4  # bytes of a float32; what compression saves, the columns that name the rows take


def bytes_expected(plan: Plan, simulate: Simulate | None = None) -> int:
    """About how large the results folder will be, parts alone.

    Runs one world for one month to see what the model tells: so a model that refuses its input does so before anything is written.
    """
    if simulate is None:
        from sim.model import simulate as simulate_trade

        simulate = simulate_trade
    run = plan.scenario.run
    one = Worlds.range(0, 1)
    told = simulate(replace(plan.scenario, run=replace(run, months=1)), plan.case, one, plan.values(one), check=False)
    series = len(told.series) * run.months * run.worlds
    kept = agents_kept(run.record, run.worlds)
    copies = {"none": 0, "full": run.worlds, "statistics": plan.blocks * len(STATISTICS)}[kept]
    agents = sum(len(table.names) * len(table.measures) for table in told.agents.values())
    counted = sum(sums.size for table in told.monthly.values() for sums in table.sums.values()) * run.months * plan.blocks
    return _NUMBER * (series + counted + agents * len(years_of(run.months)) * copies)


def bytes_copied(plan: Plan) -> int:
    """How large the tables and the prior are, of which every results folder keeps a copy."""
    files = [*plan.case.folder.glob("*.csv"), *([plan.scenario.prior.file] if plan.scenario.prior is not None else [])]
    return sum(file.stat().st_size for file in files)
