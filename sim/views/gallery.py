"""The gallery of scenarios: scenarios/README.md, made from the scenarios themselves.

`python -m sim.views.gallery` prints it; `--write` writes it.
"""

from pathlib import Path

from sim.in_words import differences
from sim.scenario import Scenario, read, shipped
from sim.shipped import SHIPPED
from sim.views.made import show_or_write

PAGE = SHIPPED / "README.md"
SHOWN = 6  # changes of one kind that are listed one by one

_TOP = """# The scenarios

One file, one question. Run one with `chokepoint run NAME`; what it would do, in words: `chokepoint check NAME`. Every what-if has the
same luck and the same uncertain values, world by world, as the scenario that it is held against, so that its own lever is all that
differs. Run those that build on `free_talks` twice, with `--set rules.talks=war_of_attrition` too: the record cannot tell which way of
bargaining is right. What they answer: [docs/questions.md](../docs/questions.md).

This page is made from the files: `python -m sim.views.gallery --write`.
"""

NOT_ANSWERED = {
    "Core-only limits": """what would a limit to the core network remove, per dollar? The case has radio networks alone, so `allies_cap`
  answers for a cap on awards.""",
    "A mineral licences desk": """what if China licensed rare earths file by file, as the United States licenses chips? `rare_earths`
  answers for restrictions as one share of all minerals; a desk with a line of its own has no rule yet.""",
    "A fee in place of a denial": """what if a licence could be had for 15 or 25 % of the sales? No rule says yet what a fee does to a
  firm's sales and to what the other side takes for conceded.""",
}


def page() -> str:
    found = {name: read(name) for name in shipped()}
    rows = [f"| [{name}](#{name}) | {s.question or s.title} |" for name, s in found.items()]
    table = "\n".join(["| scenario | question |", "| --- | --- |", *rows])
    missing = "\n".join(f"- *{what}*: {why}" for what, why in NOT_ANSWERED.items())
    entries = (_entry(name, s) for name, s in found.items())
    return "\n\n".join([_TOP.strip(), table, *entries, f"## Not answered in this version\n\n{missing}"]) + "\n"


def _entry(name: str, scenario: Scenario) -> str:
    lines = [f"## {name}", "", f"**{scenario.title}.** {scenario.question}", "", about(scenario.files[-1])]
    against = scenario.compare_with
    if against is not None:
        lines += ["", f"Against `{against}`:", "", *(f"- {change}" for change in _changes(read(against), scenario))]
    if scenario.answer is not None:
        outcomes = ", ".join(f"`{outcome}`" for outcome in scenario.answer.look_at)
        off = ", ".join(f"`{path}: {value if isinstance(value, str) else f'{value:g}'}`" for path, value in scenario.answer.without.items())
        without = f" Without it ({off}) nothing moves." if off else ""
        lines += ["", f"Look at {outcomes}. The answer comes from {scenario.answer.by}.{without}"]
    return "\n".join(lines)


def about(file: Path) -> str:
    """What the comment at the head of a scenario says: why it is as it is, and from which sources."""
    head = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        head.append(line.removeprefix("#").strip())
    return "\n".join(head)


def _changes(other: Scenario, scenario: Scenario) -> list[str]:
    """What differs, those of one kind (the same lever at many rows of a table) in one entry where they are many."""
    kinds: dict[str, list[str]] = {}
    for change in differences(other, scenario):
        path, colon, rest = change.partition(": ")
        parts = path.split(".")
        kind = f"{parts[0]}.*.{parts[2]}{colon}{rest}" if len(parts) == 3 else change
        kinds.setdefault(kind, []).append(change)
    found = []
    for kind, changes in kinds.items():
        if len(changes) <= SHOWN:
            found += changes
        else:
            rows = ", ".join(change.split(".")[1] for change in changes)
            found.append(f"{kind}; for {rows}")
    return [change for change in found if not change.startswith("warning")]


if __name__ == "__main__":
    show_or_write(PAGE, page, __doc__)
