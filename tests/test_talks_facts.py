"""What the talks must show: the sign of each lever, and facts that go when their mechanism is switched off (MODEL 13 and 14).

Paired, free from January 2018 to the end of 2020, parameters anywhere in their ranges, stand-ins for losses and shortages.
"""

import functools

import numpy as np
import pytest
from talks_runs import anywhere, first, run, with_issue

from sim.rules import concession, tariffs

WORLDS = 400
OUTCOMES = (
    "zone",
    "deal",
    "first deal",
    "walk-outs",
    "tariff on target",
    "tariff on controller",
    "easing",
    "cost of delay",
    "kept",
)


def constant(value):
    return np.full(WORLDS, float(value))


def shifted(path, by):
    return lambda drawn: {path: drawn[path] + by}


def scaled(by, *paths):
    return lambda drawn: {path: drawn[path] * by for path in paths}


def held(**values):
    return lambda drawn: {path.replace("__", "."): constant(value) for path, value in values.items()}


NO_CHANGE = held()
# lever: what it changes in the parameters, in an issue of the case; then a sign an outcome, in the order of OUTCOMES.
# ~ is undetermined and not tested; 0: no world may differ; 0/+: not down.
LEVERS = {
    "licences not a chip": (held(talks__licences_not_a_chip=1), None, "- - + + ~ + - + -"),
    "no linkage": (held(talks__link=0), None, "- - + + + + - + -"),
    "hawkish controller +.2": (shifted("government.USA.hawk", 0.2), None, "- - + + + + - + -"),
    "hawkish target +.2": (shifted("government.CHN.hawk", 0.2), None, "- - + + ~ + - ~ -"),
    "election worth +3": (shifted("talks.w_election", 3), None, "+ + - - - ~ + - +"),
    "purchases worth +3": (NO_CHANGE, ("purchases", {"worth0": 3}), "+ + - - - + ~ - +"),
    "unmet need worth x2": (NO_CHANGE, ("licences", {"worth_slope": 24}), "+ + - - ~ - + + +"),
    "delisting on, cost 5": (held(talks__delisting_on=1), ("delisting", {"cost0": 5}), "+ + - - + - ~ ~ +"),
    "own tariffs cheap to give up": (held(talks__us_tariffs__cost=0.5), None, "+ + - - - - - - +"),
    "patience x1.5": (scaled(1.5, "talks.patience"), None, "+ - + + ~ ~ ~ + -"),
    "both concede earlier": (scaled(2, "talks.beta_controller", "talks.beta_target"), None, "~ + - - - - + ~ +"),
    "walk-out chance x2": (scaled(2, "talks.break_chance"), None, "~ - + + + + - ~ -"),
    "talks open x2": (scaled(2, "talks.open"), None, "- + - + - - + ~ +"),
    "controller threatens x1.5": (scaled(1.5, "talks.escalation"), None, "~ ~ ~ + + + ~ + ~"),
    "threats not believed": (held(talks__believe=0), None, "- - + ~ ~ + ~ ~ -"),
    "threats carried out .9 -> .5": (held(talks__resolve=0.5), None, "~ ~ + - - - - - ~"),
    "target matches x1.3": (scaled(1.3, "talks.matching"), None, "+ ~ - ~ - + ~ + ~"),
    "no other retaliation": (held(talks__other_retaliation=0, talks__retaliation_to_control=0), None, "- - + ~ + ~ - - ~"),
    "ceiling -8 points": (shifted("talks.ceiling", -8), None, "- - + ~ - - - - -"),
    "offers remembered .9": (held(talks__keep=0.9), None, "~ + - ~ ~ ~ ~ - +"),
    "purchases kept +.2": (shifted("talks.kept_share", 0.2), None, "0/+ 0 0 0 0 0 0/+ 0 +"),
}
CASES = [
    (lever, outcome, sign)
    for lever, (_, _, signs) in LEVERS.items()
    for outcome, sign in zip(OUTCOMES, signs.split(), strict=True)
    if sign != "~"
]

# Signs that the rules do not show here, with the figure measured: mean change, share of the differing worlds in which it goes
# up, share of worlds that differ. Kept in the open; a miss that mends must leave this list.
MISSES = {
    ("hawkish target +.2", "deal"): "mean -.087, up in .03 of the .092 that differ",
    ("election worth +3", "deal"): "mean +.068, up in 1.00 of the .068 that differ",
    ("purchases worth +3", "deal"): "mean +.052, up in .86 of the .072 that differ",
    ("purchases worth +3", "tariff on controller"): "mean -.058, up in .56 of the .228 that differ",
    ("unmet need worth x2", "deal"): "mean +.087, up in 1.00 of the .087 that differ",
    ("delisting on, cost 5", "zone"): "mean +.055, up in .49 of the .605 that differ",
    ("delisting on, cost 5", "deal"): "mean +.043, up in .81 of the .068 that differ",
    ("controller threatens x1.5", "walk-outs"): "mean +.150, up in .65 (.647) of the .333 that differ",
    ("threats not believed", "deal"): "mean -.072, up in .03 of the .077 that differ",
    ("target matches x1.3", "first deal"): "mean -.155, up in .17 of the .060 that differ",
    # Trust learns from what is kept, and makes the next deal's purchases worth more: a few worlds sign a second deal otherwise.
    ("purchases kept +.2", "tariff on target"): "mean -.009, up in 0 of the .015 that differ",
    ("purchases kept +.2", "tariff on controller"): "mean +.000, up in 1.00 of the .003 that differ",
    ("purchases kept +.2", "cost of delay"): "mean +.000, up in 1.00 of the .003 that differ",
}


