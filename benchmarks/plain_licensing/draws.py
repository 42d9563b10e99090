"""A world's parameter values: uniform between bounds, from the world's number alone."""

from types import SimpleNamespace

import numpy as np

Values = SimpleNamespace

RANGES = {
    "offshore": (0.55, 0.95), "leak": (0, 0.10), "base_shift": (-0.08, 0.08), "w_bargain": (0, 0.4), "w_lobby": (0, 0.2),
    "w_hawk": (0, 0.25), "capacity": (20, 38), "reading_hazard": (0.35, 0.65), "band": (0.04, 0.15), "return_chance": (0.1, 0.6),
    "noise": (0.05, 0.2), "close": (0.08, 0.25), "revoke": (0, 0.2), "refresh": (1 / 36, 1 / 12), "mean0": (0.12, 0.28),
    "ease": (0.15, 0.29), "filing_rate": (0.35, 0.75), "hurdle": (0.3, 0.5), "doubt": (0, 0.3), "w_heard": (0, 0.5),
}  # fmt: skip


def draw(world: int) -> Values:
    at = np.random.default_rng([7, world]).random(len(RANGES)).tolist()
    return Values(**{name: low + (high - low) * u for u, (name, (low, high)) in zip(at, RANGES.items(), strict=True)})
