"""One try of one delivery: the receiver is asked, and what it said is put in a sentence."""

import logging
import time
from datetime import timedelta

from app.core.networks import Networks
from app.core.outbound import Refused, Unanswered, ask
from app.domain.webhooks.services import Call, Outcome

_log = logging.getLogger("nexus.worker")
SECONDS = 10.0
"""How long a receiver may take, from the first look for its name to the end of its answer."""


def tried(call: Call, allow: Networks, seconds: float = SECONDS) -> Outcome:
    """Send a delivery. It never raises: whoever waits for this outcome waits for those of others too."""
    begun = time.monotonic()
    try:
        answer = ask("POST", call.url, allow=allow, headers=call.headers, content=call.body, seconds=seconds)
    except (Refused, Unanswered) as error:
        return Outcome(None, str(error), _since(begun))
    except Exception:
        _log.exception("delivery %s could not be sent", call.id)
        return Outcome(None, "Something went wrong here, not there; the board’s log tells more.", _since(begun))
    if 300 <= answer.status < 400:
        return Outcome(answer.status, "It answered with a redirect. Give the address it leads to.", _since(begun))
    good = 200 <= answer.status < 300
    return Outcome(answer.status, "" if good else f"It answered {answer.status}.", _since(begun))


def _since(begun: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - begun)
