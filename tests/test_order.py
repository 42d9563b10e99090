"""The month's order: each step reads and writes what the table of docs/model.md says, no more and no less."""

import copy

import numpy as np
import pytest
from one_step import CALENDAR, CLOCKS, MODES, PAGE, SHIFTS, STEPS, WORDS, Month, Row, differ, everything, numbers, table, word_of
from runs import model

from sim.model import TradeModel
from sim.outcomes import MEASURES, OUTCOMES
from sim.worlds import Pairs

TABLE = table(PAGE.read_text(encoding="utf-8"))
FREE = (
    "rules.talks_mode=free", "talks.delisting_on=1", "talks.delisting.cost=0.1", "coupling.bargain_to_allies=0.7",
    "persuasion.government_change=1", "carrot.POL.offered=1", "persuasion.carrot_budget=15",
)  # fmt: skip
# mode, what is set, and the months looked into. Of history: an arrest before any listing, a freeze with an easing statement, a batch
# of answers, the second product rule announced and in force, the yardstick of carriers' demand, a change of administration, an
# emergency. Of free talks: before and after deals that take the vendor off the list (in months 26 and 31).
RUNS = {
    "history": ("dated", (), (11, 17, 22, 28, 32, 34, 36, 85)),
    "published line": ("dated", ("authority.publish_line=1", "licensing.revoke_all={2020-01: 1}"), (24,)),
    "free talks": ("free", FREE, (26, 28, 33, 44)),
}
# Read by the rule, but without effect in this case: own designs are as scarce as can be before any rule is announced.
# And what the calendar keeps of customers lost is all that it moves there.
SILENT = {(8, "law.fdpr_own_announced", "now"), (1, "demand.services_loss", "last"), (1, "demand.brand_sale", "last")}


class Findings:
    """What running each step alone brought to light, over all runs and months.

    strays: sentences about what the table does not know; wrote: words seen to be written; told: (word, when) seen to move something
    """

    def __init__(self, rows: dict[int, Row]) -> None:
        self.rows, self.strays = rows, {step: [] for step in STEPS}
        self.wrote, self.told = {step: set() for step in STEPS}, {step: set() for step in STEPS}
        self.calls: set[tuple] = set()

    def holding(self, step: int, mode: str) -> dict[str, str]:
        """What stands in a word's place when a step begins: now, if an earlier step has written it."""
        written = set(CALENDAR).union(*(self.rows[s].writes[mode] for s in STEPS if s < step))
        return {word: "now" if word in written else "last" for word in WORDS}

    def look_into(self, month: Month, mode: str, where: str) -> None:
        self.calls.add(tuple(month.calls))
        for step in STEPS:
            self.look_at(month, step, mode, where)
        month.end()

    def look_at(self, month: Month, step: int, mode: str, where: str) -> None:
        row, strays = self.rows[step], self.strays[step]
        before, base = month.held(month.before[step]), month.alone(step)
        besides = differ(month.held(month.after[step]), base)
        if besides:
            strays.append(f"{where}: between step {step} and the next somebody else moves {sorted(besides)}")
        for place in sorted(differ(before, base) - set(CLOCKS)):
            word = word_of(place)
            self.wrote[step].add(word)
            if word not in row.writes[mode]:
                strays.append(f"{where}: step {step} writes {place} ({word})")

        holding = self.holding(step, mode)
        state = {place: word_of(place) for place in before if word_of(place)}
        unread_now = [place for place, word in state.items() if (word, holding[word]) not in row.reads[mode]]
        unread_last = [place for place, word in state.items() if (word, "last") not in row.reads[mode]] if step > 1 else []
        wrong = self.moved(month, step, base, unread_last, unread_now)
        if wrong:  # who was it?
            tries = [(place, [place], [], "last") for place in unread_last]
            tries += [(place, [], [place], holding[state[place]]) for place in unread_now]
            for place, at_the_start, before_it, when in tries:
                moved = self.moved(month, step, base, at_the_start, before_it)
                if moved:
                    strays.append(f"{where}: step {step} reads {place} ({state[place]}, {when}): it moves {sorted(moved)}")

        for word, when in row.reads[mode]:
            chosen = [place for place in state if state[place] == word]
            at_the_start = chosen if when == "last" and step > 1 else []
            for shift in SHIFTS:
                if (word, when) in self.told[step] and shift != SHIFTS[0]:
                    break
                moved = self.moved(month, step, base, at_the_start, chosen if when == holding[word] else [], shift)
                if moved:
                    self.told[step].add((word, when))
                for place in moved:
                    if word_of(place) not in row.writes[mode]:
                        strays.append(f"{where}: {word} moves {place} ({word_of(place)}) in step {step}")

    @staticmethod
    def moved(month: Month, step: int, base: dict, at_the_start: list[str], before_it: list[str], shift=SHIFTS[0]) -> set[str]:
        """Places that a shift has moved; one that was shifted itself has not moved where it is as it was put or as it is without the shift."""
        found = month.alone(step, at_the_start, before_it, shift)
        moved = differ(base, found) - set(CLOCKS)
        for place in moved & set(month.put):
            put, now, without = numbers(month.put[place]), numbers(found[place]), numbers(base[place])
            if now.shape == put.shape and now.shape == without.shape:
                nan = np.isnan(now) if now.dtype.kind == "f" else np.zeros(now.shape, bool)
                if ((now == put) | (now == without) | nan).all():
                    moved = moved - {place}
            elif now.shape in (put.shape, without.shape) and (np.array_equal(now, put) or np.array_equal(now, without)):
                moved = moved - {place}
        return moved


