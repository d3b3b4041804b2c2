"""The description is whole: every operation with words, who may, examples that fit, and all errors it can give."""

from io import BytesIO
from typing import Any

import jsonschema_rs
import pytest
from flask.testing import FlaskClient

from app.web.api.examples import NoExample, example
from tests.factories import Board
from tests.web.test_api_access import access
from tests.web.test_token_matrix import ROWS, operation

OWNER, ADMIN = "owner@example.org", "admin@example.org"
DESCRIPTION = "/api/openapi.json"


@pytest.fixture
def description(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(DESCRIPTION).json
    return found


def operations(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": one
        for path, methods in description["paths"].items() for method, one in methods.items()
    }  # fmt: skip


def fits(description: dict[str, Any], content: dict[str, Any]) -> str:
    """What is wrong with the example of this content; empty where nothing is."""
    if "example" not in content:
        return "has no example"
    schema = content["schema"] | {"components": description["components"]}
    wrong = next(iter(jsonschema_rs.Draft202012Validator(schema).iter_errors(content["example"])), None)
    return wrong.message if wrong else ""


def test_every_operation_says_what_it_does(description: dict[str, Any]) -> None:
    for name, one in operations(description).items():
        assert one["description"].endswith((".", ")")), name
        assert 0 < len(one["summary"]) <= 100, f"{name}: {one['summary']}"
        assert one["tags"], name
    names = [one["operationId"] for one in operations(description).values()]
    assert len(names) == len(set(names)) >= 22


def test_what_needs_a_token_says_so(description: dict[str, Any]) -> None:
    assert description["components"]["securitySchemes"] == {"bearer": {"type": "http", "scheme": "bearer"}}
    refused = {operation(row) for row, expected in ROWS["people"].items() if expected[0] == 401}
    needing = {name for name, one in operations(description).items() if one["security"] == [{"bearer": []}]}
    assert needing == refused
    others = [one["security"] for name, one in operations(description).items() if name not in needing]
    assert others == [[{}, {"bearer": []}]] * len(others)


def test_every_body_and_answer_has_an_example_that_fits(description: dict[str, Any]) -> None:
    wrong, seen = [], 0
    for name, one in operations(description).items():
        parts = {"body": one.get("requestBody", {})} | one["responses"]
        for part, told in parts.items():
            for content in told.get("content", {}).values():
                seen += 1
                if problem := fits(description, content):
                    wrong.append(f"{name}, {part}: {problem}")
            if not told.get("content") and part not in ("body", "204"):
                wrong.append(f"{name}, {part}: answers what?")
    assert not wrong, "\n".join(wrong)
    assert seen > 200


def test_every_operation_names_the_errors_that_follow_from_what_it_is(description: dict[str, Any]) -> None:
    for name, one in operations(description).items():
        expected = {"400", "429", "503"}
        if "/auth/" not in name:
            expected |= {"401"}
        if one["security"] == [{"bearer": []}]:
            expected |= {"403"}
        if "{" in name:
            expected |= {"404"}
        if "requestBody" in one:
            expected |= {"413", "415", "422"}
        if any(parameter["name"] == "If-Match" for parameter in one["parameters"]):
            expected |= {"409", "412"}
        if any(parameter["name"] == "Idempotency-Key" for parameter in one["parameters"]):
            expected |= {"409"}
        assert expected <= one["responses"].keys(), f"{name} lacks {expected - one['responses'].keys()}"
        for status, told in one["responses"].items():
            if not status.startswith("2"):
                shown = told["content"]["application/problem+json"]["example"]
                assert shown["status"] == int(status), name
                assert told["description"].startswith(shown["title"]), name


def test_the_examples_are_taken_as_they_stand(
    description: dict[str, Any], board: Board, client: FlaskClient
) -> None:
    board.category("software", "Software")
    board.admin(ADMIN)
    posting = board.posting(board.company("Acme", owner=OWNER).id)
    owner, admin, found = access(client, OWNER), access(client, ADMIN), operations(description)

    def send(name: str, who: dict[str, str], path: str = "", **changes: Any) -> Any:
        body = found[name]["requestBody"]["content"]["application/json"]["example"] | changes
        method, template = name.split(" ")
        return client.open(path or template, method=method, json=body, headers=who)

    draft = send("POST /api/v1/postings", owner)
    assert (draft.status_code, draft.json["status"]) == (201, "draft"), draft.json
    path = f"/api/v1/postings/{posting.id}"
    changed = send("PATCH /api/v1/postings/{posting_id}", owner, path, version=posting.version)
    assert (changed.status_code, changed.json["title"]) == (200, "Backend Engineer"), changed.json
    assert send("POST /api/v1/tokens", owner).status_code == 201
    assert send("POST /api/v1/categories", admin).status_code == 201
    live = board.posting(posting.company_id)
    applied = send("POST /api/v1/postings/{posting_id}/applications", {}, f"/api/v1/postings/{live.id}/applications")
    assert applied.status_code == 201, applied.json
    path = f"/api/v1/postings/{board.posting(posting.company_id).id}/applications"
    kinds = found["POST /api/v1/postings/{posting_id}/applications"]["requestBody"]["content"]
    form = kinds["multipart/form-data"]["example"]
    form["resume"] = (BytesIO(form["resume"].encode()), "resume.txt")
    assert client.post(path, data=form).status_code == 201
    mine = client.get(f"/api/v1/applications?posting={live.id}", headers=owner).json["items"][0]
    moved = send(
        "POST /api/v1/applications/{application_id}/transitions", owner,
        f"/api/v1/applications/{mine['id']}/transitions", version=mine["version"],
    )  # fmt: skip
    assert moved.status_code == 200, moved.json
    assert moved.json["stage"] == "in_review"


def test_a_field_of_which_nothing_is_said_has_no_example() -> None:
    bare = {"type": "object", "properties": {"name": {"type": "string"}}}
    assert example(bare, {}) == {}
    with pytest.raises(NoExample, match="name"):
        example(bare | {"required": ["name"]}, {})
