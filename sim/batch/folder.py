"""Results folders: names that are short, safe on every system and never twice; what is in them, and room for more."""

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from sim.batch.disk import StorageError, refusal
from sim.batch.store import TEMPORARY, Stored, hash_of, make_folder
from sim.refusal import InputError

_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.ASCII)


def safe_name(name: str) -> str:
    """A scenario's name as that of a folder. A name that had to be changed carries a hash, so that no two become one.

    >>> safe_name("g20_truce")
    'g20_truce'
    >>> safe_name("../CON")
    'con-d1d3a7'
    """
    safe = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-")[:60].rstrip("-") or "scenario"
    if safe == name and not _DEVICES.fullmatch(safe):
        return safe
    return f"{safe}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"


def new_folder(parent: Path, tag: str) -> Path:
    """The next free parent/NNN-tag, made. StorageError if the disk refuses."""
    make_folder(parent)
    numbers = [int(m[1]) for entry in parent.iterdir() if (m := re.match(r"(\d+)-", entry.name))]
    number = max(numbers, default=0) + 1
    while True:
        folder = parent / f"{number:03d}-{tag}"
        try:
            (parent / f".{number:03d}").mkdir()  # claims the number, whatever the tag
        except FileExistsError:
            number += 1
            continue
        except OSError as fault:
            raise refusal(fault, folder) from fault
        try:
            folder.mkdir()
        except OSError as fault:
            raise refusal(fault, folder) from fault
        finally:
            with contextlib.suppress(OSError):
                (parent / f".{number:03d}").rmdir()
        return folder


def hashes_of(folder: Path, names: list[str]) -> dict[str, Stored | None]:
    """Each file as it is now; None for one that is not there. StorageError if one cannot be read."""
    found: dict[str, Stored | None] = {}
    for name in names:
        try:
            found[name] = hash_of(folder / name)
        except FileNotFoundError:
            found[name] = None
        except OSError as fault:
            raise StorageError(f"cannot read {folder / name}: {fault.strerror}") from fault
    return found


def intact(folder: Path, files: Mapping[str, Stored]) -> bool:
    """Whether each is there as it was written."""
    return all((folder / name).is_file() and hash_of(folder / name) == stored for name, stored in files.items())


def check_place(file: Path, option: str) -> None:
    """InputError if a file could not be written: to be known before hours are spent on what shall stand in it."""
    folder = file.absolute().parent
    if not folder.is_dir():
        raise InputError(option, f"there is no folder {folder}; make it, or choose another place")
    if not os.access(folder, os.W_OK):
        raise InputError(option, f"{folder} may not be written to; choose another place")


def is_own_name(name: str) -> bool:
    """Whether this may be the name of a file in a results folder: a manifest or a journal may be a stranger's."""
    return not ({"", ".", ".."} & set(name.split("/")) or "\\" in name or ":" in name or "\0" in name)


def check_own(folder: Path) -> None:
    """InputError if a results folder holds anything but files and folders of its own: through a link a stranger's could lead anywhere."""
    rooms = [folder]
    while rooms:
        try:
            with os.scandir(rooms.pop()) as entries:
                found = [(entry, entry.is_dir(follow_symlinks=False), entry.is_file(follow_symlinks=False)) for entry in entries]
        except OSError as fault:
            raise InputError(str(fault.filename or folder), f"cannot be read: {fault.strerror}") from None
        rooms += [Path(entry.path) for entry, is_room, _ in found if is_room]
        for entry in (entry for entry, is_room, is_file in found if not (is_room or is_file)):
            what = "is a link; copy what it points to in its place" if entry.is_symlink() else "is no file; take it away"
            raise InputError(entry.path, f"a results folder holds files alone, and this {what}")


def clear_unfinished(folder: Path) -> None:
    """Away with what a killed process left half-written."""
    for path in folder.rglob(f"*{TEMPORARY}"):
        with contextlib.suppress(OSError):
            path.unlink()


def free_space(out: Path) -> int:
    """Bytes free where results would go, whether the folder is there yet or not."""
    place = next(p for p in [out.absolute(), *out.absolute().parents] if p.exists())
    try:
        return shutil.disk_usage(place).free
    except OSError as fault:
        raise refusal(fault, out) from fault
