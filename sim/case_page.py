"""The page of docs that says what a case holds: every table and column, written from case_columns.csv."""

from sim.case_schema import TABLES, Column, schema

_OPENING = """\
# The tables of a case

<!-- Written by `python -m sim.case_page > docs/case.md`; a test holds it to sim/case_columns.csv. -->

A case is a folder of CSV tables: who exists, what they trade at the start, and the dated inputs. A scenario names it
(`case: huawei`, or a folder beside the scenario), and the rules read it by column; no rule knows the name of a row.
To make a case of your own, `chokepoint case huawei --to mycase` writes a copy; change its tables, and
`chokepoint check history --case mycase` refuses whatever does not fit, by file, line and column
([your_own_case.md](your_own_case.md)).

* Files are in UTF-8, with a comma between cells, a point as decimal sign, and the names of the columns in the first line.
  The order of columns is free. Unknown tables and unknown columns are refused, so that a misspelled one is noticed.
* A *key* names a row; where a table has several, together they do, and no two rows may share them.
* A *flag* is 0 or 1. A *date* is a month (2019-05) or a day (2019-05-16).
* Money is in billions of US dollars of the day.
"""


def case_page() -> str:
    """The page, in Markdown."""
    parts = [_OPENING, _overview()]
    parts += [table_in_words(table, columns) for table, columns in schema().items()]
    return "\n".join(parts)


def _overview() -> str:
    lines = ["| Table | | What it holds |", "|---|---|---|"]
    for table, (required, about) in TABLES.items():
        lines.append(f"| [{table}](#{table}csv) | {'required' if required else 'may be missing'} | {about} |")
    return "\n".join(lines) + "\n"


def table_in_words(table: str, columns: tuple[Column, ...]) -> str:
    """A table's section of the page."""
    required, about = TABLES[table]
    lines = [f"## {table}.csv", "", f"{about[0].upper()}{about[1:]}.{'' if required else ' May be missing.'}", ""]
    lines += ["| Column | Holds | Meaning |", "|---|---|---|"]
    lines += [f"| `{column.name}` | {_holds(column)} | {_in_cell(column.meaning)} |" for column in columns]
    return "\n".join(lines) + "\n"


def _holds(column: Column) -> str:
    """What a cell may hold, in words."""
    words = column.type
    if column.type == "choice":
        words = "one of " + ", ".join(f"`{choice}`" for choice in column.choices)
    elif column.choices:
        words += ": " + ", ".join(f"`{choice}`" for choice in column.choices)
    if column.unit:
        words += f", {column.unit}"
    if column.least:
        words += f", from {column.least} to {column.most}"
    if column.reference == "parameters.path":
        words += ", a path of `chokepoint parameters`"
    elif column.reference:
        target, _, key = column.reference.partition(".")
        words += f", {'or ' if column.choices else ''}a `{key}` of {target}.csv"
    return _in_cell(words if column.required else f"{words}; may be blank")


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    print(case_page(), end="")
