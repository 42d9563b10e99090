"""The shipped case as the licensing exchange needs it: firms, their product lines, and who hears whom."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.special import ndtri
from scipy.stats import beta

LINES_PER_GROUP, CONCENTRATION, SIZE_SENSITIVITY = 12, 6.0, 0.4
SAME_GROUP, OTHER_GROUP = 1.0, 0.1  # weights of hearing


@dataclass
class Firm:
    """sensitivity, sales (USD bn a year), cover (share of a foreign line under the product rule): one number a line."""

    name: str
    controlled: bool
    groups: list[str] = field(default_factory=list)
    sensitivity: list[float] = field(default_factory=list)
    sales: list[float] = field(default_factory=list)
    cover: list[float] = field(default_factory=list)


def quantiles(mean):
    at = (np.arange(LINES_PER_GROUP) + 0.5) / LINES_PER_GROUP
    if mean in (0.0, 1.0):
        return np.full(LINES_PER_GROUP, mean)
    return beta.ppf(at, mean * CONCENTRATION, (1 - mean) * CONCENTRATION)


def sizes(total):
    z = ndtri((np.arange(LINES_PER_GROUP) + 0.5) / LINES_PER_GROUP)
    other = z[(np.arange(LINES_PER_GROUP) * 5 + 3) % LINES_PER_GROUP]
    weight = np.exp(SIZE_SENSITIVITY * z + np.sqrt(1 - SIZE_SENSITIVITY**2) * other)
    return total * weight / weight.sum()


def read_case(folder: Path):
    """Firms, and the weights with which each hears each."""
    with open(folder / "input_groups.csv", newline="", encoding="utf-8") as file:
        groups = {row["group"]: row for row in csv.DictReader(file)}
    firms: dict[str, Firm] = {}
    with open(folder / "firm_sales_by_group.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            firm = firms.setdefault(row["firm"], Firm(row["firm"], row["origin"] == "controlled"))
            group = groups[row["group"]]
            foundry = row["foundry"] == "1"
            firm.groups.append(row["group"])
            firm.sensitivity += quantiles(1.0 if foundry else float(group["sensitivity"])).tolist()
            firm.sales += sizes(float(row["sales"])).tolist()
            firm.cover += [1.0 if foundry else float(group["fdpr_cover"])] * LINES_PER_GROUP
    ordered = sorted(firms.values(), key=lambda firm: firm.name)
    hears = np.array([[weight(a, b) for b in ordered] for a in ordered])
    return ordered, (hears / hears.sum(axis=1, keepdims=True)).tolist()


def weight(a: Firm, b: Firm) -> float:
    if a is b:
        return 0.0
    return SAME_GROUP if set(a.groups) & set(b.groups) else OTHER_GROUP
