"""The ten files of a class: the same for all, told without a hint, answered as the journal has it, and what follows is the model's."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from sim.exchanges.licensing import PENDING
from sim.explore import docket, game, game_page, game_words, instructed
from sim.explore.docket import DENY, GRANT, RETURN
from sim.explore.game_picture import picture
from sim.model import TradeModel, follow
from sim.notebook.one_world import OneWorld
from sim.refusal import InputError
from sim.rules.vote import VOTE_RULES
from sim.scenario import read
from sim.trace import Trace

MONTHS = 60  # of which the first two with answers are dealt from
FOLLOWED = 36  # months to which a world is followed beside


def shorter(name="history", months=MONTHS):
    scenario = read(name)
    return replace(scenario, run=replace(scenario.run, months=months))


@pytest.fixture(scope="module")
def dealt():
    return game.deal(shorter())


@pytest.fixture(scope="module")
def found(dealt):
    return game.effects(dealt)


@pytest.fixture(scope="module")
def journal(dealt):
    """The whole world's, as `chokepoint why` has it."""
    trace, plan, worlds = Trace(), dealt.plan, dealt.plan.worlds(dealt.world, 1)
    follow(plan.scenario, plan.case, worlds, plan.values(worlds), trace, max(file.month for file in dealt.files) + 1)
    return trace.notes


def model_of(dealt):
    worlds = dealt.plan.worlds(dealt.world, 1)
    return TradeModel(dealt.plan.scenario, dealt.plan.case, worlds, dealt.plan.values(worlds))


def of_file(file, journal, *kinds):
    return [note for note in journal if (note.month, note.name) == (file.month, file.name) and note.kind in kinds]


def test_everybody_gets_the_same_ten_files_and_another_world_gives_others(dealt):
    assert game.deal(shorter()).files == dealt.files
    assert len({(file.name, file.month) for file in dealt.files}) == 10
    assert game.deal(shorter(), seed=7, world=1).files != dealt.files


def test_the_ten_do_not_hang_on_the_order_in_which_the_journal_has_them(journal):
    stakes = [(note, float(i % 7)) for i, note in enumerate(n for n in journal if n.kind in docket.ANSWERS)]
    assert docket._chosen(stakes, 2019, 0) == docket._chosen(stakes[::-1], 2019, 0)


def test_they_are_varied(dealt):
    answers = [file.answer for file in dealt.files]
    assert {GRANT, DENY, RETURN} == set(answers)
    assert max(answers.count(answer) for answer in answers) <= 4
    assert len({file.firm for file in dealt.files}) == 10
    assert sum(abs(file.known.sensitivity - file.line) < docket.NEAR for file in dealt.files) >= 6
    assert [file.month for file in dealt.files] == sorted(file.month for file in dealt.files)


def test_the_offices_answers_are_the_journals(dealt, journal):
    for file in dealt.files:
        (note,) = of_file(file, journal, *docket.ANSWERS)
        assert file.answer == docket.ANSWERS[note.kind]
        assert file.line == note.numbers["line"]


def test_the_odds_are_those_of_all_ways_to_vote(dealt, journal):
    voted = [file for file in dealt.files if file.answer != RETURN]
    for file in voted:
        chances = [note.numbers["chance"] for note in of_file(file, journal, "vote")]
        odds = 0.0
        for votes in product([True, False], repeat=4):
            if sum(votes) > 2 or (sum(votes) == 2 and votes[0]):
                odds += np.prod([c if said else 1 - c for c, said in zip(chances, votes, strict=True)])
        assert file.odds == pytest.approx(odds, abs=1e-12)
    assert any(0.05 < file.odds < 0.95 for file in voted)


def test_whoever_follows_the_vote_rule_scores_ten_and_whoever_never_does_none(dealt, journal):
    answers = []
    for file in dealt.files:
        votes = of_file(file, journal, "vote")
        yes = [np.array(note.numbers["yes"] > 0) for note in votes]
        answers.append((GRANT if VOTE_RULES["majority"](yes, 0) else DENY) if votes else RETURN)
    said = game.debrief(dealt, answers)
    assert said.same == 10
    assert said.yours == said.office
    assert said.together[0] == said.together[1]  # to the last bit: an order that says what the office says changes nothing
    assert said.met == 10
    wrong = game.debrief(dealt, [DENY if answer == GRANT else GRANT for answer in answers])
    assert wrong.same == 0
    assert wrong.together[0] != wrong.together[1]


