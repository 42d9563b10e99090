"""What is written harms nobody who opens it, tells nobody who wrote it, and what a stranger wrote leads nowhere."""

import ast
import csv
import functools
import io
import os
import pickle
import re
import shutil
import socket
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import fake_model
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from report_runs import HOSTILE_NAME as HOSTILE
from report_runs import pair_of_hostile_names

from sim.batch import engine, journal, provenance
from sim.batch.audit import verify
from sim.batch.disk import StorageError
from sim.batch.folder import safe_name
from sim.batch.journal import Report
from sim.batch.plan import Plan
from sim.batch.results import MANIFEST, Results, manifest_text, read_manifest
from sim.refusal import InputError
from sim.spreadsheet import csv_text

SIM = Path(__file__).parents[1] / "sim"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "{=", "\uff1d")


# Cells


def cells(text):
    return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]


@pytest.mark.parametrize("text", ["=1+1", "+1-2", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "{=1}", "=", "-", "- a", "\uff1d1", "-0x1", "-1e", "+1", "-nan"])
def test_a_text_that_is_a_formula_to_a_spreadsheet_begins_with_an_apostrophe(text):
    rows = list(csv.reader(io.StringIO(csv_text([[text, 1]]).decode(), newline="")))
    assert rows == [["'" + text.replace("\r", "\n"), "1"]]


def test_no_text_ends_its_row_and_begins_another():
    for text in ("a\r=1", "a\n=1", "a\r\n=1", 'a",=1', "a,=1"):
        assert len(list(csv.reader(io.StringIO(csv_text([[text, 1]]).decode(), newline="")))) == 1
        assert len(re.split("[\r\n]", re.sub('"[^"]*"', "", csv_text([[text]]).decode()))) == 2


@pytest.mark.parametrize("number", [-3.5, -1, "-3.5", "-1.2345678e-05", "-0", "1e+20", "-inf", "nan", 0, "", None, True])
def test_a_number_stays_a_number(number):
    assert cells(csv_text([[number, "x"]]).decode()) == ["" if number is None else str(number), "x"]


@functools.cache
def tree_of_each():
    return [(file.relative_to(SIM).as_posix(), ast.parse(file.read_text(encoding="utf-8"))) for file in sorted(SIM.rglob("*.py"))]


def test_nothing_else_writes_csv():
    writers = {"writer", "DictWriter", "to_csv", "write_csv", "savetxt"}
    found = {name for name, tree in tree_of_each() for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in writers}
    assert found == {"spreadsheet.py"}


def test_nothing_reads_what_could_run():
    """No pickle, no evaluation of text, no shell; YAML only by the reader of our own, which makes plain values."""
    modules = {"pickle", "marshal", "shelve", "joblib", "dill", "cloudpickle", "dbm", "imp", "code"}
    calls = {"eval", "exec", "compile", "__import__"}
    attributes = {"read_pickle", "to_pickle", "unsafe_load", "full_load", "load_all", "popen"}
    found = []
    for name, tree in tree_of_each():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found += [(name, alias.name) for alias in node.names if alias.name.split(".")[0] in modules]
            elif isinstance(node, ast.ImportFrom):
                found += [(name, node.module)] if (node.module or "").split(".")[0] in modules else []
            elif isinstance(node, ast.Call):
                found += [(name, node.func.id)] if isinstance(node.func, ast.Name) and node.func.id in calls else []
                found += [(name, word.arg) for word in node.keywords if word.arg in ("allow_pickle", "shell")]
                of = node.func.value.id if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) else ""
                found += [(name, f"{of}.load")] if of in ("np", "numpy", "yaml") and node.func.attr.startswith("load") else []
            if isinstance(node, ast.Attribute) and (node.attr in attributes or ast.unparse(node) == "os.system"):
                found.append((name, node.attr))
    assert found == []


