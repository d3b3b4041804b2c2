"""A board on disk, so that a restart need not read a million postings again."""

import logging
import os
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, cast

import numpy as np

from app.domain.search.changes import Stand
from app.domain.search.index.board import Board, micros
from app.domain.search.index.reading import CODES, TYPES, Rows, Words

_FORMAT = repr((1, {name: np.dtype(kind).str for name, kind in TYPES.items()}, CODES))
"""What a file must say of itself to be read: it holds numbers, and these say what they mean."""
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)
_log = logging.getLogger(__name__)


def save(board: Board, file: Path) -> None:
    """Write a board, whole or not at all. Where that fails the next start reads the database: it is logged."""
    if stand_of(file) == board.stand:
        return
    columns = board.columns.taken(board.columns.in_order())
    ids = board.columns["id"].astype(np.int64)
    places, countries = (
        np.stack((ids[ordinals], values)) for ordinals, values in (board.places.pairs(), board.countries.pairs())
    )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, suffix=".new", delete=False) as new:
            np.savez(
                new, format=_FORMAT, stand=np.array([str(board.stand.version), board.stand.mark]),
                read_at=micros(board.read_at), currencies=_texts(board.currencies),
                country_codes=_texts(board.country_codes), places=places, countries=countries,
                **cast(Any, columns),
            )  # fmt: skip
        os.replace(new.name, file)
    except OSError as error:
        _log.warning("the search index was not saved: %s", error)


def stand_of(file: Path) -> Stand | None:
    """Where the log stood for the board in a file; None where there is none that can be read."""
    try:
        with np.load(file, allow_pickle=False) as saved:
            version, mark = saved["stand"].tolist()
    except _UNREADABLE:
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
    except _UNREADABLE:
        return None
    return Board(Stand(int(version), mark), read_at, rows, *words)


def _texts(words: Words) -> "np.ndarray[tuple[int], np.dtype[np.str_]]":
    return np.array(words.texts, dtype="U8")
