"""What the tables of a case must say together."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sim.case_schema import Column
from sim.case_table import Table
from sim.months import month_of
from sim.parameters import PARAMETERS, Parameter, find, row_of
from sim.refusal import InputError, nearest
from sim.text_file import printable

Tables = Mapping[str, Table]
Schema = Mapping[str, tuple[Column, ...]]
_PATH_PART = re.compile(r"[A-Za-z0-9_-]+")
_SUM_TOLERANCE = 1e-6
_SHARES = "share4g_"


def check(tables: Tables, schema: Schema) -> None:
    """InputError at the first contradiction."""
    short_names(tables, schema)
    for table in tables.values():
        for column in schema[table.name]:
            if column.pattern is None:
                references(tables, table, column)
    words(tables["words"], schema["words"])
    offices(tables)
    roles(tables)
    firms(tables["firm_sales_by_group"])
    four_g(tables, schema["carriers"])
    for row in range(len(tables["input_groups"])):
        sum_to_one(tables["input_groups"], row, ["carrier", "enterprise", "consumer"], "shares of use")
    calendar(tables)
    covariances(tables)


def short_names(tables: Tables, schema: Schema) -> None:
    """Rows that the paths of parameters or the titles of columns name must have names that can stand there."""
    for name in sorted({entry.over for entry in PARAMETERS.values() if entry.over in tables} | {"authorities", "vendors"}):
        column = next(column.name for column in schema[name] if column.type == "key")
        for row, key in enumerate(tables[name].key):
            if not _PATH_PART.fullmatch(key):
                what = f'"{printable(key)}" is no short name; use letters, digits, _ and - only'
                raise InputError(tables[name].where(row, column), what)


def references(tables: Tables, table: Table, column: Column) -> None:
    """Every value of a column that refers to a key must be one."""
    target, _, _ = column.reference.partition(".")
    if target not in tables:
        return
    known = {*tables[target].key, *column.choices, ""}
    for row, value in enumerate(table[column.name]):
        if value not in known:
            hint = nearest(value, known) or "; add the row there, or name one that is there"
            raise InputError(table.where(row, column.name), f'"{printable(value)}" is no row of {target}.csv{hint}')


def words(table: Table, columns: tuple[Column, ...]) -> None:
    wanted = next(column.choices for column in columns if column.name == "key")
    for word in wanted:
        if word not in table.key:
            raise InputError("words.csv", f'the word "{word}" is missing; add a row with what reports shall call it')


def offices(tables: Tables) -> None:
    """Each office has departments that vote, and one in the chair."""
    agencies = tables["agencies"]
    for authority in tables["authorities"].key:
        chairs = sum(chair == 1 for chair, of in zip(agencies["chair"], agencies["authority"], strict=True) if of == authority)
        if chairs != 1:
            raise InputError("agencies.csv (chair)", f'{chairs} agencies of "{authority}" have the chair; give it to exactly one')


def roles(tables: Tables) -> None:
    """One controller with an office, one target; one vendor may be listed, and the target is its home."""
    governments, vendors = tables["governments"], tables["vendors"]
    for role in ("persuader", "target_home"):
        rows = [row for row, value in enumerate(governments["role"]) if value == role]
        if not rows:
            raise InputError("governments.csv (role)", f"no government is the {role}; mark exactly one")
        if len(rows) > 1:
            what = f"is a second {role}, beside line {governments.lines[rows[0]]}; there may be one, so write decider"
            raise InputError(governments.where(rows[1], "role"), what)
        if role == "persuader" and governments.key[rows[0]] not in tables["authorities"]["government"]:
            what = f'no office of the persuader "{governments.key[rows[0]]}" controls exports; add its row'
            raise InputError("authorities.csv (government)", what)
    listed = [row for row, value in enumerate(vendors["listed_candidate"]) if value == 1]
    if len(listed) != 1:
        what = f"{len(listed)} vendors are marked 1; mark exactly one, the vendor that may be listed"
        raise InputError("vendors.csv (listed_candidate)", what)
    home = vendors["home_iso3"][listed[0]]
    for iso3, role in zip(governments.key, governments["role"], strict=True):
        if role == "target_home" and iso3 != home:
            what = f'the vendor that may be listed is at home in "{home}", but governments.csv calls "{iso3}" the target_home'
            raise InputError(vendors.where(listed[0], "home_iso3"), what)


def firms(table: Table) -> None:
    """A firm's whole sales are the same in all its rows, and no less than what it sells here."""
    whole: dict[str, float] = {}
    sold: dict[str, Fraction] = {}
    for row, firm in enumerate(table["firm"]):
        rev = float(table["rev"][row])
        if whole.setdefault(firm, rev) != rev:
            what = f'"{printable(firm)}" has whole sales of {whole[firm]:g} on an earlier line; give the same in all its rows'
            raise InputError(table.where(row, "rev"), what)
        sold[firm] = sold.get(firm, Fraction(0)) + Fraction(float(table["sales"][row]))
        if sold[firm] > rev:
            what = f'"{printable(firm)}" sells more to the vendor ({float(sold[firm]):g}) than it sells at all (rev {rev:g})'
            raise InputError(table.where(row, "sales"), what)


