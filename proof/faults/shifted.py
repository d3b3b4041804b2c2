"""The environment's board as it is on other days: `python -m proof.faults.shifted` prints what was seen as JSON."""

import json
import re
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import create_app
from app.core import clock
from app.core.db import reading
from app.domain.postings.models import Posting
from app.domain.postings.queries import live
from proof.board import PASSWORD

PAGES = ("/", "/jobs", "/jobs?q=engineer", "/companies", "/me", "/me/saved", "/jobs?sort=salary")


def main() -> None:
    app = create_app()
    now, client, told = clock.now(), app.test_client(), []
    _sign_in(client)
    with app.app_context():
        ends = reading().execute(
            select(Posting.id, Posting.slug, Posting.expires_at).where(live(now), Posting.expires_at.is_not(None))
            .order_by(Posting.expires_at).limit(1)
        ).one()
    for name, at in (
        ("a day earlier", now - timedelta(days=1)), ("a second before one expires", ends[2] - timedelta(seconds=1)),
        ("the moment it expires", ends[2]), ("31 days later", now + timedelta(days=31)),
        ("400 days later", now + timedelta(days=400)),
    ):
        with clock.stopped(at):
            statuses = [client.get(path).status_code for path in PAGES]
            posting = client.get(f"/jobs/{ends[0]}/{ends[1]}").status_code
            shown = client.get("/jobs").get_data(as_text=True)
            with app.app_context():
                expected = reading().scalar(select(func.count(Posting.id)).where(live(at)))
        count = re.search(r'id="count"[^>]*>\D*([\d,]+)', shown)
        seen = int(count[1].replace(",", "")) if count else 0
        gone = posting == (410 if at >= ends[2] else 200)
        good = max(statuses) < 500 and seen == expected and gone
        told.append((name, f"{seen} live, the first to expire answers {posting}, pages {statuses}", good))
    print(json.dumps(told))


def _sign_in(client: FlaskClient) -> None:
    page = client.get("/sign-in").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/sign-in", data={"email": "seeker@nexus.example", "password": PASSWORD, "csrf_token": token})


if __name__ == "__main__":
    main()