# A case and scenarios whose every text is hostile


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Where the scenarios are, the folder of their batch, and their results folders."""
    place = tmp_path_factory.mktemp("hostile")
    pair = pair_of_hostile_names(place, 12, 24, "--agents", "firm", "--csv", str(place / "compared.csv"))
    return place, pair[0].parents[1], pair


def test_no_command_writes_a_formula_whoever_named_things(hostile, call, tmp_path):
    place, batch, (base, other) = hostile
    targets = tmp_path / "targets.csv"
    rows = (SIM / "record" / "targets.csv").read_text(encoding="utf-8")
    header = next(line for line in rows.splitlines() if not line.startswith("#"))
    row = dict.fromkeys(header.split(","), "") | {
        "name": "=1+1", "measure": "filings", "date": "..2019-07-23", "value": "5", "observation_sd": "1", "discrepancy_sd": "1",
        "role": "fitted", "source": HOSTILE, "why": HOSTILE, "unit": "files", "meaning": "-said",
    }  # fmt: skip
    targets.write_text(csv_raw([header.split(","), [row[name] for name in header.split(",")]]), encoding="utf-8")
    written = {file.name: file.read_text(encoding="utf-8") for file in (place / "compared.csv", batch / "summary.csv", base / "summary.csv", batch / "differences.csv") if file.exists()}
    for words in (["robust", base, other, "--minimise", "lost_sales", "--goal", "approvals>=1"], ["sensitivity", other, "--outcome", "approvals"]):
        assert call(*words, "--csv", tmp_path / f"{words[0]}.csv")[0] == 0
        written[words[0]] = (tmp_path / f"{words[0]}.csv").read_text(encoding="utf-8")
    code, out, err = call("validate", other, "--targets", targets, "--csv")
    assert code == 0, err
    written["validate"] = out
    assert len(written) >= 6
    for name, text in written.items():
        found = cells(text)
        wrong = [cell for cell in found if cell.startswith(FORMULA) and not re.fullmatch(r"-[\d.e+-]+", cell)]
        assert wrong == [], name
        if name not in ("sensitivity", "summary.csv"):
            assert [cell for cell in found if cell.startswith(("'=", "'-", "'+", "'@"))], name
    assert [cell for cell in cells(written["compared.csv"]) if re.fullmatch(r"-[\d.e+-]+", cell)]  # losses are numbers still


def csv_raw(rows):
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue()


class Tags(HTMLParser):
    """Tags with their attributes, as a browser's parser splits them."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


def test_a_page_of_hostile_names_holds_no_tag_of_theirs(hostile, call, tmp_path):
    _, _, (base, other) = hostile
    code, _, err = call("report", other, base, "--out", tmp_path / "page.html")
    assert code == 0, err
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    page = Tags()
    page.feed(text)
    assert page.tags.count("script") == 2  # the data and the code
    assert not {"img", "iframe", "object", "embed", "link", "base"} & set(page.tags)
    assert [name for name, _ in page.attributes if name.startswith("on")] == []
    assert [value for name, value in page.attributes if name in ("href", "src", "action", "xlink:href") and not value.startswith("#")] == []
    data = re.search(r"<script type=application/json id=parts>(.*?)</script>", text, re.DOTALL)[1]
    assert not re.search("[<>&\u2028\u2029]", data)
    assert "alert(1)" in data  # so they did stand there
    assert text.count("&lt;img src=x onerror=alert(1)&gt;") > 10


# Names


NAMES = [
    "../x", "..", ".", "", "a/b", "a\\b", "CON", "con", "nul.txt", "LPT1", "com1", "x" * 300, "x" * 299, "\U0001f600", "\U0001f601", "a.", "a", "a ", "-rf", "--help",
    "rf", "e\u0301", "\u00e9", "E\u0301", "History", "history", "HISTORY", "\ufb01", "fi", "a\0b", "a\nb", "~", "$HOME", "%2e%2e", "a:b", "\u202etxt", "\ud800", "K", "\u212a",
]  # fmt: skip


def test_any_name_is_a_safe_folder_and_no_two_are_one_on_any_system():
    safe = [safe_name(name) for name in NAMES]
    seen = {unicodedata.normalize("NFKC", name).casefold() for name in safe}
    assert len(seen) == len(NAMES)
    for name in safe:
        assert re.fullmatch(r"[a-z0-9_][a-z0-9_-]{0,68}", name), name
        assert not re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)", name)
    assert safe[NAMES.index("history")] == "history"


def test_a_scenario_of_any_name_is_run_into_a_folder_below_its_out(hostile):
    place, batch, folders = hostile
    assert {folder.parent.parent for folder in folders} == {batch}
    assert sorted(p.name for p in place.iterdir() if p.is_dir()) == ["batch", "case"]


