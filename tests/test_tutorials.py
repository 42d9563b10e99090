"""What the tutorials and the ODD protocol say in figures is what the model has."""

import re
from pathlib import Path

import pytest

from sim.__main__ import main
from sim.batch.results import Results
from sim.case import read_case
from sim.scenario import Run, read
from sim.values import values_of

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def flat(page):
    return " ".join((DOCS / page).read_text(encoding="utf-8").split())


def test_the_counts_in_the_odd_protocol_are_those_of_the_case():
    case = read_case(read("history").case_folder)
    lines = int(values_of(case, {}, {}, 1).lines.per_group)
    counts = {
        "governments": len(case["governments"]),
        "authority": len(case["authorities"]),
        "agencies that vote": len(case["agencies"]),
        "sellers of components": len(case["chipmakers"]),
        "product lines, of sellers and input groups": lines * len(case["firm_sales_by_group"]),
        "network vendors, the listed one among them": len(case["vendors"]),
        "listed vendor": sum(case["vendors"]["listed_candidate"] == 1),
        "carriers": len(case["carriers"]),
        "input groups": len(case["input_groups"]),
    }
    page = (DOCS / "odd.md").read_text(encoding="utf-8")
    for what, count in counts.items():
        assert f"\n| {what} | {count} |" in page, (what, count)
    assert f"{Run().months} months unless a scenario says otherwise" in page


def test_the_odd_protocol_has_its_seven_parts_and_eleven_concepts():
    page = (DOCS / "odd.md").read_text(encoding="utf-8")
    assert [line[3] for line in page.splitlines() if line.startswith("## ")] == list("1234567")
    assert len(re.findall(r"^- \*\*[A-Z][a-z ]+\.\*\*", page, re.MULTILINE)) == 11


LINKED = (
    "odd.md", "faq.md", "outputs.md", "tutorial_think_tank.md", "tutorial_teacher.md", "tutorial_researcher.md", "your_own_case.md",
    "responsible-use.md",
)  # fmt: skip


@pytest.mark.parametrize("page", LINKED)
def test_links_lead_somewhere(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    for target, _, part in re.findall(r"\]\(([\w./]*)(#([\w-]+))?\)", text):
        file = DOCS / target if target else DOCS / page
        assert file.is_file(), target
        if part:
            heads = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert part in {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}, part


@pytest.mark.slow
def test_the_figures_of_the_what_if_are_those_of_its_run(tmp_path):
    import numpy as np

    page = (DOCS / "tutorial_think_tank.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    mine = tmp_path / "faster_desk.yaml"
    mine.write_text(shown, encoding="utf-8")
    assert main(["run", "history", str(mine), "--worlds", "200", "--months", "36", "--seed", "2019", "--quiet", "--out", str(tmp_path)]) == 0
    (without,), (with_it,) = (list(tmp_path.glob(f"batch/*/{name}/*")) for name in ("history", "faster_desk"))

    def of_2020(folder, outcome):
        return Results.open(folder).yearly(outcome)[:, 2]

    files = of_2020(with_it, "approvals") - of_2020(without, "approvals")
    sales = of_2020(with_it, "lost_sales") - of_2020(without, "lost_sales")
    low, middle, high = np.quantile(files, (0.05, 0.5, 0.95))
    less, half, more = np.quantile(sales, (0.05, 0.5, 0.95))
    said = (
        f"approvals in 2020 change by {middle:+.0f} (5 to 95 %: {low:+.0f} to {high:+.0f}), and rise in {100 * (files > 0).mean():.0f} % of the "
        f"worlds. Sales lost in 2020 change by {half:+.1f} USD bn ({less:+.1f} to {more:+.1f}), and fall in {100 * (sales < 0).mean():.0f} % of "
        f"the worlds; the median without the change is {np.median(of_2020(without, 'lost_sales')):.1f} USD bn."
    )
    assert said in flat("tutorial_think_tank.md")
