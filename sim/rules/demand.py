"""What the vendor's customers would buy if nothing were short. An index: 1 in mid-2018."""

import numpy as np

from sim.worlds import Numbers

_MIDDLE_OF_BASE_YEAR = 6.0  # months


def fading_growth(month: int, growth: Numbers, fade: Numbers) -> Numbers:
    """Index of a segment that grows at first by `growth` a year and ever less, over `fade` months."""
    grown = np.exp(growth / 12 * fade * (1 - np.exp(-(month + 0.5) / fade)))
    return np.asarray(grown / np.exp(growth / 12 * fade * (1 - np.exp(-_MIDDLE_OF_BASE_YEAR / fade))))


def steady_growth(month: int, growth: Numbers) -> Numbers:
    return np.exp(growth / 12 * (month + 0.5 - _MIDDLE_OF_BASE_YEAR))


def after_losses(
    demand: Numbers, services: Numbers, months_without: Numbers, ramp: Numbers, brand: Numbers, brand_sold: Numbers
) -> Numbers:
    """Consumer demand without the controlled services (a loss that sets in over `ramp` months) and without a brand sold."""
    return demand * (1 - services * np.clip(months_without / ramp, 0, 1)) * (1 - brand * brand_sold)


def new_business(slope: Numbers, months: float) -> Numbers:
    """Sales a month of businesses that began `months` ago and sell `slope` a year more each year."""
    return np.asarray(slope / 144 * np.maximum(months, 0))
