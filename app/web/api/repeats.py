"""`Idempotency-Key`: what is sent again under the same key makes nothing more (draft-ietf-httpapi-idempotency-key)."""

from collections.abc import Callable
from typing import cast

from flask import request
from pydantic import BaseModel, ConfigDict, Field

from app.core import clock
from app.core.db import Session
from app.core.errors import Invalid
from app.domain.accounts.services import repeating
from app.web.people import current_actor

LONGEST = 200
"""Characters of a key."""


class Repeatable(BaseModel):
    """What a request that makes something may carry besides its body."""

    model_config = ConfigDict(populate_by_name=True)

    idempotency_key: str | None = Field(
        None, alias="Idempotency-Key", max_length=LONGEST, examples=["7f0c1c5e-5a0e-4d0f-9f0a-2f6f1d2c9b11"],
        description="Sent again with the same key within a day, the same makes nothing more.",
    )


def key_of(given: str) -> str:
    """A key as it is kept. Raises Invalid where it is too long: cut off, two would be one."""
    key = given.strip()
    if len(key) > LONGEST:
        raise Invalid(f"This Idempotency-Key is too long: {LONGEST} characters at the most.")
    return key


def key_given() -> str:
    """The key in this request's header, nothing where there is none. Raises Invalid where it is too long."""
    return key_of(request.headers.get("Idempotency-Key", ""))


def once(session: Session, given: BaseModel, make: Callable[[], int], key: str | None = None) -> tuple[int, bool]:
    """The id of what `make` makes, or made before for the same asker under the key of this request; whether it is new.

    The key is the header's unless it is named. Without one everything is new. Raises Invalid where the key came with
    another body before, Conflict while the first is still being made.
    """
    key, user_id = key_given() if key is None else key_of(key), current_actor().user_id
    if user_id is None:
        return make(), True
    operation, body = cast(str, request.endpoint), given.model_dump_json(exclude_unset=True)
    return repeating.once(session, user_id, operation, key, body, make, clock.now())
