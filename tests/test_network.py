"""The network is where the exchanges find their partners: take an edge away, and a partner is gone."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import networkx as nx
import numpy as np
import pytest

from sim import network
from sim.case import Case, read_case, shipped_case
from sim.parameters import PARAMETERS


@pytest.fixture(scope="module")
def case() -> Case:
    return read_case(shipped_case("huawei"))


@pytest.fixture
def graph(case: Case) -> network.Graph:
    """A network of one's own, to be cut."""
    return network.build(case)


def firms_of(case: Case) -> list[str]:
    return list(dict.fromkeys(case["firm_sales_by_group"]["firm"]))


def test_every_agent_and_group_of_the_case_is_a_node_of_its_kind(case: Case, graph: network.Graph) -> None:
    tables = {
        "government": "governments",
        "authority": "authorities",
        "firm": "chipmakers",
        "group": "input_groups",
        "vendor": "vendors",
        "carrier": "carriers",
    }
    expected = {f"{kind}:{key}" for kind, table in tables.items() for key in case[table].key}
    assert set(graph) == expected  # and no edge has made a node that no table knows
    assert all(name.startswith(data["kind"] + ":") and data["name"] for name, data in graph.nodes(data=True))


def test_edges_are_of_the_seven_kinds_and_their_weights_are_numbers(graph: network.Graph) -> None:
    kinds = {"governs", "supplies", "licenses", "hears", "allied", "trades", "buys"}
    assert {data["kind"] for _, _, data in graph.edges(data=True)} == kinds
    assert all(np.isfinite(data["weight"]) and data["weight"] >= 0 for _, _, data in graph.edges(data=True) if "weight" in data)
    assert nx.number_of_selfloops(graph) == 0


def test_sellers_are_the_rows_of_the_firms_sales_in_their_order(case: Case, graph: network.Graph) -> None:
    table = case["firm_sales_by_group"]
    sellers = network.sellers(graph)
    assert sorted((s.firm, s.group, s.origin, s.foundry, s.sales, s.revenue) for s in sellers) == sorted(
        zip(table["firm"], table["group"], table["origin"], table["foundry"] == 1, table["sales"], table["rev"], strict=True)
    )
    assert list(dict.fromkeys(s.firm for s in sellers)) == list(dict.fromkeys(s.firm for s in network.sellers(network.build(case))))
    assert all(s.authorities == ("bis",) for s in sellers)


def test_a_seller_whose_edge_is_cut_sells_no_more(graph: network.Graph) -> None:
    before = network.sellers(graph)
    graph.remove_edge("firm:Intel", "group:fpga")
    after = network.sellers(graph)
    assert [(s.firm, s.group) for s in before if s not in after] == [("Intel", "fpga")]


def test_a_group_that_supplies_nobody_has_no_sellers(graph: network.Graph) -> None:
    graph.remove_edge("group:memory", "vendor:huawei")
    assert "memory" not in {s.group for s in network.sellers(graph)}


def test_a_firm_that_no_office_licenses_needs_no_licence(graph: network.Graph) -> None:
    graph.remove_edge("authority:bis", "firm:Intel", key="licenses")
    assert {s.authorities for s in network.sellers(graph) if s.firm == "Intel"} == {()}
    assert {s.authorities for s in network.sellers(graph) if s.firm != "Intel"} == {("bis",)}


def test_a_government_without_its_office_governs_nothing(graph: network.Graph) -> None:
    assert network.governing(graph, "USA") == "bis"
    assert network.governing(graph, "CAN") is None
    graph.remove_edge("government:USA", "authority:bis")
    assert network.governing(graph, "USA") is None


def test_firms_hear_most_of_those_they_share_a_group_with(case: Case, graph: network.Graph) -> None:
    firms = firms_of(case)
    table = case["firm_sales_by_group"]
    groups = {firm: {g for f, g in zip(table["firm"], table["group"], strict=True) if f == firm} for firm in firms}
    near, far = (PARAMETERS[f"network.hears_{which}_group"].value for which in ("same", "other"))
    weights = np.array([[0.0 if a == b else near if groups[a] & groups[b] else far for b in firms] for a in firms])
    hears = network.hearing(graph, firms)
    np.testing.assert_allclose(hears, weights / weights.sum(axis=1, keepdims=True), rtol=1e-12)
    assert hears.shape == (41, 41)
    np.testing.assert_allclose(hears.sum(axis=1), 1)
    assert not hears.diagonal().any()


def test_how_much_firms_hear_is_as_asked_for(case: Case) -> None:
    deaf = network.hearing(network.build(case, network.Weights(hears_other_group=0.0)), ["Intel", "AMD", "Corning"])
    np.testing.assert_array_equal(deaf, [[0, 1, 0], [1, 0, 0], [0, 0, 0]])  # who hears nobody has a row of zeros


def test_who_is_not_heard_any_more_gives_its_weight_to_the_others(case: Case, graph: network.Graph) -> None:
    firms = firms_of(case)
    intel, amd = firms.index("Intel"), firms.index("AMD")
    before = network.hearing(graph, firms)
    graph.remove_edge("firm:Intel", "firm:AMD")
    after = network.hearing(graph, firms)
    assert after[intel, amd] == 0 < before[intel, amd]
    assert after[intel].sum() == pytest.approx(1)
    assert np.flatnonzero((before != after).any(axis=1)).tolist() == [intel]


