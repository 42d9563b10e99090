"""`chokepoint explore` without marimo: what the page shows, and that its file says what it did."""

import importlib.util
import os
import shutil
import socket
import stat
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pytest

import sim
from sim.batch.plan import Plan
from sim.case import read_case
from sim.explore import chart, levers, pictures, session, start, talk_pictures, talks, world
from sim.notebook.one_world import OneWorld
from sim.parameters import PARAMETERS
from sim.refusal import InputError
from sim.rules import package
from sim.scenario import read, shipped
from sim.views.why import ask
from sim.worlds import Worlds

MOVED = session.Settings.of("history", {"authority.capacity": 36.0, "rules.talks_mode": "free"}, worlds=5, seed=7, months=30)


class Here:
    """In the place of processes: does each task at once. breaks: how many of the first die of it"""

    count = 2

    def __init__(self, breaks=0):
        self.done, self.breaks = [], breaks

    def submit(self, task, *words):
        self.done.append(task)
        future = Future()
        if len(self.done) <= self.breaks:
            future.set_exception(BrokenProcessPool())
        else:
            future.set_result(task(*words))
        return future


@pytest.fixture(autouse=True, scope="module")
def desk():
    """Nothing here starts a process."""
    with pytest.MonkeyPatch.context() as patch:
        one = session.Desk(Here())
        patch.setattr(session, "desk", one)
        patch.setattr(world, "desk", one)
        yield one


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """What `chokepoint run` makes of the file that the page saves."""
    file = tmp_path_factory.mktemp("saved") / "my_scenario.yaml"
    file.write_text(MOVED.as_yaml())
    return sim.run(str(file), jobs=1, quiet=True)


@pytest.fixture(scope="module")
def bargaining():
    return world.followed(session.Settings.of("free_talks", seed=3, months=48), 1)


def test_the_saved_file_gives_the_same_bytes_and_the_same_bands(desk, ran):
    held = desk.answered(MOVED)
    assert held.digest == ran.digest
    for outcome in ("lost_sales", "deals", "tariff_on_target", "raw_material"):
        ours, theirs = session.bands(held, outcome), session.bands(ran.results, outcome)
        assert ours.years == theirs.years == [2018, 2019, 2020]
        for name in ("low", "median", "high"):
            assert (getattr(ours, name) == getattr(theirs, name)).all()
        assert (ours.unit, ours.sentence) == (theirs.unit, theirs.sentence)
    for kind in ("firm", "government"):
        ours, theirs = held.monthly(kind), ran.results.monthly(kind)
        assert (ours.agents, ours.worlds) == (theirs.agents, theirs.worlds)
        assert all((ours.shares[name] == share).all() for name, share in theirs.shares.items())


def test_a_case_of_ones_own_is_found_from_where_the_page_says_that_the_file_must_lie(tmp_path):
    (tmp_path / "mine" / "older").mkdir(parents=True)
    shutil.copytree(read("history").case_folder, tmp_path / "mine" / "older" / "tables")
    (tmp_path / "mine" / "older" / "base.yaml").write_text("title: Base\nquestion: Is it found?\nextends: history\ncase: ./tables\n")
    base = "older/base.yaml"
    (tmp_path / "mine" / "mine.yaml").write_text(f"title: Mine\nquestion: Is it found?\nextends: {base}\ncompare_with: {base}\n")
    asked = session.Settings.of(str(tmp_path / "mine" / "mine.yaml"), {"authority.capacity": 30.0}, worlds=2)
    saved = asked.beside / "my_scenario.yaml"
    saved.write_text(asked.as_yaml())
    assert str(asked.beside) in pictures.taken_along("", asked.beside)
    assert MOVED.beside is None
    ours, theirs = asked.plan(), Plan.of(str(saved))
    assert ours.case.folder.samefile(theirs.case.folder)
    worlds = Worlds.range(0, 2)
    assert {path: x.tolist() for path, x in ours.values(worlds).items()} == {path: x.tolist() for path, x in theirs.values(worlds).items()}
    assert theirs.scenario.levers["authority.capacity"] == 30


def test_what_is_asked_for_twice_is_computed_once_in_as_many_pieces_as_there_are_processes():
    hands = Here()
    desk = session.Desk(hands)
    asked = session.Settings.of("history", worlds=3, months=2)
    desk.begin(asked)
    assert desk.answered(asked) is desk.answered(asked)
    desk.begin(asked)
    assert hands.done == [session.computed] * 2
    assert desk.answered(asked).plan.scenario.run.worlds == 3


def test_what_a_killed_process_was_at_is_done_once_more_and_not_for_ever():
    asked = session.Settings.of("history", worlds=2, months=2)
    assert len(session.Desk(Here(breaks=1)).answered(asked).held["lost_sales"]) == 2
    with pytest.raises(BrokenProcessPool):
        session.Desk(Here(breaks=9)).answered(asked)


