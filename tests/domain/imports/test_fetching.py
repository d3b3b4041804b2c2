"""A feed fetched: what is asked, what is taken, and the sentence where nothing is."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.imports import fetching
from app.domain.imports.fetching import Fetched, Unfetched, fetch
from tests.peer import LOOPBACK, Peer, peering


@pytest.fixture
def peer() -> Iterator[Peer]:
    with peering() as peer:
        yield peer


def test_a_feed_is_put_down_with_what_it_is_asked_for_by_again(peer: Peer, tmp_path: Path) -> None:
    peer.says(b"jobs", ETag='W/"1"', Last_Modified="Mon, 04 May 2026 12:00:00 GMT")
    fetched = fetch(peer.url("/a/feed.jsonl?x=1"), tmp_path, LOOPBACK)
    assert fetched == Fetched(tmp_path / "feed.jsonl", 'W/"1"', "Mon, 04 May 2026 12:00:00 GMT")
    assert (tmp_path / "feed.jsonl").read_bytes() == b"jobs"
    assert (peer.asked[0].headers["If-None-Match"], peer.asked[0].headers["If-Modified-Since"]) == (None, None)
    peer.says(b"", 304)
    again = fetch(peer.url(), tmp_path, LOOPBACK, etag=fetched.etag, last_modified=fetched.last_modified)
    assert again.path is None
    asked = peer.asked[1].headers
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == ('W/"1"', "Mon, 04 May 2026 12:00:00 GMT")
    with pytest.raises(Unfetched, match="304"):
        fetch(peer.url(), tmp_path, LOOPBACK)


@pytest.mark.parametrize("name", ["é", "x" * 301])
def test_what_cannot_be_sent_back_is_forgotten(name: str, peer: Peer, tmp_path: Path) -> None:
    peer.says(b"jobs", ETag=name)
    assert fetch(peer.url(), tmp_path, LOOPBACK).etag is None


@pytest.mark.parametrize(
    ("status", "headers", "why"),
    [
        (301, {"Location": "/new.xml"}, r"127\.0\.0\.1 leads on to http://127\.0\.0\.1:\d+/new\.xml\. Redirects"),
        (302, {"Location": "http://10.0.0.1/"}, r"leads on to http://10\.0\.0\.1/"),
        (302, {}, r"answers with an error \(302\)"),
        (206, {}, r"answers with an error \(206\)"),
        (401, {}, r"asks for a password \(401\)"),
        (404, {}, r"has nothing there \(404\)"),
        (503, {}, r"127\.0\.0\.1 answers with an error \(503\)"),
    ],
)
def test_an_answer_that_is_no_feed_is_a_sentence(
    status: int, headers: dict[str, str], why: str, peer: Peer, tmp_path: Path
) -> None:
    peer.says(b"no jobs", status, **headers)
    with pytest.raises(Unfetched, match=why):
        fetch(peer.url(), tmp_path, LOOPBACK)
    assert len(peer.asked) == 1 and not list(tmp_path.iterdir())


def test_the_guard_and_its_limits_hold(peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unfetched, match="not on the open internet"):
        fetch(peer.url(), tmp_path, ())
    assert peer.asked == []
    monkeypatch.setattr(fetching, "LARGEST", 10_000)
    peer.says(bytes(10_001))
    with pytest.raises(Unfetched, match="larger than 9 kB"):
        fetch(peer.url(), tmp_path, LOOPBACK)


def test_an_archive_is_unpacked_but_not_without_end(
    peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LARGEST_UNPACKED", 2 * fetching.MEGABYTE)
    peer.says(gzip.compress(bytes(2 * fetching.MEGABYTE)))
    fetched = fetch(peer.url("/feed.jsonl.gz"), tmp_path, LOOPBACK)
    assert fetched.path is not None and fetched.path.name == "feed.jsonl.gz"
    assert fetched.path.read_bytes() == bytes(2 * fetching.MEGABYTE)
    peer.says(gzip.compress(bytes(50 * fetching.MEGABYTE)))
    with pytest.raises(Unfetched, match="unpacks to more than 2 MB"):
        fetch(peer.url(), tmp_path, LOOPBACK)
    peer.says(gzip.compress(b"jobs" * 100)[:-6])
    with pytest.raises(Unfetched, match="damaged"):
        fetch(peer.url(), tmp_path, LOOPBACK)
