"""Ten deliberate bugs, and whether the quick tests see them.

    python tests/mutants.py               all ten, two at a time; exit code 1 if one goes unseen
    python tests/mutants.py lapse luck    those whose names hold one of these words

Each is a patch to a copy of the sources, after which the quick tests that should see it are run there. The kept runs of
tests/golden.py are not among them, since they see any change, the right ones too. A patch whose text is not found exactly once is an
error: whoever changes that line mends the patch. The copy without a patch must pass the same tests.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("sim", "scenarios", "tests", "docs", "pyproject.toml")


class Mutant(NamedTuple):
    """patches: (text, what stands in its place) each; tests: files or single tests, of the quick ones"""

    name: str
    file: str
    patches: tuple[tuple[str, str], ...]
    why: str
    tests: tuple[str, ...]


HOLD = "tests/test_rules_hold.py"
MUTANTS = (
    Mutant(
        "a shipment dropped", "sim/exchanges/supply.py",
        (("        return total(self.bought.values())", '        return total([self.bought["controlled"], self.bought["foreign"]])'),),
        "What is bought at home is paid for and never arrives.",
        ("tests/test_books.py::test_they_balance_under_other_rules",),
    ),
    Mutant(
        "a sale paid twice", "sim/exchanges/supply.py",
        (("np.where(self.is_controlled[:, None], controlled[self.seller_group], foreign[self.seller_group])",
          "controlled[self.seller_group] + foreign[self.seller_group]"),),
        "A seller is paid out of the orders to controlled sellers and out of those to foreign ones, whichever it is.",
        ("tests/test_books.py::test_they_balance_under_other_rules",),
    ),
    Mutant(
        "a mask forgotten on the belief update", "sim/agents/chipmaker.py",
        (("licensing.variance = np.where(active, after, licensing.variance)", "licensing.variance = after"),),
        "Firms grow unsure of a line in worlds where the vendor is off the list and there is none.",
        (HOLD,),
    ),
    Mutant(
        "the sign of availability turned round", "sim/rules/line.py",
        (("return base + w_available * available", "return base - w_available * available"),),
        "The authority hardens where foreigners could sell instead, where the record says it eases.",
        (HOLD,),
    ),
    Mutant(
        "q^2 left out", "sim/rules/belief.py",
        (("np.clip(variance + drift * drift, ", "np.clip(variance, "),),
        "Doubt never comes back, so that in the end firms know an old line for certain.",
        (HOLD,),
    ),
    Mutant(
        "the lapse at the product rule skipped", "sim/agents/authority.py",
        (("        if lapses.any():", "        if False:"),),
        "Licences of before the product rule go on, and all books balance.",
        (HOLD,),
    ),
    Mutant(
        "the cap at level 2 ignored", "sim/exchanges/procurement.py",
        (("list(v.restricted), number, kept, ruled == 2)", "list(v.restricted), number, kept, ruled == 4)"),),
        "A partial limit limits nothing.",
        ("tests/test_procurement.py",),
    ),
    Mutant(
        "two agents' luck swapped", "sim/exchanges/licensing.py",
        (('tuple((f"{s.firm} {s.group}", count) for s in sellers)',
          'tuple((f"{s.firm} {s.group}", count) for s in (*sellers[1::-1], *sellers[2:]))'),),
        "No figure looks wrong, but whose luck it is hangs on the order of a table's rows.",
        (HOLD,),
    ),
    Mutant(
        "votes by last month's line", "sim/agents/authority.py",
        (("        self.licensing.line = np.where(listed > 0, line, np.nan)",
          "        self.before, self.licensing.line = self.licensing.line, np.where(listed > 0, line, np.nan)"),
         ("        line = self.licensing.line_at(files)",
          "        lines = self.licensing.lines\n        line = self.before[lines.group[files.row], files.world]")),
        "An easing is answered a month late.",
        (HOLD,),
    ),
    Mutant(
        "the shadow columns listed", "sim/agents/vendor.py",
        (("listed, own, in_force, eased = (np.concatenate([x, nothing])", "listed, own, in_force, eased = (np.concatenate([x, x])"),),
        "The path without the listing fears it, hoards and learns at home, so that the ledger finds hardly a loss.",
        (HOLD,),
    ),
)  # fmt: skip


def patched(mutant: Mutant, root: Path = ROOT) -> str:
    """The mutant's file with its bug. ValueError if a text is not there exactly once."""
    text = (root / mutant.file).read_text(encoding="utf-8")
    for was, is_ in mutant.patches:
        if text.count(was) != 1:
            count = text.count(was)
            raise ValueError(f"tests/mutants.py, {mutant.name}: found {count} times in {mutant.file}, and should be once:\n{was}")
        text = text.replace(was, is_)
    return text


class Outcome(NamedTuple):
    """failed: the first test that fails, "" if all pass; said: what pytest said"""

    failed: str
    seconds: float
    said: str


def tried(mutant: Mutant | None, tests: Sequence[str]) -> Outcome:
    """What the tests say in a copy of the sources with this bug; None: without any. RuntimeError if they could not be run."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as room:
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, Path(room) / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, room)
        if mutant is not None:
            (Path(room) / mutant.file).write_text(patched(mutant), encoding="utf-8")
        start, environment = time.monotonic(), {**os.environ, "PYTHONPATH": room, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not slow", *tests]
        done = subprocess.run(command, cwd=room, env=environment, capture_output=True, text=True, check=False)
    failed = re.search(r"^FAILED (?:tests/)?(\S+)", done.stdout, re.M)
    if done.returncode not in (0, 1) or (done.returncode == 1) != (failed is not None):
        who = "without a bug" if mutant is None else mutant.name
        raise RuntimeError(f"{who}: the tests could not be run\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return Outcome(failed[1] if failed else "", time.monotonic() - start, done.stdout)


def score(mutants: Sequence[Mutant]) -> int:
    """Print who is caught by what; 1 if somebody is not, or if the tests fail without a bug."""
    for mutant in mutants:
        patched(mutant)  # a stale patch is told before anything runs
    every = list(dict.fromkeys(test for mutant in mutants for test in mutant.tests))
    width = max(len(mutant.name) for mutant in mutants)
    caught = 0
    with ThreadPoolExecutor(2) as two:
        sane, *outcomes = two.map(lambda job: tried(*job), [(None, every), *((mutant, mutant.tests) for mutant in mutants)])
    if sane.failed:
        print(f"Without any bug {sane.failed} fails:\n{sane.said[-3000:]}")
        return 1
    print(f"{'mutant':{width}} | caught by (first failing test) | seconds")
    for mutant, outcome in zip(mutants, outcomes, strict=True):
        caught += bool(outcome.failed)
        print(f"{mutant.name:{width}} | {outcome.failed or 'NOBODY: ' + mutant.why} | {outcome.seconds:.0f}")
    print(f"{caught} of {len(mutants)} caught; without a bug the same tests pass ({sane.seconds:.0f} s)")
    return int(caught < len(mutants))


def main(argv: Sequence[str] | None = None) -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("word", nargs="*", help="of a mutant's name; without any, all")
    asked = words.parse_args(argv).word
    chosen = [mutant for mutant in MUTANTS if not asked or any(word in mutant.name for word in asked)]
    if not chosen:
        words.error(f"no mutant's name holds {' or '.join(asked)}; there are: {', '.join(mutant.name for mutant in MUTANTS)}")
    return score(chosen)


if __name__ == "__main__":
    sys.exit(main())
