"""Which files a scenario is made of: the shipped ones, a file's parents, its case.

A path written in a scenario stays in that scenario's folder or names something shipped: a file from a stranger reads
nothing else on the disk of whoever runs it.
"""

import os
from pathlib import Path, PureWindowsPath

from sim.case import case_folder, shipped_cases
from sim.refusal import InputError, nearest
from sim.shipped import SHIPPED
from sim.strict_yaml import Document, read_document
from sim.text_file import LONGEST_SHOWN, printable

LONGEST_CHAIN = 10  # files, the scenario itself included


def shipped() -> list[str]:
    """Names of the scenarios that come with Chokepoint."""
    return sorted(file.stem for file in SHIPPED.glob("*.yaml"))


def chain(name_or_path: str) -> tuple[Document, ...]:
    """A scenario's file and those it extends, eldest parent first, each read and not yet checked.

    InputError for whatever cannot be read, is missing, leads out of the scenario's folder, or comes back to itself.
    """
    document = _first(name_or_path)
    documents = [document]
    seen = {_real(document)}
    while "extends" in document.data:
        where, parent = document.where("extends"), document.data["extends"]
        if isinstance(parent, list):
            raise InputError(where, "`extends` is a list; a scenario extends one other")
        if not isinstance(parent, str) or not parent:
            raise InputError(where, "`extends` names one scenario, such as history, or a file, such as parent.yaml")
        document = _parent(document, parent, where)
        if _real(document) in seen:
            raise InputError(where, f'"{printable(parent)}" comes back to itself: a scenario cannot extend its own child')
        documents.append(document)
        seen.add(_real(document))
        if len(documents) > LONGEST_CHAIN:
            raise InputError(where, f"the chain of `extends` is longer than {LONGEST_CHAIN} files")
    return tuple(reversed(documents))


def folder_of(document: Document) -> Path:
    """Where the paths that a file writes begin; the current folder for what came from the command line."""
    return document.path.parent if document.path is not None else Path()


def within(folder: Path, written: str, where: str) -> Path:
    """The path of a file or folder named in a scenario, if it stays in that folder, links included."""
    shown = printable(written)
    if "://" in written:
        raise InputError(where, f'"{shown}" is a web address; download the file into the scenario\'s folder')
    if written.startswith(("/", "~")) or PureWindowsPath(written).drive:
        raise InputError(where, f'"{shown}" is an absolute path; write one relative to the scenario\'s folder')
    if "\\" in written:
        raise InputError(where, f'"{shown}" holds a backslash; write / between folders')
    if ".." in written.split("/"):
        raise InputError(where, f'"{shown}" leads out of the scenario\'s folder; put the file beside the scenario')
    path = folder / written
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        raise InputError(where, f'"{shown}" cannot be followed: a name is too long, or a link runs in a circle') from None
    if not inside:
        raise InputError(where, f'"{shown}" is a link that leads out of the scenario\'s folder; copy the file instead')
    return path


def is_file_name(written: str) -> bool:
    """Whether it names a file, and not something shipped."""
    return "/" in written or written.endswith((".yaml", ".yml"))


def case_of(document: Document, written: str, where: str) -> Path:
    """The folder of the case that a scenario names: a shipped one, or one below the scenario's folder."""
    folder = folder_of(document)
    if written not in shipped_cases():
        within(folder, written, where)
    return case_folder(written, folder, where)


def known_to_compare(document: Document, written: str, where: str) -> None:
    """Refuse a baseline that is no shipped scenario and no file in the scenario's folder. The file need not exist yet."""
    if is_file_name(written):
        within(folder_of(document), written, where)
    elif written not in shipped():
        raise InputError(where, _no_such(written))


def seen_from(document: Document, written: str, youngest: Document, is_shipped: bool) -> str:
    """What a file in a subfolder wrote, as the youngest file would write it."""
    if is_shipped or document.path is None or youngest.path is None or document.path.parent == youngest.path.parent:
        return written
    try:
        return (document.path.parent.relative_to(youngest.path.parent) / written).as_posix()
    except ValueError:  # a shipped parent of a file elsewhere
        return written


def _first(name_or_path: str) -> Document:
    if name_or_path in shipped():
        return _shipped(name_or_path)
    path = Path(name_or_path)
    if not is_file_name(name_or_path) and not os.path.exists(path):  # Path.exists raises where a name is too long
        raise InputError(printable(name_or_path, LONGEST_SHOWN), f"there is no such file, and {_no_such(name_or_path)}")
    return read_document(path)


def _parent(child: Document, written: str, where: str) -> Document:
    if not is_file_name(written) and written in shipped():
        return _shipped(written)
    path = within(folder_of(child), written, where)
    if not is_file_name(written):
        raise InputError(where, f"{_no_such(written)}; a file ends in .yaml")
    if not os.path.exists(path):
        raise InputError(where, f'there is no file "{printable(written)}" in the scenario\'s folder')
    return read_document(path)


def _shipped(name: str) -> Document:
    return read_document(SHIPPED / f"{name}.yaml", f"scenarios/{name}.yaml")


def _no_such(name: str) -> str:
    return f'no shipped scenario is called "{printable(name)}"{nearest(name, shipped())}'


def _real(document: Document) -> Path:
    assert document.path is not None
    return document.path.resolve()
