"""Writing people, their credentials and their sessions."""

from app.domain.accounts.services.attempts import failed, forget, wait_left
from app.domain.accounts.services.closing import close_account
from app.domain.accounts.services.emails import answer_change, ask_to_change, end_changes
from app.domain.accounts.services.passwords import ask_to_reset, change_password, reset_password
from app.domain.accounts.services.people import create_user
from app.domain.accounts.services.sessions import (
    SESSION_LIFE,
    close_session,
    open_session,
    revoke_own,
    revoke_sessions,
    seen,
)
from app.domain.accounts.services.verifying import ask_to_verify, verify

__all__ = [
    "SESSION_LIFE", "answer_change", "ask_to_change", "ask_to_reset", "ask_to_verify", "change_password",
    "close_account", "close_session", "create_user", "end_changes", "failed", "forget", "open_session",
    "reset_password", "revoke_own", "revoke_sessions", "seen", "verify", "wait_left",
]
