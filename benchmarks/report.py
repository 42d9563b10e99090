"""The figures as tables, and the page in docs/ that keeps those of one run."""

import datetime
import importlib.metadata
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.agents import Agents
from benchmarks.batch import PARTS
from benchmarks.hotspots import Spot
from benchmarks.jobs import Jobs
from benchmarks.mesa_batch import PROCESSES, MesaBatch
from benchmarks.speed import LICENSING, WHOLE, Speed, Spread, block_name, core_name
from benchmarks.startup import Process

BLOCK = block_name(512)
NAMES = {LICENSING: "plain Mesa, licensing alone", WHOLE: "plain Mesa, the whole month"}
LIMIT = 2.5  # times its core that the whole month may cost


@dataclass(frozen=True)
class Figures:
    """startup: command -> CPU and waiting time, s; parts: seconds of a run of so many worlds (parts_of); whole: worlds -> process and
    bytes; hotspots: the dearest functions of a block and the share of each module
    """

    jobs: Jobs
    speed: Speed
    mesa_batch: MesaBatch | None
    startup: dict[str, tuple[Spread, Spread]]
    agents: Agents
    parts_of: int
    parts: dict[str, float]
    hotspots: tuple[list[Spot], dict[str, float]]
    whole: dict[int, tuple[Process, int]]


def tables(figures: Figures) -> str:
    parts = (_main, _speed, _jobs, _agents, _months, _startup, _parts, _whole, _profile)
    return "\n\n".join(part(figures) for part in parts)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _number(x: float) -> str:
    return f"{x:,.0f}" if x >= 100 else f"{x:.3g}" if x >= 1 else f"{x:.2g}"


def _spread(x: Spread) -> str:
    return f"{_number(x.median)} ({_number(x.least)} to {_number(x.most)})"


def _main(figures: Figures) -> str:
    """What one would ask first, in one table."""
    speed, parts = figures.speed, figures.parts
    rows = [
        [f"CPU time a world: {NAMES[opponent]}, over Chokepoint ({BLOCK})", _spread(speed.ratio[BLOCK, opponent]) + " times"]
        for opponent in NAMES
        if (BLOCK, opponent) in speed.ratio
    ]
    rows.append(
        [f"CPU time a world: the whole month over its core alone ({BLOCK}); the limit is {LIMIT}", _spread(speed.over_core) + " times"]
    )
    jobs = figures.jobs
    rows.append([f"Waiting: one process over two, {jobs.worlds:,} worlds", _spread(jobs.ratio) + " times"])
    if figures.mesa_batch is not None:
        times = figures.mesa_batch.plain / figures.mesa_batch.ours
        rows.append([f"Waiting a world, {PROCESSES} processes: `mesa.batch_run` over `chokepoint run`", f"{_number(times)} times"])
    for size in (1, 64, 4096):
        if block_name(size) in speed.cost:
            times = speed.cost[block_name(size)].median / speed.cost[BLOCK].median
            rows.append([f"CPU time a world: {block_name(size)}, over {BLOCK}", f"{_number(times)} times"])
    bare = figures.startup["python -c pass"][0].median
    for name, (cpu, _) in figures.startup.items():
        if name != "python -c pass":
            rows.append([f"CPU time: `{name}`, over a Python that does nothing", f"{_number(cpu.median / bare)} times"])
    whole = sum(parts.values())
    rows += [[f"{figures.parts_of:,} worlds: share of CPU time, {part}", f"{parts[part] / whole:.1%}"] for part in PARTS]
    rows += [[f"Most memory at once, {worlds:,} worlds", f"{process.memory:,.0f} MiB"] for worlds, (process, _) in figures.whole.items()]
    return _table(["what", "figure"], rows)


def _speed(figures: Figures) -> str:
    speed = figures.speed
    opponents = [name for name in NAMES if name in speed.cost]
    rows = []
    for name, cost in speed.cost.items():
        ratios = [_spread(speed.ratio[name, opponent]) if (name, opponent) in speed.ratio else "" for opponent in opponents]
        filings = f"{speed.filings[name]:,.0f}" if name in speed.filings else ""
        rows.append([NAMES.get(name, f"Chokepoint, {name}"), _spread(cost), *ratios, filings])
    return _table(["96 months", "ms of CPU a world", *(f"times cheaper than {NAMES[o]}" for o in opponents), "applications a world"], rows)


