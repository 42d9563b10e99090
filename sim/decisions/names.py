"""What everyone and everything that decides, or is decided on, is called in a case."""

from functools import cached_property

from sim.case import Case
from sim.trace import Note

NETWORKS = ("award", "award on record", "renewal")  # kinds of decision on a carrier's 5G network


class Names:
    """Names for readers, from the tables of a case; the names of a trace are the tables' keys."""

    def __init__(self, case: Case) -> None:
        self.case = case
        governments, carriers = case["governments"], case["carriers"]
        self.governments = dict(zip(governments.key, governments["name"], strict=True))
        spoken = list(carriers["carrier"])
        self.carriers = {k: name if spoken.count(name) == 1 else k for k, name in zip(carriers.key, spoken, strict=True)}
        offices = case["authorities"]
        self.offices = {k: self._office(row) for k, row in zip(offices.key, offices.rows(), strict=True)}
        role = dict(zip(governments["role"], governments.key, strict=True))
        self.controller, self.target = self.governments[role["persuader"]], self.governments[role["target_home"]]
        vendors = case["vendors"]
        self.vendors: dict[str, str] = dict(zip(vendors.key, vendors["vendor"], strict=True))

    def _office(self, row: dict[str, object]) -> str:
        role = dict(zip(self.case["governments"]["role"], self.case["governments"].key, strict=True))
        return self.case.word("authority") if row["government"] == role["persuader"] else str(row["name"])

    @cached_property
    def _spoken(self) -> dict[str, str]:
        return {**self.carriers, **self.governments}

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Whatever one may call an agent, in small letters, and how a journal calls it."""
        known: dict[str, str] = {}
        known |= {self.word("controller").lower(): self.controller, self.word("target").lower(): self.target}
        for table in (self.vendors, self.carriers, self.governments, self.offices):
            known |= {word.lower(): name for key, name in table.items() for word in (key, name)}
        offices = self.case["authorities"]
        known |= {str(row["name"]).lower(): self.offices[key] for key, row in zip(offices.key, offices.rows(), strict=True)}
        plain = [*self.case["agencies"]["agency"], *self.case["chipmakers"].key]
        return known | {name.lower(): name for name in map(str, plain)}

    def word(self, key: str) -> str:
        return self.case.word(key)

    def who(self, note: Note) -> str:
        """The agent that decided."""
        first = str(note.name[0])
        if note.by and note.by[0] in self.offices:
            return str(note.by[-1]) if len(note.by) > 1 else self.offices[str(note.by[0])]
        if note.kind == "order":
            return self.word("vendor")
        return str(self._spoken.get(first, first))

    def other(self, note: Note) -> str:
        """The other side of talks."""
        return str(self.governments[str(note.name[1])])

    def on(self, note: Note) -> str:
        """What was decided on: a product line, an input group, a government, a network."""
        spoken = [str(part).replace("_", " ") for part in note.name]
        if len(spoken) == 3:
            line = f"{spoken[1]}, line {spoken[2]}"
            return f"{note.name[0]}, {line}" if note.by else line
        if len(spoken) == 2:
            return self.other(note)
        if note.kind in ("order", "line"):
            return spoken[0]
        return "5G network" if note.kind in NETWORKS else self.word("vendor")


def plain(key: str) -> str:
    return key.replace("_", " ")
