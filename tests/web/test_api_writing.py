"""Postings through REST: made, changed, moved, taken away, under the pages' own rules."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.domain.audit.models import AuditEntry
from app.domain.postings.models import Posting, PostingStatus
from tests.factories import Board
from tests.web.test_api_access import access, bearer, made, refused
from tests.web.test_api_applications import WORDS

POSTINGS = "/api/v1/postings"
OWNER, RIVAL = "owner@example.org", "rival@example.org"
JOB = {
    "title": "Backend Engineer", "description": "Build **things**.", "category": "engineering", "type": "full_time",
    "places": ["Berlin, Germany"], "salary": {"min": 60000, "max": 80000, "currency": "EUR", "period": "year"},
    "experience": "mid", "openings": 2,
}  # fmt: skip


@pytest.fixture
def acme(board: Board) -> Any:
    board.category()
    board.company("Southgate", owner=RIVAL)
    return board.company("Acme", owner=OWNER, trusted=False)


@pytest.fixture
def owner(acme: Any, client: FlaskClient) -> dict[str, str]:
    return access(client, OWNER)


def test_a_posting_is_made_handed_in_and_read(owner: dict[str, str], client: FlaskClient) -> None:
    answer = client.post(POSTINGS, json=JOB, headers=owner)
    draft = answer.json
    assert (answer.status_code, draft["status"], draft["url"]) == (201, "draft", None)
    assert answer.headers["Location"].endswith(f"{POSTINGS}/{draft['id']}")
    assert draft["salary"] == {
        "min": 60_000, "max": 80_000, "currency": "EUR", "period": "year", "year_min": 60_000, "year_max": 80_000,
    }  # fmt: skip
    assert "<strong>things</strong>" in draft["description_html"]
    assert (draft["place"]["slug"], draft["company"]["slug"], draft["openings"]) == ("berlin-de", "acme", 2)
    assert client.get(f"{POSTINGS}/{draft['id']}", headers=owner).json == draft
    for stranger in ({}, access(client, RIVAL)):
        assert refused(client.get(f"{POSTINGS}/{draft['id']}", headers=stranger), 404)
    moved = client.post(f"{POSTINGS}/{draft['id']}/transitions", json={"to": "pending", "version": 1}, headers=owner)
    assert moved.status_code == 409, "what hangs on a draft moves its version too"
    moved = client.post(
        f"{POSTINGS}/{draft['id']}/transitions", json={"to": "pending", "version": draft["version"]}, headers=owner
    )
    assert (moved.status_code, moved.json["status"]) == (200, "pending")


def test_it_is_handed_in_whole_or_not_made(owner: dict[str, str], client: FlaskClient, board: Board) -> None:
    missing = client.post(POSTINGS, json={"title": "Engineer", "submit": True}, headers=owner)
    assert missing.status_code == 422
    assert {"#/description", "#/category", "#/type"} <= {one["pointer"] for one in missing.json["errors"]}
    with board.reading() as session:
        assert session.scalars(select(Posting)).all() == []
    assert client.post(POSTINGS, json=JOB | {"submit": True}, headers=owner).json["status"] == "pending"


def test_a_change_names_its_version(owner: dict[str, str], client: FlaskClient) -> None:
    first = client.post(POSTINGS, json=JOB, headers=owner)
    path, version = f"{POSTINGS}/{first.json['id']}", first.json["version"]
    nameless = client.patch(path, json={"title": "Other"}, headers=owner)
    assert nameless.status_code == 422 and nameless.json["errors"][0]["pointer"] == "#/version"
    changed = client.patch(path, json={"title": "Lead Engineer", "version": version}, headers=owner)
    assert (changed.json["title"], changed.json["place"]["slug"]) == ("Lead Engineer", "berlin-de"), "the rest stays"
    assert refused(client.patch(path, json={"title": "Stale", "version": version}, headers=owner), 409)
    stale = owner | {"If-Match": first.headers["ETag"]}
    assert refused(client.patch(path, json={"title": "Stale"}, headers=stale), 412)
    fresh = owner | {"If-Match": client.get(path, headers=owner).headers["ETag"]}
    assert client.patch(path, json={"openings": 3}, headers=fresh).json["openings"] == 3
    assert refused(client.patch(path, json={"openings": 4}, headers=fresh), 412)


def test_a_posting_asks_its_applicants(owner: dict[str, str], client: FlaskClient, board: Board, acme: Any) -> None:
    asked = [
        {"prompt": "Do you have a climbing licence?", "kind": "yes_no", "required": True},
        {"prompt": "Why wind?", "kind": "text", "required": False},
    ]
    draft = client.post(POSTINGS, json=JOB | {"questions": asked}, headers=owner).json
    assert [{name: one[name] for name in asked[0]} for one in draft["questions"]] == asked
    path, first = f"{POSTINGS}/{draft['id']}", draft["questions"][0]["id"]
    same = client.patch(path, json={"openings": 3, "version": draft["version"]}, headers=owner).json
    assert same["questions"] == draft["questions"], "what is not named stays"
    fewer = {"questions": [{"prompt": "May you climb?"}], "version": same["version"]}
    changed = client.patch(path, json=fewer, headers=owner)
    assert changed.json["questions"] == [{"id": first, "prompt": "May you climb?", "kind": "text", "required": False}]
    assert client.get(path, headers=owner).headers["ETag"] == changed.headers["ETag"]
    none = client.patch(path, json={"questions": [], "version": changed.json["version"]}, headers=owner).json
    assert none["questions"] == []


def test_an_applicant_learns_what_to_answer(
    owner: dict[str, str], client: FlaskClient, board: Board, acme: Any
) -> None:
    posting = board.posting(acme.id)
    asked = {"questions": [{"prompt": "Why wind?", "required": True}], "version": posting.version}
    assert client.patch(f"{POSTINGS}/{posting.id}", json=asked, headers=owner).status_code == 200
    question = client.get(f"{POSTINGS}/{posting.id}").json["questions"][0]
    path, mail = f"{POSTINGS}/{posting.id}/applications", {"email": "ada@example.org"}
    silent = client.post(path, json=WORDS | mail)
    assert [one["pointer"] for one in silent.json["errors"]] == [f"#/answers/{question['id']}"]
    answers = {"answers": {str(question["id"]): "It is always there."}}
    assert client.post(path, json=WORDS | mail | answers).status_code == 201
    mine = client.get(f"/api/v1/applications?posting={posting.id}", headers=owner).json["items"][0]
    whole = client.get(f"/api/v1/applications/{mine['id']}", headers=owner).json
    assert whole["answers"] == [{"question": "Why wind?", "answer": "It is always there."}]


def test_moves_are_those_of_the_one_table(owner: dict[str, str], client: FlaskClient, board: Board, acme: Any) -> None:
    posting = board.posting(acme.id)
    path = f"{POSTINGS}/{posting.id}/transitions"
    illegal = client.post(path, json={"to": "rejected", "version": posting.version}, headers=owner)
    assert illegal.status_code == 422 and "It can become: paused, filled, closed" in illegal.json["detail"]
    paused = client.post(path, json={"to": "paused", "version": posting.version}, headers=owner).json
    assert paused["status"] == "paused" and client.get(f"{POSTINGS}/{posting.id}").status_code == 410
    assert client.get(f"{POSTINGS}/{posting.id}", headers=owner).json["status"] == "paused"
    assert client.post(path, json={"to": "published", "version": paused["version"]}, headers=owner).status_code == 200


def test_only_drafts_are_deleted(owner: dict[str, str], client: FlaskClient, board: Board, acme: Any) -> None:
    draft = client.post(POSTINGS, json=JOB, headers=owner).json
    assert refused(client.delete(f"{POSTINGS}/{draft['id']}", headers=access(client, RIVAL)), 404)
    gone = client.delete(f"{POSTINGS}/{draft['id']}", headers=owner)
    assert (gone.status_code, gone.data) == (204, b"")
    assert refused(client.delete(f"{POSTINGS}/{draft['id']}", headers=owner), 404)
    posting = board.posting(acme.id)
    assert refused(client.delete(f"{POSTINGS}/{posting.id}", headers=owner), 409)
    handed_in = client.post(POSTINGS, json=JOB | {"submit": True}, headers=owner).json
    assert refused(client.delete(f"{POSTINGS}/{handed_in['id']}", headers=owner), 409)
    with board.reading() as session:
        acts = set(session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == draft["id"])))
        assert {"posting.create", "posting.delete"} <= acts


def test_who_may_not_write_does_not(client: FlaskClient, board: Board, acme: Any) -> None:
    board.member(acme.id, "reviewer@example.org", "reviewer")
    posting = board.posting(acme.id)
    path, change = f"{POSTINGS}/{posting.id}", {"title": "Mine", "version": posting.version}
    readers = bearer(made(client, "postings:read", email=OWNER).json["token"])
    reviewer = access(client, "reviewer@example.org")
    for who, status in (({}, 401), (access(client, RIVAL), 404), (reviewer, 403), (readers, 403)):
        assert refused(client.patch(path, json=change, headers=who), status)
        assert refused(client.delete(path, headers=who), status)
        move = client.post(f"{path}/transitions", json={"to": "closed", "version": posting.version}, headers=who)
        assert refused(move, status)
    for who, status in (({}, 401), (reviewer, 403), (readers, 403)):
        assert refused(client.post(POSTINGS, json=JOB, headers=who), status)
    assert refused(client.post(POSTINGS, json=JOB | {"company": "acme"}, headers=access(client, RIVAL)), 403)
    writers = bearer(made(client, "postings:write", email=OWNER).json["token"])
    assert client.patch(path, json=change, headers=writers).status_code == 200
    with board.reading() as session:
        assert session.get_one(Posting, posting.id).status is PostingStatus.PENDING, "a public one is reviewed again"


@pytest.mark.parametrize(("change", "pointer"), [
    ({"salary": {"max": 80000, "currency": "XXX", "period": "year"}}, "#/salary/currency"),
    ({"salary": {"max": -1, "currency": "EUR", "period": "year"}}, "#/salary/max"),
    ({"salary": {"max": 1}}, "#/salary/currency"), ({"type": "wizard"}, "#/type"),
    ({"salary": {"min": 9, "max": 1, "currency": "EUR", "period": "year"}}, "#/salary/max"),
    ({"places": ["qqqqzzzz"]}, "#/places"),
    ({"category": "nowhere"}, "#/category"), ({"title": ""}, "#/title"), ({"openings": 0}, "#/openings"),
    ({"questions": [{"prompt": "Why?"}] * 6}, "#/questions"), ({"questions": [{"prompt": ""}]}, "#/questions/0/prompt"),
    ({"questions": [{"prompt": "Why?"}, {"prompt": " \u200b"}]}, "#/questions/1/prompt"),
    ({"questions": [{"prompt": "x" * 301}]}, "#/questions/0/prompt"),
    ({"questions": [{"prompt": "Why?", "kind": "essay"}]}, "#/questions/0/kind"),
    ({"questions": [{"prompt": "Why?", "id": 1}]}, "#/questions/0/id"), ({"questions": "Why?"}, "#/questions"),
    ({"status": "published"}, "#/status"), ({"company_id": 1}, "#/company_id"), ({"title": ["x"]}, "#/title"),
])  # fmt: skip
def test_what_cannot_be_stated_is_told_by_its_field(
    owner: dict[str, str], client: FlaskClient, change: dict[str, Any], pointer: str
) -> None:
    answer = client.post(POSTINGS, json=JOB | change, headers=owner)
    assert answer.status_code == 422 and pointer in [one["pointer"] for one in answer.json["errors"]]
