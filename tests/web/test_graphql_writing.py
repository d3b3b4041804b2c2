"""What is done through the GraphQL interface: exactly once, against a version, by whoever may."""

import base64
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.domain.alerts.models import SavedPosting
from app.domain.applications.models import Application
from app.domain.postings.models import Posting, PostingStatus
from tests.factories import Board
from tests.files import pdf
from tests.web.graphql import ask, code, told
from tests.web.test_api_access import access, bearer, made

OWNER, SEEKER = "owner@example.org", "seeker@example.org"
LETTER = {"name": "Ada Lovelace", "resume": {"filename": "ada.pdf", "contentBase64": base64.b64encode(pdf()).decode()}}
APPLY = """mutation($id: ID!, $letter: NewApplication!, $key: String!) {
  apply(posting: $id, application: $letter, idempotencyKey: $key) { postingId received }
}"""


APPLICANTS = """query($id: ID!) {
  applications(posting: $id) { edges { node { id version name coverLetter answers { answer } events { after } } } }
}"""
MOVE = """mutation($id: ID!, $v: Int!, $to: Stage!) {
  moveApplication(id: $id, version: $v, to: $to) { stage version events { after } }
}"""
OWN = "{me{applications{edges{node{id version stage posting{title}}}}}}"


def number(board: Board, model: Any) -> int:
    with board.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_one_applies_exactly_once_and_moves_on(board: Board, client: FlaskClient) -> None:
    board.user(SEEKER)
    posting = board.posting(board.company("Acme", owner=OWNER).id)
    seeker, owner = access(client, SEEKER), access(client, OWNER)
    for _ in range(2):
        found = told(client, APPLY, seeker, id=posting.id, letter=LETTER, key="once")
        assert found == {"apply": {"postingId": str(posting.id), "received": True}}
    assert number(board, Application) == 1
    (edge,) = told(client, APPLICANTS, owner, id=posting.id)["applications"]["edges"]
    assert edge["node"]["name"] == "Ada Lovelace" and edge["node"]["events"] == [{"after": "submitted"}]
    which, version = edge["node"]["id"], edge["node"]["version"]
    moved = told(client, MOVE, owner, id=which, v=version, to="in_review")["moveApplication"]
    assert moved["stage"] == "in_review" and len(moved["events"]) == 2
    assert code(ask(client, MOVE, owner, id=which, v=version, to="interview")) == "CONFLICT"
    illegal = ask(client, MOVE, owner, id=which, v=moved["version"], to="withdrawn")
    assert code(illegal) == "BAD_USER_INPUT" and "to" in illegal["errors"][0]["extensions"]["fields"]
    (mine,) = told(client, OWN, seeker)["me"]["applications"]["edges"]
    assert mine["node"]["stage"] == "in_review" and mine["node"]["posting"] == {"title": "Backend Engineer"}
    back = "mutation($id:ID!,$v:Int!){withdraw(id:$id,version:$v){stage}}"
    assert told(client, back, seeker, id=which, v=mine["node"]["version"])["withdraw"] == {"stage": "withdrawn"}


@pytest.mark.parametrize(("change", "field"), [
    ({"name": ""}, "name"), ({"email": "nobody"}, "email"),
    ({"resume": {"filename": "a.pdf", "contentBase64": "%%"}}, "resume/contentBase64"),
    ({"resume": {"filename": "a.exe", "contentBase64": "aGVsbG8="}}, "resume"),
    ({"answers": [{"question": "7", "answer": "yes"}] * 21}, "answers"),
])
def test_what_is_wrong_with_an_application_is_told(
    board: Board, client: FlaskClient, change: dict[str, Any], field: str
) -> None:
    posting = board.posting()
    answer = ask(client, APPLY, id=posting.id, letter=LETTER | {"email": "ada@example.org"} | change, key="")
    if field == "answers":
        assert code(answer) in ("BAD_USER_INPUT", "ok")
        return
    assert code(answer) == "BAD_USER_INPUT" and field in answer["errors"][0]["extensions"]["fields"]
    assert number(board, Application) == 0


PAY = {"min": "30000.50", "max": "40000", "currency": "EUR", "period": "year"}
GIVEN = {
    "title": "Baker", "description": "Bake **bread**.", "places": ["Berlin"], "type": "full_time",
    "workplace": "on_site", "salary": PAY,
}  # fmt: skip
MAKE = """mutation($p: NewPosting!) {
  createPosting(posting: $p) { id version status descriptionHtml salary { min } place { city } }
}"""
CHANGE = """mutation($id: ID!, $v: Int!, $p: PostingChange!) {
  updatePosting(id: $id, version: $v, posting: $p) { title version place { city } }
}"""


