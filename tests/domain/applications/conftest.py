"""Applying through the services, as every door does."""

import secrets
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from app.core import clock
from app.core.actor import ANONYMOUS, Actor
from app.core.db import transaction
from app.domain.applications import services
from app.domain.applications.resumes import check
from app.domain.postings.queries import by_id
from tests.factories import Board

ADA = {"name": "Ada Lovelace", "email": "ada@example.org"}
Applying = Callable[..., services.Applied]


@pytest.fixture
def applying(app: Flask) -> Applying:
    """Applies in a transaction of its own."""

    def apply(
        posting_id: int, key: str = "", actor: Actor = ANONYMOUS, text: str = "Ada, mathematician", **fields: str
    ) -> services.Applied:
        with app.app_context(), transaction() as session:
            now = clock.now()
            questions = by_id(session, posting_id).questions
            given, problems = services.checked(actor, ADA | fields, questions, key)
            assert given, problems
            upload = check(text.encode(), "cv.txt")
            resume = services.keep(session, upload, secrets.token_hex(32), now)
            return services.apply(session, posting_id, actor, given, resume, now)

    return apply


@pytest.fixture
def employed(board: Board) -> SimpleNamespace:
    """A company with two recruiters, a posting and the actors of both."""
    company = board.company(owner="owner@example.org")
    one, two = (board.member(company.id, f"{name}@example.org") for name in ("grace", "joan"))
    return SimpleNamespace(
        company=company, posting=board.posting(company.id), one=_actor(company, one), two=_actor(company, two)
    )


def _actor(company: Any, member: Any) -> Actor:
    return Actor(user_id=member.user_id, name=member.email, email=member.email, how="session")
