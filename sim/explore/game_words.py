"""The game in words: what is known of a file, what became of it, and what ten answers say. Plain text; whoever shows it escapes it."""

from collections.abc import Sequence

from sim.decisions.figures import joined, percent, share
from sim.decisions.names import plain
from sim.explore.docket import DENY, FOLLOWED, GRANT, RECENT, RETURN, Deal, File
from sim.explore.game import Debrief, Effect
from sim.months import label
from sim.tables import number

BUTTONS = {GRANT: "Grant", DENY: "Deny", RETURN: "Return without action"}
DID = {GRANT: "granted", DENY: "denied", RETURN: "returned"}
NOTHING = 0.00005  # USD bn: less is nothing
_SEVERAL = {GRANT: "granted", DENY: "to be denied", RETURN: "returned"}


def money(x: float) -> str:
    """USD bn, in words that fit.

    >>> money(0.0154), money(1.93), money(-0.2408), money(0.00001)
    ('USD 15.4 m', 'USD 1.93 bn', '-USD 241 m', 'nothing')
    """
    if abs(x) < NOTHING:
        return "nothing"
    size = f"{number(abs(x))} bn" if abs(x) >= 0.9995 else f"{number(1000 * abs(x))} m"
    return f"{'-' if x < 0 else ''}USD {size}"


def change(x: float) -> str:
    """
    USD m, of USD bn.

    >>> change(0.0154), change(-0.0154), change(1.2), change(0)
    ('+15.4', '-15.4', '+1,200', '0')
    """
    return "0" if abs(x) < NOTHING else f"{1000 * x:+,.1f}" if abs(x) < 0.09995 else f"{1000 * x:+,.0f}"


def more(x: float) -> str:
    """
    >>> more(1.04), more(-0.121), more(0)
    ('USD 1.04 bn more', 'USD 121 m less', 'just as much')
    """
    return "just as much" if abs(x) < NOTHING else f"{money(abs(x))} {'more' if x > 0 else 'less'}"


def about(file: File) -> str:
    firm, group, line = file.name
    return f"{firm}: {plain(str(group))}, product line {line}"


def task(deal: Deal) -> str:
    w = deal.words
    return (
        f"You head the {w['authority']}. {w['vendor']} is on the {w['list']}: whoever sells to it needs your licence, and ten files wait "
        "for your answer. Nobody tells you where the line lies between what is harmless and what is not; you learn it from answers, as "
        "firms do where it is not published. Grant, deny, or return a file without action: the firm may then file again in a few "
        "months. After each file you see what the office of the model answered, by its agencies' votes, and what follows of each answer."
    )


def facts(deal: Deal, file: File) -> list[tuple[str, str]]:
    """What the office knew when it answered, by what it is about."""
    k, w = file.known, deal.words
    needs = f"{percent(k.covered)} of it needs your licence"
    rest = "; the rest is out of the law's reach and ships anyway" if k.covered < 0.995 else ""
    rule = f"the {w['product_rule']} is {'in force, so foreign makers need your licence too' if k.in_force else 'not in force'}"
    could = f"could supply {percent(k.available)} of what {w['vendor']} needs of such goods"
    others = f"sellers out of the law's reach {could}" if k.available > 0 else "no seller out of the law's reach could supply it"
    held = f"{w['vendor']} holds {k.stock:.1f} months of its need, and {percent(k.domestic)} of it can be made in {w['target']}"
    talks = f"they want a concession of you, {share(k.bargain)} on a scale to 1" if k.bargain > 0 else "they ask nothing of you"
    answered = joined([f"{count} {_SEVERAL[answer]}" for answer, count in k.recent]) if any(n for _, n in k.recent) else "no answers"
    found = [
        ("Sensitivity", f"{share(k.sensitivity)}, on a scale from 0, harmless, to 1, most sensitive"),
        ("Worth", f"{money(k.sales)} a year to {file.firm}, at the prices of 2018"),
        ("The law", f"{needs}{rest}; {rule}"),
        ("Without it", f"{others}; {held}"),
        ("The talks", talks),
        ("At home", f"{w['controlled_sellers']} have lost {money(k.lost)} of sales over the last 12 months"),
        ("Your desk", f"{k.waiting} files wait, and the desk can read {k.capacity:.0f} a month"),
        ("The office so far", f"in the last {RECENT} months: {answered}"),
    ]
    return [(name, text[0].upper() + text[1:]) for name, text in found]


def verdict(deal: Deal, file: File, answer: str) -> str:
    """Yours and the office's; its line stays hidden until the end."""
    did = "meant to deny" if file.answer == DENY else DID[file.answer]
    same = "You agree." if answer == file.answer else "You differ."
    return f"You {DID[answer]} it; the office {did} it. {same} {office(deal, file)}"


def office(deal: Deal, file: File) -> str:
    """The journal's sentence; of a return, which would give the line away, only why."""
    if file.answer != RETURN:
        return file.told
    return f"The {deal.words['authority']} returns {file.firm}'s file without an answer: it lies near the line, where files go back by lot."


def rows(deal: Deal, file: File, effect: dict[str, Effect]) -> list[tuple[str, str, str]]:
    """Against a denial, over FOLLOWED months, USD m: if granted, if returned."""
    w = deal.words
    others = [f"Other {w['controlled']} sellers", f"Other {w['foreign']} sellers", f"{w['domestic']} sellers"]
    found = [(file.firm, effect[GRANT].firm, effect[RETURN].firm)]
    found += [(name, effect[GRANT].others[i], effect[RETURN].others[i]) for i, name in enumerate(others)]
    found.append((f"{w['vendor']} buys, in all", effect[GRANT].bought, effect[RETURN].bought))
    return [(name, change(granted), change(returned)) for name, granted, returned in found]


