"""Every field of the GraphQL interface: what it answers to whom is what `graphql_matrix.yaml` says."""

import base64
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient
from graphql import GraphQLObjectType, get_named_type

from app.core import clock
from app.domain.companies.policies import Scope
from app.web.api.graphql.answering import schema
from app.web.api.graphql.policy import undeclared
from app.web.api.graphql.reading import Query
from tests.web.graphql import ask, code
from tests.web.test_api_access import access, bearer, made
from tests.web.world import ROLES, World

WRITTEN = yaml.safe_load(Path(__file__).with_name("graphql_matrix.yaml").read_text())
ROOTS: dict[str, list[str]] = {name: expected.split() for name, expected in WRITTEN["roots"].items()}
RESUME = {"filename": "ada.txt", "contentBase64": base64.b64encode(b"Ada, who builds engines of many kinds.").decode()}
QUESTIONS = {
    "Query.postings": "{postings{totalCount}}",
    "Query.posting": "query($posting:ID!){posting(id:$posting){id}}",
    "Query.categories": "{categories{slug}}",
    "Query.companies": "{companies{edges{node{slug}}}}",
    "Query.company": "query($company:String!){company(slug:$company){slug}}",
    "Query.me": "{me{email}}",
    "Query.applications": "query($posting:ID!){applications(posting:$posting){edges{node{id}}}}",
    "Mutation.apply": (
        "mutation($posting:ID!,$letter:NewApplication!){apply(posting:$posting,application:$letter){received}}"
    ),
    "Mutation.withdraw": "mutation($application:ID!,$moved:Int!){withdraw(id:$application,version:$moved){stage}}",
    "Mutation.savePosting": "mutation($posting:ID!){savePosting(id:$posting){saved}}",
    "Mutation.moveApplication": (
        "mutation($application:ID!,$moved:Int!)"
        "{moveApplication(id:$application,to:in_review,version:$moved,notify:no){stage}}"
    ),
    "Mutation.createPosting": 'mutation{createPosting(posting:{title:"Baker"}){id}}',
    "Mutation.updatePosting": (
        'mutation($posting:ID!,$stated:Int!){updatePosting(id:$posting,version:$stated,posting:{title:"Baker"}){id}}'
    ),
    "Mutation.transitionPosting": (
        "mutation($posting:ID!,$stated:Int!){transitionPosting(id:$posting,version:$stated,to:paused){status}}"
    ),
    "Me.applications": "{me{applications{edges{node{id}}}}}",
    "Me.saved": "{me{saved{edges{node{id}}}}}",
    "Me.searches": "{me{searches{name}}}",
}


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with clock.stopped(clock.now()):
        yield World(app)


def asked(world: World, field: str, client: FlaskClient, who: dict[str, str], email: str, rows: Any) -> str:
    variables: dict[str, Any] = {
        "posting": rows.posting_id, "company": world.company.slug, "application": rows.application_id,
        "moved": rows.application_version, "stated": rows.version,
        "letter": {"name": "Ada", "email": email, "resume": RESUME},
    }
    question = QUESTIONS[field]
    return code(ask(client, question, who, **{name: one for name, one in variables.items() if f"${name}:" in question}))


def test_every_field_one_may_begin_with_is_in_the_matrix() -> None:
    begun = {f"{root.name}.{name}" for root in _roots() for name in root.fields}
    assert set(ROOTS) == begun and {name for name, row in ROOTS.items() if len(row) != len(ROLES)} == set()


def _roots() -> list[GraphQLObjectType]:
    inner = schema._schema
    assert inner.query_type and inner.mutation_type
    return [inner.query_type, inner.mutation_type]


def test_each_type_is_reached_by_the_ways_the_matrix_names_alone() -> None:
    ways: dict[str, set[str]] = {}

    def follow(kind: Any, root: str) -> None:
        if isinstance(kind, GraphQLObjectType) and root not in ways.setdefault(kind.name, set()):
            ways[kind.name].add(root)
            for field in kind.fields.values():
                follow(get_named_type(field.type), root)

    for root in _roots():
        for name, field in root.fields.items():
            follow(get_named_type(field.type), f"{root.name}.{name}")
    written = {name: roads for name, roads in WRITTEN["types"].items() if roads != "anybody"}
    assert set(ways) == set(WRITTEN["types"])
    assert {name: sorted(ways[name]) for name in written} == written


def test_everybody_gets_what_the_matrix_says(world: World) -> None:
    wrong = []
    for number, role in enumerate(ROLES):
        client = world.app.test_client()
        if role == "suspended":
            signed = client.post("/api/v1/auth/token", json={"email": world.email(role), "password": "x" * 20})
            assert signed.status_code == 401
            continue
        who = access(client, world.email(role)) if role != "anonymous" else {}
        for field, expected in ROOTS.items():
            got = asked(world, field, client, who, world.email(role), world.rows())
            if got != expected[number]:
                wrong.append(f"{field} as {role}: {got}, not {expected[number]}")
    assert not wrong, "\n".join(wrong)


def bearers(world: World, client: FlaskClient, *scopes: str) -> dict[str, dict[str, str]]:
    """Tokens of the seeker and of the owner, who may by right what the matrix asks for scopes."""
    return {
        role: bearer(made(client, *scopes, email=world.email(role)).json["token"]) for role in ("seeker", "owner")
    }


SEEKERS = {
    "Query.me", "Mutation.apply", "Mutation.withdraw", "Mutation.savePosting", "Me.applications", "Me.saved",
    "Me.searches",
}  # fmt: skip


def by_token(world: World, client: FlaskClient, field: str, tokens: dict[str, dict[str, str]]) -> str:
    role = "seeker" if field in SEEKERS else "owner"
    return asked(world, field, client, tokens[role], world.email(role), world.rows())


@pytest.mark.parametrize("scope", sorted(set(Scope) - {Scope.ADMIN}))
def test_a_token_may_what_its_scope_is_for(world: World, scope: Scope) -> None:
    client = world.app.test_client()
    tokens, wrong = bearers(world, client, scope), []
    for field, needed in WRITTEN["scopes"].items():
        got = by_token(world, client, field, tokens)
        if got not in (("ok",) if needed == scope else ("FORBIDDEN", "NOT_FOUND")):
            wrong.append(f"{field} with {scope}: {got}")
    assert not wrong, "\n".join(wrong)


def test_what_asks_two_scopes_is_done_by_both_alone(world: World) -> None:
    client = world.app.test_client()
    for field, needed in WRITTEN["scopes"].items():
        assert by_token(world, client, field, bearers(world, client, *needed.split())) == "ok", field


def test_what_declares_no_policy_cannot_be_made(app: Flask) -> None:
    silent = SimpleNamespace(name="open", extensions=[])
    root = SimpleNamespace(__name__="Query", __strawberry_definition__=SimpleNamespace(fields=[silent]))
    assert undeclared(root) == ["Query.open"] and undeclared(Query) == []


def test_a_token_that_is_not_good_is_refused_before_anything_is_asked(world: World) -> None:
    client = world.app.test_client()
    answer = client.post("/graphql", json={"query": "{categories{slug}}"}, headers=bearer("nonsense"))
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_what_a_browser_brings_by_itself_is_not_looked_at(world: World) -> None:
    assert code(ask(world.clients["owner"], "{me{email}}")) == "UNAUTHENTICATED"
