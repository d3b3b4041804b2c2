"""The REST interface: what pages show, described, under the same rules."""

import json
import os
import re
from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import update

from app.core import clock
from app.core.events import postings_changed
from app.domain.postings.models import Posting
from app.web.api import describing
from tests.conftest import ENGINES
from tests.domain.search.market import Market
from tests.factories import Board
from tests.web.test_api_access import access
from tests.web.test_api_applications import WORDS


def test_each_option_counts_what_choosing_it_gives(market: Market, client: FlaskClient) -> None:
    facets = client.get("/api/v1/postings?q=nurse").json["facets"]
    for argument in ("type", "category", "country", "company"):
        for option in facets[argument][:4]:
            total = client.get(f"/api/v1/postings?q=nurse&{argument}={option['value']}").json["total"]
            assert total == option["count"], option


def test_a_posting_reads_as_its_fields_say(board: Board, client: FlaskClient) -> None:
    posting = board.posting()
    answer = client.get(f"/api/v1/postings/{posting.id}")
    assert answer.json == client.get(f"{posting.path}.json").json
    found = answer.json
    assert (found["title"], found["type"], found["workplace"]) == ("Backend Engineer", "full_time", "on_site")
    assert found["salary"]["max"] == 80_000 and found["published_at"].endswith("Z")
    same = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(f"/api/v1/postings/{posting.id}", headers=same).status_code == 304


def test_what_is_not_live_is_gone_or_never_was(board: Board, client: FlaskClient) -> None:
    posting, draft = board.posting(), board.posting(live=False)
    with board.writing() as session:
        session.execute(update(Posting).where(Posting.id == posting.id).values(frozen_at=clock.now()))
        postings_changed.send("tests", session=session, posting_ids=[posting.id], now=clock.now())
    for id_, status in ((posting.id, 410), (draft.id, 404), (2**63 - 1, 404), (10**23, 404)):
        answer = client.get(f"/api/v1/postings/{id_}")
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert client.get("/api/v1/postings").json["items"] == []


@pytest.mark.parametrize(("query", "status", "name"), [
    ("limit=0", 422, "limit"), ("limit=101", 422, "limit"), ("limit=1e9", 422, "limit"), ("type=wizard", 422, "type"),
    ("place=qqqqzzzz", 422, "place"), ("q=" + "a" * 301, 422, "q"), ("after=nonsense", 400, None), ("q=%00", 400, None),
])  # fmt: skip
def test_what_cannot_be_taken_is_a_problem(client: FlaskClient, query: str, status: int, name: str | None) -> None:
    answer = client.get(f"/api/v1/postings?{query}")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert [one["pointer"] for one in answer.json.get("errors", [])] == ([f"#/{name}"] if name else [])


def test_companies_and_fields_of_work(board: Board, client: FlaskClient) -> None:
    for number in range(103):
        board.company(f"Company {number:03}")
    posting = board.posting(board.company("Zest", owner="z@example.org").id)
    first = client.get("/api/v1/companies").json
    rest = client.get(f"/api/v1/companies?after={first['next']}").json
    assert len(first["items"]) == 100 and rest["next"] is None
    assert rest["items"][-1] | {"description_html": ""} == {
        "slug": "zest", "name": "Zest", "website": None, "description_html": "", "count": 1,
        "url": "http://127.0.0.1:5000/companies/zest",
    }  # fmt: skip
    assert posting.id and [one["count"] for one in client.get("/api/v1/categories").json["items"]] == [1]


