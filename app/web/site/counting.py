"""Which looks at a posting count as views.

Not its own company's, not those of programs that say what they are, not what a browser fetches ahead. Nothing is kept
of who looked and no cookie is set: somebody who reloads is counted again.
"""

import re
from datetime import datetime

from flask import Response, request

from app.domain.postings.models import Posting
from app.domain.postings.services import record_view
from app.web.people import current_actor
from app.web.recorder import after_response

_PROGRAMS = re.compile(
    r"bot\b|bots\b|crawl|spider|slurp|preview|facebookexternalhit|monitor|lighthouse|scrapy|archiver", re.I
)


def counted(answer: Response, posting: Posting, now: datetime) -> Response:
    """`answer`, followed by a view of the posting where whoever asked counts."""
    if not _counts(posting):
        return answer
    posting_id = posting.id
    return after_response(answer, lambda session: record_view(session, posting_id, now))


def _counts(posting: Posting) -> bool:
    agent, ahead = request.user_agent.string, request.headers.get("Sec-Purpose", "")
    if request.method != "GET" or not agent or _PROGRAMS.search(agent) or "prefetch" in ahead:
        return False
    return posting.company_id is None or current_actor().belonging(posting.company_id) is None
