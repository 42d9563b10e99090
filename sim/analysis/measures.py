"""The measure language: what of a run is looked at, of whom, and when. docs/targets.md explains it.

    filings@2019-05..2019-07-23            government.level[DEU]@2024-12            firm.sales_to_vendor[Intel; Micron]@2022
    group.used[memory]@2020-Q4 / group.used[memory]@2020-Q2                         government.level@2020-12 >= 1
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from sim.analysis.quantities import KINDS, QUANTITIES, Quantity
from sim.analysis.spans import Span, span
from sim.case import Case
from sim.refusal import InputError, nearest
from sim.text_file import printable

HOWS = ("sum", "mean", "end", "most", "least")  # and "reaches 5"
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_TERM = re.compile(r"([^\[\]@]+?)\s*(?:\[([^\[\]]*)\])?\s*(?:@\s*(\S+)\s*(.*))?")
_REACHES = re.compile(rf"reaches\s+({_NUMBER})")
_LEAST = re.compile(rf"(.*?)\s*>=\s*({_NUMBER})\s*")
_BETWEEN = re.compile(r"/|\s+percent\s+of\s+")
_AVERAGED = ("share", "sensitivity", "level", "months", "index")  # units that make no sense added up over agents


@dataclass(frozen=True)
class Term:
    """One number a world. agents: their names as the model has them, () for all of the kind, or where it is an outcome

    how: how the span's months make one number; reaches: with this how, the value whose month is sought
    least: if given, the number is how many agents come to at least this (of an outcome: 0 or 1)
    """

    quantity: Quantity
    agents: tuple[str, ...]
    span: Span
    how: str
    reaches: float = math.nan
    least: float | None = None

    @property
    def unit(self) -> str:
        if self.least is not None:
            return "0 or 1" if self.single else KINDS[self.quantity.kind]
        return "months since January 2018" if self.how == "reaches" else self.quantity.unit

    @property
    def single(self) -> bool:
        """Whether it is of one agent, or of none."""
        return self.quantity.kind == "" or len(self.agents) == 1

    @property
    def added(self) -> bool:
        """Whether agents are added up, and not averaged."""
        return self.least is not None or (self.how != "reaches" and not self.quantity.unit.startswith(_AVERAGED))


@dataclass(frozen=True)
class Measure:
    """A term, or what the first of two is of the second: as a ratio, or in percent."""

    text: str
    terms: tuple[Term, ...]
    factor: float = 1.0

    @property
    def last(self) -> int:
        """The last month that it needs."""
        return max(term.span.last for term in self.terms)

    @property
    def unit(self) -> str:
        return self.terms[0].unit if len(self.terms) == 1 else "percent" if self.factor == 100 else "ratio"

    @property
    def event(self) -> bool:
        """Whether it is 0 or 1: something that happens or does not."""
        return self.unit == "0 or 1"

    @property
    def level(self) -> bool:
        """Whether it is one government's level, 0 to 3."""
        return len(self.terms) == 1 and self.terms[0].single and self.unit.startswith("level")


def parse(text: str, case: Case, *, selector: str = "", date: str = "", how: str = "", where: str = "measure") -> Measure:
    """A measure as it is written. InputError (at `where`) with the nearest name if it is none.

    selector, date, how: of the columns of a targets file; they hold where the text itself says nothing
    """
    pieces, marks = _cut(text)
    if len(pieces) > 2 or not all(piece.strip() for piece in pieces):
        raise InputError(where, f'"{printable(text)}" is no measure; write one, or two with / or "percent of" between them')
    terms = tuple(_term(piece.strip(), case, selector.strip(), date.strip(), how.strip(), where) for piece in pieces)
    said = f"{text.strip()}{f'[{selector}]' if selector else ''}{f'@{date}' if date else ''}{f' {how}' if how else ''}"
    return Measure(said, terms, 100.0 if marks and "percent" in marks[0] else 1.0)


def _cut(text: str) -> tuple[list[str], list[str]]:
    """The terms and what stands between them; agents' names, in brackets, may hold a stroke."""
    outside = re.sub(r"\[[^\[\]]*\]", lambda m: "[" + "_" * (len(m.group()) - 2) + "]", text)
    pieces, marks, start = [], [], 0
    for mark in _BETWEEN.finditer(outside):
        pieces.append(text[start : mark.start()])
        marks.append(mark.group())
        start = mark.end()
    return [*pieces, text[start:]], marks


