"""Scenario files that a test writes and reads."""

from pathlib import Path

import pytest

from sim.refusal import InputError
from sim.scenario import Scenario, read


def say(text: str, name: str = "mine.yaml") -> Scenario:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")
    return read(name)


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        say(text)
    return caught.value
