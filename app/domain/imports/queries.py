"""What is known of earlier imports."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.domain.imports.likeness import BANDS, bands
from app.domain.imports.matching import Link, Memory, Target, keys
from app.domain.imports.models import ImportLink, ImportProblem, ImportRun, ImportSignature, LinkKind
from app.domain.imports.normalise import NormalisedPosting
from app.domain.postings.models import Posting

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
