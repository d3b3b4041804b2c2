"""Answers kept for a while, in Redis or in this process: plain data as JSON has it, never views.

Their keys name the version of what they were drawn from. A change gives that a new version in its own transaction, so
whoever reads after the commit, in whatever process, looks under another key. An answer that time alone will change
says itself how long it is good.
"""

import hashlib
import json
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar, cast

from flask_caching import Cache
from flask_caching.backends.base import BaseCache
from sqlalchemy import String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.closing import Gathering
from app.core.db import SEEDED, Base, is_writing
from app.core.redis import Lifeline

LONGEST = 300
"""Seconds anything is kept at the most."""

POSTINGS = "postings"
"""What listings and their counts are drawn from: postings, companies and fields of work."""

Answer = TypeVar("Answer")
cache = Cache()


class CacheVersion(Base):
    """The version of what answers are drawn from: a word never used before, so none comes back with a backup."""

    __tablename__ = "cache_versions"
    __table_args__ = {"info": SEEDED}  # noqa: RUF012  as SQLAlchemy wants it

    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    version: Mapped[str] = mapped_column(String(32))


@dataclass(frozen=True, slots=True)
class Question(Generic[Answer]):
    """How something kept is asked: `answer` finds it, `until` the next instant at which time alone changes it.

    `pack` makes plain data of it and `unpack` the reverse, raising KeyError, TypeError or ValueError on other data.
    """

    key: str
    answer: Callable[[], Answer]
    until: Callable[[], datetime | None]
    pack: Callable[[Answer], Any]
    unpack: Callable[[Any], Answer]


def kept(session: Session, name: str, question: Question[Answer], now: datetime) -> Answer:
    """The answer at `now`, kept from before or found and kept.

    The version is read first: what changes after that can only put a newer answer under an old version, where nobody
    looks again. Inside a transaction that changes things nothing is kept, for it sees what is not committed.
    """
    version = None if is_writing() else _version(session, name)
    if version is None:
        return question.answer()
    key = f"{name}:{version}:{hashlib.sha256(question.key.encode()).hexdigest()}"
    found = _found(key, question, now)
    if found is not None:
        return found[0]
    until, answer = question.until(), question.answer()
    left = LONGEST if until is None else min(LONGEST, math.ceil((until - now).total_seconds()))
    if left > 0:
        value = {"from": now.isoformat(), "until": until and until.isoformat(), "answer": question.pack(answer)}
        cache.set(key, json.dumps(value, separators=(",", ":")), timeout=left)
    return answer


def _found(key: str, question: Question[Answer], now: datetime) -> tuple[Answer] | None:
    text = cache.get(key)
    if text is None:
        return None
    try:
        value = json.loads(text)
        if now < datetime.fromisoformat(value["from"]):
            return None
        if value["until"] is not None and now >= datetime.fromisoformat(value["until"]):
            return None
        return (question.unpack(value["answer"]),)
    except (KeyError, TypeError, ValueError):
        return None  # not ours: Redis is no place to trust


def _version(session: Session, name: str) -> str | None:
    return session.scalar(select(CacheVersion.version).where(CacheVersion.name == name))


def changed(session: Session, name: str) -> None:
    """What was drawn from `name` is over once this transaction is committed."""
    _changed.add(session, name)


def _new_versions(session: Session, names: set[str]) -> None:
    connection = session.connection()
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(CacheVersion)
    upsert = insert.on_conflict_do_update(index_elements=["name"], set_={"version": insert.excluded.version})
    for name in sorted(names):
        connection.execute(upsert, {"name": name, "version": secrets.token_hex(8)})


_changed = Gathering("cache", _new_versions)


class Shelf(BaseCache):
    """Text in Redis, asked through the one way that knows when not to ask."""

    def __init__(self, line: Lifeline, prefix: str) -> None:
        super().__init__(default_timeout=LONGEST)
        self._line, self._prefix = line, prefix

    @classmethod
    def factory(cls, app: Any, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]) -> "Shelf":
        """As Flask-Caching makes it; the application has its way to Redis by then."""
        return cls(app.extensions["nexus-redis"], config["CACHE_KEY_PREFIX"])

    def get(self, key: str) -> Any:
        return self._line.ask(lambda redis: cast(Any, redis.get(self._prefix + key)), None)

    def set(self, key: str, value: Any, timeout: int | timedelta | None = None) -> bool:
        return self._line.ask(lambda redis: bool(redis.set(self._prefix + key, value, ex=timeout or LONGEST)), False)

    def delete(self, key: str) -> bool:
        return self._line.ask(lambda redis: bool(redis.delete(self._prefix + key)), False)
