"""What keeps text from files text: in markup, in JSON inside a page, and in the eyes of the page's own policy; and how it is cut."""

import base64
import hashlib
import html
import json
from typing import Any

# What could end the script element, begin a comment in it, or end a line in older JavaScript.
_RISKY = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def escaped(text: object) -> str:
    """For markup, between tags and in quoted attributes.

    >>> escaped('<b title="x">')
    '&lt;b title=&quot;x&quot;&gt;'
    """
    return html.escape(str(text), quote=True)


def upper(text: str) -> str:
    """With a capital, as a sentence begins."""
    return text[:1].upper() + text[1:]


def shortened(text: str, most: int) -> str:
    """
    >>> shortened("Semiconductors", 8)
    'Semicon…'
    """
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def json_text(what: Any) -> str:
    """JSON that may stand in a script element.

    >>> print(json_text({"title": "</script>"}))
    {"title":"\\u003c/script\\u003e"}
    """
    text = json.dumps(what, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, code in _RISKY.items():
        text = text.replace(character, code)
    return text


def hash_source(text: str) -> str:
    """A script or a style sheet as a Content-Security-Policy names it, quotes included."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def policy(script: str, style: str) -> str:
    """The page may run this script and wear this style; it may load nothing, send nothing and be framed by nobody's base."""
    return f"default-src 'none'; script-src {hash_source(script)}; style-src {hash_source(style)}; base-uri 'none'; form-action 'none'"
