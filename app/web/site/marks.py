"""Marks where a card says what was looked for, and where its description does if the card itself does not."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from app.core.db import Session
from app.domain.search import queries
from app.domain.search.answers import Card
from app.domain.search.grammar import Query
from app.domain.search.highlight import Highlighter
from app.web.fragments import Kept
from app.web.site.cards import KEPT, Marks


class Said(NamedTuple):
    """A card's lines marked, and which clauses they meet."""

    title: Markup
    company: Markup
    place: Markup
    clauses: frozenset[int]


_snippets: Kept[tuple[int, int, Query], Markup] = Kept(KEPT)
"""By posting, its version, and what was looked for."""
_finder = lru_cache(maxsize=64)(Highlighter)


def marks(session: Session, cards: Sequence[Card], query: Query) -> list[Marks] | None:
    """The cards' texts marked, None where nothing is looked for.

    Descriptions are read in one statement, of those cards that do not say every word.
    """
    finder = _finder(query)
    if not finder.clauses:
        return None
    said = [_said(card.title, card.company_name, card.place_label, query) for card in cards]
    wanting = {
        (card.id, card.version, query): lines
        for card, lines in zip(cards, said, strict=True)
        if lines.clauses < finder.clauses
    }
    snippets = _snippets.known(wanting)
    if unknown := {key: lines for key, lines in wanting.items() if key not in snippets}:
        texts = queries.descriptions(session, [id_ for id_, *_ in unknown])
        found = {key: _about(finder, texts.get(key[0], ""), lines) for key, lines in unknown.items()}
        _snippets.learn(found)
        snippets |= found
    nothing = Markup()
    return [
        Marks(lines.title, lines.company, lines.place, snippets.get((card.id, card.version, query), nothing))
        for card, lines in zip(cards, said, strict=True)
    ]


@lru_cache(maxsize=KEPT)
def _said(title: str, company: str | None, place: str, query: Query) -> Said:
    finder = _finder(query)
    clauses = frozenset(hit.clause for text in (title, company or "", place) for hit in finder.hits(text))
    named = marked(finder, company) if company else escape("Company not named")
    return Said(marked(finder, title), named, marked(finder, place), clauses)


def _about(finder: Highlighter, description: str, said: Said) -> Markup:
    snippet = marked(finder, finder.snippet(description, said.clauses))
    return Markup('<p class="job-snippet">{}</p>').format(snippet) if snippet else snippet


def marked(finder: Highlighter, text: str) -> Markup:
    """`text`, escaped, with what was looked for in `<mark>`."""
    pieces, at = [], 0
    for start, end in finder.ranges(text):
        pieces += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    return Markup("".join([*pieces, escape(text[at:])]))  # noqa: S704  all but the marks is escaped
