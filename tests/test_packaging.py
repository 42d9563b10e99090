"""What people install: built, installed and used in a fresh environment, away from the checkout."""

import json
import os
import re
import socket
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from sim import __version__
from sim.batch.provenance import _PACKAGES

ROOT = Path(__file__).parents[1]
BIN = "Scripts" if os.name == "nt" else "bin"
KINDS = {".py", ".csv", ".yaml", ".parquet", ".js", ".css", ".html", ".md"}  # of files, besides licences and py.typed
NEEDED = ["sim/py.typed", "sim/cli.py", "sim/case_columns.csv", "sim/numbers/licensing.csv", "sim/numbers/talks.csv", "sim/record/targets.csv", "sim/explore/app.py", "sim/record/government_decisions_to_2020.csv", "sim/scenarios/history.yaml", "sim/scenarios/README.md", "sim/scenarios/cases/huawei/posterior.parquet", "sim/scenarios/cases/huawei/calendar.csv", "sim/scenarios/cases/second_firm/words.csv", "sim/views/report/page.css", "sim/views/report/glossary.csv", "sim/views/report/vendor/vega.min.js", "sim/views/report/vendor/vega-lite.min.js", "sim/views/report/vendor/vega-embed.min.js", "sim/views/report/vendor/vega-interpreter.js", "sim/views/report/vendor/LICENSE.vega", "sim/views/report/vendor/LICENSE.within"]
pytestmark = pytest.mark.slow


def done(words, where, **settings):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "CHOKEPOINT"))}
    found = subprocess.run([str(word) for word in words], cwd=where, env=clean | settings, capture_output=True, text=True, timeout=300, check=False)
    assert found.returncode == 0, f"{words}\n{found.stdout}\n{found.stderr}"
    return found.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Folders with the sdist and the wheel, and with the wheel that is built from the sdist."""
    place = tmp_path_factory.mktemp("built")
    done([sys.executable, "-m", "venv", place / "tools"], place)
    build = place / "tools" / BIN / "python"
    done([build, "-m", "pip", "install", "-q", "hatchling>=1.26"], place)
    done([build, "-m", "hatchling", "build", "-d", place / "dist"], ROOT, PYTHONDONTWRITEBYTECODE="1")
    (sdist,) = (place / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as packed:
        packed.extractall(place, filter="data")
    done([build, "-m", "hatchling", "build", "-t", "wheel", "-d", place / "again"], place / f"chokepoint-{__version__}")
    return place


@pytest.fixture(scope="module")
def wheel(built):
    (found,) = (built / "dist").glob("*.whl")
    return found


def test_a_wheel_from_the_sdist_is_the_wheel_from_the_tree(built, wheel):
    assert (built / "again" / wheel.name).read_bytes() == wheel.read_bytes()


def test_the_wheel_holds_what_is_needed_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        texts = {name: packed.read(name) for name in names}
    info = f"chokepoint-{__version__}.dist-info"
    assert not set(NEEDED) - set(names)
    assert {f"{info}/licenses/{name}" for name in ("LICENSE", "NOTICE")} < set(names)
    ours = [name for name in names if not name.startswith(info)]
    assert all(name.startswith("sim/") for name in ours)
    assert [n for n in ours if Path(n).suffix not in KINDS and not Path(n).name.startswith("LICENSE.") and n != "sim/py.typed"] == []
    assert sorted(n for n in ours if n.startswith("sim/scenarios/")) == sorted(
        f"sim/{f.relative_to(ROOT).as_posix()}" for f in (ROOT / "scenarios").rglob("*.*") if f.is_file()
    )
    told = [str(ROOT).encode(), str(Path.home()).encode() + b"/", socket.gethostname().encode()]
    assert [name for name, text in texts.items() if any(word in text for word in told if len(word) > 4)] == []
    assert wheel.stat().st_size < 3 << 20


def test_the_sdist_holds_the_tests_and_the_locks_and_no_results(built):
    root = built / f"chokepoint-{__version__}"
    assert (root / "tests" / "test_packaging.py").is_file()
    assert sorted(p.name for p in (root / ".ci").iterdir()) == sorted(p.name for p in (ROOT / ".ci").iterdir())
    assert [p.name for p in (root / "results").iterdir()] == ["README.md"]
    assert not list(root.rglob("__pycache__"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A fresh environment with the wheel and the packages of this one; the programs' folder."""
    place = tmp_path_factory.mktemp("fresh")
    done([sys.executable, "-m", "venv", place / "env"], place)
    same = [f"{name}=={version(name)}" for name in _PACKAGES]
    done([place / "env" / BIN / "python", "-m", "pip", "install", "-q", wheel, *same], place)
    return place / "env" / BIN


def test_what_is_installed_fits_together(installed, tmp_path):
    assert "No broken requirements found" in done([installed / "python", "-m", "pip", "check"], tmp_path)


def package(installed):
    (found,) = installed.parent.rglob("site-packages/sim")
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in found.rglob("*")}


def test_it_works_from_an_empty_folder_and_writes_nowhere_else(installed, tmp_path):
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    before = package(installed)

    def said(*words):
        return done([installed / "chokepoint", *words], here, HOME=str(home), USERPROFILE=str(home))

    assert __version__ in said("--version")
    assert "free_talks" in said("list")
    told = json.loads(said("run", "history", "--worlds", "50", "--quiet", "--json"))[0]
    (run,) = (here / "results" / "history").iterdir()
    said("verify", run)
    said("report", run)
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "University of Washington" in page
    said("new", "mine", "--from", "history")
    said("check", "mine.yaml")
    assert sorted(p.name for p in here.iterdir()) == ["chokepoint.schema.json", "mine.yaml", "results"]
    assert list(home.iterdir()) == []
    assert package(installed) == before
    ours = done([sys.executable, "-m", "sim", "run", "history", "--worlds", "50", "--quiet", "--json", "--out", tmp_path / "ours"], ROOT)
    assert json.loads(ours)[0]["digest"] == told["digest"]
    manifest = (run / "manifest.json").read_text(encoding="utf-8")
    assert re.search(r'"git": \{\}', manifest), "an installed copy knows no commit"
    assert not [word for word in (str(ROOT), str(home), str(installed.parent)) if word in manifest]
