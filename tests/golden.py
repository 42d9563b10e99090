"""Five runs of which every number is kept, so that nothing changes a result unseen.

    python tests/golden.py            computes them again and says how far they are from what is kept; exit code 1 beyond the promise
    python tests/golden.py --write    keeps what is computed now, where that has changed; CHANGELOG.md then needs a line that says so

The promise (docs/reliability.md): with the same packages and processor's features the same bits; with others, states equal in 99.99 %
of cells and numbers within 1e-9 of their outcome's scale. It needs nothing but Chokepoint itself, so any Python can be asked.
"""

import argparse
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this checkout, whatever is installed

from sim import __version__
from sim.batch.plan import Plan
from sim.batch.provenance import environment
from sim.batch.summary import by_year
from sim.exchanges.licensing import STATES
from sim.model import TradeModel
from sim.months import FIRST_YEAR, label
from sim.outcomes import OUTCOMES, Recorder

KEPT = Path(__file__).resolve().with_name("golden")
SETS = KEPT / "sets.json"
CHANGELOG = KEPT.parents[1] / "CHANGELOG.md"
WORLDS = 8
NUMBERS, CELLS = 1e-9, 1e-4  # how far a number may be off, in its outcome's scale; what part of the states may differ


class Run(NamedTuple):
    sets: tuple[str, ...]
    covers: str


RUNS = {  # scenario -> what is set beside it; each rule and each of its rivals is in one of them
    "history": Run((), "dated facts and talks, one office, numbers drawn from what the record leaves: what most scenarios extend"),
    "grand_bargain": Run((), "free talks by concession; the vendor is taken off the list in some worlds, in others not"),
    "from_2021": Run(("rules.talks=nash", "rules.vote=chair"), "a start from the record, tastes from the record, talks free in mid-run"),
    "second_firm_allies_first_day": Run(
        ("rules.talks_mode=free", "rules.talks=tit_for_tat", "rules.vote=unanimous"), "another case, three offices"
    ),
    "fdpr_at_listing": Run(
        (
            "prior=none", "rules.talks_mode=free", "rules.talks=war_of_attrition", "rules.bottleneck=harmonic_mean",
            "rules.drift=trend_instead_of_doubt", "authority.publish_line=1", "licensing.revoke_all={2022-01: 1}",
            "persuasion.union_decides=1", "persuasion.government_change=1", "persuasion.incidents=1", "persuasion.carrot_budget=15",
            "carrot.POL.offered=1", "stick.DEU.threatened=1", "procurement.open_entrant=1", "coupling.bargain_to_allies=0.7",
        ),
        "the product rule from the first day, numbers from their whole ranges, and all levers and rivals that no other run has",
    ),
}  # fmt: skip
WORDS = {
    "line": STATES, "level": range(4), "talks": ("no", "yes"),
    "5G": ("not ordered", "without restricted vendors", "with restricted vendors", "with the listed vendor"),
}  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """What a run gives. numbers: outcome -> (years, worlds); states: kind -> (rows, worlds, months), small whole numbers"""

    numbers: dict[str, np.ndarray]
    states: dict[str, np.ndarray]

    def write(self, name: str) -> None:
        names, numbers = list(self.numbers), np.array(list(self.numbers.values()))
        np.savez_compressed(KEPT / f"{name}.npz", outcomes=np.array(names), numbers=numbers, **self.states)

    @classmethod
    def read(cls, name: str) -> "Kept | None":
        if not (KEPT / f"{name}.npz").is_file():
            return None
        with np.load(KEPT / f"{name}.npz") as file:
            numbers = dict(zip(file["outcomes"].tolist(), file["numbers"], strict=True))
            return cls(numbers, {kind: file[kind] for kind in file.files if kind not in ("outcomes", "numbers")})

    def digest(self, without: list[str]) -> bytes:
        what = {**{f"outcome {name}": x.astype("<f8") for name, x in self.numbers.items() if name not in without}, **self.states}
        total = hashlib.sha256()
        for name in sorted(what):
            total.update(f"{name} {what[name].dtype.str} {what[name].shape}".encode() + np.ascontiguousarray(what[name]).tobytes())
        return total.digest()


