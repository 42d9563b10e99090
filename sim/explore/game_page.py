"""The game on the page: its controls and what they show. Texts of cases and of players are escaped here."""

from collections.abc import Callable
from concurrent.futures import Future
from html import escape
from typing import Any

from sim.explore import game, game_words
from sim.explore.docket import Deal, File, dealt_or_refused
from sim.explore.game import Debrief, Effect, Progress
from sim.explore.game_picture import picture
from sim.explore.session import desk as desk_of_page
from sim.months import label

HEADING = (
    "## Be the Commerce Secretary\nTen files of one world to decide, and what follows of each. The same scenario, seed and world give "
    "everybody the same ten files; the levers do not count here."
)
_BLUE, _RED = "var(--own)", "var(--red)"  # of the page's sheet, by day and by night

Effects = tuple[dict[str, Effect], ...]


def seat(mo: Any, seed: int) -> tuple[Any, Any]:
    """Which ten files of a scenario, and the button that asks for them. seed: the scenario's own"""
    which = {"seed": mo.ui.number(0, value=seed, step=1, label="Seed"), "world": mo.ui.number(0, value=0, step=1, label="World")}
    return mo.ui.dictionary(which), mo.ui.run_button(label="Open the first file")


def opening(mo: Any, which: Any, asked: Any) -> Any:
    return mo.vstack([mo.md(HEADING), mo.hstack(which.elements.values(), justify="start", wrap=True), asked])


def dealt(mo: Any, scenario: str, which: Any, asked: Any) -> tuple[Deal, "Future[Effects]"]:
    """The files, and what will follow of each answer, which another process computes while the first is read.

    Stops the cell while nothing is asked for, or with the sentence that says what is wrong.
    """
    mo.stop(not asked.value)
    seed, world = which.value["seed"], which.value["world"]  # None where a field is empty
    deal = desk_of_page.hands.submit(dealt_or_refused, scenario, None if seed is None else int(seed), int(world or 0)).result()
    mo.stop(isinstance(deal, str), mo.Html(_paragraph(str(deal))))
    return deal, desk_of_page.hands.submit(game.effects, deal)


def buttons(mo: Any, move: Callable[[Callable[[Progress], Progress]], None], files: int) -> tuple[dict[str, Any], Any]:
    """To answer, and to go on. move: changes how far the player is"""

    def give(answer: str) -> Callable[[Any], None]:
        return lambda _: move(lambda progress: progress.decided(answer, files))

    answers = {a: mo.ui.button(label=words, on_click=give(a)) for a, words in game_words.BUTTONS.items()}
    return answers, mo.ui.button(label="Go on", on_click=lambda _: move(lambda progress: progress.turned()))


def desk(mo: Any, deal: Deal, progress: Progress) -> Any:
    """The file on the table, and before the first what it is all about."""
    if progress.at == len(deal.files):
        return mo.Html("")
    return mo.Html((_paragraph(game_words.task(deal)) if not progress.answers else "") + dossier(deal, progress.at))


def hand(mo: Any, deal: Deal, progress: Progress, effects: "Future[Effects]", answers: dict[str, Any], onward: Any) -> Any:
    """What to press; before that what became of the file that was just decided, and at the end of all ten.

    All in one place, so that whoever goes by the keyboard finds the next thing to press behind the last; and never a button where
    another was, so that no press counts twice.
    """
    if progress.told:
        return mo.vstack([mo.Html(outcome(deal, progress, effects.result()[progress.at])), onward])
    if progress.at < len(deal.files):
        paper = mo.download(game_words.sheet(deal).encode(), filename="ten_files_to_print.txt", label="Download the ten files to print")
        pressed = mo.hstack(list(answers.values()), justify="start", wrap=True)
        return mo.vstack([mo.Html(""), pressed, *([] if progress.answers else [paper])])
    said = desk_of_page.hands.submit(game.debrief, deal, progress.answers).result()
    mine = mo.download(game_words.record(deal, said).encode(), filename="ten_files.txt", label="Download your answers")
    whole = game_words.key(deal, effects.result()).encode()
    key = mo.download(whole, filename="ten_files_told.txt", label="Download what became of all ten")
    return mo.vstack([mo.Html(ending(deal, said)), mo.hstack([mine, key], justify="start", wrap=True)])


