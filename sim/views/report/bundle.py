"""The page's script: Vega as its makers built it, its interpreter of expressions (so that nothing is evaluated), and our own."""

import re
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
VENDOR = HERE / "vendor"
_IMPORT = re.compile(r"^import \{([^}]*)\} from 'vega-util';$", re.MULTILINE)
_EXPORT = re.compile(r"^export \{ (\w+) as expressionInterpreter \};$", re.MULTILINE)


def interpreter() -> str:
    """vega-interpreter is a module: its import and its export become those of the global `vega`."""
    text = (VENDOR / "vega-interpreter.js").read_text(encoding="utf-8")
    text, imports = _IMPORT.subn(r"const {\1} = vega;", text)
    text, exports = _EXPORT.subn(r"globalThis.expressionInterpreter = \1;", text)
    if (imports, exports) != (1, 1) or re.search(r"^(import|export)\b", text, re.MULTILINE):
        raise ValueError("vega-interpreter.js begins or ends in another way than this version knows")
    return "(function () {\n" + text + "\n})();"


def notices() -> str:
    """The licences of what is bundled, which go with each page that is passed on."""
    return "\n\n".join(file.read_text(encoding="utf-8").strip() for file in sorted(VENDOR.glob("LICENSE.*")))


def script(panels: Mapping[str, str]) -> str:
    """All of it. panels: JavaScript by a panel's key"""
    parts = [(VENDOR / name).read_text(encoding="utf-8") for name in ("vega.min.js", "vega-lite.min.js", "vega-embed.min.js")]
    parts = [re.sub(r"^//# sourceMappingURL=.*$", "", part, flags=re.MULTILINE) for part in [*parts, interpreter()]]
    own = "".join(f'panelScripts["{key}"] = function (panel, view, data) {{\n{text}\n}};\n' for key, text in panels.items() if text)
    page = (HERE / "page.js").read_text(encoding="utf-8")
    parts.append("(function () {\n'use strict';\nconst panelScripts = {};\n" + own + page + "\n})();")
    text = "\n".join([f"/*!\n{notices()}\n*/", *parts])
    if re.search(r"</script|<!--", text, re.IGNORECASE):
        raise ValueError("a script holds what would end its element")
    return text


def style() -> str:
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in ("page.css", "pictures.css"))
