"""When a measure is taken: a month, a day, a quarter, a year, or from one of them to another."""

import calendar
import re
from dataclasses import dataclass

from sim.months import FIRST_YEAR, label, month_of, share_left
from sim.refusal import InputError
from sim.sections import RUN_LIMITS
from sim.text_file import printable

_YEAR, _QUARTER = re.compile(r"\d{4}", re.ASCII), re.compile(r"(\d{4})-[Qq]([1-4])", re.ASCII)
LONGEST = RUN_LIMITS["months"][1]


@dataclass(frozen=True)
class Span:
    """Months first to last, both included. from_share, to_share: how much of the first and the last of them counts, in a sum

    day: whether it is a single day
    """

    text: str
    first: int
    last: int
    from_share: float = 1.0
    to_share: float = 1.0
    day: bool = False

    def share(self, month: int) -> float:
        """How much of a month counts."""
        if not self.first <= month <= self.last:
            return 0.0
        before = 1 - self.from_share if month == self.first else 0.0
        after = 1 - self.to_share if month == self.last else 0.0
        return 1 - before - after

    @property
    def whole_years(self) -> range | None:
        """The years that it covers from January to December; None where it covers only parts of some."""
        if self.first % 12 or self.last % 12 != 11 or self.from_share < 1 or self.to_share < 1:
            return None
        return range(FIRST_YEAR + self.first // 12, FIRST_YEAR + self.last // 12 + 1)


def span(text: str, where: str) -> Span:
    """A date as a measure writes it. InputError if it is none, or not after 2017."""
    start, dots, end = text.partition("..")
    if not dots:
        first, last, days = _months(text, where)
        return Span(text, first, last, day=days)
    if not end:
        raise InputError(where, f'"{printable(text)}" has no end; write for example 2019-05..2020-06')
    first, _, from_day = _months(start, where) if start else (0, 0, False)
    _, last, to_day = _months(end, where)
    from_share = share_left(start) + 1 / _days(first) if from_day else 1.0
    to_share = 1 - share_left(end) if to_day else 1.0
    if last < first or (last == first and from_share + to_share <= 1):
        raise InputError(where, f'"{printable(text)}" ends before it starts')
    return Span(text, first, last, from_share, to_share)


def _days(month: int) -> int:
    return calendar.monthrange(FIRST_YEAR + month // 12, month % 12 + 1)[1]


def _months(text: str, where: str) -> tuple[int, int, bool]:
    """First month, last month, and whether it is a day."""
    if _YEAR.fullmatch(text):
        first, many, day = (int(text) - FIRST_YEAR) * 12, 12, False
    elif quarter := _QUARTER.fullmatch(text):
        first, many, day = (int(quarter[1]) - FIRST_YEAR) * 12 + 3 * (int(quarter[2]) - 1), 3, False
    else:
        try:
            first, many, day = month_of(text), 1, len(text) > 7
        except ValueError:
            what = f'"{printable(text)}" is no date; write 2019, 2019-Q3, 2019-07, 2019-07-23 or two of them with .. between'
            raise InputError(where, what) from None
    if first < 0 or first + many > LONGEST:
        raise InputError(where, f'"{printable(text)}" lies outside what can be run: {label(0)} to {label(LONGEST - 1)}')
    return first, first + many - 1, day
