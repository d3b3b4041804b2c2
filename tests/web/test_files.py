"""Résumés go to whom they concern, as attachments, unchanged; every opening is recorded."""

import pytest
from sqlalchemy import select

from app.core.files import UploadStore
from app.domain.applications.models import StoredFile
from app.domain.audit.models import AuditEntry
from tests.factories import Board
from tests.web.people import Cast


@pytest.fixture
def cast(board: Board) -> Cast:
    return Cast(board)


@pytest.mark.parametrize(
    ("role", "status"),
    [("seeker", 200), ("owner", 200), ("recruiter", 200), ("reviewer", 200), ("rival", 404), ("gone", 404),
     ("other", 404), ("anonymous", 303)],
)
def test_a_resume_is_for_its_applicant_and_the_company(cast: Cast, role: str, status: int) -> None:
    with cast.as_(role).get(f"/files/{cast.application.file}") as answer:
        assert answer.status_code == status
        assert (answer.data == cast.application.content) is (status == 200)


def test_it_leaves_as_an_attachment_that_can_do_nothing(cast: Cast) -> None:
    with cast.as_("owner").get(f"/files/{cast.application.file}") as answer:
        headers = answer.headers
    assert headers["Content-Disposition"] == 'attachment; filename="My CV.pdf"'
    assert headers["Content-Type"] == "application/pdf"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cache-Control"] == "private, no-store"


def test_an_employers_opening_is_recorded_the_applicants_is_not(board: Board, cast: Cast) -> None:
    for role in ("seeker", "rival", "reviewer"):
        cast.as_(role).get(f"/files/{cast.application.file}").close()
    with board.reading() as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "resume.open"))
        assert (entry.subject_type, entry.subject_id) == ("application", cast.application.id)


def test_what_is_no_address_or_lost_is_not_there(board: Board, cast: Cast) -> None:
    client = cast.as_("owner")
    for bad in ("1", "x" * 43, "..", "é" * 43, "%2e%2e%2fetc%2fpasswd"):
        assert client.get(f"/files/{bad}").status_code == 404
    assert cast.post("owner", f"/files/{cast.application.file}").status == 405
    with board.reading() as session:
        key = session.scalars(select(StoredFile.key)).one()
    UploadStore(board.app.extensions["nexus-settings"].upload_dir).delete(key)
    assert client.get(f"/files/{cast.application.file}").status_code == 404
