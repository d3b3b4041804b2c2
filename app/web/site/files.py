"""Handing out uploaded files: to whom they concern, as attachments, unchanged."""

from flask import Response, send_file

from app.core import clock
from app.core.db import reading
from app.core.errors import NotFound
from app.domain.applications import drawing
from app.domain.applications.models import Application
from app.domain.applications.queries import readable_file
from app.domain.audit.services import record
from app.web import uploads
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow
from app.web.recorder import after_response
from app.web.site import blueprint as bp


@bp.get("/files/<public_id>")
@allow(SIGNED_IN)
def download(public_id: str) -> Response:
    """A résumé for its applicant or the company's members; an employer's opening of it is recorded."""
    file, application = readable_file(reading(), public_id, current_actor())
    try:
        answer = send_file(
            uploads.store().path(file.key), mimetype=file.media_type, as_attachment=True,
            download_name=file.filename, conditional=False, etag=False,
        )
    except FileNotFoundError:
        raise NotFound("This file is not there any more.") from None
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "private, no-store"
    return _recorded(answer, application)


@bp.get("/files/<public_id>/pages/<int:number>")
@allow(SIGNED_IN)
def page_image(public_id: str, number: int) -> Response:
    """A page of a résumé as a picture, for whom the file itself is for."""
    file, application = readable_file(reading(), public_id, current_actor())
    picture = drawing.page(uploads.store(), file.key, number) if file.media_type == "application/pdf" else None
    if picture is None:
        raise NotFound("This page cannot be shown. Download the file.")
    answer = Response(picture, mimetype="image/png")
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "private, no-store"
    return _recorded(answer, application) if number == 1 else answer


def _recorded(answer: Response, application: Application) -> Response:
    """An employer's opening of a résumé leaves a trace; the applicant's own does not."""
    actor, now = current_actor(), clock.now()
    if application.user_id == actor.user_id:
        return answer
    subject = ("application", application.id)
    return after_response(answer, lambda session: record(session, actor, "resume.open", subject, now))
