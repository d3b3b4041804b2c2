"""A process that looks at every public page of a board whose Redis is in trouble. Run: `… REDIS_URL FOLDER`.

A process, because the limiter keeps the store of the first application made in one.
"""

import subprocess
import sys
from pathlib import Path

from flask_migrate import upgrade

from app import create_app
from app.core.settings import Settings
from tests.factories import Board

PAGES = (
    "/", "/jobs", "/jobs?country=DE", "/jobs?q=engineer", "/companies", "/sign-in", "/sign-up", "/applications",
    "/forgot-password", "/healthz", "/readyz", "/sitemap.xml", "/nothing-here",
)
GUESSES = 11


def looks(redis_url: str, folder: Path) -> list[str]:
    """`path=status` of each page, looked at twice, and of wrong passwords in a row."""
    command = [sys.executable, "-m", "tests.web.degraded", redis_url, str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def main(redis_url: str, folder: str) -> None:
    database = f"sqlite:///{folder}/degraded.db"
    app = create_app(Settings(nexus_env="testing", database_url=database, rate_limits="on", redis_url=redis_url))
    with app.app_context():
        upgrade()
    board, client = Board(app), app.test_client()
    company = board.company("Ada's", owner="owner@example.org")
    posting = board.posting(company.id)
    for page in 2 * (*PAGES, posting.path, f"/companies/{company.slug}"):
        print(f"{page}={client.get(page).status_code}")  # noqa: T201  the test reads it
    print("live={}".format(b"1 job" in client.get("/jobs").data))  # noqa: T201
    data = {"password": "x", "csrf_token": Board.csrf(client, "/sign-in")}
    for turn in range(GUESSES):
        answer = client.post("/sign-in", data=data | {"email": f"a{turn}@example.org"})
        print(f"guess={answer.status_code}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
