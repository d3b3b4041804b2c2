"""The four errors every service speaks in, and the two an edge adds."""

from typing import Any


class DomainError(Exception):
    """Base of what a service may refuse with. `message` is a sentence for the person."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(DomainError):
    """There is no such row for this actor (404)."""

    def __init__(self, message: str = "There is nothing at this address.") -> None:
        super().__init__(message)


class Gone(DomainError):
    """It was here for everybody and is over (410)."""


class Forbidden(DomainError):
    """The actor is a colleague, without this right (403)."""

    def __init__(self, message: str = "Your role does not allow this. Ask an owner of the company.") -> None:
        super().__init__(message)


class Conflict(DomainError):
    """Somebody was faster, or the same was done before (409). `fresh` is the row as it is now.

    Its `version` is noted at once: the row forgets it when its transaction is rolled back.
    """

    def __init__(self, message: str, fresh: Any = None) -> None:
        super().__init__(message)
        self.fresh = fresh
        self.version: int | None = getattr(fresh, "version", None)


class Invalid(DomainError):
    """What was given cannot be taken (422). `fields` maps a field's name to what is wrong with it."""

    def __init__(self, message: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


class TooSoon(DomainError):
    """Wrong too often: the next attempt is looked at in `seconds` (429)."""

    def __init__(self, seconds: int) -> None:
        wait = f"{seconds} seconds" if seconds != 1 else "a second"
        super().__init__(f"That was wrong too often. Wait {wait}, then try again.")
        self.seconds = seconds


class BadCursor(DomainError):
    """A paging cursor that this board never issued for this list (400)."""

    def __init__(self) -> None:
        super().__init__("This page marker is not valid. Start again from the first page.")


class NoRoom(DomainError):
    """The disk takes no more (507)."""


class Malformed(DomainError):
    """Bytes that cannot be text, or a token nobody issued (400)."""


class SignInRequired(DomainError):
    """Nobody is signed in (401 to machines, the sign-in page to people)."""

    def __init__(self, message: str = "Sign in to continue.") -> None:
        super().__init__(message)
