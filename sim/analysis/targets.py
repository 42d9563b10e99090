"""A file of targets: figures that were observed, and how well each is known. docs/targets.md explains its columns."""

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.analysis.measures import Measure, parse
from sim.batch.summary import in_words
from sim.case import Case
from sim.from_record import FOLDER
from sim.parameters import RULES, find
from sim.refusal import InputError, nearest
from sim.scenario import Scenario
from sim.text_file import printable, read_text

OURS = FOLDER / "targets.csv"  # what Chokepoint is held against
ROLES = ("input", "fitted", "reproduced by construction", "predicted")
NEEDED = ("measure", "selector", "date", "value", "observation_sd", "discrepancy_sd", "role", "source")
OPTIONAL = ("name", "unit", "how", "low", "high", "when", "known_miss", "why", "trial", "trial_low", "trial_high")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_SETTING = re.compile(r"([^=\s]+)=([^=\s]+)")
MOST = 2_000


@dataclass(frozen=True)
class Target:
    """A figure that was observed.

    observation_sd: how well it is known; discrepancy_sd: how near a right model could come; both in its unit, set beforehand
    role: input (put in), fitted (looked at when a number was set), reproduced by construction, or predicted
    record_low, record_high: where the record is itself a range; else its value
    when: settings under which alone it is a test ("rules.talks_mode=free"); known_miss: why the model is known to miss it
    trial, trial_low, trial_high: median, 5 and 95 % of the run in which the rules were first fitted; NaN where there is none
    """

    name: str
    measure: Measure
    value: float
    observation_sd: float
    discrepancy_sd: float
    role: str
    source: str
    unit: str
    record_low: float
    record_high: float
    when: tuple[tuple[str, str], ...] = ()
    known_miss: str = ""
    why: str = ""
    trial: float = math.nan
    trial_low: float = math.nan
    trial_high: float = math.nan

    @property
    def sd(self) -> float:
        """Observation and discrepancy together."""
        return math.hypot(self.observation_sd, self.discrepancy_sd)

    @property
    def last(self) -> int:
        """The last month that it needs."""
        return self.measure.last

    def off(self, value: float) -> float:
        """How far a value is from the record; none within its range."""
        return max(self.record_low - value, value - self.record_high, 0.0)

    def applies(self, scenario: Scenario) -> bool:
        """Whether the scenario is set as the target asks."""
        return all(_is_set(scenario, path, value) for path, value in self.when)


def _is_set(scenario: Scenario, path: str, value: str) -> bool:
    rule = path.removeprefix("rules.")
    if path.startswith("rules."):
        return scenario.rules.get(rule, RULES[rule][0]) == value
    entry = find(path)
    held = scenario.levers.get(path, scenario.constants.get(path, entry.value if entry is not None else None))
    return isinstance(held, float) and held == float(value)


def read_targets(path: Path | str, case: Case) -> list[Target]:
    """InputError, with file and line, at the first thing that is wrong."""
    file = Path(path)
    shown = printable(str(path), 200)
    rows = _rows(read_text(file, shown, "a CSV file of targets (docs/targets.md)"), shown)
    targets = [_target(row, f"{shown}:{line}", case) for line, row in rows]
    seen: dict[str, int] = {}
    for target, (line, _) in zip(targets, rows, strict=True):
        if target.name in seen:
            what = f'the target "{printable(target.name)}" stands there twice, first in line {seen[target.name]}; give each its own name'
            raise InputError(f"{shown}:{line}", what)
        seen[target.name] = line
    return targets


def _rows(text: str, shown: str) -> list[tuple[int, dict[str, str]]]:
    """Each row with the line on which it starts. Lines that begin with # are left out."""
    lines = text.splitlines(keepends=True)
    kept = "".join("\n" if line.startswith("#") else line for line in lines)
    reader = csv.reader(io.StringIO(kept, newline=""), strict=True)
    heading: list[str] = []
    found: list[tuple[int, dict[str, str]]] = []
    start = 1
    try:
        for cells in reader:
            at, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not heading:
                heading = _heading([cell.strip() for cell in cells], f"{shown}:{at}")
                continue
            if len(cells) != len(heading):
                what = f"has {len(cells)} cells where the header has {len(heading)}; put text with a comma in double quotes"
                raise InputError(f"{shown}:{at}", what)
            if len(found) == MOST:
                raise InputError(f"{shown}:{at}", f"has more than {MOST:,} targets")
            found.append((at, dict(zip(heading, (cell.strip() for cell in cells), strict=True))))
    except csv.Error as error:
        raise InputError(f"{shown}:{reader.line_num}", f"is not well-formed CSV: {error}") from None
    if not found:
        raise InputError(shown, "has no targets; its first line names the columns, and each further line is one")
    return found


