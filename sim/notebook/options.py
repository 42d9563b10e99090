"""What Python is asked for, said as on the command line: so there is one check of it, and one sentence for what is wrong."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sim.refusal import InputError


def options(command: str, **given: Any) -> dict[str, Any]:
    """Whole numbers and numbers of worlds as the command reads them; None stays None. InputError with the command's own sentence."""
    from sim import cli
    from sim.options import Whole, WorldNumbers

    known = {parameter.name: parameter for parameter in cli.chokepoint.commands[command].params}
    read = dict(given)
    for name, value in given.items():
        kind = known[name].type if name in known else None
        if value is None:
            continue
        if isinstance(kind, Whole):
            read[name] = kind.convert(str(value), known[name], None)
        elif isinstance(kind, WorldNumbers):
            read[name] = kind.convert(_commas(value), known[name], None)
    return read


def settings(sets: Mapping[str, Any] | None) -> list[str]:
    """path=value, as after --set. InputError where it is no table."""
    if sets is None:
        return []
    if not isinstance(sets, Mapping):
        raise InputError("sets", 'write path and value: sets={"firm.hurdle": 0.3}')
    return [f"{path}={_written(value)}" for path, value in sets.items()]


def varied(vary: Mapping[str, Any] | None) -> list[str]:
    """path=low:high:places or path=a,b,c, as after --vary: a tuple is a range, a list its values, a text as it stands."""
    if vary is None:
        return []
    if not isinstance(vary, Mapping):
        raise InputError("vary", 'write path and range, or values: vary={"firm.hurdle": (0.2, 0.6, 5)}')
    return [f"{path}={_range(value)}" for path, value in vary.items()]


def _range(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return ":".join(_written(end) for end in value)
    return _commas(value)


def _commas(values: Any) -> str:
    several = isinstance(values, Sequence) and not isinstance(values, str)
    return ",".join(map(_written, values)) if several or hasattr(values, "tolist") else str(values)


def _written(value: Any) -> str:
    """A value of Python's or NumPy's as YAML writes it."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        value = list(value)
    try:
        return json.dumps(value, default=lambda x: x.tolist())
    except (AttributeError, TypeError, ValueError):
        return str(value)
