"""Each office has a pile, beliefs, counts and luck of its own; worlds and books hold with several."""


import numpy as np
import pytest
from authority_runs import APART, MONTHS, NEVER, SECOND, partner, paths, without
from runs import model, planned

from sim.agents.partner import Partner
from sim.books import Books
from sim.exchanges.licensing import IDLE, LICENSED
from sim.luck import Luck
from sim.model import simulate
from sim.worlds import Worlds

# Each office for itself


def test_a_third_office_changes_nobodys_luck_at_the_first_two():
    def seen(graph=None):
        def at(office):
            return {f"{office} {n}": (lambda m, n=n: getattr(_docket(m, office), n)) for n in ("mean", "variance")} | {
                f"{office} state": lambda m: _docket(m, office).lines.state
            }

        return paths(model(SECOND, APART, 9, MONTHS, graph=graph), **at("bis"), **at("nl"))

    two, three = seen(without("jp")), seen()
    for name, values in two.items():
        assert np.array_equal(values, three[name]), name


def _docket(m, office):
    return m.licensing if office == m.authority.name else partner(m, office).licensing


def test_no_two_offices_draw_at_one_address(monkeypatch):
    drawn, plain = {}, Luck.at

    def at(self, rows, purpose, month, pairs):
        if len(pairs):
            drawn.setdefault(current[0], set()).update((agent, purpose) for agent, _ in rows)
        return plain(self, rows, purpose, month, pairs)

    monkeypatch.setattr(Luck, "at", at)
    current = ["controller"]
    turn = Partner.turn

    def turned(self, now):
        current[0] = self.name
        turn(self, now)
        current[0] = "controller"

    monkeypatch.setattr(Partner, "turn", turned)
    m = model(SECOND, (), 20, 60)
    for _ in range(60):
        m.step()
    m.close()
    assert set(drawn) == {"controller", "nl", "jp"}
    assert all({p for _, p in addresses} & {"read"} for addresses in drawn.values())
    for a in drawn:
        for b in drawn:
            assert a == b or not drawn[a] & drawn[b], (a, b)


def test_the_controllers_freeze_and_statements_are_the_controllers_alone():
    def run_with(*sets):
        return paths(
            model(SECOND, (*APART, *sets), 20, MONTHS),
            theirs=lambda m: partner(m, "nl").licensing.mean,
            files=lambda m: partner(m, "nl").licensing.lines.state,
            ours=lambda m: m.licensing.count("approved"),
            believed=lambda m: m.licensing.mean,
        )

    plain, other = run_with(), run_with("licensing.freeze=1", "licensing.statement={2019-12-01: 1}", "licensing.base_shift=0.05")
    assert np.array_equal(plain["theirs"], other["theirs"])
    assert np.array_equal(plain["files"], other["files"])
    assert (plain["files"] == LICENSED).any()
    assert other["ours"].sum() == 0 < plain["ours"].sum()
    assert not np.array_equal(plain["believed"], other["believed"])


def test_a_milder_line_of_one_office_adds_licences_there_and_none_elsewhere():
    def held(base):
        m = model(SECOND, (*APART, f"authority.nl.base_line={base}"), 30, MONTHS)
        return paths(m, nl=lambda m: partner(m, "nl").licensing.count("approved"), bis=lambda m: m.licensing.count("approved"))

    strict, mild = held(0.4), held(0.6)
    assert mild["nl"].sum() > strict["nl"].sum()
    assert np.array_equal(mild["bis"], strict["bis"])


def test_firms_measures_count_every_office_and_keep_their_shape():
    plan = planned(SECOND, (), MONTHS)
    worlds = Worlds.range(0, 5)
    block = simulate(plan.scenario, plan.case, worlds, plan.values(worlds))
    firms = block.agents["firm"]
    for name, values in firms.measures.items():
        assert values.shape == (6, len(firms.names), 5), name
    assert np.array_equal(firms.measures["filings"].sum(axis=(0, 1)), block.series["filings"].sum(axis=0))
    assert np.array_equal(firms.measures["licences"][-1].sum(axis=0), block.series["licences"][-1])
    alone = planned(SECOND, (*APART, *NEVER), MONTHS)
    less = simulate(alone.scenario, alone.case, worlds, alone.values(worlds)).agents["firm"].measures["filings"]
    together = planned(SECOND, APART, MONTHS)
    more = simulate(together.scenario, together.case, worlds, together.values(worlds)).agents["firm"].measures["filings"]
    at_home = np.array([name.startswith(("Dutch", "Japanese")) for name in firms.names])
    assert np.array_equal(more[:, ~at_home], less[:, ~at_home])
    assert (more[:, at_home] >= less[:, at_home]).all()
    assert more[:, at_home].sum() > less[:, at_home].sum()


def test_what_is_counted_for_a_firm_is_its_own():
    m = model(SECOND, (), 6, MONTHS)
    for _ in range(MONTHS):
        m.step()
    expected = dict.fromkeys(m.licensing.lines.firms, 0)
    for docket in m.dockets:
        for row, seller in enumerate(docket.lines.seller):
            expected[docket.lines.sellers[seller].firm] += (docket.lines.state[row] == LICENSED).astype(int)
    counted = dict(zip(m.licensing.lines.firms, m.licences_by_firm(), strict=True))
    m.close()
    for firm, number in expected.items():
        assert np.array_equal(counted[firm], number), firm


# Worlds and books


@pytest.mark.slow
def test_many_worlds_are_many_single_worlds_with_several_offices():
    plan = planned(SECOND, (), 96)

    def block(first, count):
        worlds = Worlds.range(first, count)
        return simulate(plan.scenario, plan.case, worlds, plan.values(worlds))

    together = block(3, 7)
    for w in range(7):
        alone = block(3 + w, 1)
        for name, values in together.series.items():
            assert np.array_equal(values[:, w], alone.series[name][:, 0]), (name, w)
        for kind, table in together.agents.items():
            for name, values in table.measures.items():
                assert np.array_equal(values[..., w], alone.agents[kind].measures[name][..., 0]), (kind, name, w)


def test_what_one_office_alone_let_pass_is_caught_by_the_book_of_the_law():
    m = model(SECOND, (), 5, 60)
    books = Books(m)
    for t in range(40):
        m.step()
        if t == 39:
            assert max(books.largest.values()) < 1e-9
            m.licensing.clear_the_way()
        books.check()
    m.close()
    assert books.largest["2 law"] > 1e-3


def test_a_file_lost_at_a_partners_office_is_caught_by_its_book():
    m = model(SECOND, (), 20, 60)
    books = Books(m)
    lines = partner(m, "jp").licensing.lines
    for t in range(46):
        m.step()
        if t == 45:
            assert max(books.largest.values()) < 1e-9
            assert (lines.state == LICENSED).any()
            lines.state[lines.state == LICENSED] = IDLE
        books.check()
    m.close()
    assert books.largest["16 intents"] > 1e-6
