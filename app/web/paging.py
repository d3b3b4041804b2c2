"""Short lists by cursor: `?after=` in, a page and the next page's address out."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request

from app.core.paging import seal, unseal
from app.web.context import settings

Row = TypeVar("Row")


def left_at(purpose: str) -> list[Any] | None:
    """Where the previous page of the list `purpose` was left; None on the first. Raises BadCursor."""
    return opened(purpose, request.args.get("after"))


def opened(purpose: str, cursor: str | None) -> list[Any] | None:
    """The same of a cursor that came some other way."""
    return unseal(settings().key, purpose, cursor) if cursor else None


def cut(found: list[Row], size: int, purpose: str, key_of: Callable[[Row], list[Any]]) -> tuple[list[Row], str]:
    """One page's rows, and the address of the next where a row more than `size` was found."""
    shown, cursor = page(found, size, purpose, key_of)
    if cursor is None:
        return shown, ""
    arguments = {name: value for name, value in request.args.items() if name != "after"}
    return shown, f"{request.path}?{urlencode(arguments | {'after': cursor})}"


def page(
    found: list[Row], size: int, purpose: str, key_of: Callable[[Row], list[Any]]
) -> tuple[list[Row], str | None]:
    """The same with the bare cursor, None at the end."""
    if len(found) <= size:
        return found, None
    shown = found[:size]
    return shown, seal(settings().key, purpose, key_of(shown[-1]))
