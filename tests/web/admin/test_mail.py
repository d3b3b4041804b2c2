"""Outgoing mail as admins see it: its state, its words in development only, and the two acts on it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core import clock
from app.domain.audit.models import AuditEntry
from app.domain.mail.models import MailStatus, OutboxMail
from app.domain.mail.services import owe
from tests.factories import Board

M = MailStatus
HTMX = {"HX-Request": "true"}


@pytest.fixture
def admin(board: Board) -> FlaskClient:
    board.admin("admin@example.org")
    return board.sign_in("admin@example.org")


def owed(board: Board, status: M = M.WAITING, **facts: Any) -> int:
    with board.writing() as session:
        number = session.scalar(select(func.count(OutboxMail.id))) or 0
        mail = owe(session, "new-applicant", f"reader{number}@example.org", f"test:{number}", clock.now(), number=1)
        mail.status = status
        for name, value in facts.items():
            setattr(mail, name, value)
        session.flush()
        return mail.id


def act(board: Board, admin: FlaskClient, mail_id: int, what: str, htmx: bool = True) -> tuple[int, str]:
    data = {"csrf_token": board.csrf(admin, "/admin/mail"), "next": "/admin/mail?status=parked"}
    answer = admin.post(f"/admin/mail/{mail_id}/{what}", data=data, headers=HTMX if htmx else {})
    return answer.status_code, answer.get_data(as_text=True)


def fresh(board: Board, mail_id: int) -> tuple[M, int]:
    with board.reading() as session:
        audits = session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.subject_type == "mail"))
        return session.get_one(OutboxMail, mail_id).status, audits or 0


def test_the_table_tells_what_fared_how_and_can_be_narrowed(board: Board, admin: FlaskClient) -> None:
    owed(board, M.SENT, sent_at=clock.now())
    parked = owed(board, M.PARKED, last_error="550 no such user", attempts=3)
    page = admin.get("/admin/mail").get_data(as_text=True)
    assert page.count('<tr id="mail-') == 2 and "550 no such user" in page and "SMTP_URL" in page
    narrowed = admin.get("/admin/mail?status=parked").get_data(as_text=True)
    assert narrowed.count('<tr id="mail-') == 1 and f'id="mail-{parked}"' in narrowed
    assert "No mail here" in admin.get("/admin/mail?status=cancelled").get_data(as_text=True)
    assert "not known" in admin.get("/admin/mail?status=lost").get_data(as_text=True)


def test_pages_of_mail_have_no_gap(board: Board, admin: FlaskClient) -> None:
    ids = {owed(board) for _ in range(41)}
    first = admin.get("/admin/mail?status=waiting").get_data(as_text=True)
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = admin.get(following[1].replace("&amp;", "&")).get_data(as_text=True)
    seen = [set(re.findall(r'<tr id="mail-(\d+)"', page)) for page in (first, second)]
    assert [len(page) for page in seen] == [40, 1] and seen[0] | seen[1] == {str(one) for one in ids}


def test_what_a_mail_said_is_shown_with_its_links(board: Board, admin: FlaskClient) -> None:
    kept = owed(
        board, M.KEPT, subject="Hello <you>", body_text="See\nhttp://127.0.0.1:5000/jobs\n<script>x</script>"
    )
    page = admin.get(f"/admin/mail/{kept}").get_data(as_text=True)
    assert 'href="http://127.0.0.1:5000/jobs"' in page and "<script>x" not in page and "Hello &lt;you&gt;" in page
    assert "kept only in development" in admin.get(f"/admin/mail/{owed(board)}").get_data(as_text=True)
    assert admin.get("/admin/mail/999").status_code == 404


@pytest.mark.parametrize("before", [M.PARKED, M.KEPT])
def test_a_mail_is_tried_again_once(board: Board, admin: FlaskClient, before: M) -> None:
    mail_id = owed(board, before, attempts=20, last_error="550 no", body_text="secret")
    status, row = act(board, admin, mail_id, "retry")
    assert status == 200 and f'<tr id="mail-{mail_id}"' in row and row.count("<tr") == 1 and "#toasts" in row
    assert act(board, admin, mail_id, "retry")[0] == 200
    assert fresh(board, mail_id) == (M.WAITING, 1)
    with board.reading() as session:
        mail = session.get_one(OutboxMail, mail_id)
        assert (mail.attempts, mail.last_error, mail.body_text) == (0, None, None)


def test_a_waiting_mail_is_cancelled_once(board: Board, admin: FlaskClient) -> None:
    mail_id = owed(board)
    assert act(board, admin, mail_id, "cancel")[0] == 200
    assert act(board, admin, mail_id, "cancel", htmx=False)[0] == 303
    assert fresh(board, mail_id) == (M.CANCELLED, 1)


@pytest.mark.parametrize(
    ("what", "status", "facts"),
    [("retry", M.SENT, {}), ("retry", M.CANCELLED, {}), ("cancel", M.SENT, {}), ("cancel", M.WAITING, {"claimed": 1})],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_who_comes_too_late_sees_how_it_stands(
    board: Board, admin: FlaskClient, what: str, status: M, facts: dict[str, int], htmx: bool
) -> None:
    claimed = {"claimed_until": clock.now() + timedelta(minutes=4)} if facts else {}
    mail_id = owed(board, status, **claimed)
    code, answer = act(board, admin, mail_id, what, htmx)
    assert code == 409 and 'role="alert"' in answer
    assert fresh(board, mail_id) == (status, 0)
