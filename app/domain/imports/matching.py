"""Which posting a row means: told from what earlier rows became. Pure; the lookups are in `queries.py`."""

import enum
import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.imports.likeness import same_job
from app.domain.imports.normalise import NormalisedPosting


class Verdict(enum.StrEnum):
    """What becomes of a row; the names are those of the summary."""

    KEPT = "kept"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicates"


@dataclass(slots=True)
class Target:
    """A posting, perhaps not written yet."""

    posting_id: int | None
    expires_at: datetime
    times_reposted: int = 0
    reposts: "Target | None" = None
    """The ended posting whose words this one repeats."""

    @property
    def known_id(self) -> int:
        """The posting's id. Raises RuntimeError before it is written."""
        if self.posting_id is None:
            raise RuntimeError("a posting was asked for its id before it was written")
        return self.posting_id


@dataclass(slots=True)
class Link:
    """What a (source, key) stands for; `id` once it is in the database."""

    id: int | None
    target: Target
    own: bool
    title: str
    company: str
    content_hash: str
    fingerprint: str


@dataclass(slots=True)
class Memory:
    """What is known of earlier rows: links by (source, key), postings by the hash of their content."""

    links: dict[tuple[str, str], Link] = field(default_factory=dict)
    originals: dict[str, Target] = field(default_factory=dict)


@dataclass(slots=True)
class Decision:
    """A row, what it is called and what becomes of it."""

    row: NormalisedPosting
    key: str
    verdict: Verdict
    link: Link


def keys(row: NormalisedPosting) -> tuple[str, ...]:
    """Keys a row may be linked under, the likeliest first."""
    if row.source_id is None:
        return (f"#{row.content_hash}",)
    named = hashlib.sha256(f"{row.title}\0{row.company or ''}".casefold().encode()).hexdigest()
    return row.source_id, f"{row.source_id}~{named[:16]}"


def _another_job(link: Link, row: NormalisedPosting) -> bool:
    """Whether an id came back for something else: another company's other job."""
    if link.content_hash == row.content_hash or same_job(link.title, row.title):
        return False
    return link.company.casefold() != (row.company or "").casefold()


def _find(row: NormalisedPosting, memory: Memory) -> tuple[str, Link | None]:
    first, *others = keys(row)
    link = memory.links.get((row.source, first))
    if link is not None and others and _another_job(link, row):
        return others[0], memory.links.get((row.source, others[0]))
    return first, link


def _fresh(row: NormalisedPosting, memory: Memory, now: datetime) -> tuple[Verdict, Link]:
    """A row never seen: a repeat of a posting that still runs, else a posting of its own."""
    original = memory.originals.get(row.content_hash)
    repeat = original is not None and (original.expires_at > now or row.expires_at <= now)
    if original is not None and repeat:
        target = original
    else:
        times = original.times_reposted + 1 if original else 0
        target = memory.originals[row.content_hash] = Target(None, row.expires_at, times, original)
    link = Link(None, target, not repeat, row.title, row.company or "", row.content_hash, row.fingerprint)
    return Verdict.DUPLICATE if repeat else Verdict.KEPT, link


def decide(row: NormalisedPosting, memory: Memory, now: datetime) -> Decision:
    """What becomes of a row; `memory` learns it."""
    key, link = _find(row, memory)
    if link is None:
        verdict, link = _fresh(row, memory, now)
        memory.links[row.source, key] = link
        return Decision(row, key, verdict, link)
    same_words = link.content_hash == row.content_hash
    if link.fingerprint == row.fingerprint or (same_words and not link.own):
        return Decision(row, key, Verdict.UNCHANGED, link)
    verdict = Verdict.UPDATED
    if not link.own:  # it said what another posting said, and now speaks for itself
        verdict, fresh = _fresh(row, memory, now)
        link.target, link.own = fresh.target, fresh.own
    link.title, link.company = row.title, row.company or ""
    link.content_hash, link.fingerprint = row.content_hash, row.fingerprint
    memory.originals.setdefault(row.content_hash, link.target)
    return Decision(row, key, verdict, link)
