"""Writing postings: what is stated of them, how they move, what admins do to them."""

from app.domain.postings.services.access import record_outward_click, record_view
from app.domain.postings.services.categorising import set_category
from app.domain.postings.services.drafting import as_typed, autosave, begin
from app.domain.postings.services.expiry import owe_warnings, run_out, stamp_expired
from app.domain.postings.services.facts import Facts, QuestionFacts, facts_of
from app.domain.postings.services.moderation import ACTIONS, MOVES, admin_act, undoable
from app.domain.postings.services.moving import publish, submit, transition
from app.domain.postings.services.stating import set_pay, set_places
from app.domain.postings.services.undoing import UNDO_WINDOW, just_moved, take_back
from app.domain.postings.services.writing import create_draft, discard, edit, repost

__all__ = [
    "ACTIONS",
    "MOVES",
    "UNDO_WINDOW",
    "Facts",
    "QuestionFacts",
    "admin_act",
    "as_typed",
    "autosave",
    "begin",
    "create_draft",
    "discard",
    "edit",
    "facts_of",
    "just_moved",
    "owe_warnings",
    "publish",
    "record_outward_click",
    "record_view",
    "repost",
    "run_out",
    "set_category", "set_pay",
    "set_places",
    "stamp_expired",
    "submit",
    "take_back",
    "transition",
    "undoable",
]
