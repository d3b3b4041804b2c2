"""How often one may ask, told with each answer (draft-ietf-httpapi-ratelimit-headers, its three-header form)."""

from flask import Response

from app.core import clock
from app.web.api import blueprint as bp
from app.web.security import limiter


@bp.after_request
def tell(answer: Response) -> Response:
    """With what is left to whoever asked, and until when."""
    held = limiter.current_limit
    if held is not None:
        answer.headers["RateLimit-Limit"] = str(held.limit.amount)
        answer.headers["RateLimit-Remaining"] = str(max(0, held.remaining))
        answer.headers["RateLimit-Reset"] = str(max(0, round(held.reset_at - clock.now().timestamp())))
    return answer
