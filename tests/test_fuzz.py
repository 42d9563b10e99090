"""Files that were damaged on the way: whatever happened to them, they are read, or refused by name and line, and soon.

The same damage is done each time; a failure prints the file.
"""

import contextlib
import re
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from sim.batch.plan import Plan
from sim.batch.sample import columns_of, drawn
from sim.case import read_case, shipped_case
from sim.model import simulate
from sim.refusal import InputError
from sim.scenario import read, shipped
from sim.shipped import SHIPPED
from sim.worlds import Worlds

ALWAYS_THE_SAME = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
SECONDS = 20  # after which it counts as hanging, on however slow a machine
HOSTILE = (
    "NO", "on", "12:30", "1e3", "017", "1_000", ".nan", ".inf", "-.inf", "2020-13-40", "9" * 5000, "''", '""', "[]", "{}", "'", '"', "~", "true",
    "[1, [2, [3]]]", "{a: {b: c}}", "1e308", "5e-324", "-1", "!!python/object/apply:os.system [ls]", "!!binary aGk=", "*a", "&a b", "|", ">", "- a",
    "../../etc/passwd", "/dev/zero", "https://example.org/x.yaml", "x" * 3000, "\u202e", "\ufeff", "\u2028",
)  # fmt: skip
PIECES = st.one_of(st.sampled_from(["\t", "\0", ":", ": ", "- ", "{", "}", "[", "]", "'", '"', "#", "\n", "  ", "%", "@", "?", ",", "\r", "é"]), st.text(max_size=3))


