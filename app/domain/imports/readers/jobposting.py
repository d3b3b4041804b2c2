"""A JobPosting of schema.org as a row. Where it says a value, pages write words, objects or lists of either."""

from typing import Any

from app.domain.imports.readers.documents import at
from app.domain.imports.readers.parts import board, joined, place, places, source_of, texts, written_as


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _name(value: Any) -> Any:
    """A thing's name, or the words that stand for it."""
    one = _all(value)[0] if value else None
    return at(one, "name") if isinstance(one, dict) else one


def _place(spot: Any) -> str:
    address = at(spot, "address") or spot
    if not isinstance(address, dict):
        return place(address)
    country = _name(address.get("addressCountry"))
    return place(address.get("addressLocality"), address.get("addressRegion"), country) or place(address.get("name"))


def _salary(posting: dict[str, Any]) -> dict[str, Any]:
    stated = next(iter(_all(posting.get("baseSalary"))), None)
    value = at(stated, "value") if isinstance(stated, dict) else stated
    amount = at(value, "value") if isinstance(value, dict) else value
    return {
        "min": at(value, "minValue") or amount, "max": at(value, "maxValue") or amount,
        "currency": at(stated, "currency") or posting.get("salaryCurrency"),
        "period": at(value, "unitText") or at(stated, "unitText"),
    }


def _id(posting: dict[str, Any]) -> str | None:
    """Its address; else its identifier with the name of who gave it, for many number their jobs from one."""
    if isinstance(posting.get("url"), str):
        return str(posting["url"])
    named = next(iter(_all(posting.get("identifier"))), None)
    number = at(named, "value") if isinstance(named, dict) else named
    if isinstance(number, bool) or not isinstance(number, str | int):
        return None
    return joined(" ", at(named, "name"), str(number))


def is_job_posting(value: Any) -> bool:
    """Whether an object says that it is a JobPosting."""
    kinds = texts(at(value, "@type"))
    return any(kind.rpartition("/")[2].rpartition(":")[2] == "JobPosting" for kind in kinds)


def row_of(posting: dict[str, Any]) -> dict[str, Any]:
    """The row a JobPosting makes."""
    remote = "TELECOMMUTE" in texts(posting.get("jobLocationType"))
    open_to = _all(posting.get("applicantLocationRequirements")) if remote else []
    description = posting.get("description")
    return {
        "source": source_of("jsonld", board(posting.get("url"))),
        "source_id": _id(posting),
        "title": posting.get("title") or posting.get("name"),
        "company": _name(posting.get("hiringOrganization")),
        "location": places([*map(_place, _all(posting.get("jobLocation"))), *map(_name, open_to)]),
        "remote": remote or None,
        "employment_type": texts(posting.get("employmentType")),
        "employment_type_raw": joined(", ", *texts(posting.get("employmentType"))),
        "salary": _salary(posting),
        "date_posted": posting.get("datePosted"),
        "valid_through": posting.get("validThrough"),
        "description": description,
        "description_format": written_as(description),
        "category_raw": _name(posting.get("occupationalCategory")),
        "industry_raw": _name(posting.get("industry")),
        "experience_raw": posting.get("experienceRequirements"),
        "url": posting.get("url"),
        "extra": {"vacancies": posting.get("totalJobOpenings")},
    }
