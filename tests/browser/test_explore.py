"""`chokepoint explore` in a browser: it loads, a lever is answered, and nothing is too small or too wide."""

import importlib.util
import signal
import socket
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.slow
SMALL = """[...document.querySelectorAll('svg.ours text, p.ours')].map(e => {
  const s = e.ownerSVGElement; const k = s ? s.getBoundingClientRect().width / s.viewBox.baseVal.width : 1;
  return k * parseFloat(getComputedStyle(e).fontSize); }).filter(size => size < 11)"""


@pytest.fixture(scope="module")
def address(browser):
    if importlib.util.find_spec("marimo") is None:
        pytest.skip("there is no marimo here; install it (pip install 'chokepoint[explore]')")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "sim", "explore", "--port", str(port), "--no-browser"], start_new_session=True)
    for _ in range(200):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    import os

    os.killpg(server.pid, signal.SIGTERM)
    server.wait(20)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_loads_and_nothing_is_too_small_or_too_wide(opened, address, width):
    found = opened(address, width=width, offline=False, ready="svg.belief")
    assert [said for said in found.errors if "preloaded using link preload" not in said] == []
    assert [url for url in found.requests if not url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))] == []
    assert found.page.evaluate(SMALL) == []
    assert found.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_lever_is_moved_and_the_band_answers(opened, address):
    page = opened(address, offline=False, ready="svg.belief").page
    page.get_by_text("Levers moved: 0").wait_for()
    before = page.inner_html("svg.bands")
    page.get_by_role("slider").first.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.get_by_text("Levers moved: 1").wait_for(timeout=20_000)
    assert page.inner_html("svg.bands") != before
