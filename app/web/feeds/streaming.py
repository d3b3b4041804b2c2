"""Answers too long to be held: written as they are read, in batches, and known by what they are drawn from."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar, cast

from flask import Flask, Response, current_app, request
from werkzeug.datastructures import Headers

from app.core.db import reading
from app.domain.search import changes
from app.domain.search.keeping import last_change

BATCH = 500


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


Row = TypeVar("Row", bound=_Numbered)


def drawn(read: Callable[[int, int], Sequence[Row]], draw: Callable[[Row], str], after_id: int = 0) -> Iterator[str]:
    """The rows in the order of their ids, drawn batch by batch; `read` finds those behind an id, as many as asked."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    return _batches(app, read, draw, after_id)


def _batches(
    app: Flask, read: Callable[[int, int], Sequence[Row]], draw: Callable[[Row], str], after_id: int
) -> Iterator[str]:
    """Each batch in a context of its own: none, and no snapshot of the database, is held while a slow reader reads."""
    full = True
    while full:
        with app.app_context():
            found = read(after_id, BATCH)
            part = "".join(map(draw, found))
        full = len(found) == BATCH
        after_id = found[-1].id if found else after_id
        yield part


def streamed(parts: Callable[[], Iterable[str]], now: datetime) -> Response:
    """XML of many parts drawn from the whole board, compressed where that is understood; 304, and nothing drawn, where
    the asker has what it would say.
    """
    answer = _marked(Response(mimetype="application/xml"), now)
    known = Response(headers=Headers(answer.headers))
    known.make_conditional(request)  # not the answer itself, whose length it would set
    if known.status_code == 304:
        return known
    body: Iterator[bytes] = (part.encode() for part in parts())
    if _gzip():
        answer.content_encoding = "gzip"
        body = _packed(body)
    answer.response = body
    return answer


def _marked(answer: Response, now: datetime) -> Response:
    """With the tag of what the board holds, and since when this process has seen it hold that."""
    stand, edge = changes.stand(reading()), last_change(reading(), now)
    packing = "-gzip" if _gzip() else ""
    tag = f"{stand.version}-{stand.mark}-{edge.timestamp() if edge else 0}"
    seen, since = current_app.extensions.get("nexus-seen", ("", now))
    if seen != tag:
        since = now
        current_app.extensions["nexus-seen"] = tag, since
    answer.set_etag(tag + packing)
    answer.last_modified = cast(datetime, since)
    answer.vary.add("Accept-Encoding")
    return answer


def _gzip() -> bool:
    return request.accept_encodings.best_match(["gzip"]) is not None


def _packed(body: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for part in body:
        packed = packer.compress(part)
        if packed:
            yield packed
    yield packer.flush()
