"""What programs send that cannot be taken: it is told as theirs to mend, and changes nothing."""

from enum import Enum
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel
from sqlalchemy import func, select

from app.domain.postings.models import Posting
from app.web.api.schemas import access, applications, names, postings, shapes, webhooks
from tests.factories import Board
from tests.web.graphql import ask, code
from tests.web.people import Cast
from tests.web.test_api_access import access as signed_in
from tests.web.test_api_access import refused
from tests.web.test_api_writing import JOB, POSTINGS

OWNER, ADMIN, SEEKER = "owner@example.org", "admin@example.org", "seeker@example.org"
APPLICATIONS, CATEGORIES, WEBHOOKS = "/api/v1/applications", "/api/v1/categories", "/api/v1/webhooks"


@pytest.fixture
def cast(board: Board) -> Cast:
    board.category()
    board.admin(ADMIN)
    return Cast(board)


@pytest.fixture
def owner(cast: Cast, client: FlaskClient) -> dict[str, str]:
    return signed_in(client, OWNER)


@pytest.mark.parametrize("no_text", ["a\0b", "a\ud800b"])
@pytest.mark.parametrize(("path", "given"), [
    ("/api/v1/auth/token", lambda no: {"email": f"{no}@example.org", "password": "x"}),
    (POSTINGS, lambda no: JOB | {"description": no}), (POSTINGS, lambda no: JOB | {"places": [no]}),
    (POSTINGS, lambda no: JOB | {no: "x"}), ("/api/v1/tokens", lambda no: {"name": no, "scopes": ["account"]}),
    (WEBHOOKS, lambda no: {"url": "https://hooks.example.org/", "company": no}),
    ("/graphql", lambda no: {"query": "query($q:String){postings(filter:{q:$q}){totalCount}}", "variables": {"q": no}}),
])  # fmt: skip
def test_what_is_no_text_is_400_wherever_it_stands(
    board: Board, owner: dict[str, str], client: FlaskClient, no_text: str, path: str, given: Any
) -> None:
    with board.reading() as session:
        before = session.scalar(select(func.count()).select_from(Posting))
    assert refused(client.post(path, json=given(no_text), headers=owner), 400)
    with board.reading() as session:
        assert session.scalar(select(func.count()).select_from(Posting)) == before


@pytest.mark.parametrize(("asks", "variables"), [
    ("query($a:Int){postings(first:$a){totalCount}}", {"a": "ten"}),
    ("query($a:Int){postings(first:$a){totalCount}}", {"a": 2**63}),
    ("query($a:Int!){postings(first:$a){totalCount}}", {}), ("query($a:ID!){posting(id:$a){title}}", {"a": [1]}),
    ("query($f:PostingFilter){postings(filter:$f){totalCount}}", {"f": {"nope": 1}}),
    ("query($f:PostingFilter){postings(filter:$f){totalCount}}", {"f": {"type": ["bogus"]}}),
    ("mutation($p:NewPosting!){createPosting(posting:$p){id}}", {"p": {"title": "x", "salary": {"max": "abc"}}}),
])  # fmt: skip
def test_a_variable_of_another_type_is_the_askers_to_mend(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, asks: str, variables: dict[str, Any]
) -> None:
    answer = ask(client, asks, **variables)
    theirs = {"code": "GRAPHQL_VALIDATION_FAILED", "classification": "BAD_REQUEST"}
    assert answer["errors"] and all(error["extensions"] == theirs for error in answer["errors"])
    assert "unhandled" not in caplog.text


def test_nothing_asked_for_makes_the_rest_cheaper(client: FlaskClient) -> None:
    dear = " ".join(f"p{n}:id" for n in range(10)) + " title slug version url status " * 9
    whole = "{%s postings(first:100){edges{node{%s}}}}"
    assert code(ask(client, whole % ("", dear))) == "QUERY_TOO_COMPLEX"
    bought = "companies(first:-1000000){edges{node{name}}}"
    assert code(ask(client, whole % (bought, dear))) == "QUERY_TOO_COMPLEX"


