"""Starts the page's server: on this machine alone, with nothing told to anybody."""

import contextlib
import errno
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
from sim.text_file import printable

HOST, PORT = "127.0.0.1", 2718
APP = Path(__file__).with_name("app.py")
_NO_PORT = 3  # uvicorn's exit code where it cannot begin
_OTHERS = "Whoever has this address can open the page from elsewhere, and what they see and do travels unencrypted."


def start(scenario: str, port: int | None, browser: bool, host: str = HOST) -> int:
    """Until it is stopped. InputError without marimo, for a scenario that is none, and for a port that is taken."""
    if importlib.util.find_spec("marimo") is None:
        raise InputError("explore", "it needs marimo; install it with: pip install 'chokepoint[explore]'")
    from sim.explore.session import Settings, desk

    chosen, token = free_port(port, host), secrets.token_urlsafe(16)
    desk.begin(Settings.of(scenario))  # while the server starts
    address = f"http://{_spoken(host)}:{chosen}?access_token={token}"
    alone = _is_loopback(host)
    print(f"Open {address} in a browser{' on this machine' if alone else ''}; Ctrl-C ends it.", file=sys.stderr, flush=True)
    if not alone:
        print(f"note: {_OTHERS}", file=sys.stderr, flush=True)
    if browser:
        threading.Thread(target=_show, args=(address, host, chosen), daemon=True).start()
    os.environ.update(CHOKEPOINT_EXPLORE=scenario, MARIMO_SKIP_UPDATE_CHECK="1", DO_NOT_TRACK="1")
    try:
        return serve(host, chosen, token)
    except KeyboardInterrupt:
        return 0
    finally:
        desk.hands.close()


def serve(host: str, port: int, token: str) -> int:
    """marimo's own command, in this process, so that the token stands in no list of processes. Its exit code."""
    from click.exceptions import Abort, Exit
    from marimo._cli.cli import main

    logging.getLogger("uvicorn.error").addFilter(_matters)
    words = ["-q", "-y", "run", str(APP), "--headless", "--host", host, "--port", str(port), "--token", "--token-password", token]
    try:
        main(words, prog_name="marimo", standalone_mode=False)
    except Abort:
        return 0
    except Exit as end:
        return end.exit_code
    except SystemExit as end:
        if end.code == _NO_PORT:
            raise InputError("--port", f"{port} was taken while the page started; start again") from None
        raise
    return 0


def _matters(said: logging.LogRecord) -> bool:
    """Not that pages were still open when the server ended, nor what is said in a sentence of ours."""
    return not any(part in said.getMessage() for part in ("CancelledError", "error while attempting to bind"))


def _show(address: str, host: str, port: int) -> None:
    """Open the page when it is there, by way of a file that only this user can read: the words of a browser's start are for all to see."""
    while not _answers(host, port):
        time.sleep(0.1)
    page = Path(tempfile.mkdtemp(prefix="chokepoint-")) / "open.html"
    page.write_text(f'<!doctype html><meta http-equiv="refresh" content="0;url={html.escape(address)}">', encoding="utf-8")
    webbrowser.open(page.as_uri())
    time.sleep(30)
    with contextlib.suppress(OSError):
        page.unlink()
        page.parent.rmdir()


def _answers(host: str, port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1" if host == "0.0.0.0" else host, port)) == 0


def _is_loopback(host: str) -> bool:
    return host == "localhost" or host.startswith("127.")


def _spoken(host: str) -> str:
    return socket.gethostname() if host == "0.0.0.0" else host


def free_port(port: int | None, host: str = HOST) -> int:
    """The port that was asked for, or else the usual one, or else any. InputError if it is taken, or the host is not this machine."""
    for one in [port] if port is not None else [PORT, 0]:
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((host, one))
            except socket.gaierror:
                break
            except OSError as fault:
                if fault.errno == errno.EADDRNOTAVAIL:
                    break
                continue
            return int(tried.getsockname()[1])
    else:
        raise InputError("--port", f"{port} is taken or not yours; name another, or leave this out")
    ours = "127.0.0.1 is for this machine alone, 0.0.0.0 for its whole network"
    raise InputError("--host", f'"{printable(host)}" is no address of this machine; {ours}')
