"""Whether a results folder is still what was written, and whether this machine would write it again."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.batch import provenance
from sim.batch.engine import finish, not_as_written, prepare
from sim.batch.folder import hashes_of
from sim.batch.plan import SCENARIO, TABLES, Plan
from sim.batch.progress import Progress
from sim.batch.results import MANIFEST, Results, manifest_text, read_manifest
from sim.batch.summary import OutcomeEntry
from sim.batch.worker import Simulate
from sim.months import label
from sim.refusal import InputError


def verify(folder: Path) -> list[str]:
    """What is wrong with the stored bytes, a sentence a file; empty if nothing is. InputError if this is no finished run."""
    manifest = read_manifest(folder)
    faults = []
    if (folder / MANIFEST).read_bytes() != manifest_text(manifest):
        faults.append(f"{MANIFEST} was changed after the run")
    found = hashes_of(folder, list(manifest["files"]))
    for name, stored in manifest["files"].items():
        now = found[name]
        if now is None:
            faults.append(f"{name} is missing")
        elif now.bytes != stored["bytes"]:
            faults.append(f"{name} has {now.bytes:,} bytes instead of {stored['bytes']:,}")
        elif now.sha256 != stored["sha256"]:
            faults.append(f"{name} holds other bytes than were written")
    rooms = ("series", "agents", "monthly")
    parts = [p.relative_to(folder).as_posix() for room in rooms for p in (folder / room).rglob("*") if p.is_file()]
    return faults + [f"{name} is no part of this run" for name in sorted(parts) if name not in manifest["files"]]


def reproduce(
    folder: Path,
    jobs: int = 1,
    *,
    progress: Progress | None = None,
    simulate: Simulate | None = None,
    outcomes: Mapping[str, OutcomeEntry] | None = None,
) -> tuple[str, list[str]]:
    """Run it again, elsewhere, from what the folder keeps. The first difference ("" if there is none), and what has changed
    around the run since (packages, processor, code): the likely reasons."""
    before = Results.open(folder)
    read = {n: stored for n, stored in before.manifest["files"].items() if n == SCENARIO or n.startswith(f"{TABLES}/")}
    if other := not_as_written(folder, read):
        what = f"{other} is not the file that the run was made from, so it cannot be made again; `chokepoint verify` says which are not"
        raise InputError(str(folder), what)
    changed = provenance.changes(before.manifest["environment"], provenance.environment())
    with tempfile.TemporaryDirectory(prefix="chokepoint-") as place:
        again = prepare(Plan.read(folder), Path(place), traced=before.manifest.get("traced", ()))
        finish(again, jobs, progress=progress, simulate=simulate, outcomes=outcomes)
        return first_difference(before, Results.open(again)), changed


def first_difference(a: Results, b: Results) -> str:
    """In which outcome, world and month two runs of one plan first differ, in a sentence; else in which file."""
    if a.manifest["digest"] != b.manifest["digest"]:
        for name in a.outcomes:
            if name not in b.manifest["outcomes"]:
                return f"{name} is no outcome any more"
            if a.manifest["outcomes"][name]["digest"] != b.manifest["outcomes"][name]["digest"]:
                return _where(name, a, b)
        return f"there are new outcomes: {', '.join(name for name in b.outcomes if name not in a.outcomes)}"
    files: dict[str, Any] = {**a.manifest["files"], **b.manifest["files"]}
    for name in files:
        if a.manifest["files"].get(name) != b.manifest["files"].get(name):
            return f"{name} differs, though every outcome is the same"
    return ""


def _where(name: str, a: Results, b: Results) -> str:
    first = 0
    for old, new in zip(a.parts([name]), b.parts([name]), strict=True):
        differs = np.argwhere(~((old[name] == new[name]) | (np.isnan(old[name]) & np.isnan(new[name]))))
        if len(differs):
            world, month = differs[0]
            was, now = old[name][world, month], new[name][world, month]
            return f"{name} in world {first + world}, {label(int(month))}: it was {was:.9g} and is {now:.9g}"
        first += len(old[name])
    return f"{name}: the manifest's digest is not that of the stored numbers"
