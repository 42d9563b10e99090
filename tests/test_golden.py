"""Results stay what they were, or the changelog says that they changed. Runs that are kept: tests/golden.py."""

import dataclasses
import functools
import json
import os
import re
import subprocess
import sys

import golden
import numpy as np
import pytest
from golden import CHANGELOG, RUNS, Kept, Sets, check, compared, computed, digest, scales, told, unsaid

from sim.outcomes import OUTCOMES
from sim.parameters import PARAMETERS, RULES
from sim.scenario import read

SMALL = "second_firm_allies_first_day"
SHORT = RUNS[SMALL]._replace(sets=(*RUNS[SMALL].sets, "run.months=30"))


@pytest.fixture(scope="module")
def small():
    return computed(SMALL)


def off(now, rows, same_bits=False):
    return compared(SMALL, now, rows, scales(), same_bits).said


@pytest.mark.parametrize("name", RUNS)
def test_a_run_gives_what_it_gave(name):
    same_bits = Sets.read().same_bits
    said = compared(name, *computed(name), scales(), same_bits).said
    if said:
        pytest.fail(told(said, same_bits), pytrace=False)


def test_every_rule_and_each_of_its_rivals_is_in_a_run():
    chosen = [read(name, run.sets).rules for name, run in RUNS.items()]
    assert {rule: {rules.get(rule, rivals[0]) for rules in chosen} for rule, rivals in RULES.items()} == {
        rule: set(rivals) for rule, rivals in RULES.items()
    }


def test_each_set_that_was_kept_has_its_entry_in_the_changelog():
    kept = Sets.read()
    assert digest(kept.added_since) == kept.sets[-1]["golden"], "tests/golden/*.npz are not what `python tests/golden.py --write` wrote"
    missing = unsaid(kept.sets, CHANGELOG.read_text(encoding="utf-8"))
    if missing:
        pytest.fail(f"Results have changed. CHANGELOG.md needs, {missing[0]}", pytrace=False)


CHANGES = """# Changelog
## 0.2.0
- Nothing of note.
- *Changes results* (golden bbbbbbbb): a file is read in the month after
  it was filed.
## 0.1.0
- *Changes results* (golden aaaaaaaa): everything.
"""
FIRST, SECOND = {"golden": "aaaaaaaa", "version": "0.1.0"}, {"golden": "bbbbbbbb", "version": "0.2.0"}


@pytest.mark.parametrize(
    "was, is_, lacking",
    [
        ("", "", []),
        ("- *Changes results* (golden bbbbbbbb)", "- (golden bbbbbbbb)", [SECOND]),
        ("golden bbbbbbbb", "golden cccccccc", [SECOND]),
        ("golden bbbbbbbb", "golden aaaaaaaa", [SECOND]),
        ("golden aaaaaaaa", "golden bbbbbbbb", [FIRST]),
        ("(golden bbbbbbbb)", "(golden bbbbbbbb, golden cccccccc)", [SECOND]),
        ("## 0.2.0", "## 0.2.1", [SECOND]),
        ("## 0.1.0\n", "", [FIRST]),
    ],
    ids=["as it is", "no tag", "another set", "an old one", "the old one gone", "two in one", "another version", "the wrong version"],
)
def test_a_set_without_an_entry_of_its_own_is_asked_for(was, is_, lacking):
    asked = unsaid([FIRST, SECOND], CHANGES.replace(was, is_))
    assert [re.findall(r"## (\S+):.*golden (\w+)", one, re.S) for one in asked] == [[(one["version"], one["golden"])] for one in lacking]


# What the comparison sees


def test_a_number_of_the_model_that_moves_in_its_eighth_digit_is_seen(monkeypatch):
    values = {path: PARAMETERS[path].value for path in ("ledger.resale", "vendor.redesign")}

    def run(**other):
        sets = [f"{path}={value!r}" for path, value in {**values, **other}.items()]
        monkeypatch.setitem(RUNS, SMALL, RUNS[SMALL]._replace(sets=("run.months=48", *sets)))
        return computed(SMALL)

    before = run()
    monkeypatch.setattr(Kept, "read", lambda name: before[0])
    assert off(*run()) == []
    for path, value in values.items():
        assert off(*run(**{path: value * (1 + 1e-8)})), path


def moved(now, by, world=3, year=2):
    numbers = {name: values.copy() for name, values in now.numbers.items()}
    numbers["lost_sales"][year, world] += by * scales()["lost_sales"]
    return dataclasses.replace(now, numbers=numbers)


def test_a_number_that_is_off_is_named_with_its_run_outcome_year_and_world(small):
    now, rows = small
    (said,) = off(moved(now, 1e-7), rows)
    was, is_ = now.numbers["lost_sales"][2, 3], moved(now, 1e-7).numbers["lost_sales"][2, 3]
    assert f"{SMALL}: lost_sales of 2020 in world 3 is {is_:.17g} and was {was:.17g}, 1.0e-07 of its scale; 1 of 64" in said
    assert "--write" in told([said], False)
    assert "CHANGELOG.md" in told([said], False)


def test_numbers_may_differ_by_a_billionth_of_their_scale_and_on_the_same_processor_by_nothing(small):
    now, rows = small
    assert off(moved(now, 0.9e-9), rows) == []
    assert off(moved(now, 0), rows, same_bits=True) == []
    for by, same_bits in ((1.1e-9, False), (-1.1e-9, False), (1e-15, True), (np.nan, False), (np.inf, False)):
        assert len(off(moved(now, by), rows, same_bits)) == 1, (by, same_bits)