def _heading(titles: Sequence[str], where: str) -> list[str]:
    known = (*NEEDED, *OPTIONAL)
    for place, title in enumerate(titles):
        if title not in known:
            hint = nearest(title, known) or f"; known are {', '.join(known)}"
            raise InputError(where, f'there is no column "{printable(title)}"{hint}')
        if title in titles[:place]:
            raise InputError(where, f'the column "{title}" stands there twice; keep one')
    for title in NEEDED:
        if title not in titles:
            raise InputError(where, f'the column "{title}" is missing; a targets file has {", ".join(NEEDED)}')
    return list(titles)


def _target(row: dict[str, str], where: str, case: Case) -> Target:
    if not row["measure"]:
        raise InputError(f"{where} (measure)", "is blank; give a measure such as filings, or filings@2019-07")
    measure = parse(
        row["measure"], case, selector=row["selector"], date=row["date"], how=row.get("how", ""), where=f"{where} (measure)"
    )  # fmt: skip
    value = _number(row, "value", where)
    observation, discrepancy = (_number(row, column, where, least=0) for column in ("observation_sd", "discrepancy_sd"))
    if observation == discrepancy == 0 and not measure.event:
        what = "observation_sd and discrepancy_sd are both 0; say how well the figure is known, and how near a right model could come"
        raise InputError(where, what)
    if measure.event and value not in (0, 1):
        raise InputError(f"{where} (value)", f'"{row["value"]}" is wrong; {measure.text} either holds (1) or does not (0)')
    if row["role"] not in ROLES:
        hint = nearest(row["role"], ROLES) or f"; it is one of {', '.join(ROLES)}"
        raise InputError(f"{where} (role)", f'"{printable(row["role"])}" is no role{hint}')
    if not row["source"]:
        raise InputError(f"{where} (source)", "is blank; say where the figure is from")
    low, high = (_number(row, column, where) if row.get(column) else value for column in ("low", "high"))
    if not low <= value <= high:
        raise InputError(f"{where} (low, high)", f"the value {value:g} does not lie between {low:g} and {high:g}")
    trial = [_number(row, column, where) if row.get(column) else math.nan for column in ("trial", "trial_low", "trial_high")]
    name, unit = row.get("name") or measure.text, row.get("unit") or in_words(measure.unit, case)
    when = _settings(row.get("when", ""), f"{where} (when)")
    about = row["role"], row["source"], unit, low, high, when, row.get("known_miss", ""), row.get("why", "")
    return Target(name, measure, value, observation, discrepancy, *about, *trial)


def _number(row: dict[str, str], column: str, where: str, least: float = -math.inf) -> float:
    text = row[column]
    at = f"{where} ({column})"
    if not text:
        raise InputError(at, "is blank; give a number")
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise InputError(at, f'"{printable(text)}" is no number; write for example 18.7')
    if float(text) < least:
        raise InputError(at, f"{text} is below {least:g}; a spread is {least:g} or more")
    return float(text)


def _settings(text: str, where: str) -> tuple[tuple[str, str], ...]:
    """Settings with blanks between them."""
    found = []
    for part in text.split():
        setting = _SETTING.fullmatch(part)
        if not setting:
            raise InputError(where, f'"{printable(part)}" is no setting; write for example rules.talks_mode=free')
        path, value = setting.groups()
        rule = path.removeprefix("rules.")
        if path.startswith("rules."):
            if rule not in RULES:
                raise InputError(where, f'there is no rule "{printable(rule)}"{nearest(rule, RULES)}')
            if value not in RULES[rule]:
                raise InputError(where, f'"{printable(value)}" is none of {", ".join(RULES[rule])}{nearest(value, RULES[rule])}')
        elif find(path) is None or not _NUMBER.fullmatch(value):
            raise InputError(where, f'"{printable(part)}" is no setting of a number that Chokepoint knows; see `chokepoint parameters`')
        found.append((path, value))
    return tuple(found)
