"""One step of a month alone: a model is put where it stood before the step, something it might read is shifted, and all that moves
is named. The words are those of docs/model.md, "What each step reads and writes".
"""

import copy
import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sim.worlds import Pairs

PAGE = Path(__file__).parents[1] / "docs" / "model.md"
HEADING = "### What each step reads and writes"
MODES = ("dated", "free")

# The calls of TradeModel.step, by step, in their order: (who, method).
STEPS = {
    1: [("now", "turn")],
    2: [("vendor", "sense_threat")],
    3: [("model", "_talk")],
    4: [("licensing", "forget"), ("authority", "turn_the_page"), ("authority", "set_line")],
    5: [("licensing", "reach"), ("firms", "hear"), ("firms", "file")],
    6: [("authority", "decide"), ("model", "clear_the_way")],
    7: [("firms", "learn")],
    8: [("vendor", "order")],
    9: [("vendor", "redesign")],
    10: [("ledger", "settle")],
    11: [("persuasion", "advance")],
    12: [("procurement", "step")],
}

# Where the words of the table stand: patterns of places, "who.attribute" and further down where that holds several.
DATED = {
    "law.listing": "now.listed now.freed", "law.fdpr_own_announced": "now.own", "law.fdpr_all_announced": "now.announced",
    "law.fdpr_in_force": "now.in_force now.lapses", "law.tgl": "now.tgl", "law.offshore_cleared": "now.cleared",
    "licensing.base_line": "now.base", "licensing.freeze": "now.frozen", "licensing.revoke_all": "now.swept", "licensing.statement": "now.said",
    "talks.statement": "now.promised", "talks.bargain": "now.bargain", "talks.agenda": "now.agenda",
    "talks.election": "now.election", "talks.emergency": "now.emergency", "talks.control_tightened": "now.tightened",
    "tariff.on_target": "now.tariff", "tariff.on_controller": "now.tariff_on_controller", "threat.arrest": "now.arrest",
    "demand.services_loss": "now.services_lost", "demand.brand_sale": "now.brand_sold",
    "demand.new_business": "now.new_business_months",
}  # fmt: skip
STATES = {
    "threat": "supply.threat", "effort": "supply.effort", "domestic": "supply.domestic", "qualified": "supply.qualified",
    "tariffs of talks": "talks.added_on_.*", "bargain of talks": "talks.bargain", "pending threat": "talks.announced talks.due",
    "restriction": "talks.restriction", "trust": "talks.trust", "spell": "talks.in_talks talks.talked talks.months talks.spell",
    "offers": "talks.offers.*", "deal": "talks.deal", "promise": "talks.(promised|kept|promise_so_far|kept_so_far)",
    "table": "talks.seat.* talks.ceiling talks.cap talks.given talks.dial",
    "events of talks": "talks.happened.* talks.points.* talks.left_on_table talks.delay_.*",
    "delisting": "now.delisted talks.delisted",
    "line": "licensing.line", "states": "lines.state", "clocks": "lines.clock", "read marks": "lines.read",
    "answers": "licensing.happened.(approved|intended)",
    "events of licensing": "licensing.happened.(?!approved|intended).* licensing.released_from",
    "covered": "lines.covered lines.may_file licensing._law.* licensing._free_sales",
    "mean": "licensing.mean", "variance": "licensing.variance firms.shrunk", "legal sales": "licensing.legal_sales",
    "demand": "supply.demand supply.growth", "need": "supply.need",
    "capacity": "supply.capacity.* supply.ships supply.unnamed_.*", "legal shares": "supply.legal_.*",
    "purchases": "supply.bought.*", "use": "supply.used", "output": "supply.output",
    "stock": "supply.stock supply.opening supply.own_chips", "content": "supply.content",
    "differences": "ledger.difference.* ledger._.*", "lost sales": "ledger.lost", "resold": "ledger.resold ledger.resold_year",
    "spill-over": "ledger.spill_over",
    "belief in the threat": "persuasion.belief", "doubt": "persuasion.doubt persuasion._announced persuasion._in_force",
    "supply doubt": "persuasion.supply", "levels": "persuasion.level persuasion.own persuasion.peers persuasion._looked_at",
    "taste": "persuasion.taste", "carrots": "persuasion.spent persuasion._carrots persuasion._sticks persuasion._coercion",
    "decisions": "persuasion.happened.*",
    "awards": "procurement.awarded procurement.chose_.*", "orders": "orders._codes procurement.buying procurement.bought.*",
    "shares": "procurement.(share5g|restricted5g|has5g|left4g|grown4g)",
    "months of exclusion": "procurement.excluded procurement._last_excluded",
    "swaps": "procurement.removed procurement.swap_cost", "carriers' spending": "market.spending market._level",
    "share of 2020": "procurement._share_then",
}  # fmt: skip
CALENDAR = {
    "persuasion.pressure": "calendar.values.persuasion.pressure", "government.*.level": "calendar.values.government.*",
    "the calendar": "calendar.values.(?!persuasion.pressure|government).*",
}  # fmt: skip
WORDS = {**DATED, **STATES, **CALENDAR}
CLOCKS = ("now.month", "procurement.month", "model.steps")  # months are counted, not read
MEMOS = "licensing._law.*|persuasion._looked_at"  # for what a table was last written: kept, but never shifted alone
SHIFTS = ("other", "nothing")  # another number, or 0


