"""Finished runs that tests of the report share: history, and a scenario whose texts are as hostile as texts can be."""

import csv
import json
import re
import shutil
from pathlib import Path

from sim.__main__ import main
from sim.batch.folder import safe_name
from sim.shipped import SHIPPED

TITLE = "</script><img src=x onerror=alert(1)>"
QUESTION = "<!--<script>alert(2)</script> \u2028 javascript:alert(3) & \"quotes' `ticks` ${alert(4)} {{alert(5)}}"
HOSTILE = """title: "</script><img src=x onerror=alert(1)>"
question: "<!--<script>alert(2)</script> \\u2028 javascript:alert(3) & \\"quotes' `ticks` ${alert(4)} {{alert(5)}}"
extends: history
events:
  - {date: 2019-07, lever: licensing.base_line, value: 0.56}
  - {date: 2019-07, lever: licensing.freeze, value: 0}
compare_with: history
"""


def hostile_pair(out, worlds=12, months=36):
    """The folders of history and of the hostile scenario, one beside the other."""
    file = out / "hostile.yaml"
    file.write_text(HOSTILE, encoding="utf-8")
    words = ["--worlds", str(worlds), "--months", str(months), "--jobs", "1", "--quiet", "--out", str(out)]
    assert main(["compare", "history", str(file), *words]) == 0
    (batch,) = (out / "batch").iterdir()
    return [next((batch / name).iterdir()) for name in ("history", "hostile")]


def parts(text):
    """What the page keeps for its scripts."""
    return json.loads(re.search(r"<script type=application/json id=parts>(.*?)</script>", text, re.DOTALL)[1])


HOSTILE_NAME = "=1+cmd|' /C calc'!A0</script><!--<script><img src=x onerror=alert(1)><a href=\"javascript:alert(2)\">\u2028${alert(3)}{{alert(4)}}"
NAMED = {  # which columns of a case's tables are texts that nothing else refers to, or that are changed everywhere alike
    "chipmakers.csv": ["firm"], "firm_sales_by_group.csv": ["firm"], "governments.csv": ["name", "region"], "authorities.csv": ["name"],
    "words.csv": ["word"], "carriers.csv": ["carrier"], "vendors.csv": ["vendor"], "calendar.csv": ["note"],
}  # fmt: skip


def pair_of_hostile_names(out, worlds, months, *words):
    """The folders of two scenarios, compared, on a case whose names are formulas and markup; so are their own titles, questions, answers
    and files. words: more for the command"""
    case = Path(shutil.copytree(SHIPPED / "cases" / "second_firm", out / "case"))
    for table in case.glob("*.csv"):
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            row |= {column: HOSTILE_NAME + row[column] for column in NAMED.get(table.name, [])}
            row |= {column: HOSTILE_NAME for column in ("source", "confidence") if column in row}
        with table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    text = (SHIPPED / "second_firm.yaml").read_text(encoding="utf-8")
    text = re.sub(r"^(title|question): .*\n", "", text, flags=re.MULTILINE).replace("case: second_firm", "case: case")
    told = f"title: {json.dumps(HOSTILE_NAME)}\nquestion: {json.dumps(HOSTILE_NAME)}\n"
    base, other = out / "=1+base.yaml", out / "-2+<img src=x onerror=alert(1)>.yaml"
    base.write_text(told + text, encoding="utf-8")
    told += f'extends: "{base.name}"\ncompare_with: "{base.name}"\nanswer: {{look_at: [approvals, lost_sales], by: {json.dumps(HOSTILE_NAME)}}}\n'
    other.write_text(told + "levers: {authority.capacity: 60}\n", encoding="utf-8")
    command = ["compare", str(base), str(other), "--worlds", str(worlds), "--months", str(months), "--jobs", "1", "--quiet", "--out", str(out), *words]
    assert main(command) == 0
    (batch,) = (out / "batch").iterdir()
    return [next((batch / safe_name(file.stem)).iterdir()) for file in (base, other)]