def test_one_state_in_ten_thousand_may_differ_and_on_the_same_processor_none(small):
    now, rows = small
    few = now.states["line"].size // 10_000

    def turned(cells):
        lines = now.states["line"].copy()
        lines.ravel()[:cells] += 1  # idle before the listing: prepared
        return dataclasses.replace(now, states={**now.states, "line": lines})

    assert off(turned(few), rows) == []
    (said,) = off(turned(few + 1), rows)
    assert f"line of {rows['line'][0]} in 2018-01, world 0, is preparing and was idle; {few + 1} of" in said
    assert len(off(turned(1), rows, same_bits=True)) == 1


def test_states_are_of_every_kind(small):
    now, rows = small
    assert {kind: len(names) for kind, names in rows.items()} == {kind: len(states) for kind, states in now.states.items()}
    for kind in now.states:
        assert any(len(np.unique(Kept.read(name).states[kind])) > 1 for name in RUNS), kind
        other = dataclasses.replace(now, states={**now.states, kind: now.states[kind] + np.int8(1)})
        assert other.digest([]) != now.digest([]) != moved(now, 1e-15).digest([])


# Keeping what is computed


@functools.cache
def once(sets, outcomes):
    """The short run with these settings, computed once for all that these tests keep and compare."""
    return computed(SMALL)


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """A folder of its own with one run, and a changelog that owns up to nothing."""
    for name, path in (("KEPT", tmp_path), ("SETS", tmp_path / "sets.json"), ("CHANGELOG", tmp_path / "CHANGELOG.md")):
        monkeypatch.setattr(golden, name, path)
    monkeypatch.setattr(golden, "RUNS", {SMALL: SHORT})
    monkeypatch.setattr(golden, "computed", lambda name: once(golden.RUNS[name].sets, tuple(OUTCOMES)))
    golden.CHANGELOG.write_text("# Changelog\n", encoding="utf-8")
    return monkeypatch


def own_up():
    newest = Sets.read().sets[-1]
    with golden.CHANGELOG.open("a", encoding="utf-8") as file:
        file.write(f"## {newest['version']}\n- *Changes results* (golden {newest['golden']}): on purpose.\n")


def test_writing_asks_for_an_entry_and_what_was_never_said_never_was(elsewhere):
    assert "- *Changes results* (golden" in golden.write()
    first = Sets.read().sets
    assert check()[0] == []
    assert golden.write().startswith("Nothing to write")
    elsewhere.setattr(golden, "RUNS", {SMALL: SHORT._replace(sets=(*SHORT.sets, "ledger.resale=0.5"))})
    assert any(f"{SMALL}: net_lost_sales of" in said for said in check()[0])
    golden.write()
    second = Sets.read().sets
    assert len(second) == 1
    assert second != first
    own_up()
    elsewhere.setattr(golden, "__version__", "99.0.0")
    elsewhere.setattr(golden, "RUNS", {SMALL: SHORT})
    assert "under ## 99.0.0:" in golden.write()
    third = Sets.read().sets
    assert third == [*second, {**first[0], "version": "99.0.0"}]  # the same numbers again have the same name
    assert len(unsaid(third, golden.CHANGELOG.read_text(encoding="utf-8"))) == 1


def test_an_outcome_more_is_kept_and_changes_no_result(elsewhere):
    new = dataclasses.replace(OUTCOMES["filings"], name="filings_again")
    golden.write()
    before = Sets.read()
    elsewhere.setitem(OUTCOMES, new.name, new)
    assert check()[0] == [f"{SMALL}: nothing is kept of filings_again; --write adds it"]
    assert "filings_again" in golden.write()
    assert check()[0] == []
    assert (Sets.read().sets, Sets.read().added_since) == (before.sets, ["filings_again"])
    assert digest(["filings_again"]) == before.sets[-1]["golden"] != digest([])


def test_an_outcome_less_is_a_change(elsewhere):
    golden.write()
    whole = dict(OUTCOMES)
    del OUTCOMES["filings"]
    try:
        assert check()[0] == [f"{SMALL}: filings is not reported any more"]
        assert "CHANGELOG.md needs" in golden.write()
    finally:
        OUTCOMES.clear()  # and again in their order, which other tests read
        OUTCOMES.update(whole)


# Another processor


NEWER = {"no AVX-512": r"AVX512.*|X86_V4", "no AVX2": r"AVX512.*|X86_V[34]|AVX2|FMA3"}


@pytest.mark.slow
@pytest.mark.parametrize("features", NEWER.values(), ids=NEWER)
def test_a_processor_without_newer_features_gives_the_same_within_the_promise(features):
    dispatched = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    off = [feature for feature in dispatched if re.fullmatch(features, feature)]
    if not any(feature.startswith(("AVX", "X86_V")) for feature in off):
        pytest.skip(f"this processor, or this NumPy, has none of {features}: {dispatched}")
    without = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(off)}
    found = subprocess.run([sys.executable, golden.__file__], env=without, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    first, *runs = found.stdout.splitlines()
    used = json.loads(first.split("; ")[1])["cpu_features"]
    assert not [feature for feature in used if re.fullmatch(features, feature)]
    assert "others than those that are kept" in first
    assert len(runs) == len(RUNS)
