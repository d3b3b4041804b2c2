"""The version that a change is made against: named in the body, or by the `ETag` it was read with."""

from collections.abc import Callable

from flask import request
from werkzeug.exceptions import PreconditionFailed

from app.core.errors import Invalid


def version_of(named: int | None, present: int, etag: Callable[[], str]) -> int:
    """What is asked to be changed: `present` where `If-Match` holds the row's `etag`, else what is `named`.

    Raises PreconditionFailed, or Invalid where neither is sent.
    """
    if request.headers.get("If-Match"):
        if not request.if_match.contains(etag()):
            raise PreconditionFailed
        return present
    if named is None:
        raise Invalid("Name the version you change.", {"version": "Send the `version` you read, or `If-Match`."})
    return named
