"""The listing: `/jobs` is the page, `/jobs/results` the fragment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import Session, reading
from app.domain.alerts.queries import saved_ids
from app.domain.applications.queries import applied_ids
from app.domain.search import queries
from app.domain.search.answers import Page
from app.domain.search.filters import Filters, Parsed
from app.domain.search.spelling import Correction, corrected
from app.web.asked import asked, jobs_url
from app.web.context import board, settings
from app.web.fragments import drawn_once, fragment
from app.web.htmx import answer, is_htmx, partial
from app.web.people import current_actor
from app.web.policy import PUBLIC, allow
from app.web.site import blueprint as bp
from app.web.site.cards import draw
from app.web.site.chips import chips_of, suggestions
from app.web.site.facets import Extra, beside, drawn
from app.web.site.marks import marks
from app.web.site.whole import shown, whole_page

FEEDS = (
    ("Atom", "application/atom+xml", "/jobs.atom"), ("RSS", "application/rss+xml", "/jobs.rss"),
    ("JSON", "application/feed+json", "/jobs.json"),
)  # fmt: skip


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
    """A listing as the page draws it around its regions; these are drawn already, by the ids of where they stand."""

    filters: Given
    total: int
    regions: Mapping[str, Markup]
    feeds: tuple[tuple[str, str, str], ...]
    """What the same list may be subscribed to as: name, media type and address."""


def _given(filters: Filters) -> Given:
    """What the form shows: the canonical filters, and what was typed where that was not understood."""
    given = Given({argument: filters.values(argument) for argument, _ in filters.to_args()})
    for argument in ("q", "place", "salary_min", "currency"):
        typed = request.args.get(argument, "").strip()
        if typed and argument not in given:
            given[argument] = (typed,)
    return given


def _drawn(session: Session, found: Found, now: datetime) -> Markup:
    cards, user_id = found.page.cards, current_actor().user_id
    texts = marks(session, cards, found.filters.query) if found.filters.q else None
    ids = [card.id for card in cards]
    saved, applied = saved_ids(session, user_id, ids), applied_ids(session, user_id, ids)
    return draw(cards, now, saved, applied, marks=texts, pane=True)


def _find(session: Session, parsed: Parsed, now: datetime) -> Found:
    """The page asked for; where it is empty and a word was misspelled, that of the better words.

    Behind a cursor too: the list that a cursor of a corrected one goes on in is empty as it was typed.
    """
    wanted, key = parsed.filters, settings().key
    page = queries.search(session, wanted, now, key=key, after=parsed.after)
    correction = corrected(session, wanted, now) if wanted.q and not page.cards else None
    if correction is None or correction.applied is None:
        return Found(page, wanted, correction)
    better = queries.search(session, wanted, now, key=key, after=parsed.after, instead=correction.applied)
    return Found(better, correction.applied, correction)


def _rows(found: Found, parsed: Parsed, now: datetime) -> Markup:
    """One page of cards and the way on."""
    following = found.page.next
    urls = [jobs_url(parsed.filters, path, after=following) if following else "" for path in ("/jobs", "/jobs/results")]
    cards = _drawn(reading(), found, now)
    return fragment("site/_rows.html", cards=cards, next_url=urls[0], next_fragment_url=urls[1])


def _spelling(correction: Correction | None) -> Spelling | None:
    if correction is None:
        return None
    return Spelling(
        correction.unknown, correction.applied.q if correction.applied else "",
        jobs_url(correction.insisted) if correction.insisted else "",
        tuple((link.filters.q, link.total, jobs_url(link.filters)) for link in correction.links),
    )


def _whole(parsed: Parsed, now: datetime) -> Listing:
    session, filters, currency = reading(), parsed.filters, _currency(parsed)
    with queries.steady(session):
        found = _find(session, parsed, now)
        facets = queries.facets(session, found.filters, now, currency=currency, expanded=shown())
    spelling = _spelling(found.correction)
    words = spelling.words if spelling else ""
    chips = chips_of(filters, facets, words)
    given, total, problems = _given(filters), facets.total, parsed.problems
    feeds = tuple((name, kind, jobs_url(filters, path)) for name, kind, path in FEEDS)
    regions = {
        "results": fragment(
            "site/_results.html", rows=_rows(found, parsed, now) if found.page.cards else "", spelling=spelling,
            loosen=suggestions(session, found.filters, chips, now) if not total else (), narrowed=bool(chips),
            feeds=feeds,
        ),
        "count": drawn_once("site/_count.html", total=total, narrowed=bool(chips), words=words),
        "chips": drawn_once(
            "site/_chips.html", chips=chips, problems=beside(problems, facets), query=filters.to_query(),
            signed_in=current_actor().is_authenticated,
        ),
        "facets": drawn(filters, facets, Extra(problems, shown(), given)),
        "sort": drawn_once("site/_sort.html", sort=filters.order, searched=bool(filters.q)),
        "show": drawn_once("site/_show.html", total=total),
    }  # fmt: skip
    return Listing(given, total, regions, feeds)


def _currency(parsed: Parsed) -> str:
    wanted = request.args.get("currency", "").upper()
    return wanted if wanted and "currency" not in parsed.problems else board().default_currency


@bp.get("/jobs")
@allow(PUBLIC)
def listing() -> str | Response:
    """The listing, whole, for any filters; the URL is the state. Former addresses lead to the present ones."""
    parsed = asked()
    if parsed.moved:
        return redirect(jobs_url(parsed.filters), 301)
    return render_template("site/listing.html", page=_whole(parsed, clock.now()))


@bp.get("/jobs/results")
@allow(PUBLIC)
def results() -> Response:
    """What filtering or scrolling swaps in; opened directly, the page itself."""
    if not is_htmx():
        return whole_page()
    parsed, now = asked(), clock.now()
    if parsed.after:
        with queries.steady(reading()):
            found = _find(reading(), parsed, now)
        return make_response(_rows(found, parsed, now))
    regions = dict(_whole(parsed, now).regions)
    whole = answer(regions.pop("results"), *(partial(f"#{region}", html) for region, html in regions.items()))
    whole.headers["HX-Push-Url"] = jobs_url(parsed.filters, more=shown())
    return whole
