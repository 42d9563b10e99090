"""A sample of parameter sets to draw worlds from, such as the one that `chokepoint calibrate` keeps: the line `prior` of a scenario.

The file is Parquet: a column a parameter, a row a parameter set. What it is stands as JSON in its footer, which Parquet does not
compress, so that a scenario can be read and checked without the library that reads its numbers.
"""

import hashlib
import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from sim import inheritance
from sim.checks import kind_of
from sim.parameters import PARAMETERS, find
from sim.refusal import InputError, nearest
from sim.strict_yaml import Document, Plain
from sim.text_file import printable

KEY = "chokepoint.posterior"  # of the footer's metadata
SCHEMA = 1
NONE = "none"
COPY = "posterior.parquet"  # as it is called among the tables that a results folder keeps
BESIDE = ("sample", "implausibility")  # columns that are no parameters
_MAGIC, _TEXT = b"PAR1", b"\x18"  # of the file; of a text in its footer
_MOST = 1 << 24  # bytes of a footer


@dataclass(frozen=True)
class Asked:
    """What one file writes after `prior`. name: "" where it says none; apart: paths that are not to be taken from the sample."""

    name: str
    apart: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prior:
    """A sample from which every world takes a whole row.

    name: as the scenario writes it; apart: columns that are not taken, since the scenario says otherwise
    about: what the file says of itself: "rows", "drawn_from" (path -> the spread it was drawn from), and how it was made
    """

    name: str
    apart: frozenset[str]
    file: Path = field(compare=False)
    about: dict[str, Any] = field(compare=False, repr=False)

    @property
    def rows(self) -> int:
        return int(self.about["rows"])

    @property
    def taken(self) -> tuple[str, ...]:
        """The paths whose values come from the rows."""
        return tuple(path for path in self.about["drawn_from"] if path not in self.apart)

    @property
    def mark(self) -> str:
        """Eight digits that two samples share only if they say the same of themselves."""
        return hashlib.sha256(json.dumps(self.about, sort_keys=True).encode()).hexdigest()[:8]

    def holds_joint(self, table: str) -> bool:
        """Whether all that was drawn from a table of the case is taken from the rows."""
        paths = [path for path, spread in self.about["drawn_from"].items() if spread == joint(table)]
        return bool(paths) and not self.apart.intersection(paths)


@dataclass
class Merging:
    """What the files of a scenario say of its prior, eldest first: the youngest that speaks of it decides.

    On another case than the one it was said for, it is that case's own sample of the same name, or none at all (missing: its name
    then). What a younger file says of a parameter holds for that parameter, and so does any number or other spread than the one
    that the sample was drawn from, whoever says it.
    """

    said: Asked | None = None
    moved: bool = False
    missing: str = ""
    document: Document | None = None
    spoken: set[str] = field(default_factory=set)
    joints_anew: bool = False

    def file(self, document: Document, said: Asked | None, paths: Iterable[str], other_case: bool, joints: bool) -> None:
        """A file's turn. paths: of which it speaks; joints: whether it says which numbers are drawn together."""
        if said is not None:
            self.said, self.document, self.spoken, self.joints_anew, self.moved = said, document, set(said.apart), False, False
        else:
            self.move(other_case)
            self.spoken.update(paths)
            self.joints_anew |= joints

    def move(self, other_case: bool) -> None:
        """To another case, if it is one. What the command line asks for, it asks for on that case."""
        self.moved |= other_case and (self.document is None or self.document.path is not None)

    def settle(self, case_folder: Path, youngest: Document, spreads: Mapping[str, str], fixed: Container[str]) -> Prior | None:
        """spreads: what the scenario leaves uncertain, as it is written; fixed: what it gives a number."""
        if self.said is None or not self.said.name or self.document is None:
            return None
        written, where = self.said.name, self.document.where("prior")
        file = inheritance.within(inheritance.folder_of(self.document), written, where)
        name = inheritance.seen_from(self.document, written, youngest, False)
        if self.moved or not file.is_file():
            file, name = inheritance.within(case_folder, written, where), written
        if self.moved and not file.is_file():
            self.missing = written
            return None
        found = about(file, where, written)
        columns: dict[str, str] = found["drawn_from"]
        for path in self.said.apart:
            if path not in columns:
                at = self.document.where("prior", "except")
                raise InputError(at, f'"{printable(written)}" has no column "{printable(path)}"{nearest(path, columns)}')
        apart = {
            path
            for path, spread in columns.items()
            if path in self.spoken
            or path in fixed
            or spreads.get(path, spread) != spread
            or (self.joints_anew and spread.startswith(joint("")))
        }
        return Prior(name, frozenset(apart), file, found)


