"""What may be asked of the GraphQL interface at once, and what it says to what is no question."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from graphql import get_introspection_query, parse
from sqlalchemy.exc import OperationalError

from app.web.api.graphql import limits
from tests.factories import Board
from tests.web.graphql import ask, code, told

MANY = (
    "edges{node{id title slug placeLabel descriptionHtml status version url applyUrl openings countries publishedAt"
    " company{name slug count} category{name slug} places{slug city country region lat lon}}}"
)


@pytest.mark.parametrize(("question", "sentence"), [
    ("{" + " ".join(f"a{n}: categories{{slug}}" for n in range(limits.ALIASES + 1)) + "}", "names"),
    ("{ " + " ".join(f"a{n}: postings(first:100){{{MANY}}}" for n in range(2)) + "}", "values"),
    ("query{...A} fragment A on Query{" + "a: categories{slug} " * 9 + "...B} fragment B on Query{"
     + "b: categories{slug} " * 9 + "}", "names"),
    ("{categories{" + "slug " * limits.TOKENS + "}}", "token"),
    ("{__schema{types{fields{type{fields{type{fields{type{name}}}}}}}}}", "introspection"),
])
def test_what_asks_too_much_is_told_so(board: Board, client: FlaskClient, question: str, sentence: str) -> None:
    answer = ask(client, question)
    assert answer["data"] is None and sentence in answer["errors"][0]["message"].lower()


def test_fragments_spread_in_doubles_are_measured_at_once(board: Board, client: FlaskClient) -> None:
    pairs = " ".join(f"fragment f{n} on Query{{...f{n + 1} ...f{n + 1}}}" for n in range(60))
    answer = ask(client, f"{{...f0}} {pairs} fragment f60 on Query{{categories{{slug}}}}")
    assert code(answer) == "QUERY_TOO_COMPLEX" and f"{2 * 2**60:,}" in answer["errors"][0]["message"]


@pytest.mark.parametrize(("depth", "good"), [(limits.DEPTH, True), (limits.DEPTH + 1, False)])
def test_how_deep_one_may_ask(depth: int, good: bool) -> None:
    question = "{" + "b{" * (depth - 1) + "c" + "}" * depth
    size = limits.Measure(parse(question), {}).of(parse(question).definitions[0].selection_set)  # type: ignore[attr-defined]
    assert (limits.too_much(size) == []) is good and size.depth == depth


def test_a_page_costs_what_it_may_hold() -> None:
    def cost(question: str, **variables: Any) -> int:
        document = parse(question)
        return limits.Measure(document, variables).of(document.definitions[0].selection_set).cost

    assert cost("{postings(first:10){edges{node{id}}}}") == 1 + 10 * 3
    assert cost("query($n:Int!){postings(first:$n){edges{node{id}}}}", n=50) == 1 + 50 * 3
    assert cost("query($n:Int!){postings(first:$n){edges{node{id}}}}") == 1 + 100 * 3, "what is not told is the most"
    assert cost("{postings(first:100){totalCount facets{argument}}}") == 1 + 1 + 2
    assert cost("{me{applications(first:5){edges{node{posting{id}}}}}}") == 2 + 5 * 4


def test_what_is_usual_of_a_variable_counts(board: Board, client: FlaskClient) -> None:
    question = f"query($n:Int!=%d){{postings(first:$n){{{MANY}}} more: postings(first:$n){{{MANY}}}}}"
    told(client, question % 10)
    assert code(ask(client, question % 100)) == code(ask(client, question % 10, n=100)) == "QUERY_TOO_COMPLEX"


def test_what_it_is_made_of_may_be_asked(client: FlaskClient, board: Board) -> None:
    found = told(client, get_introspection_query())
    names = {kind["name"] for kind in found["__schema"]["types"]}
    assert {"Posting", "PostingFilter", "Mutation"} <= names
    values = next(kind for kind in found["__schema"]["types"] if kind["name"] == "EmploymentType")["enumValues"]
    assert {one["name"] for one in values} >= {"full_time", "per_diem"}


@pytest.mark.parametrize(("body", "status"), [
    (b"{", 400), (b"[]", 422), (b"[{}]", 422), (b'"x"', 422), (b"{}", 422), (b'{"query": 7}', 422),
    (b'{"query": "{categories{slug}}", "variables": []}', 422), (b"\xff\xfe", 400), (b"[" * 100_000, 400),
    (json.dumps({"query": "x" * 100_001}).encode(), 422),
])
def test_a_body_that_is_none_is_a_problem(board: Board, client: FlaskClient, body: bytes, status: int) -> None:
    answer = client.post("/graphql", data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    if status == 422:
        assert answer.json["errors"][0]["pointer"].startswith("#/")


def test_only_json_that_is_posted_is_a_question(board: Board, client: FlaskClient) -> None:
    assert client.post("/graphql", data={"query": "{categories{slug}}"}).status_code == 415
    assert client.get("/graphql?query={categories{slug}}").status_code == 405
    assert client.post("/graphql", json={"query": "{categories{slug}}", "extra": 1}).status_code == 200


@pytest.mark.parametrize("question", [
    "", "{", "{nope}", "query A{categories{slug}} query B{categories{slug}}", "subscription{x}", "{categories}",
    "{categories{slug{x}}}", "query($x:Nope){categories{slug}}", "fragment A on Query{...A} {...A}", "{...A}",
    "{categories{slug}} " + "#" * 50_000,
])
def test_whatever_is_asked_is_answered(board: Board, client: FlaskClient, question: str) -> None:
    answer = ask(client, question)
    good = question.endswith("#")
    codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
    assert good or (answer["data"] is None and codes <= {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"} and codes)
    asked = {"query": question}
    strict = client.post("/graphql", json=asked, headers={"Accept": "application/graphql-response+json"})
    assert strict.mimetype == "application/graphql-response+json"
    assert strict.status_code == (200 if good else 400)


def test_what_breaks_is_told_without_its_reasons(
    board: Board, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("app.web.api.graphql.reading.postings.categories", broken)
    answer = ask(client, "{categories{slug}}")
    assert code(answer) == "INTERNAL_SERVER_ERROR" and "secret" not in json.dumps(answer)


def test_a_lost_database_is_said_to_be_lost(
    board: Board, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr("app.web.api.graphql.reading.postings.categories", away)
    answer = client.post("/graphql", json={"query": "{categories{slug}}"})
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json") and answer.headers["Retry-After"]
