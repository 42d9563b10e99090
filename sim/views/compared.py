"""What `chokepoint compare` prints: the headlines of a change, who gained and who lost, what each part of it did."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sim.analysis.decomposition import ALONE, TOGETHER, WHOLE, WITHOUT, Decomposition, Piece
from sim.analysis.differences import AGREE, CANNOT_SAY, NO_CHANGE, Difference
from sim.analysis.paired import ALL, AgentRow, Comparison
from sim.comparing import Compared, asked_of
from sim.refusal import InputError, nearest
from sim.tables import table, terminal_width, wrapped
from sim.views.difference_in_words import ALMOST_NONE, answer, factor, numbers, signed, spoken, words

# Of each kind of agents, the measure that is shown unless a kind is asked for.
TOLD = {"firm": "sales_to_vendor", "government": "level", "carrier": "swap_cost"}
ENDS = 3  # agents at either end; with --agents more
MORE_ENDS = 8
OFTEN = 0.1  # of the worlds: an agent that differs in fewer is not shown unless its kind is asked for


@dataclass(frozen=True)
class Asked:
    """outcomes: only these; by_year: every year too; kind: of agents, all measures; every: all outcomes"""

    outcomes: tuple[str, ...] = ()
    by_year: bool = False
    kind: str | None = None
    every: bool = False


def check(asked: Asked) -> None:
    """Refuse, before anything is run, what no run of this version has. InputError"""
    from sim.outcomes import MEASURES, OUTCOMES

    for name in asked.outcomes:
        if name not in OUTCOMES:
            raise InputError("--outcome", f'there is no outcome "{name}"{nearest(name, OUTCOMES)}')
    kinds = list(dict.fromkeys(measure.kind for measure in MEASURES))
    if asked.kind is not None and asked.kind not in kinds:
        hint = nearest(asked.kind, kinds) or f"; it is one of {', '.join(kinds)}"
        raise InputError("--agents", f'there are no agents of a kind "{asked.kind}"{hint}')


def as_text(told: Compared, asked: Asked) -> str:
    parts = []
    for found in told.comparisons:
        parts += _comparison(found, asked)
    parts += [wrapped(f"note: {remark}", hang=0) for remark in told.remarks]
    if told.taken_apart is not None:
        parts += taken_apart(told.taken_apart, shown(told.taken_apart.whole, asked) if asked.outcomes or asked.every else None)
    return "\n\n".join([*parts, wrapped(_how_to_read(told), hang=0)])


def as_json(told: Compared, asked: Asked) -> list[dict[str, Any]]:
    """The same numbers, unrounded."""
    found = []
    for one in told.comparisons:
        names = shown(one, asked)
        entry: dict[str, Any] = {
            "base": one.base.manifest["scenario"],
            "scenario": one.other.manifest["scenario"],
            "folders": [str(one.base.folder), str(one.other.folder)],
            "cases": [run.manifest.get("case") for run in (one.base, one.other)],
            "worlds": len(one.pairing),
            "seed": one.base.manifest["seed"],
            "months": one.base.manifest["months"],
            "notes": [*one.notes, *told.remarks],
            "outcomes": [_plain(row) for row in one.rows if row.outcome in names and (asked.by_year or row.year == ALL)],
            "agents": [_plain(row) for rows in agents_shown(one, asked) for row in rows],
        }
        if told.taken_apart is not None:
            pieces = {name: told.taken_apart.pieces(name) for name in names}
            entry["parts"] = [{"outcome": name} | _plain(piece) for name, some in pieces.items() for piece in some]
        found.append(entry)
    return found


def _plain(row: Difference) -> dict[str, Any]:
    """With null for what JSON cannot say."""
    return {name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in vars(row).items()}


def shown(found: Comparison, asked: Asked) -> list[str]:
    """The outcomes that are asked for; else those of the scenario's own question, then the headlines of every run."""
    if asked.outcomes:
        for name in asked.outcomes:
            if name not in found.outcomes:
                raise InputError("--outcome", f'these runs have no outcome "{name}"{nearest(name, found.outcomes)}')
        return list(dict.fromkeys(asked.outcomes))
    if asked.every:
        return found.outcomes
    from sim.outcomes import HEADLINES

    wanted = [name for name in dict.fromkeys((*asked_of(found.other), *HEADLINES)) if name in found.outcomes]
    return wanted or found.outcomes