def _term(text: str, case: Case, selector: str, date: str, how: str, where: str) -> Term:
    bare, least = text, None
    if found := _LEAST.fullmatch(text):
        bare, least = found.group(1), float(found.group(2))
    parts = _TERM.fullmatch(bare.strip())
    if not parts:
        raise InputError(where, f'"{printable(text)}" is no measure; write for example filings@2019-07 or government.level[DEU]@2020-12')
    name, agents, when, way = parts.groups()
    quantity, named = _quantity(name.strip(), case, where)
    chosen = agents if agents is not None else selector
    if named and chosen.strip():
        raise InputError(where, f'"{printable(text)}" names its vendor twice; leave the brackets out')
    when = when or date
    if not when:
        what = f'"{printable(text)}" has no date; write {printable(name.strip())}@2019, @2019-07, @2019-Q3 or @2019-05..2020-06'
        raise InputError(where, what)
    between = span(when, where)
    way, reaches = _how(way or how, quantity, where)
    if between.day and way in ("sum", "mean") and quantity.yearly != "end":
        raise InputError(where, f"one day is no time for {quantity.full}, which is counted by month; write ..{when} for all up to that day")
    return Term(quantity, named or _agents(chosen, quantity, case, where), between, way, reaches, least)


def _how(text: str, quantity: Quantity, where: str) -> tuple[str, float]:
    text = " ".join(text.split())
    if not text:
        return quantity.yearly, math.nan
    if found := _REACHES.fullmatch(text):
        return "reaches", float(found.group(1))
    if text not in HOWS:
        hint = nearest(text, HOWS) or f"; known are {', '.join(HOWS)} and reaches with a number"
        raise InputError(where, f'"{printable(text)}" is no way to make one number of months{hint}')
    return text, math.nan


def _quantity(name: str, case: Case, where: str) -> tuple[Quantity, tuple[str, ...]]:
    """What a name means, and the vendor whose name it starts with."""
    if name in QUANTITIES:
        return QUANTITIES[name], ()
    kind, dot, rest = name.partition(".")
    vendors, key = case["vendors"], kind.strip().lower()
    names = [_vendor(i, case) for i in range(len(vendors))]
    own = key == "vendor" or next((row for row, known in enumerate(names) if key in known), None)
    if dot and own is not None:
        listed = own is True or bool(vendors["listed_candidate"][own])
        if f"vendor.{rest}" in QUANTITIES and own is not True:
            return QUANTITIES[f"vendor.{rest}"], (vendors.key[own],)
        if listed and rest in QUANTITIES and QUANTITIES[rest].kind == "":
            return QUANTITIES[rest], ()
        if not listed:
            of_any = [known.removeprefix("vendor.") for known in QUANTITIES if known.startswith("vendor.")]
            what = f'of {kind} there is no "{printable(rest)}"; of a vendor that is not listed there are {", ".join(of_any)}'
            raise InputError(where, what)
        name = rest
    hint = nearest(name, QUANTITIES) or "; `chokepoint outcomes` lists them, and docs/targets.md those of agents"
    raise InputError(where, f'there is no measure "{printable(name)}"{hint}')


def _vendor(row: int, case: Case) -> set[str]:
    return {case["vendors"].key[row].lower(), str(case["vendors"]["vendor"][row]).lower()}


def _agents(text: str, quantity: Quantity, case: Case, where: str) -> tuple[str, ...]:
    """The agents in brackets, as the model names them."""
    if not text.strip():
        return ()
    if quantity.kind == "":
        raise InputError(where, f'{quantity.full} is one number for all: leave "[{printable(text)}]" out')
    known = names_of(quantity.kind, case)
    whole = known.get(text.strip().lower())
    found = [whole] if whole is not None else []
    for one in [] if found else text.split(";"):
        agent = known.get(one.strip().lower())
        if agent is None:
            hint = nearest(one.strip(), _spellings(quantity.kind, case)) or f"; {KINDS[quantity.kind]} are named as in the case's tables"
            raise InputError(where, f'the case has no {quantity.kind} "{printable(one.strip())}"{hint}')
        if agent in found:
            raise InputError(where, f'"{printable(one.strip())}" stands in the brackets twice; name it once')
        found.append(agent)
    return tuple(found)


def names_of(kind: str, case: Case) -> dict[str, str]:
    """Every name that an agent of a kind may be called by, in small letters -> its name in the model."""
    if kind == "firm":
        return {name.lower(): name for name in case["firm_sales_by_group"]["firm"]}
    if kind == "side":
        sides = [(row["iso3"], row["role"]) for row in case["governments"].rows()]
        found = {"persuader": "controller", "target_home": "target"}
        return {alias.lower(): iso3 for iso3, role in sides if role in found for alias in (iso3, found[role])}
    table = case[{"government": "governments", "group": "input_groups", "carrier": "carriers", "vendor": "vendors"}[kind]]
    other = {"government": "name", "carrier": "carrier", "vendor": "vendor"}.get(kind)
    known: dict[str, str] = {}
    if other is not None:  # where two share a name, only the key tells them apart
        names = [str(name).lower() for name in table[other]]
        known = {name: key for name, key in zip(names, table.key, strict=True) if names.count(name) == 1}
    return known | {key.lower(): key for key in table.key}


def _spellings(kind: str, case: Case) -> Iterable[str]:
    known = names_of(kind, case)
    return [*known, *known.values()]
