"""Examples for the description, put together from those of the fields."""

from http import HTTPStatus
from typing import Any

MOMENT = "2026-11-23T09:30:00Z"
_USUAL = {"boolean": True, "integer": 1}


class NoExample(LookupError):
    """A field of which nothing says what it may look like."""


def example(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """What fits this JSON schema; references are looked up in `schemas`. Raises NoExample.

    Fields that may be left out are, where nothing is said of them.
    """
    for word in ("examples", "enum"):
        if schema.get(word):
            return schema[word][0]
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return example(next(one for one in schema["anyOf"] if one != {"type": "null"}), schemas)
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, schemas)
    if kind == "array":
        return [example(schema["items"], schemas)]
    if schema.get("format") == "date-time":
        return MOMENT
    if kind in _USUAL:
        return schema.get("default", schema.get("minimum", _USUAL[kind]))
    raise NoExample(str(schema))


def _object(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    if not schema.get("properties"):
        raise NoExample(str(schema))
    found = {}
    for name, field in schema["properties"].items():
        if name not in schema.get("required", ()) and _means_little(field):
            continue
        try:
            found[name] = example(field, schemas)
        except NoExample as error:
            if name in schema.get("required", ()):
                raise NoExample(f"{schema.get('title')}.{name}: {error}") from None
    return found


def _means_little(field: dict[str, Any]) -> bool:
    """Whether this is a number or a yes or no that may be absent, and of which nothing is said."""
    kinds = {one.get("type") for one in field.get("anyOf", ())}
    return "examples" not in field and "null" in kinds and not kinds.isdisjoint(_USUAL)


def problem(status: int, sentence: str) -> dict[str, Any]:
    """An error as RFC 9457 has it."""
    told: dict[str, Any] = {
        "type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": sentence,
    }  # fmt: skip
    if status == 422:
        told |= {
            "detail": "Some of what was sent cannot be taken.",
            "errors": [{"name": "name", "pointer": "#/name", "detail": "Write a name of 1 to 80 characters."}],
        }
    return told
