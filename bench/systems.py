"""Everything that is measured, by its name: made on one engine and size, as WSGI."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import where

BOARDS = ("index", "plain", "naive", "django")
"""The product by its index, the product by plain SQL, and the two peers."""
FLOOR = ("floor", "static")


def application(name: str, engine: str, size: str) -> Any:
    """One of them. The product's clock, and the peers', run on from the bench's instant. Raises LookupError."""
    if name in ("index", "plain"):
        return _product(name, engine, size)
    url = peer_url(name, engine, size)
    if name == "naive":
        from bench.peers import naive

        return naive.application(_driver(url), now)
    if name == "django":
        from bench.peers import djangoboard

        return djangoboard.application(url, now)
    if name in FLOOR:
        from bench.peers import floor

        page = page_of(engine, size)
        return floor.static(page) if name == "static" else floor.application(page)
    raise LookupError(name)


def _product(name: str, engine: str, size: str) -> Any:
    where.keep_that_time()
    from bench import product
    from bench.data import store

    if name == "plain":
        product.plainly()
    if os.environ.get("BENCH_MEMO") == "off":
        product.for_good(product.memo(on=False))
    return store.board(where.database(engine, size))


def fill_peer(name: str, engine: str, size: str) -> None:
    """Make a peer's database out of the product's, where there is none."""
    made, url = where.folder() / f"{name}-{engine}-{size}.made", peer_url(name, engine, size)
    if made.exists() and where.exists(url):
        return
    from bench.peers import djangoboard, naive
    from bench.peers.jobs import jobs

    where.make_database(url)
    found = jobs(where.database(engine, size), where.NOW)
    naive.fill(_driver(url), found) if name == "naive" else djangoboard.fill(url, found)
    made.touch()


def peer_url(name: str, engine: str, size: str) -> str:
    return where.database(engine, size, f"nexus_bench_{name}")


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


def page_of(engine: str, size: str) -> Path:
    """Where the ordinary listing's answer is kept, for those who serve the same bytes."""
    return where.folder() / f"page-{engine}-{size}.html"


def now() -> datetime:
    """The bench's running clock."""
    return datetime.now(UTC) - where.behind()


def named() -> tuple[str, str, str]:
    """What the environment says a process is to serve."""
    name, engine, size = os.environ["BENCH_SYSTEM"].split()
    return name, engine, size
