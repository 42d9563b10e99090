"""What a report is about: a finished run, the run that it is held against, and what they say of themselves."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sim.analysis.paired import Comparison, compare
from sim.batch.folder import safe_name
from sim.batch.headlines import looked_at
from sim.batch.results import Results
from sim.batch.summary import in_words
from sim.from_record import is_of
from sim.parameters import RULES
from sim.refusal import InputError
from sim.views.difference_in_words import spoken


@dataclass(frozen=True)
class Question:
    """results: the run; others: the runs it is held against, the first of them before all; found_beside: nobody named it"""

    results: Results
    others: tuple[Results, ...] = ()
    found_beside: bool = False

    @classmethod
    def of(cls, folder: Path, bases: Sequence[Path] = ()) -> "Question":
        """InputError where a folder is no finished run, or the luck of one is another."""
        results = Results.open(folder)
        if bases:
            question = cls(results, tuple(Results.open(base) for base in bases))
            for base in question.others:
                compare(base, results, results.outcomes[:1])
            return question
        beside = _beside(results)
        return cls(results, () if beside is None else (beside,), beside is not None)

    @property
    def base(self) -> Results | None:
        return self.others[0] if self.others else None

    @cached_property
    def found(self) -> Comparison | None:
        """Against the base."""
        return None if self.base is None else compare(self.base, self.results)

    @cached_property
    def outcomes(self) -> list[str]:
        """Those that the run puts first, those of its question before them; all where it has none of these."""
        return looked_at(self.results) or self.results.outcomes

    @cached_property
    def asked(self) -> list[str]:
        answer = self.results.plan.scenario.answer
        return [] if answer is None else [name for name in answer.look_at if name in self.results.outcomes]

    @cached_property
    def spoken(self) -> dict[str, str]:
        return spoken(self.results)

    def name_of(self, results: Results) -> str:
        """Its scenario's title, with the folder where several have the same."""
        title = str(results.manifest["title"])
        same = [one for one in (self.results, *self.others) if one.manifest["title"] == title]
        return title if len(same) == 1 else f"{title} ({results.folder.absolute().name})"

    def sentence(self, outcome: str) -> str:
        return str(self.results.manifest["outcomes"][outcome]["sentence"])

    def unit(self, outcome: str) -> str:
        return str(self.results.manifest["outcomes"][outcome]["unit"])

    def in_words(self, sentence: str) -> str:
        return in_words(sentence, self.results.plan.case)


def as_it_was(results: Results) -> bool:
    """Whether a run follows the calendar in everything, so that the record is of what it tells."""
    scenario = results.plan.scenario
    default = all(scenario.rules[rule] == variants[0] for rule, variants in RULES.items())
    if scenario.levers or scenario.events or scenario.from_record is not None or scenario.sweep is not None or not default:
        return False
    return is_of(results.plan.case)


def _beside(results: Results) -> Results | None:
    """The newest run of the scenario that this one is to be compared with, on the same tables with the same luck, in the folder where
    this one lies."""
    name = results.plan.scenario.compare_with
    if name is None:
        return None
    room = results.folder.absolute().parents[1] / safe_name(Path(name).stem if name.endswith((".yaml", ".yml")) else name)
    for folder in sorted(room.glob("[0-9]*-*"), reverse=True):
        with suppress(InputError):
            other = Results.open(folder)
            if other.on_case is not None and results.on_case is not None and other.on_case.tables != results.on_case.tables:
                continue
            if other.manifest["worlds"] == results.manifest["worlds"] and not other.folder.samefile(results.folder):
                compare(other, results, results.outcomes[:1])  # refuses another luck
                return other
    return None
