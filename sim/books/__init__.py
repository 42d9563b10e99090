"""Books that must balance in every world and month; `run --check` prints the largest discrepancy of each.

Numbered as in docs/model.md. A discrepancy is relative to the size of what is compared.
"""

from typing import TYPE_CHECKING

from sim.books.allies import ALLY_BOOKS, AllyBooks
from sim.books.talks import TALKS_BOOKS, TalksBooks
from sim.books.trade import TRADE_BOOKS, TradeBooks

if TYPE_CHECKING:
    from sim.model import TradeModel

BOOKS = {**TRADE_BOOKS, **TALKS_BOOKS, **ALLY_BOOKS}


class Books:
    """Keeps count beside a model, month by month. largest: book -> largest discrepancy so far"""

    def __init__(self, model: "TradeModel") -> None:
        self.model = model
        self.largest = dict.fromkeys(BOOKS, 0.0)
        self._trade, self._talks = TradeBooks(model), TalksBooks(model.talks)
        self._allies = AllyBooks(model.persuasion, model.procurement)

    def check(self) -> None:
        """Check the month that has just been run."""
        now = self.model.now
        found = {**self._trade.check(), **self._talks.check(now.listed, now.month >= self.model.free_from), **self._allies.check()}
        for book, gap in found.items():
            self.largest[book] = max(self.largest[book], gap)
