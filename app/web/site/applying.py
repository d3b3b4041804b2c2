"""Applying in place: the form, its errors with everything kept, the receipt."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import BadCursor, Invalid
from app.core.paging import seal, unseal
from app.domain.applications import services
from app.domain.applications.models import StoredFile
from app.domain.applications.queries import applied_ids, file_by_id
from app.domain.applications.resumes import ACCEPT, Upload
from app.domain.postings.queries import once_public
from app.web import uploads
from app.web.applying import apply_with
from app.web.context import settings
from app.web.forms import Problems
from app.web.htmx import is_htmx
from app.web.people import current_actor
from app.web.policy import PUBLIC, allow
from app.web.security import limited
from app.web.site import blueprint as bp

LONGEST_KEY = 200


def _kept_a_file(answer: Response) -> bool:
    return answer.status_code == 422


@bp.get("/jobs/<id:posting_id>/-/apply")
@allow(PUBLIC)
def apply_form(posting_id: int) -> str:
    """The form: a fragment that unfolds on the posting's page, a whole page without a script."""
    actor = current_actor()
    return _form(posting_id, {"name": actor.name, "email": actor.email}, {}, clock.now())


@bp.post("/jobs/<id:posting_id>/applications")
@allow(PUBLIC)
@limited("120 per minute")
@limited("20 per minute;100 per hour", _kept_a_file)
def apply(posting_id: int) -> Response | str | tuple[str, int]:
    """Apply: exactly once, and the same receipt each time. What is wrong comes back with everything kept."""
    now, form, token = clock.now(), request.form, request.form.get("resume_token", "")
    questions = once_public(reading(), posting_id, now).questions
    key = form.get("idempotency_key", "")[:LONGEST_KEY]
    given, problems = services.checked(current_actor(), form, questions, key)
    upload = None
    try:
        upload = uploads.uploaded("resume")
        if upload is None:
            _file_of(token, posting_id)
    except Invalid as error:
        problems |= error.fields
    if given is None or problems:
        return _again(posting_id, problems, upload, token, now)
    try:
        apply_with(posting_id, given, upload or (lambda: _file_of(token, posting_id)), now)
    except Invalid as error:
        return _again(posting_id, error.fields, upload, "", now)
    if is_htmx():
        return _receipt("site/_receipt.html", posting_id)
    return redirect(f"/jobs/{posting_id}/-/receipt", 303)


@bp.get("/jobs/<id:posting_id>/-/receipt")
@allow(PUBLIC)
def receipt(posting_id: int) -> str:
    """The receipt: the same for everybody, whoever asks."""
    return _receipt("site/receipt.html", posting_id)


def _receipt(template: str, posting_id: int) -> str:
    return render_template(template, posting=once_public(reading(), posting_id, clock.now()))


def _again(
    posting_id: int, problems: Mapping[str, str], upload: Upload | None, token: str, now: datetime
) -> tuple[str, int]:
    """The form with what was typed, the file kept, and what is wrong. Raises NotFound or Gone as applying does."""
    services.open_posting(reading(), posting_id, now)
    if upload is not None:
        key = uploads.put(upload)
        with transaction() as session:
            token = _token(services.keep(session, upload, key, now), posting_id)
    return _form(posting_id, request.form, problems, now, token), 422


def _form(
    posting_id: int, values: Mapping[str, str], problems: Mapping[str, str], now: datetime, token: str = ""
) -> str:
    actor = current_actor()
    posting = services.open_posting(reading(), posting_id, now)
    try:
        kept = _file_of(token, posting_id).filename if token else ""
    except Invalid:
        kept, token = "", ""
    return render_template(
        "site/_apply.html" if is_htmx() else "site/apply.html", posting=posting, values=values,
        problems=Problems(problems), resume_token=token, kept=kept, accept=ACCEPT,
        key=values.get("idempotency_key") or secrets.token_urlsafe(24),
        applied=posting_id in applied_ids(reading(), actor.user_id, [posting_id]),
    )


def _token(file: StoredFile, posting_id: int) -> str:
    return seal(settings().key, f"resume:{posting_id}", [file.id])


def _file_of(token: str, posting_id: int) -> StoredFile:
    """The file kept for this form. Raises Invalid where there is none."""
    try:
        file = file_by_id(reading(), unseal(settings().key, f"resume:{posting_id}", token)[0]) if token else None
    except BadCursor:
        file = None
    if file is None:
        raise Invalid("The résumé is missing.", {"resume": services.MISSING})
    return file
