"""A database of one size on one engine: made by the product's own migrations, filled once, kept."""

import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from app import create_app
from app.core.db import db, transaction
from app.core.settings import Settings
from app.domain.companies.models import Company
from app.domain.postings.models import Category, Place, Posting, PostingCountry, PostingPlace
from app.domain.postings.services.categories import seed_categories
from app.domain.search.changes import begin_anew
from app.domain.search.models import PostingSearch
from bench import where
from bench.data import real
from bench.data.corpus import Corpus, Draft
from bench.data.rows import Writer
from bench.data.sinks import Postgres, Sink, Sqlite, written_again
from bench.data.words import Known

MADE_BY = 1
"""Raised when what a corpus holds changes: databases made before are made anew."""
_BATCH = 2_000
uploads = where.uploads


def board(url: str) -> Flask:
    """The product on one database, as the bench runs it: by its usual settings, without limits on one address."""
    settings = Settings(
        nexus_env="development", database_url=url, redis_url="", rate_limits="off", smtp_url="",
        base_url="http://127.0.0.1:8000", secret_key="a secret for the bench only, and long enough",  # noqa: S106
        upload_dir=where.uploads(url),
    )  # fmt: skip
    return create_app(settings)


def ready(engine: str, size: str) -> str:
    """The address of a filled database at the newest schema; made where there is none, which takes its time."""
    url = where.database(engine, size)
    if not (_finished(engine, size) and where.exists(url)):
        _paper(engine, size).unlink(missing_ok=True)
        where.make_database(url)
        with _on(url):
            facts = _fill(engine, url, size)
        _paper(engine, size).write_text(json.dumps(facts))
    with _on(url, rewrite=engine == "postgresql"):
        pass
    return url


def corpus(size: str) -> Corpus:
    """The postings of a size."""
    rows = real.postings()
    return Corpus(rows, 0) if size == where.REAL else Corpus(real.distinct(rows), int(size))


@contextmanager
def _on(url: str, *, rewrite: bool = False) -> Iterator[None]:
    """Inside the product, its schema up to date; with `rewrite` rows from before a new migration are laid out anew."""
    with board(url).app_context():
        before = _head()
        upgrade(directory=str(where.ROOT / "migrations"))
        if rewrite and _head() != before:
            print(f"  {url}: a newer schema, its rows are written again …", flush=True)
            written_again(url)
        yield
        db.engine.dispose()


def _head() -> str | None:
    """The migration a database stands at; None where it has none."""
    with db.engine.connect() as wire:
        return MigrationContext.configure(wire).get_current_revision()


def _paper(engine: str, size: str) -> Path:
    return where.folder() / f"{engine}-{size}.made"


def _finished(engine: str, size: str) -> bool:
    paper = _paper(engine, size)
    return paper.exists() and json.loads(paper.read_text())["made_by"] == MADE_BY


def _fill(engine: str, url: str, size: str) -> dict[str, Any]:
    began = time.monotonic()
    with transaction() as session:
        seed_categories(session)
    rows = db.session.execute(select(Category.id, Category.slug, Category.name))
    made, categories = corpus(size), {slug: (id_, name) for id_, slug, name in rows}
    db.session.rollback()
    writer = Writer(made, categories)
    known = Known()
    sink: Sink = Sqlite(db.engine) if engine == "sqlite" else Postgres(url)
    try:
        _write(sink, writer, known, made, engine)
        written = time.monotonic() - began
        print(f"  {engine} {size}: indexes …", flush=True)
        sink.finish()
        known.write()
        with transaction() as session:
            begin_anew(session)  # a board that was filled by its services has a log
    finally:
        sink.close()
    _prove(made)
    print(f"  {engine} {size}: done after {time.monotonic() - began:.0f} s", flush=True)
    return {
        "made_by": MADE_BY, "size": made.size, "resampled": made.resampled, "written": round(written),
        "seconds": round(time.monotonic() - began),
    }  # fmt: skip


def _write(sink: Sink, writer: Writer, known: Known, made: Corpus, engine: str) -> None:
    began = time.monotonic()
    tables: dict[Any, Any] = {model: model.__table__ for model in (Company, Place, Posting, PostingPlace,
                                                                   PostingCountry, PostingSearch)}  # fmt: skip
    sink.write(tables[Company], writer.companies())
    sink.write(tables[Place], writer.places())
    done = 0
    for batch in _batches(made):
        sink.write(tables[Posting], [writer.posting(draft) for draft in batch])
        places = [row for draft in batch for row in writer.posting_places(draft)]
        countries = [row for draft in batch for row in writer.posting_countries(draft)]
        for model, rows in ((PostingPlace, places), (PostingCountry, countries)):
            if rows:
                sink.write(tables[model], rows)
        read = [(draft.id, writer.tokens(draft)) for draft in batch]
        sink.write(tables[PostingSearch], [
            {"posting_id": id_, "terms": tokens.as_text() if engine == "sqlite" else tokens.as_tsvector()}
            for id_, tokens in read
        ])  # fmt: skip
        for draft, (id_, tokens) in zip(batch, read, strict=True):
            known.learn(id_, draft.real.title, tokens)
        done += len(batch)
        if done % (5 * _BATCH) == 0:
            print(f"  {engine}: {done:,} of {made.size:,}, {time.monotonic() - began:.0f} s", flush=True)


def _prove(made: Corpus) -> None:
    """Every posting is there, and no two have one text. Raises SystemExit."""
    written, texts = db.session.execute(
        select(func.count(), func.count(Posting.content_hash.distinct())).select_from(Posting)
    ).one()
    db.session.rollback()
    if written != made.size or (texts < written and not made.as_they_came):
        raise SystemExit(f"{made.size} postings were to be written, {written} were, with {texts} texts.")


def _batches(items: Iterable[Draft]) -> Iterator[list[Draft]]:
    waiting = iter(items)
    while batch := list(islice(waiting, _BATCH)):
        yield batch


def lower_priority() -> None:
    """Let others go first: loads are long."""
    os.nice(10)
