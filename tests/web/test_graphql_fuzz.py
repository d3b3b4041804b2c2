"""Questions nobody thought of, as everybody: none breaks anything, and each is answered as the schema has it."""

import os
from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.graphql import nodes
from schemathesis.specs.openapi.checks import response_schema_conformance

from tests.factories import Board
from tests.web.test_api_access import access
from tests.web.test_api_applications import WORDS

EXAMPLES = int(os.environ.get("NEXUS_FUZZ", "6"))
"""Questions for each field one may begin with, and role."""
ROLES = {"seeker": "seeker@example.org", "recruiter": "owner@example.org", "admin": "admin@example.org"}
schemathesis.graphql.scalar("Decimal", st.decimals(allow_nan=False, allow_infinity=False).map(nodes.String))


@pytest.mark.parametrize("role", ["anonymous", *ROLES])
def test_questions_nobody_thought_of_are_answered(board: Board, client: FlaskClient, role: str) -> None:
    board.user(ROLES["seeker"])
    board.user(ROLES["admin"], is_admin=True)
    posting = board.posting(board.company("Acme", owner=ROLES["recruiter"]).id)
    seeker = access(client, ROLES["seeker"])
    assert client.post(f"/api/v1/postings/{posting.id}/applications", json=WORDS, headers=seeker).status_code == 201
    headers = access(client, ROLES[role]) if role in ROLES else {}
    asked = 0
    for found in schemathesis.graphql.from_wsgi("/graphql", board.app).get_all_operations():

        @given(case=found.ok().as_strategy())
        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def ask(case: Any) -> None:
            nonlocal asked
            case.call_and_validate(headers=headers, checks=[not_a_server_error, response_schema_conformance])
            asked += 1

        ask()
    assert asked >= 10 * EXAMPLES
