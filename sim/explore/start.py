"""Starts the page's server: on this machine alone, with nothing told to anybody."""

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

from sim.refusal import InputError
from sim.scenario import read

HOST, PORT = "127.0.0.1", 2718


def command(port: int, browser: bool) -> list[str]:
    quiet = [] if browser else ["--headless"]
    app = Path(__file__).with_name("app.py")
    return [sys.executable, "-m", "marimo", "-q", "run", str(app), "--host", HOST, "--port", str(port), "--no-token", *quiet]


def start(scenario: str, port: int | None, browser: bool) -> int:
    """Until it is stopped. InputError without marimo, for a scenario that is none, and for a port that is taken."""
    if importlib.util.find_spec("marimo") is None:
        raise InputError("explore", "it needs marimo; install it with: pip install 'chokepoint[explore]'")
    read(scenario)
    chosen = _free(port)
    print(f"Open http://{HOST}:{chosen} in a browser on this machine; Ctrl-C ends it.", file=sys.stderr, flush=True)
    told = {"CHOKEPOINT_EXPLORE": scenario, "MARIMO_SKIP_UPDATE_CHECK": "1", "DO_NOT_TRACK": "1"}
    try:
        return subprocess.run(command(chosen, browser), env=os.environ | told, check=False).returncode
    except KeyboardInterrupt:
        return 0


def _free(port: int | None) -> int:
    """The port that was asked for, or else the usual one, or else any."""
    for one in [port] if port is not None else [PORT, 0]:
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((HOST, one))
            except OSError:
                continue
            return int(tried.getsockname()[1])
    raise InputError("--port", f"{port} is taken or not yours; name another, or leave this out")
