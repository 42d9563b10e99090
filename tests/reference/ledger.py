"""Who lost and who gained (MODEL 7). USD bn a month in prices of 2018."""

import mesa

from .supply import MONTHS, Path


class Ledger:
    """Who lost and who gained: the path with the listing less the path without it."""

    def __init__(self, model: mesa.Model) -> None:
        self.model = model
        self.losses: list[float] = []  # the controlled sellers', USD bn a month
        self.resold: list[float] = []
        self.lost = 0.0

    def book(self) -> dict[str, object]:
        model, p = self.model, self.model.p
        actual, shadow = model.actual, model.shadow
        self.losses.append(sum(shadow.bought_controlled) - sum(actual.bought_controlled))
        self.lost = max(0.0, sum(self.losses[-MONTHS:])) if model.listed else 0.0
        lag = round(p["ledger.resale_lag"])
        earlier = self.losses[-1 - lag] if len(self.losses) > lag else 0.0
        self.resold.append(p["ledger.resale"] * max(0.0, earlier))
        count = range(len(model.groups))

        def added(path: Path, i: int) -> float:
            return path.arrived[i] - path.used[i]

        def needed(path: Path, i: int) -> float:
            return sum(path.needs[i].values())

        return {
            "d_controlled": [actual.bought_controlled[i] - shadow.bought_controlled[i] for i in count],
            "d_foreign": [actual.bought_foreign[i] - shadow.bought_foreign[i] for i in count],
            "d_home": [actual.bought_domestic[i] - shadow.bought_domestic[i] for i in count],
            "d_stock": [added(actual, i) - added(shadow, i) for i in count],
            "d_unmet": [(needed(actual, i) - actual.used[i]) - (needed(shadow, i) - shadow.used[i]) for i in count],
            "d_need": [needed(actual, i) - needed(shadow, i) for i in count],
            "lost": self.lost, "resold": self.resold[-1],
            "lost_net": self.lost - sum(self.resold[-MONTHS:]),
            "spill_over": p["ledger.spill_over"] * self.lost,
        }  # fmt: skip
