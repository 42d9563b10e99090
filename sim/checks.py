"""One value of a scenario file, checked: numbers, dates and spreads, and how messages speak of them."""

import math
from collections.abc import Callable, Iterable

from sim.months import month_of
from sim.parameters import PARAMETERS, SMALLEST, Parameter
from sim.refusal import InputError, nearest
from sim.strict_yaml import Document, Plain
from sim.text_file import printable
from sim.uncertainty import Normal, OneOf, Spread, Triangular, Uniform

LAST_MONTH = 600  # a run's longest horizon, months from January 2018
SPREADS = (("low", "high"), ("low", "mode", "high"), ("mean", "sd"), ("values",), ("values", "chances"))


def whole(value: Plain, where: str, what: str, least: int, most: int) -> int:
    """A whole number within limits; 1e3 is one."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(where, f"{what} is {shown(value) if isinstance(value, float) else kind_of(value)}; write a whole number")
    if not least <= value <= most:
        raise InputError(where, f"{what} is {printable(str(value), 30)}; it must lie between {least} and {most}")
    return value


def number(value: Plain, where: str, what: str, entry: Parameter | None) -> float:
    """A number that the parameter admits (any finite one without an entry)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(where, f'"{printable(what)}" is {kind_of(value)}; write a number')
    result = float(value)
    if entry is not None and not entry.least <= result <= entry.most:
        raise InputError(where, f'"{what}" is {result:g}; it must lie between {entry.least:g} and {entry.most:g} ({entry.unit})')
    if 0 < abs(result) < SMALLEST:
        raise InputError(where, f'"{printable(what)}" is {result:g}, which is next to nothing; write 0, or at least {SMALLEST:g}')
    if entry is not None and entry.whole and not result.is_integer():
        raise InputError(where, f'"{what}" is {result:g}; it counts {entry.unit}')
    return result


def date(value: Plain, where: str) -> str:
    try:
        month = month_of(value) if isinstance(value, str) else None
    except ValueError:
        month = None
    if month is None:
        raise InputError(where, f"{shown(value)} is no date; write a month as 2019-05 or a day as 2019-05-16")
    if not 0 <= month < LAST_MONTH:
        raise InputError(where, f"{shown(value)} lies outside January 2018 to December 2067")
    return str(value)


def spread(document: Document, entry: Parameter, path: str, value: Plain) -> Spread:
    where = document.where("uncertainties", path)
    if value == "range":
        if entry.fixed:
            raise InputError(where, f'"{path}" has no plausible range of its own; give one as {{low: ..., high: ...}}')
        return Uniform(entry.low, entry.high)
    if isinstance(value, list):
        value = {"values": value}
    if not isinstance(value, dict):
        ways = "range, {low: ..., high: ...} or a list of values; one number stands under constants"
        raise InputError(where, f'"{path}" is {kind_of(value)}; write {ways}')
    known = list(dict.fromkeys(key for keys in SPREADS for key in keys))
    for key in value:
        if key not in known:
            at = document.where("uncertainties", path, key)
            raise InputError(at, f'an uncertainty has no "{printable(key)}"{nearest(key, known) or known_names(known)}')
    if not any(set(value) == set(keys) for keys in SPREADS):
        ways = "; ".join(" and ".join(keys) for keys in SPREADS)
        raise InputError(where, f'"{path}" gives {" and ".join(value) or "nothing"}; give one of: {ways}')

    def given(key: str) -> float:
        return number(value[key], document.where("uncertainties", path, key), f"{path} ({key})", entry if key != "sd" else None)

    if "values" in value:
        return _one_of(value, where, path, entry)
    if entry.whole:
        raise InputError(where, f'"{path}" counts {entry.unit}; give a list of values, with their chances if they differ')
    if "sd" in value:
        sd = given("sd")
        if not sd > 0:
            raise InputError(document.where("uncertainties", path, "sd"), f"{path} (sd) is {sd:g}; a spread is above 0")
        return Normal(given("mean"), sd, entry.least, entry.most)
    low, high = given("low"), given("high")
    if low > high:
        raise InputError(where, f'"{path}": low ({low:g}) is above high ({high:g})')
    if "mode" not in value:
        return Uniform(low, high)
    mode = given("mode")
    if not low <= mode <= high:
        raise InputError(where, f'"{path}": the mode ({mode:g}) lies outside low and high ({low:g} to {high:g})')
    return Triangular(low, mode, high)


def _one_of(value: dict[str, Plain], where: str, path: str, entry: Parameter) -> OneOf:
    def numbers(key: str, entry: Parameter | None) -> tuple[float, ...]:
        items = value[key]
        if not isinstance(items, list) or len(items) < 2:
            raise InputError(where, f'"{path}" ({key}) must be a list of two or more numbers')
        return tuple(number(item, where, f"{path} ({key})", entry) for item in items)

    values = numbers("values", entry)
    if "chances" not in value:
        return OneOf(values)
    chances = numbers("chances", None)
    if len(chances) != len(values):
        raise InputError(where, f'"{path}" has {len(values)} values and {len(chances)} chances; give one chance a value')
    if min(chances) < 0 or not math.isclose(math.fsum(chances), 1, abs_tol=1e-9):
        raise InputError(where, f'"{path}": the chances sum to {math.fsum(chances):g}; they must be 0 or more and sum to 1')
    return OneOf(values, chances)


def known_names(names: Iterable[str]) -> str:
    return "; known: " + ", ".join(names)


def shown(value: Plain) -> str:
    return f'"{printable(value, 40)}"' if isinstance(value, str) else printable(str(value), 40)


_KINDS: tuple[tuple[type | tuple[type, ...], Callable[[Plain], str]], ...] = (
    (bool, lambda value: "yes or no (true, false)"),
    ((int, float), lambda value: f"the number {shown(value)}"),
    (str, lambda value: f"the text {shown(value)}" if str(value).strip() else "an empty text"),
    (list, lambda value: "a list"),
    (dict, lambda value: "a table"),
)


def kind_of(value: Plain) -> str:
    return next((say(value) for kind, say in _KINDS if isinstance(value, kind)), "empty")


def nearest_path(path: str) -> str:
    """What a path that names no parameter may have been meant to be."""
    parts = path.split(".")
    row = parts[1] if len(parts) == 3 else "*"
    return nearest(path, [known.replace("*", row) for known in PARAMETERS])
