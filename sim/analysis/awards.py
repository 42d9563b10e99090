"""Carriers' awards on record, left out country by country: the rule on dropping restricted vendors against simpler ones."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from sim.analysis import logit
from sim.analysis.markdown import table
from sim.analysis.on_record import OnRecord
from sim.case import Case
from sim.exchanges.operators import Operators, Vendors
from sim.from_record import AWARDS, ENDS, rows
from sim.months import month_of
from sim.parameters import PARAMETERS
from sim.worlds import Index, Mask, Numbers

CERTAIN = 0.99  # a rule that is sure cannot be scored by its logarithm when the record once says "in part"
PENALTY = 0.5  # gives back the shipped estimates and their errors to within half of one
DROPPED = {"0": 1.0, "p": 0.5, "1": 0.0}  # by what the record says of restricted vendors in the award


@dataclass(frozen=True)
class Awards:
    """A row an award. dropped: 1 where restricted vendors were left out, .5 in part; country: number of the home government

    has: they built a part of the 4G; share4g: by vendor; at_home: the vendor's home is the carrier's; level: 0 to 3 at that month
    """

    vendors: Vendors
    dropped: Numbers
    country: Index
    has: Numbers
    log_users: Numbers
    users: Numbers
    belief: Numbers
    level: Numbers
    supply: Numbers
    share4g: Numbers
    at_home: Numbers

    @classmethod
    def of(cls, case: Case, record: OnRecord) -> "Awards":
        vendors = Vendors(case)
        o = Operators(case, vendors)
        names = list(case["carriers"]["carrier"])
        held = [row for row in rows(AWARDS) if month_of(row["award_date"]) <= month_of(ENDS)]
        who = np.array([names.index(row["carrier"]) for row in held])
        month = np.array([max(month_of(row["award_date"]), 0) for row in held])
        at = o.government[who]
        return cls(
            vendors, np.array([DROPPED[row["prc_in_5g_ran(0/1/p)"]] for row in held]), at, o.has[who],
            np.log(o.users[who] + PARAMETERS["procurement.users_offset"].value), o.users[who],
            record.belief[month, at], record.level[month + 1, at], record.supply[month], o.share4g[who], o.at_home[who],
        )  # fmt: skip

    def columns(self, *which: Numbers) -> Numbers:
        return np.column_stack([np.ones(len(self.dropped)), *which])

    @property
    def of_rule(self) -> Numbers:
        return self.columns(self.has, self.belief, self.level / 3, self.supply, self.log_users)


@dataclass(frozen=True)
class Scores:
    """Log score in sample and with each country left out; nearer to 0 is better."""

    inside: float
    left_out: float


def scores(awards: Awards) -> dict[str, Scores]:
    """The rule and its rivals."""
    excluded, built = awards.level >= 3, np.array([sum(row[awards.vendors.restricted]) for row in awards.share4g])
    found = {"rule": _by_logit(awards, awards.of_rule, certain=excluded, penalty=PENALTY)}
    plain = {
        "level at home alone": awards.columns(awards.level / 3),
        "share of 4G and level": awards.columns(built, awards.level / 3),
    }
    found |= {name: _by_logit(awards, x) for name, x in plain.items()}
    found["one choice among vendors, with a risk"] = _by_choice(awards)
    found["base rate of the other countries"] = _by_logit(awards, awards.columns())
    return found


def estimates(awards: Awards) -> logit.Logit:
    """The rule's weights from all awards, in the order of carriers_fit.csv: intercept, has, belief, level, supply, users."""
    return logit.fit(awards.of_rule, awards.dropped, PENALTY)


def _score(awards: Awards, inside: Numbers, out: Numbers) -> Scores:
    return Scores(logit.log_score(awards.dropped, inside), logit.log_score(awards.dropped, out))


def _by_logit(awards: Awards, x: Numbers, certain: Mask | None = None, penalty: float = 0.0) -> Scores:
    sure: Mask = np.zeros(len(x), bool) if certain is None else certain
    inside = logit.fit(x, awards.dropped, penalty).chance(x)
    out = logit.left_out(x, awards.dropped, awards.country, penalty)
    return _score(awards, np.where(sure, CERTAIN, inside), np.where(sure, CERTAIN, out))


