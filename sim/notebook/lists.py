"""What there is to ask for, as pandas tables."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim import listing
from sim.notebook.options import settings
from sim.scenario import Scenario, read

if TYPE_CHECKING:
    import pandas as pd


def scenarios() -> "pd.DataFrame":
    """The scenarios that come with Chokepoint: a row each. Columns: name, title, question."""
    import pandas as pd

    return pd.DataFrame(listing.scenario_rows())


def parameters(*words: str) -> "pd.DataFrame":
    """Every number of the model: a row each. Columns as in `sim.parameters.Parameter`: path, kind, value, low, high, least, most (in
    unit), unit, how, structural, over, mark, meaning, source.

    words: only those whose path or meaning holds them all; InputError if none does.
    """
    import pandas as pd

    return pd.DataFrame(listing.parameter_rows(words))


def outcomes() -> "pd.DataFrame":
    """Every outcome: a row each. Columns: name, unit, yearly (how months make a year: sum, mean or end), sentence (what it is)."""
    import pandas as pd

    return pd.DataFrame(listing.outcome_rows())


def scenario(name_or_path: str, sets: Mapping[str, Any] | None = None, case: str | os.PathLike[str] | None = None) -> Scenario:
    """A scenario, shipped or a file, with all that it inherits and what `sets` change: path to value, as after --set.

    case: a folder of tables, or a shipped case, in place of its own.
    It cannot be changed, but `dataclasses.replace` makes another of it, which `sim.run` takes and checks. InputError (with file and
    line) for whatever is wrong.
    """
    return read(name_or_path, settings(sets), None if case is None else os.fspath(case))
