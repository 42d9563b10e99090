"""What was observed to the end of 2020 quarter by quarter and year by year: counts of governments, shares of the market."""

from sim.from_record import rows
from sim.months import month_of

COUNTED = {"declarations": "n_ge1", "bans": "n_ge2", "exclusions": "n_eq3"}  # outcome -> column; governments at level 1, 2, 3 or above
_COUNTS = "diffusion_to_2020"


def governments(quarter: str) -> tuple[float, ...]:
    """How many had reached each level by the end of a quarter, such as 2019Q4."""
    row = next(row for row in rows(_COUNTS) if row["quarter"] == quarter)
    return tuple(float(row[column]) for column in COUNTED.values())


def by_quarter(outcome: str) -> dict[int, float]:
    """One of the outcomes counted at each quarter's end: month -> governments."""
    return {month_of(row["end"]): float(row[COUNTED[outcome]]) for row in rows(_COUNTS)}


def radio_share(vendor: str, year: int) -> float:
    """A vendor's share in money of radio networks outside the target, 0-1."""
    return next(
        float(row["share_pct"]) / 100
        for row in rows("ran_share_to_2020")
        if row["year"] == str(year) and row["vendor"] == vendor and row["market"].startswith("RAN ex-")
    )
