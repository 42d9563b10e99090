"""A scenario that Python hands over is the one of a file, and one that no file could hold is refused."""

import dataclasses

import pytest

import sim
from sim.batch.plan import Plan
from sim.from_python import from_python
from sim.scenario import read, shipped

FEW = {"worlds": 2, "months": 22, "record": "outcomes"}


@pytest.mark.parametrize("name", shipped())
def test_a_scenario_handed_over_is_the_scenario_of_the_file(name):
    ours, theirs = from_python(read(name)), read(name)
    assert ours == theirs
    assert (ours.name, ours.case_folder, ours.files, ours.own) == (theirs.name, theirs.case_folder, theirs.files, theirs.own)
    assert ours.resolved() == theirs.resolved()


def test_a_scenario_may_be_changed_and_run(tmp_path):
    scenario = sim.scenario("history", {"firm.hurdle": 0.3})
    sooner = dataclasses.replace(scenario, levers=scenario.levers | {"authority.capacity": 56})
    sooner = dataclasses.replace(sooner, uncertainties={p: s for p, s in sooner.uncertainties.items() if p != "authority.capacity"}, name="a faster desk")
    ours = sim.run(sooner, **FEW, out=tmp_path)
    assert ours.digest == sim.run("history", **FEW, sets={"firm.hurdle": 0.3, "authority.capacity": 56}).digest
    assert ours.manifest["scenario"] == "a faster desk"
    more = Plan.of(scenario, ["authority.capacity=56"], **FEW)
    assert more.fingerprint() == ours.manifest["plan"] != Plan.of("history", **FEW).fingerprint()


@pytest.mark.parametrize(
    "change,said",
    [
        ({"levers": {"authority.capacty": 56.0}}, 'did you mean "authority.capacity"'), ({"constants": {"firm.hurdle": 7.0}}, "two sections .also line"), ({"constants": {"firm.steepness": -7.0}}, "must lie between"),
        ({"levers": {"authority.capacity": "56 files"}}, "what no scenario can hold"), ({"rules": {"vote": "all"}}, "variant"),
        ({"case": "no_case"}, None),
    ],
)  # fmt: skip
def test_a_scenario_that_no_file_could_hold_is_refused_and_nothing_written(change, said, tmp_path):
    wrong = dataclasses.replace(sim.scenario("history"), **change)
    if said is None:  # the tables are read from case_folder, wherever it is
        assert from_python(wrong).case == "no_case"
        return
    with pytest.raises(sim.InputError, match=said) as refused:
        sim.run(wrong, worlds=2, out=tmp_path)
    assert str(refused.value).startswith("the scenario history: ")
    assert not list(tmp_path.iterdir())


def test_a_scenario_with_a_case_of_its_own_can_be_handed_over():
    first = sim.run("history", **FEW)  # its case is the results folder's
    assert sim.run(first.scenario).digest == first.digest
