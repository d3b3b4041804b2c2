"""Choose the postings of United States federal agencies that the demo board shows.

`python scripts/build_demo_excerpt.py DATA` reads DATA/postings/usajobs_2016.jsonl.gz (USAJOBS, public domain) and
writes app/demo/data/usajobs_excerpt.jsonl.gz. Dates are left out: the demo gives its own.
"""

import gzip
import html
import json
import re
import sys
from pathlib import Path
from typing import Any

from app.domain.postings import gazetteer

OUT = Path(__file__).resolve().parent.parent / "app" / "demo" / "data" / "usajobs_excerpt.jsonl.gz"
WANTED = 320
MOST_OF_AN_AGENCY = 30
MOST_OF_A_FIELD = 75

FIELDS = {
    "Medical, Dental, And Public Health": "healthcare",
    "Engineering And Architect": "engineering",
    "Biological Sciences": "science",
    "Information Technology": "it-security",
    "Physical Sciences": "science",
    "Mathematics And Statistic": "data",
    "Social Science, Psychologist": "public-sector",
    "Management, Administrative And Clerical Services": "operations",
    "Safety, Health, And Physical": "public-sector",
    "Education": "education",
    "Information, Arts And Publications": "media",
    "Business, Industry, and Programs": "management",
    "Accounting Budget And Finance": "finance",
    "Quality Assurance, Inspection And Grading": "manufacturing",
    "Veterinary Medical Science": "healthcare",
    "Library And Archives": "education",
    "Legal and Claims Examination": "legal",
    "Transportation": "logistics",
}


def excerpt(row: dict[str, Any]) -> dict[str, Any] | None:
    """What the demo keeps of a row; None for one that is short, unpaid, nowhere or in no field we show."""
    pay, field = row["salary"], FIELDS.get((row["category_raw"] or "").split(";")[0].strip())
    places = [words.strip() for words in row["location"].split("|")]
    known = [gazetteer.search(words) for words in places]
    text = html.unescape(html.unescape(row["description"]))
    if not field or not pay or not pay["min"] or len(places) > 3 or not all(p and p.kind == "city" for p in known):
        return None
    if not 1500 <= len(text) <= 7000 or row["title"].isupper() or len(row["title"]) > 90:
        return None
    return {
        "id": row["source_id"],
        "title": re.sub(r"\s+", " ", row["title"]).strip(),
        "company": row["company"],
        "field": field,
        "places": list(dict.fromkeys(place.slug for place in known if place)),
        "type": "part_time" if row["employment_type"] == ["PART_TIME"] else "full_time",
        "pay": [pay["min"], pay["max"] or pay["min"], pay["period"].lower()],
        "text": text.strip(),
        "url": row["url"].replace(":443", ""),
    }


def chosen(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most `WANTED` rows, no title twice at one agency, no agency and no field drowning the others."""
    kept: list[dict[str, Any]] = []
    for row in rows:
        agency = [other for other in kept if other["company"] == row["company"]]
        field = [other for other in kept if other["field"] == row["field"]]
        known = any(other["title"] == row["title"] for other in agency)
        if not known and len(agency) < MOST_OF_AN_AGENCY and len(field) < MOST_OF_A_FIELD:
            kept.append(row)
    return kept[:WANTED]


def main(data: str) -> None:
    with gzip.open(Path(data) / "postings" / "usajobs_2016.jsonl.gz", "rt", encoding="utf-8") as lines:
        found = [kept for line in lines if (kept := excerpt(json.loads(line)))]
    rows = chosen(found)
    text = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
    OUT.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(rows)} of {len(found)} usable postings, {OUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
