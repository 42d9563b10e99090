"""How numbers and lists read in a sentence."""

from collections.abc import Sequence

from sim.tables import number

Numbers = dict[str, float]  # of one decision, by name

__all__ = ["Numbers", "joined", "money", "number", "of", "percent", "share", "signed", "spoken", "times"]


def share(x: float) -> str:
    """A number around 0 to 1, to two digits after the point; to more where it is almost 0 or almost 1.

    >>> share(0.416), share(-0.12), share(0.0031), share(0.9987), share(1.02), share(0)
    ('.42', '-.12', '.0031', '.999', '1.02', '0')
    """
    if x == 0 or abs(x) >= 1:
        return number(x + 0)
    text = f"{x:.2g}" if abs(x) < 0.01 else f"{x:.2f}"
    if "e" in text:
        return text
    digits = 3
    while abs(float(text)) >= 1:
        text, digits = f"{x:.{digits}f}", digits + 1
    return text.replace("0.", ".", 1)


def signed(x: float) -> str:
    """
    >>> signed(0.06), signed(-0.12)
    ('+.06', '-.12')
    """
    return share(x) if x <= 0 else f"+{share(x)}"


def percent(x: float) -> str:
    """A share, as a percentage.

    >>> percent(0.741), percent(0.0042), percent(0.9987), percent(0.99999), percent(1)
    ('74 %', '0.4 %', '99.9 %', 'almost 100 %', '100 %')
    """
    return f"{_times(x)} %"


def times(x: float) -> str:
    """
    >>> times(0.81), times(0.012), times(1e-9)
    ('81 times in 100', '1 time in 100', 'almost 0 times in 100')
    """
    many = _times(x)
    return f"{many} time{'' if many == '1' else 's'} in 100"


def _times(x: float) -> str:
    if 0 < x < 0.0005 or 0.9995 < x < 1:
        return f"almost {100 * x:.0f}"
    return f"{100 * x:.1g}" if 0 < x < 0.01 else f"{100 * x:.1f}" if 0.99 < x < 1 else f"{100 * x:.0f}"


def money(x: float) -> str:
    """USD bn, to three digits that count and four after the point.

    >>> money(0.01648), money(12.345), money(0.00004), money(0.2125031)
    ('0.0165', '12.3', '0', '0.213')
    """
    return number(x if abs(x) >= 0.1 else round(x, 4))  # never rounded twice


def of(name: str) -> str:
    """
    >>> of("Samsung"), of("United States")
    ("Samsung's", "United States'")
    """
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def spoken(name: str) -> str:
    """
    >>> spoken("France"), spoken("United States"), spoken("Dominican Republic")
    ('France', 'the United States', 'the Dominican Republic')
    """
    first, last = name.split()[0], name.split()[-1]
    return f"the {name}" if first == "United" or last in ("Republic", "Islands", "Emirates") else name


def joined(words: Sequence[str]) -> str:
    """
    >>> joined(["a"]), joined(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "nobody"
