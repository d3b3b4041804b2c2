"""A board on disk, so that a restart need not read a million postings again."""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, cast

import numpy as np

from app.domain.search.changes import Stand
from app.domain.search.index.board import Board, micros
from app.domain.search.index.reading import CODES, TYPES, Array, Rows, Words

_FORMAT = repr((1, {name: np.dtype(kind).str for name, kind in TYPES.items()}, CODES))
"""What a file must say of itself to be read: it holds numbers, and these say what they mean."""
_HALF = ".new"
_LONGEST_WRITE = 3600
"""Seconds after which nobody writes any more at a file that is not whole."""
_log = logging.getLogger(__name__)


def save(board: Board, file: Path) -> None:
    """Write a board, whole or not at all. Where that fails the next start reads the database: it is logged."""
    if stand_of(file) == board.stand:
        return
    columns = board.columns.taken(board.columns.in_order())
    places, countries = (_by_id(board, *pairs) for pairs in (board.places.pairs(), board.countries.pairs()))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _tidy(file.parent)
        with _written_whole(file) as new:
            np.savez(
                new, format=_FORMAT, stand=np.array([str(board.stand.version), board.stand.mark]),
                read_at=micros(board.read_at), currencies=_texts(board.currencies),
                country_codes=_texts(board.country_codes), places=places, countries=countries,
                **cast(Any, columns),
            )  # fmt: skip
    except OSError as error:
        _log.warning("the search index was not saved: %s", error)


def _by_id(board: Board, ordinals: Array, values: Array) -> Array:
    """Pairs by postings' ids, without those of ordinals that are no more: their posting may stand at another."""
    here = board.columns["expires"][ordinals] != 0
    return np.stack((board.columns["id"][ordinals[here]].astype(np.int64), values[here]))


@contextmanager
def _written_whole(file: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `file` once it is written, and goes away where that fails."""
    with NamedTemporaryFile(dir=file.parent, suffix=_HALF, delete=False) as new:
        try:
            yield new
            new.close()
            os.replace(new.name, file)
        except BaseException:
            os.unlink(new.name)
            raise


def _tidy(folder: Path) -> None:
    """Take away what somebody who was killed left half written."""
    for left in folder.glob(f"*{_HALF}"):
        if time.time() - left.stat().st_mtime > _LONGEST_WRITE:
            left.unlink()


def stand_of(file: Path) -> Stand | None:
    """Where the log stood for the board in a file; None where there is none that can be read."""
    try:
        with np.load(file, allow_pickle=False) as saved:
            version, mark = saved["stand"].tolist()
    except Exception:  # a damaged file makes NumPy and zipfile raise what they like
        return None
    return Stand(int(version), mark)


def load(file: Path) -> Board | None:
    """The board in a file; None where there is none that can be read."""
    try:
        with np.load(file, allow_pickle=False) as saved:
            if str(saved["format"]) != _FORMAT:
                return None
            version, mark = saved["stand"].tolist()
            rows = Rows(
                {name: saved[name] for name in TYPES}, tuple(saved["places"]), tuple(saved["countries"])
            )
            read_at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(saved["read_at"]))
            words = [Words(saved[name].tolist()) for name in ("currencies", "country_codes")]
    except Exception:  # a damaged file makes NumPy and zipfile raise what they like
        return None
    return Board(Stand(int(version), mark), read_at, rows, *words)


def _texts(words: Words) -> "np.ndarray[tuple[int], np.dtype[np.str_]]":
    return np.array(words.texts, dtype="U8")
