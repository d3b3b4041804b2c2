"""What a card says of a posting, in words, and how it is drawn."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from markupsafe import Markup, escape

from app.core.money import format_range
from app.domain.search.answers import Card
from app.web.context import ago
from app.web.fragments import parts
from app.web.people import current_actor
from app.web.site import blueprint as bp

NEW_FOR = timedelta(days=2)
SOON = timedelta(days=7)
"""How long before its end a job closes soon."""
KEPT = 4096
"""Cards kept as they were drawn, each about 2 kB."""


@dataclass(frozen=True, slots=True)
class Marks:
    """A card's texts in a list that looks for words, with these marked; `snippet` is of its description, or empty."""

    title: Markup
    company: Markup
    place: Markup
    snippet: Markup


@dataclass(frozen=True, slots=True)
class CardView:
    """One card of a list. `saved` and `applied` are the reader's own marks."""

    id: int
    version: int
    title: str
    url: str
    company_name: str | None
    company_slug: str | None
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
    marks: Marks | None = field(default=None, compare=False)


def in_words(value: str | None) -> str | None:
    """A vocabulary's value as people read it: `full_time` → "Full time"."""
    return value.replace("_", " ").capitalize() if value else None


def draw(
    cards: Iterable[Card], now: datetime, saved: Collection[int] = (), applied: Collection[int] = ()
) -> list[CardView]:
    """The cards as a list shows them to one reader."""
    return [
        _view(
            card, ago(card.published_at), now - card.published_at < NEW_FOR, card.expires_at < now + SOON,
            card.id in saved, card.id in applied,
        )
        for card in cards
    ]  # fmt: skip


@lru_cache(maxsize=KEPT)
def _view(card: Card, age: str, is_new: bool, closes_soon: bool, saved: bool, applied: bool) -> CardView:
    return CardView(
        id=card.id, version=card.version, title=card.title, url=f"/jobs/{card.id}/{card.slug}",
        company_name=card.company_name,
        company_slug=card.company_slug, company_hue=card.company_hue or 0, place_label=card.place_label,
        workplace=in_words(card.workplace.value) or "", type=in_words(card.type.value if card.type else None),
        pay=_pay(card), published_at=card.published_at, age=age, is_new=is_new, closes_soon=closes_soon,
        featured=card.featured_at is not None, saved=saved, applied=applied,
    )  # fmt: skip


def _pay(card: Card) -> str | None:
    if card.salary_max is None or card.salary_currency is None or card.salary_period is None:
        return None
    return format_range(card.salary_min, card.salary_max, card.salary_currency, card.salary_period)


@bp.app_template_global()
def drawn(card: CardView, *, pane: bool) -> Markup:
    """A card as HTML; with `pane` its title opens beside the list. All but its texts is drawn once and kept."""
    head, company, place, about, end = _around(card, pane, current_actor().is_authenticated)
    texts = card.marks or Marks(
        escape(card.title), escape(card.company_name or "Company not named"), escape(card.place_label), Markup("")
    )
    html = f"{head}{texts.title}{company}{texts.company}{place}{texts.place}{about}{texts.snippet}{end}"
    return Markup(html)  # noqa: S704  drawn by Jinja with escaping on, and texts that are escaped


@lru_cache(maxsize=KEPT)
def _around(card: CardView, pane: bool, known: bool) -> tuple[str, ...]:
    return parts("site/_card.html", card=card, pane=pane, actor=current_actor())
