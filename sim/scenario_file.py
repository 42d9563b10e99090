"""A scenario written out as a file: all that it says and inherits, in the grammar that it is read by."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.prior import COPY, Prior
from sim.sweep import Sweep, Varied
from sim.uncertainty import Normal, OneOf, Spread, Triangular, Uniform
from sim.yaml_text import quoted, written

if TYPE_CHECKING:
    from sim.scenario import Scenario


def written_out(scenario: "Scenario", case: str, copied: bool) -> str:
    """case: the name that the file gives to the case; copied: the case's tables, and the prior's, stand beside the file."""
    lines = [f"title: {quoted(scenario.title)}"]
    if scenario.question:
        lines.append(f"question: {quoted(scenario.question)}")
    lines.append(f"case: {quoted(case)}")
    lines += _prior(scenario.prior, copied) if scenario.prior is not None else []
    lines += _section("levers", {path: written(value) for path, value in scenario.levers.items()})
    uncertain = {path: spread_written(spread) for path, spread in scenario.uncertainties.items()}
    if scenario.joints:
        uncertain["joint"] = "[" + ", ".join(quoted(name) for name in scenario.joints) + "]"
    lines += _section("uncertainties", uncertain)
    lines += _section("constants", {path: written(value) for path, value in scenario.constants.items()})
    if scenario.events:
        lines.append("events:")
        for e in scenario.events:
            lines.append(f"  - {{date: {quoted(e.date)}, lever: {quoted(e.lever)}, value: {written(e.value)}}}")
    lines += _section("rules", {rule: quoted(variant) for rule, variant in scenario.rules.items()})
    if scenario.from_record is not None:
        lines.append(f"start: {{from_record: {quoted(scenario.from_record)}}}")
    if scenario.compare_with is not None:
        lines.append(f"compare_with: {quoted(scenario.compare_with)}")
    if scenario.answer is not None:
        lines += ["answer:", f"  look_at: [{', '.join(map(quoted, scenario.answer.look_at))}]", f"  by: {quoted(scenario.answer.by)}"]
        off = {path: quoted(v) if isinstance(v, str) else written(v) for path, v in scenario.answer.without.items()}
        lines += ["  without: {" + ", ".join(f"{quoted(path)}: {v}" for path, v in off.items()) + "}"] if off else []
    lines += _sweep(scenario.sweep) if scenario.sweep is not None else []
    run = {key: quoted(v) if isinstance(v, str) else str(v) for key, v in vars(scenario.run).items() if key != "analysed" and v != ""}
    if scenario.sweep is not None:
        run.pop("worlds")  # follows from the sweep
    if scenario.run.analysed:
        run["analysed"] = "[" + ", ".join(quoted(name) for name in scenario.run.analysed) + "]"
    return "\n".join(lines + _section("run", run)) + "\n"


def _prior(prior: Prior, copied: bool) -> list[str]:
    name = quoted(COPY if copied else prior.name)
    if not prior.apart:
        return [f"prior: {name}"]
    return ["prior:", f"  file: {name}", f"  except: [{', '.join(map(quoted, sorted(prior.apart)))}]"]


def _sweep(sweep: Sweep) -> list[str]:
    def one(varied: Varied) -> str:
        if varied.values:
            return f"[{', '.join(map(written, varied.values))}]"
        return f"{{low: {written(varied.low)}, high: {written(varied.high)}, places: {varied.places}}}"

    lines = ["sweep:", "  vary:", *(f"    {quoted(varied.path)}: {one(varied)}" for varied in sweep.varied)]
    points = [f"  points: {sweep.points}"] if sweep.design != "grid" else []
    return [*lines, f"  design: {sweep.design}", *points, f"  replicates: {sweep.replicates}"]


def _section(name: str, entries: Mapping[str, str]) -> list[str]:
    return [f"{name}:", *(f"  {quoted(key)}: {value}" for key, value in entries.items())] if entries else []


def spread_written(spread: Spread) -> str:
    match spread:
        case Uniform(low, high):
            parts = {"low": low, "high": high}
        case Triangular(low, mode, high):
            parts = {"low": low, "mode": mode, "high": high}
        case Normal(mean, sd):
            parts = {"mean": mean, "sd": sd}
        case OneOf(values, chances):
            lists = {"values": values, "chances": chances} if chances else {"values": values}
            return "{" + ", ".join(f"{key}: [{', '.join(written(v) for v in items)}]" for key, items in lists.items()) + "}"
    return "{" + ", ".join(f"{key}: {written(value)}" for key, value in parts.items()) + "}"