@contextlib.contextmanager
def soon():
    def late(*_):
        raise TimeoutError(f"it took longer than {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def refusal(do):
    """How something was refused, and None if it was not. Nothing else may come of it, and that soon."""
    try:
        with soon():
            do()
    except InputError as refused:
        return refused
    return None


def changed(draw, lines):
    """The lines of a file with one of them deleted, doubled, moved, indented, misspelt, or given another value or word."""
    lines = list(lines) or [""]
    at, other = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
    line = lines[at]
    match draw(st.sampled_from(["delete", "double", "swap", "indent", "outdent", "tab", "misspell", "value", "word", "word", "put", "take", "section"])):
        case "delete":
            del lines[at]
        case "double":
            lines.insert(other, line)
        case "swap":
            lines[at], lines[other] = lines[other], line
        case "indent":
            lines[at] = " " * draw(st.integers(1, 5)) + line
        case "outdent":
            lines[at] = line[draw(st.integers(1, 3)) :]
        case "tab":
            lines[at] = "\t" + line
        case "misspell":
            name = re.match(r"[\s-]*[\w.]+", line)
            cut = draw(st.integers(0, name.end() - 1)) if name else 0
            lines[at] = line[:cut] + draw(st.sampled_from(["", "x", line[cut + 1 : cut + 2]])) + line[cut + 1 :]
        case "value":
            key, colon, _ = line.partition(":")
            lines[at] = f"{key}{colon or ':'} {draw(st.sampled_from(HOSTILE))}"
        case "word":
            words = list(re.finditer(r"[\w.-]+", line))
            if words:
                word = draw(st.sampled_from(words))
                lines[at] = line[: word.start()] + draw(st.sampled_from(HOSTILE)) + line[word.end() :]
        case "put":
            cut = draw(st.integers(0, len(line)))
            lines[at] = line[:cut] + draw(PIECES) + line[cut:]
        case "take":
            cut = draw(st.integers(0, len(line)))
            lines[at] = line[:cut] + line[cut + draw(st.integers(1, 9)) :]
        case "section":
            end = next((i for i in range(at + 1, len(lines)) if lines[i][:1].strip()), len(lines))
            part = lines[at:end]
            del lines[at:end]
            place = draw(st.integers(0, len(lines)))
            lines[place:place] = part
    return lines


@st.composite
def mutations(draw):
    """A shipped scenario's text with one to three changes."""
    lines = (SHIPPED / f"{draw(st.sampled_from(shipped()))}.yaml").read_text(encoding="utf-8").split("\n")
    lines = [line for line in lines if not line.startswith("#")]  # where no slip matters
    for _ in range(draw(st.integers(1, 3))):
        lines = changed(draw, lines)
    return "\n".join(lines)


def reads_or_is_refused(folder, text, run):
    note(text)
    file = folder / "mine.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    refused = refusal(lambda: Plan.of(str(file)))
    if refused is not None:
        place, _, line = refused.where.rpartition(":")
        assert place == str(file), refused
        assert 1 <= int(line) <= 2 + sum(text.count(end) for end in "\n\r\x85\u2028\u2029"), refused
        assert "\n" not in str(refused)
        assert len(str(refused)) < 2000, refused
    elif run:
        plan, world = Plan.of(str(file), months=8), Worlds.range(0, 1)
        with soon():
            block = simulate(plan.scenario, plan.case, world, plan.values(world), check=True)
        assert max(block.discrepancies.values()) < 1e-9


@settings(ALWAYS_THE_SAME, max_examples=200)
@given(text=mutations(), run=st.sampled_from([False] * 19 + [True]))
def test_a_scenario_with_a_slip_reads_or_is_refused_with_its_line(tmp_path, text, run):
    reads_or_is_refused(tmp_path, text, run)


@pytest.mark.slow
@settings(ALWAYS_THE_SAME, max_examples=2500)
@given(text=mutations(), run=st.sampled_from([False] * 9 + [True]))
def test_two_thousand_slips_and_more_are_read_or_refused_with_their_line(tmp_path, text, run):
    reads_or_is_refused(tmp_path, text, run)


def damaged(draw, data):
    """Bytes with one to four of them, or of their runs, flipped, put in, taken out, zeroed, doubled or cut off; or in another encoding."""
    for _ in range(draw(st.integers(1, 4))):
        at, length = draw(st.integers(0, len(data))), draw(st.integers(1, 40))
        match draw(st.sampled_from(["flip", "flip", "put", "take", "zero", "double", "cut", "noise", "recode"])):
            case "flip" if at < len(data):
                data = data[:at] + bytes([data[at] ^ (1 << draw(st.integers(0, 7)))]) + data[at + 1 :]
            case "put":
                data = data[:at] + draw(st.binary(min_size=1, max_size=8)) + data[at:]
            case "take":
                data = data[:at] + data[at + length :]
            case "zero":
                data = data[:at] + bytes(min(length, len(data) - at)) + data[at + length :]
            case "double":
                data = data[:at] + data[at : at + length] * draw(st.integers(2, 50)) + data[at + length :]
            case "cut":
                data = data[:at]
            case "noise":
                data = data[:at] + draw(st.binary(min_size=length, max_size=length)) + data[at + length :]
            case "recode":
                code = draw(st.sampled_from(["utf-16", "utf-16-le", "utf-32", "latin-1", "utf-8-sig"]))
                data = data.decode("utf-8", "replace").encode(code, "replace")
    return data


@pytest.mark.slow
@settings(ALWAYS_THE_SAME, max_examples=1500)
@given(data=st.data())
def test_a_scenario_of_damaged_bytes_is_read_or_refused_by_name(tmp_path, data):
    name = data.draw(st.sampled_from(shipped()))
    content = damaged(data.draw, (SHIPPED / f"{name}.yaml").read_bytes())
    note(repr(content))
    file = tmp_path / "mine.yaml"
    file.write_bytes(content)
    refused = refusal(lambda: read(str(file)))
    assert refused is None or refused.where.startswith(str(file)), refused


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """A copy of the smallest shipped case."""
    return Path(shutil.copytree(shipped_case("second_firm"), tmp_path_factory.mktemp("case") / "mine"))


@pytest.mark.slow
@settings(ALWAYS_THE_SAME, max_examples=1000)
@given(data=st.data())
def test_a_case_of_damaged_bytes_is_read_or_refused_by_table(case, data):
    table = data.draw(st.sampled_from(sorted(file.name for file in case.glob("*.csv"))))
    whole = (case / table).read_bytes()
    content = damaged(data.draw, whole)
    note(f"{table}: {content!r}")
    (case / table).write_bytes(content)
    try:
        refused = refusal(lambda: read_case(case))
    finally:
        (case / table).write_bytes(whole)
    assert refused is None or re.match(r"[a-z0-9_]+\.csv", refused.where), refused
    assert "\n" not in str(refused)


SAMPLE = shipped_case("huawei") / "posterior.parquet"


@pytest.mark.slow
@settings(ALWAYS_THE_SAME, max_examples=300)
@given(data=st.data())
def test_a_sample_of_damaged_bytes_is_the_same_sample_or_refused_by_name(tmp_path, data):
    whole = SAMPLE.read_bytes()
    kept = data.draw(st.sampled_from([0, len(whole) - 60_000]))  # nothing, or all but the end, where it says what it is
    content = whole[:kept] + damaged(data.draw, whole[kept:])
    file, scenario = tmp_path / "mine.parquet", tmp_path / "mine.yaml"
    file.write_bytes(content)
    scenario.write_text("title: x\nextends: history\nprior: mine.parquet\n", encoding="utf-8")
    read_at_all = []

    def reads():
        prior = read(str(scenario)).prior
        columns_of.cache_clear()
        read_at_all.append(set(drawn(prior, 2019, np.arange(5))) == {*prior.taken})

    refused = refusal(reads)
    assert all(read_at_all) if refused is None else refused.where in (f"{scenario}:3", str(file)), refused
    assert "\n" not in str(refused)
