"""The answer in three sentences, with bands; and "cannot say" where the worlds do not agree."""

import numpy as np

from sim.analysis.differences import AGREE, CANNOT_SAY, NO_CHANGE
from sim.analysis.paired import Comparison, Row
from sim.batch.summary import by_year
from sim.tables import number
from sim.views.difference_in_words import UNSAID, answer, share, signed
from sim.views.report.headline import SAME
from sim.views.report.question import Question
from sim.worlds import Numbers

WHEN = {"sum": "over the whole run", "mean": "on average over the run", "end": "at the end of the run"}
NAMED = 2  # outcomes that a list names before it counts


def three(question: Question) -> list[str]:
    found = question.found
    return _alone(question) if found is None else _against(question, found)


def _against(question: Question, found: Comparison) -> list[str]:
    names = [name for name in question.outcomes if name in found.outcomes] or found.outcomes
    first = names[0]
    rest = [found.row(name) for name in names[1:]]
    told = [_one(question, found, first)]
    asked = [row for row in rest if row.outcome in question.asked]
    clear = sorted((row for row in rest if row.verdict not in (NO_CHANGE, CANNOT_SAY)), key=_strength, reverse=True)
    second = next(iter([*asked, *clear, *rest]), None)
    if second is not None:
        told.append(_one(question, found, second.outcome))
    left = [row for row in rest if row is not second]
    return [*told, _rest(question, left)] if left else told


def _strength(row: Row) -> float:
    return abs(row.mean) / row.se if row.se > 0 else float("inf")


def _one(question: Question, found: Comparison, outcome: str) -> str:
    how = question.results.manifest["outcomes"][outcome]["yearly"]
    return f"{question.sentence(outcome)}, {WHEN[how]}: {answer(found, outcome).removeprefix(f'{outcome}: ')}"


def _rest(question: Question, rows: list[Row]) -> str:
    still = [row for row in rows if row.equal >= SAME]
    unsure = [row for row in rows if row.verdict == CANNOT_SAY and row not in still]
    clear = [row for row in rows if row not in unsure and row not in still]
    words = {
        "{} clearly move": clear,
        "of {} it cannot say whether they rise or fall": unsure,
        "{} are the same in nine of ten worlds": still,
    }
    parts = [f"{word.format(len(some))} ({_list(question, [row.outcome for row in some])})" for word, some in words.items() if some]
    return f"Of the other {len(rows)} headline outcomes, " + "; ".join(parts) + "."


def _list(question: Question, names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(f"“{question.sentence(name)}”" for name in names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _alone(question: Question) -> list[str]:
    names = question.outcomes
    told = [_level(question, name) for name in names[:2]]
    mixed = [name for name in names[2:] if _agreed(question, name) is None]
    if mixed:
        told.append(f"It cannot say whether these are gains or losses, since the worlds disagree on the sign: {_list(question, mixed)}.")
    elif len(names) > 2:
        told.append(_level(question, names[2]))
    return told


def _whole(question: Question, outcome: str) -> Numbers:
    """Over the whole run, in the worlds that have a number."""
    series = question.results.series(outcome)
    values = by_year(series, question.results.manifest["outcomes"][outcome]["yearly"], series.shape[1])[:, 0]
    return values[~np.isnan(values)]


def _agreed(question: Question, outcome: str) -> float | None:
    """The share of the worlds that agree on a sign; None where too few do. All zero agrees."""
    values = _whole(question, outcome)
    apart = values[values != 0]
    if not len(apart):
        return 1.0
    most = max(float((apart > 0).mean()), float((apart < 0).mean()))
    return most if most >= AGREE else None


def _level(question: Question, outcome: str) -> str:
    values = _whole(question, outcome)
    unit = question.unit(outcome)
    unit = "" if unit.startswith(UNSAID) else f" {unit}"
    when = WHEN[question.results.manifest["outcomes"][outcome]["yearly"]]
    if not len(values):
        return f"{question.sentence(outcome)}: no world has a number."
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
    band = f"{number(low)} to {number(high)} in nine of ten worlds"
    if _agreed(question, outcome) is None:
        above, below = (share(float(part.mean())) for part in (values > 0, values < 0))
        said = f"cannot say whether up or down; above 0 in {above} of worlds, below in {below}, {signed(middle)}{unit} in the middle"
        return f"{question.sentence(outcome)}, {when}: {said} ({band})."
    return f"{question.sentence(outcome)}, {when}: {number(middle)}{unit} in the middle world, {band}."
