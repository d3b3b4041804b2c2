"""Rows for tests, each made by the services and committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import db, transaction
from app.core.events import postings_changed
from app.core.money import Period, yearly
from app.domain.accounts import passwords
from app.domain.accounts.models import User
from app.domain.accounts.services import create_user
from app.domain.companies.models import Company, CompanyRole
from app.domain.companies.services import create_company, join
from app.domain.postings.models import (
    Category,
    EmploymentType,
    Place,
    PlaceKind,
    Posting,
    PostingCountry,
    PostingPlace,
    PostingStatus,
    Workplace,
)

PASSWORD = "four unrelated words here"
BERLIN = {"slug": "berlin-de", "city": "Berlin", "region": "Berlin", "country": "DE", "lat": 52.52437, "lon": 13.41053}
_numbers = count(1)


class Board:
    """Makes committed rows on one application and answers with plain facts about them."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._hash = passwords.hashed(PASSWORD)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction of its own, in a context of its own."""
        with self.app.app_context(), transaction() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for looking at what is there."""
        from app.core.db import reading

        with self.app.app_context():
            yield reading()

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """What is asked of the database meanwhile."""
        asked: list[str] = []

        def note(connection: object, cursor: object, statement: str, *others: object) -> None:
            asked.append(statement)

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield asked
        finally:
            event.remove(engine, "before_cursor_execute", note)

    def user(self, email: str | None = None, *, name: str = "Ada Lovelace", **facts: Any) -> SimpleNamespace:
        """A person who signs in with `PASSWORD`."""
        email = email or f"person{next(_numbers)}@example.org"
        with self.writing() as session:
            admin = facts.pop("is_admin", False)
            user = create_user(session, email, name, self._hash, clock.now(), is_admin=admin, verified=True)
            for key, value in facts.items():
                setattr(user, key, value)
            return SimpleNamespace(id=user.id, email=email, name=name)

    def admin(self, email: str | None = None) -> SimpleNamespace:
        return self.user(email, name="Admin", is_admin=True)

    def company(self, name: str | None = None, *, trusted: bool = False, owner: str | None = None) -> SimpleNamespace:
        """A company; with `owner`, that address owns it (made if new)."""
        with self.writing() as session:
            company = create_company(session, name or f"Company {next(_numbers)}", clock.now(), trusted=trusted)
            made = SimpleNamespace(id=company.id, slug=company.slug, name=company.name)
        if owner:
            self.member(made.id, owner, "owner")
        return made

    def member(self, company_id: int, email: str, role: str = "recruiter") -> SimpleNamespace:
        """A membership of the person with this address (made if new)."""
        with self.writing() as session:
            user = session.scalar(select(User).where(User.email_key == email.casefold()))
            if user is None:
                user = create_user(session, email, role.title(), self._hash, clock.now(), verified=True)
            company = session.get_one(Company, company_id)
            membership = join(session, user, company, CompanyRole(role), clock.now())
            return SimpleNamespace(id=membership.id, user_id=user.id, email=email)

    def category(self, slug: str = "engineering", name: str = "Engineering") -> int:
        with self.writing() as session:
            found = session.scalar(select(Category).where(Category.slug == slug))
            if found is None:
                found = Category(slug=slug, name=name, position=1)
                session.add(found)
                session.flush()
            return found.id

    def posting(self, company_id: int | None = None, *, live: bool = True, **facts: Any) -> SimpleNamespace:
        """A posting, published and live unless said otherwise. `place` is a dict of place facts, or None."""
        category = facts.pop("category_id", None) or self.category()
        company_id = company_id or self.company(owner=f"owner{next(_numbers)}@example.org").id
        now = clock.now()
        place = facts.pop("place", BERLIN)
        with self.writing() as session:
            posting = Posting(**self._defaults(now, live) | {"company_id": company_id, "category_id": category} | facts)
            if posting.salary_max is not None and posting.salary_year_max is None:
                period = posting.salary_period or Period.YEAR
                posting.salary_year_max = yearly(posting.salary_max, period)
                low = posting.salary_min
                posting.salary_year_min = yearly(low, period) if low is not None else None
            session.add(posting)
            session.flush()
            if place:
                self._put(session, posting, place)
            session.flush()
            postings_changed.send("tests", session=session, posting_ids=[posting.id], now=now)
            return SimpleNamespace(
                id=posting.id, slug=posting.slug, title=posting.title, company_id=company_id, version=posting.version,
                path=f"/jobs/{posting.id}/{posting.slug}",
            )

    @staticmethod
    def _defaults(now: datetime, live: bool) -> dict[str, Any]:
        return {
            "title": "Backend Engineer", "slug": "backend-engineer" if live else None,
            "description_md": "Build **things**.", "description_html": "<p>Build <strong>things</strong>.</p>",
            "description_text": "Build things.", "type": EmploymentType.FULL_TIME, "workplace": Workplace.ON_SITE,
            "salary_min": 6_000_000, "salary_max": 8_000_000, "salary_currency": "EUR",
            "salary_period": Period.YEAR, "status": PostingStatus.PUBLISHED if live else PostingStatus.DRAFT,
            "published_at": now - timedelta(hours=1) if live else None,
            "expires_at": now + timedelta(days=30) if live else None, "created_at": now, "updated_at": now,
        }

    @staticmethod
    def _put(session: Session, posting: Posting, facts: dict[str, Any]) -> None:
        place = session.scalar(select(Place).where(Place.slug == facts["slug"]))
        if place is None:
            place = Place(kind=PlaceKind.CITY, **facts)
            session.add(place)
            session.flush()
        posting.places.append(PostingPlace(place_id=place.id, position=0))
        posting.countries.append(PostingCountry(country=facts["country"], eligible=False))
        posting.place_label = posting.place_label or f"{facts['city']}, {facts['country']}"

    def sign_in(self, email: str, client: FlaskClient | None = None) -> FlaskClient:
        """A browser signed in as this person, through the sign-in page itself."""
        client = client or self.app.test_client()
        answer = client.post(
            "/sign-in", data={"email": email, "password": PASSWORD, "csrf_token": self.csrf(client, "/sign-in")}
        )
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return client

    @staticmethod
    def csrf(client: FlaskClient, path: str) -> str:
        """The token a form at `path` carries."""
        page = client.get(path).get_data(as_text=True)
        return page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]


def instant(*parts: int) -> datetime:
    """An aware instant in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]
