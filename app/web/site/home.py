"""Home."""

from flask import render_template

from app.core import clock
from app.core.db import reading
from app.domain.search import queries
from app.domain.search.filters import Filters
from app.web.context import settings
from app.web.policy import PUBLIC, allow
from app.web.site import blueprint as bp
from app.web.site.cards import draw

NEWEST = 8


@bp.get("/")
@allow(PUBLIC)
def home() -> str:
    """Search, the fields of work with their live counts, and the newest postings."""
    session, now, everything = reading(), clock.now(), Filters()
    total, categories = queries.by_category(session, now)
    newest = queries.search(session, everything, now, key=settings().key, limit=NEWEST)
    return render_template(
        "site/home.html", total=total, categories=categories,
        cards=draw(newest.cards, now),
    )
