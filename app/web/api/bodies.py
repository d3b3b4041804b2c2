"""Reading JSON bodies by their schema; what is wrong is told field by field."""

from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from app.core.errors import Invalid, Malformed

Model = TypeVar("Model", bound=BaseModel)


def body(model: type[Model]) -> Model:
    """The body of this request. Raises UnsupportedMediaType, Malformed, or Invalid with each field's pointer."""
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        given = request.get_json()
    except (BadRequest, RecursionError):
        raise Malformed("The body is not JSON that can be read.") from None
    return checked(model, given)


def checked(model: type[Model], given: object) -> Model:
    """What was given, as its schema has it. Raises Invalid with each field's pointer."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        wrong = {"/".join(map(str, one["loc"])): f"{one['msg']}." for one in error.errors(include_url=False)}
        raise Invalid("Some of what was sent cannot be taken.", wrong) from None