def four_g(tables: Tables, columns: tuple[Column, ...]) -> None:
    """Each column of shares belongs to a vendor, and each carrier's shares sum to 1."""
    carriers, vendors = tables["carriers"], tables["vendors"].key
    plain = {column.name for column in columns if column.pattern is None}
    for row, key in enumerate(vendors):
        if _SHARES + key in plain:
            raise InputError(tables["vendors"].where(row, "key"), f'"{key}" would be read as another column of carriers.csv; rename it')
    shares = [column for column in carriers if column.startswith(_SHARES) and column not in plain]
    for column in shares:
        key = column.removeprefix(_SHARES)
        if key not in vendors:
            raise InputError("carriers.csv:1", f'the column "{column}" is for no vendor of vendors.csv{nearest(key, vendors)}')
    for row in range(len(carriers)):
        sum_to_one(carriers, row, shares, "4G shares")


def sum_to_one(table: Table, row: int, columns: list[str], what: str) -> None:
    total = sum(float(table[column][row]) for column in columns)
    if abs(total - 1) > _SUM_TOLERANCE:
        raise InputError(table.where(row, ", ".join(columns)), f"the {what} sum to {total:.6g}; they must sum to 1")


def calendar(tables: Tables) -> None:
    """Each row sets a dated lever, in the way and within the limits that the lever has, once at a time."""
    table = tables["calendar"]
    seen: dict[tuple[str, str | int], int] = {}
    for row, lever in enumerate(table["lever"]):
        how, date, value, follows = (table[column][row] for column in ("how", "date", "value", "follows"))
        entry = _dated(tables, table, row, "lever")
        if clash := set_by_law(tables, lever):
            raise InputError(table.where(row, "lever"), clash)
        if how != entry.how:
            raise InputError(table.where(row, "how"), f'"{how}" does not fit {lever}; write {entry.how}')
        if not entry.least <= value <= entry.most:
            what = f"{value:g} is out of range for {lever}; give a number from {entry.least:g} to {entry.most:g} ({entry.unit})"
            raise InputError(table.where(row, "value"), what)
        if entry.whole and value != int(value):
            raise InputError(table.where(row, "value"), f"{value:g} is wrong for {lever}; it counts {entry.unit}")
        if follows:
            _dated(tables, table, row, "follows")
            if follows == lever:
                what = f"{lever} cannot follow itself; name another lever, or leave it blank"
                raise InputError(table.where(row, "follows"), what)
        moment = (lever, month_of(date) if how == "month" else date)
        if how != "pulse" and moment in seen:
            what = f"sets {lever} a second time at {date}, after line {seen[moment]}; keep one"
            raise InputError(table.where(row, "date"), what)
        seen[moment] = table.lines[row]


def _dated(tables: Tables, table: Table, row: int, column: str) -> Parameter:
    """The lever that a cell names."""
    lever = table[column][row]
    entry = find(lever)
    if entry is None or entry.kind != "dated":
        dated = [path for path, known in PARAMETERS.items() if known.kind == "dated"]
        why = "is no lever" if entry is None else "does not change from month to month"
        hint = nearest(lever, dated) or "; see `chokepoint parameters` for the dated levers"
        raise InputError(table.where(row, column), f'"{printable(lever)}" {why}{hint}')
    if entry.over and row_of(lever) not in tables[entry.over].key:
        about, known_rows = row_of(lever), tables[entry.over].key
        what = f'"{printable(about)}" is no row of {entry.over}.csv{nearest(about, known_rows)}'
        raise InputError(table.where(row, column), what)
    return entry


def set_by_law(tables: Any, path: str) -> str:
    """Why a dated lever of an office says nothing: the controller's office follows the law.* levers. Empty where it does say something."""
    entry = find(path)
    if entry is None or entry.kind != "dated" or entry.over != "authorities":
        return ""
    persuaders = [iso3 for iso3, role in zip(tables["governments"].key, tables["governments"]["role"], strict=True) if role == "persuader"]
    offices = zip(tables["authorities"].key, tables["authorities"]["government"], strict=True)
    own = next((office for office, government in offices if government in persuaders), "")
    what = "is the controller's office and follows law.listing, law.fdpr_in_force and licensing.base_line; set those"
    return f'"{printable(own)}" {what}' if row_of(path) == own else ""


def covariances(tables: Tables) -> None:
    for name in ("governments_fit", "carriers_fit"):
        if name in tables:
            paths, rows = len(tables[name].numbers) - 1, len(tables[name])
            if paths != rows:
                what = f"{paths} paths but {rows} rows; give one row for each path, in the order of the columns"
                raise InputError(f"{name}.csv", what)
