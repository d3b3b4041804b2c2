"""Marks where a card says what was looked for, and where its description does if the card itself does not."""

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup, escape

from app.core.db import Session
from app.domain.search import queries
from app.domain.search.grammar import Query
from app.domain.search.highlight import Highlighter
from app.web.site.cards import CardView, Marks


def with_marks(session: Session, cards: Sequence[CardView], query: Query) -> list[CardView]:
    """The cards, marked. Descriptions are read in one statement, of those cards that do not say every word."""
    finder = Highlighter(query)
    if not finder.clauses:
        return list(cards)
    said = {card.id: {hit.clause for text in _lines(card) for hit in finder.hits(text)} for card in cards}
    wanting = [id_ for id_, clauses in said.items() if clauses < finder.clauses]
    texts = queries.descriptions(session, wanting) if wanting else {}
    snippets = {id_: finder.snippet(text, said[id_]) for id_, text in texts.items()}
    return [replace(card, marks=_marks(finder, card, snippets.get(card.id, ""))) for card in cards]


def _marks(finder: Highlighter, card: CardView, snippet: str) -> Marks:
    title, company, place, about = (marked(finder, text) for text in (*_lines(card), snippet))
    return Marks(title, company, place, about)


def _lines(card: CardView) -> tuple[str, str, str]:
    return card.title, card.company_name or "", card.place_label


def marked(finder: Highlighter, text: str) -> Markup:
    """`text`, escaped, with what was looked for in `<mark>`."""
    pieces, at = [], 0
    for start, end in finder.ranges(text):
        pieces += [escape(text[at:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        at = end
    return Markup("").join([*pieces, escape(text[at:])])
