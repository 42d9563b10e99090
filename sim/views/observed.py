"""What was observed: the figures on record that a run can be held against, and which of them belong to an outcome."""

from contextlib import suppress
from dataclasses import dataclass

from sim.analysis.counted import COUNTED, by_quarter
from sim.analysis.targets import OURS, Target, read_targets
from sim.batch.results import Results
from sim.from_record import is_of
from sim.refusal import InputError


@dataclass(frozen=True)
class Observed:
    """A figure on record: the sum or the mean of the months from first to last, or the state at their end.

    low, high: the range within which the record says that it lies
    """

    first: int
    last: int
    how: str
    value: float
    low: float
    high: float

    @property
    def months(self) -> int:
        return self.last - self.first + 1


def observed(results: Results, outcome: str) -> list[Observed]:
    """Nothing where the record is of another case than the run's, or nobody published such a figure."""
    if not is_of(results.plan.case):
        return []
    found = []
    if outcome in COUNTED:
        found = [Observed(month, month, "end", count, count, count) for month, count in by_quarter(outcome).items()]
    for target in figures(results):
        term, *others = target.measure.terms
        if others or term.quantity.kind or term.quantity.name != outcome or term.least is not None:
            continue
        span = term.span
        if span.from_share == span.to_share == 1 and term.how in ("sum", "mean", "end"):
            found.append(Observed(span.first, span.last, term.how, target.value, target.record_low, target.record_high))
    return found


def figures(results: Results) -> list[Target]:
    """All figures on record that a run's scenario can be held against; none where they are of another case."""
    with suppress(InputError):
        return [target for target in read_targets(OURS, results.plan.case) if target.applies(results.plan.scenario)]
    return []
