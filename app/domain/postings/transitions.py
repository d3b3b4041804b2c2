"""The one table of a posting's life. Buttons, checks, every door and the docs are drawn from it."""

import enum
from dataclasses import dataclass
from datetime import datetime

from app.domain.postings.models import Posting
from app.domain.postings.models import PostingStatus as S


class Mover(enum.StrEnum):
    """Who may make a move."""

    EMPLOYER = "employer"
    ADMIN = "admin"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Move:
    """One legal step of a posting."""

    before: S
    after: S
    mover: Mover
    needs_reason: bool = False


def _moves(befores: tuple[S, ...], after: S, *movers: Mover, needs_reason: bool = False) -> list[Move]:
    return [Move(before, after, mover, needs_reason) for before in befores for mover in movers]


DRAFTED = (S.DRAFT, S.CHANGES_REQUESTED)
"""With the employer, not handed in."""
SHOWN = (S.PUBLISHED, S.PAUSED)
"""Public, or one click from it: a material change is reviewed in both."""
TIMED = (*SHOWN, *DRAFTED, S.PENDING)
"""What the clock ends: a posting that came back to review or to its employer keeps the date of its end."""
REPOSTABLE = (S.EXPIRED, S.FILLED, S.CLOSED)
BY_EMPLOYER = (S.FILLED, S.CLOSED)
"""Over by its employer's word, who chooses whether open applications are answered with it or one by one."""
TAKEN_DOWN = (S.REJECTED, S.REMOVED)
"""Over by the board's word."""
ENDED = (*BY_EMPLOYER, *TAKEN_DOWN)
"""Over by somebody's word."""
_PUBLIC = (*SHOWN, S.EXPIRED)
_ANY = tuple(status for status in S if status is not S.REMOVED)

TABLE: tuple[Move, ...] = (
    *_moves(DRAFTED, S.PENDING, Mover.EMPLOYER),
    *_moves((S.PENDING,), S.PUBLISHED, Mover.ADMIN, Mover.SYSTEM),
    *_moves((S.PENDING,), S.REJECTED, Mover.SYSTEM, needs_reason=True),  # it left its feed before it was reviewed
    *_moves((S.PENDING,), S.CHANGES_REQUESTED, Mover.ADMIN, needs_reason=True),
    *_moves((S.PENDING,), S.REJECTED, Mover.ADMIN, needs_reason=True),
    *_moves((S.PUBLISHED,), S.PAUSED, Mover.EMPLOYER),
    *_moves((S.PAUSED,), S.PUBLISHED, Mover.EMPLOYER),
    *_moves(SHOWN, S.EXPIRED, Mover.SYSTEM),
    *_moves(_PUBLIC, S.FILLED, Mover.EMPLOYER),
    *_moves(_PUBLIC, S.CLOSED, Mover.EMPLOYER),
    *_moves((S.PUBLISHED,), S.CLOSED, Mover.SYSTEM),  # it left its feed
    *_moves(SHOWN, S.PENDING, Mover.SYSTEM),
    *_moves(_ANY, S.REMOVED, Mover.ADMIN, needs_reason=True),
)


def status_at(posting: Posting, now: datetime) -> S:
    """The state a posting is in at `now`: the clock ends it, whether or not that was written down."""
    over = posting.expires_at is not None and posting.expires_at <= now
    return S.EXPIRED if posting.status in TIMED and over else posting.status


def legal(before: S, mover: Mover) -> tuple[S, ...]:
    """States `mover` may move a posting to from `before`, in the table's order."""
    return tuple(move.after for move in TABLE if move.before is before and move.mover is mover)


def find(before: S, after: S, mover: Mover) -> Move | None:
    """The legal step, or None."""
    return next((m for m in TABLE if (m.before, m.after, m.mover) == (before, after, mover)), None)
