"""YAML, read strictly: every file either is what it looks like or is refused with its line.

What differs from PyYAML's own reading: scalars follow the core schema of YAML 1.2 (`NO`, `on`, `12:30`, `1_000` and
`2019-05-16` are text, `1e3` is a number), and whatever two readers could read as two things is refused: duplicate keys,
keys that are no text, tags, merge keys, a leading zero (`017` is 15 to YAML 1.1 and 17 to YAML 1.2), several documents.
Limits are checked on the stream of events, so a hostile file costs milliseconds.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

import yaml

from sim.refusal import InputError
from sim.text_file import LARGEST, LONGEST_SHOWN, UNPRINTABLE, printable, read_text

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"
Keys: TypeAlias = tuple[str | int, ...]  # the way to a value: keys of mappings, positions in lists

DEEPEST = 50  # levels
MOST_ANCHORS = 100
MOST_NODES = 50_000  # as expanded by aliases
LONGEST_NUMBER = 100  # characters

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAB_INDENT = re.compile(r"^ *\t[ \t]*[^\s]", re.MULTILINE)
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True)
class Document:
    """One mapping as read. name: what messages call it. lines: line of each value's key (or of each item of a list)."""

    name: str
    data: dict[str, Plain]
    lines: dict[Keys, int]
    path: Path | None = None

    def where(self, *keys: str | int) -> str:
        """The file and line of a value, or of the nearest thing around it that was written down."""
        for end in range(len(keys), -1, -1):
            if keys[:end] in self.lines:
                return f"{self.name}:{self.lines[keys[:end]]}"
        return self.name


def read_document(path: Path, name: str | None = None) -> Document:
    """Read a file whose content is one mapping. name: what messages call the file, by default its path as given.

    InputError for a file that cannot be read and for everything in it that is not plain, unambiguous YAML.
    """
    name = printable(str(path), LONGEST_SHOWN) if name is None else name
    text = read_text(path, name)
    tab = _TAB_INDENT.search(text)
    if tab:
        line = 1 + text.count("\n", 0, tab.start())
        raise InputError(f"{name}:{line}", "the line is indented with a tab; indent with spaces")
    root = _compose(text, name)
    if root is None:
        raise InputError(f"{name}:1", "the file is empty; a scenario has lines such as `title: ...` and `extends: history`")
    if not isinstance(root.value, dict):
        kind = "a list" if isinstance(root.value, list) else "a single value"
        raise InputError(f"{name}:{root.line}", f"the file holds {kind}; a scenario is a table of `key: value` lines")
    lines: dict[Keys, int] = {(): root.line}
    data = _plain(root, (), lines)
    assert isinstance(data, dict)
    return Document(name, data, lines, path)


def read_value(text: str, where: str) -> Plain:
    """Read one value, as written after `--set path=`: a number, a text, or a list or mapping in brackets."""
    refused = UNPRINTABLE.search(text)
    if refused:
        raise InputError(where, "the value holds a control character; write plain text")
    if len(text) > LARGEST:
        raise InputError(where, "the value is over 1 MiB long")
    root = _compose(text, where, lined=False)
    return None if root is None else _plain(root, (), {})


