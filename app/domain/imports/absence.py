"""When a posting that a feed no longer shows has left it. Pure.

A posting is closed after it was missing at two looks in a row. A look that may be mistaken counts as none: one that
shows nothing, or lacks more at once than a feed loses in a day, or holds rows of which nobody can tell who they are.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

ENOUGH = 2
"""Absences in a row after which a posting has left."""
FEW = 2
"""Postings that may always be missing at once."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a look says of the postings a feed had shown. `doubt` is the sentence why it is not believed."""

    missing: list[int] = field(default_factory=list)
    """For the first time."""
    gone: list[int] = field(default_factory=list)
    """Once more: they have left."""
    back: list[int] = field(default_factory=list)
    """There again."""
    doubt: str = ""


def judge(
    held: Mapping[int, int], shown: Collection[int], unnamed: int, unnamed_before: int, *, believed: bool = False
) -> Judgement:
    """`held`: open posting → absences so far. `shown`: postings that are there now.

    `unnamed` rows showed no id; so many as `unnamed_before` were there while nothing was missing. With `believed`
    somebody said that however much is missing is right.
    """
    back = sorted(id_ for id_, absences in held.items() if absences and id_ in shown)
    lacking = sorted(held.keys() - set(shown))
    fresh = [id_ for id_ in lacking if not held[id_]]
    doubt = "" if believed else _doubt(len(held), len(lacking), len(fresh), unnamed - unnamed_before, bool(shown))
    if doubt:
        return Judgement(back=back, doubt=doubt)
    return Judgement(fresh, [id_ for id_ in lacking if held[id_]], back)


def _doubt(held: int, lacking: int, fresh: int, unreadable: int, any_there: bool) -> str:
    if fresh and not any_there:
        return f"It came empty, and held {held} open postings before: nothing is closed for that."
    if fresh > max(FEW, held / 2):
        return f"{fresh} of its {held} open postings are missing at once: nothing is closed for that."
    if lacking and unreadable > 0:
        return f"{lacking} postings are missing, but some rows do not tell which they are: nothing is closed for that."
    return ""
