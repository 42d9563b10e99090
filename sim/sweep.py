"""What a sweep varies, and how: the section `sweep` of a scenario, and `--vary`."""

from dataclasses import dataclass

from sim.checks import kind_of, known_names, nearest_path, number, shown, whole
from sim.parameters import Parameter, find
from sim.refusal import InputError, nearest
from sim.strict_yaml import Document, Plain
from sim.text_file import printable

DESIGNS = ("grid", "lhs", "sobol", "sobol_pairs", "morris")
KEYS = ("vary", "design", "points", "replicates")
MOST_POINTS = 10_000_000
ON_A_SIDE = 5  # places of a range in a grid that does not say how many
POINTS = {"lhs": 100, "sobol": 64, "sobol_pairs": 64, "morris": 16}
REPLICATES = {"grid": 100, "lhs": 20, "sobol": 1, "sobol_pairs": 1, "morris": 1}


@dataclass(frozen=True)
class Varied:
    """One path of a sweep: from low to high, with so many places in a grid; or only the values listed."""

    path: str
    low: float
    high: float
    places: int = ON_A_SIDE
    values: tuple[float, ...] = ()

    @property
    def on_grid(self) -> tuple[float, ...]:
        if self.values:
            return self.values
        if self.places == 1:
            return (self.low,)
        return tuple(self.low + (self.high - self.low) * i / (self.places - 1) for i in range(self.places))


@dataclass(frozen=True)
class Sweep:
    """A run over many values of some parameters. points: what the design is asked for (lhs: points; sobol and sobol_pairs: the base
    sample, a power of 2; morris: trajectories; grid: as the places say); replicates: worlds a point, with the same luck and draws at
    every point."""

    varied: tuple[Varied, ...]
    design: str
    points: int
    replicates: int

    @property
    def size(self) -> int:
        """Points that the design has."""
        paths = len(self.varied)
        if self.design == "grid":
            size = 1
            for one in self.varied:
                size *= len(one.on_grid)
            return size
        each = {"lhs": 1, "sobol": paths + 2, "sobol_pairs": 2 * paths + 2, "morris": paths + 1}
        return self.points * each[self.design]

    @property
    def worlds(self) -> int:
        return self.size * self.replicates


def read_sweep(document: Document) -> Sweep | None:
    """The section of a scenario file; None where there is none. InputError with the line of what is wrong."""
    table = document.data.get("sweep")
    if table is None:
        return None
    where = document.where("sweep")
    if not isinstance(table, dict):
        raise InputError(where, f"`sweep` is {kind_of(table)}; write vary, and design, points or replicates below it")
    for key in table:
        if key not in KEYS:
            raise InputError(document.where("sweep", key), f'sweep has no "{printable(key)}"{nearest(key, KEYS) or known_names(KEYS)}')
    vary = table.get("vary")
    if not isinstance(vary, dict) or not vary:
        raise InputError(where, "sweep names nothing to vary; write `vary: {path: {low: ..., high: ...}}`")
    varied = tuple(_varied(path, value, document.where("sweep", "vary", path)) for path, value in vary.items())
    said = [key for key in KEYS[1:] if key in table]
    given = {key: (table[key], document.where("sweep", key)) for key in said}
    return sweep_of(varied, where, given)


def sweep_of(varied: tuple[Varied, ...], where: str, given: dict[str, tuple[Plain, str]]) -> Sweep:
    """given: design, points and replicates as far as they were said, each with where."""
    design, at = given.get("design", ("grid", where))
    if design not in DESIGNS:
        raise InputError(at, f"the design is {shown(design)}{nearest(str(design), DESIGNS) or known_names(DESIGNS)}")
    design = str(design)
    if "points" in given and design == "grid":
        ways = "write path=low:high:places, or leave points out"
        raise InputError(given["points"][1], f"a grid has as many points as its places make; {ways}")
    points, at = given.get("points", (POINTS.get(design, 1), where))
    points = whole(points, at, "points", 1, MOST_POINTS)
    if design in ("sobol", "sobol_pairs") and points & (points - 1):
        nearby = 1 << (points.bit_length() - 1)
        raise InputError(at, f"points is {points}; a Sobol design needs a power of 2, such as {nearby} or {2 * nearby}")
    if design in ("sobol", "sobol_pairs", "morris") and any(one.values for one in varied):
        listed = next(one.path for one in varied if one.values)
        raise InputError(where, f'"{listed}" has a list of values; a {design} design needs a range, low to high')
    replicates, at = given.get("replicates", (REPLICATES[design], where))
    sweep = Sweep(varied, design, points, whole(replicates, at, "replicates", 1, MOST_POINTS))
    if sweep.worlds > MOST_POINTS:
        raise InputError(where, f"the sweep has {sweep.worlds:,} worlds; at most {MOST_POINTS:,} can be run")
    return sweep


def varied_on_command_line(text: str) -> Varied:
    """path=low:high, path=low:high:places, path=a,b,c or path=range."""
    where = f"--vary {printable(text)}"
    path, equals, written = text.partition("=")
    path, written = path.strip(), written.strip()
    if not equals or not path or not written:
        raise InputError(where, "write path=low:high, path=low:high:places or path=a,b,c, such as --vary firm.hurdle=0.2:0.6:5")
    try:
        if written == "range":
            return _varied(path, "range", where)
        if ":" in written:
            low, high, *places = written.split(":")
            ends: dict[str, Plain] = {"low": float(low), "high": float(high)}
            if len(places) > 1:
                raise ValueError
            return _varied(path, ends | ({"places": int(places[0])} if places else {}), where)
        return _varied(path, [float(value) for value in written.split(",")], where)
    except ValueError:
        raise InputError(where, f'"{printable(written)}" is wrong; write low:high, low:high:places or a,b,c') from None


def _varied(path: str, value: Plain, where: str) -> Varied:
    entry = find(path)
    if entry is None or "*" in path:
        raise InputError(where, f'there is no parameter or lever "{printable(path)}"{nearest_path(path)}')
    if entry.kind == "dated" or entry.structural:
        what = "is dated" if entry.kind == "dated" else "is the same in all worlds of a run"
        raise InputError(where, f'"{path}" {what}; write a scenario for each value, and run them together')
    if value == "range":
        if entry.fixed:
            raise InputError(where, f'"{path}" has no plausible range of its own; write low and high')
        return Varied(path, entry.low, entry.high)
    if isinstance(value, list):
        values = tuple(number(item, where, path, entry) for item in value)
        if len(values) < 2 or len(set(values)) < len(values):
            raise InputError(where, f'"{path}" needs two values or more, none of them twice')
        return Varied(path, min(values), max(values), values=values)
    if entry.whole:
        raise InputError(where, f'"{path}" counts {entry.unit}; write the values one by one, such as {entry.value:g},{entry.value + 1:g}')
    return _range(path, value, where, entry)


def _range(path: str, value: Plain, where: str, entry: Parameter) -> Varied:
    if not isinstance(value, dict) or not {"low", "high"} <= value.keys() <= {"low", "high", "places"}:
        ways = "{low: ..., high: ...}, with places if you like, or a list of values"
        raise InputError(where, f'"{path}" is {kind_of(value)}; write {ways}')
    low, high = (number(value[end], where, f"{path} ({end})", entry) for end in ("low", "high"))
    if not low < high:
        raise InputError(where, f'"{path}": low ({low:g}) is not below high ({high:g})')
    return Varied(path, low, high, whole(value.get("places", ON_A_SIDE), where, f"{path} (places)", 2, MOST_POINTS))