def computed(name: str) -> tuple[Kept, dict[str, list[str]]]:
    """A run as the code now gives it, and the names of the rows of its states."""
    plan = Plan.of(name, list(RUNS[name].sets), record="outcomes")
    worlds = plan.worlds(0, WORLDS)
    with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
        model = TradeModel(plan.scenario, plan.case, worlds, plan.values(worlds))
        recorder, months = Recorder(model), []
        for _ in range(plan.scenario.run.months):
            model.step()
            recorder.record()
            months.append(states_of(model))
        model.close()
    names = {
        "line": [" ".join(map(str, line)) for docket in model.dockets for line in docket.lines.names],
        "level": model.persuasion.names, "5G": model.procurement.names, "talks": ["in talks", "a deal in force", "taken off the list"],
    }  # fmt: skip
    numbers = {outcome: by_year(series.T, OUTCOMES[outcome].yearly).T for outcome, series in recorder.series.items()}
    return Kept(numbers, {kind: np.stack([month[kind] for month in months], axis=-1) for kind in names}), names


def states_of(model: TradeModel) -> dict[str, np.ndarray]:
    talks, bought = model.talks, model.procurement
    award = (bought.awarded <= model.month) * (1 + bought.chose_restricted + bought.chose_listed)
    found = {
        "line": np.concatenate([docket.lines.state for docket in model.dockets]), "level": model.persuasion.level, "5G": award,
        "talks": np.concatenate([talks.in_talks[:1], talks.deal[:1] > 0, talks.delisted[:1]]),
    }  # fmt: skip
    return {kind: x.astype(np.int8) for kind, x in found.items()}


class Compared(NamedTuple):
    """said: what breaks the promise, a sentence each; changed: not only for want of new outcomes; states: cells that differ;
    largest: difference of numbers, in scales, and of which outcome"""

    said: list[str]
    changed: bool
    new: list[str]
    states: int = 0
    cells: int = 0
    largest: float = 0.0
    outcome: str = ""


def compared(name: str, now: Kept, rows: dict[str, list[str]], scales: dict[str, float], same_bits: bool) -> Compared:
    """A run as it is now and as it is kept. rows: names of the rows of its states; scales: of outcomes"""
    then = Kept.read(name)
    if then is None:
        return Compared([f"{name}: nothing is kept of it"], True, [])
    said = [f"{name}: {outcome} is not reported any more" for outcome in then.numbers if outcome not in now.numbers]
    states, cells, largest, which = 0, 0, 0.0, ""
    for kind, old in then.states.items():
        new = now.states[kind]
        if new.shape != old.shape:
            said.append(f"{name}: {kind} has {new.shape} rows, worlds and months, and had {old.shape}")
            continue
        differ = np.argwhere(new != old)
        states, cells = states + len(differ), cells + old.size
        if len(differ) > (0 if same_bits else CELLS * old.size):
            row, world, month = min(differ.tolist(), key=lambda cell: cell[2])
            is_, was = (WORDS[kind][state] for state in (new[row, world, month], old[row, world, month]))
            said.append(
                f"{name}: {kind} of {rows[kind][row]} in {label(month)}, world {world}, is {is_} and was {was}; "
                f"{len(differ)} of {old.size} cells differ, this one first"
            )
    for outcome in (x for x in then.numbers if x in now.numbers):
        new, old = now.numbers[outcome], then.numbers[outcome]
        with np.errstate(invalid="ignore"):
            off = np.where((new == old) | (np.isnan(new) & np.isnan(old)), 0, np.abs(new - old) / (scales[outcome] or 1e-300))
        off = np.where(np.isnan(off), np.inf, off)
        if off.max() > largest:
            largest, which = float(off.max()), outcome
        if off.max() > (0 if same_bits else NUMBERS):
            year, world = np.unravel_index(off.argmax(), off.shape)
            said.append(
                f"{name}: {outcome} of {FIRST_YEAR + year} in world {world} is {new[year, world]:.17g} and was {old[year, world]:.17g}, "
                f"{off.max():.1e} of its scale; {np.sum(off > 0)} of {off.size} numbers differ, this one most"
            )
    new_ones = [outcome for outcome in now.numbers if outcome not in then.numbers]
    unkept = [f"{name}: nothing is kept of {outcome}; --write adds it" for outcome in new_ones]
    return Compared(said + unkept, bool(said), new_ones, states, cells, largest, which)


def scales() -> dict[str, float]:
    """The largest number that is kept of each outcome."""
    kept = [kept for name in RUNS if (kept := Kept.read(name)) is not None]
    return {o: max(float(np.nanmax(np.abs(k.numbers[o]))) for k in kept if o in k.numbers) for k in kept for o in k.numbers}


def made_here() -> dict[str, object]:
    """What may move a last bit."""
    found = environment()
    return {"packages": {p: found["packages"][p] for p in ("numpy", "scipy")}, **{key: found[key] for key in ("platform", "cpu_features")}}


