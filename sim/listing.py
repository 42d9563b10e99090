"""What there is to ask for: scenarios, parameters, outcomes. For the commands that list them, and for Python."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sim.refusal import InputError, nearest


def scenario_rows() -> list[dict[str, Any]]:
    """A row a shipped scenario: name, title, question."""
    from sim.scenario import read, shipped

    return [{"name": name, "title": s.title, "question": s.question} for name in shipped() for s in (read(name),)]


def parameter_rows(words: Sequence[str] = ()) -> list[dict[str, Any]]:
    """A row a parameter, every field of its entry. words: only those whose path or meaning holds them all. InputError if none does."""
    from sim.parameters import PARAMETERS

    wanted = [word.lower() for word in words]
    found = [p for p in PARAMETERS.values() if all(word in f"{p.path} {p.meaning}".lower() for word in wanted)]
    if not found:
        raise InputError(" ".join(words), f"no parameter's path or meaning holds that{nearest(words[0], PARAMETERS)}")
    return [asdict(p) for p in found]


def outcome_rows() -> list[dict[str, str]]:
    """A row an outcome, in the words of the first case that is shipped: name, unit, yearly (sum, mean or end of a year), sentence."""
    from sim.batch.summary import told
    from sim.case import read_case, shipped_case, shipped_cases
    from sim.outcomes import OUTCOMES

    case = read_case(shipped_case(shipped_cases()[0]))
    return [{"name": o.name, **asdict(told(o, case))} for o in OUTCOMES.values()]
