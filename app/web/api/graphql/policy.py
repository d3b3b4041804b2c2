"""Every field that a question may begin with says who may; a schema with one that says nothing cannot be made."""

from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension

from app.core.errors import Malformed
from app.web.api.graphql.loading import Info
from app.web.policy import Policy, decide


class Allowed(FieldExtension):
    """Asks the declared policy before the field is looked up."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **arguments: Any) -> Any:
        decide(self.policy, info.context.actor)
        if not _is_text(arguments):
            raise Malformed("What was sent contains characters that are not text. Remove them and try again.")
        return next_(source, info, **arguments)


def _is_text(given: Any) -> bool:
    """Whether all that is given can be written down: no NUL, no half of a character."""
    if isinstance(given, str):
        return "\0" not in given and not any("\ud800" <= letter <= "\udfff" for letter in given)
    if isinstance(given, dict):
        return all(map(_is_text, given.values()))
    if isinstance(given, list):
        return all(map(_is_text, given))
    return not is_dataclass(given) or isinstance(given, type) or _is_text(asdict(given))


def field(policy: Policy) -> Any:
    """A field that a question begins with, described by what its function says of itself."""

    def declare(resolver: Callable[..., Any]) -> Any:
        return strawberry.field(resolver, description=resolver.__doc__, extensions=[Allowed(policy)])

    return declare


def undeclared(*roots: Any) -> list[str]:
    """The fields of these types that declare no policy."""
    return [
        f"{root.__name__}.{one.name}"
        for root in roots for one in root.__strawberry_definition__.fields
        if not any(isinstance(extension, Allowed) for extension in one.extensions)
    ]  # fmt: skip
