"""A process that guesses passwords at a board of its own. Run: `python -m tests.web.limits REDIS_URL FOLDER NUMBER`.

A process, because the limiter keeps the store of the first application made in one.
"""

import subprocess
import sys
from pathlib import Path

from flask_migrate import upgrade

from app import create_app
from app.core.settings import Settings
from tests.factories import Board


def guesses(redis_url: str, folder: Path, number: int) -> list[str]:
    """What so many wrong passwords in a row are answered with, in a process of their own."""
    command = [sys.executable, "-m", "tests.web.limits", redis_url, str(folder), str(number)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def main(redis_url: str, folder: str, number: int) -> None:
    database = f"sqlite:///{folder}/limits.db"
    app = create_app(Settings(nexus_env="testing", database_url=database, rate_limits="on", redis_url=redis_url))
    with app.app_context():
        upgrade()
    client = app.test_client()
    data = {"password": "x", "csrf_token": Board.csrf(client, "/sign-in")}
    for turn in range(number):  # one account each: what is held to is the browser's address
        answer = client.post("/sign-in", data=data | {"email": f"a{turn}@example.org"})
        print(f"{answer.status_code}/{answer.headers.get('Retry-After', '-')}")  # noqa: T201  the test reads it


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