def _startup(figures: Figures) -> str:
    rows = [[f"`{name}`", _spread(cpu), _spread(wall)] for name, (cpu, wall) in figures.startup.items()]
    return _table(["a fresh process", "CPU, s", "waiting, s"], rows)


def _parts(figures: Figures) -> str:
    whole = sum(figures.parts.values())
    rows = [[part, f"{seconds:.2f}", f"{seconds / whole:.1%}"] for part, seconds in figures.parts.items()]
    return _table([f"{figures.parts_of:,} worlds", "CPU, s", "share"], rows)


def _jobs(figures: Figures) -> str:
    jobs = figures.jobs
    rows = [
        ["one process", _spread(jobs.one), ""],
        ["two processes (`--jobs 2`)", _spread(jobs.two), _spread(jobs.ratio)],
        ["two runs of half the worlds, side by side", "", _spread(jobs.limit)],
    ]
    return _table([f"{jobs.worlds:,} worlds", "waiting, s", "times as fast as one process"], rows)


def _agents(figures: Figures) -> str:
    (_, (count, cost)), *_ = figures.agents.cost.items()
    rows = [
        [f"{times} times", f"{many:,}", f"{ms:.1f}", f"{many / count:.1f} / {ms / cost:.1f}"]
        for times, (many, ms) in figures.agents.cost.items()
    ]
    return _table(["the case", "agents", "ms of CPU a world", "times the agents / times the cost"], rows)


def _months(figures: Figures) -> str:
    rows = [[str(months), f"{ms:.2f}", f"{1000 * ms / months:.0f}"] for months, ms in figures.agents.months.items()]
    return _table(["months", "ms of CPU a world", "microseconds a month"], rows)


def _whole(figures: Figures) -> str:
    rows = [
        [
            f"{worlds:,}",
            _number(process.wall),
            f"{worlds / process.wall:,.0f}",
            f"{1000 * process.cpu / worlds:.1f}",
            f"{process.memory:,.0f}",
            f"{written / 2**20:,.0f}",
        ]
        for worlds, (process, written) in figures.whole.items()
    ]
    header = ["worlds, two processes", "waiting, s", "worlds a second", "ms of CPU a world", "most memory, MiB", "on the disk, MiB"]
    return _table(header, rows)


def _profile(figures: Figures) -> str:
    spots, modules = figures.hotspots
    rows, before = [], ""
    for spot in spots:
        module = "" if spot.module == before else f"`sim/{spot.module}` ({modules[spot.module]:.0%})"
        before = spot.module
        rows.append([module, f"`{spot.function}`", f"{spot.share:.1%}"])
    return _table(["module (all of it)", "function", "own time"], rows)


