"""Bearer tokens: how they are shown (RFC 6750), and those that name a session for a quarter of an hour (JWT)."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import jwt

LIFE = timedelta(minutes=15)
_ALGORITHM = "HS256"


def shown(header: str) -> str | None:
    """The token in an Authorization header; None where there is none."""
    scheme, _, token = header.partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def access_token(session_id: int, key: bytes, now: datetime) -> str:
    """A token that names a session until it is a quarter of an hour old; whether that lives is asked each time."""
    claims = {"sid": session_id, "iat": now, "exp": now + LIFE}
    return jwt.encode(claims, _own(key), _ALGORITHM)


def session_of(token: str, key: bytes, now: datetime) -> int | None:
    """The session that an access token of ours names; None where it is over or none of ours."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token, _own(key), [_ALGORITHM],
            options={"verify_exp": False, "verify_iat": False, "require": ["sid", "exp"]},
        )  # fmt: skip
    except jwt.InvalidTokenError:
        return None
    session_id, ends = claims["sid"], claims["exp"]
    living = isinstance(session_id, int) and isinstance(ends, int) and now.timestamp() < ends
    return session_id if living else None


def _own(key: bytes) -> bytes:
    """A key for these alone, so that nothing sealed for another purpose passes as one."""
    return hashlib.sha256(b"access token\0" + key).digest()
