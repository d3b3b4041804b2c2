"""What is known of earlier imports, and of the feeds that are looked at again and again."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.domain.imports.likeness import BANDS, bands
from app.domain.imports.matching import Link, Memory, Target, keys
from app.domain.imports.models import (
    ImportLink,
    ImportProblem,
    ImportRun,
    ImportSighting,
    ImportSignature,
    ImportSource,
    LinkKind,
)
from app.domain.imports.normalise import NormalisedPosting
from app.domain.postings.models import Posting, PostingStatus

_MOST_CANDIDATES = 3_000
_BAND_COLUMNS = tuple(getattr(ImportSignature, f"band_{number}") for number in range(1, BANDS + 1))


def recall(session: Session, rows: Sequence[NormalisedPosting], memory: Memory) -> None:
    """Put into `memory` what the database knows of these rows; what is there already stays."""
    wanted = [key for row in rows for key in keys(row)]
    sources = {row.source for row in rows}
    targets: dict[int, Target] = {}
    for link, target in _links(session, ImportLink.source.in_(sources) & ImportLink.key.in_(wanted), targets):
        memory.links.setdefault(
            (link.source, link.key),
            Link(
                link.id, target, link.kind is LinkKind.OWN, link.title, link.company, link.content_hash,
                link.fingerprint,
            ),
        )
    hashes = {row.content_hash for row in rows}
    own = ImportLink.content_hash.in_(hashes) & (ImportLink.kind == LinkKind.OWN)
    for link, target in _links(session, own, targets):
        memory.originals[link.content_hash] = target


def _links(
    session: Session, chosen: ColumnElement[bool], targets: dict[int, Target]
) -> list[tuple[ImportLink, Target]]:
    found = session.execute(
        select(ImportLink, Posting.expires_at, Posting.times_reposted)
        .join(Posting, Posting.id == ImportLink.posting_id)
        .where(chosen)
        .order_by(ImportLink.id)
    )
    return [
        (link, targets.setdefault(link.posting_id, Target(link.posting_id, ends, times)))
        for link, ends, times in found
        if ends is not None
    ]


def candidates(session: Session, signatures: Sequence[bytes]) -> list[tuple[int, bytes, int | None, str]]:
    """(posting id, signature, company id, title) of postings whose text may be nearly one of these, oldest first."""
    wanted = [bands(signature) for signature in signatures]
    found: dict[int, tuple[int, bytes, int | None, str]] = {}
    for number, column in enumerate(_BAND_COLUMNS):
        rows = session.execute(
            select(ImportSignature.posting_id, ImportSignature.signature, Posting.company_id, Posting.title)
            .join(Posting, Posting.id == ImportSignature.posting_id)
            .where(column.in_({each[number] for each in wanted}))
            .order_by(ImportSignature.posting_id)
            .limit(_MOST_CANDIDATES)
        )
        found |= {id_: (id_, signature, company, title) for id_, signature, company, title in rows}
    return [found[posting_id] for posting_id in sorted(found)]


def latest_runs(session: Session, before_id: int | None, limit: int) -> list[ImportRun]:
    """Runs, the latest first, at most `limit` + 1 so that the caller sees whether more follow."""
    query = select(ImportRun).order_by(ImportRun.id.desc()).limit(limit + 1)
    return list(session.scalars(query.where(ImportRun.id < before_id) if before_id else query))


def problems(session: Session, run_id: int, after_line: int, limit: int) -> list[ImportProblem]:
    """Refused rows of a run by line, after `after_line`, at most `limit` + 1."""
    return list(
        session.scalars(
            select(ImportProblem)
            .where(ImportProblem.run_id == run_id, ImportProblem.line > after_line)
            .order_by(ImportProblem.line)
            .limit(limit + 1)
        )
    )


MOST_SOURCES = 200
"""Feeds a board looks at."""
_CHUNK = 500


def sources(session: Session) -> list[ImportSource]:
    """Feeds that are looked at, in the order in which they were added, with their companies and last runs."""
    query = select(ImportSource).options(joinedload(ImportSource.company), joinedload(ImportSource.run))
    return list(session.scalars(query.order_by(ImportSource.id).limit(MOST_SOURCES)))


def open_sightings(session: Session, source_id: int, now: datetime) -> dict[int, int]:
    """Posting → absences so far, of what a source showed and what is on the board or waits for review.

    What its company paused or ended is left out: a hand-made state is no business of a feed.
    """
    query = (
        select(ImportSighting.posting_id, ImportSighting.absences)
        .join(Posting, Posting.id == ImportSighting.posting_id)
        .where(
            ImportSighting.source_id == source_id, Posting.expires_at > now,
            Posting.status.in_((PostingStatus.PUBLISHED, PostingStatus.PENDING)),
        )
    )
    return dict(session.execute(query).all())


def sightings_of(session: Session, source_id: int, ids: Sequence[int]) -> dict[int, datetime | None]:
    """Posting → when it was closed for leaving, of those of these postings that the source showed before."""
    found: dict[int, datetime | None] = {}
    for some in _chunks(ids):
        query = select(ImportSighting.posting_id, ImportSighting.closed_at)
        mine = and_(ImportSighting.source_id == source_id, ImportSighting.posting_id.in_(some))
        found |= dict(session.execute(query.where(mine)).all())
    return found


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


def held_elsewhere(session: Session, source_id: int, ids: Collection[int]) -> set[int]:
    """Postings that another source still shows, or that are no source's own (it only repeated their words)."""
    other = aliased(ImportSighting)
    shown = select(other.posting_id).join(ImportSource, ImportSource.id == other.source_id)
    still = shown.where(
        other.posting_id.in_(ids), other.source_id != source_id, other.absences == 0, ImportSource.paused_at.is_(None)
    )
    own = exists().where(other.posting_id == Posting.id, other.own)
    nobodys = select(Posting.id).where(Posting.id.in_(ids), ~own)
    return {*session.scalars(still), *session.scalars(nobodys)}


def named_postings(session: Session, named: Collection[tuple[str, str]]) -> set[int]:
    """Postings that refused rows show to be there still, by (source, id)."""
    found: set[int] = set()
    by_source: dict[str, list[str]] = {}
    for source, key in named:
        by_source.setdefault(source, []).append(key)
    for source, known in by_source.items():
        for start in range(0, len(known), 50):
            some = known[start : start + 50]
            alike = [ImportLink.key.startswith(f"{key}~", autoescape=True) for key in some]
            query = select(ImportLink.posting_id).where(ImportLink.source == source)
            found |= set(session.scalars(query.where(or_(ImportLink.key.in_(some), *alike))))
    return found