def test_a_posting_is_made_changed_and_moved(board: Board, client: FlaskClient) -> None:
    board.company("Acme", owner=OWNER)
    board.category()
    owner = access(client, OWNER)
    found = told(client, MAKE, owner, p=GIVEN)["createPosting"]
    assert found["status"] == "draft" and found["salary"] == {"min": 30000.5} and "<strong>" in found["descriptionHtml"]
    which = found["id"]
    changed = told(client, CHANGE, owner, id=which, v=found["version"], p={"title": "Head baker"})["updatePosting"]
    assert changed["title"] == "Head baker" and changed["place"] == {"city": "Berlin"}
    assert code(ask(client, CHANGE, owner, id=which, v=found["version"], p={"title": "Late"})) == "CONFLICT"
    wrong = ask(client, CHANGE, owner, id=which, v=changed["version"], p={"salary": PAY | {"max": -1}})
    assert "salary/max" in wrong["errors"][0]["extensions"]["fields"]
    remote = ask(client, CHANGE, owner, id=which, v=changed["version"], p={"remoteCountries": ["x"] * 61})
    assert "remoteCountries" in remote["errors"][0]["extensions"]["fields"]
    move = "mutation($id:ID!,$v:Int!,$to:PostingStatus!){transitionPosting(id:$id,version:$v,to:$to){status}}"
    illegal = ask(client, move, owner, id=which, v=changed["version"], to="published")
    assert code(illegal) == "BAD_USER_INPUT"
    with board.reading() as session:
        assert session.get_one(Posting, int(which)).title == "Head baker"


AGAIN = """mutation($p: NewPosting!, $key: String!) {
  createPosting(posting: $p, idempotencyKey: $key) { id title }
}"""


def test_a_posting_sent_again_is_the_one_made_before(board: Board, client: FlaskClient) -> None:
    acme, other = board.company("Acme", owner=OWNER), board.company("Other", owner=OWNER)
    owner, here = access(client, OWNER), GIVEN | {"company": acme.slug}
    first, again = (told(client, AGAIN, owner, p=here, key="once") for _ in range(2))
    assert first == again and number(board, Posting) == 1
    assert told(client, AGAIN, owner, p=here, key="another") != first and number(board, Posting) == 2
    refused = ask(client, AGAIN, owner, p=here | {"title": "Miller"}, key="once")
    assert code(refused) == "BAD_USER_INPUT" and "Idempotency-Key" in refused["errors"][0]["message"]
    too_long = ask(client, AGAIN, owner, p=here, key="k" * 201)
    assert code(too_long) == "BAD_USER_INPUT" and "too long" in too_long["errors"][0]["message"]
    bound = bearer(made(client, "postings:write", company=other.slug).json["token"])
    assert code(ask(client, AGAIN, bound, p=here, key="once")) == "NOT_FOUND"
    assert number(board, Posting) == 2


def test_one_saves_what_is_live_and_lets_go(board: Board, client: FlaskClient) -> None:
    board.user(SEEKER)
    who, posting = access(client, SEEKER), board.posting()
    closed = board.posting(status=PostingStatus.CLOSED)
    save = "mutation($id:ID!,$saved:Boolean!){savePosting(id:$id,saved:$saved){postingId saved}}"
    for saved in (True, True):
        assert told(client, save, who, id=posting.id, saved=saved)["savePosting"]["saved"] is saved
    assert number(board, SavedPosting) == 1
    (edge,) = told(client, "{me{saved{edges{node{id title savedAt posting{id}}}}}}", who)["me"]["saved"]["edges"]
    assert edge["node"]["posting"] == {"id": str(posting.id)}
    assert code(ask(client, save, who, id=closed.id, saved=True)) == "GONE"
    assert told(client, save, who, id=posting.id, saved=False)["savePosting"]["saved"] is False
    assert number(board, SavedPosting) == 0


def test_acts_of_one_question_are_done_in_turn(board: Board, client: FlaskClient) -> None:
    board.user(SEEKER)
    who, posting = access(client, SEEKER), board.posting()
    three = """mutation($id: ID!) {
      a: savePosting(id: $id) { saved } b: savePosting(id: $id, saved: false) { saved }
      c: savePosting(id: 9999999) { saved }
    }"""
    answer = ask(client, three, who, id=posting.id)
    assert answer["data"] == {"a": {"saved": True}, "b": {"saved": False}, "c": None}
    assert number(board, SavedPosting) == 0


def test_a_hundred_guests_a_minute_do_not_apply(
    board: Board, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(client.application.config, "NEXUS_LIMITS", True)
    posting = board.posting()
    bad = {"name": "", "resume": LETTER["resume"]}
    codes = [code(ask(client, APPLY, id=posting.id, letter=bad, key="")) for _ in range(61)]
    assert codes == ["BAD_USER_INPUT"] * 60 + ["TOO_MANY_REQUESTS"]
    headers = client.post("/graphql", json={"query": "{categories{slug}}"}).headers
    assert int(headers["RateLimit-Remaining"]) >= 0


@pytest.mark.parametrize("door", ["REST", "GraphQL"])
def test_nobody_is_refused_what_is_done_already(board: Board, client: FlaskClient, door: str) -> None:
    """A token that may move applications and not read them could not be told what its move left."""
    board.user(SEEKER)
    posting = board.posting(board.company("Acme", owner=OWNER).id)
    told(client, APPLY, access(client, SEEKER), id=posting.id, letter=LETTER, key="")
    (edge,) = told(client, APPLICANTS, access(client, OWNER), id=posting.id)["applications"]["edges"]
    which, version = edge["node"]["id"], edge["node"]["version"]
    blind = bearer(made(client, "applications:write", email=OWNER).json["token"])
    if door == "REST":
        step = {"to": "in_review", "version": version}
        path = f"/api/v1/applications/{which}/transitions"
        assert client.post(path, json=step, headers=blind).status_code == 403
    else:
        assert code(ask(client, MOVE, blind, id=which, v=version, to="in_review")) == "FORBIDDEN"
    with board.reading() as session:
        assert session.get_one(Application, int(which)).stage == "submitted"