def _by_choice(awards: Awards) -> Scores:
    """One choice among all vendors: lock-in by the old network, and a risk of a ban that makes restricted ones worth less."""
    chance = _nobody_restricted_wins(awards)
    risk = awards.columns(awards.belief, awards.level / 3, awards.supply)

    def fitted(rows_: Mask) -> Numbers:
        def loss(weights: Numbers) -> float:
            return -logit.log_score(awards.dropped[rows_], chance(risk @ weights)[rows_])

        return np.asarray(minimize(loss, np.zeros(risk.shape[1]), method="BFGS", options={"maxiter": 30, "gtol": 1e-3}).x)

    inside = chance(risk @ fitted(np.ones(len(risk), bool)))
    out = np.zeros(len(risk))
    for country in np.unique(awards.country):
        left = awards.country == country
        out[left] = chance(risk @ fitted(~left))[left]
    return _score(awards, inside, out)


def _nobody_restricted_wins(awards: Awards) -> Callable[[Numbers], Numbers]:
    """The chance that one to three winners, drawn one after the other by their worth, are all unrestricted, for a given risk."""

    def default(name: str) -> float:
        return PARAMETERS[f"procurement.{name}"].value

    v = awards.vendors
    old = ~v.newcomer
    worth = np.exp(v.taste + default("w_share4g") * np.sqrt(awards.share4g) + default("w_home") * awards.at_home)[:, old]
    restricted = v.restricted[old]
    others = worth[:, ~restricted].T
    theirs = worth[:, restricted].sum(axis=1)
    more = expit(default("number_intercept") + default("number_users") * np.log(awards.users))
    number = (1 - more) ** 2, 2 * more * (1 - more), more**2

    def chance(risk: Numbers) -> Numbers:
        left = theirs * np.exp(-np.clip(risk, -30, 30)) + others.sum(axis=0)
        one = two = three = np.zeros(len(left))
        for i, a in enumerate(others):
            first = a / left
            one = one + first
            for j, b in enumerate(others):
                second = first * b / (left - a) if j != i else np.zeros(len(left))
                two = two + second
                for k, c in enumerate(others):
                    three = three + (second * c / (left - a - b) if k not in (i, j) else 0)
        return np.asarray(number[0] * one + number[1] * two + number[2] * three)

    return chance


TRIAL = {  # left out, in the run in which the rules were first fitted
    "rule": -0.398, "level at home alone": -0.554, "share of 4G and level": -0.480, "one choice among vendors, with a risk": -0.499,
    "base rate of the other countries": -0.665,
}  # fmt: skip


def section(awards: Awards, figures: str) -> str:
    """figures: a table of counts and shares"""
    found, fit = scores(awards), estimates(awards)
    rows_ = [[name, f"{s.inside:.3f}", f"{s.left_out:.3f}", f"{TRIAL[name]:.3f}" if name in TRIAL else ""] for name, s in found.items()]
    weights = ", ".join(f"{w:.2f} ({e:.2f})" for w, e in zip(fit.weights, np.sqrt(np.diag(fit.covariance)), strict=True))
    scores_ = table(["whether restricted vendors are dropped", "in sample", "country left out", "trial run, left out"], rows_)
    return _TEXT.format(count=len(awards.dropped), scores=scores_, figures=figures, weights=weights, certain=CERTAIN, penalty=PENALTY)


_TEXT = """## Carriers

Log score of the {count} awards on record, nearer to 0 is better: each rule refitted with all awards of a country left out. *In sample*
is fitted, *country left out* is predicted. Belief and doubt are those of the model's defaults, levels those of the record.

{scores}

The rule is refitted with a penalty of {penalty} on half its squared weights, which gives {weights} for intercept, 4G, belief, level,
supply and users (standard errors in brackets); the shipped estimates lie within half an error of these. It is sure at level 3 and is
scored there at {certain}, since one award is on record as in part. In the trial run 14 awards were coded as in part, in the record's
file 4 are, so the two columns are near and not equal. *One choice* is one softmax over all vendors with lock-in by the
old network and a risk of a ban that grows with belief, level and doubt; its weights of lock-in and home are the model's. Written so
it comes close to the rule, closer than in the trial run: that the first question is whether they stay is a choice of the model, and
hardly a finding.

{figures}

The mean over worlds, with 5 to 95 %. Exclusion is over all awards of carriers whose 4G restricted vendors had built to two fifths or
more, so it has no band.
"""