def test_the_levers_are_known_and_their_sliders_hold_what_the_scenarios_say():
    for lever in levers.LEVERS:
        if lever.rule is None:
            assert lever.entry.least <= lever.low < lever.high <= lever.entry.most
            assert lever.entry.kind != "dated"
    for name in shipped():
        before = levers.standing(read(name))
        assert levers.fixed(before, {path: at.value for path, at in before.items()}, {}) == {}


def test_a_lever_that_is_moved_is_set_and_no_other():
    before = levers.standing(read("history"))
    at = {path: one.value for path, one in before.items()} | {"authority.capacity": 36.0, "rules.talks_mode": 1.0}
    moved = levers.fixed(before, at, {})
    assert moved == {"authority.capacity": 36.0, "rules.talks_mode": "free"}
    assert levers.in_words(moved) == "Set in every world: Files the licensing desk reads in a month: 36; Talks are free to fail: on."


def test_a_lever_that_worlds_draw_stays_drawn_where_it_stands_unless_it_is_kept():
    before = levers.standing(read("history"))
    at = {path: one.value for path, one in before.items()}
    assert before["authority.capacity"].drawn == "drawn at random in each world, anywhere from 20 to 38"
    kept = levers.fixed(before, at, {"authority.capacity": True, "vendor.stockpile": True})
    assert kept == {"authority.capacity": PARAMETERS["authority.capacity"].value}  # the other holds in every world already
    assert "authority.capacity" in session.Settings.of("history", worlds=2).plan().values(Worlds.range(0, 2))
    assert "authority.capacity" not in session.Settings.of("history", kept, worlds=2).plan().values(Worlds.range(0, 2))


def test_a_firms_belief_is_that_of_the_world_and_so_is_its_story(ran):
    found = world.followed(MOVED, 2)
    model = OneWorld("history", seed=7, world=2, months=30, sets=dict(MOVED.sets))
    for _ in range(30):
        model.step()
    assert found.firms == model.names["firm"] == world.firms(read_case(read("history").case_folder))
    assert (found.mean[-1] == model.table("firm")["belief"]).all()
    assert np.isnan(found.line[0])
    assert not np.isnan(found.line[-1])
    firm = found.firms[2]
    assert [row.sentence for row in found.story(firm)] == [row.sentence for row in ask(ran.folder, 2, firm).decisions]
    assert found.filed[:, 2].sum() == sum(row.kind == "submission" for row in found.story(firm))
    assert firm in pictures.believed(found, firm)
    assert found.story(firm)[0].sentence.split("'")[0] in pictures.story(found, firm)


def test_everybody_who_decides_can_be_asked_for(bargaining):
    listed = set(world.agents(read_case(read("history").case_folder)))
    assert {bargaining.names.who(note) for note in bargaining.notes} <= listed


def test_the_offers_are_those_on_the_table_month_by_month(bargaining):
    story = talks.talks_of(bargaining)
    model = OneWorld("free_talks", seed=3, world=1, months=48)
    at = {spell.first + i: (spell, i) for spell in story.spells for i in range(len(spell.controller))}
    assert story.spells
    assert story.why_none == ""
    for month in range(48):
        model.step()
        table = model.trade.talks
        assert (month in at) == bool(table.talked.any())
        if month not in at:
            continue
        spell, i = at[month]
        offers = [table.offer(side) for side in ("controller", "target")]
        assert [spell.controller[i], spell.target[i]] == [float(offer.dial[0, 0]) for offer in offers]
        assert [spell.worth_to_target[i], spell.worth_to_controller[i]] == [offers[0].to_target[0, 0], offers[1].to_controller[0, 0]]
        assert [spell.least_controller[i], spell.least_target[i]] == [table.seat.least_controller[0, 0], table.seat.least_target[0, 0]]
        given = package.package(table.seat.row, offers[0].dial, table.p.link)[:, 0, 0]
        ours = {issue.name: (issue.offered if issue.giver == story.controller else issue.asked)[i] for issue in spell.issues}
        assert ours == {talks.title(name): share for name, share in zip(table.issues.names, given, strict=True) if talks.title(name) in ours}
        last = i == len(spell.controller) - 1
        signed, parted = bool(table.happened["signed"].any()), bool(table.happened["walked_out"].any())
        assert (spell.end.endswith("deal") and last, spell.end == "walk-out" and last) == (signed, parted)


def test_the_picture_of_talks_says_who_offers_and_how_they_end(bargaining):
    story = talks.talks_of(bargaining)
    shown = talk_pictures.bargained(story, 1)
    assert shown.count('<svg class="talks for-wide"') == len(story.spells)
    assert f"What {story.controller} offers" in shown
    assert "The United States gives everything" in shown
    assert talk_pictures.ENDS[story.spells[0].end] in shown


@pytest.mark.parametrize(
    ("scenario", "sets", "said"),
    [
        ("history", {}, "dated facts"),
        ("free_talks", {"rules.talks": "nash"}, "settle or part without offers"),
        ("free_talks", {"rules.talks": "tit_for_tat"}, "no talks under it"),
    ],
)
def test_where_there_are_no_offers_a_sentence_says_why(scenario, sets, said):
    found = world.followed(session.Settings.of(scenario, sets, months=14), 0)
    assert said in talk_pictures.bargained(talks.talks_of(found), 0)
    assert "<svg" not in talk_pictures.bargained(talks.talks_of(found), 0)


