"""A posting's page, its pane beside the list, and its way out."""

from dataclasses import dataclass
from datetime import datetime

from flask import make_response, redirect, render_template
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import Session, reading
from app.core.errors import NotFound
from app.domain.alerts.queries import saved_ids
from app.domain.applications.queries import applied_ids, receivers
from app.domain.applications.waiting import own_stage
from app.domain.postings import jsonld, words
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.queries import is_live, once_public
from app.domain.postings.services import record_outward_click
from app.domain.postings.transitions import status_at
from app.domain.search.filters import Filters
from app.domain.search.queries import search
from app.web.context import settings
from app.web.htmx import is_htmx
from app.web.outside import clean, link
from app.web.people import current_actor
from app.web.policy import PUBLIC, allow
from app.web.recorder import after_response
from app.web.site import blueprint as bp
from app.web.site.cards import draw, in_words
from app.web.site.counting import counted

SIMILAR = 5
_WHY = {
    PostingStatus.FILLED: ("This job has been filled", "The company found somebody."),
    PostingStatus.CLOSED: ("This job is closed", "The company takes no more applications for it."),
    PostingStatus.EXPIRED: ("This job has expired", "Its time on the board is over."),
    PostingStatus.PAUSED: ("This job is paused", "The company may open it again; until then it takes no applications."),
}
_NOT_SHOWN = ("This job is not on the board now", "It was public before. It may come back.")


@dataclass(frozen=True, slots=True)
class Shown:
    """A live posting as one reader sees it; `id`, `title`, `url` and `saved` are what the save button needs."""

    posting: Posting
    url: str
    saved: bool
    applied: bool
    takes_applications: bool

    @property
    def id(self) -> int:
        return self.posting.id

    @property
    def title(self) -> str:
        return self.posting.title

    @property
    def pay(self) -> str | None:
        return words.pay(self.posting)

    @property
    def yearly_pay(self) -> str | None:
        return words.yearly_pay(self.posting)

    @property
    def accepted(self) -> list[str]:
        return words.accepted(self.posting)

    @property
    def description(self) -> Markup:
        return clean(self.posting.description_html)

    @property
    def company_description(self) -> Markup:
        return clean(self.posting.company.description_html if self.posting.company else "")

    @property
    def website(self) -> str:
        return link(self.posting.company.website if self.posting.company else None)

    @property
    def source_url(self) -> str:
        return link(self.posting.source_url)

    @property
    def kind(self) -> str | None:
        return in_words(self.posting.type)

    @property
    def workplace(self) -> str | None:
        return in_words(self.posting.workplace)

    @property
    def experience(self) -> str | None:
        return in_words(self.posting.experience)


def url_of(posting: Posting) -> str:
    """The one address of a posting that was public."""
    return f"/jobs/{posting.id}/{posting.slug}"


@bp.get("/jobs/<id:posting_id>")
@allow(PUBLIC)
def posting_short(posting_id: int) -> Response:
    """The short address leads to the whole one."""
    posting = once_public(reading(), posting_id, clock.now())
    if not is_live(reading(), posting, clock.now()):
        return _gone(posting)
    return redirect(url_of(posting), 301)


@bp.get("/jobs/<id:posting_id>/<slug>")
@allow(PUBLIC)
def posting(posting_id: int, slug: str) -> Response:
    """The posting's page; 410 once it is no longer live."""
    session, now = reading(), clock.now()
    found = once_public(session, posting_id, now)
    if not is_live(session, found, now):
        return _gone(found)
    if slug != found.slug:
        return redirect(url_of(found), 301)
    shown = _shown(session, found)
    markup = jsonld.script(found, settings().base_url, taken=shown.takes_applications)
    page = render_template(
        "site/posting.html", shown=shown, posting=found, similar=_similar(session, found, now),
        jsonld=Markup(markup),  # noqa: S704  escaped there
        base_url=settings().base_url,
    )
    return counted(make_response(page), found, now)


@bp.get("/jobs/<id:posting_id>/-/panel")
@allow(PUBLIC)
def posting_panel(posting_id: int) -> Response:
    """The posting alone, for the pane beside a list; opened directly it leads to the page."""
    session, now = reading(), clock.now()
    found = once_public(session, posting_id, now)
    if not is_live(session, found, now):
        return _gone(found)
    if not is_htmx():
        return redirect(url_of(found), 302)
    pane = make_response(render_template("site/_posting.html", shown=_shown(session, found), posting=found))
    return counted(pane, found, now)


@bp.get("/jobs/<id:posting_id>/-/out")
@allow(PUBLIC)
def posting_out(posting_id: int) -> Response:
    """To where one applies for an imported posting, counted."""
    now = clock.now()
    found = once_public(reading(), posting_id, now)
    if not is_live(reading(), found, now):
        return _gone(found)
    target = link(found.apply_url)
    if not target:
        raise NotFound("One applies for this job here, on its own page.")
    answer = make_response(redirect(target, 303))
    return after_response(answer, lambda session: record_outward_click(session, posting_id, now))


def _shown(session: Session, found: Posting) -> Shown:
    user_id = current_actor().user_id
    return Shown(
        posting=found, url=url_of(found), saved=bool(saved_ids(session, user_id, [found.id])),
        applied=bool(applied_ids(session, user_id, [found.id])),
        takes_applications=found.applies_here and bool(receivers(session, found.company_id)),
    )


def _similar(session: Session, found: Posting, now: datetime) -> Markup:
    like = Filters(category=(found.category.slug,) if found.category else (), sort="newest")
    cards = search(session, like, now, key=settings().key, limit=SIMILAR + 1).cards
    others = [card for card in cards if card.id != found.id][:SIMILAR]
    ids, user_id = [card.id for card in others], current_actor().user_id
    return draw(others, now, saved_ids(session, user_id, ids), applied_ids(session, user_id, ids))


def _gone(found: Posting) -> Response:
    """What a dead posting says: why, what is like it, and to its applicant their own status."""
    session, now = reading(), clock.now()
    title, sentence = _WHY.get(status_at(found, now), _NOT_SHOWN)
    if found.frozen or (found.company is not None and found.company.suspended_at is not None):
        title, sentence = _NOT_SHOWN
    page = render_template(
        "site/posting_gone.html", posting=found, why=title, sentence=sentence, similar=_similar(session, found, now),
        own=own_stage(session, current_actor().user_id, found.id, now),
    )
    answer = make_response(page, 410)
    answer.headers["Cache-Control"] = "no-store"
    return answer
