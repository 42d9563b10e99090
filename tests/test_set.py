"""`--set path=value` reaches what it names, and is refused by its own words."""

import pytest

from sim.refusal import InputError
from sim.scenario import read
from sim.uncertainty import OneOf


def test_set_reaches_levers_constants_uncertainties_rules_and_the_run():
    sets = ["vendor.stockpile=0", "belief.ease=0.2", "law.tgl=0.5", "belief.mean0=[0.1, 0.2]"]
    scenario = read("history", [*sets, "rules.vote=chair", "run.worlds=50", "run.seed=0"])
    assert scenario.levers == {"vendor.stockpile": 0, "law.tgl": 0.5}
    assert scenario.constants == {"belief.ease": 0.2}
    assert "belief.ease" not in scenario.uncertainties
    assert scenario.uncertainties["belief.mean0"] == OneOf((0.1, 0.2))
    assert (scenario.rules["vote"], scenario.run.worlds, scenario.run.seed) == ("chair", 50, 0)


@pytest.mark.parametrize(
    "text, says",
    [
        ("vendor.stockpile", "path=value"),
        ("=1", "path=value"),
        ("vendor.stockpile=", "path=value"),
        ("vendor.stockpil=1", 'did you mean "vendor.stockpile"'),
        ("run.wolrds=5", 'did you mean "worlds"'),
        ("wolrds=5", "no parameter"),
        ("vendor.stockpile=2", "between 0 and 1"),
        ("vendor.stockpile=NO", "write a number"),
        ("vendor.stockpile=1e", "write a number"),
        ("vendor.stockpile=017", "octal"),
        ("vendor.stockpile=.nan", "finite"),
        ("vendor.stockpile=[1", "not YAML"),
        ("law.tgl=[1]", "drop what"),
        ("lines.per_group=[6, 7]", "same in all worlds"),
        ("rules.vote=dictator", "no variant"),
        ("run.seed=-1", "between 0"),
        ("title=x", "no parameter"),
        ("belief.ease=\x1b[31m", "control character"),
        ("belief.ease=\udcff", "control character"),
    ],
)
def test_a_wrong_set_is_refused_by_its_own_words(text, says):
    with pytest.raises(InputError) as caught:
        read("history", [text])
    assert caught.value.where.startswith("--set ")
    assert says in caught.value.what
    assert str(caught.value).isprintable()


def test_setting_a_path_twice_is_refused():
    with pytest.raises(InputError, match="set twice"):
        read("history", ["run.worlds=5", "run.worlds=6"])
