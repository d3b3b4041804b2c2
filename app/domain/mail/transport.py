"""Handing a message over: to a mail server, or to whoever stands in for one."""

import contextlib
import re
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import parseaddr
from types import TracebackType
from typing import Protocol, Self

from app.core.smtp import MailServer

TIMEOUT = 15
"""Seconds the server has for each answer."""
_ADDRESS = re.compile(r"\S*@\S*")


class Undelivered(Exception):
    """A message was not taken; `str()` of it says why, without personal data."""


class Refused(Undelivered):
    """The server will not take this message to this recipient, now or later."""


class Deferred(Undelivered):
    """The server does not take this message now."""


class Unreachable(Undelivered):
    """The server is not there, or takes nothing at all now. With `perhaps_sent` it may have taken the message."""

    def __init__(self, why: str, *, perhaps_sent: bool = False) -> None:
        super().__init__(why)
        self.perhaps_sent = perhaps_sent


class Transport(Protocol):
    """Something that takes messages."""

    def send(self, message: EmailMessage) -> None:
        """Hand a message over. Raises Refused, Deferred or Unreachable."""


class Smtp:
    """One connection to a mail server, opened for the first message and again where it is lost."""

    def __init__(self, server: MailServer, timeout: float = TIMEOUT) -> None:
        self._server, self._timeout = server, timeout
        self._wire: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._wire is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._wire.quit()
            self._drop()

    def send(self, message: EmailMessage) -> None:
        """Hand a message over. Raises Refused, Deferred or Unreachable."""
        rested = self._wire is not None
        try:
            self._envelope(message)
        except Unreachable:
            if not rested or self._wire is not None:
                raise
            self._envelope(message)  # it hung up while nothing was said: nothing was lost
        self._content(message)

    def greet(self) -> None:
        """Connect, sign in and say hello, no more. Raises Undelivered."""
        self._connected().noop()

    def _envelope(self, message: EmailMessage) -> None:
        wire = self._connected()
        sent_by, recipient = parseaddr(str(message["From"]))[1], parseaddr(str(message["To"]))[1]
        try:
            code, words = wire.mail(sent_by)
            if code != 250:  # it will not even hear from us, which says nothing of the recipient
                self._reset()
                raise Unreachable(_words(code, words))
            code, words = wire.rcpt(recipient)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise Unreachable(_said(error)) from error
        if code not in (250, 251):
            self._reset()
            raise _answer(code, words)

    def _content(self, message: EmailMessage) -> None:
        wire = self._connected()
        try:
            code, words = wire.data(message.as_bytes())
        except smtplib.SMTPDataError as error:
            self._reset()
            raise _answer(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise Unreachable(_said(error), perhaps_sent=True) from error
        if code != 250:
            self._reset()
            raise _answer(code, words)

    def _connected(self) -> smtplib.SMTP:
        if self._wire is None:
            try:
                self._wire = self._open()
            except (OSError, smtplib.SMTPException) as error:
                raise Unreachable(_said(error)) from error
        return self._wire

    def _open(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        if server.scheme == "smtps":
            wire: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout, context=context)
        else:
            wire = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
        try:
            wire.ehlo_or_helo_if_needed()
            if server.scheme == "smtp+starttls":
                wire.starttls(context=context)
                wire.ehlo()
            if server.user:
                wire.login(server.user, server.password)
        except BaseException:
            wire.close()
            raise
        return wire

    def _reset(self) -> None:
        if self._wire is not None:
            try:
                self._wire.rset()
            except (OSError, smtplib.SMTPException):
                self._drop()

    def _drop(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None


def _answer(code: int, words: bytes | str) -> Undelivered:
    if code == 421:
        return Unreachable(_words(code, words))
    return (Refused if 500 <= code < 600 else Deferred)(_words(code, words))


def _words(code: int, words: bytes | str) -> str:
    """What the server said, cut short, with no address in it."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    plain = _ADDRESS.sub("…", "".join(c if c.isprintable() else " " for c in text))
    return f"{code} {plain}".strip()[:200]


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _words(error.smtp_code, error.smtp_error)
    if isinstance(error, TimeoutError):
        return "The mail server did not answer in time."
    if isinstance(error, ssl.SSLError):
        return f"The mail server's certificate or TLS was refused ({error.reason or 'no reason given'})."
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "The mail server hung up."
    why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    return f"The mail server cannot be reached ({why})."
