"""Every command that README.md and docs/ show runs, in small; and every scenario that they show reads."""

import re
import shlex
from pathlib import Path

import pytest

from sim.__main__ import main

ROOT = Path(__file__).parents[1]
OWN = {"compare.md", "drivers.md", "robust.md", "questions.md", "targets.md"}  # pages whose commands have tests of their own
PAGES = sorted([ROOT / "README.md", ROOT / "scenarios" / "README.md", *(p for p in (ROOT / "docs").glob("*.md") if p.name not in OWN)])
SMALLER = {"--worlds": 12, "--points": 2, "--replicates": 2, "--months": 30}  # the most of each
ELSEWHERE = {  # what a command holds -> who runs it
    "--engine": "tests/test_cluster.py, with a scheduler of its own",
    "--resume": "tests/test_engine.py, with a run that was stopped",
    "--help": "tests/test_cli.py",
    "explore": "its own tests, with a browser",
    "calibrate": "tests/test_calibrate_command.py, on few worlds",
}
IN_PYTHON_ELSEWHERE = {"cluster.md": "tests/test_cluster.py", "api.md": "tests/test_pages.py", "mesa.md": "tests/test_pages.py"}
HORIZON = {"run", "sweep", "compare"}  # commands that take --months
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_NAMED_FILE = re.compile(r"\b[\w/]+\.yaml\b")


def commands():
    """Each once, with the page that shows it first."""
    found = {}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = [body for kind, body in _FENCED.findall(text) if kind in ("", "sh", "console")]
        shown = [line for block in blocks for line in block.splitlines()]
        shown += [line for line in _FENCED.sub("", text).splitlines() if line.startswith("    ")]
        for line in shown:
            line = line.strip().removeprefix("$ ")
            if line.startswith("chokepoint "):
                words = shlex.split(line, comments=True)
                found.setdefault(tuple(words[1:]), page.relative_to(ROOT).as_posix())
    return found


COMMANDS = commands()
HERE = [words for words in COMMANDS if not ELSEWHERE.keys() & set(words)]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with what the commands speak of: finished runs, and the scenarios that the pages show."""
    place = tmp_path_factory.mktemp("newcomer")
    for page in PAGES:
        for kind, body in _FENCED.findall(page.read_text(encoding="utf-8")):
            if kind == "yaml":
                for name in {*_NAMED_FILE.findall(page.read_text(encoding="utf-8")), "mine.yaml"}:
                    file = place / Path(name).name
                    if "title:" in body and not file.exists():
                        file.write_text(body, encoding="utf-8")
    for name in ("history", "g20_truce"):
        words = ["--worlds", "12", "--months", "30", "--trace", "5", "--quiet", "--jobs", "1", "--out", str(place / "results")]
        assert main(["run", name, *words]) == 0
    return place


def smaller(words, run, other):
    """The same command on fewer worlds and months, on runs that are there."""
    if words[0] == "new":  # beside, and not over, what the pages say is in it
        return [*words, "--out", "made"]
    there = {"RUN": run, "RUN_A": run, "RUN_B": other}
    words = [str(there.get(word, run if word.startswith("results/") else word)) for word in words]
    for i, word in enumerate(words[:-1]):
        if word in SMALLER:
            words[i + 1] = str(min(int(words[i + 1]), SMALLER[word]))
    if words[0] in HORIZON and "--months" not in words:
        words += ["--months", "30"]
    if words[0] in ("run", "compare", "validate") and "--worlds" not in words:
        words += ["--worlds", "12"]
    if words[0] == "sweep" and "--replicates" not in words:
        words += ["--replicates", "2"]
    return words


@pytest.mark.slow
@pytest.mark.parametrize("words", HERE, ids=lambda words: f"{COMMANDS[words]}: {' '.join(words)}"[:90])
def test_what_the_pages_show_runs(place, monkeypatch, capsys, words):
    monkeypatch.chdir(place)
    (run,), (other,) = ((place / "results" / name).glob("001-*") for name in ("history", "g20_truce"))
    code = main(smaller(words, run.relative_to(place), other.relative_to(place)))
    told = capsys.readouterr()
    assert code == 0, told.err


def python_blocks():
    """What the pages show in Python and newcomers run: each page's blocks, in order."""
    found = {page: [body for kind, body in _FENCED.findall(page.read_text(encoding="utf-8")) if kind == "python"] for page in PAGES}
    return {page.name: blocks for page, blocks in found.items() if blocks and page.name not in IN_PYTHON_ELSEWHERE}


@pytest.fixture(scope="module")
def folders(place):
    """What RUN, OTHER, GRID and SWEEP stand for."""
    words = ["--replicates", "2", "--months", "30", "--quiet", "--jobs", "1", "--out"]
    grid = ["sweep", "history", "--vary", "firm.hurdle=0.2,0.4", "--vary", "authority.capacity=20,28", *words, str(place / "grid")]
    sobol = ["sweep", "history", "--vary", "firm.hurdle=range", "--vary", "belief.ease=range", "--design", "sobol", "--points", "4", *words]
    assert main(grid) == 0
    assert main([*sobol, str(place / "sweep")]) == 0
    (run,) = (place / "results" / "history").glob("001-*")
    swept = {name: next((place / name / "history").iterdir()) for name in ("grid", "sweep")}
    return {"RUN": run, "OTHER": run, "GRID": swept["grid"], "SWEEP": swept["sweep"]}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:::SALib", "ignore::RuntimeWarning", "ignore::FutureWarning")
@pytest.mark.parametrize("page", python_blocks())
def test_what_the_pages_show_in_python_runs(folders, page, capsys):
    for block in python_blocks()[page]:
        for name, folder in folders.items():
            block = re.sub(rf'"{name}(?=["/])', f'"{folder}', block)
        exec(compile(block, page, "exec"), {})


def test_the_pages_show_commands_and_the_readme_the_main_ones():
    assert len(COMMANDS) > 20
    readme = {words[0] for words, page in COMMANDS.items() if page == "README.md"}
    assert {"list", "check", "run", "diff", "sweep", "why"} <= readme