def outcomes(history):
    """Each outcome at the end of 2020, one number a world."""
    h = {name: values[..., 0, :] for name, values in history.items()}
    return {
        "zone": h["zone"].sum(axis=0) * 1.0, "deal": h["signed"].any(axis=0) * 1.0, "first deal": first(h["signed"]) * 1.0,
        "walk-outs": h["walked_out"].sum(axis=0) * 1.0, "tariff on target": h["tariff_on_target"][-1],
        "tariff on controller": h["tariff_on_controller"][-1], "easing": h["bargain"].mean(axis=0),
        "cost of delay": h["delay"][-1],
        "kept": h["kept"].sum(axis=0) / 12,
    }  # fmt: skip


@functools.cache
def base(lever: str):
    drawn = anywhere(WORLDS)
    return drawn | ({"talks.resolve": constant(0.9)} if lever == "threats carried out .9 -> .5" else {})


@functools.cache
def usual(resolve_held: bool):
    return outcomes(run(base("threats carried out .9 -> .5" if resolve_held else ""))[1])


@functools.cache
def moved(lever: str):
    change, issue, _ = LEVERS[lever]
    drawn = base(lever)
    case = {"case": with_issue(issue[0], **issue[1])} if issue else {}
    after, before = outcomes(run(drawn | change(drawn), **case)[1]), usual(lever == "threats carried out .9 -> .5")
    return {name: after[name] - before[name] for name in OUTCOMES}


def holds(sign: str, change: np.ndarray) -> tuple[bool, str]:
    """The criterion of MODEL 13: in the mean, in 65 % of the worlds that differ, and at least 10 % must differ."""
    differ = np.abs(change) > 1e-9
    up = float((change[differ] > 0).mean()) if differ.any() else 0.5
    figure = f"mean {change.mean():+.3f}, up in {up:.2f} of the {differ.mean():.3f} that differ"
    if sign == "0":
        return not differ.any(), figure
    if sign == "0/+":
        return bool(change.mean() >= 0), figure
    rising = change.mean() * (1 if sign == "+" else -1) > 0
    return bool(rising and (up if sign == "+" else 1 - up) >= 0.65 and differ.mean() >= 0.1), figure


@pytest.mark.parametrize("lever, outcome, sign", CASES)
def test_each_lever_moves_the_talks_as_it_should(lever, outcome, sign):
    ok, figure = holds(sign, moved(lever)[outcome])
    if (lever, outcome) in MISSES:
        assert not ok, f"{lever} on {outcome}: {figure}; no miss any more, take it off the list"
    else:
        assert ok, f"{lever} on {outcome} should be {sign}: {figure}"


def only(history, name):
    return history[name][:, 0]


@functools.cache
def facts_at(**changes):
    return run(anywhere(WORLDS) | {path.replace("__", "."): constant(value) for path, value in changes.items()})[1]


@functools.cache
def facts_under(protocol):
    return run(anywhere(WORLDS), protocol=protocol)[1]


def walk_out_then_deal(h):
    signed, left = only(h, "signed"), only(h, "walked_out")
    return float((signed & (np.cumsum(left, axis=0) - left > 0)).any(axis=0).mean())


def months_of_a_spell(h):
    ended = only(h, "signed") | only(h, "walked_out")
    return float(only(h, "spell")[ended].mean())


def zone_at_the_walk_out(h):
    return float(only(h, "zone")[only(h, "walked_out")].mean())


def matching(h, first_month, end):
    """Median over worlds of the target's points for a point, over the acts of these months."""
    acted = only(h, "acted")[first_month:end]

    def rise(name):
        return np.where(acted, np.diff(only(h, name), axis=0, prepend=0)[first_month:end], 0).sum(axis=0)

    by_controller, by_target = rise("added_on_target"), rise("added_on_controller")
    some = by_controller > 0
    return float(np.median(by_target[some] / by_controller[some]))


def easing(h):
    """Mean bargain since the listing: in months of talks, under a deal, otherwise."""
    bargain, talked = only(h, "bargain")[16:], only(h, "talked")[16:]
    deal = (only(h, "deal")[16:] > 0) & ~talked
    return [float(bargain[where].mean()) for where in (talked, deal, ~talked & ~deal)]


