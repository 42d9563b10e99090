"""How Chokepoint says no: one sentence that names the place, the fault and the mend."""

import difflib
from collections.abc import Iterable


class InputError(Exception):
    """Something the user gave is wrong.

    where: the file and line, the cell, or the option ("my.yaml:12", "input_groups.csv:4 (need)", "--seed")
    what: one sentence that says what is wrong and what would be right
    """

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where, self.what = where, what

    def __reduce__(self) -> tuple[type["InputError"], tuple[str, str]]:
        """So that one raised in another process arrives here as it is."""
        return type(self), (self.where, self.what)


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like this one, as the end of a sentence; empty where none is close.

    >>> nearest("wolrds", ["worlds", "seed"])
    '; did you mean "worlds"?'
    """
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f'; did you mean "{close[0]}"?' if close else ""
