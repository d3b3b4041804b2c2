"""Webhooks through REST: whose they are, what is told of them, and sending once more."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.domain.companies.models import Membership
from tests.factories import Board
from tests.hooks import ids, owed, send, verified
from tests.peer import Peer, peering
from tests.web.test_api_access import access, bearer, made, refused

HOOKS = "/api/v1/webhooks"
OWNER, RIVAL, RECRUITER = "owner@example.org", "rival@example.org", "grace@example.org"
URL = "https://hooks.example.org/nexus"


@pytest.fixture
def acme(board: Board) -> Any:
    board.company("Southgate", owner=RIVAL)
    made = board.company("Acme", owner=OWNER)
    board.member(made.id, RECRUITER, "recruiter")
    return made


@pytest.fixture
def owner(acme: Any, client: FlaskClient) -> dict[str, str]:
    return access(client, OWNER)


@pytest.fixture
def hook(owner: dict[str, str], client: FlaskClient) -> SimpleNamespace:
    answer = client.post(HOOKS, json={"url": URL, "events": ["posting.closed"]}, headers=owner)
    assert answer.status_code == 201
    return SimpleNamespace(**answer.json, etag=answer.headers["ETag"], path=f"{HOOKS}/{answer.json['id']}")


def test_a_webhook_is_made_and_its_secret_told_once(owner: dict[str, str], client: FlaskClient) -> None:
    answer = client.post(HOOKS, json={"url": URL}, headers=owner)
    found = answer.json
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert answer.headers["Location"].endswith(f"{HOOKS}/{found['id']}")
    assert found["secret"].startswith("whsec_") and found["company"] == "acme"
    assert (found["active"], found["state"], found["version"]) == (True, "active", 1)
    assert "application.moved" in found["events"] and "test" not in found["events"]
    listed = client.get(HOOKS, headers=owner).json["items"]
    assert listed == [{name: value for name, value in found.items() if name != "secret"}]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"url": "http://127.0.0.1/"}, "#/url"), ({"url": "gopher://x"}, "#/url"), ({}, "#/url"),
        ({"url": URL, "events": []}, "#/events"), ({"url": URL, "events": ["job.sold"]}, "#/events/0"),
        ({"url": URL, "more": 1}, "#/more"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_where_it_stands(
    owner: dict[str, str], client: FlaskClient, wrong: dict[str, Any], pointer: str
) -> None:
    answer = client.post(HOOKS, json=wrong, headers=owner)
    assert refused(answer, 422)
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]


def test_it_changes_by_its_version_and_by_its_etag(
    hook: SimpleNamespace, owner: dict[str, str], client: FlaskClient
) -> None:
    changed = client.patch(hook.path, json={"active": False, "version": 1}, headers=owner)
    assert (changed.json["active"], changed.json["state"], changed.json["version"]) == (False, "paused", 2)
    assert refused(client.patch(hook.path, json={"active": True, "version": 1}, headers=owner), 409)
    assert refused(client.patch(hook.path, json={"active": True}, headers=owner | {"If-Match": hook.etag}), 412)
    assert refused(client.patch(hook.path, json={"active": True}, headers=owner), 422)
    by_tag = owner | {"If-Match": changed.headers["ETag"]}
    more = {"active": True, "events": ["posting.changed"], "url": URL + "2"}
    wider = client.patch(hook.path, json=more, headers=by_tag)
    assert (wider.json["state"], wider.json["events"], wider.json["url"]) == (
        "active", ["posting.changed"], URL + "2",
    )  # fmt: skip


def test_a_secret_is_changed(hook: SimpleNamespace, owner: dict[str, str], client: FlaskClient) -> None:
    answer = client.post(f"{hook.path}/rotate", json={"version": 1}, headers=owner)
    assert answer.json["secret"] != hook.secret and answer.headers["Cache-Control"] == "no-store"
    assert refused(client.post(f"{hook.path}/rotate", json={"version": 1}, headers=owner), 409)


def test_it_is_removed(hook: SimpleNamespace, owner: dict[str, str], client: FlaskClient) -> None:
    assert refused(client.delete(hook.path, headers=owner | {"If-Match": '"other"'}), 412)
    assert client.delete(hook.path, headers=owner).status_code == 204
    assert refused(client.delete(hook.path, headers=owner), 404)
    assert client.get(HOOKS, headers=owner).json["items"] == []


def test_strangers_find_nothing_and_colleagues_may_not(
    hook: SimpleNamespace, acme: Any, client: FlaskClient, board: Board
) -> None:
    number = owed(board, hook.id, 1)
    acts = [
        ("PATCH", hook.path, {"active": False, "version": 1}), ("DELETE", hook.path, None),
        ("POST", f"{hook.path}/rotate", {"version": 1}), ("POST", f"{hook.path}/test", None),
        ("GET", f"{hook.path}/deliveries", None), ("POST", f"{hook.path}/deliveries/{number}/replay", None),
    ]  # fmt: skip
    for email, status in ((RIVAL, 404), (RECRUITER, 403)):
        who = access(client, email)
        for method, path, body in acts:
            assert refused(client.open(path, method=method, json=body, headers=who), status), (email, path)
    assert refused(client.get(HOOKS, headers=access(client, RECRUITER)), 403)
    assert client.get(HOOKS, headers=access(client, RIVAL)).json["items"] == []
    taken = client.post(HOOKS, json={"url": URL, "company": "acme"}, headers=access(client, RIVAL))
    assert refused(taken, 403)


def test_rights_end_with_the_membership(
    hook: SimpleNamespace, owner: dict[str, str], acme: Any, client: FlaskClient, board: Board
) -> None:
    with board.writing() as session:
        for row in session.query(Membership).where(Membership.company_id == acme.id, Membership.role == "owner"):
            row.ended_at = clock.now()
    assert refused(client.delete(hook.path, headers=owner), 404)
    assert refused(client.get(HOOKS, headers=owner), 403)


def test_a_token_needs_the_scope(hook: SimpleNamespace, owner: dict[str, str], client: FlaskClient) -> None:
    narrow = bearer(made(client, "postings:write", "account").json["token"])
    assert refused(client.get(HOOKS, headers=narrow), 403)
    assert refused(client.delete(hook.path, headers=narrow), 403)
    wide = bearer(made(client, "webhooks", company="acme").json["token"])
    assert [one["id"] for one in client.get(HOOKS, headers=wide).json["items"]] == [hook.id]
    assert client.post(HOOKS, json={"url": URL + "2"}, headers=wide).status_code == 201


def test_what_was_sent_is_listed_page_by_page_and_sent_once_more(
    board: Board, owner: dict[str, str], client: FlaskClient
) -> None:
    peer: Peer
    with peering() as peer:
        from app.domain.webhooks.models import Webhook

        given = client.post(HOOKS, json={"url": URL}, headers=owner).json
        with board.writing() as session:
            session.get_one(Webhook, given["id"]).url = peer.url()
        path = f"{HOOKS}/{given['id']}"
        assert client.get(f"{path}/deliveries", headers=owner).json == {"items": [], "next": None}
        tested = client.post(f"{path}/test", headers=owner)
        assert (tested.status_code, tested.json["event"], tested.json["status"]) == (202, "test", "waiting")
        send(board.app)
        (sent,) = client.get(f"{path}/deliveries", headers=owner).json["items"]
        assert (sent["status"], sent["answer_status"], sent["attempts"], sent["due_at"]) == ("delivered", 200, 1, None)
        assert verified(peer.asked[0], given["secret"], clock.now())
        again = client.post(f"{path}/deliveries/{sent['id']}/replay", headers=owner)
        assert (again.status_code, again.json["status"]) == (202, "waiting")
        send(board.app)
        assert ids(peer) == [sent["event_id"]] * 2
        for number in range(60):
            owed(board, given["id"], number)
        first = client.get(f"{path}/deliveries", headers=owner).json
        rest = client.get(f"{path}/deliveries?after={first['next']}", headers=owner).json
        assert (len(first["items"]), len(rest["items"]), rest["next"]) == (50, 11, None)
        found = [one["id"] for one in first["items"] + rest["items"]]
        assert found == sorted(found, reverse=True)
        other = client.post(HOOKS, json={"url": URL + "3"}, headers=owner).json["id"]
        assert client.get(f"{HOOKS}/{other}/deliveries?after={first['next']}", headers=owner).status_code == 400
        assert refused(client.post(f"{HOOKS}/{other}/deliveries/{sent['id']}/replay", headers=owner), 404)
