"""A feed of somebody else's as a file here, fetched through the guard and within limits."""

import gzip
import io
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from app.core.networks import Networks
from app.core.outbound import MEGABYTE, Answer, Refused, Unanswered, ask

SECONDS = 60.0
"""In which a feed is here, or given up."""
LARGEST = 32 * MEGABYTE
"""Bytes of a feed as it is sent."""
LARGEST_UNPACKED = 128 * MEGABYTE
"""Bytes of a feed that is an archive."""
_CHUNK = 1 << 18
_GZIP = b"\x1f\x8b"
_named = re.compile(r"(?:\.jsonl|\.ndjson)(?:\.gz)?$")
_WHY = {
    401: "asks for a password", 403: "does not let the board in", 404: "has nothing there",
    410: "says that it is gone for good", 429: "asks to be left alone for a while",
}


class Unfetched(Exception):
    """There is no feed to read. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A feed that came: where it lies, and what it is asked for by the next time. None: nothing changed."""

    path: Path | None
    etag: str | None = None
    last_modified: str | None = None


def is_address(source: str) -> bool:
    """Whether a source is asked for by http, not a file."""
    return source.lower().startswith(("http://", "https://"))


def fetch(
    url: str, folder: Path, allow: Networks, *, etag: str | None = None, last_modified: str | None = None
) -> Fetched:
    """Ask for a feed and put it into `folder`; with `etag` or `last_modified` only where it changed since.

    Raises Unfetched, OSError.
    """
    known = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {"Accept": "*/*", **{name: value for name, value in known.items() if value}}
    try:
        answer = ask("GET", url, allow=allow, headers=headers, seconds=SECONDS, largest=LARGEST)
    except (Refused, Unanswered) as error:
        raise Unfetched(str(error)) from None
    if answer.status == 304 and len(headers) > 1:
        return Fetched(None, etag, last_modified)
    if answer.status != 200:
        raise Unfetched(_why_not(url, answer))
    path = folder / f"feed{''.join(_named.findall(urlsplit(url).path))}"
    path.write_bytes(_unpacked(answer.body))
    return Fetched(path, _told(answer.headers, "ETag"), _told(answer.headers, "Last-Modified"))


def _why_not(url: str, answer: Answer) -> str:
    host = urlsplit(url).hostname
    target = answer.headers.get("Location", "")
    if 300 <= answer.status < 400 and target.isprintable() and target:
        return f"{host} leads on to {urljoin(url, target)[:200]}. Redirects are not followed: give that address."
    return f"{host} {_WHY.get(answer.status, 'answers with an error')} ({answer.status})."


def _told(headers: Mapping[str, str], name: str) -> str | None:
    """A header that can be sent back as it came."""
    value = headers.get(name, "")
    return value if value and len(value) <= 300 and value.isascii() and value.isprintable() else None


def _unpacked(body: bytes) -> bytes:
    """An archive's content, unless it swells without end: readers put no limit on it. Raises Unfetched."""
    if not body.startswith(_GZIP):
        return body
    parts, size = [], 0
    try:
        with gzip.open(io.BytesIO(body)) as archive:
            while part := archive.read(_CHUNK):
                size += len(part)
                if size > LARGEST_UNPACKED:
                    raise Unfetched(f"It unpacks to more than {LARGEST_UNPACKED // MEGABYTE} MB.")
                parts.append(part)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise Unfetched("It is an archive, and damaged.") from None
    return b"".join(parts)
