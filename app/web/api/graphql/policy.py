"""Every field that a question may begin with says who may; a schema with one that says nothing cannot be made."""

from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension

from app.web.api.bodies import must_be_text
from app.web.api.graphql.loading import Info
from app.web.policy import Policy, decide


class Allowed(FieldExtension):
    """Asks the declared policy before the field is looked up."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **arguments: Any) -> Any:
        decide(self.policy, info.context.actor)
        must_be_text(arguments)
        return next_(source, info, **arguments)


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
