"""The network: who governs, supplies, licenses, hears, is allied with, trades with and buys from whom.

One NetworkX MultiDiGraph. The exchanges take their partners from its edges and from nowhere else: delete an edge, and a seller, a
listener or a licence is gone. Nodes are named by kind and key ("firm:...", "group:...", "government:..."), edges carry `kind`.
"""

import functools
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeAlias

import networkx as nx
import numpy as np

from sim.case import Case
from sim.parameters import PARAMETERS
from sim.worlds import Numbers

Graph: TypeAlias = "nx.MultiDiGraph[str]"


@dataclass(frozen=True)
class Seller:
    """A `supplies` edge: what one firm sold to the listed vendor in one input group.

    origin: controlled or foreign; sales: USD bn a year; revenue: the firm's, USD bn a year
    authorities: the offices whose licence it may need
    """

    firm: str
    group: str
    origin: str
    foundry: bool
    sales: float
    revenue: float
    authorities: tuple[str, ...]


class Weights(NamedTuple):
    """Numbers from which weights of edges are made, by default those of the parameters network.*: of `hears`, and of `allied`."""

    hears_same_group: float = PARAMETERS["network.hears_same_group"].value
    hears_other_group: float = PARAMETERS["network.hears_other_group"].value
    allied_intelligence: float = PARAMETERS["network.allied_intelligence"].value
    allied_union: float = PARAMETERS["network.allied_union"].value
    allied_alliance: float = PARAMETERS["network.allied_alliance"].value
    allied_region: float = PARAMETERS["network.allied_region"].value

    @classmethod
    def of(cls, p: Any) -> Self:
        """Those of a run. p: its parameters"""
        return cls(*(getattr(p.network, name) for name in cls._fields))


ORDINARY = Weights()


def build(case: Case, weights: Weights = ORDINARY) -> Graph:
    """The network of a case."""
    graph: Graph = nx.MultiDiGraph(case=case.name)
    _nodes(graph, case)
    controller = next(row["iso3"] for row in case["governments"].rows() if row["role"] == "persuader")
    vendor = next(row["key"] for row in case["vendors"].rows() if row["listed_candidate"])
    offices = list(case["authorities"].rows())
    for office in offices:
        _edge(graph, f"government:{office['government']}", f"authority:{office['authority']}", "governs")
    for group in case["input_groups"].key:
        _edge(graph, f"group:{group}", f"vendor:{vendor}", "supplies")
    for row in case["firm_sales_by_group"].rows():
        firm = f"firm:{row['firm']}"
        _edge(graph, firm, f"group:{row['group']}", "supplies", weight=row["sales"], origin=row["origin"], foundry=bool(row["foundry"]))
    home = dict(zip(case["chipmakers"].key, case["chipmakers"]["home_iso3"], strict=True))
    for firm in dict.fromkeys(case["firm_sales_by_group"]["firm"]):
        for office in offices:
            if office["reach"] == "all" or office["government"] == home[firm]:
                _edge(graph, f"authority:{office['authority']}", f"firm:{firm}", "licenses")
            if office["government"] == controller:
                _edge(graph, f"authority:{office['authority']}", f"firm:{firm}", "governs")
    _hearing(graph, case, weights)
    _governments(graph, case, weights)
    for row in case["carriers"].rows():
        for key in case["vendors"].key:
            share = row.get(f"share4g_{key}", 0.0)
            if share:
                _edge(graph, f"carrier:{row['key']}", f"vendor:{key}", "buys", weight=share)
    return graph


@functools.lru_cache(maxsize=4)
def shared(case: Case, weights: Weights) -> Graph:
    """The network of a case, built once for all blocks of a process; not to be changed."""
    graph: Graph = nx.freeze(build(case, weights))
    return graph


def _edge(graph: Graph, a: str, b: str, kind: str, **attributes: Any) -> None:
    graph.add_edge(a, b, key=kind, kind=kind, **attributes)


def _nodes(graph: Graph, case: Case) -> None:
    named = {  # kind: table, columns of the key and the name, and what else a picture may want to know
        "government": ("governments", "iso3", "name", ("role", "peer_group", "power")),
        "authority": ("authorities", "authority", "name", ("government",)),
        "firm": ("chipmakers", "firm", "firm", ("hq", "nexus")),
        "group": ("input_groups", "group", "group", ("need", "sensitivity")),
        "vendor": ("vendors", "key", "vendor", ("home_iso3", "restricted", "listed_candidate")),
        "carrier": ("carriers", "key", "carrier", ("iso3", "subs_m")),
    }
    for kind, (table, key, name, others) in named.items():
        for row in case[table].rows():
            about = {column: row[column] if isinstance(row[column], str) else float(row[column]) for column in others}
            graph.add_node(f"{kind}:{row[key]}", kind=kind, name=str(row[name]), **about)
    revenue = {row["firm"]: row["rev"] for row in case["firm_sales_by_group"].rows()}
    for firm, value in revenue.items():
        graph.add_node(f"firm:{firm}", kind="firm", name=firm, revenue=float(value))


