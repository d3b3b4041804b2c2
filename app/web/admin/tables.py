"""What the admin's tables share: their state in the address, and pages by cursor."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request

from app.web.forms import Problems, whole_number
from app.web.paging import cut, left_at

PAGE = 40
LONGEST_SEARCH = 100
MOST_WORDS = 6

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class View:
    """One table as its address asks for it. `problems` names the arguments that were ignored, and why."""

    path: str
    given: dict[str, str]
    problems: Problems = field(default_factory=Problems)

    @property
    def words(self) -> tuple[str, ...]:
        """The words to look for."""
        return tuple(self.given.get("q", "").split())

    def get(self, name: str) -> str:
        """An argument's value; the empty text where it was not given."""
        return self.given.get(name, "")

    def url(self, **changes: str) -> str:
        """The table's address with these arguments changed, from its first page."""
        arguments = {name: value for name, value in (self.given | changes).items() if value}
        return f"{self.path}?{urlencode(arguments)}" if arguments else self.path

    def here(self) -> str:
        """This very page of the table."""
        return self.url(after=request.args.get("after", ""))

    def left(self) -> list[Any] | None:
        """Where the previous page was left; None on the first. Raises BadCursor."""
        return left_at(self._purpose())

    def split(self, found: list[Row], key_of: Callable[[Row], list[Any]], size: int = PAGE) -> tuple[list[Row], str]:
        """One page's rows, and the address of the next page where a row more was found."""
        return cut(found, size, self._purpose(), key_of)

    def _purpose(self) -> str:
        return f"admin {self.url()}"


def view(
    path: str, *, numbers: Iterable[str] = (), dates: Iterable[str] = (), **choices: Iterable[str]
) -> View:
    """Read the address of a table that can be searched, with arguments that take one of the values named.

    `numbers` take a row's id (or 0), `dates` a day written as 2026-11-23.
    """
    asked = View(path, {})
    q = request.args.get("q", "").strip()
    if len(q) > LONGEST_SEARCH or len(q.split()) > MOST_WORDS:
        asked.problems["q"] = f"Search for {MOST_WORDS} words and {LONGEST_SEARCH} characters at the most."
    elif q:
        asked.given["q"] = q
    for name, values in choices.items():
        value = request.args.get(name, "")
        if value in values:
            asked.given[name] = value
        elif value:
            asked.problems[name] = "This choice is not known and was ignored."
    for names, fits, sentence in (
        (numbers, whole_number, "Write a number."), (dates, day_of, "Write a day as 2026-11-23."),
    ):
        for name in names:
            value = request.args.get(name, "").strip()
            if value and fits(value) is None:
                asked.problems[name] = sentence
            elif value:
                asked.given[name] = value
    return asked


def day_of(text: str) -> datetime | None:
    """The first instant, in UTC, of a day written as 2026-11-23; None where it is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time(), UTC) if 1970 <= day.year <= 2200 else None
