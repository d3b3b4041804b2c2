"""The postings as plain rows, for whoever wants to make a board of them, and what is asked of such a board."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import create_engine, text

ON_A_PAGE = 20
STEPS = (20_000, 30_000, 40_000, 50_000, 60_000, 80_000, 100_000, 120_000, 150_000, 200_000)
AGES = (1, 3, 7, 14, 30)
TOP = 10
"""Companies, cities and countries that a facet shows."""


class Job(NamedTuple):
    """A live posting. `pay` is a year's, in major units of `currency`; a city is the slug of the first one named."""

    id: int
    title: str
    description: str
    company: str
    company_slug: str
    category: str
    city: str
    place: str
    country: str
    type: str
    workplace: str
    experience: str
    pay: int | None
    currency: str
    posted_at: datetime
    expires_at: datetime


_JOBS = """
SELECT p.id, p.title, p.description_text, c.name, c.slug, f.slug, l.slug, p.place_label, l.country, p.type, p.workplace,
       p.experience, p.salary_year_max, p.salary_currency, p.published_at, p.expires_at
FROM postings p
LEFT JOIN companies c ON c.id = p.company_id
LEFT JOIN categories f ON f.id = p.category_id
LEFT JOIN posting_places pp ON pp.posting_id = p.id AND pp.position = 0
LEFT JOIN places l ON l.id = pp.place_id
WHERE p.status = 'published' AND p.frozen_at IS NULL AND c.suspended_at IS NULL
  AND p.published_at <= :now AND p.expires_at > :now
ORDER BY p.id
"""


def jobs(url: str, now: datetime) -> Iterator[Job]:
    """Every posting that is live at `now`, out of the product's database."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    moment = now.replace(tzinfo=None).isoformat(" ") if url.startswith("sqlite") else now
    with engine.connect().execution_options(stream_results=True) as wire:
        for row in wire.execute(text(_JOBS), {"now": moment}):
            id_, title, body, *names, pay, currency, posted, expires = row
            facts: list[Any] = [name or "" for name in names]
            yearly = pay // 100 if pay else None
            yield Job._make([id_, title, body, *facts, yearly, currency or "", _at(posted), _at(expires)])
    engine.dispose()


def _at(moment: str | datetime) -> datetime:
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Asked:
    """A listing's arguments, read as a small board would."""

    def __init__(self, args: dict[str, list[str]], now: datetime) -> None:
        def first(name: str) -> str:
            return args.get(name, [""])[0]

        self.words = first("q").replace('"', "").split()
        self.chosen = {
            name: args[name] for name in ("category", "type", "workplace", "experience", "country") if args.get(name)
        }
        self.companies = args.get("company", [])
        self.city = first("place")
        self.least_pay = int(first("salary_min") or 0)
        self.currency = first("currency") or "USD"
        days = int(first("posted_within") or 0)
        self.since = now - timedelta(days=days) if days else None
        self.page = max(1, int(first("page") or 1))
        self.now = now
