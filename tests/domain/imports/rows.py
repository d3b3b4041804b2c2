"""Invented rows in the normalised schema."""

import json
from typing import Any

BODY = (
    "You plan, draw and build small wooden bridges together with a crew of four. You keep the tools sharp, talk"
    " with the people who will cross them, and write down what each bridge can carry. We pay for courses, boots"
    " and lunch, and nobody works after five. Number {number} is the bridge to begin with in the spring."
)


def row(number: int = 1, **facts: Any) -> dict[str, Any]:
    """A whole row; `facts` replace what it says."""
    return {
        "source": "bridges",
        "source_id": f"b-{number}",
        "title": f"Bridge builder {number}",
        "company": f"Bridges of {chr(65 + number % 26)}",
        "location": "Berlin, Germany",
        "employment_type": ["FULL_TIME"],
        "salary_raw": "€40k - €50k",
        "description": BODY.format(number=number),
        "description_format": "text",
        "category_raw": "Construction",
        "language": "en",
        "url": f"https://bridges.example/{number}",
        **facts,
    }


def lines(*rows: Any) -> bytes:
    """Rows (or broken lines, as bytes) as JSON Lines."""
    return b"".join((r if isinstance(r, bytes) else json.dumps(r).encode()) + b"\n" for r in rows)
