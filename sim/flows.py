"""The network as it stands in one month of one world: what each edge can carry, and which groups are chokepoints.

For pictures, for the classroom, and for whoever wants to work on the graph alone; it can be written as GraphML.
"""

from typing import TYPE_CHECKING

import numpy as np

from sim.exchanges.supply import SEGMENTS
from sim.network import Graph, edges
from sim.rules.rationing import ration

if TYPE_CHECKING:
    from sim.model import TradeModel


def flows(model: "TradeModel", world: int) -> Graph:
    """The model's network after a month, for one world of the block. USD bn a month.

    `supplies` edges of firms: capacity (what the seller may and can ship); group nodes: unnamed, domestic and qualified capacity,
    stock at the start of the month, and need and slowest draw on the stock (months) of each segment
    """
    supply = model.supply
    graph: Graph = model.graph.copy()
    for number, seller in enumerate(supply.sellers):
        graph.edges[f"firm:{seller.firm}", f"group:{seller.group}", "supplies"]["capacity"] = float(supply.ships[number, world])
    listed = supply.add_controlled @ supply.ships
    months = supply.rations()
    for number, name in enumerate(supply.groups.names):
        node = graph.nodes[f"group:{name}"]
        node["unnamed"] = float(supply.unnamed_ships[number, world])
        node["domestic"] = float(supply.capacity["domestic"][number, world])
        node["qualified"] = float((supply.capacity["controlled"] - listed)[number, world])
        node["stock"] = float(supply.opening[number, world])
        for s, segment in enumerate(SEGMENTS):
            node[f"need_{segment}"] = float(supply.need[s, number, world])
            node[f"draw_{segment}"] = float(months[s][world])
    return graph


def chokepoint(graph: Graph, group: str) -> float:
    """Share of a group's need that stops if its controlled sellers stop, from a network with `flows` alone. 0 to 1"""
    node = graph.nodes[f"group:{group}"]
    into = [(data["origin"], data["capacity"]) for a, b, data in edges(graph, "supplies") if b == f"group:{group}"]
    others = node["unnamed"] + node["domestic"] + sum(capacity for origin, capacity in into if origin != "controlled")
    controlled = node["qualified"] + sum(capacity for origin, capacity in into if origin == "controlled")
    need = np.array([[node[f"need_{segment}"]] for segment in SEGMENTS])
    months = tuple(np.array([node[f"draw_{segment}"]]) for segment in SEGMENTS)

    def met(pool: float) -> float:
        return float(ration(need, np.array([pool]), np.array([node["stock"]]), months).sum())

    return (met(others + controlled) - met(others)) / float(need.sum()) if need.any() else 0.0