def test_an_application_moves_by_its_etag(cast: Cast, owner: dict[str, str], client: FlaskClient) -> None:
    path = f"{APPLICATIONS}/{cast.application.id}"
    first = client.get(path, headers=owner)
    step = {"to": "in_review"}
    nameless = client.post(f"{path}/transitions", json=step, headers=owner)
    assert nameless.status_code == 422 and nameless.json["errors"][0]["pointer"] == "#/version"
    known = owner | {"If-Match": first.headers["ETag"]}
    moved = client.post(f"{path}/transitions", json=step, headers=known)
    assert moved.status_code == 200 and moved.headers["ETag"] != first.headers["ETag"]
    on = {"to": "interview", "version": moved.json["version"]}
    stale = client.post(f"{path}/transitions", json=on, headers=known)
    assert refused(stale, 412)
    late = client.post(f"{path}/transitions", json={"to": "interview", "version": 1}, headers=owner)
    assert refused(late, 409) and late.json["version"] == moved.json["version"]
    asks = "mutation($i:ID!){moveApplication(id:$i,to:interview,version:1){stage}}"
    conflict = ask(client, asks, owner, i=cast.application.id)
    assert conflict["errors"][0]["extensions"]["version"] == moved.json["version"]


def test_a_field_of_work_changes_by_its_etag(cast: Cast, client: FlaskClient) -> None:
    admin = signed_in(client, ADMIN)
    made = client.post(CATEGORIES, json={"name": "Weaving"}, headers=admin)
    path, known = f"{CATEGORIES}/{made.json['id']}", admin | {"If-Match": made.headers["ETag"]}
    renamed = client.patch(path, json={"name": "Looms"}, headers=known)
    assert (renamed.status_code, renamed.json["name"]) == (200, "Looms")
    assert refused(client.patch(path, json={"name": "Late"}, headers=known), 412)
    assert refused(client.delete(path, headers=known), 412)
    assert client.delete(path, headers=admin | {"If-Match": renamed.headers["ETag"]}).status_code == 204


def test_a_secret_changes_by_its_webhooks_etag(owner: dict[str, str], client: FlaskClient) -> None:
    made = client.post(WEBHOOKS, json={"url": "https://hooks.example.org/"}, headers=owner)
    path = made.headers["Location"]
    read = client.get(path, headers=owner)
    assert read.headers["ETag"] == made.headers["ETag"] and "secret" not in read.json
    known = owner | {"If-Match": read.headers["ETag"]}
    assert client.post(f"{path}/rotate", json={}, headers=known).json["secret"] != made.json["secret"]
    assert refused(client.post(f"{path}/rotate", json={}, headers=known), 412)


def test_a_key_that_is_too_long_is_refused_and_not_cut(owner: dict[str, str], client: FlaskClient) -> None:
    assert client.post(POSTINGS, json=JOB, headers=owner | {"Idempotency-Key": "k" * 200}).status_code == 201
    assert refused(client.post(POSTINGS, json=JOB, headers=owner | {"Idempotency-Key": "k" * 201}), 422)


def test_a_stage_is_asked_of_a_postings_applicants(cast: Cast, client: FlaskClient) -> None:
    answer = client.get(f"{APPLICATIONS}?stage=offer", headers=signed_in(client, SEEKER))
    assert refused(answer, 422) and answer.json["errors"][0]["pointer"] == "#/stage"


def test_a_percent_sign_in_an_address_is_one(client: FlaskClient) -> None:
    assert client.get("/companies/%25FF").status_code == 404
    assert client.get("/companies/%FF").status_code == 400


def test_no_two_shapes_share_a_name() -> None:
    """The description names them by it alone."""
    found: dict[str, type] = {}
    for module in (access, applications, names, postings, shapes, webhooks):
        for shape in vars(module).values():
            if isinstance(shape, type) and issubclass(shape, BaseModel | Enum):
                assert found.setdefault(shape.__name__, shape) is shape
