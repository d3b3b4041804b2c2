"""Every live posting as Indeed reads them (https://docs.indeed.com, "XML feeds"), streamed: memory does not grow."""

from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime

from flask import Response

from app.core import clock
from app.core.db import reading
from app.core.links import Links
from app.domain.postings import words
from app.domain.postings.models import EmploymentType, Workplace
from app.domain.postings.queries import Sent, live_behind
from app.web.context import board, links
from app.web.documents import UNNAMED, url_of
from app.web.feeds import blueprint as bp
from app.web.feeds import xml
from app.web.feeds.streaming import drawn, streamed
from app.web.policy import PUBLIC, allow

_TYPES = {
    EmploymentType.FULL_TIME: "fulltime", EmploymentType.PART_TIME: "parttime", EmploymentType.CONTRACT: "contract",
    EmploymentType.TEMPORARY: "temporary", EmploymentType.INTERNSHIP: "internship",
    EmploymentType.VOLUNTEER: "volunteer", EmploymentType.PER_DIEM: "per diem", EmploymentType.OTHER: "other",
}  # fmt: skip
_REMOTE = {Workplace.REMOTE: "Fully remote", Workplace.HYBRID: "Hybrid remote"}


@bp.get("/feeds/indeed.xml")
@allow(PUBLIC)
def indeed() -> Response:
    """The whole board."""
    now = clock.now()
    publisher, here = board().site_name, links()
    jobs = drawn(
        lambda after_id, limit: live_behind(reading(), after_id, limit, now),
        lambda posting: _job(posting, publisher, here),
    )
    return streamed(lambda: _source(publisher, here, now, jobs), now)


def _source(publisher: str, links: Links, now: datetime, jobs: Iterator[str]) -> Iterator[str]:
    yield xml.HEAD + "<source>" + "".join((
        xml.cdata("publisher", publisher), xml.cdata("publisherurl", links.base_url),
        xml.element("lastBuildDate", format_datetime(now)), "\n",
    ))  # fmt: skip
    yield from jobs
    yield "</source>\n"


def _job(posting: Sent, publisher: str, links: Links) -> str:
    facts = {
        "title": posting.title, "date": _iso(posting.published_at), "referencenumber": posting.id,
        "requisitionid": posting.source_id or posting.id, "url": url_of(posting, links),
        "company": posting.company or UNNAMED, "sourcename": publisher, "city": posting.city, "state": posting.region,
        "country": posting.country, "description": posting.description_html,
    }  # fmt: skip
    more = {
        "salary": words.pay(posting), "jobtype": _TYPES[posting.type] if posting.type else None,
        "category": posting.category, "experience": posting.experience,
        "expirationdate": _iso(posting.expires_at), "remotetype": _REMOTE.get(posting.workplace),
    }  # fmt: skip
    stated = facts | {name: fact for name, fact in more.items() if fact}
    return "<job>" + "".join(xml.cdata(name, fact or "") for name, fact in stated.items()) + "</job>\n"


def _iso(instant: datetime | None) -> str:
    return instant.isoformat(timespec="seconds") if instant else ""
