"""YAML is read as it looks, or refused with its line."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.refusal import InputError
from sim.scenario import read
from sim.shipped import SHIPPED
from sim.strict_yaml import DEEPEST, Plain, read_document, read_value, scalar


def document(tmp_path: Path, text: str | bytes) -> dict[str, Plain]:
    return read_document(written(tmp_path, text), "mine.yaml").data


def written(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "mine.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def refusal(tmp_path: Path, text: str | bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        document(tmp_path, text)
    return caught.value


def test_norway_is_a_country_not_a_boolean(tmp_path):
    assert document(tmp_path, "NO: NO\non: on\nyes: y") == {"NO": "NO", "on": "on", "yes": "y"}


@pytest.mark.parametrize(
    "text, value, reason",
    [
        ("12:30", "12:30", "no sexagesimal numbers"),
        ("1_000", "1_000", "no digit groups"),
        ("2019-05-16", "2019-05-16", "a date is text"),
        ("2019-05", "2019-05", "a month is text"),
        ("1e3", 1000.0, "a number without a point is a number"),
        ("-.5", -0.5, "a number may begin with its point"),
        ("+7", 7, "a sign is allowed"),
        ("0", 0, "a lone zero is no octal"),
        ("0x10", 16, "hexadecimal as in YAML 1.2"),
        ("0o17", 15, "octal as in YAML 1.2"),
        ("0.17", 0.17, "a leading zero before the point is plain"),
        ("true", True, "the core schema's boolean"),
        ("~", None, "the core schema's null"),
        ("=", "=", "no value keys"),
        ("1.2.3", "1.2.3", "a version is text"),
    ],
)
def test_scalars_follow_the_core_schema(text, value, reason):
    assert (scalar(text), type(scalar(text))) == (value, type(value)), reason


@pytest.mark.parametrize(
    "text", ["017", "-017", "00", "08", ".nan", ".NaN", ".inf", "-.INF", "1e999", "9" * 5000, "0x" + "f" * 5000]
)
def test_numbers_that_are_none_are_refused(text):
    with pytest.raises(ValueError, match=r"octal|finite|large|characters"):
        scalar(text)


def test_quotes_make_text(tmp_path):
    assert document(tmp_path, "a: \"017\"\nb: '.nan'\nc: 'true'") == {"a": "017", "b": ".nan", "c": "true"}


@pytest.mark.parametrize(
    "text, line, says",
    [
        ("", 1, "empty"),
        ("# only a comment\n", 1, "empty"),
        ("---\n...\n", 1, "empty"),
        ("\n\nhistory\n", 3, "single value"),
        ("- a\n- b\n", 1, "a list"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\nb: 2\na: 3\n", 3, "stands twice (first in line 1)"),
        ("a: 1\n1: 2\n", 2, "the key 1 is no text"),
        ("true: 1\n", 1, "is no text"),
        ("~: 1\n", 1, "empty key"),
        ("? [a, b]\n: 1\n", 1, "a key is a list or a mapping"),
        ("? {a: b}\n: 1\n", 1, "a key is a list or a mapping"),
        ("a: &x b\n*x : c\n", 2, "a key is an alias"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "tag"),
        ("a: 1\nb: !!binary aGk=\n", 2, "tag"),
        ("a: !!set {x, y}\n", 1, "tag"),
        ("a: !mine x\n", 1, "tag"),
        ("a: ! x\n", 1, "tag"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", 3, "merge keys"),
        ("a: &x [*x]\n", 1, "inside itself"),
        ("a: *x\n", 1, "no anchor"),
        ("a:\n\tb: 1\n", 2, "tab"),
        ("a:\n  \tb: 1\n", 2, "tab"),
        ("a: .nan\n", 1, "finite"),
        ("a: 1\nb: 017\n", 2, "octal"),
        ("a: " + "9" * 5000, 1, "characters"),
        ("a: [1\nb: 2\n", 2, "not YAML"),
        ("a: b: c\n", 1, "second colon"),
        ("a: @b\n", 1, "quotes"),
        ('a: "b\n', 2, "not YAML"),
        ("%YAML 9.9\n---\na: 1\n", 1, "not YAML"),
        ('a: 1\nb: "\\0"\n', 2, "control character"),
        ('a: "\\ud800"\n', 1, "not YAML"),
        ("a: \x07\n", 1, "may not stand"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(tmp_path, text, line, says):
    error = refusal(tmp_path, text)
    assert error.where == f"mine.yaml:{line}"
    assert says in error.what


@pytest.mark.parametrize(
    "content, where, says",
    [
        ("title: x".encode("utf-16"), "mine.yaml:1", "UTF-16"),
        ("title: x".encode("utf-16-le"), "mine.yaml:1", "UTF-16"),
        ("title: x".encode("utf-16-be"), "mine.yaml:1", "UTF-16"),
        (b"a: 1\nb: x\0y\n", "mine.yaml:2", "NUL"),
        (b"a: 1\r\nb: \xe9t\xe9\r\n", "mine.yaml:2", "not in UTF-8"),
        (b"a: 1\n" * 300_000, "mine.yaml", "1 MiB"),
    ],
)
def test_bytes_that_are_no_modest_utf8_text_are_refused(tmp_path, content, where, says):
    error = refusal(tmp_path, content)
    assert error.where == where
    assert says in error.what


def test_a_byte_order_mark_of_utf8_and_windows_line_ends_are_fine(tmp_path):
    assert document(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: 2\r\n") == {"a": 1, "b": 2}


def test_an_alias_is_written_out(tmp_path):
    assert document(tmp_path, "a: &x [1, 2]\nb: *x\n") == {"a": [1, 2], "b": [1, 2]}


@pytest.mark.parametrize(
    "text, says",
    [
        ("a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10)), "written out"),
        ("".join(f"a{i}: &x{i} 1\n" for i in range(101)), "anchors"),
        ("a: " + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "levels deep"),
        ("a: " + "[" * 100_000, "levels deep"),
        ("a: " + "{b: " * 100_000, "levels deep"),
        ("- " * 100_000, "levels deep"),
        ("a0: &a0 " + "[" * 30 + "]" * 30 + "\nb: &b " + "[" * 30 + "*a0" + "]" * 30, "aliases are written out"),
        ("".join(f"k{i}: 1\n" for i in range(90_000)), "values"),
    ],
    ids=["alias bomb", "anchors", "deep", "very deep list", "very deep mapping", "very deep items", "deep by alias", "many keys"],
)
def test_a_hostile_file_is_refused_at_once(tmp_path, text, says):
    error = refusal(tmp_path, text)
    assert says in error.what
    assert error.where.startswith("mine.yaml:")


def test_a_folder_a_pipe_a_device_and_nothing_are_each_refused_in_a_sentence(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    cases = [
        (tmp_path, "folder"),
        (tmp_path / "pipe.yaml", "pipe"),
        (Path("/dev/zero"), "device"),
        (tmp_path / "none.yaml", "no such file"),
        (tmp_path / "loop.yaml", "cannot be read"),
        (tmp_path / ("x" * 300), "cannot be read"),
        (Path("a\0b"), "cannot be read"),
    ]
    for path, says in cases:
        with pytest.raises(InputError, match=says) as caught:
            read_document(path)
        assert "\n" not in str(caught.value)


def test_every_value_knows_its_line(tmp_path):
    read_in = read_document(written(tmp_path, "a:\n  b: 1\n  c:\n    - 2\n    - d: 3\n"), "mine.yaml")
    assert [read_in.where(*keys) for keys in [("a", "b"), ("a", "c", 0), ("a", "c", 1, "d"), ("a", "c", 9), ("z",)]] == [
        f"mine.yaml:{line}" for line in (2, 4, 5, 3, 1)
    ]


def test_a_value_from_the_command_line_is_as_strict():
    assert read_value("{2019-07: 1e0}", "--set x") == {"2019-07": 1.0}
    assert read_value("NO", "--set x") == "NO"
    for text in ("017", "a: b: c", "[1", "!!int 3", "\udcff", "\x1b[31m"):
        with pytest.raises(InputError) as caught:
            read_value(text, "--set x")
        assert caught.value.where == "--set x"


HISTORY = (SHIPPED / "history.yaml").read_text(encoding="utf-8")
PIECES = ["\t", "\0", ":", ": ", "- ", "&a ", "*a", "!", "<<", "{", "}", "[", "]", "'", '"', "#", "\n", "  ", "|", ">", "%", "@"]
PIECES += ["\ufeff", "NO", "1e3", "017", ".nan", "1e308", "5e-324", "-1", "null", "true", "2020-13-40", "title", "run"]
PIECES += ["levers:\n", "extends: history\n"]


@pytest.mark.slow
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_scenario_reads_or_is_refused_with_its_line(tmp_path, data):
    text = HISTORY
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 12))
        put = data.draw(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)))
        text = text[:at] + put + text[at + gone :]
    file = written(tmp_path, text.encode("utf-8", "surrogatepass"))
    try:
        scenario, refused = read(str(file)), None
    except InputError as error:
        scenario, refused = None, error
    if scenario is not None:
        (tmp_path / "again.yaml").write_text(scenario.resolved(), encoding="utf-8")
        assert read(str(tmp_path / "again.yaml")) == scenario
    elif refused is not None:
        place, _, line = refused.where.rpartition(":")
        lines = 2 + sum(text.count(end) for end in "\n\r\x85\u2028\u2029")
        located = place == str(file) and 1 <= int(line) <= lines
        assert located, f"{refused} in {text!r}"
