"""One posting as JSON."""

from flask import Response, jsonify, redirect, request
from werkzeug.wrappers import Response as Answer

from app.core import clock
from app.core.db import reading
from app.domain.postings.queries import still_live
from app.web.context import links
from app.web.documents import whole_document
from app.web.feeds import blueprint as bp
from app.web.policy import PUBLIC, allow


@bp.get("/jobs/<id:posting_id>/<slug>.json")
@allow(PUBLIC)
def posting_json(posting_id: int, slug: str) -> Response | Answer:
    """What the REST interface says of it; 410 once it is no longer live."""
    now = clock.now()
    posting = still_live(reading(), posting_id, now)
    if slug != posting.slug:
        return redirect(f"/jobs/{posting.id}/{posting.slug}.json", 301)
    answer = jsonify(whole_document(posting, links(), now))
    answer.last_modified = posting.updated_at
    answer.add_etag()
    answer.make_conditional(request)
    return answer
