"""What a scenario says about where its question finds its answer."""

from dataclasses import dataclass

from sim.checks import kind_of, known_names, nearest_path, number, shown
from sim.parameters import RULES, find
from sim.refusal import InputError, nearest
from sim.strict_yaml import Document, Plain
from sim.text_file import printable

KEYS = ("look_at", "by", "without")


@dataclass(frozen=True)
class Answer:
    """Where a scenario's question finds its answer.

    look_at: names of outcomes; by: the rule that answers, in words; without: what switches that rule off, path or rules.NAME to value
    """

    look_at: tuple[str, ...]
    by: str
    without: dict[str, float | str]


def read_answer(document: Document) -> Answer | None:
    """InputError with the line of what is wrong; None where the file does not say."""
    table = document.data.get("answer")
    if table is None:
        return None
    if not isinstance(table, dict):
        raise InputError(document.where("answer"), f"`answer` is {kind_of(table)}; write look_at, by and without below it")
    for key in table:
        if key not in KEYS:
            raise InputError(document.where("answer", key), f'answer has no "{printable(key)}"{nearest(key, KEYS) or known_names(KEYS)}')
    for key in ("look_at", "by"):
        if key not in table:
            raise InputError(document.where("answer"), f"answer has no {key}; it needs look_at (outcomes) and by (the rule, in words)")
    by, where = table["by"], document.where("answer", "by")
    if not isinstance(by, str) or not by.strip():
        raise InputError(where, f"answer.by is {kind_of(by)}; write which rule answers, in words")
    without = table.get("without", {})
    if not isinstance(without, dict):
        ways = "write `path: value` of what switches it off"
        raise InputError(document.where("answer", "without"), f"answer.without is {kind_of(without)}; {ways}")
    off: dict[str, float | str] = {}
    for path, value in without.items():
        at = document.where("answer", "without", path)
        rule = path.removeprefix("rules.")
        if rule in RULES and rule != path:
            if value not in RULES[rule]:
                raise InputError(at, f'the rule "{rule}" has no variant {shown(value)}{known_names(RULES[rule])}')
            off[path] = str(value)
            continue
        entry = find(path)
        if entry is None:
            raise InputError(at, f'there is no parameter or lever "{printable(path)}"{nearest_path(path)}')
        off[path] = number(value, at, path, entry)
    look_at = outcomes(table["look_at"], document.where("answer", "look_at"), "answer.look_at")
    return Answer(look_at, " ".join(by.split()), off)


def outcomes(value: Plain, where: str, what: str) -> tuple[str, ...]:
    """A list of names of outcomes, all known."""
    from sim.outcomes import OUTCOMES

    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        example = next(iter(OUTCOMES))
        raise InputError(where, f"{what} is {kind_of(value)}; write a list of outcomes, such as [{example}]")
    names = tuple(str(name) for name in value)
    for name in names:
        if name not in OUTCOMES:
            hint = nearest(name, OUTCOMES) or "; see `chokepoint outcomes`"
            raise InputError(where, f'no outcome is called "{printable(name)}"{hint}')
    return names
