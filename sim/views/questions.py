"""The questions that think tanks bring, answered: docs/questions.md, made by running the scenarios in pairs.

`python -m sim.views.questions` prints it; `--write` writes it. It takes some minutes.
"""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from sim import __version__
from sim.analysis.differences import NO_CHANGE
from sim.analysis.drivers import drivers
from sim.analysis.markdown import table
from sim.analysis.paired import AgentRow, Comparison, compare
from sim.batch import engine
from sim.batch.plan import Plan
from sim.batch.results import Results
from sim.comparing import asked_of
from sim.months import label
from sim.outcomes import HEADLINES
from sim.running import cores
from sim.scenario import read, shipped
from sim.views.difference_in_words import answer, factor, numbers, sentence, signed, spoken, words
from sim.views.gallery import NOT_ANSWERED
from sim.views.made import show_or_write

PAGE = Path(__file__).parents[2] / "docs" / "questions.md"
WORLDS, SEED, FIRST = 500, 2019, 10  # FIRST: worlds by which the page can be checked cheaply
ENDS = 3
_OTHER = ("rules.talks=war_of_attrition",)


@dataclass(frozen=True)
class Question:
    """scenarios: those that answer it; whom: kind of agents and measure, where it asks who gains and who loses; also: outcomes beside
    those that the scenarios name; missing: what of it this version does not answer, a key of the gallery's list"""

    number: int
    text: str
    scenarios: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    whom: tuple[str, str] | None = None
    missing: str = ""


SALES, LEVEL = ("firm", "sales_to_vendor"), ("government", "level")
QUESTIONS = (
    Question(1, "Publish the line: what would firms have saved, and what would the vendor have learned?", ("publish_the_line",), ("approvals", "returns", "doubt")),
    Question(2, "How much revenue of controlled sellers went abroad?", ("no_rivals_abroad",), ("net_lost_sales",), SALES),
    Question(3, "An allied regime from day one: would it have stopped the leak?", ("fdpr_at_listing", "second_firm_allies_first_day"), ("foreign_sales",)),
    Question(4, "What does a six-month freeze cost, and whom?", ("six_month_freeze",), ("approvals", "controlled_sales", "lost_sales"), SALES),
    Question(5, "Who should decide on licences: the chair, a majority, all?", ("chair_decides", "unanimous_vote"), ("controlled_sales",)),
    Question(6, "Is a licence a good bargaining chip?", ("licences_off_the_table",), ("tariff_on_target", "walk_outs")),
    Question(7, "A truce collapses after licences were granted.", ("truce_collapses",), ("licences",)),
    Question(8, "Strict early or strict late?", ("strict_early", "strict_late"), ("controlled_sales", "domestic_chips")),
    Question(9, "How many months of stock does a warning buy?", ("early_warning", "no_stockpiling"), ("unmet",)),
    Question(10, "Do controls speed self-sufficiency?", ("no_entity_list", "double_programme"), ("domestic_chips",)),
    Question(11, "Carrots or sticks for governments that have not decided?", ("carrots", "sticks"), (), LEVEL),
    Question(12, "Europe decides together.", ("europe_decides_together",), (), LEVEL),
    Question(13, "How much did the product rule, and how much persuasion, move allied governments?", ("no_pressure", "no_fdpr"), ("bans",), LEVEL),
    Question(14, "Retaliation against the first movers.", ("coercion_of_first_movers",), (), LEVEL),
    Question(15, "What does exclusion cost carriers?", ("allies_exclude",), (), ("carrier", "swap_cost")),
    Question(16, "A cap, the core alone, or a ban: how much exposure does each remove per dollar?", ("allies_cap",), ("swap_cost",), None, "Core-only limits"),
    Question(17, "Rare earths are licensed as chips are.", ("rare_earths",), ("tariff_on_target",), None, "A mineral licences desk"),
    Question(18, "A fee of 15 or 25 % in place of a denial.", (), (), None, "A fee in place of a denial"),
    Question(19, "Every licence is revoked in one month.", ("revoke_everything",), ("controlled_sales",), SALES),
    Question(20, "The vendor is taken off the list in a grand bargain.", ("grand_bargain",), ("tariff_on_target",)),
    Question(21, "No Entity List at all.", ("no_entity_list",), ("revenue",), SALES),
    Question(22, "The G20 truce as announced: licences from July 2019 wherever there is no threat.", ("g20_truce",), ("controlled_sales",), SALES),
    Question(23, "A hawkish Congress with an eager President.", ("hawkish_congress",), ("tariff_on_target",)),
    Question(24, "The same tools against another firm.", ("second_firm_us_alone",), ("controlled_sales", "domestic_chips")),
)  # fmt: skip