def _hearing(graph: Graph, case: Case, weights: Weights) -> None:
    near, far = weights.hears_same_group, weights.hears_other_group
    groups: dict[str, set[str]] = {}
    for row in case["firm_sales_by_group"].rows():
        groups.setdefault(row["firm"], set()).add(row["group"])
    for a in groups:
        for b in groups:
            if a != b:
                _edge(graph, f"firm:{a}", f"firm:{b}", "hears", weight=near if groups[a] & groups[b] else far)


def _governments(graph: Graph, case: Case, weights: Weights) -> None:
    """`allied` by shared memberships, weighted by the other's power; `trades` with the controller and the target."""
    rows = list(case["governments"].rows())
    clubs = {"five_eyes": weights.allied_intelligence, "eu_2020": weights.allied_union, "nato_2019": weights.allied_alliance}
    special = {role: next(row["iso3"] for row in rows if row["role"] == role) for role in ("persuader", "target_home")}
    for a in rows:
        for b in rows:
            closeness = sum(weight * a[club] * b[club] for club, weight in clubs.items())
            closeness += weights.allied_region * (a["peer_group"] == b["peer_group"])
            if a["iso3"] != b["iso3"] and closeness * b["power"] > 0:
                _edge(graph, f"government:{a['iso3']}", f"government:{b['iso3']}", "allied", weight=float(closeness * b["power"]))
        for role, column in (("target_home", "exports_to_target_pct"), ("persuader", "exports_to_controller_pct")):
            if a["iso3"] != special[role]:
                _edge(graph, f"government:{a['iso3']}", f"government:{special[role]}", "trades", weight=float(a[column]))


def edges(graph: Graph, kind: str) -> list[tuple[str, str, dict[str, Any]]]:
    return [(a, b, data) for a, b, key, data in graph.edges(keys=True, data=True) if key == kind]


def sellers(graph: Graph) -> list[Seller]:
    """The sellers whose goods reach the listed vendor: `supplies` edges from firms to groups that still supply it.

    Which offices may bind a seller follows from `licenses` edges.
    """
    reaching = {a for a, b, _ in edges(graph, "supplies") if b.startswith("vendor:")}
    offices: dict[str, list[str]] = {}
    for office, firm, _ in edges(graph, "licenses"):
        offices.setdefault(firm, []).append(office.partition(":")[2])
    return [
        Seller(
            firm.partition(":")[2], group.partition(":")[2], data["origin"], data["foundry"], data["weight"],
            graph.nodes[firm]["revenue"], tuple(offices.get(firm, ())),
        )
        for firm, group, data in edges(graph, "supplies")
        if group in reaching
    ]  # fmt: skip


def governing(graph: Graph, government: str) -> str | None:
    """The office of a government: the `governs` edge from one to the other; None where there is none."""
    offices = [b for a, b, _ in edges(graph, "governs") if a == f"government:{government}"]
    return offices[0].partition(":")[2] if offices else None


def partners(graph: Graph, controller: str) -> dict[str, str]:
    """The offices beside the controller's, each with the government that governs it."""
    governed = {b.partition(":")[2]: a.partition(":")[2] for a, b, _ in edges(graph, "governs") if b.startswith("authority:")}
    own = governing(graph, controller)
    return {office: government for office, government in governed.items() if office != own}


def _matrix(graph: Graph, kind: str, prefix: str, names: list[str]) -> Numbers:
    """Weights of a kind of edge, rows summing to 1; a row without edges stays 0."""
    number = {f"{prefix}:{name}": i for i, name in enumerate(names)}
    weights = np.zeros((len(names), len(names)))
    for a, b, data in edges(graph, kind):
        if a in number and b in number:
            weights[number[a], number[b]] = data["weight"]
    total = weights.sum(axis=1, keepdims=True)  # before there are worlds
    shares: Numbers = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    return shares


def hearing(graph: Graph, firms: list[str]) -> Numbers:
    """How much each firm hears of each other's answers. (firms, firms), rows summing to 1"""
    return _matrix(graph, "hears", "firm", firms)


def closeness(graph: Graph, governments: list[str]) -> Numbers:
    """How much each government looks to each other. (governments, governments), rows summing to 1"""
    return _matrix(graph, "allied", "government", governments)


def graphml(graph: Graph) -> bytes:
    """The network as GraphML, for Gephi, yEd and others."""
    numbered: Graph = nx.MultiDiGraph(**graph.graph)
    numbered.add_nodes_from(graph.nodes(data=True))
    for i, (a, b, data) in enumerate(graph.edges(data=True)):
        numbered.add_edge(a, b, key=f"e{i}", **data)  # GraphML makes the key the edge's id, which no other edge may have
    text = io.BytesIO()
    nx.write_graphml(numbered, text)
    return text.getvalue()


def write_graphml(graph: Graph, path: Path) -> None:
    path.write_bytes(graphml(graph))
