"""The one way to ask other hosts, from which no way leads into the network the board stands in.

A host is resolved once, every address of it must be everybody's, and the connection goes to the address that was
looked at: a name that answers otherwise a moment later (DNS rebinding) finds nobody asking again. Redirects are not
followed, proxies of the environment not used, and the whole takes no longer, and brings no more, than was allowed.
"""

import re
import socket
import ssl
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from threading import Thread
from typing import Any

import httpcore
import httpx

from app.core.networks import Address, Networks, everybodys, literal, within
from app.core.settings import RELEASE

MEGABYTE = 1024 * 1024
CONNECTING = 5.0
"""Seconds that one address has to take the connection."""
LONGEST_ADDRESS = 2_000
_AT_ONCE = 64 * 1024
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9._:-]+", re.ASCII)
_INNER_NAME = re.compile(r"(?:.*\.)?(?:localhost|local|internal|intranet|lan|home|corp|private|home\.arpa)|[^.:]*")
_clock = time.monotonic


class Refused(Exception):
    """This address may not be asked. The message is a sentence for people."""


class Unanswered(Exception):
    """No answer came that could be used. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host said. `headers` are found in upper and lower case; a redirect is an answer like any other."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def check(url: str, allow: Networks = ()) -> None:
    """Raise Refused where an address shows by itself that it may not be asked; the host is not looked up.

    For forms: what is asked later is looked at again then. With `allow`, names of inner hosts are left to that.
    """
    _parsed(url, allow)


def ask(
    method: str, url: str, *, allow: Networks, headers: Mapping[str, str] | None = None, content: bytes | None = None,
    seconds: float = 10, largest: int = MEGABYTE,
) -> Answer:
    """One request and its answer, within `seconds` in all and with a body (unpacked) of at most `largest` bytes.

    `allow` names networks that may be reached although they are not everybody's. Raises Refused and Unanswered.
    """
    address = _parsed(url, allow)
    said = {"User-Agent": f"Nexus/{RELEASE}", "Accept": "*/*", **(headers or {}), "Accept-Encoding": "gzip"}
    transport = _Transport(_Network(allow, _clock() + seconds))
    try:
        with (
            httpx.Client(transport=transport, trust_env=False, follow_redirects=False, timeout=seconds) as client,
            client.stream(method, address, headers=said, content=content) as answer,
        ):
            return Answer(answer.status_code, answer.headers, _body(answer, largest))
    except (httpcore.TimeoutException, httpx.TimeoutException):
        raise Unanswered(f"{address.host} did not answer in time.") from None
    except httpcore.ConnectError:
        raise Unanswered(f"{address.host} does not take connections.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError, httpx.InvalidURL):
        raise Unanswered(f"{address.host} broke off, or its answer could not be understood.") from None


def _parsed(url: str, allow: Networks) -> httpx.URL:
    try:
        address = httpx.URL(url)
        host = address.raw_host.decode("ascii")
        address.host  # noqa: B018  raises where it says xn-- and is no name
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise Refused("This is no web address. Write it like https://example.org/jobs.") from None
    if address.scheme not in _PORTS:
        raise Refused("The address must begin with https:// or http://.")
    if not _HOST.fullmatch(host) or len(url) > LONGEST_ADDRESS:
        raise Refused("This is no web address. Write it like https://example.org/jobs.")
    if address.userinfo:
        raise Refused("Leave the user name and the password out of the address.")
    port = address.port if address.port is not None else _PORTS[address.scheme]
    if port not in _PORTS.values() and not 1024 <= port <= 65535:
        raise Refused(f"Port {port} is not one that web servers use.")
    _outside(host, allow)
    return address


def _outside(host: str, allow: Networks) -> None:
    """Raise Refused where a host is an address of an inner network, or is named like one."""
    number = literal(host)
    if number is None:
        inner = not allow and _INNER_NAME.fullmatch(host.rstrip(".")) is not None
    else:
        inner = not _may_be_asked(number, allow)
    if inner:
        raise Refused(f"{host} is not on the open internet. Give an address that everybody can reach.")


def _may_be_asked(address: Address, allow: Networks) -> bool:
    return everybodys(address) or within(address, allow)


def _resolved(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a host. The resolver knows no time limit, so it is left behind where it takes longer."""
    found: Future[list[Any]] = Future()

    def look() -> None:
        try:
            found.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:
            found.set_exception(error)

    Thread(target=look, name="resolver", daemon=True).start()
    try:
        return list(dict.fromkeys(entry[4][0] for entry in found.result(timeout=seconds)))
    except TimeoutError:
        raise httpcore.ConnectTimeout from None
    except (OSError, UnicodeError):
        raise Unanswered(f"{host} was not found. Is the name right?") from None


