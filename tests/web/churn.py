"""A process that publishes and closes postings until its input ends. Run: `python -m tests.web.churn FIRST LAST`.

It closes those of the postings FIRST to LAST whose id is even, one after the other, and publishes new ones between.
"""

import os
import select
import sys
from datetime import timedelta

from app import create_app
from app.core import clock
from app.core.events import postings_changed
from app.core.settings import Settings
from app.domain.postings.models import Posting, PostingStatus
from tests.factories import Board


def told_to_stop() -> bool:
    return bool(select.select([sys.stdin], [], [], 0)[0])


def main(first: int, last: int) -> None:
    settings = Settings(nexus_env="testing", database_url=os.environ["DATABASE_URL"], rate_limits="off", redis_url="")
    board = Board(create_app(settings))
    with board.reading() as session:
        company = session.get_one(Posting, first).company_id
    print("begun", flush=True)  # noqa: T201  the test waits for it
    for posting_id in range(first, last + 1):
        if told_to_stop():
            break
        now = clock.now()
        begun = now - timedelta(minutes=posting_id % 90)
        board.posting(company, published_at=begun, expires_at=now + timedelta(days=9))
        if posting_id % 2 == 0:
            with board.writing() as session:
                session.get_one(Posting, posting_id).status = PostingStatus.CLOSED
                postings_changed.send("tests", session=session, posting_ids=[posting_id], now=now)
    print("done", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
