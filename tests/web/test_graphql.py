"""The GraphQL interface: what the pages and REST tell and do, no more and no slower."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.domain.postings.models import PostingStatus
from app.web.api.graphql.answering import schema
from tests.domain.search.market import Market
from tests.factories import Board
from tests.web.graphql import ask, code, told
from tests.web.test_api_access import access

OWNER, SEEKER = "owner@example.org", "seeker@example.org"
PAGE = """query($filter: PostingFilter, $sort: PostingSort, $first: Int!, $after: String) {
  postings(filter: $filter, sort: $sort, first: $first, after: $after) {
    totalCount edges { cursor node { id } } pageInfo { hasNextPage endCursor }
  }
}"""


def test_its_cursors_are_those_of_rest(market: Market, client: FlaskClient) -> None:
    page = told(client, PAGE, first=10, filter={"q": "nurse"})["postings"]
    rest = client.get("/api/v1/postings?q=nurse&limit=10").json
    assert page["pageInfo"]["endCursor"] == rest["next"] and page["edges"][-1]["cursor"] == rest["next"]
    behind = client.get(f"/api/v1/postings?q=nurse&limit=6&after={page['edges'][3]['cursor']}").json["items"]
    assert [str(one["id"]) for one in behind] == [edge["node"]["id"] for edge in page["edges"][4:]]
    foreign = ask(client, PAGE, first=10, after=rest["next"])
    assert code(foreign) == "BAD_REQUEST"


def test_its_facets_and_fields_are_those_of_rest(market: Market, client: FlaskClient) -> None:
    names = (
        "id slug title company{slug name} category{slug name} type workplace experience openings status version"
        " place{slug city region country lat lon} places{slug} countries placeLabel descriptionHtml timesReposted url"
        " salary{min max currency period yearMin yearMax} publishedAt expiresAt applyUrl"
    )
    question = f"{{postings(first:30){{edges{{node{{{names}}}}} facets{{argument options{{value label count}}}}}}}}"
    found = told(client, question)["postings"]
    rest = client.get("/api/v1/postings?limit=30").json
    assert {one["argument"]: one["options"] for one in found["facets"]} == rest["facets"]
    for edge, item in zip(found["edges"], rest["items"], strict=True):
        told_here = edge["node"]
        assert told_here.pop("id") == str(item.pop("id"))
        assert _snake(told_here) == item | {"places": [{"slug": place["slug"]} for place in item["places"]]}


def _snake(given: Any) -> Any:
    if isinstance(given, list):
        return [_snake(one) for one in given]
    if isinstance(given, dict):
        return {re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name): _snake(one) for name, one in given.items()}
    return given


DEEP = """query($first: Int!) {
  postings(first: $first) {
    totalCount
    facets { argument options { value count } }
    edges { node { id title company { name website url count } category { slug count } places { slug city } } }
  }
}"""


def statements(board: Board, client: FlaskClient, question: str, who: Any = None, **variables: Any) -> int:
    """How many statements a question takes, once what is kept is warm."""
    told(client, question, who, **variables)
    with board.statements() as asked:
        told(client, question, who, **variables)
    return len(asked)


def test_a_hundred_postings_take_no_more_statements_than_ten(
    market: Market, board: Board, client: FlaskClient
) -> None:
    ten, hundred = (statements(board, client, DEEP, first=first) for first in (10, 100))
    assert ten == hundred <= 14
    bare = statements(board, client, "{postings(first:100){edges{cursor}}}")
    assert bare < ten - 4, "what is not asked is not looked up"


def test_what_is_left_of_a_person_takes_no_more_either(board: Board, client: FlaskClient) -> None:
    board.user(SEEKER)
    who = access(client, SEEKER)
    company = board.company("Acme", owner=OWNER).id
    question = "{me{saved(first:50){edges{node{title posting{id company{name count}}}}}}}"
    counts = []
    for _ in range(2):
        for _ in range(5):
            told(client, "mutation($id:ID!){savePosting(id:$id){saved}}", who, id=board.posting(company).id)
        counts.append(statements(board, client, question, who))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("question", "expected"), [
    ('{posting(id:"0"){id}}', "NOT_FOUND"), ('{posting(id:"x"){id}}', "NOT_FOUND"),
    ("{posting(id:-1){id}}", "NOT_FOUND"),
    ('{posting(id:"99999999999999999999999"){id}}', "NOT_FOUND"), ('{company(slug:"\\u0000"){slug}}', "BAD_REQUEST"),
    ('{company(slug:"\\ud800"){slug}}', "GRAPHQL_PARSE_FAILED"),
    ('{postings(filter:{q:"\\u0000"}){totalCount}}', "BAD_REQUEST"),
    ("{postings(first:0){totalCount}}", "BAD_USER_INPUT"), ("{postings(first:101){totalCount}}", "BAD_USER_INPUT"),
    ('{postings(filter:{place:"qqqqzzzz"}){totalCount}}', "BAD_USER_INPUT"),
    ("{postings(filter:{salaryMin:-4}){totalCount}}", "BAD_USER_INPUT"),
    ('{postings(after:"x"){totalCount}}', "BAD_REQUEST"),
    ('{companies(after:"é"){pageInfo{endCursor}}}', "BAD_REQUEST"),
])
def test_what_cannot_be_has_its_code(board: Board, client: FlaskClient, question: str, expected: str) -> None:
    assert code(ask(client, question)) == expected


def test_one_thing_that_is_wrong_leaves_the_rest(board: Board, client: FlaskClient) -> None:
    posting = board.posting()
    question = "query($id:ID!){here: posting(id:$id){title} gone: posting(id:7777777){id} me{name}}"
    answer = ask(client, question, id=posting.id)
    assert answer["data"] == {"here": {"title": "Backend Engineer"}, "gone": None, "me": None}
    codes = {tuple(one["path"]): one["extensions"]["code"] for one in answer["errors"]}
    assert codes == {("gone",): "NOT_FOUND", ("me",): "UNAUTHENTICATED"}


def test_a_dead_posting_is_gone_but_for_its_own(board: Board, client: FlaskClient) -> None:
    company = board.company("Acme", owner=OWNER).id
    posting = board.posting(company, status=PostingStatus.CLOSED)
    question = "query($id:ID!){posting(id:$id){status}}"
    assert code(ask(client, question, id=posting.id)) == "GONE"
    assert told(client, question, access(client, OWNER), id=posting.id)["posting"] == {"status": "closed"}
    draft = board.posting(company, live=False)
    assert code(ask(client, question, id=draft.id)) == "NOT_FOUND"


def test_names_of_values_are_those_of_every_door() -> None:
    for name, kind in schema._schema.type_map.items():
        if hasattr(kind, "values") and not name.startswith("__"):
            assert all(str(one.value) == value or getattr(one.value, "value", None) == value
                       for value, one in kind.values.items()), name


def test_instants_are_written_as_rest_writes_them(board: Board, client: FlaskClient) -> None:
    posting = board.posting()
    found = told(client, "query($id:ID!){posting(id:$id){publishedAt expiresAt}}", id=posting.id)["posting"]
    rest = client.get(f"/api/v1/postings/{posting.id}").json
    assert (found["publishedAt"], found["expiresAt"]) == (rest["published_at"], rest["expires_at"])
    assert found["publishedAt"].endswith("Z") and clock.now().year == int(found["publishedAt"][:4])
