"""Changing what the board says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from babel.numbers import list_currencies
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Conflict, Invalid
from app.core.events import board_changed
from app.core.html import render_markdown
from app.core.lines import one_line
from app.domain.audit.services import record
from app.domain.board.models import ONLY, BoardSettings, Heartbeat
from app.domain.board.queries import LegalPage, saved

LONGEST_NAME = 60
LONGEST_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator wrote: every answer as text, empty where the environment decides; pages in Markdown."""

    site_name: str = ""
    default_currency: str = ""
    posting_days: str = ""
    pages: Mapping[LegalPage, str] = field(default_factory=dict)


def edit_board(session: Session, wish: Wish, version: int, actor: Actor, now: datetime) -> BoardSettings:
    """Save the board's settings. `version` is 0 where none were saved before.

    Raises Conflict where somebody saved meanwhile, Invalid naming every answer that cannot be taken.
    """
    row = saved(session)
    if (row.version if row else 0) != version:
        raise Conflict("Another admin saved these settings meanwhile. Look at them as they are now and repeat.", row)
    name, currency, days = one_line(wish.site_name), wish.default_currency.strip().upper(), wish.posting_days
    _check(name, currency, days.strip(), wish.pages)
    if row is None:
        row = BoardSettings(id=ONLY, updated_at=now)
        session.add(row)
    row.site_name, row.default_currency = name or None, currency or None
    row.posting_days, row.updated_at = int(days) if days.strip() else None, now
    for page in LegalPage:
        text = wish.pages.get(page, "").replace("\r\n", "\n").strip()
        setattr(row, f"{page}_md", text)
        setattr(row, f"{page}_html", render_markdown(text))
    record(session, actor, "board.edit", ("board", ONLY), now)
    board_changed.send("board", session=session, now=now)
    session.flush()
    return row


def _check(name: str, currency: str, days: str, pages: Mapping[LegalPage, str]) -> None:
    problems = {}
    if len(name) > LONGEST_NAME:
        problems["site_name"] = f"Use {LONGEST_NAME} characters at the most."
    if currency and currency not in list_currencies():
        problems["default_currency"] = "Write a currency's three letters, like USD or EUR."
    if days and not (days.isascii() and days.isdigit() and 1 <= int(days[:6]) <= 365):
        problems["posting_days"] = "Write a number of days from 1 to 365."
    for page, text in pages.items():
        if len(text) > LONGEST_PAGE:
            problems[page] = f"Use {LONGEST_PAGE:,} characters at the most."
    if problems:
        raise Invalid("Some answers need another look.", problems)


def beat(session: Session, name: str, now: datetime) -> None:
    """Say that `name`, something that works in the background, is alive at `now`."""
    session.merge(Heartbeat(name=name, at=now))
    session.flush()
