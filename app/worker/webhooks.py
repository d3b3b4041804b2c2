"""Events on their way out: claimed and noted here, asked for in threads that know no database."""

import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from app.core.db import transaction, wake_at
from app.core.links import Links
from app.domain.webhooks import services as webhooks
from app.domain.webhooks.asking import SECONDS, tried
from app.worker.shifts import Shift, by_batches

CALLS = 8
"""Receivers that are asked at once."""


def send_webhooks(shift: Shift, seconds: float = SECONDS) -> Counter[str]:
    """Send all events that are due, to several receivers at once but each its own one by one.

    A receiver has `seconds` for its answer. No transaction is open meanwhile, and threads that ask know no database.
    """
    links, allow = Links(shift.settings.base_url, shift.settings.key), shift.settings.may_reach
    until = None if shift.stretch is None else time.monotonic() + shift.stretch
    counts, out = Counter[str](), dict[Future[webhooks.Outcome], webhooks.Call]()
    with ThreadPoolExecutor(CALLS, thread_name_prefix="webhooks") as pool:
        while True:
            late = until is not None and time.monotonic() > until
            if not late and not shift.stopping():
                for call in _calls(links, list(out.values()), shift):
                    out[pool.submit(tried, call, allow, seconds)] = call
            if not out:
                break
            for done in wait(out, return_when=FIRST_COMPLETED).done:
                counts[_came_of(out.pop(done), done.result(), shift)] += 1
                shift.tell(counts.total())
    if late:
        _go_on_soon(shift)
    return counts


def _calls(links: Links, out: list[webhooks.Call], shift: Shift) -> list[webhooks.Call]:
    room = CALLS - len(out)
    if not room:
        return []
    with transaction() as session:
        return webhooks.claim(session, links, shift.now(), most=room, besides=[call.webhook_id for call in out])


def _came_of(call: webhooks.Call, outcome: webhooks.Outcome, shift: Shift) -> str:
    with transaction() as session:
        if outcome.arrived:
            webhooks.arrived(session, call, outcome, shift.now())
        else:
            webhooks.failed(session, call, outcome, shift.now())
    return "sent" if outcome.arrived else "put off"


def _go_on_soon(shift: Shift) -> None:
    """What was left wakes the worker anew, behind whatever else waits."""
    with transaction() as session:
        if webhooks.is_due(session, shift.now()):
            wake_at(session, shift.now())


def forget_deliveries(shift: Shift) -> Counter[str]:
    """Cut the old end of the log of webhooks."""
    return +Counter({"forgotten": by_batches(shift, webhooks.forget_deliveries)})
