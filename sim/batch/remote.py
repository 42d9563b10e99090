"""What a Dask worker does for a run. Chokepoint must be installed where it lives, and the results folder in its sight.

Its answers are text: nothing that a worker sends is taken for more than a report.
"""

import threading
from pathlib import Path
from typing import Any

from sim.batch import journal, provenance
from sim.batch.journal import Report
from sim.batch.worker import Simulate, Worker, failure

REFUSED = "refused"  # a report's status that never reaches the journal: this worker is not fit to compute the block

_one_at_a_time = threading.Lock()  # whatever threads a worker has: a model is not made for two of them
_opened: tuple[tuple[str, str, Simulate | None, bool], Worker] | None = None


def misfit(environment: dict[str, Any]) -> str:
    """What might make this process's numbers differ from those of a process in that environment; "" if nothing.

    Dask's nanny asks for one thread of BLAS where nobody said anything. That is no difference: where nothing was said, any number
    of threads will do, and the model uses none.
    """
    import dask

    now = provenance.environment()
    asked = environment["settings"]
    by_dask = {name: str(value) for name, value in dask.config.get("distributed.nanny.pre-spawn-environ", {}).items()}
    settings = {name: value for name, value in now["settings"].items() if name in asked or by_dask.get(name) != value}
    differ = provenance.changes(environment, now | {"settings": settings}, "{what} is {then} here and {now} there")
    return f"its numbers might differ, since {'; '.join(differ)}" if differ else ""


def compute(folder: str, seal: str, block: int, simulate: Simulate | None, check: bool) -> str:
    """Compute one block and write its parts; the report as JSON.

    seal: the hash of the journal's header, so that a folder of the same name on this machine's own disk is not taken for the run's
    """
    with _one_at_a_time:
        return _report(Path(folder), seal, block, simulate, check).as_json()


def _report(folder: Path, seal: str, block: int, simulate: Simulate | None, check: bool) -> Report:
    global _opened
    header: dict[str, Any]
    found: str | None
    try:
        header, found = journal.read_header(folder)
    except (OSError, ValueError):
        header, found = {}, None
    if found is None or found != seal:
        cause = f"it does not see {folder} as you do; workers write their results there, so it must be on storage that you share with them"
        return Report(block, 0, REFUSED, cause=cause)
    if differs := misfit(header["environment"]):
        return Report(block, 0, REFUSED, cause=differs)
    run = (str(folder), seal, simulate, check)
    try:
        if _opened is None or _opened[0] != run:
            _opened = run, Worker(folder, simulate, check)
    except Exception as fault:
        return failure(block, 0, fault)
    return _opened[1].block(block)
