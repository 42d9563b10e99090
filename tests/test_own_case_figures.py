"""What docs/your_own_case.md and docs/responsible-use.md say in figures is what the model has."""

import re
from pathlib import Path

import numpy as np
import pytest

from sim.__main__ import main
from sim.analysis.paired import compare
from sim.batch.on_case import of_case
from sim.batch.results import Results
from sim.case import read_case, shipped_case
from sim.views.cited import citation

DOCS = Path(__file__).parents[1] / "docs"
WHAT_IF = "2026-03-01,licensing.base_line,0.3,sensitivity 0-1,month,,what if: case by case again,input after 2020,what if,judgement"


def flat(page):
    return " ".join((DOCS / page).read_text(encoding="utf-8").split())


def ran(out, name, *words):
    before = set(out.glob(f"{name}/*"))
    assert main(["run", name, "--quiet", "--json", "--seed", "2019", "--record", "outcomes", "--out", str(out), *map(str, words)]) == 0
    (folder,) = set(out.glob(f"{name}/*")) - before
    return Results.open(folder)


def with_band(row, digits):
    return f"{row.mean:+.{digits}f} (5 to 95 %: {row.p5:+.{digits}f} to {row.p95:+.{digits}f})"


@pytest.mark.slow
def test_the_figures_of_the_own_case_are_those_of_its_runs(tmp_path):
    mine = tmp_path / "mycase"
    assert main(["case", "huawei", "--to", str(mine)]) == 0
    assert WHAT_IF in (DOCS / "your_own_case.md").read_text(encoding="utf-8")
    with (mine / "calendar.csv").open("a", encoding="utf-8") as file:
        file.write(WHAT_IF + "\n")
    groups = (mine / "input_groups.csv").read_text(encoding="utf-8")
    assert "\nprocessor,0.48," in groups
    (mine / "input_groups.csv").write_text(groups.replace("\nprocessor,0.48,", "\nprocessor,0.6,"), encoding="utf-8")
    shipped, own = (ran(tmp_path, "history", "--worlds", 200, "--months", 120, *more) for more in ((), ("--case", mine)))
    found = compare(shipped, own, ["lost_sales", "approvals"])
    lost, files, late = found.row("lost_sales", 2020), found.row("approvals", 2027), found.row("lost_sales", 2027)
    assert late.verdict == "cannot say"
    said = (
        f"With 200 worlds of seed 2019: the higher need changes the sales that American firms had lost by the end of 2020 by "
        f"{with_band(lost, 2)} USD bn a year, and raises them in {100 * lost.higher:.0f} % of the worlds. With the line of March 2026 besides, "
        f"approvals in 2027 change by {with_band(files, 0)} from {files.base_mean:.0f}, and rise in {100 * files.higher:.0f} % of the worlds; "
        f"of the sales lost by the end of 2027 the model cannot say whether they rise or fall: {with_band(late, 2)} USD bn a year."
    )
    assert said in flat("your_own_case.md"), said


@pytest.mark.slow
def test_the_numbers_to_quote_are_those_of_their_runs(tmp_path):
    history, without = (ran(tmp_path, name, "--worlds", 1000, "--months", 48) for name in ("history", "no_fdpr"))
    page = flat("responsible-use.md")

    def band(outcome, year, form):
        return [format(float(q), form) for q in np.quantile(history.yearly(outcome)[:, year - 2018], (0.5, 0.05, 0.95))]

    asked = (("bans", 2020, ".0f"), ("vendor_share", 2020, ".2f"), ("lost_sales", 2020, ".1f"), ("licences", 2021, ".0f"))
    bans, share, lost, licences = (band(*one) for one in asked)
    found = compare(history, without, ["lost_sales"])
    then, unsaid = found.row("lost_sales", 2021), found.row("lost_sales", 2020)
    assert unsaid.verdict == "cannot say"
    for said in (
        f"the model was fitted to the 15 governments with a binding limit at the end of 2020; its worlds hold {bans[1]} to {bans[2]}",
        f"the model gives Huawei {share[0]} of radio networks outside China in 2020 ({share[1]} to {share[2]}); on record are 0.21",
        f"in nine of ten worlds American sellers had lost between {lost[1]} and {lost[2]} USD bn a year of sales by the end of 2020",
        f"cost American firms {lost[0]} bn",
        f"lower by {-then.mean:.1f} USD bn a year ({-then.p95:.1f} to {-then.p5:.1f}) at the end of 2021, and lower in "
        f"{100 * then.lower:.0f} % of the worlds",
        f"at the end of 2020 the model cannot say whether they would have been lower or higher ({unsaid.p5:+.1f} to {unsaid.p95:+.1f})",
        f"{licences[0]} licences in force at its end ({licences[1]} to {licences[2]})",
    ):
        assert said in page, said
    hashes = r"(?<=tables )[0-9a-f]{8}|(?<=numbers )[0-9a-f]{12}"
    assert re.sub(hashes, "", citation(history).replace("48 months", "96 months")) in re.sub(hashes, "", page)


def test_the_citation_that_the_page_shows_names_the_case_as_it_is():
    assert f"scenario history on the case {of_case(read_case(shipped_case('huawei'))).short}, 1,000 worlds" in flat("responsible-use.md")
