"""Several finished runs as policies over the same worlds: what they are called, and whether they are so."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sim.analysis.futures import Futures
from sim.batch import provenance
from sim.batch.plan import SCENARIO
from sim.batch.results import MANIFEST
from sim.refusal import InputError


def policies_of(folders: Sequence[Path]) -> tuple[list[str], list[Futures]]:
    """The names of the policies and their futures. InputError where they are not the same worlds."""
    runs = [run for folder in folders for run in _runs_in(folder)]
    if len({run.resolve() for run in runs}) < len(runs):
        twice = next(run for i, run in enumerate(runs) if run.resolve() in [other.resolve() for other in runs[:i]])
        raise InputError(str(twice), "it is named twice; name each run once")
    found = [Futures.open(folder) for folder in runs]
    for other in found[1:]:
        _check_paired(found[0], other)
    return _names(found), found


def _runs_in(folder: Path) -> list[Path]:
    """The folder, or the runs of a batch in it."""
    if (folder / MANIFEST).is_file() or not folder.is_dir():
        return [folder]
    return sorted(file.parent for file in folder.glob(f"*/*/{SCENARIO}")) or [folder]


def _names(runs: list[Futures]) -> list[str]:
    """A policy is called as its scenario; with its folder's name where two are the same scenario."""
    names = [str(run.results.manifest["scenario"]) for run in runs]
    for longer in (lambda p: f"{p.parent.name}/{p.name}", str):
        names = [n if names.count(n) == 1 else longer(r.results.folder) for n, r in zip(names, runs, strict=True)]
    return names


def _check_paired(one: Futures, other: Futures) -> None:
    """InputError unless world i of both is the same future."""
    a, b = one.results.manifest, other.results.manifest
    where = str(other.results.folder)
    for what in ("seed", "worlds", "months", "streams"):
        if a[what] != b[what]:
            said = f"{what} {b[what]}, and {one.results.folder} {what} {a[what]}"
            raise InputError(where, f"it has {said}; policies are compared over the same worlds, so run them with the same {what}")
    ours, theirs = one.results.case_hashes, other.results.case_hashes
    if differ := sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)):
        raise InputError(where, f"its case differs from that of {one.results.folder} ({differ[0]}); policies need the same case")
    same = np.array_equal(one.replicate, other.replicate) and np.array_equal(one.sample, other.sample)
    same = same and (one.point is None) == (other.point is None)
    if same and one.point is not None and other.point is not None:
        same = np.array_equal(one.point, other.point) and one.varied.keys() == other.varied.keys()
        same = same and all(np.array_equal(values, other.varied[path]) for path, values in one.varied.items())
    if not same:
        raise InputError(where, f"its worlds are not those of {one.results.folder}; sweep the same points, with the same replicates")


def remarks_on(names: list[str], runs: list[Futures]) -> list[str]:
    """What the reader must know before the difference between two runs is taken for that of two policies."""
    found = []
    for name, run in zip(names[1:], runs[1:], strict=True):
        both = runs[0].dealt.keys() & run.dealt.keys()
        if other := sorted(path for path in both if not np.array_equal(runs[0].dealt[path], run.dealt[path])):
            more = f" and {len(other) - 1} more" if len(other) > 1 else ""
            found.append(f"{name} draws {other[0]}{more} otherwise than {names[0]} does, so what differs is not the policy alone")
        environments = [r.results.manifest["environment"] for r in (runs[0], run)]
        if changed := provenance.changes(environments[0], environments[1], "{what}"):
            found.append(f"{name} and {names[0]} were not computed alike ({', '.join(changed)}): the last digits may differ")
    return found
