"""What a scenario file may say, and what it says when you get it wrong.

A scenario is one question on a case: levers, uncertainties, constants, dated events, named variants of rules, and a run.
It may extend another; what it writes replaces what its parent wrote, path by path.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sim import inheritance
from sim.answer import Answer
from sim.case import case_folder, shipped_cases
from sim.case_checks import set_by_law
from sim.inheritance import shipped
from sim.parameters import PARAMETERS, RULES, find, row_of
from sim.prior import Merging, Prior
from sim.refusal import InputError, nearest
from sim.scenario_file import spread_written, written_out
from sim.sections import Event, LeverValue, Said, read_sections
from sim.shipped import SHIPPED
from sim.strict_yaml import Document, Plain, read_value
from sim.sweep import Sweep
from sim.text_file import printable
from sim.uncertainty import Joint, Spread
from sim.worlds import Numbers

__all__ = ["Answer", "Event", "Run", "Scenario", "read", "shipped"]


@dataclass(frozen=True)
class Run:
    """How a scenario is run. months are counted from January 2018; block: worlds that one process computes together.

    record: what is kept of agents (outcomes: nothing; agents: all; analysed: only what the outcomes in `analysed` need)
    until: stop with fewer worlds when this is known well enough, such as "lost_sales +-2%"
    """

    worlds: int = 1000
    seed: int = 2019
    months: int = 96
    block: int = 512
    record: str = "agents"
    analysed: tuple[str, ...] = ()
    until: str = ""


class _Table(Protocol):
    @property
    def key(self) -> Sequence[str]: ...

    @property
    def numbers(self) -> Mapping[str, Numbers]: ...


class _Case(Protocol):
    def __getitem__(self, table: str, /) -> _Table: ...


@dataclass(frozen=True)
class Scenario:
    """One question on a case, all inheritance resolved.

    levers: undated ones at a number; dated ones at a number (every month), at rows {date: value} in place of the calendar's
        rows of that lever, or at {} (no rows); a dated lever that is not here follows the calendar
    joints: tables of the case whose paths are drawn together; a path named in any section is not drawn from its table
    events: rows added to the calendar after everything else
    rules: every rule's variant, defaults filled in
    prior: the sample from whose rows most uncertain numbers are taken; None: each is drawn from its own spread
    no_sample: the name of one that the scenario asks for and the case it was moved to does not have; "" mostly
    from_record: the month to which levels and awards are the record's; None: the run makes its own from January 2018 on
    sweep: what a run varies, and how; its worlds are then points x replicates
    files: every file read, eldest parent first; places: file and line of each path; own: paths that the youngest file or
        --set wrote. Where a scenario came from (these, its name and the case's folder) is no part of its equality.
    """

    name: str = field(compare=False)
    title: str
    question: str
    case: str
    case_folder: Path = field(compare=False)
    prior: Prior | None
    levers: dict[str, LeverValue]
    uncertainties: dict[str, Spread]
    joints: tuple[str, ...]
    constants: dict[str, float]
    events: tuple[Event, ...]
    rules: dict[str, str]
    from_record: str | None
    compare_with: str | None
    answer: Answer | None = field(compare=False)
    sweep: Sweep | None
    run: Run
    no_sample: str = field(compare=False, repr=False)
    files: tuple[Path, ...] = field(compare=False)
    places: dict[str, str] = field(compare=False, repr=False)
    own: frozenset[str] = field(compare=False, repr=False)

    def check_against(self, case: _Case) -> None:
        """Refuse a path whose row the case does not have, and a joint whose table it does not have or cannot be drawn from.

        InputError with the scenario's line.
        """
        paths = [(path, path) for section in (self.levers, self.uncertainties, self.constants) for path in section]
        paths += [(event.lever, f"event {event.lever} {event.date}") for event in self.events]
        paths += [(path, "prior") for path in (self.prior.taken if self.prior is not None else ())]
        for path, place in paths:
            entry = find(path)
            if entry is not None and entry.over:
                known, row = list(self._table(case, entry.over, place).key), row_of(path)
                if row not in known:
                    what = f'"{printable(path)}": {entry.over}.csv has no row "{printable(row)}"{nearest(row, known)}'
                    raise InputError(self.places.get(place, self.name), what)
                if clash := set_by_law(case, path):
                    raise InputError(self.places.get(place, self.name), clash)
        for joint in self.joints:
            table = self._table(case, joint, "joint")
            try:
                Joint.from_table(f"{joint}.csv", table.numbers)
            except InputError as error:
                raise InputError(self.places.get("joint", self.name), f"`joint` cannot draw from {error}") from None

    def _table(self, case: _Case, table: str, place: str) -> _Table:
        try:
            return case[table]
        except KeyError:
            where = self.places.get(place, self.name)
            raise InputError(where, f'the case "{printable(self.case)}" has no table {printable(table)}.csv') from None

    def resolved(self, case: str | None = None) -> str:
        """A scenario file that says the same and extends nothing. case: another way to name the case, such as "case" for a
        copy of its tables beside the file."""
        return written_out(self, self.case if case is None else case, copied=case is not None)


def read(name_or_path: str, sets: Sequence[str] = (), case: str | None = None) -> Scenario:
    """A shipped scenario or a file, with what it inherits and what --set path=value adds, all of it checked.

    case: a shipped one or a folder as seen from here, in the place of the scenario's own
    InputError (file and line, or the option) for whatever is wrong.
    """
    documents = inheritance.chain(str(name_or_path))
    files = [read_sections(document) for document in documents]
    given = _from_command_line(sets)
    return _merged(files, given, documents[-1], case)


def _from_command_line(sets: Sequence[str]) -> list[Said]:
    seen: set[str] = set()
    said = []
    for text in sets:
        where = f"--set {printable(text)}"
        path, equals, written = text.partition("=")
        path = path.strip()
        if not equals or not path or not written.strip():
            raise InputError(where, "write path=value, such as --set run.worlds=50")
        if path in seen:
            raise InputError(where, f'"{printable(path)}" is set twice; keep one')
        seen.add(path)
        value = read_value(written, where)
        section, name = ("prior", "") if path == "prior" else _section_of(path, value, where)
        said.append(read_sections(Document(where, {section: {name: value} if name else value}, {})))
    return said


def _section_of(path: str, value: Plain, where: str) -> tuple[str, str]:
    first, _, rest = path.partition(".")
    if first in ("run", "rules") and rest:
        return first, rest
    entry = find(path)
    if entry is None:
        known = ["prior", *PARAMETERS, *(f"run.{f.name}" for f in dataclasses.fields(Run)), *(f"rules.{rule}" for rule in RULES)]
        parts = path.split(".")
        known = [k.replace("*", parts[1]) if len(parts) == 3 else k for k in known]
        raise InputError(where, f'there is no parameter or lever "{printable(path)}"{nearest(path, known)}')
    if entry.kind == "dated":
        return "levers", path
    if value == "range" or isinstance(value, dict | list):
        return "uncertainties", path
    return ("levers" if entry.kind == "lever" else "constants"), path


def _merged(files: Sequence[Said], given: Sequence[Said], youngest: Document, instead: str | None) -> Scenario:
    levers: dict[str, LeverValue] = {}
    uncertainties: dict[str, Spread] = {}
    constants: dict[str, float] = {}
    events: dict[tuple[str, str], Event] = {}
    rules = {rule: variants[0] for rule, variants in RULES.items()}
    joints: tuple[str, ...] = ()
    start, sweep = "", None
    compare_with: str | None = None
    run: dict[str, int | str | tuple[str, ...]] = {}
    places: dict[str, str] = {}
    case, folder = "", Path()
    prior = Merging()
    for said in (*files, *given):
        document, before = said.document, folder
        spoken = (*said.levers, *said.uncertainties, *said.constants)
        for path in spoken:
            levers.pop(path, None)
            uncertainties.pop(path, None)
            constants.pop(path, None)
        levers.update({path: value for path, value in said.levers.items() if value is not None})
        uncertainties.update(said.uncertainties)
        constants.update(said.constants)
        joints = joints if said.joints is None else said.joints
        if said.events is not None:
            events = {**events, **{(e.date, e.lever): e for e in said.events}} if said.events else {}
        rules.update(said.rules)
        start = start if said.start is None else said.start
        sweep = said.sweep if "sweep" in said.document.data else sweep
        run.update(said.run)
        places.update(said.places)
        if said.case is not None:
            folder = inheritance.case_of(document, said.case, document.where("case"))
            case = inheritance.seen_from(document, said.case, youngest, said.case in shipped_cases())
        if said.compare_with is not None:
            is_shipped = not inheritance.is_file_name(said.compare_with)
            compare_with = inheritance.seen_from(document, said.compare_with, youngest, is_shipped)
        prior.file(document, said.prior, spoken, folder != before, said.joints is not None)
    if instead is not None:
        before, folder = folder, case_folder(instead, Path(), "--case")
        case = _named_from_here(instead, folder)
        prior.move(case != "" and not (before.is_dir() and folder.samefile(before)))
    if not case:
        cases = shipped_cases()
        if len(cases) != 1:
            example = cases[0] if cases else "mycase"
            raise InputError(f"{youngest.name}:1", f"the scenario names no case; write one, such as `case: {example}`")
        case, folder = cases[0], SHIPPED / "cases" / cases[0]
    last, name = files[-1], youngest.path.stem if youngest.path is not None else youngest.name
    return Scenario(
        name=name,
        title=last.title or name,
        question=last.question or "",
        case=case,
        case_folder=folder,
        prior=prior.settle(folder, youngest, {path: spread_written(x) for path, x in uncertainties.items()}, {*levers, *constants}),
        no_sample=prior.missing,
        levers=levers,
        uncertainties=uncertainties,
        joints=joints,
        constants=constants,
        events=tuple(sorted(events.values(), key=lambda e: (e.date, e.lever))),
        rules=rules,
        from_record=start or None,
        compare_with=compare_with,
        answer=last.answer,
        sweep=sweep,
        run=_run(run | ({} if sweep is None else {"worlds": sweep.worlds}), youngest, (*files, *given)),
        files=tuple(said.document.path for said in files if said.document.path is not None),
        places=places,
        own=frozenset(path for said in (last, *given) for path in said.places),
    )


def _named_from_here(written: str, folder: Path) -> str:
    """How a case that the command line names is called: by its folder's name, wherever that lies."""
    name = folder.resolve().name
    return written if written in shipped_cases() else f"./{name}" if name in shipped_cases() else name


def _run(values: Mapping[str, int | str | tuple[str, ...]], youngest: Document, said: Sequence[Said]) -> Run:
    run = Run(**values)  # type: ignore[arg-type]
    if (run.record == "analysed") != bool(run.analysed):
        spoke = next((s.document for s in reversed(said) if {"record", "analysed"} & s.run.keys()), youngest)
        where = spoke.where("run", "analysed" if "analysed" in _table(spoke, "run") else "record")
        raise InputError(where, "run.analysed names outcomes if, and only if, run.record is analysed; write both or neither")
    return run


def _table(document: Document, section: str) -> dict[str, Plain]:
    value = document.data.get(section)
    return value if isinstance(value, dict) else {}
