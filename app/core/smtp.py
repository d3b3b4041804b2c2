"""Where mail leaves by, and from whom: the two settings, read into facts or refused with a sentence."""

from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

import idna

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_HOW = "Use smtp://host:port, smtp+starttls://user:password@host:587 or smtps://user:password@host:465."


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server. `scheme` is `smtp` (no TLS), `smtp+starttls` (TLS or nothing) or `smtps` (TLS from the start)."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


def mail_server(url: str) -> MailServer | None:
    """The server that SMTP_URL names; None where it is empty. Raises ValueError with a sentence."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"SMTP_URL names no port from 1 to 65535. {_HOW}") from None
    if parts.scheme not in _PORTS:
        raise ValueError(f"SMTP_URL does not say how to speak to the mail server. {_HOW}")
    if not parts.hostname:
        raise ValueError(f"SMTP_URL names no host. {_HOW}")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"SMTP_URL goes on behind the port; write / in a password as %2F. {_HOW}")
    return MailServer(
        parts.scheme, parts.hostname, port or _PORTS[parts.scheme], unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def mailbox(name: str, address: str) -> Address:
    """A name and an address as a header takes them: the domain in its ASCII form.

    Raises ValueError where mail cannot be sent to the address.
    """
    local, _, domain = address.rpartition("@")
    if not domain.isascii():
        address = f"{local}@{idna.encode(domain, uts46=True).decode()}"
    try:
        return Address(name, addr_spec=address)
    except (IndexError, HeaderParseError) as error:  # what the standard library says to some broken addresses
        raise ValueError("This is no address.") from error


def sender(text: str) -> Address:
    """The name and address that MAIL_FROM gives. Raises ValueError with a sentence."""
    name, address = parseaddr(text)
    try:
        found = mailbox(name, address)
    except ValueError:
        found = Address(name)
    if not found.username or not found.domain or any(ord(c) < 32 for c in text):
        raise ValueError("MAIL_FROM is no sender. Write it like: Jobs <jobs@example.org>")
    return found