def in_luck(model, file, answer):
    """Changes the dice of one file, so that the model by its own rules answers so."""
    at = model.luck.at

    def loaded(rows, purpose, month, pairs):
        luck = at(rows, purpose, month, pairs)
        if month == file.month and rows is model.authority.rows:
            mine = pairs.row == file.row
            if purpose == "return":
                luck = np.where(mine, 0.0 if answer == RETURN else 1.0, luck)
            elif purpose.startswith("vote"):
                luck = np.where(mine, 0.0 if answer == GRANT else 1.0, luck)
        return luck

    model.luck.at = loaded


def test_an_order_is_what_the_model_does_when_the_dice_of_that_one_file_fall_so(dealt):
    file = next(file for file in dealt.files if file.answer == RETURN)
    path = instructed.followed(dealt.plan, dealt.world, [{(file.month, file.row): way} for way in (GRANT, DENY)])
    for world, way in enumerate((GRANT, DENY)):
        model = model_of(dealt)
        in_luck(model, file, way)
        for month in range(FOLLOWED):
            model.step()
            sold = np.asarray(model.firm_of_seller @ model.seller_sales[:, :1])[:, 0]
            assert np.array_equal(sold, path.firms[month, :, world]), (way, month)
        model.close()
    assert not np.array_equal(path.firms[:FOLLOWED, :, 0], path.firms[:FOLLOWED, :, 1])


def test_no_order_is_the_world_as_it_was_and_an_order_moves_nothing_before_its_month(dealt):
    file = dealt.files[-1]
    other = GRANT if file.answer != GRANT else DENY
    path = instructed.followed(dealt.plan, dealt.world, [{}, {(file.month, file.row): other}, {(1, 0): GRANT}])
    model = OneWorld(shorter())
    for month in range(FOLLOWED):
        model.step()
        assert np.array_equal(model.measured("firm", "sales_to_vendor"), path.firms[month, :, 0])
        for known in (f.known for f in dealt.files if f.month == month + 1):  # as the month before has left it
            assert known.stock in model.measured("group", "stock_months")
            assert known.domestic in model.measured("group", "domestic_share")
            assert known.waiting == model.trade.licensing.standing(PENDING)[0]
    model.close()
    assert np.array_equal(path.firms[: file.month, :, 0], path.firms[: file.month, :, 1])
    assert path.obeyed[1] == {(file.month, file.row)}
    assert path.obeyed[2] == set()  # nobody had filed that
    assert np.array_equal(path.firms[..., 0], path.firms[..., 2])


def test_nothing_known_of_a_file_hangs_on_what_the_office_answers(dealt):
    for file in (dealt.files[0], next(f for f in dealt.files if f.answer == RETURN)):
        for way in (GRANT, DENY):
            model = model_of(dealt)
            in_luck(model, file, way)
            watch = docket.Watch(model, file.month + 1)
            (note,) = [note for note in watch.answers if (note.month, note.name) == (file.month, file.name)]
            model.close()
            assert docket.ANSWERS[note.kind] == way
            assert watch.known(note) == file.known


def blind(dealt):
    """The same files with other answers, lines and odds: whatever shows them shows these."""
    other = [replace(file, answer="burn", told="BURN", line=0.123, odds=0.456) for file in dealt.files]
    return replace(dealt, files=tuple(other))


def test_nothing_that_is_shown_before_the_answer_gives_it_away(dealt, found):
    for i in range(10):
        assert game_page.dossier(dealt, i) == game_page.dossier(blind(dealt), i)
    assert game_words.sheet(dealt) == game_words.sheet(blind(dealt))
    assert game_words.key(dealt, found) != game_words.key(blind(dealt), found)


def test_the_line_stays_hidden_until_the_tenth_file(dealt, found):
    hidden = replace(dealt, files=tuple(replace(file, line=0.123, odds=0.456) for file in dealt.files))
    progress = game.Progress()
    for i, file in enumerate(dealt.files):
        progress = progress.decided(GRANT, 10)
        shown = game_page.outcome(dealt, progress, found[i])
        assert shown == game_page.outcome(hidden, progress, found[i])
        assert file.answer == RETURN or file.told in shown.replace("&#x27;", "'")
        if file.answer == RETURN:
            assert file.told not in shown.replace("&#x27;", "'")  # this sentence of the journal has the line in it
        progress = progress.turned()
    said = game.debrief(dealt, progress.answers)
    assert game_page.ending(dealt, said) != game_page.ending(hidden, said)


