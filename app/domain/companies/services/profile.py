"""What a company says of itself, and changing it."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.countries import territories
from app.core.errors import Conflict, Invalid
from app.core.events import company_changed
from app.core.html import render_markdown
from app.core.lines import one_line
from app.domain.audit.services import record
from app.domain.companies.models import Company
from app.domain.companies.services.founding import name_key

LONGEST_ABOUT = 10_000


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    """A company in words; `description` is Markdown."""

    name: str
    website: str = ""
    description: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2, or empty."""


def edit_company(
    session: Session, company: Company, facts: CompanyFacts, version: int, actor: Actor, now: datetime
) -> Company:
    """Change what a company says of itself; its address stays.

    Raises Conflict where `version` is stale, Invalid naming every field that cannot be taken.
    """
    check_version(company, version)
    name, website = one_line(facts.name), facts.website.strip()
    country = facts.country.strip().upper()
    _check(name, website, facts.description, country)
    company.country = country or None
    company.name, company.name_key, company.website = name, name_key(name), website or None
    company.description_md = facts.description.replace("\r\n", "\n").strip()
    company.description_html = render_markdown(company.description_md)
    session.flush()
    record(session, actor, "company.edit", ("company", company.id), now)
    company_changed.send("companies", session=session, company_id=company.id, now=now)
    return company


def check_version(company: Company, version: int) -> None:
    """Raise Conflict, with the company as it is now, unless the change was made against its present version."""
    if company.version != version:
        raise Conflict("Somebody changed this company meanwhile. Look at it as it is now and repeat.", fresh=company)


def _check(name: str, website: str, description: str, country: str) -> None:
    problems = {}
    if country and country not in territories():
        problems["country"] = "Choose a country from the list."
    if not name or len(name) > 160:
        problems["name"] = "Write the company's name, in 160 characters at the most."
    if website and not _is_web(website):
        problems["website"] = "Write a whole address, like https://example.com."
    if len(description) > LONGEST_ABOUT:
        problems["description"] = f"Use {LONGEST_ABOUT:,} characters at the most."
    if problems:
        raise Invalid("Some answers need another look.", problems)


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    plain = address.isprintable() and " " not in address and len(address) <= 300
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname)
