"""How far to trust it: what was input, fitted and predicted, hits and misses against the record, and where the worlds disagree."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.analysis.differences import CANNOT_SAY
from sim.analysis.measured import from_results, not_kept
from sim.analysis.targets import Target
from sim.batch.results import Results
from sim.tables import number
from sim.views.difference_in_words import share
from sim.views.observed import figures
from sim.views.report.question import Question, as_it_was
from sim.views.report.safe import escaped
from sim.worlds import Numbers

ROLES = {
    "predicted": "neither put in nor looked at when a number was set: only these are tests",
    "fitted": "looked at when a number was set",
    "input": "put in, through demand",
    "reproduced by construction": "follows from what was put in, whatever the rules do",
}


@dataclass(frozen=True)
class Score:
    """A figure on record beside the run. role: input, fitted or predicted"""

    figure: str
    unit: str
    record: float
    record_low: float
    record_high: float
    low: float
    median: float
    high: float
    role: str
    source: str

    @property
    def hit(self) -> bool:
        """Whether the band of nine in ten worlds and the record, or its range, meet."""
        return self.low <= self.record_high and self.record_low <= self.high


def judged(question: Question) -> Results | None:
    """The run that the record can judge: one that follows the calendar in everything."""
    return next((run for run in (question.results, *question.others) if as_it_was(run)), None)


def scores(results: Results) -> list[Score]:
    """Every figure on record that a run keeps; those of single agents by month, and what happens or not in one country, it leaves out."""
    kept = [
        target
        for target in figures(results)
        if not (target.measure.event or target.measure.level) and not any(not_kept(results, term) for term in target.measure.terms)
    ]
    return [_score(target, values) for target, values in zip(kept, from_results(results, kept), strict=True) if not np.isnan(values).all()]


def _score(target: Target, values: Numbers) -> Score:
    low, median, high = (float(v) for v in np.quantile(values[~np.isnan(values)], (0.05, 0.5, 0.95)))
    record = target.value, target.record_low, target.record_high
    return Score(target.name, target.unit, *record, low, median, high, target.role, target.source)


def section(question: Question) -> str:
    run = judged(question)
    parts = [f"<p>{escaped(_LIMITS)}</p>"]
    if run is None:
        parts.append(f"<p>{escaped(_NO_RECORD)}</p>")
    else:
        parts.append(_card(question, run, scores(run)))
    return "".join([*parts, _disagreement(question), _notes(question)])


def _card(question: Question, run: Results, found: Sequence[Score]) -> str:
    if not found:
        return "<p>The run ends before the first figure on record, or keeps none of the outcomes that have one.</p>"
    told = []
    for role, meaning in ROLES.items():
        some = [s for s in found if s.role == role]
        if some:
            told.append(f"<li><strong>{role}</strong> ({meaning}): {sum(s.hit for s in some)} of {len(some)} within the band</li>")
    title = escaped(question.name_of(run))
    columns = (("figure", ""), ("record", " class=n"), ("median (5 to 95 %)", " class=n"), ("", ""))
    head = "".join(f"<th scope=col{kind}>{name}</th>" for name, kind in columns)
    groups = ""
    for role in ROLES:
        lines = "".join(_line(score) for score in found if score.role == role)
        groups += f"<tbody><tr><th colspan=4 scope=rowgroup class=unit>{role}</th></tr>{lines}</tbody>" if lines else ""
    caption = f"<caption>The run “{title}” against the record to the end of 2020</caption>"
    misses = sum(not s.hit for s in found)
    many = f"All {len(found)} figures, {misses} of them missed" if misses != 1 else f"All {len(found)} figures, one of them missed"
    return (
        f"<h3>Validation card</h3><p>Of {len(found)} figures on record that the run “{title}” can be held to, "
        f"{len(found) - misses} lie within its band.</p><ul>{''.join(told)}</ul>"
        f"<details class=folded data-print open><summary>{many}</summary>"
        f"<table>{caption}<thead><tr>{head}</tr></thead>{groups}</table></details>"
    )


def _line(s: Score) -> str:
    mark = "<span class=hit>✓ within</span>" if s.hit else "<span class=miss>✗ outside</span>"
    figure = f"<th scope=row>{escaped(s.figure)} <span class=unit>{escaped(s.unit)}</span></th>"
    band = f"{number(s.median)} <span class=unit>({number(s.low)} to {number(s.high)})</span>"
    return f"<tr>{figure}<td class=n>{number(s.record)}</td><td class=n>{band}</td><td>{mark}</td></tr>"


def _disagreement(question: Question) -> str:
    found = question.found
    if found is None:
        return ""
    rows = [row for row in found.rows if row.year == "all" and row.verdict == CANNOT_SAY and row.worlds]
    many = f"Of {len(found.outcomes)} outcomes, of {len(rows)} it cannot say whether the change raises or lowers them."
    title = f"<h3>Where the worlds disagree</h3><p>{many}</p>"
    if not rows:
        return title
    lines = "".join(
        f"<tr><th scope=row>{escaped(question.sentence(r.outcome))}</th><td class=n data-label=lower>{share(r.lower)}</td>"
        f"<td class=n data-label=same>{share(r.equal)}</td><td class=n data-label=higher>{share(r.higher)}</td></tr>"
        for r in rows
    )
    head = "<th scope=col>outcome, over the run</th>" + "".join(f"<th scope=col class=n>{w}</th>" for w in ("lower", "same", "higher"))
    caption = "<caption>Share of worlds in which the change lowers, leaves or raises it</caption>"
    table = f"<table class=stacked>{caption}<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
    return f"{title}<details class=folded><summary>Which, and how the worlds split</summary>{table}</details>"


def _notes(question: Question) -> str:
    on = question.results.on_case if question.found is None else None  # a comparison says this of both runs
    notes = [
        *question.results.manifest.get("deviations", []), *([] if question.found is None else question.found.notes),
        *([] if on is None else on.notes),
    ]  # fmt: skip
    return "".join(f"<p class=note>Note: {escaped(note)}.</p>" for note in notes)


_LIMITS = (
    "Rules, truces and tariffs with a date are put in and not explained, unless the scenario sets the talks free. What follows after 2020 "
    "rests on inputs that were set with later facts in view: it is no forecast. A band is what the stated ranges of the uncertain "
    "numbers leave open; what no rule of the model holds is in no band."
)
_NO_RECORD = (
    "None of the runs in this report follows the record in everything, so the record cannot judge them: it tells of what happened, and "
    "they tell of what might have. Name a run of the scenario without changes as the base to see it judged."
)
