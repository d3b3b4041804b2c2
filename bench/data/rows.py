"""Drafts as rows of the product's tables."""

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from slugify import slugify

from app.core.money import Period, yearly
from app.domain.companies.models import Company
from app.domain.postings.gazetteer import by_slug
from app.domain.postings.models import (
    EmploymentType,
    Experience,
    Place,
    PlaceKind,
    Posting,
    PostingCountry,
    PostingPlace,
    PostingStatus,
    Workplace,
)
from app.domain.search.layout import Document, document
from app.domain.search.models import PostingSearch
from bench.data.corpus import Corpus, Draft
from bench.data.tokens import Analyser
from bench.where import NOW

TABLES: tuple[Any, ...] = (Company, Place, Posting, PostingPlace, PostingCountry, PostingSearch)
Row = dict[str, Any]


class Writer:
    """Turns drafts into rows; knows the numbers of what they name."""

    def __init__(self, corpus: Corpus, categories: Mapping[str, tuple[int, str]]) -> None:
        self.categories = categories
        self._suspended = corpus.companies()
        self._companies = {name: number for number, name in enumerate(self._suspended, 1)}
        slugs = sorted({slug for row in corpus.rows for slug in row.places})
        self._places = {slug: number for number, slug in enumerate(slugs, 1)}
        self._analyser = Analyser()

    def companies(self) -> list[Row]:
        taken: set[str] = set()
        rows = []
        for name, number in self._companies.items():
            slug = slugify(name, max_length=70) or "company"
            slug = f"{slug}-{number}" if slug in taken else slug
            taken.add(slug)
            rows.append({
                "id": number, "slug": slug, "name": name[:160], "name_key": " ".join(name.casefold().split())[:160],
                "description_md": "", "description_html": "", "hue": zlib.crc32(name.encode()) % 12, "trusted": False,
                "suspended_at": NOW if self._suspended[name] else None, "created_at": NOW - timedelta(days=90),
                "version": 1,
            })  # fmt: skip
        return rows

    def places(self) -> list[Row]:
        rows = []
        for slug, number in self._places.items():
            place = by_slug(slug)
            if place is None:
                raise LookupError(slug)
            rows.append({
                "id": number, "slug": slug, "kind": PlaceKind(place.kind), "city": place.city, "region": place.region,
                "country": place.country, "lat": place.lat, "lon": place.lon,
            })  # fmt: skip
        return rows

    def posting(self, draft: Draft) -> Row:
        real, pay = draft.real, draft.real.pay
        period = Period(pay[3]) if pay else None
        low, high = (pay[0], pay[1]) if pay else (None, None)
        closed = draft.fate == "closed"
        return {
            "id": draft.id, "company_id": self._companies.get(real.company or ""), "title": real.title,
            "slug": slugify(real.title, max_length=80, word_boundary=True) or "job", "description_md": "",
            "description_html": real.html or _html(draft.sentences), "description_text": real.text,
            "category_id": self._category(draft)[0], "type": EmploymentType(real.type) if real.type else None,
            "workplace": Workplace(real.workplace),
            "experience": Experience(real.experience) if real.experience else None,
            "place_label": real.place_label, "salary_min": low, "salary_max": high,
            "salary_currency": pay[2] if pay else None, "salary_period": period,
            "salary_year_min": yearly(low, period) if period and low is not None else None,
            "salary_year_max": yearly(high, period) if period and high is not None else None,
            "openings": real.openings, "language": real.language,
            "status": PostingStatus.CLOSED if closed else PostingStatus.PUBLISHED,
            "frozen_at": NOW if draft.fate == "frozen" else None, "submitted_at": draft.published_at,
            "published_at": draft.published_at, "expires_at": draft.expires_at,
            "ended_at": max(draft.published_at, NOW - timedelta(hours=1)) if closed else None,
            "apply_url": real.url, "source": "bench", "source_id": str(draft.id), "source_url": real.url,
            "content_hash": hashlib.sha256(real.text.encode()).hexdigest(), "times_reposted": 0,
            "created_at": draft.published_at, "updated_at": draft.published_at, "version": 1,
        }  # fmt: skip

    def posting_places(self, draft: Draft) -> list[Row]:
        slugs = dict.fromkeys(draft.real.places)
        return [
            {"posting_id": draft.id, "place_id": self._places[slug], "position": at} for at, slug in enumerate(slugs)
        ]

    def posting_countries(self, draft: Draft) -> list[Row]:
        named = {place.country for place in map(by_slug, draft.real.places) if place} | set(draft.real.eligible)
        return [
            {"posting_id": draft.id, "country": code, "eligible": code in draft.real.eligible} for code in sorted(named)
        ]

    def tokens(self, draft: Draft) -> Document:
        real = draft.real
        lines = ((real.company or "")[:160], real.place_label, self._category(draft)[1])
        if draft.sentences:
            return self._analyser.document(real.title, lines, draft.sentences)
        return document(real.title, lines, real.text)

    def _category(self, draft: Draft) -> tuple[int | None, str]:
        return self.categories.get(draft.real.category, (None, ""))


def _html(sentences: Iterable[str]) -> str:
    escaped = (part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for part in sentences)
    return "".join(f"<p>{part}</p>" for part in escaped)
