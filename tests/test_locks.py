"""The locked versions fit what pyproject.toml asks for, and the pages name what it names."""

import re
import runpy
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = sorted((ROOT / ".ci").glob("*.txt"))
REQUIRED = [Requirement(line) for lines in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()) for line in lines]
REQUIRED = [one for one in REQUIRED if one.name != "chokepoint"]
LICENCES = runpy.run_path(str(ROOT / ".ci" / "licences.py"))


def locked(file):
    lines = file.read_text(encoding="utf-8").split()
    assert all(re.fullmatch(r"[\w.-]+==[\w.!+-]+", line) for line in lines), "exact versions and nothing else: no address, no option"
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}


@pytest.mark.parametrize("file", LOCKS, ids=lambda file: file.stem)
def test_a_lock_holds_each_package_in_a_version_that_is_allowed(file):
    versions = locked(file)
    assert [str(one) for one in REQUIRED if not one.specifier.contains(versions.get(canonicalize_name(one.name), "0"))] == []


def test_there_is_a_lock_for_each_python_that_ci_runs():
    told = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    run = {version for line in re.findall(r"^for version in (.*); do|^  fresh (3.*)$", told, re.MULTILINE) for part in line for version in part.split()}
    assert {f"lock-{version}" for version in run} == {file.stem for file in LOCKS if file.stem != "oldest"}
    listed = {line.rsplit(" ", 1)[1] for line in PROJECT["classifiers"] if "Python :: 3." in line}
    assert run == listed


def test_the_oldest_set_holds_the_lower_bounds_themselves():
    versions = locked(ROOT / ".ci" / "oldest.txt")
    bounds = {canonicalize_name(one.name): low.version for one in map(Requirement, PROJECT["dependencies"]) for low in one.specifier if low.operator == ">="}
    assert bounds
    assert [name for name, low in bounds.items() if not re.fullmatch(re.escape(low) + r"(\.0)*", versions[name])] == []


def test_the_page_of_licences_names_each_package_with_the_licence_that_it_states():
    written = LICENCES["written"]()
    assert [one.name for one in REQUIRED if canonicalize_name(one.name) not in written] == []
    known = [locked(file).items() for file in LOCKS if file.stem != "oldest"]  # of another version the page says nothing
    here = {name for name in written if any((name, installed(name)) in versions for versions in known)}
    assert {name: LICENCES["licence"](name) for name in here} == {name: written[name] for name in here}


def installed(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def test_what_is_bundled_has_its_licence_beside_it_and_on_every_page():
    from sim.views.report.bundle import VENDOR, notices

    bundles = [re.sub(r"(\.min)?\.js$", "", file.name) for file in VENDOR.glob("*.js")]
    assert len(bundles) == 4
    for name in [*bundles, "within"]:
        assert (VENDOR / f"LICENSE.{name}").read_text(encoding="utf-8").strip() in notices()
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert all(f"LICENSE.{name}" in notice for name in [*bundles, "within"])


def test_the_version_is_the_same_wherever_it_stands():
    from sim import __version__

    cited = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    assert {PROJECT["version"], cited[1]} == {__version__}
