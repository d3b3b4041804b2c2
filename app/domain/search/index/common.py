"""The words that so many postings say that the engine takes long to name them all: known before anybody asks."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.postings.models import Posting
from app.domain.search.grammar import Phrase, Prefix
from app.domain.search.index.columns import Columns
from app.domain.search.index.sets import Says
from app.domain.search.text import Piece, fold, pieces

COMMON, COMMON_PHRASE = 5_000, 2_000
"""Postings that have a word, or words side by side, from where on these are known beforehand on a small board."""
_SAMPLE, _AT_ONCE = 2_000, 500
"""Postings that are read to learn what words all have, and how many of them at once."""


def enough(says: Says, size: int) -> int:
    """How many of so many postings must have it for the engine to take longer than a listing does, or nearly.

    A page of a large board costs more too, and it shall not know all words.
    """
    if isinstance(says.term, Prefix) or len(says.term.tokens) == 1:
        return max(COMMON, size // 20)
    return max(COMMON_PHRASE, size // 100)


def common(session: Session, columns: Columns) -> list[Says]:
    """The words that `enough` postings say in their text or in their title, and of the phrases those that people ask
    for most: compounds, and pairs of words in titles. Commonest first.

    Judged by `_SAMPLE` of them, evenly taken, so that a rare word is never among them and a common one seldom missed.
    """
    live = columns.in_order()
    if len(live) < COMMON_PHRASE:
        return []
    sample = live[np.unique(np.linspace(0, len(live) - 1, _SAMPLE).astype(np.int64))]
    counts: Counter[Says] = Counter()
    for start in range(0, len(sample), _AT_ONCE):
        ids = columns["id"][sample[start : start + _AT_ONCE]].tolist()
        texts = select(Posting.title, Posting.description_text).where(Posting.id.in_(ids))
        for title, body in session.execute(texts):
            counts.update(_said(list(pieces(fold(title))), pieces(fold(body))))
    share = len(sample) / len(live)
    return [says for says, number in counts.most_common() if number >= enough(says, len(live)) * share]


def _said(title: list[Piece], body: Iterable[Piece]) -> set[Says]:
    """What would find a posting: each of its words typed alone, and each two of its title in quotes."""
    pairs = [Phrase(one.tokens + other.tokens) for one, other in pairwise(title)]
    heading = [*(Phrase(piece.tokens, piece.joined) for piece in title), *pairs]
    text = [Phrase(piece.tokens, piece.joined) for piece in body]
    return {Says(phrase) for phrase in (*heading, *text)} | {Says(phrase, title=True) for phrase in heading}
