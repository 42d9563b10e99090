"""`chokepoint new`: a scenario file to fill in, and the schema that editors complete and check it by.

Every lever stands in it behind a `#`, at the value that it has now: what one uncomments as it stands changes nothing.
"""

import os
import textwrap
from collections.abc import Iterable
from pathlib import Path

from sim import inheritance, scenario_schema
from sim.batch.folder import safe_name
from sim.batch.plan import Plan
from sim.batch.store import make_folder, write
from sim.case import Case, shipped_cases
from sim.case_checks import set_by_law
from sim.parameters import PARAMETERS, RULES, Parameter, find, row_of
from sim.refusal import InputError
from sim.scenario import Scenario
from sim.text_file import printable
from sim.uncertainty import Spread
from sim.yaml_text import quoted, written

MOST_DATES = 6  # of a lever that are written out
_LINE = 110  # characters a comment is wrapped at


def new(name: str, parent: str, out: Path, case: str | None = None) -> tuple[Path, Path]:
    """Write out/NAME.yaml and the schema beside it, and say where. case: in place of the parent's.

    InputError if the name, the parent or the case will not do, or a file would be lost; nothing is written then.
    """
    name = name.removesuffix(".yaml")
    _check_name(name)
    plan = Plan.of(parent, case=case)
    text = _text(name, _as_seen_from(out, parent), None if case is None else _case_seen_from(out, case), plan)
    file, beside = out / f"{name}.yaml", out / scenario_schema.FILE
    if out.exists() and not out.is_dir():
        raise InputError("--out", f"{out} is a file; name a folder")
    if os.path.lexists(file):
        raise InputError(str(file), "there is such a file already; choose another name, or move it away")
    if os.path.lexists(beside) and not _is_ours(beside):
        raise InputError(str(beside), "there is such a file already, and it is not Chokepoint's; choose another folder with --out")
    make_folder(out)
    write(beside, scenario_schema.text().encode())
    write(file, text.encode())
    return file, beside


def _check_name(name: str) -> None:
    if not name or safe_name(name) != name or name == "batch":
        ways = "a name has small letters, digits, - and _, and begins with a letter or digit, such as faster_desk"
        raise InputError(printable(name) or "NAME", f"is no name for a scenario; {ways}")
    if name in inheritance.shipped():
        raise InputError(name, "a scenario of that name comes with Chokepoint; choose another")


def _as_seen_from(out: Path, parent: str) -> str:
    """How a file in `out` names its parent: a file must stand in that folder, or below it."""
    if parent in inheritance.shipped():
        return parent
    try:
        below = Path(parent).resolve().relative_to(out.resolve()).as_posix()
    except ValueError:
        where = Path(parent).parent
        what = f"{printable(parent)} lies outside {out}; a scenario extends a file in its own folder: --out {where}"
        raise InputError("--from", what) from None
    if not inheritance.is_file_name(below):
        raise InputError("--from", f"{printable(parent)} does not end in .yaml; rename it")
    return below


def _case_seen_from(out: Path, case: str) -> str:
    """How a file in `out` names a case: a folder must stand in that folder, or below it."""
    if case in shipped_cases():
        return case
    try:
        below = Path(case).resolve().relative_to(out.resolve()).as_posix()
    except ValueError:
        below = "."
    if below == ".":
        where = Path(case).resolve().parent
        what = f"{printable(case)} does not lie in {out}; a scenario reads a case in its own folder: --out {printable(str(where), 200)}"
        raise InputError("--case", what)
    return f"./{below}" if below in shipped_cases() else below


def _is_ours(file: Path) -> bool:
    """Whether it is a schema that some version of Chokepoint wrote."""
    try:
        return f'"title": "{scenario_schema.TITLE}"' in file.read_text(encoding="utf-8")[:1000]
    except (OSError, UnicodeDecodeError):
        return False


def _text(name: str, parent: str, case: str | None, plan: Plan) -> str:
    scenario = plan.scenario
    run = scenario.run
    title = name.replace("_", " ").replace("-", " ").capitalize()
    worlds = f"worlds: {run.worlds}, " if scenario.sweep is None else ""
    lines = [
        scenario_schema.FIRST_LINE,
        f"# {title}. Write here why it is as it is, and from which sources.",
        "#",
        "# To change something take away the `# ` before its line, and before the line that names its section (levers:). Whatever is",
        f"# not written here is as in {parent}.",
        f"#   what it would do:  chokepoint check {name}.yaml",
        f"#   what differs:      chokepoint diff {parent} {name}.yaml",
        f"#   run it:            chokepoint run {name}.yaml",
        f"title: {quoted(title)}",
        f"question: What changes when ..., compared with {parent}?" if _plain(parent) else 'question: "What changes when ...?"',
        f"extends: {quoted(parent)}",
        *([] if case is None else [f"case: {quoted(case)}"]),
        "",
        "# What somebody may choose. A dated lever takes one number (in every month), dates with values in place of the calendar's",
        "# ({2019-07: 0.56, 2020-05-15: 1}; a month counts whole, a day from that day on), [] (no dates), or calendar.",
        "# levers:",
        *_levers(plan),
        "",
        "# Rows added to the calendar, after everything else.",
        "# events:",
        "#   - {date: 2020-05, lever: licensing.freeze, value: 1}",
        "",
        "# Which variant of a rule holds.",
        "# rules:",
        *(f"#   {rule}: {scenario.rules[rule]}  # one of {', '.join(variants)}" for rule, variants in RULES.items()),
        "",
        "# What nobody knows, and what is fixed: `chokepoint parameters` shows every number with its unit, range and source.",
        *_examples(scenario),
        "",
        "# The scenario that it is held against, with the same luck, world by world.",
        f"compare_with: {quoted(parent)}",
        f"run: {{{worlds}seed: {run.seed}, months: {run.months}}}",
    ]
    return "\n".join(lines) + "\n"


