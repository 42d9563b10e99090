"""`chokepoint explore` in a browser: it loads, a lever is answered, an agent is clicked, its file runs, and it can be read."""

import importlib.util
import re
import signal
import socket
import subprocess
import sys

import pytest
from page_audit import low_contrast, overlapping_labels, sideways, small_text

import sim

pytestmark = pytest.mark.slow
HOSTILE = "<img src=x onerror=alert(1)>.yaml"
TITLE = "</title><script>alert(2)</script><b>bold</b> [link](javascript:alert(3))"
TABS = {
    "Bands": "svg.bands", "A firm and the line": "svg.belief", "Talks": "svg.talks", "Who decided what": ".story",
    "Take it along": "pre.file",
}  # fmt: skip


@pytest.fixture(scope="module")
def served(browser, tmp_path_factory):
    """The page on free talks, from a file with a hostile name and title: its address; ended as Ctrl-C does."""
    if importlib.util.find_spec("marimo") is None:
        pytest.skip("there is no marimo here; install it (pip install 'chokepoint[explore]')")
    folder = tmp_path_factory.mktemp("hostile")
    (folder / HOSTILE).write_text(f"title: '{TITLE}'\nquestion: '{TITLE}'\nextends: free_talks\n", encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "sim", "explore", str(folder / HOSTILE), "--no-browser", "--port", str(port)]
    server = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, start_new_session=True)
    address = re.search(r"http://\S+", server.stderr.readline()).group(0)
    yield address.rstrip(";")
    server.send_signal(signal.SIGINT)
    _, said = server.communicate(timeout=60)
    assert (server.returncode, said) == (0, "")  # no traceback


def patient(opened, served, **how):
    """Opened once the server answers."""
    import time
    import urllib.error
    import urllib.request

    for _ in range(600):
        try:
            urllib.request.urlopen(served.split("?")[0] + "/health", timeout=5)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            break
    return opened(served, offline=False, ready="svg.bands", **how)


def turn_to(page, tab):
    page.get_by_role("radio", name=tab).click()
    page.wait_for_selector(TABS[tab], state="attached")


def errors(found):
    """Those of marimo's own are not ours: a font that it fetches ahead."""
    return [said for said in found.errors if "preload" not in said]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_tab_can_be_read_at_any_width_by_day_and_by_night(opened, served, width, scheme):
    found = patient(opened, served, width=width, scheme=scheme)
    for tab in TABS:
        turn_to(found.page, tab)
        if tab == "Who decided what":
            found.page.wait_for_selector("iframe >> nth=1", state="attached")
            found.page.wait_for_timeout(1000)
        found.page.wait_for_timeout(300)
        frames = found.page.frames
        assert len(frames) == (3 if tab == "Who decided what" else 1)
        for check in (small_text, low_contrast, overlapping_labels, sideways):
            assert (tab, check.__name__, [check(frame) for frame in frames]) == (tab, check.__name__, [[]] * len(frames))
    assert errors(found) == []
    assert found.dialogs == []


def test_nothing_is_asked_of_anybody_else_and_nobody_without_the_token_gets_in(opened, served, browser):
    found = patient(opened, served)
    address = served.split("?")[0]
    ours = (address, address.replace("http", "ws"), "data:", "blob:")
    assert [url for url in found.requests if not url.startswith(ours)] == []
    stranger = opened(address, offline=False).page
    stranger.wait_for_load_state()
    assert stranger.locator("svg.bands").count() == 0
    assert stranger.locator("input[type=password]").count() == 1


def test_hostile_names_and_titles_are_text(opened, served):
    found = patient(opened, served)
    assert found.page.locator(".ours h1").inner_text() == TITLE
    assert found.page.locator(".ours img, .ours script, .ours a, .ours b").count() == 0
    assert HOSTILE in found.page.locator("marimo-dropdown select").first.inner_text()
    assert found.dialogs == []
    assert errors(found) == []


def test_a_lever_is_moved_by_the_keyboard_and_the_band_answers(opened, served):
    page = patient(opened, served).page
    before = page.inner_html("svg.bands")
    page.get_by_role("slider").first.focus()
    page.keyboard.press("End")
    page.get_by_text("Set in every world: Files the licensing desk reads in a month: 38").wait_for()
    page.wait_for_function("before => document.querySelector('svg.bands').innerHTML !== before", arg=before)
    assert "As the scenario stands" in page.locator(".answer").inner_text()


def test_the_keyboard_goes_from_tab_to_tab(opened, served):
    page = patient(opened, served).page
    page.get_by_role("radio", name="A firm and the line").click()
    page.wait_for_selector("svg.belief", state="attached")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("svg.talks", state="attached")


def test_where_talks_are_dated_the_page_says_so_and_has_the_switch(opened, served):
    page = patient(opened, served).page
    turn_to(page, "Talks")
    page.get_by_text("Talks are free to fail").last.click()
    page.locator(".answer", has_text="nobody makes offers").wait_for()
    assert page.locator("svg.talks").count() == 0
    page.get_by_text("Talks are free to fail").last.click()
    page.wait_for_selector("svg.talks", state="attached")


def test_a_drawn_lever_is_fixed_where_it_stands(opened, served):
    page = patient(opened, served).page
    page.get_by_text("The same in every world").first.click()
    page.get_by_text("Set in every world: Files the licensing desk reads in a month: 28").wait_for()


def test_whoever_is_clicked_in_a_picture_tells_its_story(opened, served):
    page = patient(opened, served).page
    turn_to(page, "Who decided what")
    page.wait_for_selector("iframe >> nth=1", state="attached")
    ring, tiles = (frame for frame in page.frames if frame != page.main_frame)
    for mark in (ring.locator(".ring svg:visible [data-firm='3']"), tiles.locator("[data-tile='5']")):
        mark.wait_for()
        name = mark.get_attribute("aria-label").split(":")[0]
        mark.click()
        page.locator(".answer", has_text=f"on {name} in world 0").wait_for()
        assert name in page.locator(".story").inner_text()
    tiles.locator("[data-tile='5']").focus()
    page.keyboard.press("ArrowRight")
    name = tiles.locator("[data-tile='6']").get_attribute("data-name")
    page.keyboard.press("Enter")
    page.locator(".answer", has_text=f"{name} in world 0").wait_for()


def test_the_file_that_is_saved_runs_to_the_page_s_own_digest(opened, served, tmp_path):
    page = patient(opened, served).page
    page.get_by_role("slider").first.focus()
    page.keyboard.press("End")
    page.get_by_text("Set in every world").wait_for()
    turn_to(page, "Take it along")
    with page.expect_download() as got:
        page.get_by_text("Download my_scenario.yaml").click()
    file = tmp_path / got.value.suggested_filename
    got.value.save_as(file)
    assert file.name == "my_scenario.yaml"
    done = subprocess.run(
        [sys.executable, "-m", "sim", "run", str(file), "--jobs", "1", "--out", str(tmp_path / "out")], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (folder,) = (path.parent for path in (tmp_path / "out").rglob("manifest.json"))
    assert sim.open(folder).digest == page.locator("pre.digest").inner_text()
