"""Applications: sent once however often, read by whoever may, moved by the one table."""

import base64
import binascii
from typing import Any

from flask import Response, jsonify, request

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import Invalid, NotFound
from app.domain.applications import own, queries, roster, services
from app.domain.applications.models import Application
from app.domain.applications.resumes import Upload, check
from app.domain.companies.policies import Scope, in_scope
from app.domain.postings.queries import for_member as posting_for_member
from app.domain.postings.queries import once_public
from app.web import uploads
from app.web.api import acts
from app.web.api import blueprint as bp
from app.web.api.acts import READ
from app.web.api.bodies import body
from app.web.api.describing import described
from app.web.api.repeats import Repeatable, key_of
from app.web.api.schemas.applications import (
    ApplicationForm,
    Applications,
    NewApplication,
    OneApplication,
    Received,
    Step,
    Which,
)
from app.web.api.schemas.shapes import Conditional
from app.web.api.telling import applicant_document, own_document, whole_document
from app.web.api.versions import version_of
from app.web.applying import apply_with
from app.web.forms import whole_number
from app.web.paging import left_at, page
from app.web.people import current_actor
from app.web.policy import PUBLIC, SIGNED_IN, allow, need
from app.web.security import limited

PAGE = 50
LARGEST_BODY = 7_500_000
"""Bytes: a résumé of 5 MB in base64, and the rest."""


@bp.post("/v1/postings/<id:posting_id>/applications")
@allow(PUBLIC)
@limited("60 per minute")
@described(
    "Applications", Received, 403, 404, 409, 410, 507, takes=NewApplication, form=ApplicationForm, headers=Repeatable,
    status=201,
)  # fmt: skip
def send_application(posting_id: int) -> tuple[Response, int]:
    """Apply. With an `Idempotency-Key` the same application sent again is the same; the answer always is."""
    request.max_content_length = LARGEST_BODY
    may_apply()
    fields, upload = _form() if request.mimetype == "multipart/form-data" else fields_of(body(NewApplication))
    take_application(posting_id, fields, upload, request.headers.get("Idempotency-Key", ""))
    return jsonify(posting_id=posting_id, received=True), 201


def may_apply() -> None:
    """Raise Forbidden where a program's token is not for applying; nobody needs one."""
    if current_actor().is_authenticated:
        need(Scope.APPLY)


def take_application(posting_id: int, fields: dict[str, str], upload: Upload | None, key: str) -> None:
    """Take what was sent, once for each key."""
    now, actor = clock.now(), current_actor()
    key = key_of(key or fields.get("idempotency_key", ""))
    given, problems = services.checked(actor, fields, once_public(reading(), posting_id, now).questions, key)
    if upload is None:
        problems |= {"resume": services.MISSING}
    if given is None or upload is None or problems:
        raise Invalid("The application cannot be taken like this.", _by_pointer(problems))
    apply_with(posting_id, given, upload, now)


def _form() -> tuple[dict[str, str], Upload | None]:
    return dict(request.form), uploads.uploaded("resume")


def fields_of(given: NewApplication) -> tuple[dict[str, str], Upload | None]:
    """The same as a form would carry it. Raises Invalid where the file is no base64."""
    try:
        content = base64.b64decode(given.resume.content_base64, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("The file cannot be read.", {"resume/content_base64": "This is not base64."}) from None
    fields = {"name": given.name, "email": given.email, "cover_letter": given.cover_letter}
    answers = {f"answers-{number}": answer for number, answer in given.answers.items()}
    return fields | answers, check(content, given.resume.filename)


def _by_pointer(problems: dict[str, str]) -> dict[str, str]:
    return {name.replace("answers-", "answers/"): said for name, said in problems.items()}


@bp.get("/v1/applications")
@allow(SIGNED_IN)
@described("Applications", Applications, 403, 404, query=Which)
def applications() -> Response:
    """One's own applications, newest first; with `posting` the applicants of a posting of one's company."""
    text = request.args.get("posting", "").strip()
    if text:
        return _applicants(_number(text))
    if request.args.get("stage"):
        raise Invalid("Some arguments cannot be taken.", {"stage": "It chooses among the applicants of a `posting`."})
    need(Scope.APPLY)
    actor, left = current_actor(), left_at("own applications")
    found = own.own_page(reading(), actor.user_id or 0, None, left[0] if left else None, PAGE, clock.now())
    shown, following = page(found, PAGE, "own applications", lambda one: [one.id])
    return jsonify(items=[own_document(one) for one in shown], next=following)


def _applicants(posting_id: int) -> Response:
    posting_for_member(reading(), posting_id, current_actor(), READ)
    chosen = roster.parse({"stage": request.args.get("stage", ""), "sort": "newest"})
    if chosen.problems:
        raise Invalid("Some arguments cannot be taken.", dict(chosen.problems))
    purpose = f"applicants {posting_id} {chosen.stage}"
    left = left_at(purpose)
    after = (roster.thawed("newest", left[0]), left[1]) if left else None
    found = roster.page(reading(), posting_id, chosen, after, PAGE)
    shown, following = page(found, PAGE, purpose, lambda card: [roster.frozen(card.key), card.id])
    return jsonify(items=[applicant_document(card) for card in shown], next=following)


def _number(text: str) -> int:
    number = whole_number(text)
    if not number:
        raise Invalid("Some arguments cannot be taken.", {"posting": "Name a posting by its number."})
    return number


@bp.get("/v1/applications/<id:application_id>")
@allow(SIGNED_IN)
@described("Applications", OneApplication, 403, 404)
def application(application_id: int) -> Response:
    """One application, as whoever asks may know it."""
    return _tagged(application_id)


@bp.post("/v1/applications/<id:application_id>/transitions")
@allow(SIGNED_IN)
@described("Applications", OneApplication, 403, 404, 409, 412, takes=Step, headers=Conditional)
def move_application(application_id: int) -> Response:
    """Move an application; a step that is not legal names those that are."""
    given, actor, now = body(Step), current_actor(), clock.now()
    with transaction() as session:
        acts.move_application(session, application_id, given, lambda row: _version(given.version, row), actor, now)
    return _tagged(application_id)


def _version(named: int | None, row: Application) -> int:
    return version_of(named, row.version, lambda: _etag(row.id, row.version))


def _tagged(application_id: int) -> Response:
    document = _seen(application_id)
    answer = jsonify(document)
    answer.set_etag(_etag(application_id, document["version"]))
    return answer


def _etag(application_id: int, version: int) -> str:
    return f"application-{application_id}-{version}"


def _seen(application_id: int) -> dict[str, Any]:
    """To the company's members all of it, to its applicant what they are told, to anybody else nothing."""
    actor = current_actor()
    try:
        return whole_document(queries.for_member(reading(), application_id, actor, READ))
    except NotFound:
        if not in_scope(actor, Scope.APPLY):
            raise
        return own_document(queries.for_applicant(reading(), application_id, actor))
