"""The offers of both sides, meeting or not: a picture for each spell of talks, and a small one for each issue."""

import html
from collections.abc import Callable, Sequence

from sim.explore.chart import Frame, chart, legend, rounds, span
from sim.explore.pictures import ours
from sim.explore.talks import Issue, Spell, Story
from sim.months import label
from sim.tables import number
from sim.worlds import Numbers

SMALL = (170, 104)  # px
ENDS = {"deal": "a deal", "partial deal": "a partial deal", "walk-out": "no deal", "": "still open at the end of the run"}


def bargained(story: Story, world: int) -> str:
    """Everything on the talks of one world."""
    parts = []
    if story.why_none:
        parts.append(f'<p class="answer">{html.escape(story.why_none)}</p>')
    elif story.spells:
        ends = [spell.end for spell in story.spells]
        signed, parted = _times(sum(end.endswith("deal") for end in ends)), _times(ends.count("walk-out"))
        come = f"In world {world} {story.controller} and {story.target} come to the table {_times(len(ends))}"
        said = f"{come}: {signed} they sign, {parted} they part without a deal."
        parts.append(f'<p class="answer">{html.escape(said)}</p>')
        offers = [("line own", f"What {story.controller} offers"), ("line other", f"What {story.target} offers")]
        limits = [("zone zone", "Deals that both could ratify at home"), ("line limit", "The farthest that each could go")]
        parts.append(legend(*offers, *limits, ("dot good", "They sign"), ("cross bad", "They part")))
        parts += [_spell(story, spell) for spell in story.spells]
    if story.events:
        rows = "".join(f"<li>{label(month)}: {html.escape(_capital(sentence))}</li>" for month, sentence in story.events)
        parts.append(f"<details><summary>Threats, and how they came to the table</summary><ul>{rows}</ul></details>")
    return ours("".join(parts))


def _times(n: int) -> str:
    return "never" if not n else "once" if n == 1 else "twice" if n == 2 else f"{n} times"


def _spell(story: Story, spell: Spell) -> str:
    months = spell.months
    heading = f"{months[0]} to {months[-1]}: {ENDS[spell.end]}" if len(months) > 1 else f"{months[0]}: {ENDS[spell.end]}"

    def draw(width: int, height: int) -> str:
        frame = Frame(width, height, len(months), -0.15, 1.12, left=14)
        inside = frame.values([0, 0.25, 0.5, 0.75, 1], lambda _: "") + _zone(frame, spell) + frame.months(months)
        inside += frame.line(spell.farthest_controller, "limit") + frame.line(spell.farthest_target, "limit")
        inside += frame.line(spell.target, "other") + frame.line(spell.controller, "own")
        middle = (frame.left + frame.right) / 2
        inside += frame.text(middle, frame.y(1) - 6, f"{_capital(story.controller)} gives everything", "soft", "middle")
        inside += frame.text(middle, frame.y(0) + 16, f"{_capital(story.target)} gives everything", "soft", "middle")
        return inside + _ended(frame, spell)

    said = f"Offers from {months[0]} to {months[-1]}; {ENDS[spell.end]}. {spell.told}"
    small = "".join(_issue(story, issue, months) for issue in spell.issues)
    return (
        f"<h3>{html.escape(heading)}</h3>{chart('talks', said, draw, ((720, 300), (350, 250)))}"
        f'<p class="answer">{html.escape(_capital(spell.told))}</p>'
        f'<p class="note">Issue by issue: the share of it that its giver offers, and the share that the other side asks for, 0 to 100 %. '
        f'Where the two lines touch, they agree on it.</p><div class="small">{small}</div>'
        f'<p class="note">What each offer would be worth to the other side, in points, and (dotted) what that side must have. A point is a '
        f'point of tariff for a year.</p><div class="small">'
        f"{_worth(f'Offer of {story.controller}, to {story.target}', spell.worth_to_target, spell.least_target, 'own', months)}"
        f"{_worth(f'Offer of {story.target}, to {story.controller}', spell.worth_to_controller, spell.least_controller, 'other', months)}"
        "</div>"
    )


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _zone(frame: Frame, spell: Spell) -> str:
    """Where some package suits both; a strip a month."""
    found, half = "", 0.5 if len(spell.controller) > 1 else 0.0
    for i, (far, near) in enumerate(zip(spell.farthest_controller, spell.farthest_target, strict=True)):
        if far >= near:
            x0, x1 = frame.x(max(i - half, 0)), frame.x(min(i + half, len(spell.controller) - 1))
            found += f'<path class="area zone" d="M{x0:.1f} {frame.y(near):.1f}H{x1:.1f}V{frame.y(far):.1f}H{x0:.1f}Z"/>'
    return found


def _ended(frame: Frame, spell: Spell) -> str:
    last = len(spell.controller) - 1
    middle = float(spell.controller[-1] + spell.target[-1]) / 2
    if spell.end == "walk-out":
        return frame.cross(last, middle, "bad", 7)
    if not spell.end.endswith("deal"):
        return ""
    if spell.controller[-1] >= spell.target[-1]:
        return frame.dot(last, middle, "good", 7)
    return frame.dot(last, float(spell.controller[-1]), "good", 6) + frame.dot(last, float(spell.target[-1]), "good", 6)


def _issue(story: Story, issue: Issue, months: Sequence[str]) -> str:
    gives, asks = ("own", "other") if issue.giver == story.controller else ("other", "own")

    def draw(width: int, height: int) -> str:
        frame = Frame(width, height, len(months), -0.04, 1.04, left=42)
        inside = frame.values([0, 1], "{:.0%}".format) + frame.area(issue.offered, issue.asked, "gap") + _ends(frame, months)
        return inside + frame.line(issue.asked, asks) + frame.line(issue.offered, gives)

    said = f"{issue.name}, which {issue.giver} gives: at the end {issue.offered[-1]:.0%} offered, {issue.asked[-1]:.0%} asked for"
    caption = f"<b>{html.escape(issue.name)}</b>: {html.escape(issue.giver)} gives"
    return f"<figure><figcaption>{caption}</figcaption>{_small(said, draw)}</figure>"


def _worth(title: str, worth: Numbers, least: Numbers, kind: str, months: Sequence[str]) -> str:
    low, high = span(worth, least)

    def draw(width: int, height: int) -> str:
        frame = Frame(width, height, len(months), low, high, left=42)
        return frame.values(rounds(low, high, 3)) + _ends(frame, months) + frame.line(least, "limit") + frame.line(worth, kind)

    said = f"{title}: at the end {number(worth[-1])} points; it must have {number(least[-1])}"
    return f"<figure><figcaption>{html.escape(title)}</figcaption>{_small(said, draw)}</figure>"


def _ends(frame: Frame, months: Sequence[str]) -> str:
    first = frame.text(frame.left, frame.foot + 17, months[0])
    return first + (frame.text(frame.right, frame.foot + 17, months[-1], anchor="end") if len(months) > 1 else "")


def _small(said: str, draw: Callable[[int, int], str]) -> str:
    width, height = SMALL
    return f'<svg role="img" aria-label="{html.escape(said)}" viewBox="0 0 {width} {height}">{draw(width, height)}</svg>'
