"""What a mail says. Rooms register a writer for each template; it is asked when the mail leaves, never before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.core.links import Links


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's words: `template` is a file under `templates/email/`, drawn twice, as text and as HTML."""

    subject: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    reply_to: tuple[str, str] | None = None
    """(name, address) of the person who reads the answer."""
    unsubscribe: str | None = None
    """Path of the one-click stop, `/unsubscribe/<signed token>`, where the mail is a notice one may turn off."""
    why: str = "You get this mail because something on this board concerns you."
    """Why it came, in a sentence for its foot."""


Writer = Callable[[Session, Mapping[str, Any], Links, datetime], Letter | None]
"""(session that may write, ids owed with the mail, links, now) → the letter; None where nothing is left to say.

It runs in a transaction of its own each time the mail is about to leave: a token minted here is committed first.
"""

WRITERS: dict[str, Writer] = {}


def mail(name: str) -> Callable[[Writer], Writer]:
    """Register the writer of the mail that `owe(session, name, …)` owes."""

    def register(writer: Writer) -> Writer:
        if name in WRITERS:
            raise RuntimeError(f"two writers of {name}")
        WRITERS[name] = writer
        return writer

    return register
