"""Dated facts, one number a month from January 2018."""

MONTHS = 96


def month(text: str) -> int:
    year, number = text.split("-")
    return (int(year) - 2018) * 12 + int(number) - 1


def steps(knots: dict[str, float]) -> list[float]:
    values = [0.0] * MONTHS
    for when, value in knots.items():
        start = month(when)
        values[start:] = [value] * (MONTHS - start)
    return values


LISTED = steps({"2019-05": 15 / 31, "2019-06": 1.0})
PRODUCT_RULE = steps({"2020-09": 16 / 30, "2020-10": 1.0})
CLEARED = steps({"2019-05": 0.15, "2019-06": 0.15 + 0.85 * 5 / 30, "2019-07": 1.0})
BASE_LINE = steps({"2019-05": 0.21, "2020-09": 0.56, "2021-01": 0.50, "2023-01": 0.06, "2024-05": 0.0})
BARGAIN = steps({"2019-06": 0.35, "2019-08": 0, "2019-10": 0.35, "2020-01": 0.5, "2020-05": 0})
FROZEN = steps({"2019-05": 1, "2019-11": 0, "2025-02": 1, "2025-07": 0})
START, LAPSE = month("2019-05"), month("2020-09")

TONE = [0.0] * MONTHS  # easing less tightening statements
for when in ("2019-06", "2019-07", "2019-10", "2019-11", "2020-10"):
    TONE[month(when)] += 1
for when in ("2020-05", "2021-03", "2023-01", "2024-05"):
    TONE[month(when)] -= 1
