"""Which ordinals stand next in a list: from the end of what is in order, and from what came later."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import numpy as np
from pyroaring import BitMap

from app.domain.search.answers import Position
from app.domain.search.index.asking import Asked
from app.domain.search.index.board import micros
from app.domain.search.index.ordinals import as_array
from app.domain.search.index.reading import Array


class Key(NamedTuple):
    """What a list is ordered by, highest first: an instant or a pay, and a posting's id."""

    value: int
    id: int


def top(asked: Asked, limit: int, after: Position | None) -> list[tuple[int, int]]:
    """At most `limit` postings that follow `after`, as (id, tier)."""
    found: list[tuple[int, int]] = []
    for tier, ordinals in _tiers(asked, after[0] if after else 0):
        behind = _key(after) if after and after[0] == tier else None
        missing = limit - len(found)
        if asked.filters.order == "salary":
            ids = _best_paid(asked, ordinals, missing, behind)
        else:
            ids = _newest(asked, ordinals, missing, behind)
        found += ((id_, tier) for id_ in ids)
        if len(found) >= limit:
            break
    return found


def _key(after: Position) -> Key:
    _, value, id_ = after
    return Key(micros(datetime.fromisoformat(value)) if isinstance(value, str) else value, id_)


def _tiers(asked: Asked, first: int) -> Iterator[tuple[int, BitMap]]:
    """The hits in order of relevance: all clauses met in the title, any word there, the rest."""
    if asked.filters.order != "relevance":
        yield 0, asked.hits
        return
    rest, clauses = asked.hits, asked.query.clauses
    if clauses:
        best = rest
        for clause in clauses:
            best = best & asked.says(clause, title=True)
        if first <= 0:
            yield 0, best
        named = (rest - best) & asked.says([term for clause in clauses for term in clause], title=True)
        if first <= 1:
            yield 1, named
        rest = rest - best - named
    yield 2, rest


def _newest(asked: Asked, hits: BitMap, limit: int, behind: Key | None) -> list[int]:
    columns, ordered = asked.board.columns, asked.board.ordered
    end = ordered if behind is None else _place(columns["published"][:ordered], columns["id"][:ordered], behind)
    below = hits.rank(end - 1) if end else 0
    chosen = as_array(hits[max(0, below - limit) : below])
    if columns.size > ordered:
        loose = as_array(hits & BitMap(range(ordered, columns.size)))
        chosen = np.concatenate((chosen, _first(columns["published"], columns["id"], loose, limit, behind)))
    ids: list[int] = columns["id"][_first(columns["published"], columns["id"], chosen, limit, None)].tolist()
    return ids


def _best_paid(asked: Asked, hits: BitMap, limit: int, behind: Key | None) -> list[int]:
    columns = asked.board.columns
    chosen = _first(columns["pay"], columns["id"], as_array(hits), limit, behind)
    ids: list[int] = columns["id"][chosen].tolist()
    return ids


def _place(values: Array, ids: Array, behind: Key) -> int:
    """How many of the keys, which rise, are below this one."""
    low, high = values.searchsorted(behind.value), values.searchsorted(behind.value, side="right")
    return int(low + ids[low:high].searchsorted(behind.id))


def _first(values: Array, ids: Array, ordinals: Array, limit: int, behind: Key | None) -> Array:
    """The `limit` of these ordinals with the highest keys below one, highest first."""
    value, id_ = values[ordinals], ids[ordinals]
    if behind is not None:
        below = (value < behind.value) | ((value == behind.value) & (id_ < behind.id))
        ordinals, value, id_ = ordinals[below], value[below], id_[below]
    if len(ordinals) > 4 * limit:
        least = np.partition(value, len(value) - limit)[len(value) - limit]
        enough = value >= least
        ordinals, value, id_ = ordinals[enough], value[enough], id_[enough]
    return ordinals[np.lexsort((id_, value))[::-1][:limit]]