def given(h, issue):
    return float(h["given"][:, issue, 0][only(h, "signed")].mean())


def share_of_points_given_back(h):
    before = np.concatenate([np.zeros((1, WORLDS)), only(h, "added_on_target")[:-1]])
    signed = only(h, "signed")
    return float((before * h["given"][:, 1, 0])[signed].sum() / before[signed].sum())


def talks_before_the_first_act(h):
    return float((first(only(h, "opened")) < first(only(h, "acted"))).mean())


def acts_at_walk_outs(h):
    return float((only(h, "acted") & only(h, "walked_out")).sum() / only(h, "acted").sum())


def top_tariff(h):
    return float(np.percentile(only(h, "tariff_on_target")[-1], 95))


@pytest.mark.parametrize(
    "figure, switched, stated, then",
    [
        pytest.param(
            walk_out_then_deal,
            lambda: facts_at(talks__break_chance=0, talks__patience=30),
            0.49,
            0,
            id="T15 a walk-out, then a deal",
        ),
        pytest.param(months_of_a_spell, lambda: facts_under("nash"), 4.2, 1.0, id="T15b a spell lasts months"),
        pytest.param(zone_at_the_walk_out, lambda: facts_under("nash"), 0.46, 0.04, id="T15c talks break though both would gain"),
        pytest.param(
            lambda h: matching(h, 0, 12), lambda: facts_at(talks__cap_target=1e9), 1.14, 1.35, id="T16 matching in 2018"
        ),
        pytest.param(lambda h: matching(h, 12, 36), lambda: facts_at(talks__cap_target=1e9), 0.24, 1.35, id="T16 matching later"),
        pytest.param(
            lambda h: float(only(h, "restriction")[-1].mean()),
            lambda: facts_at(talks__other_retaliation=0, talks__retaliation_to_control=0),
            0.12,
            0,
            id="T16b other retaliation",
        ),
        pytest.param(lambda h: easing(h)[0], lambda: facts_at(talks__licences_not_a_chip=1), 0.25, 0, id="T17 easing in truces"),
        pytest.param(
            lambda h: easing(h)[1], lambda: facts_at(talks__licences_not_a_chip=1), 0.19, 0, id="T17 easing after a deal"
        ),
        pytest.param(
            lambda h: easing(h)[0] - easing(h)[2],
            lambda: facts_at(talks__licences_not_a_chip=1),
            0.23,
            0,
            id="T17 more than otherwise",
        ),
        pytest.param(
            share_of_points_given_back, lambda: facts_at(talks__us_tariffs__cost=0.5), 0.20, 0.85, id="T17b most tariffs stand"
        ),
        pytest.param(lambda h: given(h, 4), lambda: facts_at(talks__link=0), 0.01, 0.39, id="T17c rules stay open"),
        pytest.param(lambda h: given(h, 3), lambda: facts_at(talks__link=0), 0.81, 0.39, id="T17c purchases are traded"),
        pytest.param(acts_at_walk_outs, lambda: facts_at(talks__longest_lead=0), 0.21, 0, id="T17e a walk-out brings a tariff"),
    ],
)
def test_a_fact_goes_with_its_mechanism(figure, switched, stated, then):
    """On the base side of the midpoint between the two stated figures, and beyond it with the mechanism off."""
    with_it, without = figure(facts_at()), figure(switched())
    middle, side = (stated + then) / 2, np.sign(stated - then)
    assert (with_it - middle) * side > 0, f"{with_it:.3f}, stated {stated}"
    assert (without - middle) * side < 0, f"{without:.3f} without it, stated {then}"


def test_t17d_talks_follow_blows(monkeypatch):
    before = talks_before_the_first_act(facts_at())
    monkeypatch.setattr(
        concession, "opening_chance", lambda agenda, rate, harm: np.minimum(agenda, 1) * (1 - np.exp(-rate * 25)) + 0 * harm
    )
    blind = talks_before_the_first_act(run(anywhere(WORLDS))[1])
    assert before < 0.335 < blind, (before, blind)


def test_t17f_tariffs_level_off_below_a_ceiling(monkeypatch):
    usual = facts_at()
    assert only(usual, "tariff_on_target").max() <= 33
    monkeypatch.setattr(
        tariffs, "threatened", lambda rung, ceiling, tariff: np.where(rung < 0.2, 1.5, np.where(rung < 0.3, 4, 8)) + 0 * tariff
    )
    endless = run(anywhere(WORLDS) | {"talks.ceiling": constant(1e6)})[1]
    assert top_tariff(usual) < 34 < top_tariff(endless), (top_tariff(usual), top_tariff(endless))
    assert only(endless, "tariff_on_target").max() > 45
