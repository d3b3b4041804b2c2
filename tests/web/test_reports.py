"""Reporting a job, and the admin's table of reports."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.domain.audit.models import AuditEntry
from app.domain.postings.models import Posting, PostingStatus, Report
from tests.factories import Board
from tests.web.people import Cast

HTMX = {"HX-Request": "true"}


@pytest.fixture
def cast(board: Board) -> Cast:
    board.admin("admin@example.org")
    return Cast(board)


def _report(client: FlaskClient, posting_id: int, address: str = "127.0.0.1", **more: str) -> tuple[int, str]:
    token = Board.csrf(client, f"/jobs/{posting_id}/-/report")
    data = {"csrf_token": token, "reason": "scam", "words": "They ask for money."} | more
    answer = client.post(f"/jobs/{posting_id}/report", data=data, environ_overrides={"REMOTE_ADDR": address})
    return answer.status_code, answer.headers.get("Location", "") or answer.get_data(as_text=True)


def _row(page: str) -> dict[str, str]:
    fields = page.split('name="version" value="', 1)[1]
    return {"version": fields.split('"', 1)[0], "seen": fields.split('name="seen" value="', 1)[1].split('"', 1)[0]}


def test_the_answer_is_the_same_whatever_was_known(board: Board, cast: Cast) -> None:
    client, path = board.app.test_client(), f"/jobs/{cast.posting.id}/-/reported"
    assert f'href="/jobs/{cast.posting.id}/-/report"' in client.get(cast.posting.path).get_data(as_text=True)
    for _ in range(2):
        assert _report(client, cast.posting.id) == (303, path)
    assert "Thank you" in client.get(path).get_data(as_text=True)
    with board.reading() as session:
        kept = session.scalars(select(Report)).one()
        assert "127.0.0" not in kept.sender + kept.network


def test_what_is_missing_is_said_beside_it(cast: Cast, board: Board) -> None:
    client = board.app.test_client()
    status, page = _report(client, cast.posting.id, reason="")
    assert (status, "They ask for money." in page) == (422, True)
    assert _report(client, cast.posting.id, reason="other", words=" ")[0] == 422
    assert _report(client, cast.posting.id, words="x" * 1001)[0] == 422


def test_three_networks_take_it_off_the_board_and_an_admin_decides(board: Board, cast: Cast) -> None:
    client, admin = board.app.test_client(), cast.as_("admin")
    assert "No open reports" in admin.get("/admin/reports").get_data(as_text=True)
    for address in ("192.0.2.1", "198.51.100.1", "203.0.113.1"):
        assert _report(client, cast.posting.id, address)[0] == 303
    assert client.get(cast.posting.path).status_code == 410
    page = admin.get("/admin/reports").get_data(as_text=True)
    assert "Frozen by reports" in page
    assert 'Reports <span class="badge is-warn">1<' in page
    path = f"/admin/reports/{cast.posting.id}/"
    answer = cast.post("admin", path + "dismiss", HTMX, **_row(page))
    assert (answer.status, "Decided" in answer.text) == (200, True)
    assert answer.text.count("<tr") == 1
    assert client.get(cast.posting.path).status_code == 200
    assert cast.post("admin", path + "dismiss", HTMX, **_row(page)).status == 200
    refused = cast.post("admin", path + "remove", HTMX, **_row(page), reason="Scam")
    assert (refused.status, "decided already" in refused.text) == (409, True)
    with board.reading() as session:
        log = select(AuditEntry.action).where(AuditEntry.subject_id == cast.posting.id)
        log = log.where(AuditEntry.subject_type == "posting").order_by(AuditEntry.id)
        assert list(session.scalars(log)) == ["posting.freeze", "posting.unfreeze"]


def test_removing_asks_for_a_reason_without_a_script_too(board: Board, cast: Cast) -> None:
    _report(board.app.test_client(), cast.posting.id)
    path = f"/admin/reports/{cast.posting.id}/remove"
    page = cast.as_("admin").get("/admin/reports").get_data(as_text=True)
    assert "They ask for money." in page
    refused = cast.post("admin", path, **_row(page))
    assert (refused.status, "Say why" in refused.text) == (422, True)
    assert cast.post("admin", path, **_row(page), reason="It is a scam").status == 303
    with board.reading() as session:
        assert session.get_one(Posting, cast.posting.id).status == "removed"


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_decision_that_is_refused_keeps_its_reason(board: Board, cast: Cast, headers: dict[str, str]) -> None:
    _report(board.app.test_client(), cast.posting.id)
    page, path = cast.as_("admin").get("/admin/reports").get_data(as_text=True), f"/admin/reports/{cast.posting.id}/"
    long = cast.post("admin", path + "remove", headers, **_row(page), reason="<b>" + "x" * 2_001)
    assert (long.status, f'name="reason" value="&lt;b&gt;{"x" * 2_001}"' in long.text) == (422, True)
    freeze = f"/admin/postings/{cast.posting.id}/freeze"
    assert cast.post("admin", freeze, HTMX, version=_row(page)["version"]).status == 200
    stale = cast.post("admin", path + "remove", headers, **_row(page), reason="A <b>scam")
    assert (stale.status, 'name="reason" value="A &lt;b&gt;scam"' in stale.text) == (409, True)
    assert cast.post("admin", path + "dismiss", HTMX, **_row(stale.text), reason="A <b>scam").text.count("scam") == 0
    late = cast.post("admin", path + "remove", headers, **_row(stale.text), reason="A <b>scam")
    assert (late.status, "readonly>\nA &lt;b&gt;scam</textarea>" in late.text) == (409, True)


def test_nonsense(cast: Cast) -> None:
    assert cast.post("admin", "/admin/reports/999999/dismiss", version="1", seen="1").status == 404
    assert cast.post("admin", f"/admin/reports/{cast.posting.id}/dismiss", version="1", seen="x").status == 422
    assert cast.post("admin", f"/admin/reports/{cast.posting.id}/praise", version="1", seen="1").status == 404
    assert cast.as_("admin").get(f"/admin/reports/{cast.posting.id}/dismiss").status_code == 405
    assert cast.post("owner", f"/admin/reports/{cast.posting.id}/dismiss", version="1", seen="1").status == 403


def test_what_is_over_cannot_be_reported(board: Board, cast: Cast) -> None:
    ended = board.posting(cast.company.id, status=PostingStatus.CLOSED)
    answer = board.app.test_client().get(f"/jobs/{ended.id}/-/report")
    assert answer.status_code == 410
    assert "nothing to report" in answer.get_data(as_text=True)
