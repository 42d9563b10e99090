"""A picture of a run: the same bytes each time, what it came from inside, no label on another, hostile names as text."""

import re
import struct
import zlib
from types import SimpleNamespace

import pytest

from sim.__main__ import main
from sim.batch.plan import Plan
from sim.batch.results import Results
from sim.views import plots
from sim.views.observed import observed

SMALL = ["--worlds", "6", "--months", "40", "--jobs", "1", "--quiet"]
HOSTILE = 'x $\\nosuch{$ </script><img onerror="alert(1)"> & \\n'


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run of history, and one of a scenario without the product rule and with a hostile title."""
    out = tmp_path_factory.mktemp("out")
    mine = out / "mine.yaml"
    mine.write_text(f"title: '{HOSTILE}'\nextends: no_fdpr\n")
    for scenario in ("history", str(mine)):
        assert main(["run", scenario, *SMALL, "--out", str(out)]) == 0
    return next((out / "history").iterdir()), next((out / "mine").iterdir())


@pytest.fixture
def call(capsys):
    def called(*words):
        code = main(["plot", *map(str, words)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return called


def texts_of_png(data):
    """The tEXt and iTXt chunks of a PNG, by keyword."""
    found, at = {}, 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + size]
        assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0]
        if kind in (b"tEXt", b"iTXt"):
            key, value = body.split(b"\0", 1)
            found[key.decode()] = value.decode()
        at += 12 + size
    return found


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_run_gives_the_same_bytes(runs, call, tmp_path, kind):
    for name in ("a", "b"):
        assert call(runs[0], "--outcome", "bans", "--to", tmp_path / f"{name}.{kind}")[0] == 0
    first = (tmp_path / f"a.{kind}").read_bytes()
    assert first == (tmp_path / f"b.{kind}").read_bytes()
    assert len(first) > 10_000


def test_where_it_came_from_is_inside(runs, call, tmp_path):
    digest = Results.open(runs[0]).manifest["digest"][:12]
    call(runs[0], "--outcome", "bans", "--to", tmp_path / "a.png")
    told = texts_of_png((tmp_path / "a.png").read_bytes())
    assert told["Title"] == "bans: history"
    assert told["Software"].startswith("Chokepoint ")
    for part in ("history", "6 worlds", "seed 2019", digest):
        assert part in told["Description"]
    call(runs[0], "--outcome", "bans", "--to", tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert digest in text
    assert "<dc:date>" not in text


def test_a_hostile_title_stays_text(runs, call, tmp_path):
    for kind in ("png", "svg"):
        assert call(*runs, "--outcome", "lost_sales", "--to", tmp_path / f"a.{kind}")[0] == 0
    assert "<img" not in (tmp_path / "a.svg").read_text(encoding="utf-8")


def drawn(folders, outcome, year_lines=False):
    import matplotlib

    found = [Results.open(folder) for folder in folders]
    with matplotlib.rc_context(plots._STYLE):
        return plots._figure(found, [plots._quantiles(run, outcome) for run in found], outcome, year_lines)


@pytest.mark.parametrize("outcome", ["bans", "revenue_carrier", "cost_of_delay", "lost_sales"])
@pytest.mark.parametrize("count", [1, 2])
def test_no_text_lies_on_another_or_outside(runs, outcome, count):
    figure = drawn(runs[:count], outcome)
    renderer = plots._agg(figure)
    figure.draw(renderer)
    (axes,) = figure.axes
    texts = [*figure.texts, *axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels(), axes.get_legend()]
    boxes = [t.get_window_extent(renderer) for t in texts]
    whole = figure.bbox
    for i, box in enumerate(boxes):
        assert whole.x0 <= box.x0
        assert box.x1 <= whole.x1
        assert whole.y0 <= box.y0
        assert box.y1 <= whole.y1
        for other in boxes[:i]:
            assert not box.overlaps(other)


def test_rules_are_marked_when_they_came_and_by_whom_they_are_had(runs):
    words = [t.get_text().strip() for t in drawn(runs, "bans").axes[0].texts]
    assert "Entity List, 2019-05" in words
    assert "rule in force (history only), 2020-09" in words
    assert len(words) == 4


def test_the_record_is_drawn_where_there_is_one_and_ends_with_it(runs):
    run = Results.open(runs[0])
    assert {one.last for one in observed(run, "bans")} == set(range(2, 36, 3))
    flows = observed(run, "revenue_carrier")
    assert [(one.first, one.last) for one in flows] == [(0, 11), (12, 23), (24, 35)]
    assert flows[0].value == pytest.approx(294 / 12)
    assert observed(run, "threat") == []
    assert "record" in [text.get_text() for text in drawn(runs[:1], "bans").axes[0].get_legend().get_texts()]


def test_another_case_has_no_record():
    run = SimpleNamespace(plan=Plan.of("second_firm"), manifest={"months": 40})
    assert observed(run, "bans") == []
    assert observed(SimpleNamespace(plan=Plan.of("history"), manifest={"months": 40}), "bans")


def test_the_band_holds_the_median_and_is_that_of_the_worlds(runs):
    run = Results.open(runs[0])
    band = plots._quantiles(run, "lost_sales")
    series = run.series("lost_sales").astype(float)
    assert band[2, 30] == pytest.approx(sorted(series[:, 30])[2] / 2 + sorted(series[:, 30])[3] / 2)
    assert (band[0] <= band[2]).all()
    assert (band[2] <= band[4]).all()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--outcome", "ban"], 'did you mean "bans"?'),
        (["--outcome", "bans", "--to", "bans.pdf"], "neither .png nor .svg"),
        (["--outcome", "bans", "--to", "bans"], "neither .png nor .svg"),
        ([], "--outcome"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_nothing_is_written(runs, call, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(runs[0], *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert list(tmp_path.iterdir()) == []
    assert call(tmp_path, "--outcome", "bans")[0] == 2


def test_without_matplotlib_it_says_how_to_get_it(runs, call, tmp_path, monkeypatch):
    import importlib.util

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    code, _, err = call(runs[0], "--outcome", "bans")
    assert code == 2
    assert re.search(r"pip install 'chokepoint\[plots\]'", err)
    assert list(tmp_path.iterdir()) == []
