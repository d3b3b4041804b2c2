"""Regions of pages, drawn by themselves and kept where they look the same."""

import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Generic, TypeVar

from flask import current_app
from markupsafe import Markup

Key = TypeVar("Key")
Value = TypeVar("Value")
_GAP = secrets.token_hex(8)
"""Stands in HTML where something goes that is not kept: no text can hold it."""


def fragment(template: str, **context: Any) -> Markup:
    """A region, drawn from what is given alone: only whole pages know who reads and the board's name."""
    return Markup(current_app.jinja_env.get_template(template).render(context))  # noqa: S704  with escaping on


drawn_once = lru_cache(maxsize=1024)(fragment)
"""A small region, kept by what it is drawn from: all of that is hashable."""


def parts(template: str, **context: Any) -> tuple[str, ...]:
    """The same in parts: before, between and behind each `gap` of the template."""
    return tuple(fragment(template, gap=_GAP, **context).split(_GAP))


class Kept(Generic[Key, Value]):
    """Answers that never change, to some questions; the longest known are forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[Key, Value] = {}

    def known(self, keys: Iterable[Key]) -> dict[Key, Value]:
        """Those of the answers that are known."""
        found = ((key, self._known.get(key)) for key in keys)  # another thread may be forgetting some
        return {key: value for key, value in found if value is not None}

    def learn(self, answers: Mapping[Key, Value]) -> None:
        if len(self._known) > self._most:
            for key in list(self._known)[: self._most // 2]:
                self._known.pop(key, None)
        self._known.update(answers)
