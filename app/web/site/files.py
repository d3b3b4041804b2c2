"""Handing out uploaded files: to whom they concern, as attachments, unchanged."""

import re

from flask import Response, send_file

from app.core import clock
from app.core.db import reading
from app.core.errors import NotFound
from app.domain.applications.queries import readable_file
from app.domain.audit.services import record
from app.web import uploads
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow
from app.web.recorder import after_response
from app.web.site import blueprint as bp

_OPAQUE = re.compile(r"[A-Za-z0-9_-]{43}")


@bp.get("/files/<public_id>")
@allow(SIGNED_IN)
def download(public_id: str) -> Response:
    """A résumé for its applicant or the company's members; an employer's opening of it is recorded."""
    actor = current_actor()
    if not _OPAQUE.fullmatch(public_id):
        raise NotFound
    file, application = readable_file(reading(), public_id, actor)
    try:
        answer = send_file(
            uploads.store().path(file.key), mimetype=file.media_type, as_attachment=True,
            download_name=file.filename, conditional=False, etag=False,
        )
    except FileNotFoundError:
        raise NotFound("This file is not there any more.") from None
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "private, no-store"
    if application.user_id == actor.user_id:
        return answer
    subject, now = ("application", application.id), clock.now()
    return after_response(answer, lambda session: record(session, actor, "resume.open", subject, now))
