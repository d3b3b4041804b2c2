import random
from collections.abc import Iterator

import pytest
from flask import Flask

from app.core.db import transaction
from app.domain.search.index.backend import IndexBackend
from tests.domain.search.market import Market
from tests.domain.search.pairs import Both, Silent


@pytest.fixture
def both(app: Flask) -> Iterator[Both]:
    market, plain = Market(seed=5, size=300), Silent()
    with app.app_context():
        with transaction() as session:
            market.store(session)
        yield Both(market, plain, IndexBackend(plain), random.Random(3))
