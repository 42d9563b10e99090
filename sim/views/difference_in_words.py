"""How a paired difference is told: in a sentence, in short, as numbers."""

import math

from sim.analysis.differences import CANNOT_SAY, LOWER, NO_CHANGE, Difference
from sim.analysis.paired import Comparison, Row
from sim.batch.plan import TABLES
from sim.batch.results import Results
from sim.case import read_case
from sim.decisions.names import plain
from sim.refusal import InputError
from sim.tables import number, terminal_width

ALMOST_NONE = 1e-5  # of the base
UNSAID = ("share", "index")  # units that a sentence need not say
_WIDE = 110  # characters of a terminal that has room for shares where nobody can say


def answer(found: Comparison, outcome: str) -> str:
    """What an outcome says of the whole run, and of the year in which the change is largest."""
    whole, peak = found.row(outcome), found.peak(outcome)
    text = sentence(whole)
    if peak is None or len(found.base.years) == 1 or peak.mean == whole.mean:
        return text
    band = f"{signed(peak.p5)} to {signed(peak.p95)}"
    return f"{text[:-1]}; most in {peak.year}: {signed(peak.mean)} ({band}), {words(peak, wide=False)}."


def sentence(row: Row) -> str:
    """The answer that a row gives.

    "lost_sales: down by 2.1 USD bn (0.4 to 5.2), lower in 93 % of worlds."
    """
    if row.verdict == NO_CHANGE:
        return f"{row.outcome}: no change in any world."
    split = f"lower in {share(row.lower)} of worlds and higher in {share(row.higher)}"
    unit = "" if row.unit.startswith(UNSAID) or row.unit == row.outcome else f" {row.unit}"
    if row.verdict == CANNOT_SAY:
        return f"{row.outcome}: cannot say; {split}, {signed(row.mean)}{unit} on average ({signed(row.p5)} to {signed(row.p95)})."
    down = row.verdict == LOWER
    near, far = (0 - row.p95, 0 - row.p5) if down else (row.p5, row.p95)
    told = share(row.lower if down else row.higher)
    by = f"{number(abs(row.mean))}{unit} ({number(near)} to {number(far)})"
    return f"{row.outcome}: {'down' if down else 'up'} by {by}, {row.verdict} in {told} of worlds."


def words(row: Difference, wide: bool | None = None) -> str:
    """The sign in short; where nobody can say, with both shares, if there is room (wide; None: if the terminal has it)."""
    if row.verdict == NO_CHANGE:
        return NO_CHANGE
    if row.verdict == CANNOT_SAY:
        wide = terminal_width() >= _WIDE if wide is None else wide
        return f"{CANNOT_SAY}: lower in {share(row.lower)}, higher in {share(row.higher)}" if wide and row.worlds else CANNOT_SAY
    return f"{row.verdict} in {share(row.lower if row.verdict == LOWER else row.higher)}"


def share(part: float) -> str:
    """In percent; only all is 100 %, and only none is 0 %.

    >>> share(0.93), share(0.9999), share(0.0001), share(1), share(0)
    ('93 %', '>99 %', '<1 %', '100 %', '0 %')
    """
    if 0 < part <= 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= part < 1 else f"{100 * part:.0f} %"


def signed(value: float, near: float = 0.0, digits: int = 3) -> str:
    """near: the size of what it is added to, beside which it may be too little to be told.

    >>> signed(0.5), signed(-1234.5), signed(0), signed(4e-7, near=0.2)
    ('+0.5', '-1,234', '0', '~0')
    """
    if 0 < abs(value) < near * ALMOST_NONE:
        return "~0"
    short = float(f"{value:.{digits}g}") + 0.0 if abs(value) < 10 ** (digits - 1) else round(value)
    return f"+{number(short)}" if value > 0 else number(short)


def factor(row: Difference) -> str:
    """How many times narrower the pairing made the interval of the mean."""
    if math.isnan(row.factor):
        return ""
    if row.factor > 1000:
        return ">1000"
    return f"x {row.factor:.2g}" if row.factor < 10 else f"x {row.factor:.0f}"


def numbers(row: Difference, digits: int = 3, error: bool = False) -> list[str]:
    """Base, change (with its Monte Carlo error) and band."""
    near = abs(row.base_mean)
    about = f" +/- {row.se:.2g}" if error and not math.isnan(row.se) else ""
    band = f"{signed(row.p5, near, digits)} to {signed(row.p95, near, digits)}"
    return [number(row.base_mean), signed(row.mean, near, digits) + about, band]


def spoken(results: Results) -> dict[str, str]:
    """Agents' names for readers, as the run's own tables have them; a key that is not here is its own name."""
    from sim.decisions.names import Names

    try:
        names = Names(read_case(results.folder / TABLES))
    except (InputError, KeyError):  # tables that this version cannot read
        return {}
    return {**{group: plain(group) for group in names.case["input_groups"].key}, **names.governments, **names.carriers}