# What a stranger's results folder may hold


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = engine.prepare(fake_model.plan(150), tmp_path_factory.mktemp("finished"))
    engine.finish(folder, simulate=fake_model.simulate, outcomes=fake_model.OUTCOMES)
    return folder


@pytest.fixture
def theirs(finished, tmp_path):
    """A finished run in three blocks, from somebody else; beside it a secret."""
    (tmp_path / "secret.parquet").write_bytes(b"secret")
    return Path(shutil.copytree(finished, tmp_path / "theirs" / "history" / "001-c45ec31c"))


def rewritten(folder, **changes):
    manifest = read_manifest(folder)
    (folder / MANIFEST).write_bytes(manifest_text(manifest | changes))


def link(at, to):
    if at.is_dir():
        shutil.rmtree(at)
    else:
        at.unlink(missing_ok=True)
    at.symlink_to(to)


def refuses(call, folder):
    for words in (("verify", folder), ("report", folder), ("compare", folder, folder), ("sensitivity", folder), ("reproduce", folder), ("why", folder, "--world", 0)):
        code, out, err = call(*words)
        assert (code, out, err.count("\n")) == (2, "", 1), words
        yield err


@pytest.mark.parametrize("name", ["../../secret.parquet", "/etc/passwd", "series/../../../secret.parquet", "C:\\secret", "a\\..\\b", "series//x", "./x", "a\0b"])
def test_a_manifest_that_names_files_elsewhere_is_refused(theirs, call, name):
    files = read_manifest(theirs)["files"]
    rewritten(theirs, files={**files, name: {"sha256": "0", "bytes": 6}})
    for said in refuses(call, theirs):
        assert "it names files that are none of a results folder" in said


@pytest.mark.parametrize("what", ["series/part-00001.parquet", "series", "worlds.parquet", "case", "scenario.yaml", "summary.csv", MANIFEST, "agents/firm"])
def test_a_link_out_of_a_results_folder_is_refused(theirs, call, tmp_path, what):
    elsewhere = tmp_path / "elsewhere"
    shutil.move(theirs / what, elsewhere)
    link(theirs / what, elsewhere)
    for said in refuses(call, theirs):
        assert f"{what}: a results folder holds files alone, and this is a link; copy what it points to in its place" in said


def test_a_pipe_in_the_place_of_a_part_holds_nobody_up(theirs, call):
    (theirs / "series" / "part-00001.parquet").unlink()
    os.mkfifo(theirs / "series" / "part-00001.parquet")
    for said in refuses(call, theirs):
        assert "this is no file; take it away" in said


@pytest.mark.parametrize("what", [".lock", journal.JOURNAL, "series"])
def test_a_run_that_is_resumed_writes_nothing_through_a_link(call, tmp_path, what):
    folder = engine.prepare(Plan.of("history", worlds=4, months=2), tmp_path / "theirs")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("dear")
    if what == "series":
        link(folder / what, tmp_path / "mine")
    else:
        (tmp_path / "mine" / "letter").write_bytes((folder / what).read_bytes() if (folder / what).exists() else b"dear")
        link(folder / what, tmp_path / "mine" / "letter")
    before = (tmp_path / "mine" / "letter").read_bytes()
    code, _, err = call("run", "--resume", folder)
    assert (code, "a results folder holds files alone" in err) == (2, True)
    with pytest.raises((InputError, StorageError)) as no, journal.locked(folder):
        raise StorageError("it was locked")
    assert what != ".lock" or "it was locked" not in str(no.value)
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["letter"]
    assert (tmp_path / "mine" / "letter").read_bytes() == before


def test_a_journal_that_names_files_elsewhere_deletes_none_of_them(tmp_path):
    """A run that stops early takes away the parts of blocks that ran ahead: such as a stranger's journal names."""
    folder = engine.prepare(fake_model.plan(), tmp_path / "theirs")
    (tmp_path / "letter").write_text("dear")
    stored = {"sha256": "cc3bb0c5c4bcd9f5b60b5b1e6b1d3e0f", "bytes": 4}
    for block in range(5):
        journal.append(folder, Report(block, 64, "done", files={"../../../letter": journal.Stored(**stored)}))
    reports = journal.read_journal(folder)[1]
    assert reports == {}
    engine._kept(folder, reports, 0)
    assert (tmp_path / "letter").read_text() == "dear"


