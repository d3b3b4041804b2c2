"""Postings written in bulk, with what hangs on them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from slugify import slugify
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from app.core.money import yearly
from app.domain.companies.services import name_key, recognise
from app.domain.imports.likeness import BANDS, alike, bands, same_job
from app.domain.imports.matching import Decision
from app.domain.imports.models import ImportSignature
from app.domain.imports.normalise import NormalisedPosting
from app.domain.imports.pay import Pay
from app.domain.imports.queries import candidates
from app.domain.postings.models import Category, CategorySlug, Posting, PostingCountry, PostingPlace, PostingStatus
from app.domain.postings.services.stating import place_label, place_rows

_LONGEST_SLUG = 80


def _pay_columns(pay: Pay | None) -> dict[str, Any]:
    low, high = (pay.low, pay.high) if pay else (None, None)
    return {
        "salary_min": low,
        "salary_max": high,
        "salary_currency": pay.currency if pay else None,
        "salary_period": pay.period if pay else None,
        "salary_year_min": yearly(low, pay.period) if pay and low is not None else None,
        "salary_year_max": yearly(high, pay.period) if pay and high is not None else None,
    }


class Writer:
    """Writes the postings of one batch; companies and places they name are made where there were none."""

    def __init__(
        self, session: Session, company_id: int | None, publish: bool, now: datetime, decisions: Sequence[Decision]
    ) -> None:
        self._session = session
        self._company_id = company_id
        self._publish = publish
        self._now = now
        rows = [decision.row for decision in decisions]
        former = select(CategorySlug.slug, CategorySlug.category_id)
        self._categories = dict(session.execute(former.union_all(select(Category.slug, Category.id))).all())
        named = [row.company for row in rows if row.company and not company_id]
        self._companies = recognise(session, named, now) if named else {}
        places = [place for row in rows for place in row.places]
        self._places = {row.slug: row.id for row in place_rows(session, places)} if places else {}

    def insert(self, decisions: Sequence[Decision]) -> None:
        """Write new postings; their targets learn their ids."""
        if not decisions:
            return
        ids = self._session.scalars(
            insert(Posting).returning(Posting.id, sort_by_parameter_order=True),
            [self._new(decision) for decision in decisions],
        )
        for decision, posting_id in zip(decisions, ids, strict=True):
            decision.link.target.posting_id = posting_id
        self._attach(decisions)

    def update(self, decisions: Sequence[Decision]) -> None:
        """Write what a source changed. Slug, first publication, state and field of work stay."""
        latest = {decision.link.target.known_id: decision for decision in decisions}
        if not latest:
            return
        present = select(Posting.id, Posting.version, Posting.published_at, Posting.expires_at)
        rows = self._session.execute(present.where(Posting.id.in_(latest)))
        changes = []
        for posting_id, version, published, ends in rows:
            row = latest[posting_id].row
            named = max(row.expires_at, (published or row.published_at) + timedelta(seconds=1))
            facts = {**self._facts(row), "version": version + 1, "expires_at": named if row.valid_through else ends}
            changes.append({"posting": posting_id, **facts})
        columns: dict[Any, Any] = {name: bindparam(name) for name in changes[0] if name != "posting"}
        change = update(Posting).where(Posting.id == bindparam("posting")).values(columns)
        self._session.connection().execute(change, changes)
        for table in (PostingPlace, PostingCountry, ImportSignature):
            self._session.execute(delete(table).where(table.posting_id.in_(latest)))
        self._attach(list(latest.values()))

    def _facts(self, row: NormalisedPosting) -> dict[str, Any]:
        company = self._company_id or (self._companies.get(name_key(row.company)) if row.company else None)
        return {
            "company_id": company,
            "title": row.title,
            "description_html": row.html,
            "description_text": row.text,
            "type": row.type,
            "workplace": row.workplace,
            "experience": row.experience,
            "place_label": (place_label(row.places, set(row.eligible)) or row.place_label)[:200],
            "language": row.language,
            "apply_url": row.url,
            "source_url": row.url,
            "content_hash": row.content_hash,
            "updated_at": self._now,
            **_pay_columns(row.pay),
        }

    def _new(self, decision: Decision) -> dict[str, Any]:
        row, target = decision.row, decision.link.target
        over = row.expires_at <= self._now
        status = PostingStatus.EXPIRED if over else PostingStatus.PUBLISHED
        public = self._publish or over
        return {
            **self._facts(row),
            "source": row.source,
            "source_id": decision.key,
            "category_id": self._categories.get(row.category),
            "openings": row.openings,
            "status": status if public else PostingStatus.PENDING,
            "slug": (slugify(row.title, max_length=_LONGEST_SLUG, word_boundary=True) or "job") if public else None,
            "published_at": row.published_at,
            "expires_at": max(row.expires_at, row.published_at + timedelta(seconds=1)),
            "submitted_at": self._now,
            "reposted_from_id": target.reposts.posting_id if target.reposts else None,
            "times_reposted": target.times_reposted,
            "created_at": self._now,
        }

    def _attach(self, decisions: Sequence[Decision]) -> None:
        places: list[dict[str, Any]] = []
        countries: list[dict[str, Any]] = []
        for decision in decisions:
            row, posting_id = decision.row, decision.link.target.known_id
            ids = list(dict.fromkeys(self._places[place.slug] for place in row.places))
            places += [{"posting_id": posting_id, "place_id": id_, "position": at} for at, id_ in enumerate(ids)]
            named = {place.country for place in row.places} | set(row.eligible)
            countries += [
                {"posting_id": posting_id, "country": code, "eligible": code in row.eligible} for code in sorted(named)
            ]
        if places:
            self._session.execute(insert(PostingPlace), places)
        if countries:
            self._session.execute(insert(PostingCountry), countries)
        self._sign([decision for decision in decisions if decision.row.signature])

    def _sign(self, decisions: Sequence[Decision]) -> None:
        """Keep signatures, and mark what is nearly the same as an earlier posting of the same company."""
        signed = {d.link.target.known_id: d.row.signature for d in decisions if d.row.signature}
        if not signed:
            return
        columns = [f"band_{number}" for number in range(1, BANDS + 1)]
        self._session.execute(
            insert(ImportSignature),
            [
                {"posting_id": id_, "signature": signature, **dict(zip(columns, bands(signature), strict=True))}
                for id_, signature in signed.items()
            ],
        )
        similar = self._similar(signed)
        if similar:
            link = update(Posting).where(Posting.id == bindparam("posting")).values(similar_to_id=bindparam("to"))
            pairs = [{"posting": posting_id, "to": to} for posting_id, to in similar.items()]
            self._session.connection().execute(link, pairs)

    def _similar(self, signed: dict[int, bytes]) -> dict[int, int]:
        by_band = defaultdict(list)
        facts = {}
        for candidate in candidates(self._session, list(signed.values())):
            facts[candidate[0]] = candidate
            for number, band in enumerate(bands(candidate[1])):
                by_band[number, band].append(candidate)
        similar = {}
        for posting_id, signature in signed.items():
            own = facts.get(posting_id)
            near = (c for n, band in enumerate(bands(signature)) for c in by_band[n, band] if c[0] < posting_id)
            same = (
                c[0] for c in near
                if own and c[2] == own[2] and same_job(c[3], own[3]) and alike(signature, c[1])
            )
            if found := min(same, default=None):
                similar[posting_id] = found
        return similar
