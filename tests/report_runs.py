"""Finished runs that tests of the report share: history, and a scenario whose texts are as hostile as texts can be."""

import json
import re

from sim.__main__ import main

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
