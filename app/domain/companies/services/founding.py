"""Writing companies and memberships."""

import zlib
from collections.abc import Iterable
from datetime import datetime

from slugify import slugify
from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Conflict, Invalid
from app.core.lines import one_line
from app.domain.accounts.models import User
from app.domain.accounts.services import create_user
from app.domain.audit.services import record
from app.domain.companies.models import Company, CompanyRole, Membership


def name_key(name: str) -> str:
    """The folded form two spellings of one company name share."""
    return " ".join(name.casefold().split())[:160]


def _free_slug(session: Session, name: str) -> str:
    stem = slugify(name, max_length=70) or "company"
    taken = set(session.scalars(select(Company.slug).where(Company.slug.startswith(stem, autoescape=True))))
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def create_company(session: Session, name: str, now: datetime, *, trusted: bool = False) -> Company:
    """A new company with a slug and a colour of its own. Raises Invalid on an empty or overlong name."""
    name = one_line(name)
    if not name or len(name) > 160:
        raise Invalid(
            "The company's name cannot be used.",
            {"company_name": "Write the company's name, in 160 characters at the most."},
        )
    company = Company(
        slug=_free_slug(session, name), name=name, name_key=name_key(name), hue=zlib.crc32(name.encode()) % 12,
        trusted=trusted, created_at=now,
    )
    session.add(company)
    session.flush()
    return company


def join(session: Session, user: User, company: Company, role: CompanyRole, now: datetime) -> Membership:
    """Make a person a member. Raises Conflict where they are one already."""
    living = select(Membership.id).where(
        Membership.user_id == user.id, Membership.company_id == company.id, Membership.ended_at.is_(None)
    )
    if session.scalar(living) is not None:
        raise Conflict("This person is a member already.")
    membership = Membership(user_id=user.id, company_id=company.id, role=role, created_at=now)
    session.add(membership)
    session.flush()
    return membership


def sign_up_employer(
    session: Session, email: str, name: str, password_hash: str, company_name: str, now: datetime
) -> User:
    """A new person who owns a new company."""
    user = create_user(session, email, name, password_hash, now)
    join(session, user, create_company(session, company_name, now), CompanyRole.OWNER, now)
    return user


def recognise(session: Session, names: Iterable[str], now: datetime) -> dict[str, int]:
    """Ids of the companies that imports name, by `name_key`; made where there was none.

    A company with members is recognised only if it is trusted: whoever signs up under a known name must not come
    into the postings that an import brings for it.
    """
    wanted: dict[str, str] = {}
    for name in filter(name_key, names):
        wanted.setdefault(name_key(name), name)
    member = select(Membership.id).where(Membership.company_id == Company.id, Membership.ended_at.is_(None)).exists()
    known = dict(
        session.execute(
            select(Company.name_key, func.min(func.coalesce(Company.merged_into_id, Company.id)))
            .where(Company.name_key.in_(wanted), or_(Company.trusted, ~member))
            .group_by(Company.name_key)
        ).all()
    )
    fresh = {key: name for key, name in wanted.items() if key not in known}
    slugs = _free_slugs(session, fresh)
    rows = [
        {"slug": slugs[key], "name": name[:160], "name_key": key, "hue": zlib.crc32(name.encode()) % 12,
         "created_at": now}
        for key, name in fresh.items()
    ]
    if rows:
        ids = session.scalars(insert(Company).returning(Company.id, sort_by_parameter_order=True), rows)
        known |= dict(zip(fresh, ids, strict=True))
    return known


def _free_slugs(session: Session, names: dict[str, str]) -> dict[str, str]:
    """A slug for each of many new companies, by their keys; where the plain one is taken, with a hash of the key."""
    stems = {key: slugify(name, max_length=70) or "company" for key, name in names.items()}
    taken = set(session.scalars(select(Company.slug).where(Company.slug.in_(set(stems.values())))))
    slugs: dict[str, str] = {}
    for key, stem in stems.items():
        slugs[key] = f"{stem}-{zlib.crc32(key.encode()):08x}" if stem in taken else stem
        taken.add(slugs[key])
    return slugs


def leave_all(session: Session, user_id: int, actor: Actor, now: datetime) -> None:
    """End every membership of a person."""
    mine = select(Membership).where(Membership.user_id == user_id, Membership.ended_at.is_(None))
    for membership in session.scalars(mine.with_for_update()):
        membership.ended_at = now
        record(session, actor, "membership.end", ("membership", membership.id), now, before=membership.role)
    session.flush()
