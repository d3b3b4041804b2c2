"""Recruitee's offers API: the offers of a company, or one of them."""

from typing import Any

from app.domain.imports.readers.documents import at, json_format, listed
from app.domain.imports.readers.parts import board, joined, place, places, sections, source_of


def _items(document: Any) -> list[Any]:
    return listed(document, "offers") or [at(document, "offer")]


def _location(offer: dict[str, Any]) -> str:
    spots = listed(offer, "locations") or [offer]
    return places(
        place(at(spot, "city"), at(spot, "state") or at(spot, "state_name"), at(spot, "country")) for spot in spots
    )


def _row(offer: dict[str, Any], document: Any) -> dict[str, Any]:
    return {
        "source": source_of("recruitee", board(offer.get("careers_url"))),
        "source_id": offer.get("id"),
        "title": offer.get("title"),
        "company": offer.get("company_name"),
        "location": _location(offer) or offer.get("location"),
        "location_parts": {"country_code": offer.get("country_code")},
        "remote": offer.get("remote"),
        "workplace_raw": "hybrid" if offer.get("hybrid") is True else None,
        "employment_type_raw": offer.get("employment_type_code"),
        "salary": offer.get("salary"),
        "date_posted": offer.get("published_at"),
        "valid_through": offer.get("close_at"),
        "description": sections((None, offer.get("description")), ("Requirements", offer.get("requirements"))),
        "description_format": "html",
        "category_raw": joined(", ", offer.get("department"), offer.get("category_code")),
        "experience_raw": offer.get("experience_code"),
        "url": offer.get("careers_url"),
    }


FORMAT = json_format(_items, _row, {"title", "careers_url"})