def test_admins_write_fields_of_work(board: Board, client: FlaskClient) -> None:
    board.user("admin@example.org", is_admin=True)
    board.user("seeker@example.org")
    admin, path = access(client, "admin@example.org"), "/api/v1/categories"
    made = client.post(path, json={"name": "Weaving"}, headers=admin)
    assert made.status_code == 201 and made.json["slug"] == "weaving"
    for who, status in (({}, 401), (access(client, "seeker@example.org"), 403)):
        assert client.post(path, json={"name": "Mine"}, headers=who).status_code == status
    one, version = f"{path}/{made.json['id']}", made.json["version"]
    renamed = client.patch(one, json={"slug": "looms", "version": version}, headers=admin).json
    assert (renamed["name"], renamed["slug"]) == ("Weaving", "looms")
    assert client.patch(one, json={"name": "Stale", "version": version}, headers=admin).status_code == 409
    wrong = client.patch(one, json={"slug": "Not a slug!", "version": renamed["version"]}, headers=admin)
    assert [problem["pointer"] for problem in wrong.json["errors"]] == ["#/slug"]
    gone = client.delete(one, json={"version": renamed["version"]}, headers=admin)
    assert gone.status_code == 204 and client.get(path).json["items"] == []
    scoped = client.post(
        "/api/v1/tokens", json={"name": "x", "scopes": ["account"]}, headers=admin
    ).json["token"]
    assert client.post(path, json={"name": "No"}, headers={"Authorization": f"Bearer {scoped}"}).status_code == 403


def test_how_often_one_may_ask_is_told(board: Board, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(client.application.config, "NEXUS_LIMITS", True)
    first, second = (client.get("/api/v1/postings").headers for _ in range(2))
    assert int(first["RateLimit-Limit"]) == 1200 and 0 < int(first["RateLimit-Reset"]) <= 61
    assert int(second["RateLimit-Remaining"]) < int(first["RateLimit-Remaining"]) < 1200


def test_the_description_is_whole_however_often_it_is_drawn(client: FlaskClient) -> None:
    found = client.get("/api/openapi.json").json
    describing._drawn.cache_clear()
    assert client.get("/api/openapi.json").json == found
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(found)))
    assert named and named <= found["components"]["schemas"].keys()


CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]
"""Not those of schemas alone: a cursor or a place may be refused that looks well, and unknown arguments are ignored."""


def apply_as(client: FlaskClient, posting_id: int, who: dict[str, str]) -> None:
    assert client.post(f"/api/v1/postings/{posting_id}/applications", json=WORDS, headers=who).status_code == 201


FEW = 6
EXAMPLES = int(os.environ.get("NEXUS_FUZZ", FEW))
"""Cases for each operation, kind of case, and role; where there are more than few, on each engine."""
PAGE = "/api/openapi.json"
AS_WE_ARE = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
"""Whoever asks shows what is theirs: made up tokens would be refused before anything is looked at."""
ROLES = {"seeker": "seeker@example.org", "recruiter": "owner@example.org", "admin": "admin@example.org"}


@pytest.mark.parametrize("built", ENGINES if EXAMPLES > FEW else ["sqlite"], indirect=True)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("role", ["anonymous", *ROLES])
def test_answers_are_as_described_whatever_is_sent(
    board: Board, client: FlaskClient, role: str, mode: GenerationMode, record_property: Any
) -> None:
    board.user(ROLES["seeker"])
    board.user(ROLES["admin"], is_admin=True)
    posting = board.posting(board.company("Acme", owner=ROLES["recruiter"]).id)
    apply_as(client, posting.id, access(client, ROLES["seeker"]))
    headers = access(client, ROLES[role]) if role in ROLES else {}
    asked = 0
    for found in schemathesis.openapi.from_wsgi(PAGE, board.app, config=AS_WE_ARE).get_all_operations():
        operation = found.ok()
        bare = not (operation.query or operation.path_parameters or operation.body)
        if "/auth/" in operation.path or (bare and mode is GenerationMode.NEGATIVE):
            continue  # signing in ends the session that asks

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def ask(case: Any) -> None:
            nonlocal asked
            case.call_and_validate(headers=headers, checks=CHECKS)
            asked += 1

        ask()
    record_property("cases", asked)
    assert asked >= 10 * EXAMPLES
