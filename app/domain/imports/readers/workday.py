"""Workday's career sites: lists of both their interfaces, and one posting's own document."""

from typing import Any

from app.domain.imports.readers.documents import at, json_format, listed
from app.domain.imports.readers.parts import host, places, source_of


def _of_widgets(document: Any) -> list[Any]:
    """Items of the older interface, where a list stands among the widgets of a page."""
    return [
        {"title": at(item, "title", "instances", 0, "text"), "externalPath": at(item, "title", "commandLink")}
        for part in listed(document, "body", "children")
        for child in listed(part, "children")
        for item in listed(child, "listItems")
    ]


def _items(document: Any) -> list[Any]:
    return listed(document, "jobPostings") or _of_widgets(document) or [at(document, "jobPostingInfo")]


def _row(posting: dict[str, Any], document: Any) -> dict[str, Any] | str:
    if not posting.get("jobDescription"):
        return "The list has no descriptions: import each posting's own document (…/wday/cxs/…/job/…)."
    return {
        "source": source_of("workday", host(posting.get("externalUrl"))),
        "source_id": posting.get("jobReqId") or posting.get("id"),
        "title": posting.get("title"),
        "company": at(document, "hiringOrganization", "name"),
        "location": places([posting.get("location"), *listed(posting, "additionalLocations")]),
        "location_parts": {"country": at(posting, "country", "descriptor")},
        "workplace_raw": posting.get("remoteType"),
        "employment_type_raw": posting.get("timeType"),
        "date_posted": posting.get("startDate"),
        "valid_through": posting.get("endDate"),
        "description": posting["jobDescription"],
        "description_format": "html",
        "url": posting.get("externalUrl"),
    }


FORMAT = json_format(_items, _row, {"title", "externalPath"}, {"title", "jobDescription", "jobReqId"})
