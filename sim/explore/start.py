"""Starts the page's server: on this machine alone, with nothing told to anybody."""

import html
import importlib.util
import logging
import os
import secrets
import socket
import sys
import tempfile
import threading
import time
import webbrowser
from pathlib import Path

from sim.refusal import InputError
from sim.scenario import read

HOST, PORT = "127.0.0.1", 2718
APP = Path(__file__).with_name("app.py")


def start(scenario: str, port: int | None, browser: bool, host: str = HOST) -> int:
    """Until it is stopped. InputError without marimo, for a scenario that is none, and for a port that is taken."""
    if importlib.util.find_spec("marimo") is None:
        raise InputError("explore", "it needs marimo; install it with: pip install 'chokepoint[explore]'")
    read(scenario)
    chosen, token = _free(port, host), secrets.token_urlsafe(16)
    address = f"http://{'localhost' if host == '0.0.0.0' else host}:{chosen}?access_token={token}"

    from sim.explore.session import Settings, desk

    desk.begin(Settings.of(scenario))  # while the server starts
    print(f"Open {address} ; Ctrl-C ends it.", file=sys.stderr, flush=True)
    if browser:
        threading.Thread(target=_show, args=(address, host, chosen), daemon=True).start()
    os.environ |= {"CHOKEPOINT_EXPLORE": scenario, "MARIMO_SKIP_UPDATE_CHECK": "1", "DO_NOT_TRACK": "1"}
    try:
        serve(host, chosen, token)
    except KeyboardInterrupt:
        pass
    finally:
        desk.hands.close()
    return 0


def serve(host: str, port: int, token: str) -> None:
    """marimo's own command, in this process, so that the token stands in no list of processes."""
    from marimo._cli.cli import main

    logging.getLogger("uvicorn.error").addFilter(lambda said: "CancelledError" not in said.getMessage())  # of pages open at the end
    words = ["-q", "-y", "run", str(APP), "--headless", "--host", host, "--port", str(port), "--token", "--token-password", token]
    main(words, prog_name="marimo", standalone_mode=False)


def _show(address: str, host: str, port: int) -> None:
    """Open the page when it is there, by way of a file that only this user can read: a browser's command line is for all to see."""
    while not _answers(host, port):
        time.sleep(0.1)
    folder = tempfile.mkdtemp(prefix="chokepoint-")
    page = Path(folder) / "open.html"
    page.write_text(f'<!doctype html><meta http-equiv="refresh" content="0;url={html.escape(address)}">', encoding="utf-8")
    webbrowser.open(page.as_uri())


def _answers(host: str, port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex((host, port)) == 0


def _free(port: int | None, host: str = HOST) -> int:
    """The port that was asked for, or else the usual one, or else any."""
    for one in [port] if port is not None else [PORT, 0]:
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((host, one))
            except OSError:
                continue
            return int(tried.getsockname()[1])
    raise InputError("--port", f"{port} is taken or not yours; name another, or leave this out")
