"""A made board of some size, as the doors for machines read it."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.core import clock
from app.core.db import transaction
from app.core.events import postings_changed
from tests.domain.search.market import NOW, Market


@pytest.fixture
def market(app: Flask) -> Iterator[Market]:
    market = Market(seed=11, size=300)
    with clock.stopped(NOW):
        with app.app_context(), transaction() as session:
            market.store(session)
            postings_changed.send("tests", session=session, posting_ids=[1], now=NOW)
        yield market
