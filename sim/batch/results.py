"""Reads a results folder back."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sim.batch.folder import check_own, is_own_name
from sim.batch.journal import JOURNAL
from sim.batch.on_case import OnCase, of_manifest
from sim.batch.parquet import opened
from sim.batch.plan import Plan
from sim.batch.provenance import SCHEMA
from sim.batch.store import Stored32, write
from sim.batch.summary import by_year, read_series, years_of
from sim.refusal import InputError, nearest
from sim.worlds import Numbers

MANIFEST = "manifest.json"
WHO = ("world", "replicate", "sample", "point")  # columns of worlds.parquet that are no numbers that vary


def manifest_text(manifest: dict[str, Any]) -> bytes:
    """With a hash of itself inside, so that a flipped bit in it shows too."""
    bare = {k: v for k, v in manifest.items() if k != "manifest_sha256"}
    own = hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()
    return (json.dumps(bare | {"manifest_sha256": own}, indent=1, ensure_ascii=False) + "\n").encode()


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    write(folder / MANIFEST, manifest_text(manifest))


def read_manifest(folder: Path) -> dict[str, Any]:
    """InputError if this is no finished run, or one of another schema."""
    path = folder / MANIFEST
    if not folder.is_dir():
        raise InputError(str(folder), "there is no such folder")
    check_own(folder)
    if not path.is_file():
        if (folder / JOURNAL).is_file():
            raise InputError(str(folder), f"this run is not finished; finish it with: chokepoint run --resume {folder}")
        raise InputError(str(folder), f"this is no results folder: there is no {MANIFEST}")
    try:
        manifest = json.loads(path.read_bytes())
        schema, made = manifest["schema"], manifest["environment"]["chokepoint"]
    except OSError as fault:
        raise InputError(str(path), f"cannot be read: {fault.strerror}") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise InputError(str(path), "this is no manifest of Chokepoint, or it is damaged") from None
    if schema != SCHEMA:
        raise InputError(str(path), f"written by Chokepoint {made} with schema {schema}; this version reads schema {SCHEMA}")
    if not isinstance(manifest.get("files"), dict) or not all(map(is_own_name, manifest["files"])):
        raise InputError(str(path), "it names files that are none of a results folder")
    return dict(manifest)


@dataclass(frozen=True)
class Results:
    """A finished run. Nothing is read before it is asked for."""

    folder: Path
    manifest: dict[str, Any]

    @classmethod
    def open(cls, folder: str | Path) -> "Results":
        """InputError if the folder holds no finished run."""
        return cls(Path(folder), read_manifest(Path(folder)))

    @property
    def on_case(self) -> OnCase | None:
        """What it says of its case; None where it was written before results said so."""
        return of_manifest(self.manifest)

    @cached_property
    def plan(self) -> Plan:
        return Plan.read(self.folder)

    @property
    def outcomes(self) -> list[str]:
        return list(self.manifest["outcomes"])

    @property
    def years(self) -> list[int]:
        return years_of(self.manifest["months"])

    def parts(self, outcomes: Sequence[str]) -> Iterator[dict[str, Stored32]]:
        """Block after block, outcome -> (worlds, months). Memory: one block of these outcomes."""
        for name in outcomes:
            if name not in self.manifest["outcomes"]:
                raise InputError(name, f"this run has no such outcome{nearest(name, self.outcomes)}")
        return read_series(self.folder, self.manifest["blocks"], outcomes, self.manifest["months"])

    def series(self, outcome: str) -> Stored32:
        """(worlds, months), as stored."""
        return np.concatenate([part[outcome] for part in self.parts([outcome])])

    def yearly(self, outcome: str) -> Numbers:
        """(worlds, years): the year's sum, mean or end, as the outcome's entry says."""
        parts = self.parts([outcome])
        return np.concatenate([by_year(part[outcome], self.manifest["outcomes"][outcome]["yearly"]) for part in parts])

    def worlds(self) -> dict[str, Any]:
        """world, replicate, sample and every parameter that varies: (worlds,) each."""
        with opened(self.folder / "worlds.parquet") as file:
            table = file.read(use_threads=False)
        return {name: table.column(name).to_numpy() for name in table.column_names}

    @property
    def kinds(self) -> list[str]:
        """Kinds of agents of which it keeps something by year."""
        return sorted({name.split("/")[1] for name in self.manifest["files"] if name.startswith("agents/")})

    @property
    def case_hashes(self) -> dict[str, str]:
        """SHA-256 of each table of its case."""
        return {name: file["sha256"] for name, file in self.manifest["files"].items() if name.startswith("case/")}

    def agents(self, kind: str) -> Any:
        """A pyarrow table (.to_pandas() for pandas): every world, or each block's statistics; the manifest's agents_kept says."""
        import pyarrow as pa

        if kind not in self.kinds:
            known = f"; it has {', '.join(self.kinds)}" if self.kinds else " (record: outcomes)"
            raise InputError(kind, f"this run keeps no such kind of agents{known}")
        names = sorted(name for name in self.manifest["files"] if name.startswith(f"agents/{kind}/"))
        parts = []
        for name in names:
            with opened(self.folder / name) as file:
                parts.append(file.read(use_threads=False))
        return pa.concat_tables(parts).unify_dictionaries()

    def monthly(self, kind: str) -> "Months":
        """How a kind of agent ("firm", "government", "carrier") stands by month, over all worlds. InputError if the run keeps none."""
        import pyarrow.compute as pc

        names = sorted(name for name in self.manifest["files"] if name.startswith("monthly/"))
        if not names:
            why = "a sweep, record: analysed, or a run of an earlier version"
            raise InputError(str(self.folder), f"this run keeps no agents by month ({why}); run its scenario again without these")
        agents: list[str] = []
        sums: dict[str, Numbers] = {}
        worlds = 0
        for name in names:
            with opened(self.folder / name) as file:
                table = file.read(use_threads=False)
            kinds = table.column("kind").unique().to_pylist()
            if kind not in kinds:
                raise InputError(kind, f"this run keeps no such kind of agents by month; it has {', '.join(kinds)}{nearest(kind, kinds)}")
            table = table.filter(pc.equal(table.column("kind"), kind))
            agents = table.column("agent").unique().to_pylist()
            values = table.column("sum").to_numpy().reshape(-1, len(agents), self.manifest["months"])
            for measure, value in zip(table.column("measure").unique().to_pylist(), values, strict=True):
                sums[measure] = sums.get(measure, 0.0) + value
            worlds += table.column("worlds")[0].as_py()
        return Months(agents, {name: total / worlds for name, total in sums.items()}, worlds)


@dataclass(frozen=True)
class Months:
    """shares: measure -> (agents, months), the mean over worlds: of what is counted, the share of worlds in which it holds"""

    agents: list[str]
    shares: dict[str, Numbers]
    worlds: int
