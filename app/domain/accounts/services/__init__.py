"""Writing people, their credentials and their sessions."""

from app.domain.accounts.services.people import create_user
from app.domain.accounts.services.sessions import SESSION_LIFE, close_session, open_session, revoke_sessions, seen

__all__ = ["SESSION_LIFE", "close_session", "create_user", "open_session", "revoke_sessions", "seen"]
