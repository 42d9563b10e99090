"""What a calibration found, as text for a terminal."""

import math

from sim.calibrating import Band, Calibrated
from sim.tables import many, number, table, wrapped

PAIRS = 8  # that are told


def as_text(done: Calibrated) -> str:
    parts = [waves(done), table(*targets(done), numbers=3), wrapped(reasons(done), hang=0)]
    if not done.rows:
        return "\n\n".join([*parts, wrapped(nothing_left(done), hang=0)])
    parts += [table(*coverage(done), numbers=2), wrapped(counted(done), hang=0)]
    if any(one.says_something for one in done.identified):
        parts += [table(*narrowed(done), numbers=3), wrapped(scales(done), hang=0)]
    parts.append(wrapped("\n".join([silent(done), *pairs(done)]), hang=0))
    return "\n\n".join(parts)


def waves(done: Calibrated) -> str:
    """A sentence a wave."""
    replicates = done.matched.measured.shape[-1]
    lines = []
    for i, wave in enumerate(done.matched.waves):
        first = f"Wave {i + 1}: {many(wave.simulated, 'parameter set')}, {replicates} worlds each"
        of = f" (of {wave.looked_at:,} looked at; emulators ruled out the others)" if wave.looked_at > wave.simulated else ""
        lines.append(f"{first}{of}; {wave.kept:,} not ruled out ({share(wave.share)}).")
    screen = done.matched.screen
    if screen is not None:
        lines.append(
            f"The emulators, each half of the first wave judged by those of the other: {screen.ruled_out:,} of {screen.tried:,} would have "
            f"been ruled out unseen, among them {screen.lost:,} of the {screen.kept:,} that the model itself does not rule out."
        )
    return wrapped("\n".join(lines), hang=0)


def targets(done: Calibrated) -> tuple[list[str], list[list[str]]]:
    """What may part record and model, and how many parameter sets of the first wave each target rules out."""
    rows = []
    out, alone, worst = done.deaths
    for i, (target, sd) in enumerate(zip(done.targets, done.spreads, strict=True)):
        if done.matched.aims.matched[i]:
            parts = " / ".join(number(sd[part]) for part in ("observation", "discrepancy", "luck"))
            rows.append([f"{out[i]:,}", f"{alone[i]:,}", f"{worst[i]:,}", parts, target.name])
    rows.sort(key=lambda row: -int(row[0].replace(",", "")))
    return ["rules out", "alone", "as the worst", "sd: observed / model / luck", "target"], rows


def reasons(done: Calibrated) -> str:
    first = done.matched.waves[0]
    out = first.simulated - first.kept
    text = f"Of {many(first.simulated, 'parameter set')} {out:,} were ruled out in the first wave"
    return f"{text}, by the cut-off of {done.matched.cutoff:g} on {_rule(done)}."


def _rule(done: Calibrated) -> str:
    return str(done.how()["rule"])


def nothing_left(done: Calibrated) -> str:
    """In words, why nothing is kept."""
    nearest, by = done.nearest
    never = [t.name for t, o in zip(done.targets, done.deaths[0], strict=True) if o == done.matched.waves[0].simulated]
    if never:
        why = f"No parameter set meets {_list(never)}: the model cannot do this, whatever its numbers."
    else:
        why = "Each target is met by some parameter set, but no set meets all of them."
    near = f"The nearest has an implausibility of {nearest:.3g}, for {_list(by)}." if math.isfinite(nearest) else ""
    return (
        f"Nothing is kept: the record rules out every parameter set that was tried. {why} {near} A wider discrepancy has to be argued for "
        "and written into the targets before the next calibration; a known miss has to be named as one. Nothing was written."
    )


def coverage(done: Calibrated) -> tuple[list[str], list[list[str]]]:
    """Every target's worlds before and after."""
    rows = []
    for target, on, (before, after) in zip(done.targets, done.matched.aims.matched, done.bands, strict=True):
        about = f"{target.name} ({role(target.role, bool(on))})"
        rows.append([number(target.value), band(before), band(after), about])
    return ["record", "before: median (90 %)", "after", "target"], rows


def role(named: str, matched: bool) -> str:
    return "matched" if matched else f"{named}, not matched" if named == "fitted" else named


def band(one: Band) -> str:
    if not one.quantiles:
        return "no number"
    low, _, middle, _, high = one.quantiles
    mark = "" if one.in_90 else " outside"
    return f"{number(middle)} ({number(low)} to {number(high)}){mark}"


def counted(done: Calibrated) -> str:
    """How many targets lie within the bands, before and after, those that were matched and the others apart."""
    on = done.matched.aims.matched
    groups = {
        "Of {n} matched targets": [t.name for t, m in zip(done.targets, on, strict=True) if m],
        "Of {n} that were not matched": [t.name for t, m in zip(done.targets, on, strict=True) if not m],
    }
    lines = []
    for words, names in groups.items():
        if names:
            n = done.inside(names)
            lines.append(
                f"{words.format(n=n['targets'])} the record lies within the middle half of the worlds in {n['before_50']} before and "
                f"{n['after_50']} after, within the middle 90 % in {n['before_90']} and {n['after_90']}."
            )
    return "\n".join(lines)


def narrowed(done: Calibrated) -> tuple[list[str], list[list[str]]]:
    """The parameters of which the record says something."""
    rows = []
    for one in done.identified:
        if one.says_something:
            spans = [f"{number(v[1])} ({number(v[0])} to {number(v[2])})" for v in (one.tried, one.kept)]
            rows.append([*spans, f"{one.spread:.2f}", f"{one.distance:.2f}", one.path])
    return ["tried: median (90 %)", "kept", "spread", "distance", "the record says something of"], rows


def scales(done: Calibrated) -> str:
    return (
        "Spread: what is kept of the interquartile range, on the scale of the quantiles of what was tried; 1 where nothing is known. "
        f"Distance: the largest gap between the two distributions; up to {done.identified[0].band:.2f} may be luck."
    )


def silent(done: Calibrated) -> str:
    names = sorted(one.path for one in done.identified if not one.says_something)
    if not names:
        return "The record says something of every parameter."
    many = f"{len(names)} of {len(done.identified)} parameters"
    return f"The record says nothing of {many}, which keep their whole ranges: {', '.join(names)}."


def pairs(done: Calibrated) -> list[str]:
    if not done.together:
        return ["No two parameters go together among the kept sets other than among those tried."]
    told = [f"{p.first} and {p.second} {p.kept:+.2f} (was {p.tried:+.2f})" for p in done.together[:PAIRS]]
    more = f"; and {len(done.together) - PAIRS} more" if len(done.together) > PAIRS else ""
    return [f"Only sums or ratios of some show, as rank correlations among the kept sets: {', '.join(told)}{more}."]


def share(of: float) -> str:
    """
    >>> share(0.1234), share(0.00123), share(0.0)
    ('12.3 %', '0.12 %', '0 %')
    """
    return "0 %" if of == 0 else f"{100 * of:.3g} %" if of >= 0.01 else f"{100 * of:.2g} %"


def _list(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