_TOP = """# The questions, answered

Made by `python -m sim.views.questions --write` with Chokepoint {version}: {worlds} worlds, seed {seed}, every scenario against the one
that it names, world by world ([compare.md](compare.md) says how to read it). *Change* is the mean of the paired differences over the
whole run, {first} to {last}; the band holds nine in ten of them; *factor* is how many times wider the interval of the mean would be had
the runs not been paired. *Cannot say*: of the worlds that differ fewer than 8 in ten agree on the sign, or the mean may well be 0. What
drives a change: rank correlation of the difference in each world with the numbers that vary between the worlds, where it is .15 or more.

What happens after 2020 follows from inputs set with later facts in view and is no forecast ([validation.md](validation.md)).
"""


@dataclass(frozen=True)
class Study:
    """Runs in a folder that is thrown away."""

    folder: Path
    worlds: int

    def base_of(self, name: str, sets: tuple[str, ...]) -> Path:
        """The folder of what a scenario is held against."""
        return self.folder / "-".join([str(read(name).compare_with), *sets])

    def run(self, name: str, sets: tuple[str, ...], out: Path) -> Results:
        plan = Plan.of(name, sets, worlds=self.worlds, seed=SEED, block=self.worlds, until="")
        folder = engine.prepare(plan, out)
        engine.finish(folder)
        return Results.open(folder)

    def make_base(self, task: tuple[str, tuple[str, ...]]) -> None:
        name, sets = task
        self.run(str(read(name).compare_with), sets, self.base_of(name, sets))

    @contextmanager
    def compared(self, name: str, sets: tuple[str, ...] = ()) -> Iterator[Comparison]:
        (base,) = self.base_of(name, sets).glob("*/*/")
        other = self.run(name, sets, self.folder / "others")
        yield compare(Results.open(base), other)
        shutil.rmtree(other.folder)

    def section(self, task: tuple[str, "Question"]) -> "Section":
        return _section(self, *task)


@dataclass(frozen=True)
class Section:
    """text: of a scenario; worth: rows of the last table"""

    text: str
    worth: list[list[str]]


def sections(worlds: int, tasks: Sequence[tuple[str, Question]]) -> list[Section]:
    """Scenarios side by side, as many as there are processors."""
    names = [name for name, _ in tasks]
    bases = [(name, sets) for name in names for sets in ((), *([_OTHER] if _talks(name) else []))]
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(cores(), get_context("spawn")) as pool:
        study = Study(Path(folder), worlds)
        once = {study.base_of(*base): base for base in bases}
        list(pool.map(study.make_base, once.values()))
        return list(pool.map(study.section, tasks))


def page(worlds: int = WORLDS) -> str:
    run = read("history").run
    told = {name for question in QUESTIONS for name in question.scenarios}
    rest = [name for name in shipped() if name not in told and read(name).compare_with is not None]
    tasks = [(name, question) for question in QUESTIONS for name in question.scenarios] + [(name, Question(0, "")) for name in rest]
    made = sections(worlds, tasks)
    each = iter(made)
    years = {"first": label(0)[:4], "last": label(run.months - 1)[:4]}
    parts = [_TOP.format(version=__version__, worlds=worlds, seed=SEED, **years).strip(), _contents()]
    parts += [entry(question, [next(each).text for _ in question.scenarios]) for question in QUESTIONS]
    parts += ["## Further questions", *(section.text for section in each)]
    rows = {tuple(row): row for section in made for row in section.worth}
    header = ["scenario", "outcome", "factor", f"change in the first {FIRST} worlds"]
    parts += ["## What pairing was worth", _WORTH, table(header, list(rows.values()))]
    return "\n\n".join(parts) + "\n"


