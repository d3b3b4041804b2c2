"""What a card says of a posting, in words, and how it is drawn."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from app.core.money import format_range
from app.domain.search.answers import Card
from app.web.context import ago
from app.web.fragments import parts
from app.web.people import current_actor

NEW_FOR = timedelta(days=2)
SOON = timedelta(days=7)
"""How long before its end a job closes soon."""
KEPT = 4096
"""Cards kept as they were drawn, each about 2 kB."""


class Marks(NamedTuple):
    """A card's texts in a list that looks for words, with these marked; `snippet` is of its description, or empty."""

    title: Markup
    company: Markup
    place: Markup
    snippet: Markup = Markup("")


@dataclass(frozen=True, slots=True)
class CardView:
    """One card of a list. `saved` and `applied` are the reader's own marks."""

    id: int
    title: str
    url: str
    company_name: str | None
    company_hue: int
    place_label: str
    workplace: str
    type: str | None
    pay: str | None
    published_at: datetime
    age: str
    is_new: bool
    closes_soon: bool
    featured: bool
    saved: bool
    applied: bool


def in_words(value: str | None) -> str | None:
    """A vocabulary's value as people read it: `full_time` → "Full time"."""
    return value.replace("_", " ").capitalize() if value else None


def draw(
    cards: Sequence[Card],
    now: datetime,
    saved: Collection[int] = (),
    applied: Collection[int] = (),
    *,
    marks: Iterable[Marks] | None = None,
    pane: bool = False,
) -> Markup:
    """The cards as a list shows them to one reader, with their texts as in `marks`.

    With `pane` a title opens beside the list. All but the texts is drawn once and kept.
    """
    known = current_actor().is_authenticated
    html = []
    for card, texts in zip(cards, marks or map(_texts, cards), strict=True):
        head, company, place, about, end = _around(
            card, ago(card.published_at, now), now - card.published_at < NEW_FOR, card.expires_at < now + SOON,
            card.id in saved, card.id in applied, pane, known,
        )  # fmt: skip
        html.append(f"{head}{texts.title}{company}{texts.company}{place}{texts.place}{about}{texts.snippet}{end}")
    return Markup("".join(html))  # noqa: S704  drawn by Jinja with escaping on, and texts that are escaped


@lru_cache(maxsize=KEPT)
def _texts(card: Card) -> Marks:
    named = escape(card.company_name or "Company not named")
    return Marks(escape(card.title), named, escape(card.place_label))


@lru_cache(maxsize=KEPT)
def _around(
    card: Card, age: str, is_new: bool, closes_soon: bool, saved: bool, applied: bool, pane: bool, known: bool
) -> tuple[str, ...]:
    """What stands before, between and behind a card's texts."""
    shown = CardView(
        id=card.id, title=card.title, url=f"/jobs/{card.id}/{card.slug}", company_name=card.company_name,
        company_hue=card.company_hue or 0, place_label=card.place_label,
        workplace=in_words(card.workplace.value) or "", type=in_words(card.type.value if card.type else None),
        pay=_pay(card), published_at=card.published_at, age=age, is_new=is_new, closes_soon=closes_soon,
        featured=card.featured_at is not None, saved=saved, applied=applied,
    )  # fmt: skip
    return parts("site/_card.html", card=shown, pane=pane, actor=current_actor())


def _pay(card: Card) -> str | None:
    if card.salary_max is None or card.salary_currency is None or card.salary_period is None:
        return None
    return format_range(card.salary_min, card.salary_max, card.salary_currency, card.salary_period)
