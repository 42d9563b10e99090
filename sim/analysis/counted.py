"""What was observed to the end of 2020 quarter by quarter and year by year: counts of governments, shares of the market."""

from sim.from_record import rows

COUNTS = ("n_ge1", "n_ge2", "n_eq3")  # of governments at level 1, 2, 3 or above, in diffusion_to_2020.csv


def governments(quarter: str) -> tuple[float, ...]:
    """How many had reached each level by the end of a quarter, such as 2019Q4."""
    row = next(row for row in rows("diffusion_to_2020") if row["quarter"] == quarter)
    return tuple(float(row[column]) for column in COUNTS)


def radio_share(vendor: str, year: int) -> float:
    """A vendor's share in money of radio networks outside the target, 0-1."""
    return next(
        float(row["share_pct"]) / 100
        for row in rows("ran_share_to_2020")
        if row["year"] == str(year) and row["vendor"] == vendor and row["market"].startswith("RAN ex-")
    )