def test_a_world_that_there_is_not_is_refused():
    with pytest.raises(InputError, match="numbered from 0 to 4"):
        world.followed(MOVED, 5)


def test_names_are_text_in_pictures(desk):
    bands = session.bands(desk.answered(MOVED), "approvals")
    hostile = session.Bands(bands.years, bands.low, bands.median, bands.high, "<img onerror=x>", "</script>")
    shown = pictures.compared(hostile, hostile, 5, True) + pictures.refused("<b>") + pictures.heading("<i>", "<u>") + pictures.file("<s>")
    for tag in ("<img", "</script", "<b>", "<i>", "<u>", "<s>"):
        assert tag not in shown


def test_what_is_drawn_lies_in_the_picture():
    low, high = chart.span(np.array([3.0, 9.0]), np.array([-1.0]))
    frame = chart.Frame(350, 270, 2, low, high)
    points = [tuple(map(float, point.split(","))) for point in frame.at(np.array([-1.0, 9.0]))]
    assert all(frame.left <= x <= frame.right and chart.TOP <= y <= frame.foot for x, y in points)
    assert points[0][1] > points[1][1]
    assert chart.span(np.array([np.nan])) == (0.0, 1.04)
    assert chart.span(np.array([5.0, 5.0]))[0] < 5 < chart.span(np.array([5.0, 5.0]))[1]


@pytest.fixture
def with_marimo(monkeypatch):
    """As if it were installed: what is tested here comes before it is asked."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)


def test_it_listens_on_this_machine_alone_and_its_token_is_in_no_list_of_processes(with_marimo, monkeypatch, capsys):
    served, asked = [], []
    monkeypatch.setattr(start, "serve", lambda *words: served.append(words) or 0)
    monkeypatch.setattr(session.desk, "begin", asked.append)
    monkeypatch.setattr(session.desk.hands, "close", lambda: None, raising=False)
    assert start.start("history", None, False) == 0
    ((host, port, token),) = served
    assert host == "127.0.0.1"
    assert len(token) > 20
    assert f"Open http://127.0.0.1:{port}?access_token={token} in a browser on this machine" in capsys.readouterr().err
    assert asked == [session.Settings.of("history")]  # begun before there is a page
    with open("/proc/self/cmdline", "rb") as words:
        assert token.encode() not in words.read()
    start.start("history", None, False, "0.0.0.0")
    assert "unencrypted" in capsys.readouterr().err


def test_the_browser_is_handed_a_file_that_nobody_else_can_read(monkeypatch):
    shown = []
    monkeypatch.setattr(start, "_answers", lambda host, port: True)
    monkeypatch.setattr(start.webbrowser, "open", shown.append)
    monkeypatch.setattr(start.time, "sleep", lambda seconds: shown.append(_rights(shown[0])))
    start._show("http://127.0.0.1:1?access_token=secret", "127.0.0.1", 1)
    assert "secret" not in shown[0]
    assert shown[1] == (0o700, True)


def _rights(address):
    file = address.removeprefix("file://")
    with open(file, encoding="utf-8") as page:
        return stat.S_IMODE(os.stat(os.path.dirname(file)).st_mode), "access_token=secret" in page.read()


def test_a_port_that_is_taken_and_a_host_that_is_not_ours_are_refused():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="is taken"):
            start.free_port(taken.getsockname()[1])
    with pytest.raises(InputError, match="no address of this machine"):
        start.free_port(None, "192.0.2.1")


def test_what_is_no_scenario_and_what_is_many_runs_is_refused_before_anything_starts(with_marimo, monkeypatch, tmp_path):
    monkeypatch.setattr(start, "serve", lambda *words: pytest.fail("started"))
    with pytest.raises(InputError, match="no shipped scenario"):
        start.start("nosuch", None, False)
    (tmp_path / "many.yaml").write_text("title: a\nquestion: b\nextends: history\nsweep:\n  vary: {firm.hurdle: [0.2, 0.4]}\n")
    with pytest.raises(InputError, match="is a sweep"):
        start.start(str(tmp_path / "many.yaml"), None, False)


def test_without_marimo_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"chokepoint\[explore\]"):
        start.start("history", None, False)


@pytest.mark.slow
def test_processes_answer_as_this_one_does_and_one_that_is_killed_is_replaced():
    import signal

    from sim.explore.hands import Hands

    hands = Hands(2)
    try:
        asked = session.Settings.of("history", worlds=3, months=12)
        assert session.Desk(hands).answered(asked).digest == session.Desk(Here()).answered(asked).digest
        for process in hands._pool._processes.values():
            os.kill(process.pid, signal.SIGKILL)
        assert session.Desk(hands).answered(asked).digest == session.Desk(Here()).answered(asked).digest
    finally:
        hands.close()
