"""Companies: the directory, and one company with its live postings."""

from flask import make_response, redirect, render_template
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading
from app.core.errors import NotFound
from app.domain.alerts.queries import saved_ids
from app.domain.applications.queries import applied_ids
from app.domain.companies.queries import by_slug, directory, merged_slugs
from app.domain.postings.queries import live_counts
from app.domain.search.filters import Filters
from app.domain.search.queries import search
from app.web.context import settings
from app.web.outside import clean, link
from app.web.paging import cut, left_at
from app.web.people import current_actor
from app.web.policy import PUBLIC, allow
from app.web.site import blueprint as bp
from app.web.site.cards import draw
from app.web.uploads import store

PAGE = 40
POSTINGS = 20


@bp.get("/companies")
@allow(PUBLIC)
def companies() -> str:
    """All companies by name, with how many live postings each has."""
    session, left = reading(), left_at("companies")
    found = directory(session, left[0] if left else None, PAGE)
    shown, next_url = cut(found, PAGE, "companies", lambda company: [company.slug])
    counts = live_counts(session, [company.id for company in shown], clock.now())
    return render_template(
        "site/companies.html", companies=shown, counts=counts, next_url=next_url,
        first_url="/companies" if left else "",
    )


@bp.get("/companies/<slug>")
@allow(PUBLIC)
def company(slug: str) -> str | Response:
    """Who they are and what they look for. The address of one that became part of another leads to that."""
    session, now, user_id = reading(), clock.now(), current_actor().user_id
    moved = merged_slugs(session, [slug]).get(slug)
    if moved is not None:
        return redirect(f"/companies/{moved}", 301)
    found = by_slug(session, slug)
    page = search(session, Filters(company=(found.slug,), sort="newest"), now, key=settings().key, limit=POSTINGS)
    ids = [card.id for card in page.cards]
    cards = draw(page.cards, now, saved_ids(session, user_id, ids), applied_ids(session, user_id, ids))
    count = live_counts(session, [found.id], now).get(found.id, 0)
    return render_template(
        "site/company.html", company=found, cards=cards, count=count, about=clean(found.description_html),
        website=link(found.website),
    )


@bp.get("/companies/<slug>/logo/<name>.png")
@allow(PUBLIC)
def company_logo(slug: str, name: str) -> Response:
    """A company's logo under an address that changes with it, so that it may be kept for good."""
    found = by_slug(reading(), slug)
    key = found.logo_key if found.logo_path == f"/companies/{slug}/logo/{name}.png" else None
    if key is None:
        raise NotFound
    try:
        answer = make_response(store().read(key))
    except FileNotFoundError:
        raise NotFound from None
    answer.mimetype = "image/png"
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
