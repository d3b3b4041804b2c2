"""The facts of postings as the index holds them, read from either engine in few columns."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, Text, cast, extract, select, type_coerce
from sqlalchemy.orm import Session

from app.domain.postings.models import EmploymentType, Experience, Posting, PostingCountry, PostingPlace, Workplace
from app.domain.postings.queries import lasting

Array = NDArray[Any]
_AT_A_TIME = 50_000

TYPES: dict[str, Any] = {
    "id": np.uint32, "published": np.int64, "expires": np.int64, "company": np.int32, "category": np.int16,
    "type": np.int8, "workplace": np.int8, "experience": np.int8, "currency": np.int16, "pay": np.int64,
}  # fmt: skip
"""Each column's type. Instants are microseconds since 1970; 0 stands for nothing stated, in pay too."""

CODES: dict[str, dict[str, int]] = {
    "type": {kind.value: code for code, kind in enumerate(EmploymentType, 1)},
    "workplace": {kind.value: code for code, kind in enumerate(Workplace, 1)},
    "experience": {kind.value: code for code, kind in enumerate(Experience, 1)},
}


class Words:
    """Texts of a small vocabulary (currencies, countries) with numbers from 1 on, given as they come."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.texts = list(texts)
        self._codes = {text: code for code, text in enumerate(self.texts, 1)}

    def code(self, text: str) -> int:
        code = self._codes.get(text)
        if code is None:
            self.texts.append(text)
            code = self._codes[text] = len(self.texts)
        return code

    def known(self, text: str) -> int:
        """The number of a text, 0 where it has none."""
        return self._codes.get(text, 0)

    def text(self, code: int) -> str:
        return self.texts[code - 1]


class Rows(NamedTuple):
    """Some postings: an array a column, and pairs of a posting's id and a place's id or a country's code."""

    columns: dict[str, Array]
    places: tuple[Array, Array]
    countries: tuple[Array, Array]


def read(
    session: Session, now: datetime, currencies: Words, countries: Words, posting_ids: Sequence[int] | None = None
) -> Rows:
    """Those of these postings, or of all, that are live at `now` or will be by time alone."""
    some = [Posting.id.in_(posting_ids)] if posting_ids is not None else []
    which = (lasting(now), *some)
    facts = select(
        Posting.id, _micros(session, Posting.published_at), _micros(session, Posting.expires_at), Posting.company_id,
        Posting.category_id, *(type_coerce(c, Text) for c in (Posting.type, Posting.workplace, Posting.experience)),
        Posting.salary_currency, Posting.salary_year_max,
    ).where(*which)  # fmt: skip
    columns = _columns(session, facts, currencies)
    at = select(PostingPlace.posting_id, PostingPlace.place_id).join(Posting, Posting.id == PostingPlace.posting_id)
    within = select(PostingCountry.posting_id, PostingCountry.country)
    within = within.join(Posting, Posting.id == PostingCountry.posting_id)
    return Rows(
        columns,
        _pairs(session, at.where(*which), int),
        _pairs(session, within.where(*which), countries.code),
    )


def _micros(session: Session, instant: Any) -> ColumnElement[Any]:
    """As a number where the engine keeps an instant, as text where it keeps text."""
    if session.get_bind().dialect.name == "sqlite":
        return type_coerce(instant, Text)
    return cast(extract("epoch", instant) * 1_000_000, BigInteger)


def _some(session: Session, query: Any) -> Iterator[Sequence[Any]]:
    """The rows in pieces, so that a million of them never stand in memory as objects."""
    answer = session.execute(query, execution_options={"stream_results": True, "max_row_buffer": _AT_A_TIME})
    yield from answer.partitions(_AT_A_TIME)


def _columns(session: Session, query: Any, currencies: Words) -> dict[str, Array]:
    pieces: dict[str, list[Array]] = {name: [] for name in TYPES}
    for rows in _some(session, query):
        for name, values in zip(TYPES, zip(*rows, strict=True), strict=True):
            pieces[name].append(_packed(name, values, currencies))
    return {name: np.concatenate([np.empty(0, TYPES[name]), *found]) for name, found in pieces.items()}


def _packed(name: str, values: Sequence[Any], currencies: Words) -> Array:
    kind = TYPES[name]
    if name in CODES:
        codes = CODES[name]
        return np.fromiter((codes.get(value, 0) for value in values), kind, len(values))
    if name == "currency":
        return np.fromiter((currencies.code(value) if value else 0 for value in values), kind, len(values))
    if isinstance(values[0], str):
        return np.array(values, dtype="datetime64[us]").astype(kind)
    return np.fromiter((value or 0 for value in values), kind, len(values))


def _pairs(session: Session, query: Any, code: Any) -> tuple[Array, Array]:
    found = [np.empty((0, 2), np.int32)]
    for rows in _some(session, query):
        found.append(np.array([(posting, code(value)) for posting, value in rows], np.int32))
    pairs = np.concatenate(found)
    return pairs[:, 0], pairs[:, 1]
