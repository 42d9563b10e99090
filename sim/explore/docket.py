"""Ten files of one world for a class to decide: which they are, what the office knew of each, and what it answered."""

import gc
from collections import Counter
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import luck
from sim.batch.plan import Plan
from sim.decisions import KINDS, Names
from sim.notebook.options import options
from sim.outcomes import MEASURES
from sim.refusal import InputError
from sim.rules import vote
from sim.scenario import Scenario
from sim.trace import Name, Note, Trace

if TYPE_CHECKING:  # the page shows files without the model
    from sim.agents.authority import Authority
    from sim.model import TradeModel

GRANT, DENY, RETURN = "grant", "deny", "return"
ANSWERS = {"approval": GRANT, "intent to deny": DENY, "return": RETURN}  # by the journal's kind of decision
MIX = ((GRANT, True), (DENY, True), (GRANT, False), (DENY, False), (RETURN, False)) * 2  # what the office said; whether near its line
NEAR = 0.15  # of sensitivity
FOLLOWED = 36  # months of what follows that are told, and that the run must have left
RECENT = 3  # months of its own answers that the office looks back on

_FEW = (
    f"its office answers {{count}} files in world {{world}}, {FOLLOWED} months or more before the end, and the game needs {2 * len(MIX)}; "
    "choose another scenario or world"
)
_FORMULAS = {measure.name: measure.formula for measure in MEASURES if measure.kind == "group"}


@dataclass(frozen=True)
class Known:
    """What the office knew when it answered.

    sensitivity: 0-1; sales: of the line, USD bn a year of 2018; covered: share of it that needs a licence
    available: share of the group that others could sell; stock: the vendor's, months of need; domestic: share of the need made at home
    bargain: how much the talks want a concession, 0-1; lost: controlled sellers' sales lost in 12 months, USD bn
    in_force: whether the product rule was; waiting: files at the desk; capacity: files a month
    recent: its answers of the last months, by name
    """

    sensitivity: float
    sales: float
    covered: float
    available: float
    stock: float
    domestic: float
    bargain: float
    lost: float
    in_force: bool
    waiting: int
    capacity: float
    recent: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class File:
    """row, month, name: its product line and when it was answered; firm_number: its firm's, among the firms; known: may be shown at once

    Not to be shown before: answer, what the office did; told: the journal's sentence; line: where it drew its line;
    odds: chance that its agencies, with such a line, would say yes if they vote
    """

    row: int
    month: int
    name: Name
    firm_number: int
    controlled: bool
    known: Known
    answer: str
    told: str
    line: float
    odds: float

    @property
    def firm(self) -> str:
        return str(self.name[0])


@dataclass(frozen=True)
class Deal:
    """The ten files of a world, in the order of their months; plan, world: to compute it again."""

    plan: Plan = field(repr=False)
    world: int
    files: tuple[File, ...]

    @property
    def words(self) -> dict[str, str]:
        """What the case calls things."""
        return dict(zip(self.plan.case["words"].key, self.plan.case["words"]["word"], strict=True))

    @property
    def title(self) -> str:
        return f"{self.plan.scenario.name}, seed {self.plan.scenario.run.seed}, world {self.world}"


def deal(scenario: str | Scenario = "history", seed: int | None = None, world: int = 0) -> Deal:
    """The same ten files for whoever asks with the same scenario, seed and world. InputError for what there is not."""
    from sim.model import TradeModel

    number = options("why", world=world)["world"]
    given = {name: value for name, value in options("run", seed=seed).items() if value is not None}
    plan = Plan.of(scenario, **given)
    worlds, months = plan.worlds(number, 1), max(plan.scenario.run.months - FOLLOWED, 0)
    gc.disable()  # thousands of notes, and none of them garbage
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
            model = TradeModel(plan.scenario, plan.case, worlds, plan.values(worlds))
            return Deal(plan, number, _files(Watch(model, months), plan, number))
    finally:
        gc.enable()


def dealt_or_refused(scenario: str, seed: int | None, world: int) -> Deal | str:
    """The files, or the sentence that says why there are none: such errors do not travel between processes."""
    try:
        return deal(scenario, seed, world)
    except InputError as fault:
        return str(fault)


def _files(watch: "Watch", plan: Plan, world: int) -> tuple[File, ...]:
    try:
        if len(watch.answers) < 2 * len(MIX):
            raise InputError(plan.scenario.name, _FEW.format(count=len(watch.answers), world=world))
        stakes = [(note, watch.stake(note)) for note in watch.answers]
        return tuple(watch.file(note) for note in _chosen(stakes, plan.scenario.run.seed, world))
    finally:
        watch.model.close()


