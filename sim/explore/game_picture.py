"""Ten answers in one picture: each file at its sensitivity, and where the office drew its line."""

from collections.abc import Sequence
from html import escape

from sim.explore.docket import DENY, GRANT, Deal
from sim.months import label

_WIDE, _HIGH, _LEFT, _RIGHT, _TOP, _FOOT = 340, 240, 28, 8, 10, 40  # so that its letters stay legible on a phone
_BLUE, _RED = "var(--own)", "var(--red)"  # of the page's sheet, by day and by night


def picture(deal: Deal, answers: Sequence[str]) -> str:
    """Dots: granted; crosses: denied; rings: returned. Dashes: the office's line."""
    step = (_WIDE - _LEFT - _RIGHT) / len(deal.files)
    drawn = []
    for i, (file, answer) in enumerate(zip(deal.files, answers, strict=True)):
        x, y, line = _LEFT + step * (i + 0.5), _y(file.known.sensitivity), _y(file.line)
        drawn.append(f'<path d="M{x - 0.45 * step:.1f} {line:.1f}h{0.9 * step:.1f}" style="stroke:{_RED}" stroke-width="3"/>')
        drawn.append(_mark(x, y, answer))
        drawn.append(f'<text x="{x:.1f}" y="{_HIGH - 24}" text-anchor="middle">{i + 1}</text>')
    axis = "".join(f'<text x="{_LEFT - 6}" y="{_y(v) + 4:.1f}" text-anchor="end">{v:g}</text>' for v in (0, 0.5, 1))
    grid = "".join(f'<path d="M{_LEFT} {_y(v):.1f}H{_WIDE - _RIGHT}" stroke="#8886"/>' for v in (0, 0.5, 1))
    ends = (
        f'<text x="{_LEFT}" y="{_HIGH - 6}">{label(deal.files[0].month)}</text>'
        f'<text x="{_WIDE - _RIGHT}" y="{_HIGH - 6}" text-anchor="end">{label(deal.files[-1].month)}</text>'
    )
    said = "The files at their sensitivity. Dots: you granted; crosses: you denied; rings: you returned. Red: the office's line."
    return (
        f'<svg role="img" aria-label="{escape(said)}" viewBox="0 0 {_WIDE} {_HIGH}" font-size="13" fill="currentColor" '
        f'style="width:100%;max-width:480px;font-family:sans-serif">{grid}{"".join(drawn)}{axis}{ends}</svg>'
        f'<p style="font-size:14px;line-height:1.4;margin:4px 0">{escape(said)}</p>'
    )


def _y(value: float) -> float:
    return _HIGH - _FOOT - (_HIGH - _FOOT - _TOP) * min(max(value, 0.0), 1.0)


def _mark(x: float, y: float, answer: str) -> str:
    if answer == GRANT:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" style="fill:{_BLUE}"/>'
    if answer == DENY:
        return f'<path d="M{x - 5:.1f} {y - 5:.1f}l10 10m0 -10l-10 10" style="stroke:{_BLUE}" stroke-width="3"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="none" style="stroke:{_BLUE}" stroke-width="2.5"/>'
