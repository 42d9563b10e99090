"""The deliberate bugs of tests/mutants.py are still bugs of this code. That the quick tests see them, `python tests/mutants.py` says."""

import ast

import mutants
import pytest
from mutants import MUTANTS, ROOT, Outcome, patched


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutants_patch_is_found_once_and_gives_other_code_that_can_be_read(mutant):
    before = (ROOT / mutant.file).read_text(encoding="utf-8")
    assert ast.dump(ast.parse(patched(mutant))) != ast.dump(ast.parse(before))
    for test in mutant.tests:
        file, *names = test.split("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert all(f"def {name}(" in text for name in names), test


def test_there_are_ten_of_them():
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) == 10


@pytest.mark.parametrize("times", [0, 2])
def test_a_patch_whose_line_has_changed_is_refused(tmp_path, times):
    mutant = MUTANTS[4]
    file = tmp_path / mutant.file
    file.parent.mkdir(parents=True)
    file.write_text(mutant.patches[0][0] * times, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"{mutant.name.replace('^', '.')}: found {times} times in {mutant.file}, and should be once"):
        patched(mutant, tmp_path)


@pytest.mark.parametrize(
    "unseen, sane, code, says",
    [((), "", 0, "10 of 10 caught"), ((3,), "", 1, "9 of 10 caught"), ((), "a test", 1, "Without any bug a test fails")],
)
def test_one_mutant_that_nobody_sees_is_a_failure_and_so_is_a_test_that_always_fails(monkeypatch, capsys, unseen, sane, code, says):
    def tried(mutant, tests):
        return Outcome(sane if mutant is None else "" if MUTANTS.index(mutant) in unseen else "test_it", 1.0, "")

    monkeypatch.setattr(mutants, "tried", tried)
    assert mutants.main([]) == code
    out = capsys.readouterr().out
    assert says in out
    assert all(MUTANTS[i].why in out for i in unseen)


@pytest.mark.slow
def test_a_mutant_is_caught_and_a_bug_that_no_test_looks_for_is_not():
    doubt = next(mutant for mutant in MUTANTS if mutant.name == "q^2 left out")
    assert "doubt_comes_back" in mutants.tried(doubt, doubt.tests).failed
    assert mutants.tried(doubt, ["tests/test_luck.py"]).failed == ""
    with pytest.raises(RuntimeError, match="could not be run"):
        mutants.tried(doubt, ["tests/no_such_file.py"])
