"""Feeds that are looked at again and again: added, paused, asked at once, removed."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Conflict, Invalid, NotFound
from app.core.networks import Networks
from app.core.outbound import Refused, check
from app.domain.audit.services import record
from app.domain.companies.queries import by_slug
from app.domain.imports.models import ImportSource
from app.domain.imports.queries import MOST_SOURCES
from app.domain.imports.readers import FORMATS

LONGEST_URL = 1_000
EVERY = (1, 3, 6, 12, 24, 72, 168)
"""Hours that may lie between two looks."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A feed as somebody asks for it. Empty `format`: told by looking; empty `company`: those it names."""

    url: str
    format: str = ""
    company: str = ""
    publish: bool = False
    every_hours: int = 24


def add(session: Session, wish: Wish, allow: Networks, actor: Actor, now: datetime) -> ImportSource:
    """Begin to look at a feed; the first look is due at once. Asked for twice in the same words, it is one.

    Raises Invalid naming the fields that cannot be taken.
    """
    url = wish.url.strip()
    company_id = _checked(session, wish, url, allow)
    key = hashlib.sha256(url.encode()).hexdigest()
    known = session.scalar(select(ImportSource).where(ImportSource.url_key == key))
    if known is not None:
        same = (known.format, known.company_id, known.publish, known.every_hours)
        if same == (wish.format, company_id, wish.publish, wish.every_hours):
            return known
        raise Invalid("This feed is looked at already.", {"url": "It is in the list: remove it there to change it."})
    if (session.scalar(select(func.count(ImportSource.id))) or 0) >= MOST_SOURCES:
        raise Invalid(f"These are {MOST_SOURCES} feeds, the most there can be.", {"url": "Remove one first."})
    source = ImportSource(
        url=url, url_key=key, format=wish.format, company_id=company_id, publish=wish.publish,
        every_hours=wish.every_hours, created_at=now, due_at=now,
    )
    session.add(source)
    session.flush()
    record(session, actor, "source.add", ("source", source.id), now, after=_host(url))
    return source


def _checked(session: Session, wish: Wish, url: str, allow: Networks) -> int | None:
    """The company's id. Raises Invalid with all that is wrong."""
    wrong: dict[str, str] = {}
    company_id = None
    if len(url) > LONGEST_URL:
        wrong["url"] = f"Use {LONGEST_URL:,} characters at the most."
    else:
        try:
            check(url, allow)
        except Refused as error:
            wrong["url"] = str(error)
    if wish.format and wish.format not in FORMATS:
        wrong["format"] = "Choose one of the formats."
    if wish.every_hours not in EVERY:
        wrong["every_hours"] = "Choose one of the times."
    if wish.company.strip():
        try:
            company_id = by_slug(session, wish.company.strip()).id
        except NotFound:
            wrong["company"] = "There is no such company. Write the last part of its page's address."
    if wrong:
        raise Invalid("Please check these answers.", wrong)
    return company_id


def _host(url: str) -> str:
    """What the log tells of an address: the rest of it may hold a key."""
    return (urlsplit(url).hostname or "")[:60]


def _locked(session: Session, source_id: int) -> ImportSource:
    source = session.get(ImportSource, source_id, with_for_update=True)
    if source is None:
        raise NotFound("This feed is not looked at any more.")
    return source


def pause(session: Session, source_id: int, actor: Actor, now: datetime) -> None:
    """Look no more until it is resumed; its postings stay. Raises NotFound."""
    source = _locked(session, source_id)
    if source.paused_at is None:
        source.paused_at = now
        record(session, actor, "source.pause", ("source", source_id), now)


def resume(session: Session, source_id: int, actor: Actor, now: datetime) -> None:
    """Look again, at once where a look fell due meanwhile. Raises NotFound."""
    source = _locked(session, source_id)
    if source.paused_at is not None:
        source.paused_at = None
        record(session, actor, "source.resume", ("source", source_id), now)


def look_now(session: Session, source_id: int, actor: Actor, now: datetime) -> None:
    """Have the whole feed looked at next, whatever it says of having changed. Raises NotFound, Conflict if paused."""
    source = _locked(session, source_id)
    if source.paused_at is not None:
        raise Conflict("This feed is paused. Resume it, then look.")
    source.due_at = min(source.due_at, now)
    source.etag = source.last_modified = source.digest = None
    record(session, actor, "source.look", ("source", source_id), now)


def count_missing(session: Session, source_id: int, actor: Actor, now: datetime) -> None:
    """Have the next look believed, however much is missing at it. Raises NotFound, Conflict if paused."""
    look_now(session, source_id, actor, now)
    _locked(session, source_id).believes_next = True


def remove(session: Session, source_id: int, actor: Actor, now: datetime) -> None:
    """Look at a feed no more, for good; its postings stay as they are. Removed already: nothing."""
    source = session.get(ImportSource, source_id, with_for_update=True)
    if source is not None:
        record(session, actor, "source.remove", ("source", source_id), now, before=_host(source.url))
        session.delete(source)


def follow(session: Session, company_id: int, into_id: int) -> None:
    """What came in for a company that became part of another comes in for that one."""
    for source in session.scalars(select(ImportSource).where(ImportSource.company_id == company_id)):
        source.company_id = into_id
    session.flush()
