"""Workable: the widget's list of an account, the list of its third API, or one job's own document."""

from typing import Any

from app.domain.imports.readers.documents import at, json_format, listed
from app.domain.imports.readers.parts import place, places, sections


def _items(document: Any) -> list[Any]:
    """The jobs, those of several places once: the widget repeats them for each place."""
    jobs = listed(document, "jobs") or listed(document, "results") or [document]
    once: dict[str, Any] = {}
    for number, job in enumerate(jobs):
        code = at(job, "shortcode")
        known = once.get(code) if isinstance(code, str) else None
        if known is None:
            once[code if isinstance(code, str) else f"#{number}"] = job
        else:
            once[code] = {**known, "locations": listed(known, "locations") + listed(job, "locations")}
    return list(once.values())


def _location(job: dict[str, Any]) -> str:
    named = [spot for spot in [*listed(job, "locations"), job.get("location")] if at(spot, "hidden") is not True]
    found = places(place(at(spot, "city"), at(spot, "region"), at(spot, "country")) for spot in named)
    return found or place(job.get("city"), job.get("state"), job.get("country"))


def _row(job: dict[str, Any], document: Any) -> dict[str, Any] | str:
    if not job.get("description"):
        return "The list has no descriptions: import the widget's list with ?details=true, or each job's own document."
    department = job.get("department")
    return {
        "source": "workable",
        "source_id": job.get("shortcode"),
        "title": job.get("title"),
        "company": at(document, "name"),
        "location": _location(job),
        "remote": job.get("telecommuting") if "telecommuting" in job else job.get("remote"),
        "workplace_raw": job.get("workplace"),
        "employment_type_raw": job.get("employment_type") or job.get("type"),
        "date_posted": job.get("published_on") or job.get("published"),
        "description": sections(
            (None, job["description"]), ("Requirements", job.get("requirements")), ("Benefits", job.get("benefits"))
        ),
        "description_format": "html",
        "language": job.get("language"),
        "category_raw": job.get("function") or (at(department, 0) if isinstance(department, list) else department),
        "industry_raw": job.get("industry"),
        "experience_raw": job.get("experience"),
        "url": job.get("url"),
    }


FORMAT = json_format(_items, _row, {"title", "shortcode"})
