"""Search and facets alone, without pages: the product beside the reference engine."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import where
from bench.timing import figure, once, repeated
from bench.workload import FULL, workload

Ask = Callable[[str], Callable[[], object]]
"""What a query string means, made ready: only calling it is timed."""


def measured(name: str, engine: str, size: str) -> dict[str, Any]:
    """Words never met before, each once; then the ordinary listing and the mix, warm."""
    from bench.probe import mixed

    ask = _of_tantivy(size) if name == "tantivy" else _of_product(engine, size)
    work = workload()
    ask("posted_within=7")()
    cold = [once(ask(f"q={word}")) for word in work.cold_engine]
    again = [once(ask(f"q={word}")) for word in work.cold_engine]
    ready = {query: ask(query) for query in work.mix}
    full = ask(FULL)
    return {
        "cold": figure(cold), "cold_again": figure(again), "full": repeated(full),
        "mix": mixed(lambda query: ready[query](), work.mix),
    }


def _of_product(engine: str, size: str) -> Ask:
    """The product's two questions, as its listing asks them, each time in a transaction of its own."""
    where.keep_that_time()
    from app.core import clock
    from app.core.db import let_go, reading
    from app.domain.search import queries
    from bench import product
    from bench.data import store
    from bench.data.filing import Filing

    app = store.board(where.database(engine, size))
    app.app_context().push()
    product.for_good(product.memo(on=False))
    product.built(app)
    filing = Filing(where.database("sqlite", size))

    def ask(query: str) -> Callable[[], object]:
        filters, _ = filing.request(query)

        def act() -> None:
            now, session = clock.now(), reading()
            queries.search(session, filters, now, key=b"k" * 32)
            queries.facets(session, filters, now, currency="USD")
            let_go()

        return act

    return ask


def _of_tantivy(size: str) -> Ask:
    from bench.data.filing import Filing
    from bench.peers.tantivyengine import Engine

    engine, filing = Engine(folder(size)), Filing(where.database("sqlite", size))

    def ask(query: str) -> Callable[[], object]:
        _, request = filing.request(query)
        return lambda: engine.answer(request)

    return ask


def folder(size: str) -> Path:
    """Where the reference engine's index lies."""
    return where.folder() / f"tantivy-{size}"


def fill(size: str) -> None:
    """Make the reference engine's index, where there is none."""
    if not folder(size).exists():
        from bench.data.filing import documents
        from bench.peers import tantivyengine

        tantivyengine.fill(folder(size), documents(where.database("sqlite", size)))
