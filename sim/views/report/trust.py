"""How far to trust it: what was input, fitted and predicted, hits and misses against the record, and where the worlds disagree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.analysis.differences import CANNOT_SAY
from sim.analysis.observed import figures, governments, of_series, radio_share
from sim.batch.results import Results
from sim.batch.summary import by_year
from sim.months import month_of
from sim.tables import number
from sim.views.difference_in_words import share
from sim.views.report.headline import COUNTED, SHARE, listed_vendor
from sim.views.report.question import Question, as_it_was
from sim.views.report.safe import escaped
from sim.worlds import Numbers

ROLES = {
    "predicted": "neither put in nor looked at when a number was set: only these are tests",
    "fitted": "looked at when a number was set",
    "input": "put in, through demand",
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
    """Every figure on record that a run's own series reach; those of single input groups by month they do not keep."""
    found = []
    months = results.manifest["months"]
    filings = results.series("filings").astype(np.float64).T if "filings" in results.outcomes else None
    for f in figures():
        if f.selector or f.measure not in results.outcomes or f.last >= months or filings is None:
            continue
        values = of_series(f, results.series(f.measure).astype(np.float64).T, filings)
        found.append(_score(values, f.name, f.unit, (f.record, f.record_low, f.record_high), f.role, f.source))
    return [*found, *_counts(results, months)]


def _counts(results: Results, months: int) -> Iterator[Score]:
    for year in (2018, 2019, 2020):
        last = month_of(f"{year}-12")
        for name, record in zip(COUNTED, governments(f"{year}Q4"), strict=True):
            if name in results.outcomes and last < months:
                values = by_year(results.series(name), "end")[:, year - 2018]
                yield _score(values, f"{name} end {year}", "governments", (record,) * 3, "fitted", "diffusion_to_2020.csv")
    for year in (2019, 2020):
        if SHARE in results.outcomes and month_of(f"{year}-12") < months:
            record = radio_share(listed_vendor(results), year)
            values = by_year(results.series(SHARE), "mean")[:, year - 2018]
            yield _score(values, f"share of radio networks abroad {year}", "share 0-1", (record,) * 3, "predicted", "ran_share_to_2020.csv")


def _score(values: Numbers, name: str, unit: str, record: tuple[float, float, float], role: str, source: str) -> Score:
    low, median, high = (float(v) for v in np.quantile(values[~np.isnan(values)], (0.05, 0.5, 0.95)))
    return Score(name, unit, *record, low, median, high, role, source)


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
    notes = [*question.results.manifest.get("deviations", []), *([] if question.found is None else question.found.notes)]
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
