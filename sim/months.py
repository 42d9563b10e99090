"""Months and dates: month 0 is January 2018."""

import calendar
import datetime

FIRST_YEAR = 2018
NEVER = 10_000  # a month beyond every run


def month_of(date: str) -> int:
    """The month of a date written 2019-05 or 2019-05-16, counted from January 2018. ValueError if it is no such date.

    >>> month_of("2018-01"), month_of("2019-05-16")
    (0, 16)
    """
    parts = date.split("-")
    if [len(p) for p in parts] not in ([4, 2], [4, 2, 2]) or not all(p.isascii() and p.isdigit() for p in parts):
        raise ValueError(f"{date!r} is no date; write a month as 2019-05 or a day as 2019-05-16")
    day = datetime.date(int(parts[0]), int(parts[1]), int(parts[2]) if len(parts) == 3 else 1)
    return (day.year - FIRST_YEAR) * 12 + day.month - 1


def label(month: int) -> str:
    """
    >>> label(16)
    '2019-05'
    """
    return f"{year_of(month):04d}-{month % 12 + 1:02d}"


def year_of(month: int) -> int:
    return FIRST_YEAR + month // 12


def share_left(date: str) -> float:
    """Share of its month that comes after a day; 1 for a whole month.

    >>> round(share_left("2019-05-16"), 4), share_left("2019-05")
    (0.4839, 1.0)
    """
    parts = [int(p) for p in date.split("-")]
    if len(parts) == 2:
        return 1.0
    days = calendar.monthrange(parts[0], parts[1])[1]
    return (days - parts[2]) / days
