"""Which news people want by mail, and how often."""

import enum

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base, Id, by_value, reference
from app.core.links import Links
from app.domain.accounts.models import User


class Notice(enum.StrEnum):
    """News a person may turn off. What answers an act of their own is always sent."""

    NEW_APPLICANT = "new_applicant"
    POSTING_EXPIRING = "posting_expiring"


class Frequency(enum.StrEnum):
    """How often; `daily` gathers a day's news into one mail."""

    INSTANT = "instant"
    DAILY = "daily"
    OFF = "off"


DEFAULT = Frequency.INSTANT


class NoticeChoice(Base):
    """What a person chose for one kind of news; without a row it is `DEFAULT`."""

    __tablename__ = "notice_choices"
    __table_args__ = (UniqueConstraint("user_id", "notice"),)

    id: Mapped[Id]
    user_id: Mapped[int] = reference("users.id", ondelete="CASCADE", index=False)
    notice: Mapped[Notice] = mapped_column(by_value(Notice, "notice"))
    frequency: Mapped[Frequency] = mapped_column(by_value(Frequency, "frequency"))


def choices(session: Session, user_id: int) -> dict[Notice, Frequency]:
    """What the person wants of every kind of news."""
    chosen = session.execute(
        select(NoticeChoice.notice, NoticeChoice.frequency).where(NoticeChoice.user_id == user_id)
    ).all()
    return dict.fromkeys(Notice, DEFAULT) | dict(chosen)


def wanted(session: Session, user_id: int, notice: Notice) -> Frequency:
    """How often the person wants this kind of news."""
    return choices(session, user_id)[notice]


def choose(session: Session, user_id: int, notice: Notice, frequency: Frequency) -> None:
    """Keep what the person wants; saying it twice changes nothing."""
    row = session.scalar(select(NoticeChoice).where(NoticeChoice.user_id == user_id, NoticeChoice.notice == notice))
    if row is None:
        session.add(NoticeChoice(user_id=user_id, notice=notice, frequency=frequency))
    else:
        row.frequency = frequency
    session.flush()


def unsubscribe_path(links: Links, user_id: int, notice: Notice) -> str:
    """Path of the one-click stop of this news for this person, for `Letter.unsubscribe`."""
    return f"/unsubscribe/{links.token('unsubscribe', user_id, notice.value)}"


def unsubscribe_token(links: Links, token: str) -> tuple[int, Notice]:
    """Whom and which news a stop speaks of. Raises BadCursor unless `unsubscribe_path` made it."""
    user_id, notice = links.values("unsubscribe", token)
    return int(user_id), Notice(notice)


def stop(session: Session, user_id: int, notice: Notice) -> None:
    """Turn this news off for a person; for somebody who left there is nothing to turn off."""
    if session.get(User, user_id) is not None:
        choose(session, user_id, notice, Frequency.OFF)
