"""The facts of postings as the index holds them, read as whole columns: rows never become objects.

The engine joins a column's values, SQLite to one text, PostgreSQL to one string of bytes, and numpy takes them apart.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    Select,
    Text,
    case,
    func,
    literal,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors

from app.core.db import Unavailable, ran_out_of_time
from app.core.errors import Invalid
from app.domain.postings.models import EmploymentType, Experience, Posting, PostingCountry, PostingPlace, Workplace
from app.domain.postings.queries import lasting

Array = NDArray[Any]

TYPES: dict[str, Any] = {
    "id": np.uint32, "published": np.int64, "expires": np.int64, "company": np.int32, "category": np.int16,
    "type": np.int8, "workplace": np.int8, "experience": np.int8, "currency": np.uint8, "pay": np.int64,
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

    def codes(self, padded: Array) -> Array:
        """The numbers of texts (an array of bytes, padded with blanks), 0 for an empty one."""
        kinds, places = np.unique(padded, return_inverse=True)
        return np.array([self._code(kind.decode().strip()) for kind in kinds], np.int32)[places]

    def _code(self, text: str) -> int:
        if not text:
            return 0
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
    """Those of these postings, or of all, that are live at `now` or will be by time alone.

    Pairs of other postings may be among those of all.
    """
    which = [_by_row(lasting(now)) if posting_ids is None and on_sqlite(session) else lasting(now)]
    at, within = select(), select()
    if posting_ids is not None:
        which.append(Posting.id.in_(posting_ids))
        at = at.where(PostingPlace.posting_id.in_(posting_ids))
        within = within.where(PostingCountry.posting_id.in_(posting_ids))
    facts = _read(session, select().where(*which), {
        "id": _Number(Posting.id), "published": _Instant(Posting.published_at), "expires": _Instant(Posting.expires_at),
        "company": _Number(Posting.company_id), "category": _Number(Posting.category_id),
        "type": _coded("type", Posting.type), "workplace": _coded("workplace", Posting.workplace),
        "experience": _coded("experience", Posting.experience), "currency": _Code(Posting.salary_currency),
        "pay": _Number(Posting.salary_year_max),
    })  # fmt: skip
    facts["currency"] = currencies.codes(facts["currency"])
    places = _read(session, at, {"of": _Number(PostingPlace.posting_id), "is": _Number(PostingPlace.place_id)})
    named = _read(session, within, {"of": _Number(PostingCountry.posting_id), "is": _Code(PostingCountry.country)})
    return Rows(
        {name: facts[name].astype(kind) for name, kind in TYPES.items()},
        (places["of"], places["is"]),
        (named["of"], countries.codes(named["is"])),
    )


def on_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _by_row(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """The same condition, for which SQLite reads row after row: most fit, and an index would lead to each by itself.

    A sign before a column hides it from the planner (sqlite.org/optoverview.html, "Disqualifying WHERE clause terms").
    """

    def hidden(element: Any, **others: Any) -> Any:
        return literal_column("+postings.status") if getattr(element, "name", "") == "status" else None

    changed: ColumnElement[bool] = visitors.replacement_traverse(which, {}, hidden)
    return changed


_BY_INDEX = "SET LOCAL enable_seqscan = off; SET LOCAL work_mem = '64MB'"
_AS_USUAL = "SET LOCAL enable_seqscan TO DEFAULT; SET LOCAL work_mem TO DEFAULT"
"""PostgreSQL takes no account of what it costs to fetch tokens that lie beside their rows, and would read them all."""


def take_time(session: Session) -> None:
    """Let the statements of this transaction take as long as they do: nobody waits for them."""
    if not on_sqlite(session):
        session.connection().exec_driver_sql("SET LOCAL statement_timeout = 0")


def ids(session: Session, id_: Any, which: ColumnElement[bool], among: Sequence[int] | None = None) -> Array:
    """The posting ids in a column where a condition holds, of all or of some, in any order.

    Raises Invalid, in a transaction begun anew, where the engine is stopped for it takes too long.
    """
    try:
        return _ids(session, id_, which, among)
    except Unavailable as error:
        if not ran_out_of_time(error):
            raise
        session.rollback()
        raise Invalid(_TOO_LONG, {"q": _TOO_LONG}) from None


def _ids(session: Session, id_: Any, which: ColumnElement[bool], among: Sequence[int] | None) -> Array:
    rows, wanted = select().where(which), {"id": _Number(id_)}
    if among is not None:
        return _read(session, rows.where(id_.in_(among)), wanted)["id"]
    if on_sqlite(session):
        return _read(session, rows, wanted)["id"]
    session.connection().exec_driver_sql(_BY_INDEX)
    found = _read(session, rows, wanted)["id"]
    session.connection().exec_driver_sql(_AS_USUAL)
    return found


_TOO_LONG = "These words take too long to look for just now. Try again in a moment, or with fewer words."


class _Number:
    """A whole number; 0 for nothing."""

    def __init__(self, of: Any) -> None:
        self.of = of

    def as_text(self) -> ColumnElement[Any]:
        return func.group_concat(func.coalesce(self.of, 0))

    def from_text(self, text: str) -> Array:
        return np.fromstring(text, np.int64, sep=",")

    def as_bytes(self) -> ColumnElement[Any]:
        return _joined(func.int8send(sql_cast(func.coalesce(self.of, 0), BigInteger)))

    def from_bytes(self, sent: bytes) -> Array:
        return np.frombuffer(sent, ">i8").astype(np.int64)


class _Instant(_Number):
    """Microseconds since 1970."""

    def as_text(self) -> ColumnElement[Any]:
        return func.group_concat(func.substr(type_coerce(self.of, Text) + ".000000", 1, 26), "")

    def from_text(self, text: str) -> Array:
        return np.frombuffer(text.encode(), "S26").astype("datetime64[us]").astype(np.int64)

    def as_bytes(self) -> ColumnElement[Any]:
        return _joined(func.timestamptz_send(self.of))

    def from_bytes(self, sent: bytes) -> Array:
        return super().from_bytes(sent) + _YEAR_2000


class _Code(_Number):
    """Up to three letters, padded with blanks."""

    def as_text(self) -> ColumnElement[Any]:
        return func.group_concat(func.substr(func.coalesce(self.of, "") + "   ", 1, 3), "")

    def from_text(self, text: str) -> Array:
        return np.frombuffer(text.encode(), "S3")

    def as_bytes(self) -> ColumnElement[Any]:
        return _joined(func.convert_to(func.rpad(func.coalesce(self.of, ""), 3), "UTF8"))

    def from_bytes(self, sent: bytes) -> Array:
        return np.frombuffer(sent, "S3")


_YEAR_2000 = 946_684_800_000_000
"""From where PostgreSQL counts, in microseconds since 1970."""


def _joined(sent: Any) -> ColumnElement[Any]:
    return func.string_agg(sent, literal(b"", LargeBinary))


def _coded(name: str, column: Any) -> _Number:
    return _Number(case(CODES[name], value=type_coerce(column, Text), else_=0))


def _read(session: Session, rows: Select[Any], wanted: dict[str, _Number]) -> dict[str, Array]:
    """Columns of the same rows, all in one order."""
    if on_sqlite(session):
        found = session.execute(rows.add_columns(*(column.as_text() for column in wanted.values()))).one()
        return {name: column.from_text(text or "") for (name, column), text in zip(wanted.items(), found, strict=True)}
    found = session.execute(rows.add_columns(*(column.as_bytes() for column in wanted.values()))).one()
    return {name: column.from_bytes(sent or b"") for (name, column), sent in zip(wanted.items(), found, strict=True)}
