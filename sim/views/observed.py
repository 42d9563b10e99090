"""What was observed of an outcome, month by month, to where the record ends."""

from dataclasses import dataclass

from sim.analysis.counted import COUNTS
from sim.analysis.targets import OURS, read_targets
from sim.batch.results import Results
from sim.case import read_case
from sim.from_record import rows
from sim.months import month_of
from sim.scenario import read

OF = "history"  # the scenario whose case the record is about
_COUNTS = dict(zip(("declarations", "bans", "exclusions"), COUNTS, strict=True))  # outcome -> column of diffusion_to_2020


@dataclass(frozen=True)
class Observed:
    """A value in a month, or each month's part of a sum from the first to the last month."""

    first: int
    last: int
    value: float


def observed(results: Results, outcome: str) -> list[Observed]:
    """Nothing where the run's case is not the one that the record is about, or nobody published such a figure."""
    about = read_case(read(OF).case_folder)
    if results.plan.case["vendors"].key != about["vendors"].key:
        return []
    found = []
    if outcome in _COUNTS:
        found = [Observed(m := month_of(row["end"]), m, float(row[_COUNTS[outcome]])) for row in rows("diffusion_to_2020")]
    for target in read_targets(OURS, about):
        term = target.measure.terms[0]
        if len(target.measure.terms) > 1 or term.quantity.kind or term.quantity.name != outcome or term.least is not None:
            continue
        span = term.span
        whole = span.from_share == span.to_share == 1 and (term.how == "sum" or span.first == span.last)
        if whole and term.how in ("sum", "mean", "end") and target.applies(results.plan.scenario):
            found.append(Observed(span.first, span.last, target.value / (span.last - span.first + 1)))
    return [one for one in found if one.last < results.manifest["months"]]
