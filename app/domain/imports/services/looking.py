"""A look at a feed, in short transactions under a lease: claimed, taken in, weighed, written down.

Asking the feed lies between them. A lease that ran out is somebody else's: whoever lost it writes nothing more.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from app.core.waits import doubled
from app.domain.imports.absence import ENOUGH, Judgement, judge
from app.domain.imports.fetching import Fetched
from app.domain.imports.matching import Verdict
from app.domain.imports.models import ImportRun, ImportSighting, ImportSource
from app.domain.imports.queries import held_elsewhere, named_postings, open_sightings, sightings_of
from app.domain.imports.services.taking import Run, finish
from app.domain.postings.models import Posting
from app.domain.postings.services.categories import seed_categories
from app.domain.postings.services.leaving import come_back, leave

LEASE = timedelta(minutes=10)
"""How long a look is its claimer's: longer than fetching and reading a feed; each batch begins it anew."""
FIRST_WAIT = timedelta(minutes=15)
LONGEST_WAIT = timedelta(days=1)
_CHUNK = 500


class LeaseLost(Exception):
    """The source is somebody else's by now, or was removed."""


@dataclass(frozen=True, slots=True)
class Looking:
    """A claimed source. `until` is its lease's end, by which the claimer is known."""

    id: int
    url: str
    format: str
    read_as: str
    publish: bool
    company_id: int | None
    etag: str | None
    last_modified: str | None
    digest: str | None
    every_hours: int
    failures: int
    until: datetime


