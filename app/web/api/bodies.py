"""Reading JSON bodies by their schema; what is wrong is told field by field."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

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
    must_be_text(given)
    return checked(model, given)


def must_be_text(given: object) -> None:
    """Raise Malformed where any string in it cannot be written down: it holds a NUL, or half of a character."""
    if any("\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text) for text in _strings(given)):
        raise Malformed("What was sent contains characters that are not text. Remove them and try again.")


def _strings(given: object) -> Iterator[str]:
    """Every string in what JSON may hold, or a dataclass made of it, however deep."""
    left: list[Any] = [given]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list):
            left += one
        elif is_dataclass(one):
            left += [getattr(one, each.name) for each in fields(one)]


def checked(model: type[Model], given: object) -> Model:
    """What was given, as its schema has it. Raises Invalid with each field's pointer."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        wrong = {"/".join(map(str, one["loc"])): f"{one['msg']}." for one in error.errors(include_url=False)}
        raise Invalid("Some of what was sent cannot be taken.", wrong) from None
