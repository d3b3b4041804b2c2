"""Asking the GraphQL interface."""

from typing import Any

from flask.testing import FlaskClient


def ask(client: FlaskClient, question: str, who: dict[str, str] | None = None, **variables: Any) -> dict[str, Any]:
    """What a question is answered with."""
    answer = client.post("/graphql", json={"query": question, "variables": variables}, headers=who)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.json)


def told(client: FlaskClient, question: str, who: dict[str, str] | None = None, **variables: Any) -> Any:
    """What was asked for; nothing may be wrong with it."""
    answer = ask(client, question, who, **variables)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def code(answer: dict[str, Any]) -> str:
    """The code of the one thing that is wrong, or `ok`."""
    errors = answer.get("errors", [])
    assert len(errors) <= 1, errors
    return str(errors[0]["extensions"]["code"]) if errors else "ok"
