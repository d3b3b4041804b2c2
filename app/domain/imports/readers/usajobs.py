"""The Search API of USAJOBS, the federal government's board in the United States."""

from typing import Any

from app.domain.imports.readers.documents import at, json_format, listed
from app.domain.imports.readers.parts import joined, places, texts


def _items(document: Any) -> list[Any]:
    return listed(document, "SearchResult", "SearchResultItems")


def _names(values: list[Any]) -> str:
    return joined(", ", *(at(value, "Name") for value in values))


def _salary(job: Any) -> dict[str, Any]:
    stated = at(job, "PositionRemuneration", 0)
    return {
        "min": at(stated, "MinimumRange"), "max": at(stated, "MaximumRange"), "currency": "USD",
        "period": at(stated, "Description") or at(stated, "RateIntervalCode"),
    }


def _row(item: dict[str, Any], document: Any) -> dict[str, Any]:
    job = item.get("MatchedObjectDescriptor")
    details = at(job, "UserArea", "Details")
    duties = texts(at(details, "MajorDuties"))
    return {
        "source": "usajobs",
        "source_id": item.get("MatchedObjectId"),
        "title": at(job, "PositionTitle"),
        "company": at(job, "OrganizationName") or at(job, "DepartmentName"),
        "location": places(at(spot, "LocationName") for spot in listed(job, "PositionLocation")),
        "location_parts": {"country": at(job, "PositionLocation", 0, "CountryCode")},
        "employment_type_raw": _names([*listed(job, "PositionSchedule"), *listed(job, "PositionOfferingType")]),
        "salary": _salary(job),
        "date_posted": at(job, "PublicationStartDate"),
        "valid_through": at(job, "ApplicationCloseDate"),
        "description": joined("\n\n", at(details, "JobSummary"), *duties, at(job, "QualificationSummary")),
        "description_format": "text",
        "category_raw": _names(listed(job, "JobCategory")),
        "url": at(job, "PositionURI"),
    }


FORMAT = json_format(_items, _row, {"MatchedObjectDescriptor"})
