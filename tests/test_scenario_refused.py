"""What is wrong in a scenario file is refused with file, line and remedy."""

import pytest
from scenario_files import refusal, say


@pytest.mark.parametrize(
    "text, line, says",
    [
        ("titel: x", 1, 'no "titel"; did you mean "title"'),
        ("title: x\nbelief.ease: 1", 2, "below levers"),
        ("title: x\nworlds: 5", 2, "below run"),
        ("title: 5", 1, "the number 5"),
        ("title: true", 1, "yes or no"),
        ("title:", 1, "empty"),
        ("title: [a]", 1, "a list"),
        ("case: huawai", 1, 'did you mean "huawei"'),
        ("case: ../huawei", 1, "leads out"),
        ("case: /tmp", 1, "absolute"),
        ("case: " + "x" * 5000, 1, "no case"),
        ("compare_with: " + "x" * 5000, 1, "no shipped scenario"),
        ("compare_with: histori", 1, 'did you mean "history"'),
        ("compare_with: ../x.yaml", 1, "leads out"),
        ("levers: [a]", 1, "`levers` is a list"),
        ("levers:", 1, "`levers` is empty"),
        ("levers:\n  licensing.base_lin: 0", 2, 'did you mean "licensing.base_line"'),
        ("levers:\n  government.NOR.hwk: 0", 2, 'did you mean "government.NOR.hawk"'),
        ("levers:\n  government.*.hawk: 0", 2, "holds a *"),
        ("levers:\n  belief.ease: 0.2", 2, "is no lever"),
        ("constants:\n  law.listing: 1", 2, "is a dated lever; put it under levers"),
        ("uncertainties:\n  law.listing: [0, 1]", 2, "is a dated lever"),
        ("uncertainties:\n  lines.per_group: [6, 7]", 2, "same in all worlds"),
        ("levers:\n  authority.validity: 36.5", 2, '"authority.validity" is 36.5; it counts whole months'),
        ("constants:\n  firm.cooling_denied: 8.5", 2, '"firm.cooling_denied" is 8.5; it counts whole months'),
        ("uncertainties:\n  authority.validity: {mean: 48, sd: 6}", 2, "give a list of values"),
        ("answer: approvals", 1, "`answer` is"),
        ("answer:\n  look_at: [approvals]", 1, "answer has no by"),
        ("answer:\n  look_at: [aprovals]\n  by: x", 2, 'did you mean "approvals"'),
        ("answer:\n  look_at: approvals\n  by: x", 2, "write a list of outcomes"),
        ("answer:\n  look_at: [approvals]\n  by: 3", 3, "write which rule answers"),
        ("answer:\n  look_at: [approvals]\n  by: x\n  without: {firm.filing_rte: 0}", 4, 'did you mean "firm.filing_rate"'),
        ("answer:\n  look_at: [approvals]\n  by: x\n  without: {rules.vote: nobody}", 4, "no variant"),
        ("answer:\n  look_at: [approvals]\n  by: x\n  wthout: {}", 4, 'did you mean "without"'),
        ("levers:\n  vendor.stockpile: 1.5", 2, "between 0 and 1 (share)"),
        ("levers:\n  vendor.stockpile: -1e-300", 2, "between 0 and 1"),
        ("levers:\n  vendor.stockpile: 1e308", 2, "between 0 and 1"),
        ("levers:\n  vendor.stockpile: '1'", 2, 'the text "1"; write a number'),
        ("levers:\n  vendor.stockpile: NO", 2, 'the text "NO"'),
        ("levers:\n  vendor.stockpile: 1_0", 2, "write a number"),
        ("levers:\n  vendor.stockpile: true", 2, "yes or no"),
        ("levers:\n  vendor.stockpile:", 2, "is empty"),
        ("levers:\n  vendor.stockpile: {2019-05: 1}", 2, "no dated lever"),
        ("levers:\n  law.tgl: calender", 2, "write a number"),
        ("levers:\n  law.tgl: [1]", 2, "drop what the calendar says"),
        ("levers:\n  law.tgl: {2020-13-40: 1}", 2, "is no date"),
        ("levers:\n  law.tgl: {2019-02-29: 1}", 2, "is no date"),
        ("levers:\n  law.tgl: {May 2019: 1}", 2, "is no date"),
        ("levers:\n  law.tgl: {2019: 1}", 2, "is no text; keys are names, or dates"),
        ("levers:\n  law.tgl: {2017-12: 1}", 2, "outside January 2018"),
        ("levers:\n  law.tgl: {2068-01: 1}", 2, "outside January 2018"),
        ("levers:\n  law.tgl:\n    2019-05: 1\n    2020-05: 2", 4, "between 0 and 1"),
        ("uncertainties:\n  belief.ease: 0.2", 2, "one number stands under constants"),
        ("uncertainties:\n  belief.sd0: range", 2, "no plausible range"),
        ("uncertainties:\n  belief.ease: {low: 0.3, high: 0.2}", 2, "low (0.3) is above high (0.2)"),
        ("uncertainties:\n  belief.ease: {low: 0.3}", 2, "gives low; give one of"),
        ("uncertainties:\n  belief.ease: {low: 0, hihg: 1}", 2, 'did you mean "high"'),
        ("uncertainties:\n  belief.ease: {low: 0, high: 2}", 2, "between 0 and 1"),
        ("uncertainties:\n  belief.ease: {low: 0, mode: 1, high: 0.5}", 2, "outside low and high"),
        ("uncertainties:\n  belief.ease: {mean: 0.2, sd: 0}", 2, "above 0"),
        ("uncertainties:\n  belief.ease: {mean: 5, sd: 1}", 2, "between 0 and 1"),
        ("uncertainties:\n  belief.ease: [0.1]", 2, "two or more"),
        ("uncertainties:\n  belief.ease: []", 2, "two or more"),
        ("uncertainties:\n  belief.ease: [0.1, x]", 2, "write a number"),
        ("uncertainties:\n  belief.ease: {values: [0, 1], chances: [0.6, 0.6]}", 2, "chances sum to 1.2"),
        ("uncertainties:\n  belief.ease: {values: [0, 1], chances: [1.2, -0.2]}", 2, "0 or more"),
        ("uncertainties:\n  belief.ease: {values: [0, 1], chances: [1, 0, 0]}", 2, "2 values and 3 chances"),
        ("uncertainties:\n  joint: {a: b}", 2, "names tables"),
        ("uncertainties:\n  joint: [../x]", 2, "names tables"),
        ("levers:\n  authority.capacity: 1\nconstants:\n  authority.capacity: 1", 4, "two sections (also mine.yaml:2)"),
        ("events: {a: 1}", 1, "a list of"),
        ("events:\n  - hello", 2, "event 1 is the text"),
        ("events:\n  - {date: 2019-05, levr: law.tgl, value: 1}", 2, 'did you mean "lever"'),
        ("events:\n  - {date: 2019-05, lever: law.tgl}", 2, "has no value"),
        ("events:\n  - date: 2019-05\n    lever: law.tgi\n    value: 1", 3, 'did you mean "law.tgl"'),
        ("events:\n  - {date: 2019-05, lever: vendor.stockpile, value: 1}", 2, "no dated lever"),
        ("events:\n  - {date: 2019-05, lever: 5, value: 1}", 2, "the number 5"),
        ("events:\n  - {date: 5, lever: law.tgl, value: 1}", 2, "is no date"),
        ("events:\n  - {date: 2019-05, lever: law.tgl, value: 7}", 2, "between 0 and 1"),
        ("events:\n" + "  - {date: 2019-05, lever: law.tgl, value: 1}\n" * 2, 3, "two events on 2019-05"),
        ("rules: {votes: chair}", 1, 'did you mean "vote"'),
        ("rules: {vote: unanimus}", 1, 'did you mean "unanimous"'),
        ("rules: {vote: [chair]}", 1, "no variant"),
        ("run:\n  wolrds: 5", 2, 'did you mean "worlds"'),
        ("run:\n  worlds: 0", 2, "between 1 and 10000000"),
        ("run:\n  worlds: 1e9", 2, "between 1 and 10000000"),
        ("run:\n  worlds: 1.5", 2, "a whole number"),
        ("run:\n  worlds: true", 2, "a whole number"),
        ("run:\n  seed: -1", 2, "between 0 and"),
        (f"run:\n  seed: {2**63}", 2, "between 0 and"),
        (f"run:\n  seed: {2**70}", 2, "between 0 and"),
        ("run:\n  months: 0", 2, "between 1 and 600"),
        ("run:\n  months: 601", 2, "between 1 and 600"),
        ("run:\n  block: 0", 2, "between 1 and"),
        ("run:\n  record: all", 2, "known: outcomes, agents, analysed"),
        ("run:\n  record: analysed\ncase: huawei", 2, "write both or neither"),
        ("run:\n  analysed: 5", 2, "a list of outcomes"),
        ("run:\n  analysed: [no_such_thing]", 2, "no outcome is called"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line_and_a_remedy(folder, text, line, says):
    error = refusal(text)
    assert error.where == f"mine.yaml:{line}"
    assert says in error.what
    assert "\n" not in str(error)
    assert len(str(error)) < 300


def test_outcomes_to_be_kept_are_known_ones(folder):
    from sim.outcomes import OUTCOMES

    name = next(iter(OUTCOMES))
    scenario = say(f"case: huawei\nrun: {{record: analysed, analysed: [{name}]}}")
    assert scenario.run.analysed == (name,)
    assert say(scenario.resolved(), "again.yaml") == scenario
