"""What admins do to postings through REST: the moves of a posting's state that the one table gives to them."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.core import clock
from app.domain.accounts.models import User
from app.domain.audit.models import AuditEntry
from app.domain.mail.models import OutboxMail
from app.domain.postings.models import PostingStatus
from tests.factories import Board
from tests.web.test_api_access import access, bearer, made, refused

POSTINGS = "/api/v1/postings"
OWNER, ADMIN = "owner@example.org", "admin@example.org"


@pytest.fixture
def acme(board: Board) -> Any:
    board.admin(ADMIN)
    return board.company("Acme", owner=OWNER)


@pytest.fixture
def admin(acme: Any, client: FlaskClient) -> dict[str, str]:
    return access(client, ADMIN)


def pending(board: Board, acme: Any) -> SimpleNamespace:
    return board.posting(acme.id, live=False, status=PostingStatus.PENDING, submitted_at=clock.now())


def move(client: FlaskClient, who: dict[str, str], posting: Any, to: str, reason: str = "", **more: Any) -> Any:
    given = {"to": to, "version": posting.version, "reason": reason} | more
    return client.post(f"{POSTINGS}/{posting.id}/transitions", json=given, headers=who)


@pytest.mark.parametrize(("to", "reason"), [
    ("published", ""), ("changes_requested", "Say where."), ("rejected", "Not a job."), ("removed", "Fraud."),
])  # fmt: skip
def test_an_admin_decides_what_waits_for_review(
    board: Board, acme: Any, client: FlaskClient, admin: dict[str, str], to: str, reason: str
) -> None:
    posting = pending(board, acme)
    assert client.get(f"{POSTINGS}/{posting.id}").status_code == 404
    read = client.get(f"{POSTINGS}/{posting.id}", headers=admin)
    assert read.json["status"] == "pending", "an admin reads what they decide"
    done = move(client, admin, posting, to, reason)
    assert (done.status_code, done.json["status"]) == (200, to) and done.json["version"] > posting.version
    again = move(client, admin, posting, to, reason)
    assert (again.status_code, again.json["version"]) == (200, done.json["version"]), "the same said again is the same"
    with board.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == f"posting.{to}")).all()
        assert [(one.subject_id, one.reason) for one in entries] == [(posting.id, reason or None)]
        assert session.scalar(select(func.count(OutboxMail.id)).where(OutboxMail.recipient == OWNER)) == 1


def test_a_refusal_needs_its_reason(board: Board, acme: Any, client: FlaskClient, admin: dict[str, str]) -> None:
    answer = move(client, admin, pending(board, acme), "rejected")
    assert answer.status_code == 422 and [one["pointer"] for one in answer.json["errors"]] == ["#/reason"]


def test_an_admin_moves_by_the_table_too(board: Board, acme: Any, client: FlaskClient, admin: dict[str, str]) -> None:
    posting, live = pending(board, acme), board.posting(acme.id)
    for to in ("paused", "expired", "draft"):
        answer = move(client, admin, posting, to)
        assert answer.status_code == 422, "an employer's move is none of an admin's"
        assert "It can become: published, changes requested, rejected, removed." in answer.json["detail"]
    answer = move(client, admin, live, "published", version=live.version)
    assert answer.status_code == 200, "it is so already"
    assert "It can become: removed." in move(client, admin, live, "rejected", "No.").json["detail"]


def test_an_admins_move_names_its_version(
    board: Board, acme: Any, client: FlaskClient, admin: dict[str, str]
) -> None:
    posting = pending(board, acme)
    path = f"{POSTINGS}/{posting.id}"
    assert refused(move(client, admin, posting, "published", version=posting.version + 1), 409)
    read = client.get(path, headers=admin).headers["ETag"]
    with_tag = {"json": {"to": "published"}, "headers": admin | {"If-Match": read}}
    assert client.post(f"{path}/transitions", **with_tag).json["status"] == "published"
    assert refused(client.post(f"{path}/transitions", **with_tag), 412)


def test_a_token_decides_only_with_the_scope_admin(
    board: Board, acme: Any, client: FlaskClient, admin: dict[str, str]
) -> None:
    posting = pending(board, acme)
    without = bearer(made(client, "postings:read", "postings:write", email=ADMIN).json["token"])
    assert refused(client.get(f"{POSTINGS}/{posting.id}", headers=without), 404)
    assert refused(move(client, without, posting, "published"), 404)
    assert refused(move(client, access(client, OWNER), posting, "published"), 422)
    scoped = bearer(made(client, "admin", email=ADMIN).json["token"])
    assert move(client, scoped, posting, "published").json["status"] == "published"


def test_who_is_both_does_as_a_member_what_members_do(
    board: Board, acme: Any, client: FlaskClient, admin: dict[str, str]
) -> None:
    board.member(acme.id, ADMIN)
    posting = board.posting(acme.id)
    paused = move(client, admin, posting, "paused").json
    assert paused["status"] == "paused"
    waiting = pending(board, acme)
    assert move(client, admin, waiting, "published").json["status"] == "published"
    assert move(client, admin, SimpleNamespace(**paused), "removed", "Fraud.").json["status"] == "removed"


def test_where_admins_need_a_second_factor_they_decide_with_one_only(
    board: Board, acme: Any, client: FlaskClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    posting, live = pending(board, acme), board.posting(acme.id)
    settings = client.application.extensions["nexus-settings"]
    with monkeypatch.context() as patch:
        strict = settings.model_copy(update={"nexus_env": "production"})
        patch.setitem(client.application.extensions, "nexus-settings", strict)
        assert client.get(f"{POSTINGS}/{live.id}", headers=admin).status_code == 200
        assert refused(client.get(f"{POSTINGS}/{posting.id}", headers=admin), 404)
        answer = move(client, admin, posting, "published")
        assert refused(answer, 403) and "/me/security" in answer.json["detail"]
        with board.writing() as session:
            session.execute(update(User).where(User.email == ADMIN).values(second_factor_at=clock.now()))
        assert move(client, admin, posting, "published").status_code == 200
