"""The ten files of `chokepoint explore`, decided in a browser by the keyboard alone."""

import importlib.util
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from page_audit import low_contrast, overlapping_labels, sideways, small_text

from sim.explore import game, game_words
from sim.explore.docket import DENY, GRANT, RETURN

pytestmark = pytest.mark.slow
ACTIVE = """() => { let at = document.activeElement;
  while (at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;
  return at === document.body ? '' : at.textContent.trim(); }"""


@pytest.fixture(scope="module")
def served(browser):
    if importlib.util.find_spec("marimo") is None:
        pytest.skip("there is no marimo here; install it (pip install 'chokepoint[explore]')")
    words = [sys.executable, "-m", "sim", "explore", "--no-browser"]
    server = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, start_new_session=True)
    address = re.search(r"http://[^\s;]+", server.stderr.readline()).group(0)
    for _ in range(600):
        try:
            urllib.request.urlopen(address.split("?")[0] + "/health", timeout=5)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            break
    yield address
    server.send_signal(signal.SIGINT)
    server.communicate(timeout=30)


@pytest.fixture(scope="module")
def dealt():
    return game.deal()


def to_the_game(page):
    page.get_by_role("radio", name="Ten files to decide").click()
    page.get_by_role("button", name="Open the first file").wait_for()


def press(page, name):
    """Go there by Tab, and press Enter."""
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate(ACTIVE) == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"Tab does not come to {name!r}")


def audited(page):
    page.wait_for_timeout(600)  # marimo fades what it shows anew
    wrong = {check.__name__: check(page) for check in (small_text, low_contrast, overlapping_labels, sideways)}
    assert {name: some for name, some in wrong.items() if some} == {}


@pytest.mark.parametrize("width, scheme", [(1280, "light"), (390, "dark"), (390, "light")])
def test_ten_files_are_decided_by_the_keyboard_and_scored(opened, served, dealt, width, scheme, tmp_path):
    found = opened(served, width=width, scheme=scheme, offline=False, ready="svg.bands")
    page, given = found.page, []
    to_the_game(page)
    audited(page)
    began = time.monotonic()
    page.get_by_role("button", name="Open the first file").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="File 1 of 10").wait_for()
    took = time.monotonic() - began
    print(f"the first file is there after {took:.1f} s")
    assert took < 10  # 1.5 s on a machine that does nothing else
    audited(page)
    for i, file in enumerate(dealt.files):
        page.get_by_role("heading", name=f"File {i + 1} of 10").wait_for()
        page.get_by_role("button", name="Grant", exact=True).wait_for()
        assert game_words.about(file) in page.locator(".game").inner_text()
        given.append((GRANT, DENY, RETURN, file.answer)[i % 4])
        press(page, game_words.BUTTONS[given[-1]])
        page.keyboard.press("Enter")  # once too often
        page.locator(".game.told").wait_for()
        same = sum(a == f.answer for a, f in zip(given, dealt.files, strict=False))
        assert f"Like the office so far: {same} of {i + 1}." in page.locator(".game.told").inner_text()
        if i == 0:
            audited(page)
        if i == 3:  # what is made stays while other tabs are looked at
            page.get_by_role("radio", name="Bands").click()
            page.locator("svg.bands").first.wait_for(state="attached")
            to_the_game(page)
            page.get_by_role("button", name="Go on").focus()
            page.keyboard.press("Enter")
        else:
            press(page, "Go on")
    page.locator(".game.over").wait_for()
    audited(page)
    said = game.debrief(dealt, given)
    text = " ".join(page.locator(".game.over").inner_text().split())
    assert f"{said.same} of 10 like the office" in text
    for sentence in game_words.closing(dealt, said):
        assert sentence in text
    with page.expect_download() as got:
        page.get_by_text("Download your answers").click()
    got.value.save_as(tmp_path / "mine.txt")
    assert (tmp_path / "mine.txt").read_text() == game_words.record(dealt, said)
    assert [said for said in found.errors if "preload" not in said] == []


def test_what_cannot_be_dealt_is_said_in_a_sentence_and_another_scenario_begins_anew(opened, served):
    page = opened(served, offline=False, ready="svg.bands").page
    to_the_game(page)
    page.locator("marimo-dropdown select").first.select_option("no_entity_list")
    page.wait_for_timeout(2000)
    page.get_by_role("button", name="Open the first file").click()
    page.get_by_text("no_entity_list: its office answers 0 files in world 0").wait_for()
