"""How numbers and lists read in a sentence."""

from collections.abc import Sequence

from sim.tables import number

Numbers = dict[str, float]  # of one decision, by name

__all__ = ["Numbers", "joined", "number", "percent", "share", "signed", "word_for"]


def share(x: float) -> str:
    """A number around 0 to 1.

    >>> share(0.416), share(-0.12), share(0.0031), share(1.02), share(0)
    ('.42', '-.12', '.0031', '1.02', '0')
    """
    text = f"{x:.2f}" if abs(x) >= 0.01 or x == 0 else f"{x:.2g}" if abs(x) >= 0.0001 else "0"
    return "0" if x == 0 else text.replace("0.", ".", 1) if abs(x) < 1 and text.lstrip("-").startswith("0.") else text


def signed(x: float) -> str:
    """
    >>> signed(0.06), signed(-0.12)
    ('+.06', '-.12')
    """
    return share(x) if x <= 0 else f"+{share(x)}"


def percent(x: float) -> str:
    """A share, as a percentage.

    >>> percent(0.741), percent(0.0042), percent(0.9987), percent(1)
    ('74 %', '0.42 %', '99.87 %', '100 %')
    """
    return f"{_times(x)} %"


def times(x: float) -> str:
    """
    >>> times(0.81)
    '81 times in 100'
    """
    return f"{_times(x)} times in 100"


def _times(x: float) -> str:
    if 0 < x < 0.00005:
        return f"{100 * x:.1e}"
    edge = 0 < x < 0.01 or 0.99 < x < 1
    return f"{100 * x:.2f}" if edge else f"{100 * x:.0f}"


def joined(words: Sequence[str]) -> str:
    """
    >>> joined(["a"]), joined(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "nobody"
