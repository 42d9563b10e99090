"""History matching: which parameter sets the record does not rule out.

A parameter set is implausible where some target lies further from the mean of its replicates than the cut-off times all that may
part the two: the error of the observation, the stated discrepancy of the model, luck. What is not implausible is kept, all of it,
however little. Nothing is optimised, and nothing becomes more likely by lying closer.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.analysis.emulator import Emulator
from sim.worlds import Integers, Mask, Numbers, Worlds

CUTOFF = 3.0  # of any unimodal distribution at least 95 % lies within 3 standard deviations (Pukelsheim 1994)
AT_ONCE = 8_192  # parameter sets that are looked at together before they are simulated
MOST_LOOKED_AT = 200  # for each that a wave simulates

Values = Callable[[Worlds], dict[str, Numbers]]
Measure = Callable[[Worlds], Numbers]


@dataclass(frozen=True)
class Aims:
    """The targets, (targets,) each. sd: what parts record and model beside luck, root of the sum of squares of observation and
    discrepancy; matched: which of them may rule a parameter set out, the others being looked at only."""

    names: tuple[str, ...]
    values: Numbers
    sd: Numbers
    matched: Mask

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class Wave:
    """looked_at: parameter sets dealt from the prior; simulated: those that the emulators did not rule out; kept: of these"""

    looked_at: int
    simulated: int
    kept: int

    @property
    def share(self) -> float:
        return self.kept / self.simulated if self.simulated else 0.0


@dataclass(frozen=True)
class Screen:
    """How well the emulators know which sets need no simulation, by the first wave: each half judged by emulators of the other.

    lost: kept sets that they would have ruled out, of so many; useless: sets that they would have ruled out, of all
    """

    lost: int
    kept: int
    ruled_out: int
    tried: int


@dataclass(frozen=True)
class Matched:
    """All that was simulated, in the order of samples.

    sample: their numbers, by which their values are dealt; wave: 0, 1, ...; measured: (targets, samples, replicates)
    luck: variance of one world around the mean of its parameter set, pooled over the first wave, (targets,)
    """

    aims: Aims
    sample: Integers
    wave: Integers
    measured: Numbers
    luck: Numbers
    cutoff: float
    waves: list[Wave]
    screen: Screen | None

    @property
    def implausibility(self) -> Numbers:
        """(targets, samples)"""
        return implausibility(self.aims, self.measured, self.luck)

    @property
    def worst(self) -> Numbers:
        """The largest over the targets that are matched, by which a parameter set is judged. (samples,)"""
        return np.asarray(np.max(self.implausibility[self.aims.matched], axis=0, initial=0.0))

    @property
    def means(self) -> Numbers:
        """Of the targets that are matched, over replicates. (matched, samples)"""
        return np.asarray(np.mean(self.measured[self.aims.matched], axis=-1))

    @property
    def kept(self) -> Mask:
        return self.worst <= self.cutoff


def implausibility(aims: Aims, measured: Numbers, luck: Numbers) -> Numbers:
    """|record - mean| / sqrt(sd^2 + luck (1 + 1/replicates)), (targets, samples); infinite where a replicate gives no number.

    The record is one draw of luck, and the mean of the replicates is out by a replicates-th of its variance: hence 1 + 1/replicates.

    measured: (targets, samples, replicates); luck: (targets,)

    >>> one = Aims(("t",), np.array([10.0]), np.array([3.0]), np.array([True]))
    >>> implausibility(one, np.array([[[18.0, 22.0]]]), np.array([32 / 3])).tolist()
    [[2.0]]
    """
    replicates = measured.shape[-1]
    spread = np.sqrt(aims.sd**2 + luck * (1 + 1 / replicates))
    away = np.abs(aims.values[:, None] - np.mean(measured, axis=-1))
    found: Numbers = np.divide(away, spread[:, None], out=np.full_like(away, np.inf), where=(spread > 0)[:, None] & np.isfinite(away))
    return np.where((spread == 0)[:, None] & (away == 0), 0.0, found)


def luck_of(measured: Numbers) -> Numbers:
    """Variance between the replicates of one parameter set, pooled over sets; 0 where there is one replicate alone. (targets,)"""
    if measured.shape[-1] < 2:
        return np.zeros(len(measured))
    within = np.var(measured, axis=-1, ddof=1)
    whole = np.isfinite(within)
    count: NDArray[np.int64] = np.sum(whole, axis=-1)
    return np.asarray(np.sum(np.where(whole, within, 0.0), axis=-1) / np.maximum(count, 1))


def match(
    aims: Aims, values: Values, measure: Measure, *, samples: int, replicates: int, waves: int, enough: int, cutoff: float = CUTOFF
) -> Matched:
    """Waves until enough parameter sets are kept, or the waves are over.

    values: what worlds are dealt; measure: worlds -> (targets, worlds)
    samples: parameter sets that a wave simulates. The first wave takes the prior's first sets as they come. Later ones go on where
    the one before ended, look at more, and simulate only what emulators of all that was simulated do not rule out.

    So what is kept are draws from the prior, each kept or not by its own luck alone: the prior given that the record does not rule
    it out, but for the few that emulators rule out wrongly (`screen` counts them).
    """
    sample = np.arange(samples)
    measured = _simulated(sample, replicates, measure)
    wave, luck, following = np.zeros(samples, np.int64), luck_of(measured), samples
    found = Matched(aims, sample, wave, measured, luck, cutoff, [], None)
    found.waves.append(Wave(samples, samples, int(np.sum(found.kept))))
    screen = None
    for number in range(1, waves):
        kept = int(np.sum(found.kept))
        if kept == 0 or kept >= enough:
            break
        known = _matrix(values, found.sample)
        screen = screen or _screened(found, known)
        emulator = Emulator.of(known, found.means)
        fresh, following, looked_at = _not_ruled_out(found, emulator, values, following, samples)
        more = _simulated(fresh, replicates, measure)
        sample, measured = np.concatenate([found.sample, fresh]), np.concatenate([found.measured, more], axis=1)
        wave = np.concatenate([found.wave, np.full(len(fresh), number)])
        found = Matched(aims, sample, wave, measured, luck, cutoff, found.waves, screen)
        found.waves.append(Wave(looked_at, len(fresh), int(np.sum(found.kept)) - kept))
    return found


def worlds_of(sample: Integers, replicates: int) -> Worlds:
    """The worlds of some parameter sets: each set has replicates that no other has."""
    number = (sample[:, None] * replicates + np.arange(replicates)).reshape(-1)
    return Worlds(number, number, np.repeat(sample, replicates))


def _simulated(sample: Integers, replicates: int, measure: Measure) -> Numbers:
    found = measure(worlds_of(sample, replicates))
    return found.reshape(len(found), len(sample), replicates)


def _matrix(values: Values, sample: Integers) -> Numbers:
    """(samples, paths)"""
    return np.array(list(values(worlds_of(sample, 1)).values())).T


def _ruled_out(found: Matched, emulator: Emulator, matrix: Numbers) -> Mask:
    replicates = found.measured.shape[-1]
    aims, which = found.aims, found.aims.matched
    spread = np.sqrt(aims.sd[which] ** 2 + found.luck[which] * (1 + 1 / replicates) + emulator.variance)
    away = np.abs(aims.values[which, None] - emulator.at(matrix))
    return np.asarray(np.any(away > found.cutoff * spread[:, None], axis=0))


def _not_ruled_out(found: Matched, emulator: Emulator, values: Values, first: int, wanted: int) -> tuple[Integers, int, int]:
    """The next parameter sets that need simulating, the number after the last that was looked at, and how many were."""
    fresh: list[Integers] = []
    start, count = first, 0
    while count < wanted and first - start < MOST_LOOKED_AT * wanted:
        sample = np.arange(first, first + AT_ONCE)
        open_still = np.flatnonzero(~_ruled_out(found, emulator, _matrix(values, sample)))[: wanted - count]
        fresh.append(sample[open_still])
        count += len(open_still)
        first = int(fresh[-1][-1]) + 1 if count == wanted else first + AT_ONCE
    return np.concatenate(fresh), first, first - start


def _screened(found: Matched, known: Numbers) -> Screen:
    means, kept = found.means, found.kept
    lost = ruled_out = 0
    for half in (0, 1):
        mine = np.arange(len(known)) % 2 == half
        out = _ruled_out(found, Emulator.of(known[~mine], means[:, ~mine]), known[mine])
        lost += int(np.sum(out & kept[mine]))
        ruled_out += int(np.sum(out))
    return Screen(lost, int(np.sum(kept)), ruled_out, len(known))