def months_of(sets, which):
    """The months of a run that are looked into, each with the model standing at its end."""
    running, ever = model(sets=sets), {}
    last = copy.deepcopy(everything(running))
    for t in range(which[-1] + 1):
        month = Month(running, ever) if t in which else running.step()
        new = everything(running)
        for place in differ(last, new) - set(CLOCKS):
            assert word_of(place), f"{place} changes and no word of the table is for it"
            old = last.get(place)
            if isinstance(new[place], Pairs) or np.shape(old) != np.shape(new[place]):
                ever[place] = np.ones(0, bool)  # no fixed cells
            else:
                changed = np.asarray(old != new[place])
                ever[place] = ever[place] | changed if place in ever and ever[place].shape == changed.shape else changed
        last = copy.deepcopy(new)
        if month is not None:
            yield t, month
    running.close()


def findings_of(runs, rows=TABLE) -> Findings:
    found = Findings(rows)
    for name, (mode, sets, which) in runs.items():
        for t, month in months_of(sets, which):
            found.look_into(month, mode, f"{name}, month {t}")
    return found


@pytest.fixture(scope="module")
def findings():
    return findings_of(RUNS)


@pytest.mark.slow
def test_a_month_calls_its_steps_in_the_tables_order(findings):
    assert list(TABLE) == list(STEPS)
    every = tuple(call for calls in STEPS.values() for call in calls)
    unlisted = tuple(call for step, calls in STEPS.items() for call in calls if step not in (4, 5, 6, 7) or call[1] == "forget")
    assert findings.calls == {every, unlisted}


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_a_step_writes_nothing_and_reads_nothing_that_the_table_does_not_say(findings, step):
    assert findings.strays[step] == []


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_all_that_the_table_says_a_step_writes_is_written_in_some_month(findings, step):
    assert {word for mode in MODES for word in TABLE[step].writes[mode]} - findings.wrote[step] == set()


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_all_that_the_table_says_a_step_reads_moves_something_in_some_month(findings, step):
    silent = {(word, when) for at, word, when in SILENT if at == step}
    assert {read for mode in MODES for read in TABLE[step].reads[mode]} - findings.told[step] == silent


def test_reporting_moves_nothing():
    running = model(worlds=3)
    for _ in range(40):
        running.step()
    before = copy.deepcopy(everything(running))
    for reported in (*OUTCOMES.values(), *MEASURES):
        reported.formula(running)
    assert not differ(before, everything(running))


def test_nobody_knows_what_the_calendar_says_of_later_months():
    plain, told = model(worlds=3), model(worlds=3)
    for t in range(36):
        if t in (10, 20, 30):
            for lever, path in told.now._calendar.values.items():
                told.now._calendar.values[lever] = np.where(np.arange(len(path)) > t, path * 0.8 + 0.05, path)
        plain.step()
        told.step()
        if t in (10, 20, 30):
            known = {place for place in differ(everything(plain), everything(told)) if not place.startswith("calendar.")}
            assert not known, t
            told.now._calendar.values = copy.deepcopy(plain.now._calendar.values)


def looked_at(step, rows=TABLE) -> list[str]:
    """What one step of a late month of history lets on about itself."""
    found = Findings(rows)
    for _, month in months_of((), (34,)):
        found.look_at(month, step, "dated", "late")
    return found.strays[step]


@pytest.mark.slow
def test_a_read_that_the_table_does_not_know_would_be_seen(monkeypatch):
    """The line as it would be if it read doubt about supply, which comes later in the month."""
    usual = TradeModel.availability
    monkeypatch.setattr(TradeModel, "availability", lambda self: usual(self) * (1 - self.persuasion.supply))
    assert [stray.split(":")[1].strip() for stray in looked_at(4)] == ["step 4 reads persuasion.supply (supply doubt, last)"]


@pytest.mark.slow
def test_a_write_that_the_table_does_not_know_would_be_seen(monkeypatch):
    usual = TradeModel._talk

    def talk(self, now, unmet):
        usual(self, now, unmet)
        self.supply.stock = self.supply.stock * 0.99

    monkeypatch.setattr(TradeModel, "_talk", talk)
    assert any("writes supply.stock" in stray for stray in looked_at(3))


def test_a_line_that_reads_this_months_losses_would_be_seen(monkeypatch):
    usual = TradeModel._license

    def late(self, now):
        self.ledger.settle(now.month)
        usual(self, now)

    monkeypatch.setattr(TradeModel, "_license", late)
    assert any("ledger.lost" in stray for stray in looked_at(4))
    for _, month in months_of((), (20,)):
        assert month.calls.index(("ledger", "settle")) < month.calls.index(("authority", "set_line"))


@pytest.mark.slow
@pytest.mark.parametrize("step, word", [(4, "lost sales"), (8, "stock"), (11, "output")])
def test_a_read_that_the_table_leaves_out_would_be_seen(step, word):
    reads = {mode: {read for read in TABLE[step].reads[mode] if read[0] != word} for mode in MODES}
    strays = looked_at(step, {**TABLE, step: Row(reads, TABLE[step].writes)})
    assert strays
    assert all(f"({word}, " in stray for stray in strays)


def test_a_write_that_the_table_leaves_out_would_be_seen():
    nothing = Row(TABLE[9].reads, {mode: set() for mode in MODES})
    assert any("writes supply.content" in stray for stray in looked_at(9, {**TABLE, 9: nothing}))


def test_the_table_refuses_a_word_that_nobody_knows():
    with pytest.raises(AssertionError, match="nobody knows where"):
        table(PAGE.read_text(encoding="utf-8").replace("qualified, legal sales;", "qualified, legal sails;"))