def _chosen(stakes: list[tuple[Note, float]], seed: int, world: int) -> list[Note]:
    """Ten answers, as varied as can be: of each kind in turn one whose firm, goods and year are rarest so far; a tie goes by address.

    Of the half in which more is at stake, so that something follows; some near the line, so that not all are plain.

    stakes: what needs a licence in each, USD bn a year
    """
    usual = float(np.median([stake for _, stake in stakes]))
    left = [note for note, stake in stakes if stake >= usual]
    left.sort(key=lambda note: luck.key(seed, "game", world, *note.name, note.month))
    found: list[Note] = []
    for wanted, near in MIX:
        firms, groups = Counter(n.name[0] for n in found), Counter(n.name[1] for n in found)
        years, months = Counter(n.month // 12 for n in found), Counter(n.month for n in found)
        of_kind = [n for n in left if ANSWERS[n.kind] == wanted] or left
        close = [n for n in of_kind if abs(n.numbers["sensitivity"] - n.numbers["line"]) < NEAR] if near else of_kind
        best = min(close or of_kind, key=lambda n: (firms[n.name[0]], groups[n.name[1]] + years[n.month // 12], months[n.month]))
        left.remove(best)
        found.append(best)
    return sorted(found, key=lambda note: note.month)


class Watch:
    """Follows a model of one world for so many months, and looks over its office's shoulder."""

    def __init__(self, model: "TradeModel", months: int) -> None:
        from sim.exchanges.licensing import PENDING

        self.model, self.lines = model, model.licensing.lines
        self.row_of = {name: i for i, name in enumerate(self.lines.names)}
        model.journal = model.authority.journal = trace = Trace()
        self.months: list[dict[str, Any]] = []
        for month in range(months):
            then = {name: _FORMULAS[name](model)[:, 0].copy() for name in ("stock_months", "domestic_share")} if month else {}
            then["waiting"] = model.licensing.standing(PENDING)[0]  # before the month's own answers
            model.step()
            self.months.append(then | {"covered": self.lines.covered[:, 0].copy(), "in_force": model.now.in_force[0] > 0})
        self.answers = [note for note in trace.notes if note.kind in ANSWERS]
        self._lines = {(note.month, note.name[0]): note.numbers for note in trace.notes if note.kind == "line"}
        self._counts = Counter((note.month, ANSWERS[note.kind]) for note in self.answers)

    def stake(self, note: Note) -> float:
        """What of the line needs a licence, USD bn a year."""
        row = self.row_of[note.name]
        return float(self.lines.sales[row, 0] * self.months[note.month]["covered"][row])

    def known(self, note: Note) -> Known:
        row, then, policy = self.row_of[note.name], self.months[note.month], self._lines[note.month, note.name[1]]
        group = self.lines.group[row]
        return Known(
            sensitivity=float(self.lines.sensitivity[row]), sales=float(self.lines.sales[row, 0]), covered=float(then["covered"][row]),
            available=policy["available"], stock=float(then["stock_months"][group]), domestic=float(then["domestic_share"][group]),
            bargain=policy["bargain"], lost=policy["lost"], in_force=bool(then["in_force"]), waiting=int(then["waiting"]),
            capacity=float(self.model.authority.capacity[0]),
            recent=tuple((a, sum(self._counts[note.month - i, a] for i in range(1, RECENT + 1))) for a in (GRANT, DENY, RETURN)),
        )  # fmt: skip

    def file(self, note: Note) -> File:
        row, line, known = self.row_of[note.name], note.numbers["line"], self.known(note)
        return File(
            row, note.month, note.name, int(self.lines.firm[row]), bool(self.lines.controlled[row]), known, ANSWERS[note.kind],
            KINDS[note.kind].tell(note, Names(self.model.case)), line, odds_of_yes(self.model.authority, line, known.sensitivity),
        )  # fmt: skip


def odds_of_yes(office: "Authority", line: float, sensitivity: float) -> float:
    """Chance that the agencies of an office of one world say yes to a file, over all that they may vote."""
    noise = office.p.authority.noise
    chances = [float(vote.yes_chance(np.array([line]), a.offset, np.array([sensitivity]), noise)[0]) for a in office.agencies]
    sides: list[Any] = [((True, yes), (False, 1 - yes)) for yes in chances]
    total = 0.0
    for votes in product(*sides):
        if office.vote_rule([np.array([said]) for said, _ in votes], office.chair)[0]:
            total += float(np.prod([chance for _, chance in votes]))
    return total
