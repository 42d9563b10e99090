"""The page on reliability names tests that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROWS = re.findall(r"^\| (\d+) \| .* \| (.*) \| (quick|full|both|printed) \|$", (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8"), re.M)


def test_every_promise_has_its_row_and_what_holds_it_is_there():
    assert [int(number) for number, *_ in ROWS] == list(range(1, 37))
    for number, held_by, _ in ROWS:
        named = re.findall(r"`((?:tests|benchmarks)/\w+\.py)(?:::(\w+))?`", held_by)
        assert named, number
        for file, test in named:
            assert (ROOT / file).is_file(), (number, file)
            assert not test or f"\ndef {test}(" in (ROOT / file).read_text(encoding="utf-8"), (number, file, test)
