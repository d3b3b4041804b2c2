"""The outside contract of the programming interfaces, name by name."""

import pytest
from flask.testing import FlaskClient
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, get_named_type

from app.web.api.graphql.answering import schema
from tests.factories import Board

OPERATIONS = """
GET POST /postings
GET PATCH DELETE /postings/{posting_id}
POST /postings/{posting_id}/transitions
POST /postings/{posting_id}/applications
GET /applications
GET /applications/{application_id}
POST /applications/{application_id}/transitions
GET POST /categories
PATCH DELETE /categories/{category_id}
GET /companies
GET /me
POST /auth/token
POST /auth/refresh
POST /auth/revoke
GET POST /tokens
DELETE /tokens/{token_id}
"""
POSTING = (
    "id slug title company category type workplace place salary description_html experience openings status"
    " published_at expires_at url apply_url version"
)
WITHIN = {
    "company": "slug name", "place": "city region country lat lon",
    "salary": "min max currency period year_min year_max",
}  # fmt: skip


def test_rest_has_every_operation(client: FlaskClient) -> None:
    paths = client.get("/api/openapi.json").json["paths"]
    for line in OPERATIONS.strip().splitlines():
        *methods, path = line.split()
        assert {method.lower() for method in methods} <= paths[f"/api/v1{path}"].keys(), line


def test_a_posting_has_every_field(board: Board, client: FlaskClient) -> None:
    posting = board.posting()
    found = client.get(f"/api/v1/postings/{posting.id}").json
    assert set(POSTING.split()) <= found.keys()
    for field, names in WITHIN.items():
        assert set(names.split()) <= found[field].keys()
    page = client.get("/api/v1/postings").json
    assert page.keys() == {"items", "next", "total", "facets"}
    assert page["facets"]["type"][0].keys() == {"value", "label", "count"}


def fields(name: str) -> dict[str, str]:
    """The fields of a type of GraphQL, each with the name of its own."""
    kind = schema._schema.type_map[name]
    assert isinstance(kind, GraphQLObjectType | GraphQLInputObjectType)
    return {field: get_named_type(one.type).name for field, one in kind.fields.items()}


def arguments(root: str, name: str) -> set[str]:
    """The arguments of a field of GraphQL."""
    kind = schema._schema.type_map[root]
    assert isinstance(kind, GraphQLObjectType)
    return set(kind.fields[name].args)


@pytest.mark.parametrize(("name", "names"), [
    ("Query", "postings posting categories companies company me applications"),
    ("Mutation", "apply withdraw savePosting moveApplication transitionPosting createPosting updatePosting"),
    ("PostingConnection", "totalCount edges pageInfo facets"), ("PostingEdge", "cursor node"),
    ("PageInfo", "hasNextPage endCursor"), ("Facet", "argument options"), ("Option", "value label count"),
    ("Me", "applications saved searches"),
])
def test_graphql_has_every_name(name: str, names: str) -> None:
    assert set(names.split()) <= fields(name).keys()


def test_graphql_takes_the_arguments_of_the_listing() -> None:
    assert arguments("Query", "postings") == {"filter", "sort", "first", "after"}
    assert (arguments("Query", "posting"), arguments("Query", "company")) == ({"id"}, {"slug"})
    assert "posting" in arguments("Query", "applications")
    assert fields("PostingFilter").keys() == {
        "q", "category", "type", "workplace", "country", "place", "radiusKm", "salaryMin", "currency", "postedWithin",
        "experience", "company",
    }
    sort = schema._schema.type_map["PostingSort"]
    assert isinstance(sort, GraphQLEnumType) and set(sort.values) == {"newest", "relevance", "salary"}