def holders(model) -> dict[str, Any]:
    return {
        "now": model.now, "calendar": model.now._calendar, "licensing": model.licensing, "lines": model.licensing.lines,
        "supply": model.supply, "ledger": model.ledger, "talks": model.talks, "persuasion": model.persuasion,
        "procurement": model.procurement, "orders": model.procurement.orders, "market": model.procurement.market,
        "firms": model.firms, "authority": model.authority, "vendor": model.listed_vendor, "model": model,
    }  # fmt: skip


# --- everything a model holds -------------------------------------------------------------------------------------------------


def parts(x: Any) -> Iterator[tuple[str, Any]]:
    """What a holder of several numbers holds, by key."""
    if isinstance(x, dict):
        yield from ((str(key), value) for key, value in x.items())
    elif hasattr(x, "_fields"):
        yield from ((name, getattr(x, name)) for name in x._fields)
    elif dataclasses.is_dataclass(x):
        yield from ((field.name, getattr(x, field.name)) for field in dataclasses.fields(x))
    elif isinstance(x, tuple):
        yield from ((str(i), value) for i, value in enumerate(x))


def numbers(x: Any) -> Any:
    """The array behind a number, an array or pairs; None for all else."""
    if isinstance(x, Pairs):
        return x.flat
    return np.asarray(x) if isinstance(x, np.ndarray | np.generic | bool | int | float) else None


def places(x: Any, at: str) -> Iterator[tuple[str, Any]]:
    if numbers(x) is not None:
        yield at, x
    else:
        for key, value in parts(x):
            yield from places(value, f"{at}.{key}")


def everything(model) -> dict[str, Any]:
    """Every number that the model holds outside its parameters, by place."""
    found: dict[str, Any] = {}
    for who, holder in holders(model).items():
        for name, value in vars(holder).items():
            if who != "model" or name == "steps":
                found.update(places(value, f"{who}.{name}"))
    return found


def same(a: Any, b: Any) -> bool:
    a, b = numbers(a), numbers(b)
    return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def differ(a: dict[str, Any], b: dict[str, Any]) -> set[str]:
    """Places whose numbers are not the same."""
    return {place for place in a.keys() | b.keys() if place not in a or place not in b or not same(a[place], b[place])}


@functools.cache
def word_of(place: str) -> str | None:
    """The table's word for a place; None for what is no state."""
    words = [word for word, patterns in WORDS.items() if any(re.fullmatch(pattern, place) for pattern in patterns.split())]
    assert len(words) < 2, (place, words)
    return words[0] if words else None


def keep(model) -> dict[tuple[str, str], Any]:
    """A copy of all that a month may change, by holder and attribute."""
    return {
        (who, name): copy.deepcopy(value)
        for who, holder in holders(model).items()
        for name, value in vars(holder).items()
        if (who != "model" or name == "steps") and any(word_of(place) or place in CLOCKS for place, _ in places(value, f"{who}.{name}"))
    }


def put_back(model, kept: dict[tuple[str, str], Any]) -> None:
    found = holders(model)
    for (who, name), value in kept.items():
        setattr(found[who], name, copy.deepcopy(value))


def put(x: Any, keys: list[str], new: Any) -> Any:
    """x with what lies under these keys replaced."""
    if not keys:
        return new
    if isinstance(x, dict):  # a lever's path has dots of its own
        count = next(n for n in range(1, len(keys) + 1) if ".".join(keys[:n]) in x)
        key = ".".join(keys[:count])
        return {**x, key: put(x[key], keys[count:], new)}
    key, *rest = keys
    if hasattr(x, "_fields"):
        return x._replace(**{key: put(getattr(x, key), rest, new)})
    if dataclasses.is_dataclass(x):
        return dataclasses.replace(x, **{key: put(getattr(x, key), rest, new)})
    return tuple(put(value, rest, new) if str(i) == key else value for i, value in enumerate(x))


def shifted(x: Any, where: np.ndarray | None, shift: str) -> Any:
    """Something else in its place: another number (or 0), marks turned over, whole numbers a row further, half of the pairs.

    where: the cells that a month can change at all; the others are no state
    """
    if isinstance(x, Pairs):
        return Pairs(x.flat[::2], x.row[::2], x.world[::2])
    old = np.asarray(x)
    if old.dtype == bool:
        new = ~old
    elif old.dtype.kind == "f":
        new = old * 0.8 + 0.05 if shift == "other" else old * 0
    else:
        new = np.roll(old, 1, axis=-2 if old.ndim > 1 else 0)
    if where is not None and where.shape == old.shape:
        new = np.where(where, new, old)
    return new if isinstance(x, np.ndarray) else float(new)