class _Network(httpcore.NetworkBackend):
    """Connections to looked-at addresses, all over at `until`."""

    def __init__(self, allow: Networks, until: float) -> None:
        self._allow, self._until = allow, until

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """Resolve, look at every address, and connect to the first that takes it. Raises Refused."""
        addresses = _resolved(host, port, _left(self._until, httpcore.ConnectTimeout))
        if not all(_may_be_asked(ip_address(address), self._allow) for address in addresses):
            raise Refused(f"{host} leads to an address that is not on the open internet.")
        failure: Exception = httpcore.ConnectError()
        for address in addresses:
            link = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            try:
                link.settimeout(min(CONNECTING, _left(self._until, httpcore.ConnectTimeout)))
                link.connect((address, port))
                return _Wire(link, self._until)
            except (OSError, httpcore.ConnectTimeout) as error:
                link.close()
                late = isinstance(error, TimeoutError | httpcore.ConnectTimeout)
                failure = httpcore.ConnectTimeout() if late else httpcore.ConnectError()
        raise failure


class _Wire(httpcore.NetworkStream):
    """A connection on which nothing waits past `until`, however slowly the other side drips."""

    def __init__(self, link: socket.socket, until: float) -> None:
        self._link, self._until = link, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes, empty at the end."""
        with self._in_time(httpcore.ReadTimeout, httpcore.ReadError):
            return self._link.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        rest = memoryview(buffer)
        while rest:
            with self._in_time(httpcore.WriteTimeout, httpcore.WriteError):
                rest = rest[self._link.send(rest) :]

    def close(self) -> None:
        """Hang up."""
        self._link.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Go on encrypted; the certificate must be good for the host that was named."""
        try:
            with self._in_time(httpcore.ConnectTimeout, httpcore.ConnectError):
                return _Wire(ssl_context.wrap_socket(self._link, server_hostname=server_hostname), self._until)
        except ssl.SSLCertVerificationError:
            raise Unanswered(f"{server_hostname} shows a certificate that is not valid for it.") from None
        except ssl.SSLError:
            raise Unanswered(f"{server_hostname} does not speak https there.") from None

    def get_extra_info(self, info: str) -> Any:
        """Nothing is told: connections are used once."""
        return None

    @contextmanager
    def _in_time(self, late: type[Exception], broken: type[Exception]) -> Iterator[None]:
        self._link.settimeout(_left(self._until, late))
        try:
            yield
        except TimeoutError:
            raise late from None
        except ssl.SSLError:
            if broken is httpcore.ConnectError:
                raise
            raise broken from None
        except OSError:
            raise broken from None


def _left(until: float, late: type[Exception]) -> float:
    """Seconds until then. Raises `late` where there are none."""
    left = until - _clock()
    if left <= 0:
        raise late
    return left


class _Transport(httpx.BaseTransport):
    """What httpx sends by: httpcore on our own network."""

    def __init__(self, network: _Network) -> None:
        self._pool = httpcore.ConnectionPool(ssl_context=_tls(), network_backend=network, max_connections=1)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Hand a request over, unchanged."""
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        content: Any = request.stream
        answer = self._pool.handle_request(
            httpcore.Request(request.method, target, headers=request.headers.raw, content=content)
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Stream(answer.stream))

    def close(self) -> None:
        """Hang up."""
        self._pool.close()


class _Stream(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _body(answer: httpx.Response, largest: int) -> bytes:
    """The body, unpacked piece by piece, so that no more than `largest` is ever held. Raises Unanswered."""
    host = answer.request.url.host
    packing = answer.headers.get("Content-Encoding", "identity").strip().lower()
    parts = _bounded(answer.iter_raw(_AT_ONCE), largest, host)
    if packing in ("gzip", "x-gzip"):
        parts = _bounded(_unpacked(parts, host), largest, host)
    elif packing not in ("identity", ""):
        raise Unanswered(f"{host} sent its answer packed in a way the board did not ask for.")
    return b"".join(parts)


def _bounded(parts: Iterable[bytes], largest: int, host: str) -> Iterator[bytes]:
    size = 0
    for part in parts:
        size += len(part)
        if size > largest:
            raise Unanswered(f"The answer of {host} is larger than {_size(largest)}.")
        yield part


def _unpacked(parts: Iterable[bytes], host: str) -> Iterator[bytes]:
    """gzip taken apart, never more than a bounded piece at once, however much a few bytes hold."""
    gzip, begun = zlib.decompressobj(zlib.MAX_WBITS | 16), False
    try:
        for part in parts:
            while part:
                if gzip.eof:
                    gzip = zlib.decompressobj(zlib.MAX_WBITS | 16)  # another member follows
                yield gzip.decompress(part, _AT_ONCE)
                part, begun = gzip.unconsumed_tail or gzip.unused_data, True
        while not gzip.eof and (rest := gzip.decompress(b"", _AT_ONCE)):
            yield rest
    except zlib.error:
        raise Unanswered(f"{host} sent its answer packed, and it could not be unpacked.") from None
    if begun and not gzip.eof:
        raise Unanswered(f"{host} broke off, or its answer could not be understood.")


def _size(number: int) -> str:
    return f"{number // MEGABYTE} MB" if number >= MEGABYTE else f"{number // 1024 or 1} kB"
