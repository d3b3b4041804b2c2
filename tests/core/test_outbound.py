"""Asking other hosts: no way leads inside, nothing takes longer or brings more than allowed."""

import gzip
import itertools
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from app.core import outbound
from app.core.networks import everybodys, literal
from app.core.outbound import Refused, Unanswered
from app.core.settings import Settings
from tests.peer import LOOPBACK, Asked, Peer, Reply, peering

ask = partial(outbound.ask, "GET", allow=LOOPBACK)

INNER = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "192.0.0.8",
    "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1", "100::1", "2001:0:7f00:1::", "2001::5ef5:79fb:0:0", "2001:db8::1", "2002:7f00:1::", "3fff::1",
    "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "2606:4700::1111%eth0", "fec0::1", "ff02::1",
]  # fmt: skip
SPELLINGS = [
    "127.0.0.1", "127.1", "127.0.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "127.0.0.1.",
    "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "0", "0.0.0.0", "[::]",
]  # fmt: skip


@pytest.fixture
def peer() -> Iterator[Peer]:
    with peering() as peer:
        yield peer


class Names:
    """Names resolve to what a test says; every question is noted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.known: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        self._really = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._look)

    def _look(self, host: str, port: int, **more: Any) -> list[Any]:
        self.asked.append(host)
        if host not in self.known:
            return self._really(host, port, **more)
        answers = self.known[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


def test_a_name_that_is_none_is_refused_at_once() -> None:
    for act in (outbound.check, lambda url: outbound.ask("GET", url, allow=())):
        with pytest.raises(Refused, match="no web address"):
            act("https://xn--zz.example.org/")


@pytest.mark.parametrize("address", INNER)
def test_an_address_that_is_not_everybodys_is_told(address: str) -> None:
    assert not everybodys(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::1"])
def test_an_address_of_everybodys_is_told(address: str) -> None:
    assert everybodys(ip_address(address))


@pytest.mark.parametrize("host", SPELLINGS)
def test_loopback_is_refused_in_every_spelling(host: str, peer: Peer) -> None:
    for url in (f"http://{host}:{peer.port}/", f"http://{host}/", f"https://{host}/"):
        with pytest.raises(Refused, match="not on the open internet"):
            outbound.check(url)
        with pytest.raises(Refused, match="not on the open internet"):
            outbound.ask("GET", url, allow=())
    assert peer.asked == []


@pytest.mark.parametrize("host", [host for host in SPELLINGS if "[" not in host and not host.endswith(".")])
def test_spellings_that_only_the_resolver_sees_through_are_refused_there(
    host: str, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "literal", lambda host: None)
    monkeypatch.setattr(outbound, "_INNER_NAME", outbound.re.compile("never"))
    with pytest.raises(Refused, match="leads to an address"):
        outbound.ask("GET", f"http://{host}:{peer.port}/", allow=())
    assert peer.asked == []


@pytest.mark.parametrize("address", [address for address in INNER if "%" not in address])
def test_names_of_inner_addresses_are_refused(address: str, names: Names) -> None:
    names.known["jobs.example"] = [[address]]
    with pytest.raises(Refused, match=r"jobs\.example leads to an address that is not on the open internet"):
        outbound.ask("GET", "https://jobs.example/", allow=())


@pytest.mark.parametrize("addresses", [["93.184.216.34", "10.0.0.1"], ["10.0.0.1", "93.184.216.34"]])
def test_one_inner_address_among_several_is_enough(addresses: list[str], names: Names) -> None:
    names.known["jobs.example"] = [addresses]
    with pytest.raises(Refused):
        ask("http://jobs.example/")


def test_the_allowed_networks_and_nothing_else_let_loopback_through(peer: Peer) -> None:
    peer.says(b"hello", ETag='"one"')
    answer = outbound.ask("GET", peer.url("/x"), allow=LOOPBACK)
    assert (answer.status, answer.body) == (200, b"hello")
    assert answer.headers["etag"] == answer.headers["ETAG"] == '"one"'
    outbound.check(peer.url(), LOOPBACK)
    for allow in ((), (ip_network("10.0.0.0/8"),), (ip_network("::1/128"),)):
        with pytest.raises(Refused):
            outbound.check(peer.url(), allow)
        with pytest.raises(Refused):
            outbound.ask("GET", peer.url(), allow=allow)
    assert len(peer.asked) == 1


def test_allowed_networks_are_a_setting(peer: Peer) -> None:
    assert Settings(nexus_env="testing", outbound_allow="").may_reach == ()
    allow = Settings(nexus_env="testing", outbound_allow="127.0.0.0/8, ::1").may_reach
    assert allow == (*LOOPBACK, ip_network("::1/128"))
    assert outbound.ask("GET", peer.url(), allow=allow).status == 200
    with pytest.raises(ValueError, match="outbound_allow"):
        Settings(nexus_env="testing", outbound_allow="everywhere")


def test_a_name_is_resolved_once_and_what_was_looked_at_is_asked(peer: Peer, names: Names) -> None:
    names.known["jobs.example"] = [["127.0.0.1"], ["10.0.0.1"]]
    assert ask(peer.url("/feed?page=1", "jobs.example")).status == 200
    assert names.asked == ["jobs.example"]
    assert (peer.asked[0].path, peer.asked[0].headers["Host"]) == ("/feed?page=1", f"jobs.example:{peer.port}")


def test_an_address_that_takes_no_connection_gives_way_to_the_next(peer: Peer, names: Names) -> None:
    names.known["jobs.example"] = [["127.0.0.2", "127.0.0.1"]]
    assert ask(peer.url("/", "jobs.example")).status == 200


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_not_followed(status: int, peer: Peer) -> None:
    with peering() as inner:
        peer.says(b"", status, Location=inner.url("/secret"))
        answer = ask(peer.url())
        assert (answer.status, answer.headers["location"]) == (status, inner.url("/secret"))
        assert (len(peer.asked), inner.asked) == (1, [])


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("file:///etc/passwd", "must begin with https"),
        ("gopher://jobs.example/", "must begin with https"),
        ("ftp://jobs.example/", "must begin with https"),
        ("//jobs.example/", "must begin with https"),
        ("jobs.example", "must begin with https"),
        ("", "must begin with https"),
        ("http://", "no web address"),
        ("http:///feed", "no web address"),
        ("http://user:pass@jobs.example/", "password"),
        ("http://user@jobs.example/", "password"),
        ("http://jobs.example\\@127.0.0.1/", "password"),
        ("http://jobs.example:25/", "Port 25"),
        ("http://jobs.example:22/", "Port 22"),
        ("http://jobs.example:0/", "Port 0"),
        ("http://jobs.example:65536/", "Port 65536"),
        ("http://jobs.example:port/", "no web address"),
        ("http://jobs .example/", "no web address"),
        ("http://jobs.example\r\nX: y/", "no web address"),
        ("http://jobs.example/\x00", "no web address"),
        ("http://0177.0.0.1/", "no web address"),
        ("http://%31%32%37.0.0.1/", "no web address"),
        ("http://１２７.0.0.1/", "no web address"),
        ("http://[fe80::1%25eth0]/", "no web address"),
        ("http://jobs.example/" + "a" * 2_000, "no web address"),
        ("http://localhost/", "open internet"),
        ("http://LOCALHOST./", "open internet"),
        ("http://a.localhost/", "open internet"),
        ("http://metadata.google.internal/", "open internet"),
        ("http://printer.local/", "open internet"),
        ("http://router.lan/", "open internet"),
        ("http://redis:6379/", "open internet"),
        ("http://10.0.0.1/", "open internet"),
        ("http://169.254.169.254/latest/meta-data", "open internet"),
        ("http://[fc00::1]/", "open internet"),
        ("http://[64:ff9b::7f00:1]/", "open internet"),
        ("http://[2002:7f00:1::]/", "open internet"),
    ],
)
def test_an_address_that_shows_its_fault_is_refused_at_once(url: str, why: str, names: Names) -> None:
    with pytest.raises(Refused, match=why):
        outbound.check(url)
    with pytest.raises(Refused, match=why):
        outbound.ask("GET", url, allow=())
    assert names.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "https://jobs.example/feed.xml?a=b#c", "http://jobs.example:8080", "https://bücher.example/",
        "https://internal.example/", "https://8.8.8.8/", "https://[2606:4700::1111]/", "HTTPS://JOBS.EXAMPLE:443/",
        "https://localhost.example/",
    ],
)  # fmt: skip
def test_an_address_without_fault_passes_the_first_look(url: str, names: Names) -> None:
    outbound.check(url)
    assert names.asked == []


def test_every_numeric_spelling_is_an_address_and_no_name_is_one() -> None:
    assert {str(literal(host.strip("[]"))) for host in SPELLINGS} == {
        "127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::", "::ffff:7f00:1",
    } - {"::ffff:127.0.0.1"}  # fmt: skip
    assert [literal(name) for name in ("jobs.example", "x1.example", "1.2.3.4.example", "")] == [None] * 4


def test_what_is_sent_arrives(peer: Peer) -> None:
    answer = outbound.ask("POST", peer.url("/hook"), allow=LOOPBACK, headers={"X-Signed": "yes"}, content=b"{}")
    assert (answer.status, answer.body) == (200, b"")
    asked = peer.asked[0]
    assert (asked.method, asked.body, asked.headers["X-Signed"]) == ("POST", b"{}", "yes")
    assert asked.headers["User-Agent"].startswith("Nexus/")
    assert (asked.headers["Accept-Encoding"], asked.headers["Cookie"]) == ("gzip", None)


def test_proxies_and_passwords_of_the_environment_are_not_used(
    peer: Peer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", os.fspath(tmp_path / ".netrc"))
    with peering() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        assert ask(peer.url()).status == 200
        assert proxy.asked == []
    assert peer.asked[0].headers["Authorization"] is None


@pytest.mark.parametrize("told", [True, False])
def test_a_body_larger_than_allowed_is_not_taken(told: bool, peer: Peer) -> None:
    size = 70_000
    peer.answer = lambda asked: Reply(200, {"Content-Length": str(size)} if told else {}, [b"x" * size])
    assert len(ask(peer.url(), largest=size).body) == size
    with pytest.raises(Unanswered, match="larger than 68 kB"):
        ask(peer.url(), largest=size - 1)


def test_a_packed_body_is_unpacked(peer: Peer) -> None:
    text = bytes(range(256)) * 3_000
    peer.says(gzip.compress(text[:1_000]) + gzip.compress(text[1_000:]), Content_Encoding="gzip")
    assert ask(peer.url()).body == text


def test_a_body_that_swells_is_stopped_while_it_is_unpacked(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    held = []
    really = outbound._unpacked

    def watched(parts: Any, host: str) -> Iterator[bytes]:
        for part in really(parts, host):
            held.append(len(part))
            yield part

    monkeypatch.setattr(outbound, "_unpacked", watched)
    peer.says(gzip.compress(bytes(200 * outbound.MEGABYTE), 9), Content_Encoding="gzip")
    with pytest.raises(Unanswered, match="larger than 1 MB"):
        ask(peer.url())
    assert max(held) <= 64 * 1024
    assert sum(held) < 2 * outbound.MEGABYTE


def test_packing_without_end_or_sense_is_not_taken(peer: Peer) -> None:
    packed = gzip.compress(b"jobs" * 1_000)
    for body, packing, why in (
        (packed[:-9], "gzip", "broke off"),
        (b"no gzip", "gzip", "could not be unpacked"),
        (b"\x1b\x00", "br", "packed in a way"),
        (packed, "gzip, gzip", "packed in a way"),
    ):
        peer.says(body, Content_Encoding=packing)
        with pytest.raises(Unanswered, match=why):
            ask(peer.url())
    empty = gzip.compress(b"")
    peer.answer = lambda asked: Reply(200, {"Content-Encoding": "gzip"}, itertools.repeat(empty, 200_000))
    with pytest.raises(Unanswered, match="larger than 1 MB"):
        ask(peer.url())


def test_a_body_that_breaks_off_is_not_taken(peer: Peer) -> None:
    peer.answer = lambda asked: Reply(200, {"Content-Length": "1000"}, [b"half"])
    with pytest.raises(Unanswered, match="broke off"):
        ask(peer.url())


def test_an_endless_drip_ends_with_the_time(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count(0, 0.1)
    monkeypatch.setattr(outbound, "_clock", lambda: next(ticks))
    for seconds in (10, 30):
        peer.answer = lambda asked: Reply(200, {"Content-Length": "500000"}, itertools.repeat(b"x" * 20, 25_000))
        with monkeypatch.context() as patch:
            patch.setattr(outbound._Wire, "read", small_sips(outbound._Wire.read))
            with pytest.raises(Unanswered, match="did not answer in time"):
                ask(peer.url(), seconds=seconds)


def small_sips(read: Any) -> Any:
    return lambda wire, max_bytes, timeout=None: read(wire, min(max_bytes, 20), timeout)


def test_a_host_that_never_answers_is_left(peer: Peer) -> None:
    over = threading.Event()

    def wait(asked: Asked) -> Reply:
        over.wait(20)
        return Reply()

    peer.answer = wait
    with pytest.raises(Unanswered, match=r"127\.0\.0\.1 did not answer in time"):
        ask(peer.url(), seconds=0.2)
    over.set()


def test_a_resolver_that_never_answers_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(20) and [])
    with pytest.raises(Unanswered, match="did not answer in time"):
        ask("http://jobs.example/", seconds=0.2)
    over.set()


def test_nobody_there_is_told(names: Names) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unanswered, match="does not take connections"):
        ask(f"http://127.0.0.1:{port}/")
    names.known["jobs.example"] = [[]]
    with pytest.raises(Unanswered):
        ask("http://jobs.example/")
    with pytest.raises(Unanswered, match="was not found"):
        ask("http://" + "a" * 70 + ".example/")


def test_what_is_no_http_is_told() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]

        def speak() -> None:
            link, _ = server.accept()
            with link:
                link.recv(1_000)
                link.sendall(b"220 mail.example ESMTP\r\n")

        thread = threading.Thread(target=speak)
        thread.start()
        with pytest.raises(Unanswered, match="could not be understood"):
            ask(f"http://127.0.0.1:{port}/")
        thread.join()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("tls")
    key, cert = str(folder / "key"), str(folder / "cert")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-keyout", key, "-out", cert, "-subj", "/CN=jobs.example", "-addext", "subjectAltName=DNS:jobs.example"],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


def test_tls_asks_for_the_host_and_believes_only_its_certificate(
    certificate: tuple[str, str], names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    shown: list[str] = []
    context.sni_callback = lambda link, name, _: shown.append(name or "")
    names.known = {"jobs.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]}
    with peering(context) as peer:
        with pytest.raises(Unanswered, match="certificate"):
            ask(peer.url("/", "jobs.example"))
        trusting = ssl.create_default_context(cafile=certificate[0])
        monkeypatch.setattr(outbound, "_tls", lambda: trusting)
        assert ask(peer.url("/", "jobs.example")).status == 200
        with pytest.raises(Unanswered, match="certificate"):
            ask(peer.url("/", "other.example"))
        with pytest.raises(Unanswered, match="certificate"):
            ask(peer.url())
    assert shown == ["jobs.example", "jobs.example", "other.example", ""]
    with peering() as plain, pytest.raises(Unanswered, match="does not speak https"):
        ask(plain.url().replace("http:", "https:"))
