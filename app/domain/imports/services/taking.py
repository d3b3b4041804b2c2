"""Taking a source in, a batch a transaction. What was committed stays, and reading goes on after it."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.core.events import posting_moved, postings_changed
from app.domain.imports.matching import Decision, Memory, Verdict, decide
from app.domain.imports.models import ImportLink, ImportProblem, ImportRun, LinkKind
from app.domain.imports.normalise import NormalisedPosting, RowError, identity, normalise
from app.domain.imports.queries import recall
from app.domain.imports.readers import Entry
from app.domain.imports.writing import Writer
from app.domain.postings.services.categories import seed_categories
from app.domain.postings.services.writing import reviewing

BATCH = 300
"""Rows a transaction: a second's work at most, so that others who write need not wait long."""

_LINES_IN_A_SECOND = 999_999


@dataclass(frozen=True, slots=True)
class Options:
    """How a source is taken in. `company_id` takes the place of the companies that rows name."""

    publish: bool
    as_new: bool
    posting_days: int
    company_id: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it stands: where reading goes on, since when it runs, what became of the rows so far."""

    id: int | None
    position: int
    started_at: datetime
    counts: Counter[str]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row read and normalised, or the reason why it was refused and what it shows of who it is."""

    line: int
    posting: NormalisedPosting | None
    reason: str
    named: tuple[str, str] | None = None


def begin(session: Session, name: str, written_as: str, digest: str, options: Options, now: datetime) -> Run:
    """Go on with the unfinished run of these bytes under these options, else begin one."""
    facts = f"{digest} {written_as} {options.publish} {options.as_new} {options.company_id}"
    fingerprint = hashlib.sha256(facts.encode()).hexdigest()
    run = session.scalar(
        select(ImportRun)
        .where(ImportRun.fingerprint == fingerprint, ImportRun.finished_at.is_(None))
        .order_by(ImportRun.id.desc())
        .limit(1)
    )
    if run is None:
        run = ImportRun(name=name[:300], format=written_as, fingerprint=fingerprint, started_at=now)
        session.add(run)
        session.flush()
        seed_categories(session)
    counts = Counter({field: getattr(run, field) for field in (*Verdict, "rejected")})
    return Run(run.id, run.position, run.started_at, counts)


def rehearsal(now: datetime) -> Run:
    """A run that leaves no trace, for `rehearse`."""
    return Run(None, 0, now, Counter())


def prepare(entries: Iterable[Entry], run: Run, options: Options) -> list[Prepared]:
    """Normalise rows, before any transaction.

    Each is dated a microsecond after the one before it and all within the second before the run began, so that a
    list of the newest keeps the order of the file.
    """
    start = run.started_at - timedelta(seconds=1)
    prepared = []
    for entry in entries:
        moment = start + timedelta(microseconds=min(entry.line, _LINES_IN_A_SECOND))
        posting, reason, named = None, entry.reason or "", None
        if entry.row is not None:
            try:
                posting = normalise(entry.row, moment, options.as_new, options.posting_days)
            except RowError as refusal:
                reason, named = str(refusal), identity(entry.row)
        prepared.append(Prepared(entry.line, posting, reason, named))
    return prepared


def rehearse(session: Session, run: Run, batch: Sequence[Prepared], memory: Memory, now: datetime) -> Run:
    """What `take` would do, without writing; `memory` carries on from batch to batch."""
    rows = [prepared.posting for prepared in batch if prepared.posting]
    recall(session, rows, memory)
    return _counted(run, [decide(row, memory, now) for row in rows], batch)


def take(
    session: Session, run: Run, batch: Sequence[Prepared], options: Options, now: datetime,
    shown: dict[int, bool] | None = None,
) -> Run:
    """Write a batch: new postings, changed ones, links, refusals, and how far the run has come.

    `shown` learns which postings the rows are, and whether each is theirs or repeats another source's words.
    """
    rows = [prepared.posting for prepared in batch if prepared.posting]
    memory = Memory()
    recall(session, rows, memory)
    decisions = [decide(row, memory, now) for row in rows]
    kept = [decision for decision in decisions if decision.verdict is Verdict.KEPT]
    changed = [decision for decision in decisions if decision.verdict is Verdict.UPDATED]
    writer = Writer(session, options.company_id, options.publish, now, [*kept, *changed])
    writer.insert(kept)
    changed_ids = [decision.link.target.known_id for decision in changed]
    with nullcontext() if options.publish else reviewing(session, changed_ids, now):
        writer.update(changed)
    _write_links(session, decisions)
    touched = [decision.link.target.known_id for decision in (*kept, *changed)]
    for decision in kept:
        posting_moved.send("imports", session=session, posting_id=decision.link.target.known_id, before=None, now=now)
    if touched:
        postings_changed.send("imports", session=session, posting_ids=touched, now=now)
    if shown is not None:
        for decision in decisions:
            id_ = decision.link.target.known_id
            shown[id_] = shown.get(id_, False) or decision.link.own
    counted = _counted(run, decisions, batch)
    _write_progress(session, counted, batch)
    return counted


def finish(session: Session, run: Run, now: datetime) -> None:
    """The source is read to its end."""
    session.execute(update(ImportRun).where(ImportRun.id == run.id).values(finished_at=now))


def _counted(run: Run, decisions: Sequence[Decision], batch: Sequence[Prepared]) -> Run:
    counts = run.counts + Counter(decision.verdict.value for decision in decisions)
    counts["rejected"] += len(batch) - len(decisions)
    return replace(run, position=batch[-1].line, counts=counts)


def _write_progress(session: Session, run: Run, batch: Sequence[Prepared]) -> None:
    refused = [
        {"run_id": run.id, "line": prepared.line, "reason": prepared.reason[:300]}
        for prepared in batch
        if prepared.posting is None
    ]
    if refused:
        session.execute(insert(ImportProblem), refused)
    counts = {field: run.counts[field] for field in (*Verdict, "rejected")}
    session.execute(update(ImportRun).where(ImportRun.id == run.id).values(position=run.position, **counts))


def _write_links(session: Session, decisions: Sequence[Decision]) -> None:
    fresh: dict[int, dict[str, Any]] = {}
    changed: dict[int, dict[str, Any]] = {}
    for decision in decisions:
        link = decision.link
        facts = {
            "posting_id": link.target.known_id, "kind": LinkKind.OWN if link.own else LinkKind.REPEAT,
            "title": link.title, "company": link.company, "content_hash": link.content_hash,
            "fingerprint": link.fingerprint,
        }
        if link.id is None:
            fresh[id(link)] = {"source": decision.row.source, "key": decision.key, **facts}
        elif decision.verdict is not Verdict.UNCHANGED:
            changed[link.id] = {"id": link.id, **facts}
    if fresh:
        session.execute(insert(ImportLink), list(fresh.values()))
    if changed:
        session.execute(update(ImportLink), list(changed.values()))
