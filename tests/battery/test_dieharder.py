"""The model's luck against Dieharder, a battery of randomness tests: the short form of what docs/reliability.md reports."""

import shutil

import pytest
from battery.dieharder import SHORT, all_answers

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("dieharder") is None, reason="needs Dieharder (Debian: apt-get install dieharder)"),
]

# Dieharder's own limit; a stream's p-values are the same each time, so one that passes goes on passing.
# Only small ones count: a p-value is of how evenly the p-values of the repeats are spread, so luck that is too even makes it
# small as well, and after few repeats Dieharder gives good generators 1.000 too often (docs/reliability.md).
IMPOSSIBLE = 1e-6


def failed(answers):
    return [answer for answer in answers if answer.p < IMPOSSIBLE]


@pytest.mark.parametrize("along", ["replicates", "months", "rows", "purposes"])
def test_luck_looks_random_along(along):
    answers = all_answers(along, SHORT)
    assert len({answer.test for answer in answers}) == len(SHORT)  # every test did answer
    assert not failed(answers)


def test_a_generator_that_does_not_mix_is_found_out():
    assert failed(all_answers("replicates --without-mix", SHORT[:2]))
