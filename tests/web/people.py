"""A posting with applicants and the people around it, for tests of desks and own pages."""

from datetime import datetime
from types import SimpleNamespace

from flask.testing import FlaskClient

from app.core import clock
from app.core.actor import ANONYMOUS, Actor
from app.core.files import UploadStore
from app.domain.applications import services
from app.domain.applications.resumes import check
from app.domain.companies.models import Membership
from tests.factories import Board
from tests.files import pdf


class Cast:
    """Company A with owner, recruiter, reviewer and one who left; company B; a seeker who applied, one who did not."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.company = board.company("Northwind", owner="owner@example.org")
        board.member(self.company.id, "recruiter@example.org")
        board.member(self.company.id, "reviewer@example.org", "reviewer")
        gone = board.member(self.company.id, "gone@example.org")
        board.company("Rival", owner="rival@example.org")
        self.seeker = board.user("seeker@example.org", name="Ada Lovelace")
        board.user("other@example.org", name="Charles Babbage")
        with board.writing() as session:
            session.get_one(Membership, gone.id).ended_at = clock.now()
        self.posting = board.posting(self.company.id)
        actor = Actor(user_id=self.seeker.id, name=self.seeker.name, email=self.seeker.email, how="session")
        self.application = self.apply(self.posting.id, actor=actor)
        self.clients: dict[str, FlaskClient] = {"anonymous": board.app.test_client()}

    def apply(
        self, posting_id: int, email: str = "ada@example.org", actor: Actor = ANONYMOUS, name: str = "Ada Lovelace",
        now: datetime | None = None,
    ) -> SimpleNamespace:
        """An application with a PDF whose bytes lie in the store."""
        upload = check(pdf(), "My CV.pdf")
        key = UploadStore(self.board.app.extensions["nexus-settings"].upload_dir).put(upload.content)
        now = now or clock.now()
        with self.board.writing() as session:
            fields = {"name": name, "email": email, "cover_letter": "Dear <b>you</b>"}
            given, _ = services.checked(actor, fields, [], "")
            assert given
            resume = services.keep(session, upload, key, now)
            done = services.apply(session, posting_id, actor, given, resume, now)
            return SimpleNamespace(id=done.application_id, file=resume.public_id, content=upload.content)

    def as_(self, role: str) -> FlaskClient:
        """A browser of that person: owner, recruiter, reviewer, gone, rival, seeker, other, anonymous."""
        if role not in self.clients:
            self.clients[role] = self.board.sign_in(f"{role}@example.org")
        return self.clients[role]

    def post(self, role: str, path: str, /, headers: dict[str, str] | None = None, **data: object) -> SimpleNamespace:
        """A form sent by that person, with a token of theirs."""
        client = self.as_(role)
        page = client.get("/companies" if role != "anonymous" else "/sign-in").get_data(as_text=True)
        mark = 'X-CSRFToken": "' if role != "anonymous" else 'name="csrf_token" value="'
        token = page.split(mark, 1)[1].split('"', 1)[0]
        answer = client.post(path, data={"csrf_token": token} | data, headers=headers or {})
        return SimpleNamespace(
            status=answer.status_code, text=answer.get_data(as_text=True), headers=answer.headers
        )
