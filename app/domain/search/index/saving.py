"""A board on disk, so that a restart need not read a million postings again, nor ask for every word anew."""

import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, cast

import numpy as np
from pyroaring import BitMap

from app.domain.search.changes import Stand
from app.domain.search.grammar import Phrase, Prefix
from app.domain.search.index.board import Board, instant, micros
from app.domain.search.index.reading import CODES, TYPES, Array, Rows, Words
from app.domain.search.index.sets import Said, Says

_FORMAT = repr((2, {name: np.dtype(kind).str for name, kind in TYPES.items()}, CODES))
"""What a file must say of itself to be read: it holds numbers, and these say what they mean."""
_HALF = ".new"
_LONGEST_WRITE = timedelta(hours=1)
"""After which nobody writes any more at a file that is not whole."""
_log = logging.getLogger(__name__)


def save(board: Board, file: Path, now: datetime) -> None:
    """Write a board, whole or not at all. Where that fails the next start reads the database: it is logged."""
    if stand_of(file) == board.stand:
        return
    order = board.columns.in_order()
    columns = board.columns.taken(order)
    places, countries = (_by_id(board, *pairs) for pairs in (board.places.pairs(), board.countries.pairs()))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _tidy(file.parent, now - _LONGEST_WRITE)
        with _written_whole(file) as new:
            np.savez(
                new, format=_FORMAT, stand=np.array([str(board.stand.version), board.stand.mark]),
                read_at=micros(board.read_at), currencies=_texts(board.currencies),
                country_codes=_texts(board.country_codes), places=places, countries=countries,
                **cast(Any, columns), **_said(board, order),
            )  # fmt: skip
    except OSError as error:
        _log.warning("the search index was not saved: %s", error)


def _by_id(board: Board, ordinals: Array, values: Array) -> Array:
    """Pairs by postings' ids, without those of ordinals that are no more: their posting may stand at another."""
    here = board.columns["expires"][ordinals] != 0
    return np.stack((board.columns["id"][ordinals[here]].astype(np.int64), values[here]))


def _said(board: Board, order: Array) -> dict[str, Any]:
    """The sets of words, by the places that ordinals take in the file."""
    numbers = np.full(board.columns.size, -1, np.int64)
    numbers[order] = np.arange(len(order))
    journal, words = board.sets.said(numbers)
    sets = [one.ordinals.serialize() for one in words]
    return {
        "journal": np.array(journal, np.int64),
        "words": json.dumps([_told(one.word) for one in words]),
        "words_read": np.array([one.read for one in words], np.int64),
        "words_ends": np.cumsum([len(one) for one in sets], dtype=np.int64),
        "words_sets": np.frombuffer(b"".join(sets), np.uint8),
    }


def _told(says: Says) -> list[Any]:
    term = says.term
    return [says.title, term.start] if isinstance(term, Prefix) else [says.title, term.tokens, term.joined]


def _says(told: list[Any]) -> Says:
    title, *term = told
    return Says(Prefix(*term) if len(term) == 1 else Phrase(tuple(term[0]), term[1]), title)


def _words(saved: Mapping[str, Array]) -> list[Said]:
    sets, ends = saved["words_sets"].tobytes(), saved["words_ends"].tolist()
    parts = [BitMap.deserialize(sets[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
    words = map(_says, json.loads(str(saved["words"])))
    return [Said(*one) for one in zip(words, parts, saved["words_read"].tolist(), strict=True)]


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


def _tidy(folder: Path, before: datetime) -> None:
    """Take away what somebody who was killed before that instant left half written."""
    for left in folder.glob(f"*{_HALF}"):
        if left.stat().st_mtime < before.timestamp():
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
            rows = Rows({name: saved[name] for name in TYPES}, tuple(saved["places"]), tuple(saved["countries"]))
            read_at = instant(int(saved["read_at"]))
            texts = [Words(saved[name].tolist()) for name in ("currencies", "country_codes")]
            journal, words = saved["journal"].tolist(), _words(saved)
    except Exception:  # a damaged file makes NumPy and zipfile raise what they like
        return None
    board = Board(Stand(int(version), mark), read_at, rows, *texts)
    board.sets.know(journal, words)
    return board


def _texts(words: Words) -> "np.ndarray[tuple[int], np.dtype[np.str_]]":
    return np.array(words.texts, dtype="U8")
