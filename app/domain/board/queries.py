"""Reading what the board says of itself."""

import enum
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.settings import Settings
from app.domain.board.models import ONLY, BoardSettings, Heartbeat


class LegalPage(enum.StrEnum):
    """Pages the law asks of many boards; one without text is not shown."""

    IMPRINT = "imprint"
    PRIVACY = "privacy"
    TERMS = "terms"

    @property
    def title(self) -> str:  # type: ignore[override]
        """What the page is called."""
        return _TITLES[self]


_TITLES = {LegalPage.IMPRINT: "Imprint", LegalPage.PRIVACY: "Privacy", LegalPage.TERMS: "Terms of use"}
_HTML = {
    LegalPage.IMPRINT: BoardSettings.imprint_html, LegalPage.PRIVACY: BoardSettings.privacy_html,
    LegalPage.TERMS: BoardSettings.terms_html,
}


_STANDING = select(
    BoardSettings.site_name, BoardSettings.default_currency, BoardSettings.posting_days,
    *((column != "").label(page) for page, column in _HTML.items()),
).where(BoardSettings.id == ONLY)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Board:
    """The board as everybody meets it. `posting_days` is how long a posting stays; `legal` the pages there are."""

    site_name: str
    default_currency: str
    posting_days: int
    legal: tuple[LegalPage, ...] = ()


def from_environment(settings: Settings) -> Board:
    """The board before anybody changed a thing."""
    return Board(settings.site_name, settings.default_currency, settings.posting_days)


def standing(session: Session, settings: Settings) -> Board:
    """The board as it stands: what was saved, and the environment's word where nothing was. One statement."""
    given = from_environment(settings)
    found = session.connection().execute(_STANDING).one_or_none()
    if found is None:
        return given
    return Board(
        found.site_name or given.site_name, found.default_currency or given.default_currency,
        found.posting_days or given.posting_days, tuple(page for page in LegalPage if getattr(found, page)),
    )


def saved(session: Session) -> BoardSettings | None:
    """The saved row for whoever edits it; None before the first time."""
    return session.get(BoardSettings, ONLY)


def legal_html(session: Session, page: LegalPage) -> str:
    """The clean HTML of a legal page. Raises NotFound where it says nothing."""
    html = session.scalar(select(_HTML[page]).where(BoardSettings.id == ONLY))
    if not html:
        raise NotFound("This board has no such page.")
    return html


WORKER = "worker"
"""What does the work in the background, whether it stays or is called every minute."""


def last_beat(session: Session, name: str) -> datetime | None:
    """When `name` was last seen alive."""
    return session.scalar(select(Heartbeat.at).where(Heartbeat.name == name))
