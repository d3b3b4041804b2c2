"""Tables of postings: which column says what, and how a line of cells becomes a row."""

import re
from collections.abc import Sequence
from typing import Any

from app.domain.imports.readers.parts import host, joined, place, source_of, written_as

_SYNONYMS = {
    "source": ("source", "sourcename", "portal"),
    "source_id": (
        "sourceid", "id", "jobid", "externalid", "reference", "referencenumber", "ref", "requisitionid", "uniqid",
        "identifier", "guid",
    ),
    "title": (
        "title", "jobtitle", "positiontitle", "businesstitle", "position", "role", "stanowisko", "stellenbezeichnung",
        "jobname", "name",
    ),
    "company": (
        "company", "companyname", "employer", "employername", "organization", "organisation", "organizationname",
        "hiringorganization", "agency", "firma", "pracodawca", "unternehmen",
    ),
    "location": (
        "locationraw", "location", "joblocation", "worklocation", "jobplace", "place", "region", "miejsce", "ort",
        "standort",
    ),
    "city": ("city", "town", "miasto", "stadt"),
    "state": ("state", "province", "county"),
    "country": ("country", "countrycode", "kraj", "land"),
    "description": (
        "fulldescription", "description", "jobdescription", "descriptionhtml", "responsibilities", "opis",
        "beschreibung", "stellenbeschreibung", "jobtext", "jobpost", "summary", "teaser",
    ),
    "requirements": (
        "requirements", "jobrequirements", "jobrequirment", "requiredqual", "qualifications", "minimumqualifications",
        "minimumqualrequirements", "preferredqualifications", "preferredskills", "wymagania", "anforderungen",
    ),
    "benefits": ("benefits", "jobbenefits", "benefitsandperks"),
    "type": (
        "employmenttype", "jobtype", "contracttime", "contracttype", "term", "fulltimeparttimeindicator", "schedule",
    ),
    "workplace": ("workplace", "workplacetype", "remotetype"),
    "remote": ("remote", "isremote", "telecommuting", "remoteallowed"),
    "salary": ("salaryraw", "salary", "salaryrange", "salaryestimate", "pay", "compensation", "wynagrodzenie"),
    "salary_min": ("salarymin", "minsalary", "salaryfrom", "salaryrangefrom", "minimumsalary"),
    "salary_max": ("salarymax", "maxsalary", "salaryto", "salaryrangeto", "maximumsalary"),
    "currency": ("currency", "salarycurrency"),
    "period": ("salaryperiod", "salaryfrequency", "payperiod"),
    "posted": (
        "dateposted", "posteddate", "postingdate", "publicationdate", "publishedat", "publisheddate", "listingdate",
        "openingdate", "postedat", "date",
    ),
    "until": (
        "validthrough", "expirationdate", "expirydate", "expires", "expiresat", "deadline", "closingdate",
        "applicationdeadline", "postuntil",
    ),
    "category": ("category", "jobcategory", "function", "department", "kategoria", "kategorie"),
    "industry": ("industry", "sector", "branża", "branche"),
    "experience": (
        "experience", "requiredexperience", "experiencelevel", "positionlevel", "seniority", "joblevel", "level",
    ),
    "language": ("language", "languagedescription"),
    "openings": ("openings", "vacancies", "ofpositions", "numberofpositions"),
    "url": ("url", "joburl", "joblink", "link", "applyurl", "applicationurl"),
}
"""What columns are called, letters and digits only, the likeliest first."""
_MISSING = {"", "-1", "-1.0", "na", "n/a", "none", "null", "nan", "nat", "-"}
_FLAGS = {"1": True, "true": True, "yes": True, "t": True, "0": False, "false": False, "no": False, "f": False}
_number = re.compile(r"\d+(?:\.\d+)?(?:e\+?\d+)?", re.IGNORECASE)
_not_name = re.compile(r"[\W_]+")

Columns = dict[str, list[int]]


def columns_of(header: Sequence[str]) -> Columns:
    """Positions of the columns that say a thing, the likeliest first; only of things that some column says."""
    names = [_not_name.sub("", name.casefold()) for name in header]
    found = {
        thing: [names.index(synonym) for synonym in synonyms if synonym in names]
        for thing, synonyms in _SYNONYMS.items()
    }
    return {thing: positions for thing, positions in found.items() if positions}


def are_postings(columns: Columns) -> bool:
    """Whether a table is one of postings: it has titles and descriptions, and says where or with whom."""
    return {"title", "description"} <= columns.keys() and bool(columns.keys() & {"company", "location", "city", "url"})


def _pay_in_words(low: str | None, high: str | None, currency: str | None, period: str | None) -> str | None:
    """Both ends of pay as one statement, where a cell holds more than a number: `50,000`, `$70k`."""
    if all(_number.fullmatch(end) for end in (low, high) if end):
        return None
    ends = f"{low} - {high}" if low and high else low or f"up to {high}"
    return joined(" ", ends, currency, period)


def row_of(cells: Sequence[str], columns: Columns, format_name: str) -> dict[str, Any]:
    """The row a line of cells makes."""

    def said(thing: str) -> list[str]:
        values = (cells[position].strip() for position in columns.get(thing, ()) if position < len(cells))
        return [value for value in values if value.casefold() not in _MISSING]

    def first(thing: str) -> str | None:
        return next(iter(said(thing)), None)

    description = joined("\n\n", first("description"), *said("requirements"), *said("benefits"))
    country, company = first("country"), first("company")
    low, high, currency, period = map(first, ("salary_min", "salary_max", "currency", "period"))
    return {
        "source": source_of(format_name, first("source") or host(first("url"))),
        "source_id": first("source_id"),
        "title": first("title"),
        "company": company and company.splitlines()[0],  # what stands below it are stars of a review
        "location": first("location") or place(first("city"), first("state"), country),
        "location_parts": {"country": country},
        "remote": _FLAGS.get((first("remote") or "").casefold()),
        "workplace_raw": first("workplace"),
        "employment_type_raw": joined(", ", *said("type")),
        "salary_raw": first("salary") or _pay_in_words(low, high, currency, period),
        "salary": {"min": low, "max": high, "currency": currency, "period": period},
        "date_posted": first("posted"),
        "valid_through": first("until"),
        "description": description,
        "description_format": "python-list-repr" if description.startswith("['") else written_as(description),
        "category_raw": joined(", ", *said("category")),
        "industry_raw": first("industry"),
        "experience_raw": first("experience"),
        "language": first("language"),
        "extra": {"vacancies": first("openings")},
        "url": first("url"),
    }
