"""Reading a text file that anybody may have given: plain UTF-8 of a modest size, or a sentence that says why not."""

import os
import re
import stat
from pathlib import Path

from sim.refusal import InputError

LARGEST = 1 << 20  # bytes
LONGEST_SHOWN = 1000  # characters of a file's path that a message shows
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_text(path: Path, name: str, wanted: str = "a scenario file such as mine.yaml") -> str:
    """The text of a file, without a byte order mark. InputError if it cannot be read.

    name: what messages call the file; wanted: what they ask for
    """
    return _decode(_bytes_of(path, name, wanted), name)


def printable(text: str, most: int = 60) -> str:
    """The text as it may stand in a message: on one line, without control characters, cut where it is long.

    >>> printable("a\\nb")
    'a\\\\nb'
    """
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return shown if len(shown) <= most else shown[: most - 3] + "..."


def _bytes_of(path: Path, name: str, wanted: str) -> bytes:
    try:
        kind = os.stat(path).st_mode
        if stat.S_ISDIR(kind):
            raise InputError(name, f"is a folder; give {wanted}")
        if not stat.S_ISREG(kind):
            raise InputError(name, f"is no regular file but a pipe or a device; give {wanted}")
        # Not to hang should a pipe have taken the file's place since.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            content = file.read(LARGEST + 1) or b""
    except FileNotFoundError:
        raise InputError(name, "there is no such file") from None
    except PermissionError:
        raise InputError(name, "may not be read; ask for the right to read it") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(name, f"cannot be read: {reason}") from None
    if len(content) > LARGEST:
        raise InputError(name, "is larger than 1 MiB; such a file has a few kilobytes")
    return content


def _decode(content: bytes, name: str) -> str:
    """UTF-8, with or without a byte order mark."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{name}:1", "the file is in UTF-16 or UTF-32; save it as UTF-8")
    zero = content.find(b"\0")
    if zero >= 0:
        hint = "; is it UTF-16? Save it as UTF-8" if zero < 2 else "; write plain text in UTF-8"
        raise InputError(f"{name}:{_line_at(content, zero)}", f"the file holds a NUL byte{hint}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}:{_line_at(content, error.start)}", "the file is not in UTF-8; save it as UTF-8") from None
    refused = UNPRINTABLE.search(text)
    if refused:
        line = _line_at(text[: refused.start()].encode())
        raise InputError(f"{name}:{line}", f"the character {refused.group()!a} may not stand in a text; delete it")
    return text


def _line_at(content: bytes, position: int | None = None) -> int:
    before = content[:position]
    return 1 + before.count(b"\n") + before.replace(b"\r\n", b"").count(b"\r")
