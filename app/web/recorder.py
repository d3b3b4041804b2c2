"""Facts of access, written after the answer has gone, each in a transaction of its own."""

from collections.abc import Callable

import structlog
from flask import Response, current_app

from app.core.db import Session, transaction

log = structlog.get_logger()


def after_response(answer: Response, write: Callable[[Session], object]) -> Response:
    """Run `write` once `answer` is sent. A fact that cannot be written is logged and costs the reader nothing."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    answer.direct_passthrough = False  # a file handed straight to the server would never say that it was sent

    @answer.call_on_close
    def _record() -> None:
        try:
            with app.app_context(), transaction() as session:
                write(session)
        except Exception:
            log.exception("a fact of access was not recorded")

    return answer