def meaning(deal: Deal, file: File, effect: dict[str, Effect]) -> str:
    """What a licence would do, in a sentence; which of the rules' ways it took, nobody can read off the sums alone."""
    vendor, licence = deal.words["vendor"], effect[GRANT]
    own, all_ = licence.firm, licence.bought
    if abs(own) < NOTHING and abs(all_) < NOTHING:
        return f"Whatever you answer, nothing changes: {vendor} does without this part by then, or has it from others."
    if abs(own) < NOTHING:
        return f"{file.firm} itself sells no more with a licence; what changes elsewhere comes of what others make of the answer."
    if all_ < -NOTHING:
        return f"With a licence {vendor} buys less in all than after a denial; the sums say by how much, and not why."
    if all_ > 1.5 * max(own, 0.0):
        return (
            f"A small part, a wide door: with it {vendor} buys more of other sellers too, since a product needs all its parts, or since "
            "firms that hear of a licence file more."
        )
    if all_ < 0.5 * own:
        return f"Most of what {file.firm} would sell with a licence, others sell without it."
    return f"Most of what {file.firm} sells with a licence, {vendor} would not have had without it."


def closing(deal: Deal, d: Debrief) -> list[str]:
    """What ten answers say, in a few sentences."""
    files, vendor = deal.files, deal.words["vendor"]
    grants, theirs = (sum(a == GRANT for a in given) for given in (d.answers, [file.answer for file in files]))
    gap = d.yours.mean - d.office.mean
    how = "as lenient as" if abs(gap) < 0.02 else f"{'more lenient' if gap > 0 else 'stricter'} by {share(abs(gap))} than"
    lines = [file.line for file in files]
    missed = len(files) - d.met
    met = f" {missed} of yours did not meet their file there, since the firm had not filed it then." if missed else ""

    def sums(sold: float, bought: float) -> str:
        return f"the firms sell {more(sold)} and {vendor} buy {more(bought)}"

    return [
        f"You answered {d.same} of {len(files)} as the office did. Someone who had known its line and always taken the likelier vote would "
        f"have come to {d.by_odds}{': agencies err, and some files go back by lot' if d.by_odds < len(files) else ''}.",
        f"You granted {grants}, the office {theirs}. A firm that had seen your ten answers alone would think that your line lies near "
        f"{share(d.yours.mean)} (give or take {share(d.yours.sd)}); of the office's ten it would think {share(d.office.mean)} (give or "
        f"take {share(d.office.sd)}). You look {how} the office. In truth its line moved between {share(min(lines))} and "
        f"{share(max(lines))} over these files.",
        f"All ten in one world, to its end, and against denying all ten: your answers let {sums(*d.together[0])}; the office's let "
        f"{sums(*d.together[1])}.{met}",
    ]


CAN_SAY = (
    "What follows is computed, not told: the same world again with one answer changed, and all luck the same. It says what the model's "
    "rules make of an answer, and not what would have happened. It puts no price on security: what a part is good for beyond its price "
    "stands in its sensitivity alone."
)


def line_of(deal: Deal, i: int, answer: str) -> tuple[str, str, str, str]:
    """A row of the last table: the file, its numbers, yours, the office's."""
    file = deal.files[i]
    odds = f"sensitivity {share(file.known.sensitivity)}, line {share(file.line)}, a yes {percent(file.odds)} likely"
    return f"{i + 1}. {label(file.month)} {about(file)}", odds, DID[answer], DID[file.answer]


def record(deal: Deal, d: Debrief) -> str:
    """A player's ten answers, to hand in."""
    lines = [f"TEN FILES ({deal.title}): {d.same} of {len(deal.files)} like the office", ""]
    for i, answer in enumerate(d.answers):
        file, numbers, yours, offices = line_of(deal, i, answer)
        lines += [file, f"   you {yours}, the office {offices}; {numbers}"]
    return "\n".join([*lines, "", *closing(deal, d), CAN_SAY, ""])


def sheet(deal: Deal) -> str:
    """The ten files on paper, to be decided."""
    parts = [f"TEN FILES ({deal.title})", task(deal)]
    for i, file in enumerate(deal.files):
        known = [f"   {name}: {text}." for name, text in facts(deal, file)]
        parts.append("\n".join([_head(i, file), *known, "   [ ] Grant    [ ] Deny    [ ] Return without action"]))
    return "\n\n".join(parts) + "\n"


def key(deal: Deal, effects: Sequence[dict[str, Effect]]) -> str:
    """What the office answered and what follows of each answer: the teacher's copy."""
    parts = [f"TEN FILES ({deal.title}): WHAT BECAME OF THEM"]
    for i, (file, effect) in enumerate(zip(deal.files, effects, strict=True)):
        told = [f"   {file.told}", f"   Its line is at {share(file.line)}; by the votes a yes is {percent(file.odds)} likely."]
        told += [f"   {meaning(deal, file, effect)}", f"   USD m over {FOLLOWED // 12} years, against a denial:"]
        told += [f"     {name}: {granted} if granted, {returned} if returned" for name, granted, returned in rows(deal, file, effect)]
        parts.append("\n".join([_head(i, file), *told]))
    return "\n\n".join([*parts, CAN_SAY]) + "\n"


def _head(i: int, file: File) -> str:
    return f"{i + 1}. {label(file.month)}  {about(file)}"
