"""The listing: `/jobs` is the page, `/jobs/results` the fragment."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import Session, reading
from app.domain.alerts.queries import saved_ids
from app.domain.applications.queries import applied_ids
from app.domain.search import queries
from app.domain.search.answers import Page
from app.domain.search.filters import Filters, Parsed, parse
from app.domain.search.spelling import Correction, corrected
from app.web.context import board, settings
from app.web.fragments import fragment
from app.web.htmx import answer, is_htmx, partial
from app.web.people import current_actor
from app.web.policy import PUBLIC, allow
from app.web.site import blueprint as bp
from app.web.site.cards import CardView, draw
from app.web.site.chips import Chip, Suggestion, chips_of, suggestions
from app.web.site.facets import Group, groups
from app.web.site.marks import with_marks

SORTS = {"newest": "Newest", "relevance": "Most relevant", "salary": "Highest pay"}


class Given(dict[str, tuple[str, ...]]):
    """The listing's arguments as they came; what was not given answers ()."""

    def __missing__(self, argument: str) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Spelling:
    """What the page says where words that no job says were set right, or might be."""

    unknown: tuple[str, ...]
    words: str = ""
    """Those looked for instead; empty where the choice is the reader's."""
    insist_url: str = ""
    links: tuple[tuple[str, int, str], ...] = ()
    """Words that may have been meant, how many jobs say them, and their address."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of cards, the filters it was found by, and why they are not the ones asked."""

    page: Page
    filters: Filters
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything one answer of the listing shows."""

    cards: list[CardView]
    filters: Given
    next_url: str = ""
    next_fragment_url: str = ""
    total: int = 0
    facets: list[Group] = field(default_factory=list)
    chips: list[Chip] = field(default_factory=list)
    problems: Mapping[str, str] = field(default_factory=dict)
    loosen: list[Suggestion] = field(default_factory=list)
    sort: str = "newest"
    sorts: list[tuple[str, str]] = field(default_factory=list)
    currency: str = ""
    currencies: tuple[str, ...] = ()
    clear_url: str = "/jobs"
    spelling: Spelling | None = None


def _url(path: str, filters: Filters, after: str | None = None) -> str:
    query = filters.to_query()
    if after:
        query += ("&" if query else "") + f"after={after}"
    return f"{path}?{query}" if query else path


def _given(filters: Filters) -> Given:
    """What the form shows: the canonical filters, and what was typed where that was not understood."""
    given = Given({argument: filters.values(argument) for argument, _ in filters.to_args()})
    for argument in ("q", "place", "salary_min", "currency"):
        typed = request.args.get(argument, "").strip()
        if typed and argument not in given:
            given[argument] = (typed,)
    return given


def _drawn(session: Session, page: Page, now: datetime) -> list[CardView]:
    user_id = current_actor().user_id
    ids = [card.id for card in page.cards]
    if user_id is None:
        return draw(page.cards, now)
    return draw(page.cards, now, saved_ids(session, user_id, ids), applied_ids(session, user_id, ids))


def _find(session: Session, parsed: Parsed, now: datetime) -> Found:
    """The page asked for; where it is empty and a word was misspelled, that of the better words.

    Behind a cursor too: the list that a cursor of a corrected one goes on in is empty as it was typed.
    """
    asked, key = parsed.filters, settings().key
    page = queries.search(session, asked, now, key=key, after=parsed.after)
    correction = corrected(session, asked, now) if asked.q and not page.cards else None
    if correction is None or correction.applied is None:
        return Found(page, asked, correction)
    better = queries.search(session, asked, now, key=key, after=parsed.after, instead=correction.applied)
    return Found(better, correction.applied, correction)


def _batch(found: Found, parsed: Parsed, now: datetime) -> Listing:
    """One page of cards and the way on; no counts."""
    session, following = reading(), found.page.next
    cards = _drawn(session, found.page, now)
    return Listing(
        cards=with_marks(session, cards, found.filters.query) if found.filters.q else cards,
        filters=_given(parsed.filters),
        next_url=_url("/jobs", parsed.filters, following) if following else "",
        next_fragment_url=_url("/jobs/results", parsed.filters, following) if following else "",
    )


def _spelling(correction: Correction | None) -> Spelling | None:
    if correction is None:
        return None
    return Spelling(
        correction.unknown, correction.applied.q if correction.applied else "",
        _url("/jobs", correction.insisted) if correction.insisted else "",
        tuple((link.filters.q, link.total, _url("/jobs", link.filters)) for link in correction.links),
    )


def _whole(parsed: Parsed, now: datetime) -> Listing:
    session, filters = reading(), parsed.filters
    found = _find(session, parsed, now)
    batch, spelling = _batch(found, parsed, now), _spelling(found.correction)
    wanted = request.args.get("currency", "").upper()
    usual = board().default_currency
    currency = wanted if wanted and "currency" not in parsed.problems else usual
    facets = queries.facets(session, found.filters, now, currency=currency)
    chips = chips_of(filters, facets, spelling.words if spelling else "")
    sorts = [(value, label) for value, label in SORTS.items() if value != "relevance" or filters.q]
    return replace(
        batch, total=facets.total, facets=groups(filters, facets), chips=chips, problems=parsed.problems,
        loosen=suggestions(session, found.filters, chips, now) if not facets.total else [],
        sort=filters.order, sorts=sorts, currency=facets.currency, currencies=facets.currencies, spelling=spelling,
    )


def _parsed() -> Parsed:
    asked = parse(request.args.items(multi=True), board().default_currency)
    return queries.known(reading(), asked)


@bp.get("/jobs")
@allow(PUBLIC)
def listing() -> str | Response:
    """The listing, whole, for any filters; the URL is the state. Former addresses lead to the present ones."""
    parsed = _parsed()
    if parsed.moved:
        return redirect(_url("/jobs", parsed.filters), 301)
    return render_template("site/listing.html", page=_whole(parsed, clock.now()))


@bp.get("/jobs/results")
@allow(PUBLIC)
def results() -> Response:
    """What filtering or scrolling swaps in; opened directly, the page itself."""
    if not is_htmx():
        query = request.query_string.decode("ascii", "replace")
        return redirect(f"/jobs?{query}" if query else "/jobs", 302)
    parsed, now = _parsed(), clock.now()
    if parsed.after:
        rows = _batch(_find(reading(), parsed, now), parsed, now)
        return make_response(fragment("site/_rows.html", page=rows))
    page = _whole(parsed, now)
    regions = [
        partial(f"#{region}", fragment(f"site/_{region}.html", page=page))
        for region in ("count", "chips", "facets", "sort", "show")
    ]
    found = answer(fragment("site/_results.html", page=page), *regions)
    found.headers["HX-Push-Url"] = _url("/jobs", parsed.filters)
    return found
