"""A posting as schema.org JobPosting, for the one page that shows it alone.

The properties are those Google for Jobs reads: https://developers.google.com/search/docs/appearance/structured-data/job-posting
"""

import json
from typing import Any

from app.core.money import to_major
from app.domain.postings.models import WORLDWIDE, EmploymentType, Place, Posting, Workplace
from app.domain.postings.words import country_name, every_country

_TYPES = {
    EmploymentType.FULL_TIME: "FULL_TIME",
    EmploymentType.PART_TIME: "PART_TIME",
    EmploymentType.CONTRACT: "CONTRACTOR",
    EmploymentType.TEMPORARY: "TEMPORARY",
    EmploymentType.INTERNSHIP: "INTERN",
    EmploymentType.VOLUNTEER: "VOLUNTEER",
    EmploymentType.PER_DIEM: "PER_DIEM",
    EmploymentType.OTHER: "OTHER",
}
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def job_posting(posting: Posting, base_url: str = "", *, taken: bool = True) -> dict[str, Any]:
    """The markup of a live posting, without what is not known of it. A logo is named where `base_url` leads to it.

    `taken` is whether somebody at the company receives applications.
    """
    facts = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": posting.title,
        "description": posting.description_html,
        "datePosted": posting.published_at.isoformat() if posting.published_at else None,
        "validThrough": posting.expires_at.isoformat() if posting.expires_at else None,
        "hiringOrganization": _organization(posting, base_url),
        "identifier": _identifier(posting),
        "employmentType": _TYPES[posting.type] if posting.type else None,
        "baseSalary": _salary(posting),
        "directApply": True if taken and posting.applies_here else None,
        **_where(posting),
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def script(posting: Posting, base_url: str = "", *, taken: bool = True) -> str:
    """`job_posting` as JSON that cannot end the script element it stands in."""
    return json.dumps(job_posting(posting, base_url, taken=taken), ensure_ascii=False).translate(_ESCAPES)


def _organization(posting: Posting, base_url: str) -> dict[str, str]:
    if posting.company is None:
        return {"@type": "Organization", "name": "confidential"}
    organization = {"@type": "Organization", "name": posting.company.name}
    website = posting.company.website or ""
    if posting.company.logo_path and base_url:
        organization["logo"] = base_url.rstrip("/") + posting.company.logo_path
    return organization | ({"sameAs": website} if website.startswith(("https://", "http://")) else {})


def _identifier(posting: Posting) -> dict[str, str]:
    name = posting.company.name if posting.company else "confidential"
    return {"@type": "PropertyValue", "name": name, "value": posting.source_id or str(posting.id)}


def _salary(posting: Posting) -> dict[str, Any] | None:
    if posting.salary_max is None or posting.salary_currency is None or posting.salary_period is None:
        return None
    amounts = {"maxValue": _amount(posting.salary_max, posting.salary_currency)}
    if posting.salary_min is not None:
        low = _amount(posting.salary_min, posting.salary_currency)
        amounts = {"value": low} if posting.salary_min == posting.salary_max else {"minValue": low} | amounts
    value = {"@type": "QuantitativeValue", **amounts, "unitText": posting.salary_period.upper()}
    return {"@type": "MonetaryAmount", "currency": posting.salary_currency, "value": value}


def _amount(minor: int, currency: str) -> int | float:
    major = to_major(minor, currency)
    return int(major) if major == int(major) else float(major)


def _where(posting: Posting) -> dict[str, Any]:
    if posting.workplace is Workplace.REMOTE:
        return _remote(posting)
    places = [_place(_address(row.place)) for row in posting.places]
    if not places:
        places = [_place({"addressCountry": row.country}) for row in posting.countries if row.country != WORLDWIDE]
    return {"jobLocation": places[0] if len(places) == 1 else places} if places else {}


def _remote(posting: Posting) -> dict[str, Any]:
    """Telecommuting may only be claimed together with the countries it is open to."""
    codes = [row.country for row in posting.countries if row.eligible] or [row.country for row in posting.countries]
    if WORLDWIDE in codes:
        codes = every_country()
    countries = [{"@type": "Country", "name": country_name(code)} for code in sorted(codes)]
    if not countries:
        return {}
    return {"jobLocationType": "TELECOMMUTE", "applicantLocationRequirements": countries}


def _address(place: Place) -> dict[str, str]:
    address = {"addressLocality": place.city, "addressRegion": place.region, "addressCountry": place.country}
    return {name: value for name, value in address.items() if value}


def _place(address: dict[str, str]) -> dict[str, Any]:
    return {"@type": "Place", "address": {"@type": "PostalAddress", **address}}
