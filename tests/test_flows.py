"""The chokepoint measure of the graph is the supply exchange's own number."""

import networkx as nx
import numpy as np
import pytest
from runs import model

from sim.flows import chokepoint, flows
from sim.network import graphml


@pytest.fixture(scope="module")
def stages():
    """The model's graph in two worlds, with the exchange's own measure: before the listing, after it, after the product rule."""
    m = model(worlds=2, months=36)
    seen = []
    for month in range(36):
        m.step()
        if month in (10, 20, 35):
            seen.append([(flows(m, w), dict(zip(m.supply.groups.names, m.supply.chokepoint()[:, w], strict=True))) for w in range(2)])
    m.close()
    return seen


@pytest.mark.parametrize("stage", [0, 1, 2], ids=["before the listing", "after it", "after the product rule"])
def test_the_graph_says_what_the_exchange_says(stages, stage):
    for graph, own in stages[stage]:
        for group, value in own.items():
            assert chokepoint(graph, group) == pytest.approx(value, abs=1e-12), group


def test_some_group_is_a_chokepoint_and_some_is_none(stages):
    values = np.array([list(own.values()) for _, own in stages[0]])
    assert values.max() > 0.1
    assert values.min() == 0
    assert ((values >= 0) & (values <= 1)).all()


def test_cutting_the_controlled_sellers_edges_ends_a_chokepoint(stages):
    graph, own = stages[0][0]
    group = max(own, key=own.get)
    cut = graph.copy()
    cut.remove_edges_from([(a, b, key) for a, b, key, data in graph.edges(keys=True, data=True)
                           if key == "supplies" and b == f"group:{group}" and data["origin"] == "controlled"])  # fmt: skip
    cut.nodes[f"group:{group}"]["qualified"] = 0.0
    assert chokepoint(graph, group) > 0.1
    assert chokepoint(cut, group) == 0


def test_a_larger_stock_loosens_a_chokepoint(stages):
    graph, own = stages[0][0]
    group = max(own, key=own.get)
    stocked = graph.copy()
    stocked.nodes[f"group:{group}"]["stock"] *= 100
    assert chokepoint(stocked, group) < chokepoint(graph, group)


def test_a_network_with_flows_can_be_written_and_read(stages, tmp_path):
    graph, own = stages[2][0]
    file = tmp_path / "network.graphml"
    file.write_bytes(graphml(graph))
    again = nx.read_graphml(file, force_multigraph=True)
    group = max(own, key=own.get)
    assert again.nodes[f"group:{group}"]["stock"] == pytest.approx(graph.nodes[f"group:{group}"]["stock"])