def _plain(parent: str) -> bool:
    return quoted(parent) == parent


def _levers(plan: Plan) -> list[str]:
    """A comment of two lines for each lever, by subject; a lever that each row of a table has, for one of its rows."""
    lines, subject = [], ""
    for entry in sorted((e for e in PARAMETERS.values() if e.kind != "parameter"), key=lambda e: e.path.split(".")[0]):
        path = _path(entry, plan.case)
        if path is None:
            continue
        if (first := entry.path.split(".")[0]) != subject:
            lines += ["#", f"#   # ---- {first}"]
            subject = first
        every = f" One for each row of {entry.over}.csv: write another in the place of {row_of(path)}." if entry.over else ""
        how = {"day": " From its day on.", "pulse": " In its month only."}.get(entry.how, "") if entry.kind == "dated" else ""
        span = f"plausibly {entry.low:g} to {entry.high:g}; " if not entry.fixed else ""
        value, remark = _now(path, entry, plan)
        now = f"; now {remark}" if remark else ""
        lines += [f"#   # {line}" for line in _wrapped(f"{entry.meaning.rstrip('.')}.{every}{how}")]
        lines += [f"#   # {line}" for line in _wrapped(f"{entry.unit}; {span}admissible {entry.least:g} to {entry.most:g}{now}")]
        lines.append(f"#   {quoted(path)}: {value}")
    return lines


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _LINE, break_on_hyphens=False, break_long_words=False)


def _path(entry: Parameter, case: Case) -> str | None:
    """The lever itself, or that of the first row that it says something for; None where the case has no such table."""
    if "*" not in entry.path:
        return entry.path
    try:
        rows = case[entry.over].key
    except KeyError:
        return None
    paths = (entry.path.replace("*", row) for row in rows)
    return next((path for path in paths if find(path) is entry and not set_by_law(case, path)), None)


def _now(path: str, entry: Parameter, plan: Plan) -> tuple[str, str]:
    """What a lever is at now, as a scenario writes it, and a remark where that is not all there is to say."""
    scenario = plan.scenario
    said = scenario.levers.get(path, scenario.uncertainties.get(path, scenario.constants.get(path)))
    if isinstance(said, Spread):
        return written(entry.value), f"uncertain, {said.in_words()}"
    if said is not None:
        return (written(said) if said != {} else "[]"), ""
    if entry.kind != "dated":
        return written(entry.value), ""
    return _dated(path, entry, plan.case)


def _dated(path: str, entry: Parameter, case: Case) -> tuple[str, str]:
    """The calendar's rows of a lever."""
    table = case["calendar"]
    columns = zip(*(table[c] for c in ("date", "lever", "value", "how", "follows")), strict=True)
    rows = [(date if how == "day" else date[:7], float(value), follows) for date, lever, value, how, follows in columns if lever == path]
    if not rows:
        return "[]", f"{entry.value:g} throughout"
    word = "in" if entry.how == "pulse" else "from"
    in_words = ", ".join(f"{v:g} {word} {d}{f' (with {follows})' if follows else ''}" for d, v, follows in rows)
    dates = {date: value for date, value, _ in rows}
    if len(rows) > MOST_DATES:
        values = [value for _, value, _ in rows]
        return "calendar", f"{len(rows)} dates from {rows[0][0]} to {rows[-1][0]}, values from {min(values):g} to {max(values):g}"
    if len(dates) < len(rows) or any(follows for *_, follows in rows):
        return "calendar", in_words
    return written(dates), ""


def _examples(scenario: Scenario) -> Iterable[str]:
    """One uncertainty of the scenario, with the ways to write it, and one constant."""
    path = "firm.hurdle" if "firm.hurdle" in PARAMETERS else next(iter(scenario.uncertainties), "")
    entry = find(path)
    if entry is None:
        return
    low, high = written(entry.low), written(entry.high)
    yield "# uncertainties:"
    yield f"#   # {entry.meaning.rstrip('.')}."
    yield f"#   # or {{low: {low}, high: {high}}}, {{low: ..., mode: ..., high: ...}}, {{mean: ..., sd: ...}}, or values: [{low}, {high}]"
    yield f"#   {path}: range"
    yield "# constants:"
    yield f"#   {path}: {written(entry.value)}  # the same in all worlds"
