"""Governments: the controller, the target, and all who must decide whom to let into their networks."""

import mesa
import numpy as np

from sim.exchanges.persuasion import Persuasion
from sim.worlds import Numbers


class Government(mesa.Agent):
    """A government.

    Rule: it believes in the threat as far as its own services and quarrels tell it; pressure by the controller adds to that in
    proportion to how much it relies on the controller, and wears off. When its case passes a cut-point, it moves, some twenty
    months later on average; a big step may be announced as a review first. It hardly ever moves back.

    iso3, role (persuader: the controller; target_home; decider), and every column of its row of governments.csv.
    """

    def __init__(self, model: mesa.Model, iso3: str, role: str, columns: dict[str, object], persuasion: Persuasion) -> None:
        super().__init__(model)
        self.iso3, self.role, self.columns = iso3, role, columns
        self._persuasion = persuasion
        self.row = persuasion.names.index(iso3)

    @property
    def belief(self) -> Numbers:
        """In the threat, 0-1. (worlds,)"""
        return np.asarray(self._persuasion.belief[self.row])

    @property
    def level(self) -> Numbers:
        """0 open, 1 review or declaration, 2 binding partial limit, 3 exclusion with a date. (worlds,)"""
        return np.asarray(self._persuasion.level[self.row])

    @property
    def taste(self) -> Numbers:
        """Its own leaning, in standard deviations over governments. (worlds,)"""
        return np.asarray(self._persuasion.taste[self.row])

    @property
    def peers(self) -> Numbers:
        """Mean level of those it looks to, as a share of the highest. (worlds,)"""
        return np.asarray(self._persuasion.peers[self.row])