def joint(table: str) -> str:
    """How a sample says that a number was drawn from a table of the case, together with others."""
    return f"joint {table}"


def asked(document: Document) -> Asked | None:
    """What a file says of its prior; None where it does not speak of it."""
    if "prior" not in document.data:
        return None
    value, where = document.data["prior"], document.where("prior")
    if isinstance(value, dict):
        for key in value:
            if key not in ("file", "except"):
                hint = nearest(key, ("file", "except")) or "; it has file and except"
                raise InputError(document.where("prior", key), f'prior has no "{printable(key)}"{hint}')
        return Asked(_name(value.get("file"), document.where("prior", "file")), _apart(value.get("except", []), document))
    name = _name(value, where)
    return Asked("" if name == NONE else name)


def _name(value: Plain, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        ways = "write the file that `chokepoint calibrate` wrote, such as posterior.parquet, or none"
        raise InputError(where, f"`prior` is {kind_of(value)}; {ways}")
    return value.strip()


def _apart(value: Plain, document: Document) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(path, str) for path in value):
        where = document.where("prior", "except")
        raise InputError(where, f"`except` is {kind_of(value)}; write a list of parameters, such as [firm.hurdle]")
    return tuple(str(path) for path in value)


def about(file: Path, where: str, name: str) -> dict[str, Any]:
    """What a sample says of itself. InputError (where: the line that names it; name: what to call it) if it is none."""
    try:
        state = file.stat()
        found = _footer(file, state.st_mtime_ns, state.st_size)
    except FileNotFoundError:
        raise InputError(where, f'there is no file "{printable(name)}" beside the scenario or in its case\'s folder') from None
    except OSError as error:
        raise InputError(where, f'"{printable(name)}" cannot be read: {error.strerror}') from None
    if found is None:
        what = f'"{printable(name)}" is no sample of parameter sets; `chokepoint calibrate` writes one'
        raise InputError(where, what)
    if found.get("schema") != SCHEMA:
        made = f"it is of schema {printable(str(found.get('schema')))}, and this version reads schema {SCHEMA}"
        raise InputError(where, f'"{printable(name)}": {made}; make it anew with `chokepoint calibrate`')
    for path in found["drawn_from"]:
        entry = find(path)
        if entry is None or entry.kind == "dated" or entry.structural:
            why = "which may not differ between worlds" if entry is not None else f"which is no parameter{nearest(path, PARAMETERS)}"
            made = f"was it made by another version ({printable(str(found.get('version')))})? Make it anew with `chokepoint calibrate`"
            raise InputError(where, f'"{printable(name)}" has a column "{printable(path)}", {why}; {made}')
    return found


@lru_cache(maxsize=16)
def _footer(file: Path, changed: int, size: int) -> dict[str, Any] | None:
    """The JSON in a file's footer; None if there is none. changed, size: of the file, so that it is read again when it changes."""
    with file.open("rb") as stream:
        if size < 12:
            return None
        stream.seek(size - 8)
        end = stream.read(8)
        length = int.from_bytes(end[:4], "little")
        if end[4:] != _MAGIC or not 0 < length <= min(size - 12, _MOST):
            return None
        stream.seek(size - 8 - length)
        footer = stream.read(length)
    start = footer.find(KEY.encode()) + len(KEY)
    if start < len(KEY) or footer[start : start + 1] != _TEXT:
        return None
    many = shift = 0
    for start in range(start + 1, min(start + 6, len(footer))):  # noqa: B020 - the text's length, seven bits a byte
        many |= (footer[start] & 0x7F) << shift
        shift += 7
        if footer[start] < 0x80:
            break
    try:
        found = json.loads(footer[start + 1 : start + 1 + many])
    except ValueError:
        return None
    fits = isinstance(found, dict) and isinstance(found.get("drawn_from"), dict) and isinstance(found.get("rows"), int)
    return found if fits and found["rows"] > 0 else None
