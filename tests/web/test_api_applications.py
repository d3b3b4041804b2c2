"""Applying, reading and moving applications through REST, each as whoever asks may."""

import base64
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.domain.applications.models import Application, StoredFile
from tests.factories import Board
from tests.files import pdf
from tests.web.test_api_access import access, bearer, made, refused

OWNER, RIVAL, SEEKER = "owner@example.org", "rival@example.org", "seeker@example.org"
APPLICATIONS = "/api/v1/applications"
RESUME = {"filename": "ada.pdf", "content_base64": base64.b64encode(pdf()).decode()}
WORDS = {"name": "Ada Lovelace", "cover_letter": "I like the wind.", "resume": RESUME}


@pytest.fixture
def posting(board: Board) -> Any:
    board.user(SEEKER)
    board.company("Southgate", owner=RIVAL)
    return board.posting(board.company("Acme", owner=OWNER).id)


def send(client: FlaskClient, posting: Any, who: dict[str, str], key: str = "once", **more: Any) -> Any:
    path = f"/api/v1/postings/{posting.id}/applications"
    return client.post(path, json=WORDS | more, headers=who | {"Idempotency-Key": key})


def number(board: Board, model: type = Application) -> int:
    with board.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_one_applies_exactly_once(posting: Any, client: FlaskClient, board: Board) -> None:
    seeker = access(client, SEEKER)
    answers = [send(client, posting, seeker) for _ in range(3)] + [send(client, posting, seeker, key="other")]
    receipt = {"posting_id": posting.id, "received": True}
    assert [(one.status_code, one.json) for one in answers] == [(201, receipt)] * 4
    assert number(board) == 1
    guest = [send(client, posting, {}, email="guest@example.org") for _ in range(2)]
    assert [one.status_code for one in guest] == [201, 201] and number(board) == 2
    assert guest[0].json == answers[0].json, "nobody learns who applied before"


def test_a_form_is_taken_as_well(posting: Any, client: FlaskClient, board: Board) -> None:
    form = {"name": "Ada", "email": "ada@example.org", "resume": (BytesIO(pdf()), "ada.pdf")}
    path = f"/api/v1/postings/{posting.id}/applications"
    assert client.post(path, data=form, headers={"Idempotency-Key": "once"}).status_code == 201
    assert number(board) == 1


@pytest.mark.parametrize(("change", "pointer"), [
    ({"name": ""}, "#/name"), ({"email": "nobody"}, "#/email"), ({"resume": None}, "#/resume"),
    ({"resume": {"filename": "a.pdf", "content_base64": "%%%"}}, "#/resume/content_base64"),
    ({"resume": {"filename": "a.exe", "content_base64": RESUME["content_base64"]}}, "#/resume"),
    ({"cover_letter": "x" * 20_001}, "#/cover_letter"), ({"other": 1}, "#/other"),
])  # fmt: skip
def test_what_cannot_be_taken_is_told_and_keeps_nothing(
    posting: Any, client: FlaskClient, board: Board, change: dict[str, Any], pointer: str
) -> None:
    answer = send(client, posting, {}, **{"email": "ada@example.org"} | change)
    assert answer.status_code == 422 and pointer in [one["pointer"] for one in answer.json["errors"]]
    assert (number(board), number(board, StoredFile)) == (0, 0)


