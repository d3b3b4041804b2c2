"""What goes out, read to its end as others read it: against XML schemas, by feedparser, and posting by posting."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import feedparser
from lxml import etree

from bench import where
from bench.caller import Caller
from bench.feeds import INDEED, SITEMAP, parts

SCHEMAS = where.ROOT / "tests" / "web" / "schemas"
PAGES = 20
"""Of each feed, which at a million has twenty thousand."""


class Wrong(Exception):
    """What goes out is not what it should be."""


def checked(name: str, engine: str, size: str) -> dict[str, Any]:
    """How much was read. Raises Wrong, or lxml's XMLSyntaxError where a schema says otherwise."""
    from bench import product

    app = product.standing(engine, size)
    call, live = Caller(app), product.listed(app)
    jobs = list(_read(call, INDEED, "indeed.xsd", "job", lambda job: int(job.findtext("referencenumber"))))
    paths = list(_read(call, SITEMAP, "siteindex.xsd", "sitemap", _path))
    _must(paths == parts(call), "the sitemap's index names each part once")
    addresses = [one for path in paths for one in _read(call, path, "sitemap.xsd", "url", _path)]
    pages = [address for address in addresses if address.count("/") == 3 and address.startswith("/jobs/")]
    _must(len(jobs) == len(set(jobs)) == live, f"Indeed reads {live} postings, each once, not {len(jobs)}")
    _must(len(addresses) == len(set(addresses)), "the sitemap names each address once")
    _must({_id(page) for page in pages} == set(jobs) and len(pages) == live, "the sitemap names what Indeed reads")
    atom, rss = (_subscribed(call, path) for path in ("/jobs.atom", "/jobs.rss"))
    _must(atom == rss and set(atom) <= set(jobs), "Atom and RSS list the same")
    return {"live": live, "jobs": len(jobs), "parts": len(paths), "addresses": len(addresses), "entries": len(atom)}


def _read(call: Caller, path: str, schema: str, tag: str, take: Callable[[Any], Any]) -> Iterator[Any]:
    """What `take` makes of each such element of a document that is validated, and forgotten, as it comes."""
    rules = etree.XMLSchema(file=str(SCHEMAS / schema))
    parser = etree.XMLPullParser(events=("end",), tag=f"{{*}}{tag}", schema=rules, huge_tree=True)
    found: list[Any] = []

    def feed(part: bytes) -> None:
        parser.feed(part)
        for _, element in parser.read_events():
            found.append(take(element))
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]

    call.sent(path, feed)
    parser.close()
    yield from found


def _subscribed(call: Caller, path: str) -> list[int]:
    """The postings of a feed's first pages."""
    ids: list[int] = []
    following: str | None = path
    for _ in range(PAGES):
        if not following:
            break
        feed = feedparser.parse(call.get(following).body)
        _must(not feed.bozo, f"feedparser reads {following}: {feed.get('bozo_exception')}")
        ids += [_id(entry.link) for entry in feed.entries]
        link = next((link.href for link in feed.feed.links if link.rel == "next"), "")
        following = urlsplit(link)._replace(scheme="", netloc="").geturl()
    _must(len(ids) == len(set(ids)), f"{path} lists each posting once")
    return ids


def _path(element: Any) -> str:
    return urlsplit(str(element.findtext("{*}loc"))).path


def _id(address: str) -> int:
    return int(urlsplit(address).path.split("/")[2])


def _must(holds: bool, words: str) -> None:
    if not holds:
        raise Wrong(f"It should be that {words}.")