def test_effects_add_up_and_a_denial_is_what_they_are_measured_against(dealt, found):
    plan, none = dealt.plan, game.Effect()
    for i, file in enumerate(dealt.files):
        assert found[i][DENY] == none
        key = (file.month, file.row)
        if i < 2:
            path = instructed.followed(plan, dealt.world, [{key: GRANT}, {key: DENY}])
            span = slice(file.month, file.month + game.FOLLOWED)
            bought = path.origins[span, :, 0].sum() - path.origins[span, :, 1].sum()
            assert found[i][GRANT].bought == pytest.approx(bought, abs=1e-12)
    assert any(effect[GRANT].firm > 0.001 for effect in found)


def test_a_firm_learns_of_ten_answers_as_firms_do(dealt):
    lenient, strict, neither = (game.learned(dealt, [way] * 10) for way in (GRANT, DENY, RETURN))
    model = model_of(dealt)
    prior = model.licensing.mean[0, 0]
    model.close()
    assert strict.mean < neither.mean == prior < lenient.mean
    assert max(strict.sd, lenient.sd) < neither.sd


def test_an_answer_counts_once_and_nothing_comes_after_the_last():
    progress = game.Progress().decided(GRANT, 2)
    assert progress.decided(DENY, 2) == progress == game.Progress((GRANT,), True)
    assert (progress.at, progress.turned().at, progress.turned().turned().at) == (0, 1, 1)
    over = progress.turned().decided(DENY, 2).turned()
    assert over.decided(GRANT, 2) == over == game.Progress((GRANT, DENY), False)


def test_names_are_escaped(dealt, found):
    hostile = [replace(f, name=("<img onerror=x>", "</script>", 1), told="<b>", answer=GRANT) for f in dealt.files]
    bad = replace(dealt, files=tuple(hostile))
    progress = game.Progress().decided(GRANT, 10)
    said = replace(game.Debrief(("<i>",) * 10, 1, 1, *[game.Learned(0.1, 0.1)] * 2, ((0.0, 0.0),) * 2, 10), answers=(GRANT,) * 10)
    for shown in (game_page.dossier(bad, 0), game_page.outcome(bad, progress, found[0]), game_page.ending(bad, said)):
        assert [tag for tag in ("<img", "</script", "<b>") if tag in shown] == []
        assert "&lt;img" in shown


def test_the_picture_has_a_mark_for_each_answer(dealt):
    drawn = picture(dealt, [GRANT] * 4 + [DENY] * 3 + [RETURN] * 3)
    assert drawn.count("<circle") == 7
    assert drawn.count("l10 10") == 3
    assert drawn.count('stroke-width="3"/>') == 13


def test_a_world_without_enough_files_is_refused_in_a_sentence():
    with pytest.raises(InputError, match=r"^no_entity_list: its office answers 0 files in world 0"):
        game.deal(shorter("no_entity_list", 40))
    with pytest.raises(InputError, match='did you mean "history"'):
        game.deal("histry")
    with pytest.raises(InputError):
        game.deal(world=-1)


@pytest.mark.slow
def test_what_the_teacher_is_told_of_the_ten_files_is_so():
    dealt = game.deal()
    found, files = game.effects(dealt), dealt.files
    said = game.debrief(dealt, [file.answer for file in files])
    assert sum(file.answer == RETURN for file in files) == 2
    assert said.by_odds == 8
    assert [round(files[i].line, 2) for i in (2, 3)] == [0.61, 0.36]
    assert [round(files[i].known.available, 2) for i in (2, 3)] == [0.84, 0.42]
    assert files[2].known.bargain > 0 == files[3].known.bargain
    seagate = found[4][GRANT]
    assert files[4].firm == "Seagate"
    assert sum(seagate.others) < -0.5 * seagate.firm < -0.1
    assert all(found[i][GRANT].bought > 5 * found[i][GRANT].firm > 0 for i in (5, 8))
    assert all(abs(effect.bought) < game_words.NOTHING for effect in found[9].values())


def test_the_examples_in_the_words_hold():
    import doctest

    assert doctest.testmod(game_words).failed == 0
