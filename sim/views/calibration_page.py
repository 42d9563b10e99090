"""docs/calibration.md: what history matching is, how to do it, and what it found the last time, written by `calibrate --write`."""

from pathlib import Path

from sim.analysis.identified import Identified
from sim.analysis.markdown import table
from sim.batch.store import write
from sim.calibrating import Calibrated
from sim.tables import number
from sim.views import calibration


def written(done: Calibrated, file: Path) -> None:
    write(file, page(done).encode())


def page(done: Calibrated) -> str:
    return _TEXT.format(
        cutoff=f"{done.matched.cutoff:g}",
        waves=_plain(calibration.waves(done)),
        provenance=_provenance(done),
        targets=table(*calibration.targets(done)),
        reasons=_plain(calibration.reasons(done)),
        found=_found(done) if done.rows else _plain(calibration.nothing_left(done)),
        replicates=done.matched.measured.shape[-1],
    )


def _provenance(done: Calibrated) -> str:
    how = done.how()
    return (
        f"Scenario `{how['scenario']}` with whole ranges, seed {how['seed']}, {how['months']} months; targets {how['targets']} "
        f"(SHA-256 {how['targets_sha256'][:12]}), read before the first wave; Chokepoint {how['version']}, code {how['code'][:12]}."
    )


def _found(done: Calibrated) -> str:
    parts = [
        "## The record, before and after\n",
        "Worlds, luck included: the median, and the band that holds 90 % of them. *Before* is the first wave, *after* what is kept. Only "
        "*matched* targets had a say; the others are looked at, and what is called *predicted* is a test.\n",
        table(*calibration.coverage(done)),
        "",
        _plain(calibration.counted(done)),
        "",
        "## What the record says of each parameter\n",
    ]
    told = [one for one in done.identified if one.says_something]
    if told:
        parts += [_plain(calibration.scales(done)), "", table(*_narrowed(told)), ""]
    return "\n".join([*parts, _plain(calibration.silent(done)), "", *map(_plain, calibration.pairs(done))])


def _narrowed(told: list[Identified]) -> tuple[list[str], list[list[str]]]:
    rows = []
    for one in told:
        spans = [f"{number(middle)} ({number(low)} to {number(high)})" for low, middle, high in (one.tried, one.kept)]
        rows.append([f"`{one.path}`", *spans, f"{one.spread:.2f}", f"{one.distance:.2f}"])
    return ["parameter", "tried: median (5 to 95 %)", "kept", "spread", "distance"], rows


def _plain(text: str) -> str:
    """Without the line breaks of a terminal."""
    return " ".join(text.split())


_TEXT = """# Calibration: which numbers the record does not rule out

Most of the model's numbers are known only as a range. `chokepoint calibrate` asks the record which parameter sets, out of those ranges,
cannot be: **history matching**. It looks for no best fit. A parameter set is *implausible* where a target on record lies further from
the mean of its worlds than {cutoff} times all that may part the two:

    implausibility = |record - mean of the replicates| / sqrt(observation^2 + discrepancy^2 + luck (1 + 1/replicates))

*observation* is the standard error of the record itself; *discrepancy* what the model, right as it may be, is allowed to miss, argued
for in the targets' file before a wave is run (the shipped ones knowing the bands of earlier runs, as the file says); *luck* the
variance between worlds of one parameter set, pooled over the sets of the
first wave: the record is one draw of luck, and the mean of a few replicates is out by some of it. A set is judged by the **largest**
implausibility over the targets, and ruled out above {cutoff}, since of any distribution with one peak at least 95 % lies within three
standard deviations. Everything else is kept, however little it is, and nothing kept is better than another.

Only targets with the role *fitted* are matched. What is put in (*input*), what is to be *predicted*, and what the model is known to
miss rule nothing out: they are named in the file beforehand, and shown below.

## What the sample is, and what not

The first wave takes parameter sets from the whole ranges as they come, {replicates} worlds each, no luck shared. If too few are kept,
later waves go on with further sets of the same ranges, and spend worlds only on those that emulators of all earlier ones (a smooth
surface for each target) do not rule out. So what is kept are draws from the ranges, each kept or not by its own worlds alone: **the
prior, given that the record does not rule it out**.

It is no posterior in the sense of Bayes' rule, in spite of the file's name: within what is kept the record has no say, and a set that
lies close to every target weighs as much as one at the edge. It is conditional on the rules, on the discrepancies, and on which misses
are named. With few replicates some sets are kept, and others ruled out, by luck. And the numbers that are drawn together from tables of
the case (`governments_fit`, `carriers_fit`) were fitted to the same decisions and awards before: there the record has had its say, and
it is no surprise that it adds nothing.

Every what-if that draws from it runs on the whole of it. A parameter of which the record says nothing keeps its whole range, and what
depends on it stays as uncertain as it was.

## Draw from it

```yaml
extends: history
prior: posterior.parquet     # in the case's folder, or beside the scenario
```

`history` says so, and so does every scenario that extends it. Each world takes a whole row, so what the record says of numbers together
is kept; which row, is luck with an address of its own: more worlds, or another parameter, move nobody to another row. With more worlds
than rows, rows recur with other luck.

Whatever a scenario says otherwise holds: another range, a constant, a lever, `--set`, `--vary`, or any word on a parameter in a scenario
that extends the one with the prior. `prior: {{file: posterior.parquet, except: [firm.hurdle]}}` leaves numbers out by name, and
`prior: none` (or `--set prior=none`) goes back to whole ranges. On another case (a scenario that names one, or `--case`) the file of that
name in that case's own folder is the sample; where there is none, numbers are drawn from whole ranges, and `check` says so. The shipped
`second_firm` has none, since its case is invented and has no record to match. A sample that was fitted to other tables than those that
the run reads is drawn from as it is, and every result says to which it was fitted ([your_own_case.md](your_own_case.md)).
`chokepoint check` says which numbers come from the sample and which do not. A results folder keeps its copy, so `reproduce` and
`--resume` need nothing else.

## Do it again

```sh
chokepoint calibrate                                           # as shipped: {replicates} worlds for each parameter set
chokepoint calibrate history --samples 1000 --out mine.parquet # a first look
chokepoint calibrate my_question.yaml --targets my_targets.csv --waves 5
chokepoint run history --set prior=none                        # the whole ranges again
```

A target is a row of `sim/record/targets.csv` ([targets.md](targets.md) explains the columns): what is measured and when, its value on
record, `observation_sd`, `discrepancy_sd`, role, source, and whether it is a known miss. Add a row, or copy the file and give it with
`--targets`; say why the discrepancy is what it is before the first wave, and leave it. A target that is one only under certain settings
(`when`) is left out elsewhere: those of free talks are matched by `chokepoint calibrate free_talks`.

If nothing is kept the command says which targets rule it out, writes no sample, and returns 1. A wider discrepancy after the fact is a
fit by other means. The file that is written is the same to the byte for the same scenario, targets, seed and versions, however many
processes computed it; it carries the hash of the targets, the seed, the waves, and no date unless `--date` gives one.

After a change of rules, numbers, ranges or targets, calibrate anew:
`chokepoint calibrate --out scenarios/cases/huawei/posterior.parquet --write docs/calibration.md`. A range that has changed since is
drawn on its own until then, and `check` says so.

## The last calibration

{provenance}

{waves}

{reasons} *Rules out*: parameter sets for which this target is implausible; *alone*: no other target is; *as the worst*: its
implausibility is the largest. Standard deviations are in the target's unit.

{targets}

{found}
"""
