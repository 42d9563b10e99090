"""Which case a result stands on: its name, the hash of its tables, and what differs from the shipped case that it is a copy of."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sim.batch.plan import Plan, table_hashes, tables_hash
from sim.case import Case, read_case, shipped_case, shipped_cases
from sim.case_table import Table
from sim.months import label, month_of
from sim.scenario import Run
from sim.text_file import printable

HALF = 0.5  # of its rows a copy shares with the case that it was copied from


@dataclass(frozen=True)
class Rows:
    """What differs in a table: rows that stand in the place of others, more of them, fewer; moved: only their order."""

    changed: int = 0
    added: int = 0
    removed: int = 0
    moved: bool = False

    def __str__(self) -> str:
        parts = [(self.changed, "changed"), (self.added, "added"), (self.removed, "removed")]
        told = [f"{many} row{'' if many == 1 else 's'} {what}" for many, what in parts if many]
        return ", ".join([*told, *(["rows in another order"] if self.moved else [])])


@dataclass(frozen=True)
class OnCase:
    """name: the folder's; tables: SHA-256 of all its tables; copy_of: the shipped case that it is, or was copied from, or "";
    changed: table -> what differs from that; notes: what a reader must know besides"""

    name: str
    tables: str
    copy_of: str = ""
    changed: Mapping[str, Rows] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def is_shipped(self) -> bool:
        return self.name == self.copy_of and not self.changed

    @property
    def short(self) -> str:
        """Its name, and enough of the hash to know the tables again."""
        return f"{printable(self.name, 40)} (tables {self.tables[:8]})"

    def __str__(self) -> str:
        """
        >>> str(OnCase("mine", "0123456789abcdef", "huawei", {"input_groups": Rows(1)}))
        'mine (tables 01234567), a copy of huawei, which differs in input_groups.csv (1 row changed)'
        """
        if not self.copy_of or self.is_shipped:
            return self.short
        what = ", ".join(f"{table}.csv ({rows})" for table, rows in self.changed.items())
        return f"{self.short}, a copy of {self.copy_of}, " + (f"which differs in {what}" if what else "which has the same tables")

    def entry(self) -> dict[str, Any]:
        """For a manifest."""
        return asdict(self)


def of_case(case: Case) -> OnCase:
    """Without notes, which are about a scenario on it."""
    tables = tables_hash(case.folder)
    if case.name in shipped_cases() and case.folder.samefile(shipped_case(case.name)):
        return OnCase(case.name, tables, case.name)
    nearest, most = None, HALF * sum(map(len, case.tables.values()))
    for name in shipped_cases():
        theirs = read_case(shipped_case(name))
        common = sum((Counter(_rows(theirs.tables.get(t))) & Counter(_rows(case.tables.get(t)))).total() for t in case)
        if common > most:
            nearest, most = theirs, common
    return OnCase(case.name, tables) if nearest is None else OnCase(case.name, tables, nearest.name, differences(nearest, case))


def of_plan(plan: Plan) -> OnCase:
    found = of_case(plan.case)
    return OnCase(found.name, found.tables, found.copy_of, found.changed, (*_of_sample(plan, found), *_beyond(plan)))


def of_manifest(manifest: Mapping[str, Any]) -> OnCase | None:
    """None in one that was written before results said so."""
    entry = manifest.get("case")
    if not isinstance(entry, dict):
        return None
    changed = {table: Rows(**rows) for table, rows in entry["changed"].items()}
    return OnCase(entry["name"], entry["tables"], entry["copy_of"], changed, tuple(entry["notes"]))


def differences(base: Case, other: Case) -> dict[str, Rows]:
    """Table -> what differs in it as it is read: how a spreadsheet writes numbers, or the order of columns, is no difference."""
    found = {}
    for table in base.schema:
        ours, theirs = (_rows(case.tables.get(table)) for case in (base, other))
        gone, new = ((Counter(a) - Counter(b)).total() for a, b in ((ours, theirs), (theirs, ours)))
        if ours != theirs:
            both = min(gone, new)
            found[table] = Rows(both, new - both, gone - both, moved=not gone and not new)
    return found


def _rows(table: Table | None) -> list[tuple[str, ...]]:
    """The rows of a table as texts, its columns in the order of their names."""
    if table is None:
        return []
    return list(zip(*([str(cell) for cell in table[column]] for column in sorted(table)), strict=True))


def _of_sample(plan: Plan, case: OnCase) -> list[str]:
    """Whether the sample that the scenario draws from was fitted to these tables."""
    scenario = plan.scenario
    if scenario.no_sample:
        what = f"{case.name} has no {printable(scenario.no_sample)}, the sample that the scenario draws from"
        return [f"{what}; so each uncertain number is drawn from its whole range, and runs on a case with a sample are no pair to this one"]
    prior = scenario.prior
    fitted = None if prior is None else prior.about.get("tables")
    if prior is None or fitted is None or fitted == case.tables:
        return []
    of = next((name for name in shipped_cases() if tables_hash(shipped_case(name)) == fitted), "") or prior.about.get("case", "")
    if of and of == case.copy_of and not case.changed:  # the same numbers, written in another way
        return []
    whose = f"{f'the case {printable(str(of), 40)}' if of else 'a case'} (tables {printable(str(fitted))[:8]})"
    return [
        f"the sample {printable(prior.name)} was fitted to {whose}, not to these tables, and is drawn from as it is; --set prior=none "
        "draws from whole ranges, and `chokepoint calibrate --case` fits a sample to these"
    ]


def _beyond(plan: Plan) -> list[str]:
    """Dated facts after a run's end, unless they lie within the usual horizon, which the run then falls short of on purpose."""
    table, months = plan.case["calendar"], plan.scenario.run.months
    rows = [(date, lever) for date, lever in zip(table["date"], table["lever"], strict=True) if lever not in plan.scenario.levers]
    rows += [(event.date, event.lever) for event in plan.scenario.events]
    late = sorted(row for row in rows if month_of(row[0]) >= max(months, Run.months))
    if not late:
        return []
    count = f"{len(late)} dated fact{'s' if len(late) > 1 else ''}"
    them, needs = "them" if len(late) > 1 else "it", month_of(late[-1][0]) + 1
    lie = "lie" if len(late) > 1 else "lies"
    where = f"{lie} after {label(months - 1)}, where the run ends"
    return [f"{count} (first {late[0][1]} of {late[0][0]}) {where}, and changes nothing; --months {needs} reaches {them}"]


def other_tables(kept: Path, now: Path) -> list[str]:
    """Names of tables whose bytes are others, or that only one of two folders has."""
    a, b = table_hashes(kept), table_hashes(now)
    return [name for name in sorted({*a, *b}) if a.get(name) != b.get(name)]