def scalar(text: str) -> bool | int | float | str | None:
    """What an unquoted scalar stands for in the core schema of YAML 1.2; ValueError says why it is refused.

    >>> scalar("NO"), scalar("1e3"), scalar("1_000"), scalar("2019-05-16"), scalar("0x10")
    ('NO', 1000.0, '1_000', '2019-05-16', 16)
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is no finite number; give a finite number, or put it in quotes if it is text")
    whole = _INT.fullmatch(text)
    if not whole and not _FLOAT.fullmatch(text):
        return text
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"a number of {len(text)} characters; numbers have at most {LONGEST_NUMBER}")
    if whole:
        digits = text.lstrip("+-")
        if digits[:2] in ("0o", "0x"):
            return int(text, 0)
        if len(digits) > 1 and digits[0] == "0":
            plain = digits.lstrip("0") or "0"
            raise ValueError(f'{text} begins with 0, which some readers take for octal; write {plain}, or "{text}" if it is text')
        return int(text)
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too large for a number")
    return number


class _Node:
    """A value as composed. size: nodes when aliases are written out; height: levels of them."""

    __slots__ = ("height", "key", "keyed", "line", "lines", "size", "value")

    def __init__(self, value: Any, line: int) -> None:
        self.value, self.line = value, line
        self.size = self.height = 1
        self.lines: list[int] = []  # of the items of a list; a mapping keeps its keys' lines in `keyed`
        self.keyed: dict[str, int] = {}
        self.key: str | None = None  # a key that waits for its value


class _Composer:
    """Builds the nodes of one document from its events, on a stack of its own: depth costs no recursion."""

    def __init__(self, name: str, lined: bool) -> None:
        self.name, self.lined = name, lined
        self.root: _Node | None = None
        self.open: list[tuple[_Node, str | None]] = []
        self.anchors: dict[str, _Node | None] = {}  # None: still being read
        self.counted = self.documents = 0

    def refuse(self, line: int, what: str) -> NoReturn:
        raise InputError(f"{self.name}:{line}" if self.lined else self.name, what)

    def take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.refuse(line, "a second document begins here (`---`); one file is one scenario")
        elif isinstance(event, yaml.AliasEvent):
            self.place(self.alias(event.anchor or "", line), line, written=False)
        elif isinstance(event, yaml.ScalarEvent):
            self.check_properties(event, line)
            node = _Node(self.scalar(event, line), line)
            if event.anchor:
                self.anchors[event.anchor] = node
            self.place(node, line, written=True)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self.check_properties(event, line)
            if self.expects_key():
                self.refuse(line, "a key is a list or a mapping; a key is text")
            if len(self.open) >= DEEPEST:
                self.refuse(line, f"nested more than {DEEPEST} levels deep")
            if event.anchor:
                self.anchors[event.anchor] = None
            self.open.append((_Node({} if isinstance(event, yaml.MappingStartEvent) else [], line), event.anchor))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            node, anchor = self.open.pop()
            if anchor:
                self.anchors[anchor] = node
            self.place(node, node.line, written=True)

    def expects_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1][0].value, dict) and self.open[-1][0].key is None

    def check_properties(self, event: Any, line: int) -> None:
        if event.tag is not None:
            self.refuse(line, f"the tag {printable(event.tag)} is not allowed; leave tags (words with !) out")
        if event.anchor:
            self.counted += 1
            if self.counted > MOST_ANCHORS:
                self.refuse(line, f"more than {MOST_ANCHORS} anchors (&name); write the values out")

    def alias(self, anchor: str, line: int) -> _Node:
        if self.expects_key():
            self.refuse(line, "a key is an alias (*name); write the key out")
        node = self.anchors.get(anchor)
        if node is None:
            why = "stands inside itself" if anchor in self.anchors else "has no anchor before it"
            self.refuse(line, f"the alias *{printable(anchor)} {why}")
        return node

    def scalar(self, event: Any, line: int) -> Any:
        bad = UNPRINTABLE.search(event.value)
        if bad:
            self.refuse(line, f"the text holds the control character {bad.group()!a}; leave it out")
        if event.style is not None and event.style != "":
            return event.value
        if event.value == "<<" and self.expects_key():
            self.refuse(line, "merge keys (<<) are not allowed; use `extends:` or write the values out")
        try:
            return scalar(event.value)
        except ValueError as error:
            self.refuse(line, str(error))

    def place(self, node: _Node, line: int, written: bool) -> None:
        if not self.open:
            self.root = node
            return
        parent = self.open[-1][0]
        if self.expects_key():
            if not isinstance(node.value, str):
                shown = "an empty key" if node.value is None else f"the key {printable(str(node.value))}"
                self.refuse(line, f"{shown} is no text; keys are names, or dates such as 2019-07")
            if node.value in parent.value:
                first = parent.keyed[node.value]
                self.refuse(line, f'the key "{printable(node.value)}" stands twice (first in line {first}); keep one')
            parent.key, parent.keyed[node.value] = node.value, line
            parent.size += 1
            return
        if parent.key is not None:
            parent.value[parent.key], parent.key = node, None
        else:
            parent.value.append(node)
            parent.lines.append(line)
        parent.size += node.size
        parent.height = max(parent.height, node.height + 1)
        if parent.size > MOST_NODES:
            self.refuse(line, f"more than {MOST_NODES} values" + ("" if written else " once aliases are written out"))
        if parent.height > DEEPEST:
            self.refuse(line, f"nested more than {DEEPEST} levels deep once aliases are written out")


def _compose(text: str, name: str, lined: bool = True) -> _Node | None:
    """The root of the one document in the text; None if there is none, or only an empty one."""
    composer = _Composer(name, lined)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        if "nesting depth" in str(error):  # libyaml's own limit; some builds of it look ahead and meet it first
            composer.refuse(line, f"nested more than {DEEPEST} levels deep")
        composer.refuse(min(line, text.count("\n") + 1), f"not YAML: {_explained(error)}")
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # the latter two: PyYAML without libyaml, odd escapes
        composer.refuse(1, f"not YAML: {printable(str(error), 100)}")
    root = composer.root
    return None if root is None or root.value is None else root


def _explained(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "it cannot be read"
    if "mapping values are not allowed" in problem:
        return 'a second colon on the line, or a wrong indent; put text that holds ": " in quotes'
    if "cannot start any token" in problem:
        return "a text begins with a character that YAML keeps for itself (@ ` % or a tab); put it in quotes"
    return problem + (f" ({error.context})" if error.context else "")


def _plain(node: _Node, keys: Keys, lines: dict[Keys, int]) -> Plain:
    """The node as plain data. Recursion is safe: composing has bounded depth and size, aliases written out."""
    if isinstance(node.value, dict):
        table: dict[str, Plain] = {}
        for key, child in node.value.items():
            lines[(*keys, key)] = node.keyed[key]
            table[key] = _plain(child, (*keys, key), lines)
        return table
    if isinstance(node.value, list):
        items: list[Plain] = []
        for place, child in enumerate(node.value):
            lines[(*keys, place)] = node.lines[place]
            items.append(_plain(child, (*keys, place), lines))
        return items
    value: bool | int | float | str | None = node.value
    return value
