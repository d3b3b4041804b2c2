"""Ashby's job board API."""

from typing import Any

from app.domain.imports.readers.documents import at, json_format, listed
from app.domain.imports.readers.parts import board, joined, places, source_of


def _items(document: Any) -> list[Any]:
    return listed(document, "jobs")


def _salary(job: dict[str, Any]) -> dict[str, Any] | None:
    for part in listed(job, "compensation", "summaryComponents"):
        if at(part, "compensationType") == "Salary":
            return {
                "min": at(part, "minValue"), "max": at(part, "maxValue"), "currency": at(part, "currencyCode"),
                "period": at(part, "interval"),
            }
    return None


def _row(job: dict[str, Any], document: Any) -> dict[str, Any] | str:
    if job.get("isListed") is False:
        return "The job is not listed: its board keeps it to those who know its address."
    token = board(job.get("jobUrl"), "ashbyhq.com")
    workplace = job.get("workplaceType")
    others = [at(place, "location") for place in listed(job, "secondaryLocations")]
    return {
        "source": source_of("ashby", token),
        "source_id": job.get("id"),
        "title": job.get("title"),
        "company": token,
        "location": places([job.get("location"), *others]),
        "location_parts": {"country": at(job, "address", "postalAddress", "addressCountry")},
        "remote": None if workplace else job.get("isRemote"),
        "workplace_raw": workplace,
        "employment_type_raw": job.get("employmentType"),
        "salary": _salary(job),
        "salary_raw": at(job, "compensation", "compensationTierSummary"),
        "date_posted": job.get("publishedAt"),
        "description": job.get("descriptionHtml"),
        "description_format": "html",
        "category_raw": joined(", ", job.get("department"), job.get("team")),
        "url": job.get("jobUrl"),
    }


FORMAT = json_format(_items, _row, {"title", "jobUrl"})
