"""The offices of governments that join the controller's control."""

from typing import Any

import mesa
import numpy as np

from sim.agents.authority import Agency, Authority
from sim.agents.chipmaker import Chipmakers
from sim.calendar import Now
from sim.exchanges.licensing import Licensing
from sim.luck import Luck
from sim.worlds import Index, Numbers


class Partner(Authority):
    """The office of another government than the controller's. A line that both reach needs the licence of both.

    Rule: from its adoption on, and while the vendor is listed, license as the controller's office does; but by a line of its own,
    which hardens with its hawks and hears neither of talks nor of losses. Firms learn it from this office's answers alone.

    government: whose law it applies; here: its lines in the controller's table; firms_there: its firms' numbers there
    foreign_part: share of each group's foreign capacity that it can cover, (groups, 1)
    """

    def __init__(
        self, model: mesa.Model, name: str, government: str, licensing: Licensing, luck: Luck, p: Any, agencies: list[Agency],
        chair: int, vote_rule: str, desk: float, here: Index, firms_there: Index, foreign_part: Numbers,
    ) -> None:  # fmt: skip
        super().__init__(model, name, licensing, luck, p, agencies, chair, vote_rule, desk)
        self.government, self.here, self.firms_there, self.foreign_part = government, here, firms_there, foreign_part
        self.firms = Chipmakers(licensing, luck, p, np.zeros(licensing.worlds), f" at {name}")
        self.adopted: Numbers = np.zeros(licensing.worlds)

    def turn(self, now: Now) -> None:
        """Steps 4 to 7 at this office; before it adopts nothing of them runs."""
        licensing, firms = self.licensing, self.firms
        licensing.forget()
        before = self.adopted > 0
        self.adopted = np.minimum(now.read_for("authority.*.adopted", self.name), now.listed)
        freed = before & (self.adopted <= 0)
        licensing.adopt(self.adopted)
        if not (self.adopted > 0).any() and not freed.any():
            return
        nothing = np.zeros(licensing.worlds)
        self.turn_the_page(nothing > 0, freed)
        base = now.read_for("authority.*.base_line", self.name)
        hawk = self.p.government.hawk[self.government]
        self.set_line(self.adopted, base, nothing, np.zeros((len(licensing.line), 1)), nothing, nothing, hawk)
        firms.file(now.month, self.adopted)
        self.decide(now.month, nothing > 0, swept=False)
        firms.learn(self.adopted)