def dossier(deal: Deal, at: int) -> str:
    file = deal.files[at]
    rows = [
        _row(_cell(name, "th", bold=True, wide="26%"), _cell(f"{text}.", before=_scale(file) if name == "Sensitivity" else ""))
        for name, text in game_words.facts(deal, file)
    ]
    head = f"File {at + 1} of {len(deal.files)}, {label(file.month)}"
    return f'<div class="game">{_heading(head)}{_paragraph(game_words.about(file), bold=True)}{_table(rows)}</div>'


def outcome(deal: Deal, progress: Progress, effect: dict[str, Effect]) -> str:
    file, answer = deal.files[progress.at], progress.answers[-1]

    def column(way: str) -> str:
        whose = [who for who, given in (("you", answer), ("the office", file.answer)) if given == way]
        return f"if {game_words.DID[way]}" + (f" ({' and '.join(whose)})" if whose else "")

    head = _cell(f"USD m over {game.FOLLOWED // 12} years, against a denial", "th", bold=True)
    rows = [_row(head, *(_cell(column(way), "th", bold=True, right=True) for way in (game.GRANT, game.RETURN)))]
    for name, *cells in game_words.rows(deal, file, effect):
        rows.append(_row(_cell(name, "th"), *(_cell(x.replace("-", "−"), right=True) for x in cells)))
    so_far = sum(a == f.answer for a, f in zip(progress.answers, deal.files, strict=False))
    edge = f"border-left:4px solid {_BLUE if answer == file.answer else _RED};padding:2px 0 2px 12px;margin:12px 0"
    return (
        f'<div class="game told" role="status" style="{edge}">{_paragraph(game_words.verdict(deal, file, answer))}'
        f"{_paragraph('What follows: ' + game_words.meaning(deal, file, effect))}{_table(rows)}"
        f"{_paragraph(f'Like the office so far: {so_far} of {len(progress.answers)}.')}</div>"
    )


def ending(deal: Deal, said: Debrief) -> str:
    rows = [_row(*(_cell(name, "th", bold=True) for name in ("File", "You", "The office")))]
    for i, answer in enumerate(said.answers):
        file, numbers, yours, offices = game_words.line_of(deal, i, answer)
        mark = "✓" if answer == deal.files[i].answer else "✗"
        beneath = f'<br><span style="font-size:13px">{escape(numbers)}</span>'
        rows.append(_row(_cell(file, after=beneath), _cell(f"{mark} {yours}"), _cell(offices)))
    words = "".join(map(_paragraph, game_words.closing(deal, said)))
    head = _heading(f"{said.same} of {len(deal.files)} like the office")
    seen = picture(deal, said.answers)
    return f'<div class="game over" role="status">{head}{words}{seen}{_table(rows)}{_paragraph(game_words.CAN_SAY)}</div>'


def _scale(file: File) -> str:
    """Sensitivity as a bar."""
    at = 100 * min(max(file.known.sensitivity, 0.0), 1.0)
    return (
        '<span aria-hidden="true" style="display:block;height:10px;border:1px solid currentColor;border-radius:5px;margin:4px 0;'
        f'overflow:hidden"><span style="display:block;height:100%;width:{at:.0f}%;background:{_RED}"></span></span>'
    )


def _heading(text: str) -> str:
    return f'<h3 style="font-size:18px;font-weight:700;margin:12px 0 4px">{escape(text)}</h3>'


def _paragraph(text: str, bold: bool = False) -> str:
    return f'<p style="font-size:15px;line-height:1.45;margin:6px 0;{"font-weight:700" if bold else ""}">{escape(text)}</p>'


def _table(rows: list[str]) -> str:
    return f'<table style="width:100%;max-width:720px;border-collapse:collapse;font-size:14px;line-height:1.4">{"".join(rows)}</table>'


def _row(*cells: str) -> str:
    return f"<tr>{''.join(cells)}</tr>"


def _cell(
    text: str, tag: str = "td", bold: bool = False, right: bool = False, wide: str = "auto", before: str = "", after: str = ""
) -> str:  # fmt: skip
    """before, after: of our own making, beside the text"""
    style = f"padding:4px 6px;border-bottom:1px solid #8886;vertical-align:top;text-align:{'right' if right else 'left'};width:{wide}"
    style += f";font-weight:{600 if bold else 400}"
    return f'<{tag} style="{style}">{before}{escape(text)}{after}</{tag}>'
