"""Writing companies and memberships."""

import zlib
from datetime import datetime

from slugify import slugify
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import Conflict, Invalid
from app.domain.accounts.models import User
from app.domain.accounts.services import create_user
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
    name = " ".join(name.split())
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


def end_membership(session: Session, membership: Membership, now: datetime) -> None:
    """End a membership; its rights end with it at once. Raises Conflict for the last owner."""
    others = select(Membership.id).where(
        Membership.company_id == membership.company_id, Membership.ended_at.is_(None),
        Membership.role == CompanyRole.OWNER, Membership.id != membership.id,
    )
    if membership.role is CompanyRole.OWNER and session.scalar(others.limit(1)) is None:
        raise Conflict("A company keeps at least one owner.")
    membership.ended_at = now


def sign_up_employer(
    session: Session, email: str, name: str, password_hash: str, company_name: str, now: datetime
) -> User:
    """A new person who owns a new company."""
    user = create_user(session, email, name, password_hash, now)
    join(session, user, create_company(session, company_name, now), CompanyRole.OWNER, now)
    return user
