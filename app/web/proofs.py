"""Showing who one is again: passwords and codes, each wrong one slowing the next down."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, make_response

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import Invalid, TooSoon
from app.domain.accounts import passwords
from app.domain.accounts.queries import stored_hash
from app.domain.accounts.services import failed, forget, wait_left
from app.web.people import current_actor
from app.web.security import limits_off


def check_wait(email: str) -> None:
    """Raise TooSoon while this address has to wait after wrong attempts."""
    seconds = 0 if limits_off() else wait_left(reading(), email, clock.now())
    if seconds:
        raise TooSoon(seconds)


def note_failure(email: str) -> None:
    """Hold a wrong password or code against this address."""
    if not limits_off():
        with transaction() as session:
            failed(session, email, clock.now())


def proven(email: str, password: str, *, counted: str = "") -> str | None:
    """The stored hash that `password` made; None where it is wrong or nobody has the address, at the same cost.

    What is wrong is `counted` against the address where nothing else is named. Raises TooSoon while that has to wait.
    """
    check_wait(counted or email)
    stored = stored_hash(reading(), email)
    if passwords.verify(stored, password):
        return stored
    note_failure(counted or email)
    return None


def _here() -> str:
    """Against what a signed-in browser's wrong answers count: itself. Strangers who guess at the address outside
    cannot make its owner wait inside."""
    return f"session:{current_actor().session_id}"


def own_password(password: str | None) -> str:
    """The stored hash of the person signed in, whose password this is. Raises Invalid, or TooSoon."""
    stored = proven(current_actor().email, password or "", counted=_here())
    if stored is None:
        raise Invalid("The password is wrong.", {"current_password": "This is not your password. Type it again."})
    return stored


@contextmanager
def proving() -> Iterator[None]:
    """Around a transaction that takes a code: a wrong one counts, a right one makes wrong ones forgotten."""
    here = _here()
    check_wait(here)
    try:
        yield
    except Invalid as error:
        if "otp" in error.fields:
            note_failure(here)
        raise
    if not limits_off():
        with transaction() as session:
            forget(session, here)


def confidential(page: str, status: int = 200) -> Response:
    """A page whose address or text is somebody's secret: kept by no cache, told to no other site."""
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer
