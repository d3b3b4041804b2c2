"""Writing applications: applying, moving, ending."""

from app.domain.applications.models import Notify
from app.domain.applications.services.applying import MISSING, Applied, Given, apply, checked, keep, open_posting
from app.domain.applications.services.moving import end_open, move, open_again, undo, withdraw, withdraw_all
from app.domain.applications.services.overdue import answer_overdue, unanswered

__all__ = [
    "MISSING", "Applied", "Given", "Notify", "answer_overdue", "apply", "checked", "end_open", "keep", "move",
    "open_again", "open_posting", "unanswered", "undo", "withdraw", "withdraw_all",
]