def test_a_large_file_goes_through_and_a_larger_one_does_not(posting: Any, client: FlaskClient) -> None:
    for size, status in ((4_900_000, 201), (5_400_000, 422), (8_000_000, 413)):
        text = base64.b64encode(b"word " * (size // 5)).decode()
        answer = send(client, posting, {}, email="a@example.org", resume={"filename": "a.txt", "content_base64": text})
        assert answer.status_code == status, size


def test_where_one_cannot_apply(posting: Any, client: FlaskClient, board: Board) -> None:
    elsewhere = board.posting(posting.company_id, apply_url="https://jobs.example.org/7")
    draft = board.posting(posting.company_id, live=False)
    assert refused(send(client, elsewhere, {}, email="a@example.org"), 410)
    assert refused(send(client, draft, {}, email="a@example.org"), 404)


def test_each_sees_what_they_may(posting: Any, client: FlaskClient) -> None:
    seeker, owner = access(client, SEEKER), access(client, OWNER)
    send(client, posting, seeker)
    mine = client.get(APPLICATIONS, headers=seeker).json["items"]
    assert [(one["title"], one["stage"], [step["name"] for step in one["steps"]]) for one in mine] == [
        ("Backend Engineer", "submitted", ["received"])
    ]
    path = f"{APPLICATIONS}/{mine[0]['id']}"
    theirs = client.get(f"{APPLICATIONS}?posting={posting.id}", headers=owner).json["items"]
    assert [(one["name"], one["email"]) for one in theirs] == [("Ada Lovelace", SEEKER)]
    whole = client.get(path, headers=owner).json
    assert whole["cover_letter"] == "I like the wind." and whole["resume_url"].startswith("http://127.0.0.1:5000/files/")
    assert client.get(path, headers=seeker).json == mine[0]
    assert "cover_letter" not in mine[0] and "events" not in mine[0]
    for stranger in (access(client, RIVAL), bearer(made(client, "postings:read", email=OWNER).json["token"])):
        assert client.get(path, headers=stranger).status_code in (403, 404)
        assert client.get(f"{APPLICATIONS}?posting={posting.id}", headers=stranger).status_code in (403, 404)
    assert refused(client.get(path), 401)


def test_a_token_for_one_thing_is_not_for_another(posting: Any, client: FlaskClient) -> None:
    send(client, posting, access(client, SEEKER))
    [one] = client.get(APPLICATIONS, headers=access(client, SEEKER)).json["items"]
    path = f"{APPLICATIONS}/{one['id']}"
    account = bearer(made(client, "account", email=SEEKER).json["token"])
    assert refused(client.get(APPLICATIONS, headers=account), 403) and refused(send(client, posting, account), 403)
    assert refused(client.get(path, headers=account), 404)
    reading = bearer(made(client, "applications:read", email=OWNER).json["token"])
    assert client.get(path, headers=reading).json["name"] == "Ada Lovelace"
    step = {"to": "in_review", "version": one["version"], "notify": "no"}
    assert refused(client.post(f"{path}/transitions", json=step, headers=reading), 403)
    writing = bearer(made(client, "applications:write", "applications:read", email=OWNER).json["token"])
    assert client.post(f"{path}/transitions", json=step, headers=writing).json["stage"] == "in_review"


def test_steps_are_those_of_the_one_table(posting: Any, client: FlaskClient) -> None:
    seeker, owner = access(client, SEEKER), access(client, OWNER)
    send(client, posting, seeker)
    [one] = client.get(APPLICATIONS, headers=seeker).json["items"]
    path = f"{APPLICATIONS}/{one['id']}/transitions"
    illegal = client.post(path, json={"to": "hired", "version": one["version"]}, headers=owner)
    assert illegal.status_code == 422 and "in_review" in illegal.json["errors"][0]["detail"]
    moved = client.post(path, json={"to": "interview", "version": one["version"]}, headers=owner).json
    assert (moved["stage"], moved["events"][-1]["before"]) == ("interview", "submitted")
    assert refused(client.post(path, json={"to": "offer", "version": one["version"]}, headers=owner), 409)
    nameless = client.post(path, json={"to": "rejected", "version": moved["version"]}, headers=owner)
    assert [wrong["pointer"] for wrong in nameless.json["errors"]] == ["#/reason"]
    assert refused(client.post(path, json={"to": "withdrawn", "version": moved["version"]}, headers=owner), 404)
    over = client.post(path, json={"to": "withdrawn", "version": moved["version"]}, headers=seeker).json
    assert over["stage"] == "withdrawn"


def test_pages_of_applicants_neither_repeat_nor_skip(posting: Any, client: FlaskClient, board: Board) -> None:
    for one in range(52):
        assert send(client, posting, {}, key=str(one), email=f"guest{one}@example.org").status_code == 201
    owner, path = access(client, OWNER), f"{APPLICATIONS}?posting={posting.id}"
    first = client.get(path, headers=owner).json
    rest = client.get(f"{path}&after={first['next']}", headers=owner).json
    met = [item["id"] for item in first["items"] + rest["items"]]
    assert len(met) == len(set(met)) == 52 and rest["next"] is None
    assert refused(client.get(f"{path}&stage=offer&after={first['next']}", headers=owner), 400)
    assert refused(client.get(f"{path}&stage=nowhere", headers=owner), 422)
    assert refused(client.get(f"{APPLICATIONS}?posting=x", headers=owner), 422)
