"""Invented employers in many fields and countries, with postings in every state."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from app.core.actor import Actor
from app.demo.maker import Maker
from app.demo.wording import Author, Employer, table
from app.domain.companies.models import Company
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.services import Facts, admin_act, submit

FEWEST, MOST = 10, 13
"""Live postings of an employer."""
_USUAL_AGE = 19.0
_OLDEST = 57.0
_INVENTED = "*This company is invented: it belongs to the demo board.*"

_MISSING = "Say in which town the work is done, and whether the pay is before or after the premium for shifts."
_REFUSED = "Applicants would have to buy their own training. We publish no posting that asks for money."
_REPORTED = "Three people reported that nobody answers at this address. We have written to the company."


def write(maker: Maker, employer: Employer, admin: Actor) -> list[Posting]:
    """One employer with its owner and postings; answers the live ones."""
    trusted = maker.rng.random() < 0.6
    company = maker.company(employer.name, employer.country, f"{employer.about}\n\n{_INVENTED}", trusted=trusted)
    owner = maker.owner(company)
    author = Author(maker.rng, employer)
    live = [
        maker.published(company, author.posting(), owner, maker.weekday(_age(maker)))
        for _ in range(maker.rng.randint(FEWEST, MOST))
    ]
    ways = _WAYS if trusted else _WAYS + _REVIEWED
    for way in maker.rng.sample(ways, 2):
        way(maker, company, author.posting(), owner, admin)
    if maker.rng.random() < 0.09:
        _let_admin(maker, live[0], "feature", admin, "", maker.now - timedelta(days=2))
    return live


def write_review(maker: Maker, row: dict[str, Any]) -> None:
    """One posting that waits for review, of a company that is new here."""
    company = maker.company(row["company"], row["country"], _INVENTED)
    owner = maker.owner(company)
    low, high, currency, period = row["pay"]
    facts = Facts(
        title=row["title"], description=row["text"], category=row["category"], type=row["type"],
        workplace=row.get("workplace", "remote" if "remote" in row else "on_site"),
        places=tuple(row.get("places", ())), remote_countries=tuple(row.get("remote", ())), salary_min=low,
        salary_max=high, salary_currency=currency, salary_period=period,
    )
    begun = maker.now - timedelta(hours=row["hours"], minutes=17)
    _hand_in(maker, maker.draft(company, facts, owner, begun), owner, begun + timedelta(minutes=17))


def review_rows() -> list[dict[str, Any]]:
    """What waits in the review queue, a dict a posting."""
    rows: list[dict[str, Any]] = table("review")["postings"]
    return rows


def _age(maker: Maker) -> float:
    """Days since publication: many fresh, few old."""
    age = maker.rng.expovariate(1 / _USUAL_AGE)
    return age if age < _OLDEST else maker.rng.uniform(0, _OLDEST)


def _hand_in(maker: Maker, posting: Posting, owner: Actor, when: datetime) -> None:
    def act(now: datetime) -> None:
        submit(maker.session, posting, posting.version, owner, now, maker.posting_days)

    maker.at(when, act)


def _let_admin(maker: Maker, posting: Posting, action: str, admin: Actor, reason: str, when: datetime) -> None:
    def act(now: datetime) -> None:
        admin_act(maker.session, posting, action, posting.version, admin, reason, now, maker.posting_days)

    maker.at(when, act)


def _expired(maker: Maker, company: Company, facts: Facts, owner: Actor, admin: Actor) -> None:
    posting = maker.published(company, facts, owner, maker.weekday(maker.rng.uniform(64, 110)))
    posting.status = PostingStatus.EXPIRED


def _ended(status: PostingStatus) -> Callable[..., None]:
    def way(maker: Maker, company: Company, facts: Facts, owner: Actor, admin: Actor) -> None:
        posting = maker.published(company, facts, owner, maker.weekday(maker.rng.uniform(20, 50)))
        posting.status = status
        posting.ended_at = maker.weekday(maker.rng.uniform(1, 15))

    return way


def _paused(maker: Maker, company: Company, facts: Facts, owner: Actor, admin: Actor) -> None:
    maker.published(company, facts, owner, maker.weekday(maker.rng.uniform(5, 40))).status = PostingStatus.PAUSED


def _begun(maker: Maker, company: Company, facts: Facts, owner: Actor, admin: Actor) -> None:
    maker.draft(company, facts, owner, maker.weekday(maker.rng.uniform(0, 20)))


def _frozen(maker: Maker, company: Company, facts: Facts, owner: Actor, admin: Actor) -> None:
    if maker.rng.random() < 0.3:
        posting = maker.published(company, facts, owner, maker.weekday(maker.rng.uniform(6, 40)))
        _let_admin(maker, posting, "freeze", admin, _REPORTED, maker.now - timedelta(days=maker.rng.uniform(1, 5)))


def _judged(action: str, reason: str) -> Callable[..., None]:
    def way(maker: Maker, company: Company, facts: Facts, owner: Actor, admin: Actor) -> None:
        handed_in = maker.weekday(maker.rng.uniform(4, 20))
        posting = maker.draft(company, facts, owner, handed_in - timedelta(hours=1))
        _hand_in(maker, posting, owner, handed_in)
        _let_admin(maker, posting, action, admin, reason, handed_in + timedelta(hours=maker.rng.uniform(2, 40)))

    return way


_WAYS = (
    _expired, _ended(PostingStatus.FILLED), _ended(PostingStatus.CLOSED), _paused, _begun, _frozen,
)
_REVIEWED = (_judged("request-changes", _MISSING), _judged("reject", _REFUSED))
