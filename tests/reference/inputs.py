"""What a world is given: its numbers, its dated levers, its dice, and the product lines of its sellers."""

import math
from collections.abc import Mapping, Sequence

from scipy.special import ndtri
from scipy.stats import beta

from sim.case import Case
from sim.luck import Luck
from sim.parameters import find
from sim.worlds import Worlds

IDLE, PREPARING, PENDING, INTENT, LICENSED, COOLING = range(6)
SEGMENTS = ("carrier", "enterprise", "consumer")


def clip(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


def truth(cell: object) -> bool:
    """A yes-or-no cell of a table, however the reader hands it over."""
    return cell.strip().lower() in ("1", "true", "yes") if isinstance(cell, str) else bool(cell)


class Values:
    """The numbers of one world by path; what was not given has its default."""

    def __init__(self, given: Mapping[str, float]) -> None:
        self.given = given
        self.known: dict[str, float] = {}

    def __getitem__(self, path: str) -> float:
        if path not in self.known:
            entry = find(path)
            if entry is None:
                raise KeyError(path)
            self.known[path] = float(self.given.get(path, entry.value))
        return self.known[path]


class Dates:
    """The dated levers as they stand in one month.

    own, all, fdpr are 0 while the vendor is not listed; free_from: the month from which a deal has taken it off the list
    """

    def __init__(self, calendar: Mapping[str, Sequence[float]]) -> None:
        self.calendar = calendar
        self.month = 0
        self.free_from: int | None = None

    def read(self, lever: str) -> float:
        return self.on_month(lever, self.month)

    def on_month(self, lever: str, month: int) -> float:
        if lever in self.calendar:
            return float(self.calendar[lever][month])
        return find(lever).value

    def first_month(self, lever: str) -> int | None:
        """The first month in which a lever is above 0, None if there is none."""
        for month, value in enumerate(self.calendar.get(lever, ())):
            if value > 0:
                return month
        return None

    def listing(self, month: int) -> float:
        if self.free_from is not None and month >= self.free_from:
            return 0.0
        return self.on_month("law.listing", month)

    @property
    def on(self) -> float:
        return self.listing(self.month)

    @property
    def freed(self) -> bool:
        """The vendor has come off the list this month."""
        return self.on <= 0 and self.month > 0 and self.listing(self.month - 1) > 0

    def _if_listed(self, lever: str, month: int) -> float:
        return self.on_month(lever, month) if self.listing(month) > 0 else 0.0

    @property
    def own(self) -> float:
        return self._if_listed("law.fdpr_own_announced", self.month)

    @property
    def all_chips(self) -> float:
        return self._if_listed("law.fdpr_all_announced", self.month)

    @property
    def fdpr(self) -> float:
        return self._if_listed("law.fdpr_in_force", self.month)

    @property
    def lapse(self) -> bool:
        """The product rule comes into force this month: every licence lapses."""
        return self.fdpr > 0 and all(self._if_listed("law.fdpr_in_force", m) <= 0 for m in range(self.month))


class Dice:
    """Addressed uniforms of one world; a purpose's whole table is computed once a month, when first asked for."""

    def __init__(self, seed: int, world: int, rows: Sequence[tuple[str, int]]) -> None:
        self.luck = Luck(seed, Worlds.range(world, 1))
        self.rows = tuple(rows)
        self.month = -1
        self.tables: dict[tuple[str, str], list[float]] = {}

    def roll(self, office: str, line: "Line", purpose: str, month: int) -> float:
        """office: the authority whose dice these are, or "" for the firm's own"""
        if month != self.month:
            self.month, self.tables = month, {}
        key = (office, purpose)
        if key not in self.tables:
            rows = tuple((f"{office} {agent}", count) for agent, count in self.rows) if office else self.rows
            self.tables[key] = self.luck.table(rows, purpose, month)[:, 0].tolist()
        return self.tables[key][line.number]


class Line:
    """A product line: what one firm sells into one group of parts, at one sensitivity.

    sales: USD bn a year of 2018; offshore: share made abroad under the content threshold
    """

    def __init__(self, number: int, firm: str, group: int, controlled: bool, foundry: bool) -> None:
        self.number, self.firm, self.group, self.controlled, self.foundry = number, firm, group, controlled, foundry
        self.sensitivity = self.sales = self.offshore = 0.0
        self.state = IDLE
        self.clock = 0.0
        self.read = False
        self.filed = -1  # month of its last filing
        self.covered = 0.0
        self.legal = 1.0
        self.cap = 0.0  # USD bn a month that its seller could ship
        self.sold = 0.0  # USD bn this month

    def enter(self, state: int, clock: float = 0.0) -> None:
        self.state, self.clock, self.read = state, clock, False


def product_lines(case: Case, values: Values) -> list[Line]:
    """K lines for each row of the firms' sales, in the order of that table."""
    table, groups = case["firm_sales_by_group"], case["input_groups"]
    names = list(groups.key)
    count = round(values["lines.per_group"])
    step, shift = round(values["lines.pair_step"]), round(values["lines.pair_shift"])
    margin, concentration = values["lines.sensitivity_margin"], values["lines.concentration"]
    c = values["lines.size_sensitivity"]
    scores = [float(ndtri((i + 0.5) / count)) for i in range(count)]
    sizes = [math.exp(c * scores[i] + math.sqrt(1 - c * c) * scores[(step * i + shift) % count]) for i in range(count)]
    lines: list[Line] = []
    for row in range(len(table)):
        group = names.index(table["group"][row])
        foundry = truth(table["foundry"][row])
        mean = 1 - margin if foundry else clip(float(groups["sensitivity"][group]), margin, 1 - margin)
        quantiles = beta.ppf([(i + 0.5) / count for i in range(count)], concentration * mean, concentration * (1 - mean)).tolist()
        for i in range(count):
            line = Line(len(lines), table["firm"][row], group, table["origin"][row] == "controlled", foundry)
            line.sensitivity = quantiles[i]
            line.sales = float(table["sales"][row]) * sizes[i] / sum(sizes)
            line.offshore = clip(2 * values["law.offshore"] * (1 - line.sensitivity), 0.0, 1.0)
            lines.append(line)
    return lines


def dice_rows(case: Case, values: Values) -> list[tuple[str, int]]:
    table = case["firm_sales_by_group"]
    count = round(values["lines.per_group"])
    return [(f"{table['firm'][row]} {table['group'][row]}", count) for row in range(len(table))]
