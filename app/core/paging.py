"""Sealed, opaque cursors: values a list was left at, bound to the list they belong to."""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from app.core.errors import BadCursor

_TAG = 12
_LONGEST = 600


def _tag(key: bytes, purpose: str, body: bytes) -> bytes:
    return hmac.new(key, purpose.encode() + b"\0" + body, hashlib.sha256).digest()[:_TAG]


def seal(key: bytes, purpose: str, values: list[Any]) -> str:
    """An opaque cursor for JSON-able `values`, valid only for `purpose` (list, sort and filters)."""
    body = json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(_tag(key, purpose, body) + body).decode().rstrip("=")


def unseal(key: bytes, purpose: str, cursor: str) -> list[Any]:
    """The values sealed in `cursor`. Raises BadCursor unless this board sealed it for `purpose`."""
    if len(cursor) > _LONGEST or not cursor.isascii():
        raise BadCursor
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadCursor from None
    tag, body = raw[:_TAG], raw[_TAG:]
    canonical = base64.urlsafe_b64encode(raw).decode().rstrip("=") == cursor
    if not canonical or not hmac.compare_digest(tag, _tag(key, purpose, body)):
        raise BadCursor
    values: list[Any] = json.loads(body)
    return values
