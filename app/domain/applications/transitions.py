"""The one table of an application's life. Buttons, checks, every door and the docs are drawn from it."""

import enum
from dataclasses import dataclass
from datetime import timedelta

from app.domain.applications.models import Stage as S

REOPENABLE = timedelta(days=30)
"""How long after its end an application may be taken up again."""

UNDO_FOR = timedelta(seconds=10)
"""How long a mover may take a step back; mail waits that long."""


LATER = timedelta(hours=24)
"""How long news waits that a mover wants told later."""


class Mover(enum.StrEnum):
    """Who may make a move."""

    APPLICANT = "applicant"
    EMPLOYER = "employer"
    ADMIN = "admin"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Move:
    """One legal step of an application. `within` limits it to that long after the step before."""

    before: S
    after: S
    mover: Mover
    needs_reason: bool = False
    within: timedelta | None = None


OPEN = (S.SUBMITTED, S.IN_REVIEW, S.INTERVIEW, S.OFFER)
"""Stages without an outcome."""

PARTED = (S.IN_REVIEW, S.INTERVIEW)
"""Stages that a company may divide into stages of its own."""

OWN_ENDINGS = (S.WITHDRAWN, S.DECLINED)
"""Ends of the applicant's own."""

_EMPLOYER, _APPLICANT, _ADMIN, _SYSTEM = Mover.EMPLOYER, Mover.APPLICANT, Mover.ADMIN, Mover.SYSTEM

TABLE: tuple[Move, ...] = (
    Move(S.SUBMITTED, S.IN_REVIEW, _EMPLOYER),
    Move(S.SUBMITTED, S.INTERVIEW, _EMPLOYER),
    Move(S.IN_REVIEW, S.INTERVIEW, _EMPLOYER),
    Move(S.INTERVIEW, S.OFFER, _EMPLOYER),
    Move(S.OFFER, S.HIRED, _EMPLOYER),
    *(Move(before, S.IN_REVIEW, _EMPLOYER, within=REOPENABLE) for before in (S.REJECTED, S.NOT_SELECTED)),
    *(Move(before, S.REJECTED, _EMPLOYER, needs_reason=True) for before in OPEN),
    *(Move(before, S.SPAM, _EMPLOYER) for before in S if before is not S.SPAM),
    *(Move(S.SPAM, after, _ADMIN) for after in S if after is not S.SPAM),
    *(Move(before, S.WITHDRAWN, _APPLICANT) for before in OPEN),
    Move(S.OFFER, S.DECLINED, _APPLICANT),
    *(Move(before, S.NOT_SELECTED, _SYSTEM) for before in OPEN),
)


def legal(before: S, mover: Mover, since: timedelta = timedelta()) -> tuple[S, ...]:
    """Stages `mover` may move an application to, which stands at `before` for `since`, in the table's order."""
    return tuple(
        move.after
        for move in TABLE
        if move.before is before and move.mover is mover and (move.within is None or since <= move.within)
    )


def find(before: S, after: S, mover: Mover) -> Move | None:
    """The step of the table, or None."""
    return next((m for m in TABLE if (m.before, m.after, m.mover) == (before, after, mover)), None)
