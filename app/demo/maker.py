"""Makes the demo's rows by the services, as of the days they are said to have happened."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from faker import Faker
from slugify import slugify
from sqlalchemy.orm import Session

from app.core.actor import Actor, Belonging
from app.core.events import postings_changed
from app.core.html import render_markdown
from app.domain.accounts.demo import SignIn
from app.domain.accounts.models import User
from app.domain.accounts.services import create_user
from app.domain.companies.models import Company, CompanyRole
from app.domain.companies.services import create_company, join
from app.domain.postings.models import Posting, Workplace
from app.domain.postings.services import Facts, publish
from app.domain.postings.services.facts import state

LOCALES = ("en_GB", "de_DE", "fr_FR", "es_ES", "pl_PL", "sv_SE", "en_IN", "nl_NL", "pt_BR", "it_IT")
SEED = 20160503
_INDEXED_AT_ONCE = 200


class Maker:
    """Rows and a timeline: what is told with `at` happens in the order of its dates when `happen` is called."""

    def __init__(self, session: Session, now: datetime, posting_days: int, password_hash: str) -> None:
        self.session = session
        self.now = now
        self.posting_days = posting_days
        self.rng = Random(SEED)
        self._hours = Random(SEED)  # of its own: how often it is asked depends on the day the board is made
        self.faker = Faker(LOCALES)
        self.faker.seed_instance(SEED)
        self.postings: list[Posting] = []
        self._password_hash = password_hash
        self._timeline: list[tuple[datetime, Callable[[datetime], None]]] = []

    def person_name(self) -> str:
        """First and last name, in Latin letters."""
        return f"{self.faker.first_name()} {self.faker.last_name()}"

    def user(self, who: SignIn, *, is_admin: bool = False) -> User:
        """A person with the demo's password."""
        joined = self.now - timedelta(days=200)
        user = create_user(self.session, who.email, who.name, self._password_hash, joined, is_admin=is_admin)
        user.email_verified_at = joined
        return user

    def company(
        self, name: str, country: str, description: str, *, trusted: bool = False, website: str = ""
    ) -> Company:
        """A company that says of itself that it is part of a demo."""
        company = create_company(self.session, name, self.now - timedelta(days=180), trusted=trusted)
        company.country, company.website = country, website or f"https://{company.slug}.example"
        company.description_md = description
        company.description_html = render_markdown(description)
        return company

    def member(self, company: Company, user: User, role: CompanyRole) -> Actor:
        """Make the person a member and answer the actor they are."""
        join(self.session, user, company, role, self.now - timedelta(days=170))
        belonging = Belonging(company.id, company.slug, company.name, role.value)
        return Actor(user.id, user.name, user.email, memberships=(belonging,), how="session")

    def owner(self, company: Company) -> Actor:
        """A new person with an invented name who owns the company."""
        who = SignIn(f"owner@{slugify(company.name)}.example", self.person_name(), "")
        return self.member(company, self.user(who), CompanyRole.OWNER)

    def draft(self, company: Company, facts: Facts, actor: Actor | None, at: datetime) -> Posting:
        """A posting as its employer began it at `at`."""
        posting = Posting(
            company_id=company.id, title="", workplace=Workplace.ON_SITE, language="en", created_at=at, updated_at=at,
            created_by_id=actor.user_id if actor else None,
        )
        with self.session.no_autoflush:
            state(self.session, posting, facts)
        self.session.add(posting)
        self.postings.append(posting)
        return posting

    def published(self, company: Company, facts: Facts, actor: Actor | None, at: datetime) -> Posting:
        """A posting that is public since `at`."""
        posting = self.draft(company, facts, actor, at)
        posting.published_at = posting.submitted_at = at
        publish(posting, at, self.posting_days)
        return posting

    def weekday(self, days: float) -> datetime:
        """A moment of a working day about `days` ago, between seven and half past six, in UTC."""
        day = self.now - timedelta(days=days)
        if day.weekday() > 4 and self._hours.random() < 0.9:
            day -= timedelta(days=day.weekday() - 4)
        moment = day.replace(hour=7, minute=0, second=self._hours.randrange(60), microsecond=0)
        moment += timedelta(minutes=self._hours.randrange(11 * 60 + 30))
        return moment if moment < self.now else moment - timedelta(days=1)

    def at(self, when: datetime, act: Callable[[datetime], None]) -> None:
        """Let `act` happen at `when`, or just before now where that lies ahead."""
        self._timeline.append((min(when, self.now - timedelta(minutes=2)), act))

    def happen(self) -> None:
        """Everything told so far, in the order of its dates."""
        timeline = sorted(self._timeline, key=lambda each: each[0])
        self._timeline.clear()
        for when, act in timeline:
            act(when)

    def batches(self) -> list[list[int]]:
        """Ids of the postings made so far, for `index`."""
        self.session.flush()
        ids = [posting.id for posting in self.postings]
        return [ids[start : start + _INDEXED_AT_ONCE] for start in range(0, len(ids), _INDEXED_AT_ONCE)]

    def index(self, ids: list[int]) -> None:
        """Tell the rooms above of these postings."""
        postings_changed.send("demo", session=self.session, posting_ids=ids, now=self.now)