class Sets(NamedTuple):
    """The sets that were ever kept, the newest last; its outcomes that came later, which change no result; with what it was made."""

    sets: list[dict[str, str]]
    added_since: list[str]
    made_with: dict[str, object]

    @classmethod
    def read(cls) -> "Sets":
        return cls(**json.loads(SETS.read_text(encoding="utf-8"))) if SETS.is_file() else cls([], [], {})

    def write(self) -> None:
        SETS.write_text(json.dumps(self._asdict(), indent=1) + "\n", encoding="utf-8")

    @property
    def same_bits(self) -> bool:
        return self.made_with == made_here()


def digest(without: list[str]) -> str:
    """The short name of what is kept, some outcomes left out."""
    total = hashlib.sha256()
    for name in RUNS:
        kept = Kept.read(name)
        total.update(name.encode() + (kept.digest(without) if kept is not None else b""))
    return total.hexdigest()[:8]


def unsaid(sets: list[dict[str, str]], changelog: str) -> list[str]:
    """Sets that the changelog does not own up to: each needs an entry of its own, tagged, under the version it was made for."""
    owned = []
    for section in re.split(r"^## ", changelog, flags=re.M)[1:]:
        version, *entries = re.split(r"^- ", section, flags=re.M)
        for entry in entries:
            names = re.findall(r"golden ([0-9a-f]{8})", entry)
            if "*changes results*" in entry.lower() and len(names) == 1:
                owned.append({"golden": names[0], "version": version.strip()})
    wanted = "under ## {version}:\n- *Changes results* (golden {golden}): what, and why"
    return [wanted.format(**one) for one in sets if owned.count(one) != 1]


def check() -> tuple[list[str], list[str]]:
    """What breaks the promise, and what is to be said of each run."""
    scale, same_bits = scales(), Sets.read().same_bits
    as_kept = "as those that are kept: to the last bit" if same_bits else "others than those that are kept: within the promise"
    broken, report = [], [f"packages and processor {as_kept}; {json.dumps(made_here())}"]
    for name in RUNS:
        found = compared(name, *computed(name), scale, same_bits)
        broken += found.said
        of = f" ({found.outcome})" if found.outcome else ""
        report.append(f"{name}: {found.states} of {found.cells} states differ, numbers by at most {found.largest:.1e} of their scale{of}")
    return broken, report


def told(broken: list[str], same_bits: bool) -> str:
    """What breaks the promise, and what to do."""
    few = broken[:12] + [f"... and {len(broken) - 12} more like these"] * (len(broken) > 12)
    return "\n".join(
        [
            "Results are not those that are kept in tests/golden" + " (to the last bit, with these packages on this processor)" * same_bits,
            *few,
            "If they were meant to change: python tests/golden.py --write, and the entry in CHANGELOG.md that it asks for.",
            "If not: `git bisect run python tests/golden.py` finds the commit.",
        ]
    )


def write() -> str:
    """Keep what is computed now, where it is not what is kept, and say what CHANGELOG.md needs."""
    scale, kept = scales(), Sets.read()
    now = {name: computed(name) for name in RUNS}
    found = {name: compared(name, *now[name], scale, kept.same_bits) for name in RUNS}
    changed, new = [name for name in RUNS if found[name].changed], sorted({outcome for one in found.values() for outcome in one.new})
    if not changed and not new:
        return "Nothing to write: results are those that are kept."
    KEPT.mkdir(exist_ok=True)
    if not changed:
        for name, (run, _) in now.items():
            old = Kept.read(name)
            assert old is not None
            Kept({**old.numbers, **{outcome: run.numbers[outcome] for outcome in new}}, old.states).write(name)
        kept._replace(added_since=sorted({*kept.added_since, *new})).write()
        return f"Kept beside what there was: {', '.join(new)}. No result has changed, so CHANGELOG.md needs no tag."
    for name, (run, _) in now.items():
        run.write(name)
    said = [one for one in kept.sets if not unsaid([one], CHANGELOG.read_text(encoding="utf-8"))]  # what was never said never was
    newest = {"golden": digest([]), "version": __version__}
    Sets([*said, newest], [], made_here()).write()
    return f"Written, since results have changed in {', '.join(changed)}. CHANGELOG.md needs, {unsaid([newest], '')[0]}"


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--write", action="store_true", help="keep what is computed now, where that has changed")
    if words.parse_args().write:
        print(write())
        return 0
    broken, report = check()
    print("\n".join(report))
    if broken:
        print(told(broken, Sets.read().same_bits))
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
