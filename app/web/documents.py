"""What machines are told of a posting, the same at every door; money is in major units, times are ISO 8601 in UTC."""

from datetime import datetime
from typing import Any

from app.core.links import Links
from app.core.money import to_major
from app.domain.companies.models import Company
from app.domain.postings.models import Place, Posting
from app.domain.postings.queries import Page, Sent
from app.domain.postings.transitions import status_at
from app.web.outside import link

UNNAMED = "Company not named"


def url_of(posting: Posting | Page | Sent, links: Links) -> str | None:
    """The whole address of a posting's page; None before it was public."""
    return links.url(f"/jobs/{posting.id}/{posting.slug}") if posting.slug else None


def company_of(posting: Posting) -> str:
    """The company's name, or what stands where an import names none."""
    return posting.company.name if posting.company else UNNAMED


def posting_document(posting: Posting, links: Links, now: datetime) -> dict[str, Any]:
    """The fields of a posting that everybody may read, plain JSON."""
    return {
        "id": posting.id, "slug": posting.slug, "title": posting.title,
        "company": _named(posting.company), "category": _named(posting.category),
        "type": posting.type, "workplace": posting.workplace,
        "place": _place(posting.places[0].place) if posting.places else None,
        "places": [_place(row.place) for row in posting.places],
        "countries": sorted(row.country for row in posting.countries),
        "place_label": posting.place_label, "salary": _salary(posting),
        "description_html": posting.description_html, "experience": posting.experience, "openings": posting.openings,
        "status": status_at(posting, now), "published_at": at(posting.published_at),
        "expires_at": at(posting.expires_at), "times_reposted": posting.times_reposted,
        "url": url_of(posting, links), "apply_url": posting.apply_url, "version": posting.version,
    }  # fmt: skip


def whole_document(posting: Posting, links: Links, now: datetime) -> dict[str, Any]:
    """The same with what is told of one posting alone: what it asks its applicants."""
    return posting_document(posting, links, now) | {
        "questions": [
            {"id": one.id, "prompt": one.prompt, "kind": one.kind, "required": one.required}
            for one in posting.questions
        ]
    }


def company_document(company: Company, links: Links) -> dict[str, Any]:
    """The fields of a company that everybody may read, plain JSON."""
    return {
        "slug": company.slug, "name": company.name, "website": link(company.website) or None,
        "description_html": company.description_html, "url": links.url(f"/companies/{company.slug}"),
    }  # fmt: skip


def at(instant: datetime | None) -> str | None:
    """An instant as machines read it, in UTC."""
    return instant.isoformat().replace("+00:00", "Z") if instant else None


def _named(row: Any) -> dict[str, str] | None:
    return {"slug": row.slug, "name": row.name} if row is not None else None


def _place(place: Place) -> dict[str, Any]:
    return {
        "slug": place.slug, "city": place.city, "region": place.region, "country": place.country,
        "lat": place.lat, "lon": place.lon,
    }  # fmt: skip


def _salary(posting: Posting) -> dict[str, Any] | None:
    currency = posting.salary_currency
    if currency is None:
        return None

    def major(minor: int | None) -> float | int | None:
        if minor is None:
            return None
        amount = to_major(minor, currency)
        return int(amount) if amount == int(amount) else float(amount)

    return {
        "min": major(posting.salary_min), "max": major(posting.salary_max), "currency": currency,
        "period": posting.salary_period, "year_min": major(posting.salary_year_min),
        "year_max": major(posting.salary_year_max),
    }  # fmt: skip
