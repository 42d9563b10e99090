"""What a kind of decision is: its sentence, its outcome in a word, and the rule that takes it again."""

from collections.abc import Callable
from dataclasses import dataclass

from sim.decisions.figures import Numbers
from sim.decisions.names import Names
from sim.trace import Note


@dataclass(frozen=True)
class Kind:
    """name: as the journal has it; about: what it is, for the docs

    tell: the decision in a sentence; every number in it is one of the decision's, rounded
    decided: what was decided, in a word or two, from what the agent says that it did
    again: the same from the numbers that went into it alone, by the rules
    worked: those of its numbers that the rules make of the others, made of them again
    """

    name: str
    about: str
    tell: Callable[[Note, Names], str]
    decided: Callable[[Numbers], str]
    again: Callable[[Numbers], str]
    worked: Callable[[Numbers], Numbers] = lambda n: {}


def always(word: str) -> Callable[[Numbers], str]:
    """For what is only noted where it happens."""
    return lambda n: word
