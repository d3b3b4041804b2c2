"""What people do to a board's postings, one act a transaction, by the services that its doors use."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.core.actor import SYSTEM
from app.core.db import transaction
from app.core.events import postings_changed
from app.domain.companies.models import Company
from app.domain.companies.services.merging import merge, pair
from app.domain.companies.services.profile import CompanyFacts, edit_company
from app.domain.companies.services.standing import admin_act as company_act
from app.domain.imports.models import ImportLink
from app.domain.imports.readers import Entry
from app.domain.imports.services import Options, begin, finish, prepare, take
from app.domain.postings.models import Category, EmploymentType, Experience, Posting, PostingStatus, Workplace
from app.domain.postings.services import (
    Facts,
    admin_act,
    categories,
    create_draft,
    edit,
    facts_of,
    repost,
    run_out,
    set_category,
    stamp_expired,
    submit,
    transition,
)
from app.domain.postings.transitions import Mover
from bench.oracle.asking import Stock

DAYS = 60
_CITIES = ("Berlin, Germany", "Potsdam, Germany", "Paris, France", "London, United Kingdom", "Chicago, United States",
           "Cottbus, Germany", "Warsaw, Poland", "Lyon, France", "Leeds, United Kingdom", "Nairobi, Kenya",
           "Tokyo, Japan", "Bremen, Germany", "Gent, Belgium", "Porto, Portugal")  # fmt: skip
_OFTEN = {
    "publish": 10, "publish for seconds": 6, "publish for later": 4, "edit title": 8, "edit text": 4, "edit pay": 6,
    "edit places": 6, "edit kind": 6, "approve": 8, "freeze": 6, "unfreeze": 6, "remove": 1, "undo": 2, "pause": 4,
    "resume": 4, "close": 3, "repost": 3, "expire": 3, "suspend company": 4, "restore company": 4, "trust company": 2,
    "rename company": 4, "merge companies": 1, "name category": 1, "move category": 1, "address category": 2,
    "merge categories": 1, "add category": 1, "set category": 4, "import": 5, "delete": 3, "nothing after all": 3,
    "half of it": 3,
}  # fmt: skip
"""Every act, and how often it is done beside the others."""


class _Undone(Exception):
    """The transaction is to leave nothing behind."""


class Hand:
    """Somebody who keeps changing a board; `number` tells them from others."""

    def __init__(self, dice: random.Random, known: Stock, number: int) -> None:
        self.dice, self.known, self.number = dice, known, number
        self._imported = 0
        self._acts: dict[str, Callable[[Session, datetime], object]] = {
            "publish": self._publish, "publish for seconds": self._publish_for_seconds,
            "publish for later": self._publish_for_later, "edit title": self._edit_title, "edit text": self._edit_text,
            "edit pay": self._edit_pay, "edit places": self._edit_places, "edit kind": self._edit_kind,
            "approve": self._approve, "freeze": self._freeze, "unfreeze": self._unfreeze, "remove": self._remove,
            "undo": self._undo, "pause": self._pause, "resume": self._resume, "close": self._close,
            "repost": self._repost, "expire": self._expire, "suspend company": self._suspend,
            "restore company": self._restore, "trust company": self._trust, "rename company": self._rename_company,
            "merge companies": self._merge_companies, "name category": self._name_category,
            "move category": self._move_category, "address category": self._address_category,
            "merge categories": self._merge_categories, "add category": self._add_category,
            "set category": self._set_category, "import": self._import, "delete": self._delete,
            "nothing after all": self._nothing, "half of it": self._half,
        }  # fmt: skip

    def act(self, now: datetime) -> str:
        """Do one act, whole or not at all; which it was, with "–" before it where there was nothing to do it to.

        Raises DomainError where the board refuses, Unavailable where it is too busy.
        """
        name = self.dice.choices(list(_OFTEN), list(_OFTEN.values()))[0]
        try:
            with transaction() as session:
                done = self._acts[name](session, now)
        except _Undone:
            done = True
        return name if done else f"– {name}"

    # postings

    def _publish(self, session: Session, now: datetime) -> Posting | None:
        return self._new(session, now, None, now + timedelta(days=self.dice.choice((1, 7, DAYS))))

    def _publish_for_seconds(self, session: Session, now: datetime) -> Posting | None:
        return self._new(session, now, None, now + timedelta(seconds=self.dice.uniform(0.2, 9)))

    def _publish_for_later(self, session: Session, now: datetime) -> Posting | None:
        begins = now + timedelta(seconds=self.dice.uniform(0.2, 9))
        return self._new(session, now, begins, begins + timedelta(seconds=self.dice.choice((0.5, 3, 86_400))))

    def _new(
        self, session: Session, now: datetime, begins: datetime | None, ends: datetime
    ) -> Posting | None:
        company = self._company(session)
        if company is None or company.merged_into_id:
            return None
        posting = create_draft(session, company.id, self._facts(session), SYSTEM, now)
        posting.published_at, posting.expires_at = begins, ends
        submit(session, posting, posting.version, SYSTEM, now, DAYS)
        if posting.status is PostingStatus.PENDING and self.dice.random() < 0.8:
            admin_act(session, posting, "approve", posting.version, SYSTEM, "", now, DAYS)
        return posting

    def _edit_title(self, session: Session, now: datetime) -> Posting | None:
        return self._edit(session, now, title=self._title())

    def _edit_text(self, session: Session, now: datetime) -> Posting | None:
        return self._edit(session, now, description=self._body())

    def _edit_pay(self, session: Session, now: datetime) -> Posting | None:
        return self._edit(session, now, **self._pay())

    def _edit_places(self, session: Session, now: datetime) -> Posting | None:
        places, countries = self._where()
        return self._edit(session, now, places=places, remote_countries=countries)

    def _edit_kind(self, session: Session, now: datetime) -> Posting | None:
        pick = self.dice.choice
        return self._edit(session, now, type=pick(list(EmploymentType)).value, workplace=pick(list(Workplace)).value,
                          experience=pick(("", *Experience)), category=self._category(session).slug)  # fmt: skip

    def _edit(self, session: Session, now: datetime, **changes: object) -> Posting | None:
        posting = self._posting(session, PostingStatus.PUBLISHED)
        if posting is None:
            return None
        facts = self._whole(session, replace(facts_of(posting), **changes))  # type: ignore[arg-type]
        edit(session, posting, facts, posting.version, SYSTEM, now)
        if posting.status is PostingStatus.PENDING and self.dice.random() < 0.7:
            admin_act(session, posting, "approve", posting.version, SYSTEM, "", now, DAYS)
        return posting

    def _approve(self, session: Session, now: datetime) -> Posting | None:
        return self._judge(session, now, PostingStatus.PENDING, "approve")

    def _freeze(self, session: Session, now: datetime) -> Posting | None:
        return self._judge(session, now, PostingStatus.PUBLISHED, "freeze")

    def _unfreeze(self, session: Session, now: datetime) -> Posting | None:
        frozen = select(Posting).where(Posting.frozen_at.is_not(None)).order_by(Posting.id.desc()).limit(20)
        rows = session.scalars(frozen).all()
        if not rows:
            return None
        posting = self.dice.choice(rows)
        return admin_act(session, posting, "unfreeze", posting.version, SYSTEM, "", now, DAYS)

    def _remove(self, session: Session, now: datetime) -> Posting | None:
        return self._judge(session, now, PostingStatus.PUBLISHED, "remove")

    def _undo(self, session: Session, now: datetime) -> Posting | None:
        """Freeze or remove, and take that back in the same transaction."""
        posting = self._judge(session, now, PostingStatus.PUBLISHED, self.dice.choice(("freeze", "remove")))
        return posting and admin_act(session, posting, "undo", posting.version, SYSTEM, "", now, DAYS)

    def _judge(self, session: Session, now: datetime, status: PostingStatus, action: str) -> Posting | None:
        posting = self._posting(session, status)
        reason = "" if action == "approve" else "It was asked for."
        return posting and admin_act(session, posting, action, posting.version, SYSTEM, reason, now, DAYS)

    def _pause(self, session: Session, now: datetime) -> Posting | None:
        return self._move(session, now, PostingStatus.PUBLISHED, PostingStatus.PAUSED)

    def _resume(self, session: Session, now: datetime) -> Posting | None:
        return self._move(session, now, PostingStatus.PAUSED, PostingStatus.PUBLISHED)

    def _close(self, session: Session, now: datetime) -> Posting | None:
        ends = self.dice.choice((PostingStatus.CLOSED, PostingStatus.FILLED))
        return self._move(session, now, PostingStatus.PUBLISHED, ends)

    def _move(self, session: Session, now: datetime, before: PostingStatus, to: PostingStatus) -> Posting | None:
        posting = self._posting(session, before)
        return posting and transition(
            session, posting, to, Mover.EMPLOYER, posting.version, SYSTEM, "", now, DAYS
        )

    def _repost(self, session: Session, now: datetime) -> Posting | None:
        posting = self._posting(session, self.dice.choice((PostingStatus.EXPIRED, PostingStatus.CLOSED)))
        if posting is None:
            return None
        again = repost(session, posting, SYSTEM, now)
        return submit(session, again, again.version, SYSTEM, now, DAYS)

    def _expire(self, session: Session, now: datetime) -> int:
        return stamp_expired(session, run_out(session, now, self.dice.randint(1, 20)), now)

    def _delete(self, session: Session, now: datetime) -> bool:
        """No service takes a posting away; whoever does it by hand tells of it."""
        posting = self._posting(session, PostingStatus.PUBLISHED)
        kin = select(Posting.id).where(
            (Posting.similar_to_id == posting.id) | (Posting.reposted_from_id == posting.id)
        ) if posting else None  # fmt: skip
        if posting is None or kin is None or session.scalar(kin.limit(1)) is not None:
            return False
        id_ = posting.id
        session.execute(delete(ImportLink).where(ImportLink.posting_id == id_))
        session.delete(posting)
        session.flush()
        postings_changed.send("oracle", session=session, posting_ids=[id_], now=now)
        return True

    # companies

    def _suspend(self, session: Session, now: datetime) -> Company | None:
        return self._judge_company(session, now, "suspend")

    def _restore(self, session: Session, now: datetime) -> Company | None:
        suspended = select(Company).where(Company.suspended_at.is_not(None), Company.merged_into_id.is_(None))
        company = session.scalars(suspended.order_by(Company.suspended_at.desc()).limit(1)).first()
        return company and company_act(session, company, "restore", company.version, SYSTEM, "", now)

    def _trust(self, session: Session, now: datetime) -> Company | None:
        return self._judge_company(session, now, self.dice.choice(("trust", "trust", "untrust")))

    def _judge_company(self, session: Session, now: datetime, action: str) -> Company | None:
        company = self._company(session)
        return company and company_act(session, company, action, company.version, SYSTEM, "As it is.", now)

    def _rename_company(self, session: Session, now: datetime) -> Company | None:
        company = self._company(session)
        facts = CompanyFacts(name=f"{self._title()} {self.dice.randint(1, 99)}"[:160])
        return company and edit_company(session, company, facts, company.version, SYSTEM, now)

    def _merge_companies(self, session: Session, now: datetime) -> Company | None:
        one, other = self._company(session), self._company(session)
        if one is None or other is None or one.id == other.id:
            return None
        one, other = pair(session, one.id, other.id)
        return merge(session, one, other, (one.version, other.version), SYSTEM, now, confirmed=True)

    # fields of work

    def _name_category(self, session: Session, now: datetime) -> Category:
        field, name = self._small_category(session), f"Field {self.dice.randint(1, 999)}"
        return categories.rename_category(session, field, name, "", field.version, SYSTEM, now)

    def _address_category(self, session: Session, now: datetime) -> Category:
        field = self._category(session)
        slug = f"field-{self.number}-{self.dice.randint(1, 9999)}"
        return categories.rename_category(session, field, field.name, slug, field.version, SYSTEM, now)

    def _move_category(self, session: Session, now: datetime) -> Category:
        field = self._category(session)
        return categories.place_category(session, field, self.dice.randint(0, 20), field.version, SYSTEM, now)

    def _merge_categories(self, session: Session, now: datetime) -> Category | None:
        number = session.scalar(select(func.count()).select_from(Category)) or 0
        one, other = self._small_category(session), self._category(session)
        if number < 5 or one.id == other.id:
            return None
        return categories.merge_category(session, one, other, (one.version, other.version), SYSTEM, now)

    def _add_category(self, session: Session, now: datetime) -> Category:
        name = f"{self._word()} {self.dice.randint(1, 999)}"[:60]
        return categories.add_category(session, name, f"added-{self.number}-{self.dice.randint(1, 999)}", SYSTEM, now)

    def _set_category(self, session: Session, now: datetime) -> Posting | None:
        posting = self._posting(session, PostingStatus.PUBLISHED)
        slug = self._category(session).slug
        return posting and set_category(session, posting, slug, posting.version, SYSTEM, now)

    # imports

    def _import(self, session: Session, now: datetime) -> bool:
        """A small file, old dates and known rows among its rows."""
        options = Options(publish=True, as_new=self.dice.random() < 0.2, posting_days=DAYS)
        first = max(0, self._imported - self.dice.choice((0, 0, 0, 3)))
        rows = [self._row(first + number, now.date()) for number in range(self.dice.randint(1, 6))]
        self._imported = max(self._imported, first + len(rows))
        digest = f"{self.number}-{self.dice.getrandbits(64):x}"
        run = begin(session, "feed.jsonl", "jsonl", digest, options, now)
        batch = prepare((Entry(line, row, None) for line, row in enumerate(rows, 1)), run, options)
        finish(session, take(session, run, batch, options, now), now)
        return True

    def _row(self, number: int, today: date) -> dict[str, object]:
        return {
            "source": f"oracle-{self.number}", "source_id": str(number), "title": self._title(),
            "company": f"Import {self.dice.randint(1, 40)}", "location": self.dice.choice((*_CITIES, "", "Remote")),
            "description": self._body(), "description_format": "text", "url": f"https://jobs.example/{number}",
            "salary_raw": self.dice.choice(("", "€40k - €50k", "$90,000 - $120,000 a year", "£30k")),
            "date_posted": (today - timedelta(days=self.dice.randint(0, DAYS - 2))).isoformat(),
        }  # fmt: skip

    # what comes to nothing

    def _nothing(self, session: Session, now: datetime) -> None:
        """Changes that are all undone at the end."""
        self._edit_title(session, now)
        self._freeze(session, now)
        raise _Undone

    def _half(self, session: Session, now: datetime) -> bool:
        """One change that stays beside one that a savepoint undoes."""
        with _undone(session):
            self._freeze(session, now)
            self._rename_company(session, now)
        return self._edit_pay(session, now) is not None

    # what is drawn

    def _posting(self, session: Session, status: PostingStatus) -> Posting | None:
        """One in this state: of all, or of the latest."""
        last = session.scalar(select(func.max(Posting.id))) or 0
        first = last - self.dice.randint(0, 60) if self.dice.random() < 0.4 else self.dice.randint(0, last)
        found = select(Posting).where(Posting.status == status, Posting.id >= first, Posting.company_id.is_not(None))
        return session.scalars(found.order_by(Posting.id).limit(1)).first()

    def _company(self, session: Session) -> Company | None:
        last = session.scalar(select(func.max(Company.id))) or 0
        found = select(Company).where(Company.id >= self.dice.randint(0, last)).order_by(Company.id)
        return session.scalars(found.limit(1)).first()

    def _category(self, session: Session) -> Category:
        return self.dice.choice(session.scalars(select(Category)).all())

    def _small_category(self, session: Session) -> Category:
        """One of the emptier half: to rename a full one is a second's work, in which nobody else can write."""
        number = select(func.count()).where(Posting.category_id == Category.id).scalar_subquery()
        rows = session.scalars(select(Category).order_by(number, Category.id)).all()
        return self.dice.choice(rows[: max(1, len(rows) // 2)])

    def _facts(self, session: Session) -> Facts:
        pick, (places, countries) = self.dice.choice, self._where()
        facts = Facts(
            title=self._title(), description=self._body(), type=pick(list(EmploymentType)).value,
            workplace=pick(list(Workplace)).value, experience=pick(("", *Experience)), places=places,
            remote_countries=countries,
        )  # fmt: skip
        return self._whole(session, replace(facts, **self._pay()))  # type: ignore[arg-type]

    def _whole(self, session: Session, facts: Facts) -> Facts:
        """The same facts with what a posting must state to be public."""
        facts = replace(
            facts, places=facts.places[:10] or _CITIES[:1], category=facts.category or self._category(session).slug,
            description=facts.description or self._body(), type=facts.type or EmploymentType.VOLUNTEER.value,
        )  # fmt: skip
        if facts.workplace == Workplace.REMOTE and not facts.remote_countries:
            facts = replace(facts, remote_countries=("Worldwide",))
        if not facts.salary_max and facts.type != EmploymentType.VOLUNTEER:
            facts = replace(facts, type=EmploymentType.VOLUNTEER.value)
        return facts if facts.salary_min else replace(facts, salary_min=facts.salary_max)

    def _where(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        places = self.dice.sample(_CITIES, self.dice.choice((1, 1, 1, 2, 10)))
        return tuple(places), tuple(self.dice.choice(((), ("Worldwide",), ("Germany", "Japan"))))

    def _pay(self) -> dict[str, str]:
        currency = self.dice.choice(("", "EUR", "USD", "PLN", "JPY"))
        if not currency:
            return dict.fromkeys(("salary_min", "salary_max", "salary_currency", "salary_period"), "")
        period = self.dice.choice(("year", "month", "hour"))
        most = str(self.dice.randint(15, 200_000))
        return {"salary_min": "15", "salary_max": most, "salary_currency": currency, "salary_period": period}

    def _word(self) -> str:
        return self.dice.choice(self.dice.choice(self.known.titles))

    def _title(self) -> str:
        return " ".join(self._word() for _ in range(self.dice.randint(1, 5)))[:200]

    def _body(self) -> str:
        words = self.dice.choice(self.known.bodies)
        first = self.dice.randrange(len(words))
        return " ".join([self._word(), *words[first : first + 60], *self.dice.choice(self.known.bodies)[:20]])


@contextmanager
def _undone(session: Session) -> Iterator[None]:
    """A savepoint that is rolled back."""
    point = session.begin_nested()
    yield
    point.rollback()
