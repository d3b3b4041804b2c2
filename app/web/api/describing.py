"""OpenAPI 3.1 of the interface, drawn from its views, and Swagger UI from our own files."""

import re
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from http import HTTPStatus
from typing import Any, TypeVar, cast

from flask import Response, current_app, jsonify, render_template
from pydantic import BaseModel
from spectree import Response as Answers
from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData

from app.core.settings import RELEASE
from app.web.api import blueprint as bp
from app.web.api.examples import example, problem
from app.web.api.schemas.shapes import Problem
from app.web.people import GIVES_ACCESS
from app.web.policy import PUBLIC, allow

View = TypeVar("View", bound=Callable[..., Any])
_JSON, _PROBLEM = "application/json", "application/problem+json"
_BEARER = "bearer"
_ALWAYS = (400, 429, 503)
_WITH_BODY = (413, 415, 422)
_MEANS = {
    400: "What was sent is no text, no JSON, or a cursor of another list.", 401: "No token, or one that is over.",
    403: "A token or role without the right.", 404: "Nothing there for who asks.",
    409: "Changed meanwhile, or done before; the sentence says which.", 410: "It was there and is over.",
    412: "Changed since the `ETag` in `If-Match` was read.", 413: "Too large.", 415: "Not JSON.",
    422: "Understood, and cannot be taken: `errors` says why, field by field.",
    429: "Too often: try again after `Retry-After` seconds.", 503: "The database is away: try again in a few seconds.",
    507: "The disk takes no more.",
}  # fmt: skip
"""Status → what it says here."""
_spec = SpecTree(
    "flask", title="Nexus", version=RELEASE, mode="strict", annotations=False, validation_error_model=Problem,
    description="Read and write the board as its pages do. Errors are problem documents (RFC 9457).",
    naming_strategy=lambda model: model.__name__, nested_naming_strategy=lambda parent, child: child,
    security_schemes=[SecurityScheme(name=_BEARER, data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer"))],
)  # fmt: skip


def described(
    tag: str, gives: type[BaseModel] | None, *errors: int, query: type[BaseModel] | None = None,
    takes: type[BaseModel] | None = None, form: type[BaseModel] | None = None, headers: type[BaseModel] | None = None,
    status: int = 200,
) -> Callable[[View], View]:
    """Write a view into the description: what it gives (204 for nothing), what it takes, as JSON or as a form too, how
    it may fail besides what follows from these.

    The view reads arguments and body itself: by the one parser of all doors, and by `bodies`.
    """
    implied = {*_ALWAYS, *(_WITH_BODY if takes else ()), *((422,) if query else ())}
    failures = {f"HTTP_{status}": Problem for status in sorted({*implied, *errors})}
    success = {f"HTTP_{status}": gives} if gives else {"HTTP_204": None}

    def describe(view: View) -> View:
        written = _spec.validate(
            query=query, json=takes, form=form, headers=headers, resp=Answers(**success, **failures), tags=[tag],
            operation_id=view.__name__, skip_validation=True,
        )  # fmt: skip
        return cast(View, written(view))

    return describe


@bp.get("/openapi.json")
@allow(PUBLIC)
def openapi() -> Response:
    """The description."""
    return jsonify(_drawn())


@bp.get("/docs")
@allow(PUBLIC)
def docs() -> str:
    """The description as a page that asks the interface."""
    return render_template("api/docs.html")


@cache
def _drawn() -> dict[str, Any]:
    """The description of our views: every application of this process has the same."""
    _spec.app = cast(Any, current_app)._get_current_object()
    found: dict[str, Any] = deepcopy(_spec.spec) | {"servers": [{"url": "/"}]}
    for path, operations in found["paths"].items():
        for operation in operations.values():
            _mend(path, operation, found["components"]["schemas"])
    return found


def _mend(path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """What the generator cannot know: who may, words, numbers in addresses, what is left out, errors and examples."""
    _introduce(operation)
    view: Any = current_app.view_functions[f"api.{operation['operationId']}"]
    operation["security"] = [*([{}] if view.policy == PUBLIC else []), {_BEARER: []}]
    answers = operation["responses"]
    if not path.startswith(GIVES_ACCESS):
        answers.setdefault("401", {})  # a token that is not good is refused even where none is needed
    for parameter in operation["parameters"]:
        _mend_parameter(parameter)
    for status in answers:
        if status.startswith("2"):
            _show(answers[status], schemas)
        else:
            answers[status] = _failure(int(status))
    operation["responses"] = dict(sorted(answers.items()))
    _show(operation.get("requestBody", {}), schemas)


def _introduce(operation: dict[str, Any]) -> None:
    """The first sentence as its name, all of what the view says of itself below it."""
    whole = f"{operation['summary']}\n\n{operation['description']}".strip()
    operation["summary"] = re.split(r"(?<=[.])\s|[:;] ", whole)[0].rstrip(".")
    operation["description"] = whole


def _mend_parameter(parameter: dict[str, Any]) -> None:
    schema = parameter["schema"]
    if schema is None:
        parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
    elif "anyOf" in schema:  # an argument that is not there is not null
        one = next(one for one in schema.pop("anyOf") if one != {"type": "null"})
        parameter["schema"] = one | {name: said for name, said in schema.items() if said is not None}


def _show(part: dict[str, Any], schemas: dict[str, Any]) -> None:
    """With an example of what is sent."""
    for content in part.get("content", {}).values():
        content["example"] = example(content["schema"], schemas)


def _failure(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    told = {"schema": schema, "example": problem(status, _MEANS[status])}
    return {"description": f"{HTTPStatus(status).phrase}. {_MEANS[status]}", "content": {_PROBLEM: told}}