# --- the table ----------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Row:
    """reads: mode -> {(word, "now" or "last")}; writes: mode -> {word}"""

    reads: dict[str, set[tuple[str, str]]]
    writes: dict[str, set[str]]


def clauses(cell: str) -> Iterator[tuple[str, list[str]]]:
    for clause in cell.split(";"):
        head, colon, names = clause.partition(":")
        if not colon:
            head, names = "", clause
        yield head.strip(), [name.strip().strip("`") for name in names.split(",") if name.strip()]


def table(page: str) -> dict[int, Row]:
    lines = page.split(HEADING)[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| \d", line)]
    found = {}
    for step, read, written in rows:
        reads = {mode: set() for mode in MODES}
        writes = {mode: set() for mode in MODES}
        for head, names in clauses(read):
            when, _, mode = head.partition(" if ")
            assert when in ("now", "last"), f"step {step}: {head!r} is neither now nor last"
            for each in [mode] if mode else MODES:
                reads[each] |= {(name, when) for name in names}
        for head, names in clauses(written):
            for each in [head.removeprefix("if ")] if head else MODES:
                writes[each] |= set(names)
        number = int(step.split()[0])
        unknown = {name for each in MODES for name in writes[each] | {name for name, _ in reads[each]}} - set(WORDS)
        assert not unknown, f"step {number}: nobody knows where {unknown} stand"
        found[number] = Row(reads, writes)
    return found


# --- one step alone -----------------------------------------------------------------------------------------------------------


class Month:
    """A month of a model: where it stood before each step, and each step again, alone.

    before: step -> all that was held; begun: the same at the start of the month; calls: which methods were called, in order
    ever: place -> cells that have changed since the run began; put: what was last shifted just before a step, by place
    """

    def __init__(self, model, ever: dict[str, np.ndarray]) -> None:
        self.model, self.ever, self.calls = model, ever, []
        self.begun, self.before, self.put = keep(model), {}, {}
        first = {calls[0]: step for step, calls in STEPS.items()}

        def watched(who: str, method: str, real: Any) -> Any:
            def call(*args: Any, **named: Any) -> Any:
                self.calls.append((who, method))
                if (who, method) in first:
                    self.before[first[who, method]] = keep(model)
                return real(*args, **named)

            return call

        self._with({(who, method): watched for calls in STEPS.values() for who, method in calls})
        self.month = model.month
        self.after = {max(STEPS): keep(model)}
        for step in reversed(STEPS):  # steps that are not called leave all as it is
            self.after.setdefault(step, self.before.get(step + 1))
            self.before.setdefault(step, self.after[step])

    def _with(self, stands_in: dict[tuple[str, str], Any]) -> None:
        """Run a month with some methods replaced."""
        found = holders(self.model)
        for (who, method), make in stands_in.items():
            setattr(found[who], method, make(who, method, getattr(found[who], method)))
        try:
            with np.errstate(all="ignore"):
                self.model.step()
        finally:
            for who, method in stands_in:
                delattr(found[who], method)

    def alone(self, step: int, at_the_start: Iterable[str] = (), before_it: Iterable[str] = (), shift=SHIFTS[0]) -> dict[str, Any]:
        """What is held after the step, with some places shifted at the start of the month, and some just before the step."""
        model = self.model
        put_back(model, self.begun)
        self._shift(at_the_start, shift)
        self.put = {}

        def jump(*_: Any) -> None:
            put_back(model, self.before[step])
            self.put = self._shift(before_it, shift)

        def nothing(*_: Any, **__: Any) -> None:
            pass

        stands_in = {(who, name): lambda *_: nothing for n, calls in STEPS.items() if n != step for who, name in calls}
        if step > 1:
            stands_in[STEPS[1][0]] = lambda *_: jump
        else:
            self.put = self._shift(before_it, shift)
        self._with(stands_in)
        held = holders(model)
        return self.held({(who, name): getattr(held[who], name) for who, name in self.begun})

    def end(self) -> None:
        """Put the model where the month has left it."""
        put_back(self.model, self.after[max(STEPS)])

    def _shift(self, chosen: Iterable[str], shift: str) -> dict[str, Any]:
        """Shift what stands in these places; what stands there now."""
        found, now = holders(self.model), {}
        for place in chosen:
            state = place in self.ever or word_of(place) in DATED or place.startswith("calendar.")
            if not state or re.fullmatch(MEMOS, place):
                continue  # what never changes is no state
            who, name, *keys = place.split(".")
            held = getattr(found[who], name)
            old = next(value for at, value in places(held, f"{who}.{name}") if at == place)
            now[place] = shifted(old, self._cells(place, old), shift)
            setattr(found[who], name, put(held, keys, now[place]))
        return copy.deepcopy(now)

    def _cells(self, place: str, old: Any) -> Any:
        if place.startswith("calendar."):
            return np.arange(len(old)) == self.month
        return None if word_of(place) in DATED else self.ever[place]

    def held(self, kept: dict[tuple[str, str], Any]) -> dict[str, Any]:
        return {place: value for (who, name), held in kept.items() for place, value in places(held, f"{who}.{name}")}
