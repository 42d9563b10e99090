"""Texts and numbers as a scenario file writes them."""

import json
from collections.abc import Mapping

_NOT_TEXT_TO_ALL = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")  # to readers of YAML 1.1


def written(value: float | Mapping[str, float]) -> str:
    """A number, or dates with numbers."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(date)}: {written(level)}" for date, level in value.items()) + "}"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 and str(value) != "-0.0" else repr(value)


def quoted(text: str) -> str:
    """Text as YAML reads it back: bare where it is a plain name, else in double quotes with escapes."""
    bare = text.replace(".", "").replace("_", "")
    if bare.isascii() and bare.isalnum() and text[0].isalpha() and text.lower() not in _NOT_TEXT_TO_ALL:
        return text
    return "".join(
        c if c.isprintable() else f"\\U{ord(c):08x}" for c in json.dumps(text, ensure_ascii=False)
    )  # json's own escapes are YAML's too