def test_governments_look_to_their_allies_by_shared_clubs_and_power(case: Case, graph: network.Graph) -> None:
    names, table = case["governments"].key, case["governments"]
    power = dict(zip(names, table["power"], strict=True))
    expected = {  # Five Eyes 2, European Union 1, NATO 1, same region .5, added up
        ("GBR", "CAN"): 3.0 * power["CAN"],
        ("CAN", "GBR"): 3.0 * power["GBR"],
        ("CAN", "USA"): 3.5 * power["USA"],
        ("FRA", "DEU"): 2.5 * power["DEU"],
        ("NZL", "AUS"): 2.5 * power["AUS"],
        ("AUS", "CHN"): 0.5 * power["CHN"],
        ("SWE", "DEU"): 1.5 * power["DEU"],
    }
    for (a, b), weight in expected.items():
        assert graph.edges[f"government:{a}", f"government:{b}", "allied"]["weight"] == pytest.approx(weight), (a, b)
    assert not graph.has_edge("government:CHN", "government:DEU", "allied")
    close = network.closeness(graph, names)
    gbr = names.index("GBR")  # out of the Union by 2020
    assert close[gbr, names.index("CAN")] / close[gbr, names.index("DEU")] == pytest.approx(3 * power["CAN"] / (1.5 * power["DEU"]))
    total = close.sum(axis=1)
    assert np.all(np.isclose(total, 1) | (total == 0))
    assert not close.diagonal().any()


def test_closeness_is_the_peers_rule_for_every_pair(case: Case, graph: network.Graph) -> None:
    table = case["governments"]
    clubs = sum(weight * np.outer(table[club], table[club]) for club, weight in (("five_eyes", 2), ("eu_2020", 1), ("nato_2019", 1)))
    region = np.array(table["peer_group"])
    weights = (clubs + 0.5 * (region[:, None] == region)) * table["power"] * (1 - np.eye(len(table)))
    total = weights.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(network.closeness(graph, table.key), weights / np.where(total > 0, total, 1), rtol=1e-12)


def test_what_closeness_is_made_of_may_be_set(case: Case) -> None:
    graph = network.build(case, network.Weights(allied_union=0.0, allied_alliance=0.0, allied_region=0.0))
    seen = {a.partition(":")[2] for a, _, _ in network.edges(graph, "allied")}
    table = case["governments"]
    assert seen == {name for name, member in zip(table.key, table["five_eyes"], strict=True) if member}


def test_an_alliance_that_ends_is_read_no_more(case: Case, graph: network.Graph) -> None:
    names = case["governments"].key
    graph.remove_edge("government:GBR", "government:USA", key="allied")
    assert network.closeness(graph, names)[names.index("GBR"), names.index("USA")] == 0
    assert network.closeness(graph, names)[names.index("GBR")].sum() == pytest.approx(1)


def test_a_government_alone_has_a_row_of_zeros(case: Case, graph: network.Graph) -> None:
    names = case["governments"].key
    for a, b, _ in network.edges(graph, "allied"):
        if a == "government:GBR":
            graph.remove_edge(a, b, key="allied")
    assert not network.closeness(graph, names)[names.index("GBR")].any()


def test_carriers_buy_what_their_shares_say(case: Case, graph: network.Graph) -> None:
    bought: dict[str, float] = {}
    for carrier, _, data in network.edges(graph, "buys"):
        bought[carrier] = bought.get(carrier, 0) + data["weight"]
    assert bought == pytest.approx({f"carrier:{key}": 1.0 for key in case["carriers"].key})
    assert graph.edges["carrier:telus", "vendor:huawei", "buys"]["weight"] == 0.9


def test_the_network_survives_graphml(graph: network.Graph, tmp_path: Path) -> None:
    file = tmp_path / "network.graphml"
    network.write_graphml(graph, file)
    back = nx.read_graphml(file, force_multigraph=True)
    assert {name: back.nodes[name] for name in back} == {name: graph.nodes[name] for name in graph}

    def edges(of: Any) -> list[tuple[str, str, list[tuple[str, object]]]]:
        return sorted((a, b, sorted(data.items())) for a, b, data in of.edges(data=True))

    assert edges(back) == edges(graph)
    ids = [edge.get("id") for edge in ElementTree.parse(file).iter("{http://graphml.graphdrawing.org/xmlns}edge")]
    assert len(ids) == len(set(ids)) == graph.number_of_edges()  # Gephi merges edges of one id


def test_a_name_that_xml_would_read_as_markup_survives_graphml(graph: network.Graph, tmp_path: Path) -> None:
    graph.nodes["firm:Intel"]["name"] = "<A & B> \"c\" 華為"
    network.write_graphml(graph, tmp_path / "network.graphml")
    assert nx.read_graphml(tmp_path / "network.graphml").nodes["firm:Intel"]["name"] == "<A & B> \"c\" 華為"


def test_the_shared_network_cannot_be_cut_for_everybody(case: Case) -> None:
    shared = network.shared(case, network.Weights())
    assert network.shared(case, network.Weights()) is shared
    with pytest.raises(nx.NetworkXError):
        shared.remove_node("firm:Intel")