def names(found: Comparison) -> tuple[str, str]:
    """Of the base and the other: their scenarios', with their cases' or their folders' where those are the same."""
    base, other = (run.manifest["scenario"] for run in (found.base, found.other))
    cases = [run.on_case for run in (found.base, found.other)]
    if base == other and cases[0] is not None and cases[1] is not None and cases[0].name != cases[1].name:
        return f"{base} on {cases[0].name}", f"{other} on {cases[1].name}"
    return (base, other) if base != other else (f"{base} ({found.base.folder.name})", f"{other} ({found.other.folder.name})")


def _comparison(found: Comparison, asked: Asked) -> list[str]:
    base, other = names(found)
    manifest = found.other.manifest
    head = [f"{other} against {base}: {len(found.pairing):,} pairs of worlds, {manifest['months']} months, seed {manifest['seed']}"]
    if manifest["question"]:
        head.append(manifest["question"])
    chosen = shown(found, asked)
    if not asked.outcomes and not asked.every:
        head += [f"  {answer(found, name)}" for name in asked_of(found.other) if name in chosen]
    parts = [wrapped("\n".join(head)), *_outcomes(found, chosen, asked)]
    moved = agents_shown(found, asked)
    named = spoken(found.other) if moved else {}
    parts += [_agents(rows, named) for rows in moved]
    if asked.kind is not None and not moved:
        parts.append(f"No {asked.kind} differs in any world.")
    return [*parts, *(wrapped(f"note: {note}", hang=0) for note in found.notes)]


def _outcomes(found: Comparison, chosen: Sequence[str], asked: Asked) -> list[str]:
    rows = [row for name in chosen for row in found.rows if row.outcome == name and (asked.by_year or row.year == ALL)]
    still = [name for name, some in groupby(rows, key=lambda r: r.outcome) if all(row.verdict == NO_CHANGE for row in some)]
    rows = [row for row in rows if row.outcome not in still]
    year = ["year"] if asked.by_year else []
    cells = [[row.outcome, *([str(row.year)] if year else [])] for row in rows]
    parts = [_fitted(["outcome", *year], cells, rows, error=bool(asked.outcomes))] if rows else []
    if still:
        parts.append(wrapped(f"No change in any world: {', '.join(still)}."))
    if rows:
        parts.append(wrapped(_units(found, list(dict.fromkeys(row.outcome for row in rows)))))
    return parts


def _units(found: Comparison, outcomes: Sequence[str]) -> str:
    """How the run's number comes from its months, and the unit, with the outcomes of one kind together."""
    entries = found.base.manifest["outcomes"]
    spans = {"sum": "Sums of the run", "mean": "Means of the run", "end": "At its end"}
    told = []
    for yearly, word in spans.items():
        units: dict[str, list[str]] = {}
        for name in outcomes:
            if entries[name]["yearly"] == yearly:
                units.setdefault(entries[name]["unit"], []).append(name)
        if units:
            told.append(f"{word}: " + "; ".join(f"{', '.join(some)} ({unit})" for unit, some in units.items()) + ".")
    return " ".join(told)


