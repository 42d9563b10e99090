"""How to cite a number of a run, so that somebody else can make it again."""

from sim.batch.results import Results
from sim.text_file import printable


def citation(run: Results) -> str:
    """What must stand beside a number of this run: version, scenario, case, worlds, months, seed, and the numbers' own hash."""
    m, on = run.manifest, run.on_case
    case = f" on the case {on.short}" if on is not None else ""
    made = f"Chokepoint {m['environment']['chokepoint']}, scenario {printable(m['scenario'], 30)}{case}"
    return f"{made}, {m['worlds']:,} worlds of {m['months']} months, seed {m['seed']}; numbers {m['digest'][:12]}"
