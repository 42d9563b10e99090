"""What is reported of a month, figured out once more from the plain record: one number an outcome, under the outcome's name."""

from .inputs import LICENSED, PENDING, SEGMENTS
from .supply import MONTHS

YEAR_END = ("vendor_share", "concentration", "exposure", "exclusion_cost")  # dear to figure out: in Decembers only


def share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def figures(model, record) -> dict[str, float]:
    """model: a PlainModel after its month; record: what it reported."""
    found = of_licensing(model, record) | of_supply(model, record) | of_the_ledger(model, record) | of_talks(record)
    return found | of_allies(model, record) | (of_the_market(model, record) if model.month % 12 == 11 else {})


def of_licensing(model, record) -> dict[str, float]:
    counts, groups = record["counts"], model.groups
    states = record["states"] + [state for partner in record["partners"].values() for state in partner["states"]]
    weights = [g.controlled for g in groups]
    return {
        "filings": counts["filings"], "approvals": counts["approvals"], "intents": counts["intents"], "returns": counts["returns"],
        "denials": counts["final_denials"], "revocations": counts["revocations"], "lapses": counts["lapses"],
        "pending": states.count(PENDING), "licences": states.count(LICENSED), "face_value": record["face"],
        "line": sum(x * w for x, w in zip(record["line"], weights, strict=True)) / sum(weights),
        "belief": sum(record["mean"].values()) / len(record["mean"]),
        "doubt": sum(record["sd"].values()) / len(record["sd"]),
        "bargain": record["bargain"],
    }  # fmt: skip


def of_supply(model, record) -> dict[str, float]:
    path, groups = record["actual"], model.groups

    def added(column: str, wanted) -> float:
        return sum(x for x, g in zip(path[column], groups, strict=True) if wanted(g))

    def scarce(g) -> bool:
        return g.stocked and not g.own_design and g.scarce >= 0.9

    def own(g) -> bool:
        return g.own_design and g.leading_node

    def chip(g) -> bool:
        return g.chip

    sales = path["sales"]
    return {
        "controlled_sales": sum(path["controlled"]), "foreign_sales": sum(path["foreign"]), "domestic_sales": sum(path["home"]),
        "chips_bought": path["chips"], "raw_material": path["raw_material"],
        "scarce_stock": share(added("stock", scarce), added("need", scarce)),
        "own_chip_stock": share(added("own_chips", own), added("need", own)),
        "threat": path["threat"], "research_share": path["research_share"],
        "revenue_carrier": sales["carrier"], "revenue_enterprise": sales["enterprise"], "revenue_consumer": sales["consumer"],
        "revenue": sum(sales.values()) + path["new_business"],
        **{f"{s}_fill": path["output"][s] / path["demand"][s] for s in SEGMENTS},
        "unmet": path["unmet"], "domestic_chips": share(added("home", chip), added("arrived", chip)),
    }  # fmt: skip


def of_the_ledger(model, record) -> dict[str, float]:
    book, groups = record["ledger"], model.groups
    return {
        "lost_sales": book["lost"], "net_lost_sales": book["lost_net"], "spill_over": book["spill_over"],
        "controlled_change": sum(book["d_controlled"]), "foreign_change": sum(book["d_foreign"]), "domestic_change": sum(book["d_home"]),
        "foreign_chip_change": sum(x for x, g in zip(book["d_foreign"], groups, strict=True) if g.chip),
        "stock_change": sum(book["d_stock"]), "unmet_change": sum(book["d_unmet"]), "need_change": sum(book["d_need"]),
    }  # fmt: skip


def of_talks(record) -> dict[str, float]:
    """Of dated talks only the table is known."""
    talks = record["talks"]

    def event(*names: str) -> float:
        return float(any(talks.get(name, False) for name in names))

    return {
        "tariff_on_target": record["tariffs"][0], "tariff_on_controller": record["tariffs"][1],
        "announced_tariff": talks.get("announced", 0.0), "restriction": talks["restriction"], "talks_open": event("talked"),
        "deals": event("agreed", "settled"), "partial_deals": event("partial"), "walk_outs": event("walked_out"),
        "tariff_acts": event("acted"), "breaches": event("breached"),
        "zone": float(talks["zone"]), "zone_width": talks["far"] - talks["near"],
        "promised_purchases": talks.get("promised", 0.0) / MONTHS, "kept_purchases": talks.get("kept", 0.0) / MONTHS,
        "cost_of_delay": talks.get("delay_controller", 0.0) + talks.get("delay_target", 0.0),
        "left_on_table": talks.get("left", 0.0),
    }  # fmt: skip


def of_allies(model, record) -> dict[str, float]:
    levels = record["level"]
    return {
        "declarations": sum(x >= 1 for x in levels), "bans": sum(x >= 2 for x in levels), "exclusions": sum(x >= 3 for x in levels),
        "threat_belief": sum(record["belief_in_threat"]) / len(levels), "supply_doubt": record["supply_doubt"],
        "carrot_spending": record["spent"], "awards": sum(x is not None for x in record["awarded"]),
        "vendor_share_world": record["share"], "swap_cost": sum(record["swap_cost"]),
    }  # fmt: skip


def of_the_market(model, record) -> dict[str, float]:
    carriers = model.carriers
    money = carriers.money(abroad_only=True)
    abroad = [c for c in carriers.carriers if c.home != carriers.target]
    exposed = sum(c.users * carriers.restricted(c.share5g) for c in abroad if c.share5g is not None)
    return {
        "vendor_share": money[carriers.listed.key] / sum(money.values()),
        "concentration": sum((spent / sum(money.values())) ** 2 for spent in money.values()),
        "exposure": exposed / sum(c.users for c in abroad),
        "exclusion_cost": carriers.exclusion_cost({s.name: s.level for s in model.governments.states}),
    }  # fmt: skip
