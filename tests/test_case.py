"""A case is read whole and right, or refused with a place, a fault and a mend."""

import csv
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sim.case import case_folder, read_case, shipped_case, shipped_cases
from sim.case_page import case_page
from sim.case_schema import TABLES, schema
from sim.refusal import InputError
from sim.shipped import SHIPPED

ROOT = Path(__file__).resolve().parent.parent
Damage = Callable[[Path], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped case, to be damaged."""
    copy = tmp_path / "mine"
    shutil.copytree(shipped_case("huawei"), copy)
    return copy


def rows_of(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def write(file: Path, rows: list[list[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows(rows)


def cell(table: str, line: int, column: str, value: str) -> Damage:
    """Write another value into one cell; the header is line 1."""

    def damage(folder: Path) -> None:
        rows = rows_of(folder / f"{table}.csv")
        rows[line - 1][rows[0].index(column)] = value
        write(folder / f"{table}.csv", rows)

    return damage


def text(table: str, change: Callable[[bytes], bytes]) -> Damage:
    def damage(folder: Path) -> None:
        file = folder / f"{table}.csv"
        file.write_bytes(change(file.read_bytes()))

    return damage


def both(*damages: Damage) -> Damage:
    def damage(folder: Path) -> None:
        for one in damages:
            one(folder)

    return damage


def again(table: str, line: int) -> Damage:
    """Write a row a second time, at the end."""

    def damage(folder: Path) -> None:
        rows = rows_of(folder / f"{table}.csv")
        write(folder / f"{table}.csv", [*rows, rows[line - 1]])

    return damage


def without_column(table: str, column: str) -> Damage:
    def damage(folder: Path) -> None:
        rows = rows_of(folder / f"{table}.csv")
        place = rows[0].index(column)
        write(folder / f"{table}.csv", [row[:place] + row[place + 1 :] for row in rows])

    return damage


def a_folder_instead(table: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / f"{table}.csv").unlink()
        (folder / f"{table}.csv").mkdir()

    return damage


def a_pipe_instead(table: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / f"{table}.csv").unlink()
        os.mkfifo(folder / f"{table}.csv")

    return damage


def line_of(table: str, **cells: str) -> int:
    """The line of the shipped table with these cells."""
    rows = rows_of(shipped_case("huawei") / f"{table}.csv")
    return next(i for i, row in enumerate(rows, 1) if all(row[rows[0].index(c)] == v for c, v in cells.items()))


FOLLOWER = line_of("calendar", follows="law.fdpr_in_force")
LISTING = line_of("calendar", lever="law.listing")
LEVEL = line_of("calendar", lever="government.TWN.level")
TARIFF = line_of("calendar", lever="tariff.on_target", date="2018-03-01")
CHINA = line_of("governments", iso3="CHN")


REFUSALS: dict[str, tuple[Damage, str, str]] = {  # reason: (damage, where, a part of what)
    "table missing": (lambda f: (f / "carriers.csv").unlink(), "carriers.csv", "is missing from the case"),
    "unknown table": (lambda f: shutil.copy(f / "carriers.csv", f / "carrier.csv"), "carrier.csv", 'did you mean "carriers.csv"?'),
    "column missing": (without_column("vendors", "a_v"), "vendors.csv:1", 'the column "a_v" is missing'),
    "unknown column": (text("vendors", lambda b: b.replace(b"a_v", b"price_discuont", 1)), "vendors.csv:1", 'did you mean "price_discount"?'),
    "column twice": (text("vendors", lambda b: b.replace(b"a_v", b"key", 1)), "vendors.csv:1", 'the column "key" stands there twice'),
    "text for a number": (cell("input_groups", 4, "need", "lots"), "input_groups.csv:4 (need)", '"lots" is no number; give a number from'),
    "comma as decimal sign": (cell("input_groups", 4, "need", "1,5"), "input_groups.csv:4 (need)", "with a point as decimal sign"),
    "digits with underscores": (cell("input_groups", 4, "need", "1_000"), "input_groups.csv:4 (need)", '"1_000" is no number'),
    "blank around a number": (cell("input_groups", 4, "need", " 1"), "input_groups.csv:4 (need)", '" 1" is no number'),
    "foreign digits": (cell("input_groups", 4, "need", "\u0661"), "input_groups.csv:4 (need)", "is no number"),
    "nan": (cell("input_groups", 4, "scarce", "NaN"), "input_groups.csv:4 (scarce)", "is no finite number; give a number from 0 to 1"),
    "inf": (cell("input_groups", 4, "need", "-inf"), "input_groups.csv:4 (need)", "is no finite number"),
    "beyond all numbers": (cell("input_groups", 4, "need", "1e999"), "input_groups.csv:4 (need)", "is out of range"),
    "5000 digits": (cell("input_groups", 4, "need", "9" * 5000), "input_groups.csv:4 (need)", "is out of range"),
    "huge": (cell("input_groups", 4, "need", "1e308"), "input_groups.csv:4 (need)", "is out of range"),
    "tiny": (cell("input_groups", 4, "need", "5e-324"), "input_groups.csv:4 (need)", "is out of range"),
    "negative": (cell("input_groups", 4, "need", "-1"), "input_groups.csv:4 (need)", "-1 is out of range; give a number from 1e-06 to 10000"),
    "share above 1": (cell("input_groups", 4, "foreign_reach", "1.2"), "input_groups.csv:4 (foreign_reach)", "1.2 is out of range"),
    "level 2.5": (cell("governments", 5, "level_2017", "2.5"), "governments.csv:5 (level_2017)", "is no whole number; give a whole number from 0 to 3"),
    "flag yes": (cell("input_groups", 4, "stocked", "yes"), "input_groups.csv:4 (stocked)", '"yes" is neither 0 nor 1'),
    "unknown choice": (
        cell("firm_sales_by_group", 2, "origin", "controled"),
        "firm_sales_by_group.csv:2 (origin)",
        'none of controlled, foreign; did you mean "controlled"?',
    ),
    "blank number": (cell("input_groups", 4, "need", ""), "input_groups.csv:4 (need)", "is blank; give a number from"),
    "blank text": (cell("governments", 3, "source", "  "), "governments.csv:3 (source)", "is blank; give a text"),
    "no date": (cell("calendar", LISTING, "date", "2020-13-40"), f"calendar.csv:{LISTING} (date)", "is no date; write a month as 2019-05"),
    "date before the start": (cell("calendar", LISTING, "date", "2017-12-31"), f"calendar.csv:{LISTING} (date)", "lies outside 2018-01-01"),
    "blank beside a key": (cell("governments", 3, "iso3", "CAN "), "governments.csv:3 (iso3)", "begins or ends with a blank"),
    "key twice": (cell("governments", 3, "iso3", "USA"), "governments.csv:3 (iso3)", '"USA" stands there twice, first on line 2; keep one'),
    "key of two columns twice": (again("firm_sales_by_group", 2), "firm_sales_by_group.csv:57 (firm, group)", "stands there twice"),
    "key that is no path": (cell("agencies", 2, "agency", "Com.merce"), "agencies.csv:2 (agency)", "is no short name; use letters"),
    "unknown firm": (cell("firm_sales_by_group", 3, "firm", "Kioxa"), "firm_sales_by_group.csv:3 (firm)", 'did you mean "Kioxia"?'),
    "unknown group": (cell("firm_sales_by_group", 3, "group", "memroy"), "firm_sales_by_group.csv:3 (group)", 'did you mean "memory"?'),
    "unknown country": (cell("carriers", 3, "iso3", "ATL"), "carriers.csv:3 (iso3)", '"ATL" is no row of governments.csv'),
    "unknown home": (cell("vendors", 2, "home_iso3", "Sweden"), "vendors.csv:2 (home_iso3)", '"Sweden" is no row of governments.csv'),
    "unknown office": (cell("agencies", 2, "authority", "bsi"), "agencies.csv:2 (authority)", 'did you mean "bis"?'),
    "shares of no vendor": (
        text("carriers", lambda b: b.replace(b"share4g_huawei", b"share4g_huwaei", 1)),
        "carriers.csv:1",
        'for no vendor of vendors.csv; did you mean "huawei"?',
    ),
    "vendor called target": (
        both(cell("vendors", 3, "key", "target"), text("carriers", lambda b: b.replace(b"share4g_nokia", b"share4g_other2", 1))),
        "vendors.csv:3 (key)",
        "would be read as another column",
    ),
    "unknown word": (cell("words", 2, "key", "controler"), "words.csv:2 (key)", 'did you mean "controller"?'),
    "word missing": (text("words", lambda b: re.sub(rb"(?m)^vendor,.*\n", b"", b)), "words.csv", 'the word "vendor" is missing'),
    "4G shares of 1.2": (cell("carriers", 2, "share4g_huawei", "0.2"), "carriers.csv:2 (share4g_", "the 4G shares sum to 1.2; they must sum to 1"),
    "uses of 0.9": (cell("input_groups", 5, "carrier", "0.9"), "input_groups.csv:5 (carrier, enterprise, consumer)", "sum to 0.9"),
    "two persuaders": (cell("governments", 4, "role", "persuader"), "governments.csv:4 (role)", "is a second persuader, beside line 2"),
    "two targets": (cell("governments", 4, "role", "target_home"), f"governments.csv:{max(4, CHINA)} (role)", "is a second target_home"),
    "no persuader": (cell("governments", 2, "role", "decider"), "governments.csv (role)", "no government is the persuader"),
    "controller without an office": (cell("authorities", 2, "government", "CAN"), "authorities.csv (government)", 'persuader "USA"'),
    "no vendor to list": (cell("vendors", 6, "listed_candidate", "0"), "vendors.csv (listed_candidate)", "0 vendors are marked 1"),
    "two vendors to list": (cell("vendors", 2, "listed_candidate", "1"), "vendors.csv (listed_candidate)", "2 vendors are marked 1"),
    "listed vendor of another home": (cell("vendors", 6, "home_iso3", "SWE"), "vendors.csv:6 (home_iso3)", 'calls "CHN" the target_home'),
    "no chair": (cell("agencies", 2, "chair", "0"), "agencies.csv (chair)", '0 agencies of "bis" have the chair'),
    "two chairs": (cell("agencies", 3, "chair", "1"), "agencies.csv (chair)", "2 agencies"),
    "a firm of two sizes": (
        cell("firm_sales_by_group", 6, "rev", "14.3"),
        "firm_sales_by_group.csv:6 (rev)",
        '"Murata" has whole sales of 14.2 on an earlier line',
    ),
    "sales above all sales": (cell("firm_sales_by_group", 2, "sales", "9.5"), "firm_sales_by_group.csv:2 (sales)", "than it sells at all (rev 9)"),
    "unknown lever": (cell("calendar", LISTING, "lever", "law.lisitng"), f"calendar.csv:{LISTING} (lever)", 'is no lever; did you mean "law.listing"?'),
    "lever without dates": (cell("calendar", LISTING, "lever", "authority.noise"), f"calendar.csv:{LISTING} (lever)", "does not change from month to month"),
    "level of nobody": (cell("calendar", LEVEL, "lever", "government.TWM.level"), f"calendar.csv:{LEVEL} (lever)", 'did you mean "TWN"?'),
    "how that does not fit": (cell("calendar", LISTING, "how", "pulse"), f"calendar.csv:{LISTING} (how)", '"pulse" does not fit law.listing; write day'),
    "level and a half": (cell("calendar", LEVEL, "value", "1.5"), f"calendar.csv:{LEVEL} (value)", "1.5 is wrong for government.TWN.level; it counts whole level"),
    "value beyond its lever": (cell("calendar", LISTING, "value", "2"), f"calendar.csv:{LISTING} (value)", "2 is out of range for law.listing"),
    "lever set twice at a time": (cell("calendar", TARIFF, "date", "2018-02-15"), f"calendar.csv:{TARIFF} (date)", "a second time"),
    "date of the controller's office": (cell("calendar", LISTING, "lever", "authority.bis.adopted"), f"calendar.csv:{LISTING} (lever)", "follows law.listing"),
    "follows nothing": (cell("calendar", FOLLOWER, "follows", "law.fdpr_in_forec"), f"calendar.csv:{FOLLOWER} (follows)", 'is no lever; did you mean "law.fdpr_in_force"?'),
    "follows itself": (cell("calendar", FOLLOWER, "follows", "licensing.base_line"), f"calendar.csv:{FOLLOWER} (follows)", "cannot follow itself"),
    "covariance that is not square": (again("governments_fit", 2), "governments_fit.csv", "6 paths but 7 rows"),
    "not UTF-8": (text("governments", lambda b: b.replace(b"Canada", b"Canad\xe1", 1)), "governments.csv:3", "is not in UTF-8"),
    "UTF-16": (text("vendors", lambda b: b.decode().encode("utf-16")), "vendors.csv:1", "is in UTF-16; save it as UTF-8"),
    "NUL byte": (text("vendors", lambda b: b.replace(b"Nokia", b"No\0kia", 1)), "vendors.csv:3", "may not stand in a table"),
    "ragged row": (text("vendors", lambda b: b.replace(b"Nokia,nokia,", b"Nokia,", 1)), "vendors.csv:3", "has 9 cells where the header has 10"),
    "open quote": (text("vendors", lambda b: b.replace(b"Open RAN", b'"Open RAN', 1)), "vendors.csv:8", "is not well-formed CSV"),
    "empty file": (text("vendors", lambda b: b""), "vendors.csv", "is empty; the first line names the columns"),
    "header alone": (text("vendors", lambda b: b.splitlines(keepends=True)[0]), "vendors.csv", "has no rows below its header"),
    "empty first line": (text("vendors", lambda b: b"\n" + b), "vendors.csv:1", "starts with an empty line"),
    "too large": (text("vendors", lambda b: b + b" " * (20 << 20)), "vendors.csv", "is larger than 20 MiB"),
    "too many rows": (text("costs", lambda b: b + b"".join(b"a,b%d,c,d,,,,x,x,,x,x\n" % i for i in range(20_000))), "costs.csv:20002", "more than 20000"),
    "too many columns": (text("costs", lambda b: b"a," * 2000 + b), "costs.csv:1", "columns; a table may have 1000"),
    "table that is a folder": (a_folder_instead("costs"), "costs.csv", "is no regular file"),
    "table that is a pipe": (a_pipe_instead("costs"), "costs.csv", "is no regular file"),
}  # fmt: skip


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_damaged_case_is_refused_with_its_place_and_its_mend(reason: str, folder: Path) -> None:
    damage, where, what = REFUSALS[reason]
    damage(folder)
    with pytest.raises(InputError) as refusal:
        read_case(folder)
    assert refusal.value.where.startswith(where)
    assert what in refusal.value.what
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 400 + len(str(folder))


def test_no_such_folder_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such folder"):
        read_case(tmp_path / "nowhere")


@pytest.mark.parametrize("table", [table for table, (required, _) in TABLES.items() if not required])
def test_a_case_may_do_without_its_optional_tables(table: str, folder: Path) -> None:
    (folder / f"{table}.csv").unlink()
    assert table not in read_case(folder)


def test_a_byte_order_mark_windows_lines_and_another_order_of_columns_change_nothing(folder: Path) -> None:
    before = read_case(folder)
    rows = [list(reversed(row)) for row in rows_of(folder / "governments.csv")]
    write(folder / "governments.csv", rows)
    file = folder / "governments.csv"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    after = read_case(folder)
    assert before["governments"].rows() == [
        {column: row[column] for column in before["governments"]} for row in after["governments"].rows()
    ]
    assert before["governments"].key == after["governments"].key


def test_lines_are_counted_across_cells_of_several_lines(folder: Path) -> None:
    cell("governments", 2, "source", "one\ntwo\nthree")(folder)
    cell("governments", 3, "power", "x")(folder)
    with pytest.raises(InputError, match=re.escape("governments.csv:5 (power)")):
        read_case(folder)


def test_a_blank_where_it_is_allowed_is_no_number_and_never_zero() -> None:
    shares = read_case(shipped_case("huawei"))["chipmakers"]["vendor_share_pct"]
    assert sum(math.isnan(share) for share in shares) == 3


def test_the_shipped_case_has_the_cast_of_the_model() -> None:
    case = read_case(shipped_case("huawei"))
    count = {
        "governments": 90,
        "carriers": 178,
        "vendors": 7,
        "chipmakers": 55,
        "firm_sales_by_group": 55,
        "input_groups": 13,
        "agencies": 4,
    }
    assert {table: len(case[table]) for table in count} == count
    sales = case["firm_sales_by_group"]
    assert len(set(sales["firm"])) == 41
    assert sales["origin"].count("controlled") == 36
    assert case["input_groups"]["need"].sum() == pytest.approx(50.8, abs=0.01)
    assert sales["sales"][np.array(sales["origin"]) == "controlled"].sum() == pytest.approx(11.0, abs=0.01)
    abroad = np.array(case["carriers"]["iso3"]) != "CHN"
    assert case["carriers"]["spend_weight"][abroad].sum() == pytest.approx(1, abs=1e-5)
    assert case.name == "huawei"
    assert case.word("vendor") == "Huawei"


def test_every_row_of_every_table_has_its_source_and_how_far_to_trust_it() -> None:
    case = read_case(shipped_case("huawei"))
    assert set(case) == set(TABLES)
    for table in case:
        assert all(word.strip() not in ("", "-") for word in [*case[table]["source"], *case[table]["confidence"]]), table


def test_only_the_line_of_september_2020_follows_a_rule() -> None:
    rows = [row for row in read_case(shipped_case("huawei"))["calendar"].rows() if row["follows"]]
    assert [(row["date"], row["lever"], row["value"], row["follows"]) for row in rows] == [
        ("2020-09-01", "licensing.base_line", 0.56, "law.fdpr_in_force")
    ]


def test_the_threat_is_the_recipe_in_every_row() -> None:
    governments = read_case(shipped_case("huawei"))["governments"]
    recipe = np.clip(0.05 + 0.60 * governments["intel_tie"] + 0.40 * governments["conflict_with_target"], 0, 1)
    np.testing.assert_allclose(governments["threat0"], recipe, atol=1e-9)
    np.testing.assert_allclose(governments["ally"], governments["guarantee"] * governments["closeness_to_controller"], atol=1.1e-3)


def test_what_a_table_gives_cannot_be_changed_by_accident() -> None:
    need = read_case(shipped_case("huawei"))["input_groups"]["need"]
    with pytest.raises(ValueError, match="read-only"):
        need[0] = 1


def test_every_column_of_the_schema_says_what_it_means_and_what_it_may_hold() -> None:
    kinds = {"number", "integer", "flag", "text", "choice", "date", "key"}
    for table, columns in schema().items():
        names = [column.name for column in columns]
        assert len(set(names)) == len(names)
        assert {"source", "confidence"} <= set(names), table
        for column in columns:
            assert column.type in kinds, column
            assert column.meaning, column
            assert bool(column.choices) or column.type != "choice", column
            assert (column.least != "") == (column.most != ""), column
            assert (column.least != "") == (
                column.type in ("number", "integer", "date") and column.name != "date"
            ) or column.type == "date", column
            target, _, key = column.reference.partition(".")
            assert target in ("", "parameters") or key in [c.name for c in schema()[target] if c.type == "key"], column


def test_every_row_of_the_second_case_says_that_it_is_stylised():
    case = read_case(shipped_case("second_firm"))
    for name in case:
        assert all(source.startswith("stylised: ") or source == "stylised" for source in case[name]["source"]), name
        assert set(case[name]["confidence"]) == {"stylised"}, name
    assert max(case["calendar"]["date"]) < "2021"  # nothing that happened later stands in it


def test_the_page_of_the_docs_is_the_schema() -> None:
    assert (ROOT / "docs" / "case.md").read_text(encoding="utf-8") == case_page()


def test_a_case_is_found_by_its_shipped_name_or_as_a_folder_beside_the_scenario(folder: Path) -> None:
    assert "huawei" in shipped_cases()
    assert case_folder("huawei", folder.parent, "--case") == shipped_case("huawei") == SHIPPED / "cases" / "huawei"
    assert case_folder("./mine", folder.parent, "--case") == case_folder("mine", folder.parent, "--case") == folder
    assert case_folder(str(folder), Path("/nowhere"), "--case") == folder


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("huwaei", 'did you mean "huawei"?'),
        ("xyz", "shipped are huawei"),
        ("./nothing", 'there is no folder "./nothing"'),
        ("../huawei/x", 'there is no folder "../huawei/x"'),
        ("", "there is no folder"),
        ("a\0b", "there is no folder"),
        ("x" * 5000, "no case of that name is shipped"),
    ],
)
def test_a_case_that_is_not_there_is_refused(name: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=re.escape(what)):
        case_folder(name, tmp_path, "--case")


def test_reading_a_case_needs_none_of_the_heavy_packages() -> None:
    code = (
        "import sys; from sim.case import read_case, shipped_case; read_case(shipped_case('huawei')); "
        "print([m for m in ('mesa', 'pandas', 'scipy', 'networkx', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
