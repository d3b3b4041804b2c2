"""What the doors for machines tell of accounts and applications, plain JSON, each to its audience."""

from typing import Any

from app.core import clock
from app.core.actor import Actor
from app.domain.applications import roster
from app.domain.applications.models import Application
from app.domain.applications.roster import ApplicantCard
from app.domain.applications.seeing import told
from app.domain.companies.policies import Scope
from app.web.context import links
from app.web.documents import at


def me_document(actor: Actor) -> dict[str, Any]:
    """Who asks, where they belong, and what their token is for."""
    return {
        "name": actor.name, "email": actor.email, "admin": actor.is_admin, "email_verified": actor.email_verified,
        "companies": [
            {"slug": one.company_slug, "name": one.company_name, "role": one.role} for one in actor.memberships
        ],
        "scopes": sorted(Scope if actor.scopes is None else actor.scopes),
    }  # fmt: skip


def own_document(found: Application) -> dict[str, Any]:
    """An application as its applicant may know it."""
    known = told(found, clock.now())
    return {
        "id": found.id, "posting_id": found.posting_id, "title": found.snapshot.title, "stage": known.stage,
        "reason": known.reason, "steps": [{"name": step.name, "at": at(step.at)} for step in known.steps],
        "submitted_at": at(found.submitted_at), "moved_at": at(known.moved_at), "version": found.version,
    }  # fmt: skip


def applicant_document(card: ApplicantCard) -> dict[str, Any]:
    """An application as the company's members see it in a list."""
    return {
        "id": card.id, "posting_id": card.posting_id, "name": card.name, "email": card.email, "stage": card.stage,
        "stage_id": card.company_stage_id, "rating": card.rating / 100 if card.rating is not None else None,
        "submitted_at": at(card.submitted_at), "moved_at": at(card.moved_at), "version": card.version,
        "resume_url": links().url(f"/files/{card.file_id}") if card.file_id else None,
    }  # fmt: skip


def whole_document(found: Application) -> dict[str, Any]:
    """The same with all that came with it."""
    return applicant_document(roster.card_of(found)) | {
        "cover_letter": found.cover_letter,
        "answers": [{"question": one.prompt, "answer": one.answer} for one in found.answers],
        "events": [
            {"at": at(one.at), "before": one.before, "after": one.after, "reason": one.reason} for one in found.events
        ],
    }  # fmt: skip