def page(figures: Figures) -> str:
    speed, (spots, _) = figures.speed, figures.hotspots
    head = _spread(speed.ratio[BLOCK, LICENSING])
    against_whole = (
        f" Against the whole month in plain Mesa it is **{_spread(speed.ratio[BLOCK, WHOLE])} times** cheaper."
        if (BLOCK, WHOLE) in speed.ratio
        else ""
    )
    share = sum(spot.share for spot in spots)
    return f"""# Performance

Written by `python -m benchmarks --write`; your machine will give other seconds, and ratios of the same order. Nothing here is
asserted by a test: a busy machine must not break a build.

A possible future (a *world*) of `history`, 96 months, costs **{_number(speed.cost[BLOCK].median)} ms of processor time** when
512 are computed together. The licensing exchange alone, as an ordinary user of [Mesa](https://mesa.readthedocs.io) writes it,
costs {_number(speed.cost[LICENSING].median)} ms. Chokepoint computes licensing, supply, the same months once more without the listing,
talks, governments and carriers, and is **{head} times** cheaper.{against_whole}

The core of a month (licensing, supply, the ledger) costs {_number(speed.cost[core_name()].median)} ms a world alone; the whole month
{_spread(speed.over_core)} times that, and the limit that the project sets itself is {LIMIT} times.

{_main(figures)}

Ratios are medians of {speed.rounds} rounds, with the least and the greatest in brackets.

## The machine

{_machine()}

## A world

{_speed(figures)}

* What is timed is CPU time of the process. In each round everything runs once, in turn, and a ratio is taken within a round: if
  something else slows the machine for a minute, it slows both sides.
* Blocks compute what `chokepoint run history --record outcomes` computes: all outcomes, all months, all exchanges, supply with
  the listing and without. Recording agents as well costs more.
* *Core alone* is the same block without steps 3, 11 and 12 of the month (talks, governments, carriers) and without their outcomes. It
  is measured in the same rounds; the ratio of the whole month to it is what those three exchanges cost.
* *Plain Mesa, licensing alone* is `benchmarks/plain_licensing`: floats, `if`, loops over lines, Mesa's own dice, the tables read
  once. It lacks the supply exchange, the shadow path, talks, governments, carriers, the outcomes and addressed luck, so it is given
  a head start against the whole month, and a smaller one against the core. Its numbers are its own; the last column shows that it
  decides about as many applications.
* *Plain Mesa, the whole month* is `tests/reference/month.py`, all steps of the month and all outcomes, which the tests compare the
  product with, world by world. It was written to be read and not to be fast, its luck is hashed draw by draw, and it computes the
  months without the listing too, as the product does: the same work, in the way in which a textbook on Mesa would do it.
* What limits it: in small blocks the NumPy calls of a month, of which there are as many for 1 world as for 50. So a world computed
  alone (`--worlds 1`, `--block 1`) is dear, dearer than the licensing exchange in plain Mesa: see the row *block of 1*. From some
  hundred worlds on it is arithmetic and memory. Larger blocks gain nothing more; the default is 512.

## Processes

{_jobs(figures)}

Waiting time from the command to the end, start-up and summary included, which no second process shortens. The last row is what this
machine has to give: two runs that have nothing to do with each other also slow each other down, by sharing caches, memory and clock.

{_batch_run(figures)}

## More agents, more months

{_agents(figures)}

The larger cases are the shipped one with every seller, government and carrier copied, in blocks of 128 worlds. What limits it: work
grows with agents, but who hears whom grows with their square (every copy of a country looks to every copy of its neighbours), and
the larger block no longer fits the processor's caches.

{_months(figures)}

Most of a month's work needs the listing and applications, which begin in May 2019; so early months are cheaper than late ones.

## Starting

{_startup(figures)}

The files were in the system's cache; the very first start after switching on takes longer. What limits it: Python itself, then
importing click, NumPy and the YAML reader. `run` also imports Mesa (with pandas), SciPy, NetworkX and pyarrow, and computes one
world; `--help`, `check` and `list` import none of these.

## A run, in parts

{_parts(figures)}

*start* is Python's loading of itself, the model and its libraries, once a process; *plan* reads and checks the scenario and the
case, and writes what the results folder needs to stand alone; *simulate* is the model; *store* is Parquet files, checksums, the
summary and the manifest. CPU time again: waiting for a slow disk would come on top.

## Memory

{_whole(figures)}

Waiting grows with whatever else the machine does meanwhile (the load is above); CPU time says what the run itself takes.
Memory is that of the larger process, at its greatest. A run holds one block at a time in each process, whatever the number of
worlds; so memory is set by the block (`--block`), and doubles with the processes. The summary takes a few outcomes at a time, and
is what grows with the worlds. Above 2,000 worlds each block's statistics of the agents are kept instead of every world's.

## Where the time goes

Own time of the ten dearest functions of a block of 512 ({share:.0%} of it), by module. A call into NumPy or SciPy is counted to the
function that makes it. A profiler slows small functions more than large ones; read the order, not the decimals.

{_profile(figures)}

Luck is drawn, and rules are evaluated, only where something can happen (a line that may be filed, a file that is read). Finding
those places (`where`, `keep`) and drawing for them (`luck.py`) is the price of that; the rest is the rules' own arithmetic, spread
over many functions, so that no single one is worth much.
"""


def _batch_run(figures: Figures) -> str:
    found = figures.mesa_batch
    if found is None:
        return ""
    plain, ours, times = _number(1000 * found.plain), _number(1000 * found.ours), _number(found.plain / found.ours)
    return f"""`mesa.batch_run` with {PROCESSES} processes takes {plain} ms of waiting for a world of the plain reference, `chokepoint run`
{ours} ms: {times} times less, start-up included on both sides."""


def _machine() -> str:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "scipy", "mesa", "pyarrow"))
    rows = [
        ["processor", f"{_processor()}, {os.cpu_count()} cores visible; shared with other work"],
        ["load", f"{os.getloadavg()[2]:.1f} processes wanted a core, on average over the last 15 minutes"],
        ["system", f"{platform.system()} {platform.machine()}"],
        ["Python", f"{platform.python_version()}, {versions}"],
        ["date", datetime.datetime.now(datetime.UTC).date().isoformat()],
    ]
    return _table(["", ""], rows).replace("---:", "---")


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "unknown"
