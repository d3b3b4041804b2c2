"""The one address of GraphQL, and the page that asks it."""

import asyncio
from datetime import datetime
from typing import Any

import strawberry
import structlog
from flask import Response, jsonify, render_template, request
from flask_limiter.errors import RateLimitExceeded
from graphql import GraphQLError, GraphQLSyntaxError
from pydantic import BaseModel, Field
from strawberry.exceptions import MissingQueryError
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.utils.str_converters import to_camel_case

from app.core import clock
from app.core.db import Unavailable
from app.core.errors import Conflict, DomainError, Invalid
from app.web.api import blueprint as api
from app.web.api.applications import LARGEST_BODY
from app.web.api.bodies import body
from app.web.api.graphql import blueprint as bp
from app.web.api.graphql.limits import Limits
from app.web.api.graphql.loading import Asking
from app.web.api.graphql.policy import undeclared
from app.web.api.graphql.reading import Query
from app.web.api.graphql.writing import Mutation
from app.web.context import links
from app.web.documents import at
from app.web.errors import SENTENCES, STATUS
from app.web.people import current_actor
from app.web.policy import PUBLIC, allow

log = structlog.get_logger()
NEW = "application/graphql-response+json"
"""The media type under which a question that cannot be asked is 400 (GraphQL over HTTP)."""
CODES = {
    400: "BAD_REQUEST", 401: "UNAUTHENTICATED", 403: "FORBIDDEN", 404: "NOT_FOUND", 409: "CONFLICT", 410: "GONE",
    422: "BAD_USER_INPUT", 429: "TOO_MANY_REQUESTS", 507: "INSUFFICIENT_STORAGE",
}
"""What each of the errors of every door is called here, by its status there; Apollo's names where it has one."""
OURS, THEIRS = "INTERNAL_SERVER_ERROR", "BAD_REQUEST"
"""Whose it is to mend what went wrong: the board's, or the asker's."""


class Schema(strawberry.Schema):
    """Tells what went wrong to whoever asked, and to the log only what is ours to mend."""

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        for error in errors:
            cause = _cause(error)
            if cause is not None and not isinstance(cause, EXPECTED):
                log.error("unhandled error", exc_info=cause)


def _cause(error: GraphQLError) -> Exception | None:
    """What broke while it was answered; nothing where the question was wrong, as by a variable of another type."""
    cause = error.original_error
    return None if isinstance(cause, GraphQLError) else cause


EXPECTED = (DomainError, RateLimitExceeded)


class Question(BaseModel):
    """What is posted."""

    query: str = Field(max_length=100_000)
    variables: dict[str, Any] | None = None
    operation_name: str | None = Field(None, alias="operationName", max_length=200)


def _schema() -> Schema:
    silent = undeclared(Query, Mutation)
    if silent:
        raise RuntimeError(f"fields without a declared policy: {', '.join(silent)}")
    instant = strawberry.scalar(
        name="DateTime", description="An instant in UTC (ISO 8601).", serialize=at,
        parse_value=datetime.fromisoformat,
    )
    return Schema(Query, Mutation, extensions=[Limits], config=StrawberryConfig(scalar_map={datetime: instant}))


schema = _schema()


@bp.post("/graphql")
@allow(PUBLIC)
def ask() -> Response:
    """Ask, or have something done; each field says who may."""
    request.max_content_length = LARGEST_BODY
    given = body(Question)
    context = Asking(current_actor(), clock.now(), links(), bool(given.operation_name))
    answer = asyncio.run(_answered(given, context))
    errors = answer.errors or []
    for error in errors:
        if isinstance(cause := _cause(error), Unavailable):
            raise cause
    told = jsonify(({"errors": [_told(error) for error in errors]} if errors else {}) | {"data": answer.data})
    if request.accept_mimetypes.best_match(["application/json", NEW], "application/json") == NEW:
        told.mimetype = NEW
        told.status_code = 400 if errors and answer.data is None else 200
    return told


async def _answered(given: Question, context: Asking) -> ExecutionResult:
    try:
        return await schema.execute(given.query, given.variables, context, operation_name=given.operation_name)
    except (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError):
        return ExecutionResult(data=None, errors=[GraphQLError("There is no such question here.")])


def _told(error: GraphQLError) -> dict[str, Any]:
    """What went wrong: a sentence for the person, for the program a code and whose it is to mend."""
    cause = _cause(error)
    told = {key: value for key, value in error.formatted.items() if key != "extensions"}
    more: dict[str, Any] = {"classification": THEIRS}
    if isinstance(cause, DomainError):
        told["message"], more["code"] = cause.message, CODES[STATUS[type(cause)]]
        if isinstance(cause, Conflict) and cause.version is not None:
            more["version"] = cause.version
        if isinstance(cause, Invalid):
            more["fields"] = {to_camel_case(name): said for name, said in cause.fields.items()}
    elif isinstance(cause, RateLimitExceeded):
        told["message"], more["code"] = SENTENCES[429], CODES[429]
    elif cause is not None:
        told["message"], more = SENTENCES[500], {"classification": OURS, "code": OURS}
    else:
        failed = "PARSE" if isinstance(error, GraphQLSyntaxError) else "VALIDATION"
        more |= {"code": f"GRAPHQL_{failed}_FAILED"} | (error.extensions or {})
    return told | {"extensions": more}


@api.get("/graphiql")
@allow(PUBLIC)
def graphiql() -> str:
    """A page to ask it by hand."""
    return render_template("api/graphiql.html")
