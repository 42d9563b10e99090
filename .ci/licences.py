"""The licences of what Chokepoint needs, from what the packages installed here say of themselves.

`python .ci/licences.py` prints the tables of docs/licences.md; `--write` puts them there. Run it in an environment with every extra and
the tools: pip install '.[all,dev]'.
"""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "licences.md"
BEGIN, END = "<!-- made by .ci/licences.py -->\n", "<!-- to here -->\n"
# Words that packages use for a licence, where they do not use its SPDX name.
SPDX = {
    "BSD License": "BSD-3-Clause", "BSD": "BSD-3-Clause", "2-clause BSD": "BSD-2-Clause", "Apache 2.0": "Apache-2.0", "MIT License": "MIT",
    "Apache Software License": "Apache-2.0", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0 (matplotlib's own)", "GNU GENERAL PUBLIC LICENSE": "GPL-3.0",
}  # fmt: skip


def licence(name: str) -> str | None:
    """As an SPDX expression where the package gives one; None if it is not installed."""
    try:
        meta = distribution(name).metadata
    except PackageNotFoundError:
        return None
    word = (meta.get("License") or "").strip()
    classes = [line.rsplit(" :: ", 1)[1] for line in meta.get_all("Classifier", []) if line.startswith("License :: ")]
    long = "\n" in word or len(word) > 40 or not word
    found = [meta.get("License-Expression") or ("" if long and classes else word.split("\n")[0])]
    return " or ".join(SPDX.get(one, one) for one in (found if found[0] else classes))


def needs(requirements: list[str], extras: set[str] = frozenset()) -> dict[str, tuple[str, set[str]]]:
    """Of requirements that hold here: the name as it is written, and the extras asked for, by the plain name."""
    found = {}
    for line in requirements:
        one = Requirement(line)
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras or {""}):
            found[canonicalize_name(one.name)] = one.name, set(one.extras)
    return found


def named() -> dict[str, list[str]]:
    """Group -> requirements that pyproject.toml names: "always", then each extra but those made of others."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"always": project["dependencies"]}
    for extra, lines in project["optional-dependencies"].items():
        groups[extra] = [line for line in lines if not line.startswith("chokepoint[")]
    return {group: lines for group, lines in groups.items() if lines}


def tree(lines: list[str]) -> dict[str, str]:
    """What these requirements bring, themselves included: names by their plain form."""
    found: dict[str, str] = {}
    todo = [(plain, name, extras) for plain, (name, extras) in needs(lines).items()]
    while todo:
        plain, name, extras = todo.pop()
        if plain in found:
            continue
        found[plain] = name
        try:
            further = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        todo += [(p, n, e) for p, (n, e) in needs(further, extras).items()]
    return found


def tables() -> str:
    known: set[str] = set()
    parts = []
    for group, lines in named().items():
        direct, all_of_it = needs(lines), tree(lines)
        rows = [(all_of_it[plain], plain in direct) for plain in sorted(all_of_it) if plain not in known]
        known |= set(all_of_it)
        rows.sort(key=lambda row: (not row[1], row[0].lower()))
        head = "With every installation" if group == "always" else f"With `chokepoint[{group}]`, besides"
        parts += [f"### {head}", "", "| package | licence | |", "| --- | --- | --- |"]
        for name, own in rows:
            parts.append(f"| {name} | {licence(name) or 'not installed where this was made'} | {'' if own else 'comes along'} |")
        parts.append("")
    return "\n".join(parts)


def written() -> dict[str, str]:
    """Package -> licence, as the page has it."""
    text = PAGE.read_text(encoding="utf-8")
    made = text[text.index(BEGIN) : text.index(END)]
    return {canonicalize_name(name): said for name, said in re.findall(r"^\| ([\w.-]+) \| ([^|]+) \| [\w ]*\|$", made, re.MULTILINE)}


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        text = PAGE.read_text(encoding="utf-8")
        before, after = text.split(BEGIN)[0], text.split(END)[1]
        PAGE.write_text(before + BEGIN + "\n" + tables() + END + after, encoding="utf-8", newline="\n")
    else:
        print(tables(), end="")