@dataclass(slots=True)
class Seen:
    """What a look saw: postings (and whether each is the feed's own), ids of refused rows, rows without any."""

    shown: dict[int, bool] = field(default_factory=dict)
    named: set[tuple[str, str]] = field(default_factory=set)
    unnamed: int = 0


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a look means: for postings the feed showed before, for new ones, for ones it had lost."""

    judgement: Judgement
    fresh: dict[int, bool]
    returned: list[int]
    present: int
    unnamed: int


def claim(session: Session, now: datetime) -> Looking | None:
    """Take the source that is due the longest; None where none is. Several claimers get different ones."""
    source = session.scalar(
        select(ImportSource)
        .where(
            ImportSource.paused_at.is_(None), ImportSource.due_at <= now,
            or_(ImportSource.claimed_until.is_(None), ImportSource.claimed_until <= now),
        )
        .order_by(ImportSource.due_at, ImportSource.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if source is None:
        return None
    source.claimed_until = until = now + LEASE
    return Looking(
        source.id, source.url, source.format, source.read_as, source.publish, source.company_id, source.etag,
        source.last_modified, source.digest, source.every_hours, source.failures, until,
    )


def hold(session: Session, looking: Looking, now: datetime) -> Looking:
    """Begin the lease anew, in the transaction of what is written under it. Raises LeaseLost."""
    until = now + LEASE
    _write(session, looking, {"claimed_until": until})
    return replace(looking, until=until)


def begin_look(session: Session, looking: Looking, written_as: str, now: datetime) -> Run:
    """Begin the run that notes what became of the rows. Each look reads its feed from the start."""
    run = ImportRun(name=looking.url[:300], format=written_as, fingerprint=_fingerprint(looking.id), started_at=now)
    session.add(run)
    session.flush()
    seed_categories(session)
    return Run(run.id, 0, now, Counter())


def _fingerprint(source_id: int) -> str:
    return hashlib.sha256(f"looks at source {source_id}".encode()).hexdigest()


def weigh(session: Session, looking: Looking, seen: Seen, now: datetime) -> Weighed:
    """What the look means, before anything of it is written."""
    source = session.get_one(ImportSource, looking.id, populate_existing=True)
    held = open_sightings(session, looking.id, now)
    there = seen.shown.keys() | named_postings(session, seen.named)
    judgement = judge(held, there, seen.unnamed, source.unnamed, believed=source.believes_next)
    others = sightings_of(session, looking.id, [id_ for id_ in there if id_ not in held])
    return Weighed(
        judgement,
        fresh={id_: own for id_, own in seen.shown.items() if id_ not in held and id_ not in others},
        returned=sorted(id_ for id_, closed_at in others.items() if closed_at is not None),
        present=len(there),
        unnamed=seen.unnamed if not held.keys() - there else min(seen.unnamed, source.unnamed),
    )


def close_gone(session: Session, looking: Looking, ids: Sequence[int], now: datetime) -> int:
    """End the postings that have left, as far as no other feed shows them; answers how many."""
    elsewhere, closed = held_elsewhere(session, looking.id, ids), []
    rows = select(Posting).where(Posting.id.in_(ids)).order_by(Posting.id).with_for_update(of=Posting)
    for posting in session.scalars(rows):
        if posting.id not in elsewhere and leave(session, posting, now):
            closed.append(posting.id)
    mine = update(ImportSighting).where(ImportSighting.source_id == looking.id)
    session.execute(mine.where(ImportSighting.posting_id.in_(ids)).values(absences=ENOUGH))
    session.execute(mine.where(ImportSighting.posting_id.in_(closed)).values(closed_at=now))
    return len(closed)


def open_returned(session: Session, looking: Looking, ids: Sequence[int], now: datetime) -> int:
    """Give back the postings that were closed for leaving and are there again; answers how many."""
    mine = ImportSighting.source_id == looking.id
    rows = session.execute(
        select(Posting, ImportSighting.closed_at)
        .join(ImportSighting, ImportSighting.posting_id == Posting.id)
        .where(mine, Posting.id.in_(ids), ImportSighting.closed_at.is_not(None))
        .order_by(Posting.id)
        .with_for_update(of=Posting)
    ).all()
    opened = [come_back(session, posting, left_at, now) for posting, left_at in rows if left_at is not None]
    here = update(ImportSighting).where(mine, ImportSighting.posting_id.in_(ids))
    session.execute(here.values(absences=0, closed_at=None))
    return sum(opened)


def conclude(
    session: Session, looking: Looking, run: Run, weighed: Weighed, fetched: Fetched, digest: str,
    *, closed: int, opened: int, read_as: str, now: datetime,
) -> None:
    """Write down what the look came to and when the next one is due. Raises LeaseLost."""
    judgement = weighed.judgement
    clean = not judgement.doubt and not judgement.missing
    _write(
        session, looking,
        {
            **_settled(looking, now), "changed_at": now, "read_as": read_as, "unnamed": weighed.unnamed,
            "outcome": _told(run, judgement, closed, opened)[:500], "held_back": bool(judgement.doubt),
            "believes_next": False, "present": weighed.present, "missing": len(judgement.missing), "closed": closed,
            "etag": fetched.etag if clean else None, "last_modified": fetched.last_modified if clean else None,
            "digest": digest if clean else None, "run_id": run.id,
        },
    )
    _count(session, looking.id, judgement, weighed.fresh)
    finish(session, run, now)
    older = ImportRun.fingerprint == _fingerprint(looking.id), ImportRun.id != run.id
    session.execute(delete(ImportRun).where(*older))


def _count(session: Session, source_id: int, judgement: Judgement, fresh: dict[int, bool]) -> None:
    """Note who is missing, who is back and who is new."""
    for absences, ids in ((1, judgement.missing), (0, judgement.back)):
        for start in range(0, len(ids), _CHUNK):
            some = ImportSighting.posting_id.in_(ids[start : start + _CHUNK])
            mine = update(ImportSighting).where(ImportSighting.source_id == source_id, some)
            session.execute(mine.values(absences=absences))
    if fresh:
        rows = [{"source_id": source_id, "posting_id": id_, "own": own} for id_, own in sorted(fresh.items())]
        session.execute(insert(ImportSighting), rows)


def unchanged(session: Session, looking: Looking, fetched: Fetched, now: datetime) -> None:
    """Note that the feed is as it was: all that was there is there. Raises LeaseLost."""
    told = {"etag": fetched.etag, "last_modified": fetched.last_modified}
    _write(session, looking, {**_settled(looking, now), **told, "outcome": "Nothing changed since the look before."})


def failed(session: Session, looking: Looking, why: str, now: datetime) -> None:
    """Note why there was nothing to read: no posting counts as missing, and the next try waits. Raises LeaseLost."""
    failures = looking.failures + 1
    _write(
        session, looking,
        {
            "claimed_until": None, "looked_at": now, "outcome": why[:500], "failures": failures,
            "due_at": now + wait(failures),
        },
    )


def wait(failures: int, chance: Callable[[], float] = random.random) -> timedelta:
    """How long after so many failures in a row: 15 min · 2^(failures − 1), at most a day, a quarter more or less."""
    return doubled(FIRST_WAIT, LONGEST_WAIT, failures, chance)


def _settled(looking: Looking, now: datetime) -> dict[str, Any]:
    due_at = now + timedelta(hours=looking.every_hours)
    return {"claimed_until": None, "looked_at": now, "failures": 0, "due_at": due_at}


def _write(session: Session, looking: Looking, values: dict[str, Any]) -> None:
    done = session.execute(
        update(ImportSource)
        .where(ImportSource.id == looking.id, ImportSource.claimed_until == looking.until)
        .values(**values)
    )
    if not isinstance(done, CursorResult) or done.rowcount != 1:
        raise LeaseLost


_WORDS = {
    Verdict.KEPT: "new", Verdict.UPDATED: "changed", Verdict.UNCHANGED: "the same", Verdict.DUPLICATE: "repeats",
    "rejected": "refused",
}


def _told(run: Run, judgement: Judgement, closed: int, opened: int) -> str:
    counts = [f"{run.counts[what]:,} {words}" for what, words in _WORDS.items() if run.counts[what]]
    said = [f"Read: {', '.join(counts)}." if counts else "It holds no rows."]
    if opened:
        said.append(f"{opened} came back and are open again.")
    if closed:
        said.append(f"{closed} left and were closed.")
    if judgement.missing:
        said.append(f"{len(judgement.missing)} are missing; they are closed if they are missing next time too.")
    return " ".join([*said, judgement.doubt]).strip()
