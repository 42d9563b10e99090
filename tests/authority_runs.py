"""Runs of the second case, in which several offices license."""

import numpy as np

from sim import network
from sim.case import read_case, shipped_case

SECOND = "second_firm"
MONTHS = 72
APART = ("coupling.loss_to_line=0", "coupling.partners_to_line=0")  # the offices then meet in what may ship alone
NEVER = ("authority.nl.adopted=0", "authority.jp.adopted=0")


def paths(m, months=MONTHS, **what):
    """name -> its value month by month, of functions of the model."""
    kept = {name: [] for name in what}
    for _ in range(months):
        m.step()
        for name, of in what.items():
            kept[name].append(np.array(of(m)))
    m.close()
    return {name: np.array(values) for name, values in kept.items()}


def without(*offices):
    """The network of the second case without what these offices license."""
    graph = network.build(read_case(shipped_case(SECOND)))
    for office, firm, _ in network.edges(graph, "licenses"):
        if office.partition(":")[2] in offices:
            graph.remove_edge(office, firm, key="licenses")
    return graph


def partner(m, name):
    return next(p for p in m.partners if p.name == name)
