"""News that travels upward between rooms, heard inside the same transaction.

Each signal is sent with `session=` and the keyword arguments named beside it.
"""

from blinker import Namespace

_signals = Namespace()

postings_changed = _signals.signal("postings-changed")
"""posting_ids: list[int], now: datetime. Text, facts or status of these postings changed."""

posting_moved = _signals.signal("posting-moved")
"""posting_id: int, before: str | None, now: datetime. The posting enters another state of its life, from `before` (none
of a new one); `postings_changed` follows in the same transaction."""

application_moved = _signals.signal("application-moved")
"""event_id: int, now: datetime. An application was sent, or took a step: the `ApplicationEvent` of this id."""

categories_changed = _signals.signal("categories-changed")
"""now: datetime. Fields of work changed their names, their order, or whether they can be chosen."""

board_changed = _signals.signal("board-changed")
"""now: datetime. What the board says of itself changed: its name, its currency, its pages."""

posting_ended = _signals.signal("posting-ended")
"""posting_id: int, actor: Actor, now: datetime, answer_later: bool. The posting is over for good: applications need an
outcome, at once or (`answer_later`) from its employer, who has a while for it."""

posting_restored = _signals.signal("posting-restored")
"""posting_id: int, ended_at: datetime, now: datetime. Its end at `ended_at` was undone, with the outcomes it gave."""

account_closing = _signals.signal("account-closing")
"""user_id: int, now: datetime. A person wants to leave for good: raise Invalid with what they must do first."""

account_closed = _signals.signal("account-closed")
"""user_id: int, actor: Actor, now: datetime. The person leaves: let go of what was theirs."""

company_changed = _signals.signal("company-changed")
"""company_id: int, now: datetime. The company's public name or standing changed."""

work_owed = _signals.signal("work-owed")
"""due: set[datetime]. Sent after a commit, without a session: work in the background is due at these instants."""

company_merged = _signals.signal("company-merged")
"""company_id: int, into_id: int, now: datetime. The first company became part of the second: what hangs on it moves."""
