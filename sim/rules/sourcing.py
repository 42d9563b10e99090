"""What the vendor orders, and from whom. USD bn a month, (groups, worlds)."""

import numpy as np

from sim.worlds import Numbers


def seller_capacity(legal_sales: Numbers, growth: Numbers, spare: Numbers, size: Numbers) -> Numbers:
    """What a seller may and can ship: its legal old sales, grown with demand, and a share of its whole output more.

    legal_sales: USD bn a year; size: the seller's whole revenue over its sales to the vendor
    """
    return legal_sales / 12 * growth * (1 + spare * size)


def qualified_capacity(reach: Numbers, qualified: Numbers, legal: Numbers, beyond: Numbers, growth: Numbers) -> Numbers:
    """What qualified sellers can give beyond their old share of the need."""
    return reach * qualified * legal * np.maximum(beyond, 0) * growth


def scarcity(scarce: Numbers, cover: Numbers, announced: Numbers) -> Numbers:
    """Share of the hoard worth having: how lonely the controlled sellers are, or how many others a product rule will stop."""
    return np.maximum(scarce, cover * announced)


def build(target_months: Numbers, planned_need: Numbers, stock: Numbers, time: Numbers) -> Numbers:
    """Orders a month to close the gap between stock and target; nobody runs a hoard down on purpose."""
    return np.maximum((target_months * planned_need - stock) / time, 0)


def controlled_share(old_share: Numbers, shun: Numbers, threat: Numbers, legal: Numbers, alternative: Numbers) -> Numbers:
    """Share of foreign orders that go to controlled sellers: the old one, less where they may not ship and others could."""
    return old_share * (1 - shun * threat * (1 - legal) * alternative)


def split(
    want: Numbers, to_build: Numbers, share: Numbers, build_share: Numbers, controlled: Numbers, foreign: Numbers, domestic: Numbers
) -> tuple[Numbers, Numbers, Numbers]:  # fmt: skip
    """Orders to controlled, foreign and domestic sellers: home first, then by share, and what one cannot ship goes to the other.

    want: all orders, of which `to_build` go by `build_share` and not by `share`; the last three: capacities
    """
    from_home = np.minimum(want, domestic)
    rest = want - from_home
    building = np.minimum(to_build, rest)
    from_controlled = np.minimum(controlled, (rest - building) * share + building * build_share)
    from_foreign = np.minimum(foreign, rest - from_controlled)
    from_controlled = from_controlled + np.minimum(controlled - from_controlled, rest - from_controlled - from_foreign)
    return from_controlled, from_foreign, from_home


def redesigned(content: Numbers, pace: Numbers, threat: Numbers, legal: Numbers, floor: Numbers) -> Numbers:
    """Content of a group in the vendor's products after a month of designing it out; a licence slows it."""
    return content - pace * threat * (1 - legal) * np.maximum(content - floor, 0)
