"""SmartRecruiters' Posting API: the list of a company, or one posting's own document."""

from typing import Any

from app.domain.imports.readers.documents import at, json_format, listed
from app.domain.imports.readers.parts import joined, place, sections, source_of

_SECTIONS = ("companyDescription", "jobDescription", "qualifications", "additionalInformation")


def _items(document: Any) -> list[Any]:
    return listed(document, "content") or [document]


def _url(posting: dict[str, Any]) -> str | None:
    """The posting's page: named by its own document; the list leaves it to be put together."""
    named = posting.get("postingUrl")
    company, number = at(posting, "company", "identifier"), posting.get("id")
    if isinstance(named, str) or not isinstance(company, str) or not isinstance(number, str):
        return named if isinstance(named, str) else None
    return f"https://jobs.smartrecruiters.com/{company}/{number}"


def _row(posting: dict[str, Any], document: Any) -> dict[str, Any] | str:
    if "jobAd" not in posting:
        return "The list has no descriptions: import each posting's own document (…/postings/ID)."
    parts = [at(posting, "jobAd", "sections", name) for name in _SECTIONS]
    spot = posting.get("location")
    country = joined("", at(spot, "country")).upper()
    return {
        "source": source_of("smartrecruiters", at(posting, "company", "identifier")),
        "source_id": posting.get("id"),
        "title": posting.get("name"),
        "company": at(posting, "company", "name"),
        "location": at(spot, "fullLocation") or place(at(spot, "city"), at(spot, "region"), country),
        "location_parts": {"country_code": country},
        "remote": at(spot, "remote"),
        "workplace_raw": "hybrid" if at(spot, "hybrid") is True else None,
        "employment_type_raw": at(posting, "typeOfEmployment", "label"),
        "date_posted": posting.get("releasedDate"),
        "description": sections(*((at(part, "title"), at(part, "text")) for part in parts)),
        "description_format": "html",
        "language": at(posting, "language", "code"),
        "category_raw": joined(", ", at(posting, "department", "label"), at(posting, "function", "label")),
        "industry_raw": at(posting, "industry", "label"),
        "experience_raw": at(posting, "experienceLevel", "label"),
        "url": _url(posting),
    }


FORMAT = json_format(_items, _row, {"jobAd"}, {"name", "refNumber", "releasedDate"})
