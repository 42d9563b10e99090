"""`chokepoint report`: what the page holds, that texts stay texts, that it names its own script, that folders are enough."""

import base64
import csv
import hashlib
import html
import json
import re
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from report_runs import QUESTION, TITLE, hostile_pair, parts

from sim.__main__ import main
from sim.analysis.paired import compare
from sim.batch.audit import verify
from sim.batch.results import Results
from sim.outcomes import OUTCOMES
from sim.views.report import bundle, page, told
from sim.views.report.panel import Panel
from sim.views.report.question import Question
from sim.views.report.safe import json_text

ROOT = Path(__file__).parents[1]
ORDER = ["answer", "changed", "charts", "gained", "pictures", "drives", "trust", "numbers", "glossary", "again"]


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return hostile_pair(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def text(pair):
    assert main(["report", str(pair[1])]) == 0
    return (pair[1] / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def question(pair):
    return Question.of(pair[1])


class Tags(HTMLParser):
    """Tags with their attributes, and what stands in scripts, as a browser's parser splits them."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.inside = [], {"script": [], "style": [], "title": []}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in self.inside:
            self.inside[tag].append("")

    def handle_data(self, data):
        last = self.tags[-1][0] if self.tags else ""
        if last in self.inside:
            self.inside[last][-1] += data


def test_the_sections_come_in_the_order_of_the_questions_of_a_reader(text):
    found = re.findall(r"<section id=(\w+) ", text)
    assert found == ORDER
    assert re.findall(r"<h2 id=(\w+)-h>", text) == ORDER
    assert [href.removeprefix("#") for href in re.findall(r"<li><a href=(#\w+)>", text)] == ORDER


def test_texts_of_files_are_never_markup(text):
    tags = Tags(text)
    assert not [tag for tag, _ in tags.tags if tag in ("img", "iframe", "object", "embed", "link", "base", "form")]
    assert not [attrs for _, attrs in tags.tags if any(name.startswith("on") or name == "style" for name in attrs)]
    assert len(tags.inside["script"]) == 2
    assert f"<h1>{html.escape(TITLE, quote=True)}</h1>" in text
    assert html.escape(QUESTION, quote=True) in text
    assert "\u2028" not in tags.inside["script"][0]
    assert not re.search(r"[<>&]", tags.inside["script"][0])


def test_json_in_a_script_is_the_same_json():
    what = {"a": "</script><!--<script>", "b": "\u2028\u2029&", "c": [1, -2.5, None, True, "é"]}
    assert json.loads(json_text(what)) == what
    assert not re.search("[<>&\u2028\u2029]", json_text(what))
    with pytest.raises(ValueError, match="JSON"):
        json_text(float("nan"))


def test_the_policy_names_this_script_and_this_style_and_nothing_else(text):
    tags = Tags(text)
    rule = next(attrs["content"] for tag, attrs in tags.tags if attrs.get("http-equiv") == "Content-Security-Policy")

    def named(what):
        return f"'sha256-{base64.b64encode(hashlib.sha256(what.encode()).digest()).decode()}'"

    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]  # as a browser ends it
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    assert rule.split("; ")[:3] == ["default-src 'none'", f"script-src {named(script)}", f"style-src {named(style)}"]
    assert "\r" not in script
    assert "unsafe" not in rule
    head = text.index("Content-Security-Policy")
    assert head < text.index("<style>") < text.index("<script")


def test_nothing_in_the_page_points_out_of_it(text):
    assert not [attrs for _, attrs in Tags(text).tags if "src" in attrs or not attrs.get("href", "#").startswith("#")]
    assert not re.search(r"@import|url\(", bundle.style())


def test_the_interpreter_becomes_a_global_and_the_bundle_is_what_its_readme_names():
    made = bundle.interpreter()
    assert "globalThis.expressionInterpreter = expression;" in made
    assert "const { ascending, isString, DisallowedObjectProperties } = vega;" in made
    listed = (bundle.VENDOR / "README.md").read_text(encoding="utf-8")
    files = sorted(bundle.VENDOR.glob("*.js"))
    assert len(files) == 4
    for file in files:
        assert f"| {file.name} |" in listed
        assert hashlib.sha256(file.read_bytes()).hexdigest() in listed
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for name, version in re.findall(r"\| (vega[a-z-]*) ([\d.]+) \|", listed):
        assert re.search(f"{name} {version}", notice, re.IGNORECASE)
        assert (bundle.VENDOR / f"LICENSE.{name}").is_file()


def test_the_page_is_small_and_quick(pair):
    began = time.process_time()
    file = page.write_report(pair[1])
    assert time.process_time() - began < 10
    assert file.stat().st_size < 5_000_000


def test_the_run_stays_as_it_was_written(pair, text):
    assert "<!doctype html>" in text
    assert verify(pair[1]) == []
    assert "report.html" not in Results.open(pair[1]).manifest["files"]


def test_the_same_results_make_the_same_page(pair, text):
    assert page.page(Question.of(pair[1])) == text


@pytest.mark.slow
def test_the_folders_are_enough(pair, tmp_path):
    """Neither the model nor Mesa is touched, nor any scenario beside the folders."""
    code = (
        "import sys\n"
        "class Gone:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name.split('.')[0] in ('mesa', 'pandas') or name == 'sim.model':\n"
        "            raise ImportError(f'{name} is gone')\n"
        "sys.meta_path.insert(0, Gone())\n"
        "from sim.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    words = [sys.executable, "-c", code, "report", str(pair[1]), str(pair[0]), "--out", str(tmp_path / "there.html")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "there.html").stat().st_size > 500_000


def test_the_answer_is_three_sentences_that_the_comparison_gives(pair, question, text):
    found = compare(Results.open(pair[0]), Results.open(pair[1]))
    sentences = told.three(question)
    assert len(sentences) == 3
    first = question.outcomes[0]
    row = found.row(first)
    assert sentences[0].startswith(question.sentence(first))
    assert f"{row.verdict} in" in sentences[0] or "cannot say" in sentences[0] or "no change" in sentences[0]
    assert all(html.escape(s, quote=True) in text for s in sentences)
    unsure = [name for name in question.outcomes if found.row(name).verdict == "cannot say"]
    assert unsure
    assert "cannot say" in " ".join(sentences)


def test_the_base_is_found_beside_the_run_only_with_the_same_luck(pair, tmp_path):
    assert Question.of(pair[1]).base.folder.samefile(pair[0])
    assert Question.of(pair[0]).base is None
    assert main(["run", "history", "--worlds", "12", "--months", "36", "--seed", "7", "--quiet", "--jobs", "1", "--out", str(tmp_path)]) == 0
    assert main(["run", "history", "--worlds", "5", "--months", "36", "--quiet", "--jobs", "1", "--out", str(tmp_path)]) == 0
    other, fewer = sorted((tmp_path / "history").glob("0*"))
    for newer in (other, fewer):
        place = pair[0].parent / "002-newer"
        place.symlink_to(newer)
        try:
            assert Question.of(pair[1]).base.folder.samefile(pair[0])
        finally:
            place.unlink()
    assert main(["report", str(pair[1]), str(other), "--out", str(tmp_path / "x.html")]) == 2
    assert not (tmp_path / "x.html").exists()


def test_without_a_base_it_tells_of_the_run_alone(pair):
    question = Question.of(pair[0])
    text = page.page(question)
    assert "No base was given" in text
    assert len(told.three(question)) == 3
    assert re.findall(r"<section id=(\w+) ", text) == ORDER
    assert "median of the base" not in text


def test_a_loss_that_half_of_the_worlds_call_a_gain_is_none(pair, monkeypatch):
    question = Question.of(pair[0])
    mixed = np.array([[-1.0], [1.0]] * 6, np.float32)
    monkeypatch.setattr(Results, "series", lambda self, name: mixed)
    assert "cannot say whether up or down" in told.three(question)[0]
    monkeypatch.setattr(Results, "series", lambda self, name: np.abs(mixed))
    assert "cannot say" not in told.three(question)[0]


def test_it_says_how_to_do_it_again(pair, text):
    m = Results.open(pair[1]).manifest
    for what in (m["digest"], m["environment"]["code"], m["environment"]["chokepoint"], f"<dd>{m['seed']}</dd>"):
        assert what in text
    assert "chokepoint reproduce hostile/001-" in text


def test_the_glossary_has_a_source_for_every_word(text):
    with (ROOT / "sim" / "views" / "report" / "glossary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 25
    assert all(row[column].strip() for row in rows for column in ("term", "meaning", "source"))
    assert len({row["term"] for row in rows}) == len(rows)
    assert all(f"<dt>{html.escape(row['term'])}</dt>" in text for row in rows)
    for word in ("Intent to deny", "Presumption of denial", "FDPR", "De minimis", "Entity List"):
        assert word in {row["term"] for row in rows}


def test_every_chart_has_a_name_a_table_and_its_numbers_to_save(text):
    for key, part in parts(text).items():
        piece = next(p for p in text.split("<section class=panel ") if p.startswith(f'data-panel-key="{key}"'))
        assert f'data-panel="{key}"' in piece
        if part["spec"] is not None:
            assert "role=img aria-label=" in piece
            assert "<table" in piece


def test_a_panel_is_asked_for_the_run_and_its_base_and_may_stay_away(question, monkeypatch):
    asked = []

    def one(results, base):
        asked.append((results, base))
        return Panel("one", "<b>One</b>", "A & B.", data={"rows": [{"a": 1}]}, spec={"$schema": "x"}, script="panel.id;")

    monkeypatch.setattr(page, "PANELS", [one, lambda results, base: None])
    text = page.page(question)
    assert asked == [(question.results, question.base)]
    assert "&lt;b&gt;One&lt;/b&gt;" in text
    assert "A &amp; B." in text
    assert 'panelScripts["one"] = function (panel, view, data) {\npanel.id;\n};' in text
    assert text.index("Who gained and who lost</h2>") < text.index("&lt;b&gt;One") < text.index("What drives the result</h2>")
    monkeypatch.setattr(page, "PANELS", [one, one])
    with pytest.raises(ValueError, match='"one" is no key'):
        page.page(question)


@pytest.mark.parametrize("words, said", [
    (["nowhere"], "there is no such folder"),
    (["{run}", "--out", "{run}"], "is a folder; name a file"),
    (["{run}", "--out", "{run}/no/such/r.html"], "there is no folder"),
    (["{run}", "--out", "{run}/summary.csv"], "is a file of the run itself"),
])  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_written(pair, capsys, words, said):
    before = sorted(p for p in pair[0].rglob("*"))
    assert main(["report", *(word.replace("{run}", str(pair[0])) for word in words)]) == 2
    err = capsys.readouterr().err
    assert said in " ".join(err.split())
    assert sorted(p for p in pair[0].rglob("*")) == before
    assert verify(pair[0]) == []


@pytest.mark.slow
def test_a_run_of_one_world_and_few_months_has_a_page(tmp_path):
    assert main(["run", "history", "--worlds", "1", "--months", "8", "--quiet", "--jobs", "1", "--out", str(tmp_path)]) == 0
    (run,) = (tmp_path / "history").glob("0*")
    assert main(["report", str(run)]) == 0
    text = (run / "report.html").read_text(encoding="utf-8")
    assert "sum of the last 8 months" in text
    assert "othing varies in this run" in text


def test_a_run_that_keeps_few_outcomes_and_no_agents_has_a_page(tmp_path):
    words = ["--worlds", "12", "--months", "14", "--set", "rules.talks_mode=free", "--record", "outcomes", "--quiet", "--jobs", "1"]
    assert main(["run", "history", *words, "--out", str(tmp_path)]) == 0
    (run,) = (tmp_path / "history").glob("0*")
    assert main(["report", str(run)]) == 0
    text = (run / "report.html").read_text(encoding="utf-8")
    assert "The runs do not keep every agent in every world" in text
    assert "the record cannot judge them" in text
    assert len(OUTCOMES) > 50