_WORTH = """Measured in the runs above, on the outcomes at which each question looks. Runs that are not paired would need the factor's
square times as many worlds to know the mean as well. No factor: nothing differs. The last column is for the tests."""


def _contents() -> str:
    return "\n".join(f"{question.number}. [{question.text}](#{_anchor(question)})" for question in QUESTIONS)


def _heading(question: Question) -> str:
    return f"{question.number}. {question.text}"


def _anchor(question: Question) -> str:
    kept = "".join(c for c in _heading(question).lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def entry(question: Question, texts: Sequence[str]) -> str:
    parts = [f"## {_heading(question)}", *texts]
    if question.missing:
        why = " ".join(NOT_ANSWERED[question.missing].split())
        parts.append(f"*Not answered in this version: {question.missing[0].lower()}{question.missing[1:]}.* {why[0].upper()}{why[1:]}")
    return "\n\n".join(parts)


def _section(study: Study, name: str, question: Question) -> Section:
    scenario = read(name)
    with study.compared(name) as found:
        looked = asked_of(found.other)
        asked = list(dict.fromkeys((*looked, *question.also)))
        parts = [f"### {scenario.title}", f"{scenario.question} `chokepoint compare {name} --worlds {study.worlds}`"]
        parts.append("\n".join(f"- {answer(found, outcome)}" for outcome in asked))
        rows = [found.row(outcome) for outcome in dict.fromkeys((*asked, *HEADLINES)) if outcome in found.outcomes]
        cells = [[f"{r.outcome}, {r.unit}", *numbers(r), words(r, wide=True), factor(r)] for r in rows if r.verdict != NO_CHANGE]
        parts.append(table(["outcome", "base", "change", "5 to 95 %", "worlds", "factor"], cells))
        if still := [row.outcome for row in rows if row.verdict == NO_CHANGE]:
            parts.append(f"No change in any world: {', '.join(still)}.")
        if question.whom is not None:
            parts.append(_whom(found, *question.whom))
        parts.append(_driven(found, looked))
        worth = [[f"`{name}`", outcome, factor(found.row(outcome)), f"{_first(found, outcome):.5g}"] for outcome in looked]
    if _talks(name):
        parts.append(_other_talks(study, name))
    return Section("\n\n".join(parts), worth)


def _first(found: Comparison, outcome: str) -> float:
    return float(np.nanmean(found.differences(outcome)[:FIRST]))


def _talks(name: str) -> bool:
    """Whether there is another way of bargaining to be tried: the record cannot tell which is right."""
    rules = read(name).rules
    return rules["talks_mode"] == "free" and f"rules.talks={rules['talks']}" not in _OTHER


def _whom(found: Comparison, kind: str, measure: str) -> str:
    rows = [r for r in found.agents(kind, [measure], by_year=False) if r.verdict != NO_CHANGE and r.worlds]
    if not rows:
        return f"No {kind} differs in {measure}."
    ordered = sorted(rows, key=lambda r: -r.mean)

    named = spoken(found.other)

    def told(some: Iterable[AgentRow]) -> str:
        return "; ".join(f"{named.get(r.agent, r.agent)} {signed(r.mean)} ({signed(r.p5)} to {signed(r.p95)}; {words(r, wide=False)})" for r in some) or "none"

    up, down = [r for r in ordered if r.mean > 0][:ENDS], [r for r in reversed(ordered) if r.mean < 0][:ENDS]
    return f"By {kind}, {measure} ({rows[0].unit}). Most up: {told(up)}. Most down: {told(down)}."


def _driven(found: Comparison, outcomes: Iterable[str]) -> str:
    told = []
    for outcome in outcomes:
        strong = drivers(found, outcome)
        text = ", ".join(f"`{driver.path}` ({driver.rank:+.2f})" for driver in strong)
        told.append(f"{outcome}: {text or 'no single number'}")
    return f"What drives the change. {'; '.join(told)}."


def _other_talks(study: Study, name: str) -> str:
    with study.compared(name, _OTHER) as found:
        text = " ".join(sentence(found.row(outcome)) for outcome in asked_of(found.other))
    return f"With the other way of bargaining (`--set {_OTHER[0]}`): {text}"


if __name__ == "__main__":
    show_or_write(PAGE, page, __doc__)
