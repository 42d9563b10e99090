"""Where the scenarios and cases that come with Chokepoint lie."""

from pathlib import Path

# A wheel carries them inside the package; in a checkout they stand beside it.
_HERE = Path(__file__).resolve().parent
SHIPPED: Path = _HERE / "scenarios" if (_HERE / "scenarios").is_dir() else _HERE.parent / "scenarios"
