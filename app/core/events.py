"""News that travels upward between rooms, heard inside the same transaction.

Each signal is sent with `session=` and the keyword arguments named beside it.
"""

from blinker import Namespace

_signals = Namespace()

postings_changed = _signals.signal("postings-changed")
"""posting_ids: list[int], now: datetime. Text, facts or status of these postings changed."""

posting_ended = _signals.signal("posting-ended")
"""posting_id: int, actor: Actor, now: datetime. The posting was filled or closed: applications need an outcome."""

company_changed = _signals.signal("company-changed")
"""company_id: int, now: datetime. The company's public name or standing changed."""