@pytest.mark.parametrize("line", ["case: ../..", "case: /etc", "prior: ../secret.parquet", "extends: ../../x.yaml"])
def test_a_strangers_scenario_leads_out_of_the_folder_nowhere(theirs, line):
    text = (theirs / "scenario.yaml").read_text(encoding="utf-8")
    (theirs / "scenario.yaml").write_text(re.sub(rf"^{line.split(':')[0]}: .*\n", "", text, flags=re.MULTILINE) + f"{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match="absolute path|leads out of the scenario's folder"):
        Plan.read(theirs)


class Runs:
    def __reduce__(self):
        return (os.system, ("touch was_here",))


def test_a_table_that_brings_code_along_is_a_table(theirs, tmp_path, monkeypatch):
    """As Arrow once ran what a column's type said of itself, and pandas reads its index from the footer."""
    monkeypatch.chdir(tmp_path)
    table = pq.read_table(theirs / "worlds.parquet")
    said = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": pickle.dumps(Runs())}
    field = table.schema.field(0).with_metadata(said)
    table = table.cast(pa.schema([field, *list(table.schema)[1:]])).replace_schema_metadata({b"pandas": b'{"index_columns": ["__import__(\'os\')"]}'})
    pq.write_table(table, theirs / "worlds.parquet")
    assert Results.open(theirs).worlds()["world"].tolist() == list(range(150))
    assert not (tmp_path / "was_here").exists()


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b"", lambda b: b[:4] + b"x" * (len(b) // 2) + b[4 + len(b) // 2 :], None])
def test_a_part_that_is_damaged_or_gone_is_named_by_whoever_reads_it(theirs, call, damage):
    part = theirs / "series" / "part-00001.parquet"
    if damage is None:
        part.unlink()
    else:
        part.write_bytes(damage(part.read_bytes()))
    said = rf"^chokepoint: {part} (is missing|cannot be read, or is damaged); `chokepoint verify {theirs}` says what else is\n$"
    for words in (("compare", theirs, theirs), ("sensitivity", theirs, "--outcome", "flow")):
        code, out, err = call(*words)
        assert (code, out, bool(re.match(said, err))) == (1, "", True), err
    assert len(verify(theirs)) == 1


# Who wrote it


@pytest.fixture
def somebody(tmp_path, monkeypatch):
    """Somebody's home, as the place where one works."""
    home = tmp_path / "home" / "somebody-zq"
    (home / "work").mkdir(parents=True)
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-zq")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(socket, "gethostname", lambda: "host-of-zq")
    monkeypatch.chdir(home / "work")
    monkeypatch.setattr("sys.argv", ["chokepoint", "run", str(home / "work" / "mine.yaml"), f"--out={home}/out", "--set", f"prior={home}/p", "~/x"])
    return home


def test_a_results_folder_tells_nobody_who_made_it(somebody, call):
    (somebody / "work" / "mine.yaml").write_text("title: Mine\nextends: history\nprior: none\n", encoding="utf-8")
    code, _, err = call("run", somebody / "work" / "mine.yaml", "--worlds", 2, "--months", 14, "--jobs", 1, "--trace", 1, "--out", somebody / "out")
    assert code == 0, err
    (folder,) = (somebody / "out" / "mine").glob("[0-9]*")
    assert call("report", folder)[0] == 0
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert len(files) > 20
    for file in files:
        for word in ("somebody-zq", "host-of-zq", os.uname().nodename):
            assert len(word) < 6 or word.encode() not in file.read_bytes(), (file.name, word)
    assert read_manifest(folder)["command"] == ["chokepoint", "run", ".../mine.yaml", "--out=.../out", "--set", "prior=.../p", "~/x"]


def test_a_block_that_fails_tells_nobody_whose_disk_it_failed_on(somebody):
    folder = engine.prepare(fake_model.plan(10), somebody / "out")
    journal.append(folder, Report(0, 10, "failed", cause=f"OSError: {somebody}/é.csv", trace=f'File "{somebody}/venv/x.py"'))
    text = (folder / journal.JOURNAL).read_text(encoding="utf-8")
    assert "somebody-zq" not in text
    assert journal.read_journal(folder)[1][0].cause == "OSError: ~/é.csv"


def test_where_nobody_knows_whose_home_it_is_a_command_is_written_all_the_same(monkeypatch):
    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobody)
    assert provenance.command(["run", "mine.yaml", "/a/b"]) == ["run", "mine.yaml", ".../b"]
