"""RSS 2.0 and Atom, with the elements that job boards add to them."""

import re
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from app.domain.imports.readers.elements import markup, opening, said, said_all, xml_format
from app.domain.imports.readers.parts import host, joined, place, source_of, written_as

_ATOM = "{http://www.w3.org/2005/Atom}feed"
_COMPANY_IN_TITLE = {
    "weworkremotely.com": re.compile(r"(?P<company>[^:]+):\s+(?P<title>.+)", re.S),
    "www.researchcomputingteams.org": re.compile(r"(?P<title>.+)\s+-\s+(?P<company>.+)", re.S),
}
"""Boards that put the company into the title, and where; others may mean anything by a colon or a dash."""
_ALL_REMOTE = {"weworkremotely.com"}
_place_in_text = re.compile(r"\bLocation:\s*</(?:strong|b)>\s*([^<\n]{2,200})")


def _recognises(path: Path) -> bool:
    names = opening(path)
    return names[:2] == ["rss", "channel"] or names[:1] == [_ATOM]


def _url(item: Element) -> str:
    links = (child for child in item if child.tag.rpartition("}")[2] == "link")
    hrefs = (link.get("href", "") for link in links if link.get("rel", "alternate") == "alternate")
    return said(item, "link") or next(filter(None, hrefs), "")


def _named(item: Element, home: str) -> tuple[str, str]:
    """(title, company) of an item."""
    title, company = said(item, "title"), said(item, "company", "company_name", "employer")
    pattern = _COMPANY_IN_TITLE.get(home)
    found = pattern.fullmatch(title) if pattern and not company else None
    return (found["title"], found["company"]) if found else (title, company)


def _location(item: Element, description: str) -> str:
    labelled = _place_in_text.search(description)
    return (
        said(item, "location")
        or place(said(item, "region") or said(item, "city", "state"), said(item, "country"))
        or (labelled[1] if labelled else "")
    )


def _row(item: Element, about: dict[str, str]) -> dict[str, Any]:
    url = _url(item)
    home = host(about.get("link")) or host(url)
    title, company = _named(item, home)
    description = markup(item, "encoded", "description", "content", "summary")
    return {
        "source": source_of("rss", home),
        "source_id": said(item, "guid", "id") or url,
        "title": title,
        "company": company,
        "location": _location(item, description),
        "remote": True if home in _ALL_REMOTE else None,
        "employment_type_raw": said(item, "job_type", "jobtype", "type"),
        "salary_raw": said(item, "salary"),
        "date_posted": said(item, "pubDate", "published", "date", "updated"),
        "valid_through": said(item, "expires_at", "expirationdate", "expires"),
        "description": description,
        "description_format": written_as(description),
        "language": about.get("language", "").lower().partition("-")[0],
        "category_raw": joined(", ", *said_all(item, "category")),
        "url": url,
    }


FORMAT = xml_format(_recognises, {"item", "entry"}, {"rss": 2, "feed": 1}, _row)