def _fitted(
    first: Sequence[str], names: Sequence[Sequence[str]], rows: Sequence[Difference], error: bool = False, pairing: bool = True
) -> str:
    """A row each, its name in the first columns, with as many digits and columns as the terminal has room for."""
    header: list[str] = []
    cells: list[list[str]] = []
    for digits, base in ((3, True), (2, True), (2, False)):
        header = [*first, *(["base"] if base else []), "change", "5 to 95 %", *(["factor"] if pairing else []), ""]
        cells = [
            [*name, *numbers(row, digits, error)[0 if base else 1 :], *([factor(row)] if pairing else []), words(row)]
            for name, row in zip(names, rows, strict=True)
        ]
        if sum(max(map(len, column)) + 2 for column in zip(header, *cells, strict=True)) - 2 <= terminal_width():
            return table(header, cells, numbers=len(header) - 2, merge=len(first) > 1)
    stacked = table(header, cells, numbers=len(header) - 2, merge=len(first) > 1)
    return f"{wrapped(first[0])}\n{stacked}" if first[0] not in stacked.split("\n")[0] else stacked


def agents_shown(found: Comparison, asked: Asked) -> list[list[AgentRow]]:
    """A list a measure in which some agent differs: those that rise most, then those that fall most. Over the whole run."""
    if asked.kind is not None:
        return _by_measure(found.agents(asked.kind, by_year=False), MORE_ENDS)
    if asked.outcomes or asked.every:
        return []
    lists = []
    for kind, measure in TOLD.items():
        if kind in found.kinds():
            rows = [row for row in found.agents(kind, by_year=False) if row.measure == measure]
            lists += _by_measure([r for r in rows if r.lower + r.higher >= OFTEN and abs(r.mean) > ALMOST_NONE * abs(r.base_mean)], ENDS)
    return lists


def _by_measure(rows: Sequence[AgentRow], most: int) -> list[list[AgentRow]]:
    found = []
    for _, some in groupby(rows, key=lambda r: r.measure):
        moved = sorted((r for r in some if r.verdict != NO_CHANGE and r.worlds), key=lambda r: -r.mean)
        up = [r for r in moved if r.mean > 0][:most]
        down = [r for r in moved if r.mean < 0][-most:]
        if up or down:
            found.append([*up, *down])
    return found


def _agents(rows: Sequence[AgentRow], named: dict[str, str]) -> str:
    first = rows[0]
    unit = f", {first.unit}" if first.unit else ""
    cells = [[named.get(row.agent, row.agent)] for row in rows]
    return _fitted([f"{first.kind}: {first.measure}{unit}"], cells, rows, pairing=False)


def taken_apart(found: Decomposition, outcomes: Sequence[str] | None = None) -> list[str]:
    """A table an outcome: by default those of the scenario's question."""
    chosen = outcomes or asked_of(found.whole.other) or shown(found.whole, Asked())[:1]
    return [_taken(name, found.pieces(name), found.whole.base.manifest["outcomes"][name]["unit"]) for name in chosen]


def _taken(outcome: str, pieces: Sequence[Piece], unit: str) -> str:
    alone, without = ({p.part: p for p in pieces if p.what == what} for what in (ALONE, WITHOUT))
    whole, together = (next(p for p in pieces if p.what == what) for what in (WHOLE, TOGETHER))

    def cells(piece: Difference) -> list[str]:
        return [signed(piece.mean), f"{signed(piece.p5)} to {signed(piece.p95)}"]

    rows = [[part, *cells(one), signed(without[part].mean), words(one)] for part, one in alone.items()]
    rows += [["interaction", *cells(together), "", words(together)], ["whole change", *cells(whole), "", words(whole)]]
    return table([f"{outcome}, {unit}", "alone", "5 to 95 %", "all but it", ""], rows, numbers=3)


def _how_to_read(told: Compared) -> str:
    text = (
        "base: its mean; change: the mean of the differences, world by world; 5 to 95 %: the band that holds nine in ten of them. "
        f"{CANNOT_SAY}: of the worlds that differ fewer than {AGREE * 10:.0f} in ten agree on the sign, or the mean may well be 0. "
        "factor: how many times wider the interval of the mean would be, had the runs not been paired."
    )
    if told.taken_apart is not None:
        text += " alone: what a part does by itself; all but it: what the change does without it; interaction: the whole less all alones."
    return text
