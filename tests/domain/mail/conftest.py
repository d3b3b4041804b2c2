"""A kind of mail for these tests, and a way to owe it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader

from app.domain.mail import letters, rendering
from app.domain.mail.letters import Letter
from app.domain.mail.services import owe
from tests.factories import Board

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
SPEAK: dict[str, Any] = {}
"""What the writer of `test-letter` answers or raises next, by the mail's `number`; a plain letter without."""


SOURCE = """
{{ p("Letter number " ~ number ~ ".") }}
{% if words is defined %}
{{ quote(words) }}
{{ facts([("Who", words[:20]), ("What", "a letter")]) }}
{% endif %}
{{ button("Look at the jobs", "http://127.0.0.1:5000/jobs") }}
{{ small("Small print.") }}
"""


def letter(number: int = 1, **facts: Any) -> Letter:
    return Letter(**{"subject": f"Letter {number}", "template": "test-letter", "values": {"number": number}} | facts)


@pytest.fixture(autouse=True)
def _a_kind_of_mail() -> Iterator[None]:
    def write(session: Any, ids: Any, links: Any, now: Any) -> Letter | None:
        said = SPEAK.get(ids["number"], letter(ids["number"]))
        if isinstance(said, Exception):
            raise said
        return said  # type: ignore[no-any-return]

    letters.WRITERS["test-letter"] = write
    for kind in ("text", "html"):
        kit = rendering._kit(kind)
        kit.loader = ChoiceLoader([FileSystemLoader(rendering.FOLDER), DictLoader({"test-letter.jinja": SOURCE})])
    yield
    del letters.WRITERS["test-letter"]
    SPEAK.clear()


def owed(
    board: Board, number: int = 1, *, to: str = "", after: timedelta = timedelta(), template: str = "test-letter"
) -> str:
    """Owe letter `number`, due `after` NOW; answers its recipient."""
    recipient = to or f"reader{number}@example.org"
    with board.writing() as session:
        owe(session, template, recipient, f"test:{number}", NOW, due_at=NOW + after, number=number)
    return recipient
