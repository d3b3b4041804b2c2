"""Writing applications: applying, moving, ending."""

from app.domain.applications.models import Notify
from app.domain.applications.services.applying import MISSING, Applied, Given, apply, checked, keep, open_posting
from app.domain.applications.services.guests import ask_for_links, claim
from app.domain.applications.services.moving import end_open, give_back, move, open_again, undo, withdraw, withdraw_all
from app.domain.applications.services.overdue import answer_overdue, unanswered
from app.domain.applications.services.proposing import accept, dismiss
from app.domain.applications.services.sweeping import KEPT_FOR_A_FORM, forget_unused, unused_files

__all__ = [
    "KEPT_FOR_A_FORM",
    "MISSING",
    "Applied",
    "Given",
    "Notify",
    "accept",
    "answer_overdue",
    "apply",
    "ask_for_links",
    "checked",
    "claim",
    "dismiss",
    "end_open",
    "forget_unused",
    "give_back",
    "keep",
    "move",
    "open_again",
    "open_posting",
    "unanswered",
    "undo",
    "unused_files",
    "withdraw",
    "withdraw_all",
]
