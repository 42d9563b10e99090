"""A draw is a function of its address and of nothing else, and streams of draws look random whichever part of the address moves.

The statistics are of fixed seeds, so they pass or fail the same each time. Bounds of 4.5 standard errors: a good generator is
outside once in 150,000 looks. tests/battery has the thorough ones.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim import luck
from sim.luck import Luck, key, mix, of_samples
from sim.worlds import Pairs, Worlds

SEED = 2019
ONE = (("chipmaker", 1),)
STANDARD_ERRORS = 4.5
GOLDEN = (0.4984042023225269, 0.581190163294861, 0.010312459350054648)


def everywhere(rows, worlds):
    return Pairs.where(np.ones((sum(count for _, count in rows), worlds), bool))


def table(*, seed=SEED, rows=ONE, purpose="file", month=5, first=0, worlds=16):
    return Luck(seed, Worlds.range(first, worlds)).table(rows, purpose, month)


# What a draw does not depend on


def test_a_newcomer_changes_nobodys_luck():
    before = table(rows=(("a", 2), ("b", 3)))
    after = table(rows=(("a", 2), ("newcomer", 4), ("b", 3)))
    assert (after[[0, 1, 6, 7, 8]] == before).all()


def test_an_agents_luck_does_not_depend_on_its_place_in_the_table():
    first, last = table(rows=(("a", 2), ("b", 3))), table(rows=(("b", 3), ("a", 2)))
    assert (first[:2] == last[3:]).all()
    assert (first[2:] == last[:3]).all()


def test_a_row_more_leaves_the_agents_other_rows_alone():
    assert (table(rows=(("a", 3),))[:2] == table(rows=(("a", 2),))).all()


def test_a_draw_does_not_depend_on_what_was_asked_before():
    dice = Luck(SEED, Worlds.range(0, 16))
    forwards = {(purpose, month): dice.table(ONE, purpose, month) for month in (0, 1, 7) for purpose in ("file", "ready")}
    backwards = {(purpose, month): dice.table(ONE, purpose, month) for month in (7, 1, 0) for purpose in ("ready", "file")}
    for (purpose, month), drawn in forwards.items():
        assert (drawn == backwards[purpose, month]).all()
        assert (drawn == table(purpose=purpose, month=month)).all()  # nor on having been asked anything


def test_asking_twice_gives_the_same_answer_since_nothing_is_consumed():
    dice = Luck(SEED, Worlds.range(0, 16))
    assert (dice.table(ONE, "file", 5) == dice.table(ONE, "file", 5)).all()


@pytest.mark.parametrize("size", [1, 3, 7, 16])
def test_a_draw_does_not_depend_on_how_worlds_are_cut_into_blocks(size):
    rows = (("a", 2), ("b", 1))
    blocks = [table(rows=rows, first=first, worlds=min(size, 16 - first)) for first in range(0, 16, size)]
    assert (np.concatenate(blocks, axis=1) == table(rows=rows)).all()


def test_a_worlds_luck_is_its_replicates_not_its_number_nor_its_samples():
    one, other = np.arange(4), np.array([9, 8, 7, 6])
    drawn = Luck(SEED, Worlds(one, one, one)).table(ONE, "file", 5)
    assert (Luck(SEED, Worlds(other, one, other)).table(ONE, "file", 5) == drawn).all()
    assert (Luck(SEED, Worlds(one, other, one)).table(ONE, "file", 5) != drawn).all()


def test_pairs_draw_what_the_whole_table_would():
    rows = (("a", 2), ("b", 3))
    whole = table(rows=rows)
    dice = Luck(SEED, Worlds.range(0, 16))
    assert (dice.at(rows, "file", 5, everywhere(rows, 16)) == whole.ravel()).all()
    few = Pairs.where(whole < 0.3)
    assert 0 < len(few) < whole.size
    assert (dice.at(rows, "file", 5, few) == whole[whole < 0.3]).all()  # the same, though others do not draw
    assert len(dice.at(rows, "file", 5, Pairs.nowhere())) == 0


def test_a_samples_value_does_not_depend_on_the_other_samples():
    assert (of_samples(SEED, "a.b", [5, 0, 3]) == of_samples(SEED, "a.b", np.arange(6))[[5, 0, 3]]).all()


# What it does depend on


@pytest.mark.parametrize(
    "other",
    [{"seed": SEED + 1}, {"rows": (("vendor", 1),)}, {"purpose": "ready"}, {"month": 6}, {"first": 16}],
    ids=["seed", "agent", "purpose", "month", "replicate"],
)
def test_every_part_of_the_address_matters(other):
    assert (table(**other) != table()).all()


def test_every_row_has_luck_of_its_own():
    assert len(np.unique(table(rows=(("a", 50), ("b", 50))))) == 100 * 16


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        (("a", ""), ("", "a")),
        (("a", "b"), ("a:b",)),
        (("a", "b"), ("a1:b",)),  # as if a part could hold the length of the next
        (("a1:b",), ("a", "1:b")),
        ((1, 23), (12, 3)),
        (("a",), ("a", "")),
        (("a", "b"), ("b", "a")),
        (("A",), ("a",)),
        (("é",), ("e\u0301",)),
    ],
)
def test_addresses_that_look_alike_differ(one, other):
    assert key(*one) != key(*other)


def test_a_parameters_draw_is_not_an_agents():
    named_alike = table(seed=SEED, rows=(("parameter", 1),), purpose="a.b", month=0)[0]
    assert not np.isin(of_samples(SEED, "a.b", np.arange(16)), named_alike).any()


def test_seed_0_is_a_seed_and_not_seed_1():
    assert (table(seed=0) == table(seed=0)).all()
    assert (table(seed=0) != table(seed=1)).all()
    assert (of_samples(0, "a.b", range(16)) != of_samples(1, "a.b", range(16))).all()


def test_a_seed_beyond_64_bits_is_still_a_seed_of_its_own():
    assert (table(seed=2**64 + 1) != table(seed=1)).all()


# What comes out


@pytest.mark.parametrize("bits", [0, 1, 2**12 - 1, 2**63, 2**64 - 1])
def test_a_uniform_is_never_0_nor_1_whatever_the_bits(bits):
    u = luck._uniform(np.array([bits], np.uint64))[0]
    assert 0.0 < u < 1.0
    assert 0.0 < 1.0 - u < 1.0  # nor is its mirror image


def test_the_extremes_lie_as_far_from_0_as_from_1():
    lowest, highest = luck._uniform(np.array([0, 2**64 - 1], np.uint64))
    assert lowest == 1.0 - highest == 2.0**-53


def test_drawing_changes_nobodys_keys():
    """mix works in place on a copy: on the cached keys themselves it would spoil every later draw."""
    bits = np.arange(5, dtype=np.uint64)
    mix(bits)
    assert (bits == np.arange(5)).all()


def test_numbers_are_those_of_every_version_before():
    """A change here changes every result ever published with a seed: it needs a new major version."""
    assert (table(rows=(("a", 2),))[1, 3], table(seed=0, purpose="vote x", month=95, first=10**6, worlds=1)[0, 0],
                      of_samples(SEED, "authority.noise", [7])[0]) == GOLDEN  # fmt: skip


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_another_process_draws_the_same_whatever_its_hash_seed(hash_seed):
    program = (
        "from sim.luck import Luck, of_samples; from sim.worlds import Worlds\n"
        "print(Luck(2019, Worlds.range(0, 16)).table((('chipmaker', 1),), 'file', 5).tobytes().hex(), of_samples(2019, 'a.b', [7]).tobytes().hex())"
    )
    home = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(home)}
    told = subprocess.run([sys.executable, "-c", program], env=environment, cwd=home, capture_output=True, text=True, check=True)
    assert told.stdout.split() == [table().tobytes().hex(), of_samples(SEED, "a.b", [7]).tobytes().hex()]


# Statistics: streams along each part of the address in turn, that part moving fastest


def along_replicates():
    return table(worlds=100_000)[0]


def along_months():
    dice = Luck(SEED, Worlds.range(0, 1000))
    return np.stack([dice.table(ONE, "file", month)[0] for month in range(96)], axis=1).ravel()


def along_rows():
    return table(rows=(("chipmaker", 100),), worlds=1000).T.ravel()


def along_agents():
    return table(rows=tuple((f"chipmaker {i}", 1) for i in range(100)), worlds=1000).T.ravel()


def along_purposes():
    return np.stack([table(purpose=f"vote {i}", worlds=1000)[0] for i in range(100)], axis=1).ravel()


def along_samples():
    return of_samples(SEED, "authority.noise", np.arange(100_000))


def along_paths():
    return np.stack([of_samples(SEED, f"government.{i}.hawk", np.arange(1000)) for i in range(100)], axis=1).ravel()


def along_seeds():
    return np.stack([table(seed=seed, worlds=1000)[0] for seed in range(100)], axis=1).ravel()


STREAMS = (along_replicates, along_months, along_rows, along_agents, along_purposes, along_samples, along_paths, along_seeds)
each_stream = pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.__name__)


def chi_square(counts):
    """In standard errors from what equal odds would give."""
    expected = counts.sum() / counts.size
    freedom = counts.size - 1
    return (((counts - expected) ** 2).sum() / expected - freedom) / np.sqrt(2 * freedom)


def correlation(x, y):
    """In standard errors from none."""
    return 12 * ((x - 0.5) * (y - 0.5)).mean() * np.sqrt(x.size)


@each_stream
def test_every_value_is_as_likely_as_another(stream):
    assert abs(chi_square(np.bincount((stream() * 1000).astype(int), minlength=1000))) < STANDARD_ERRORS


@each_stream
def test_the_last_bits_are_as_even_as_the_first(stream):
    last = (stream() * 2.0**52).astype(np.uint64) & np.uint64(1023)
    assert abs(chi_square(np.bincount(last.astype(int), minlength=1024))) < STANDARD_ERRORS


@each_stream
@pytest.mark.parametrize("lag", [1, 2, 12])
def test_a_draw_tells_nothing_of_the_next(stream, lag):
    u = stream()
    assert abs(correlation(u[lag:], u[:-lag])) < STANDARD_ERRORS
    pairs = (u[lag:] * 32).astype(int) * 32 + (u[:-lag] * 32).astype(int)  # nor in any way that a correlation misses
    assert abs(chi_square(np.bincount(pairs, minlength=1024))) < STANDARD_ERRORS


@pytest.mark.parametrize(("one", "other"), [("chipmaker 1", "chipmaker 2"), ("a", "b"), ("agent", "Agent")])
def test_two_agents_have_nothing_to_do_with_each_other(one, other):
    a, b = table(rows=((one, 1), (other, 1)), worlds=100_000)
    assert abs(correlation(a, b)) < STANDARD_ERRORS
    together = (a * 32).astype(int) * 32 + (b * 32).astype(int)
    assert abs(chi_square(np.bincount(together, minlength=1024))) < STANDARD_ERRORS


def test_a_months_luck_has_nothing_to_do_with_the_same_agents_a_year_later():
    assert abs(correlation(table(month=3, worlds=100_000)[0], table(month=15, worlds=100_000)[0])) < STANDARD_ERRORS


def test_no_two_cells_of_a_run_share_their_bits():
    """100 rows x 50 months x 100 worlds: among 500,000 numbers of 52 bits, two alike are to be expected once in 36,000 runs."""
    dice = Luck(SEED, Worlds.range(0, 100))
    drawn = np.stack([dice.table((("a", 100),), "file", month) for month in range(50)])
    assert len(np.unique(drawn)) == drawn.size


def test_each_bit_of_the_input_moves_half_of_the_bits_of_the_output():
    """Avalanche of mix: 64 x 64 shares of flips over 20,000 inputs.

    Stafford's finaliser is known to be good and not perfect: its worst single share may be a percent off one half.
    """
    inputs = np.random.default_rng(1).integers(0, 2**64, 20_000, dtype=np.uint64)
    outputs = mix(inputs)
    shares = np.empty((64, 64))
    for i in range(64):
        moved = (outputs ^ mix(inputs ^ np.uint64(1 << i))).astype("<u8")
        shares[i] = np.unpackbits(moved.view(np.uint8).reshape(-1, 8), axis=1, bitorder="little").mean(axis=0)
    assert abs(shares.mean() - 0.5) < 0.0005
    assert np.abs(shares - 0.5).max() < 0.03
    assert np.abs(shares.mean(axis=1) - 0.5).max() < 0.002


@each_stream
def test_these_statistics_would_notice_if_nothing_were_mixed(stream, monkeypatch):
    """Tests that cannot fail prove nothing: without mix the replicates are a bare Weyl sequence."""
    monkeypatch.setattr(luck, "mix", lambda x: x)
    u = stream()
    pairs = (u[1:] * 32).astype(int) * 32 + (u[:-1] * 32).astype(int)
    assert abs(chi_square(np.bincount(pairs, minlength=1024))) > 10 * STANDARD_ERRORS
