"""A small board with somebody in every role, for tests that walk all routes."""

import re
from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from werkzeug.routing import Rule

from app.core import clock
from app.core.actor import Actor, Belonging
from app.core.files import UploadStore
from app.core.links import Links
from app.domain.accounts.models import User
from app.domain.applications.guests import path_of
from app.domain.applications.models import (
    Application,
    ApplicationEvent,
    ApplicationNote,
    ApplicationProposal,
    CompanyStage,
    Stage,
    StoredFile,
)
from app.domain.companies.models import Company, CompanyRole, Membership
from app.domain.companies.services import join
from app.domain.companies.services.invitations import invite, mint
from app.domain.companies.services.tokens import create_token
from app.domain.imports.models import ImportSource
from app.domain.mail.services import owe
from app.domain.postings.models import Category, PostingSnapshot, PostingStatus, Report, ReportReason
from app.domain.webhooks.models import Delivery, DeliveryStatus, Webhook
from tests.factories import Board

ROLES = (
    "anonymous", "seeker", "other_seeker", "owner", "recruiter", "reviewer", "ex_member", "rival", "admin", "suspended",
)
_numbers = count(1)
_CONVERTER = re.compile(r"<(?:[^<>]*:)?(\w+)>")


def plain(rule: Rule) -> str:
    """A rule with its placeholders' names only: `/jobs/<posting_id>`."""
    return _CONVERTER.sub(r"<\1>", str(rule))


def methods(rule: Rule) -> list[str]:
    """The methods a rule answers by itself."""
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def declared(app: Flask) -> set[tuple[str, str]]:
    """Every (method, plain rule) of the application."""
    return {(method, plain(rule)) for rule in app.url_map.iter_rules() for method in methods(rule)}


class World:
    """Company A with its people, company B's owner, two seekers, an admin; a browser for each."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.board = board = Board(app)
        self.company = board.company("Northwind")
        self.rival = board.company("Rival")
        for role in ("owner", "recruiter", "reviewer"):
            board.member(self.company.id, self.email(role), role)
        board.member(self.rival.id, self.email("rival"), "owner")
        ended = board.member(self.company.id, self.email("ex_member"), "recruiter")
        people = {role: board.user(self.email(role)) for role in ("seeker", "other_seeker", "suspended")}
        board.admin(self.email("admin"))
        with board.writing() as session:
            stage = CompanyStage(
                company_id=self.company.id, name="Phone screen", name_key="phone screen", stage=Stage.IN_REVIEW,
                position=1,
            )
            owner = session.scalars(select(User).where(User.email_key == self.email("owner"))).one()
            source = ImportSource(
                url="https://feeds.example.org/", url_key="0" * 64, every_hours=24, created_at=clock.now(),
                due_at=clock.now(),
            )
            session.add_all([stage, source])
            session.flush()
            self.stage_id, self.owner_id, self.source_id = stage.id, owner.id, source.id
        self.seeker_id = people["seeker"].id
        self.asked = self._ask() | {"token_id": self._program()}
        self.clients = {role: self.browser(role) for role in ROLES}
        with board.writing() as session:
            session.get_one(User, people["suspended"].id).suspended_at = clock.now()
            session.get_one(Membership, ended.id).ended_at = clock.now()
        self.tokens = {role: self.token(client) for role, client in self.clients.items()}

    def _ask(self) -> dict[str, Any]:
        """Somebody asked to join company A, and a member of it."""
        with self.board.writing() as session:
            member = session.scalars(
                select(Membership).where(Membership.company_id == self.company.id, Membership.role == "reviewer")
            ).one()
            owner = Actor(user_id=member.user_id, how="session")
            asked = invite(session, self.company.id, "invited@example.org", "recruiter", owner, clock.now())
            token = mint(session, asked, b"a key")
            return {"invitation_id": asked.id, "invitations_token": token, "membership_id": member.id}

    def _program(self) -> int:
        """A token that the recruiter made for company A."""
        with self.board.writing() as session:
            person = session.scalars(select(User).where(User.email_key == self.email("recruiter"))).one()
            here = Belonging(self.company.id, self.company.slug, self.company.name, "recruiter")
            recruiter = Actor(user_id=person.id, how="session", memberships=(here,))
            slug, now = self.company.slug, clock.now()
            return create_token(session, "Import", ["account"], slug, 30, "nxs_import", recruiter, now).id

    @staticmethod
    def email(role: str) -> str:
        return f"{role.replace('_', '.')}@example.org"

    def browser(self, role: str) -> FlaskClient:
        """A new browser in which this role is signed in."""
        return self.app.test_client() if role == "anonymous" else self.board.sign_in(self.email(role))

    @staticmethod
    def token(client: FlaskClient) -> str:
        """A form's token for this browser."""
        page = client.get("/sign-up", follow_redirects=True).get_data(as_text=True)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found, page[:500]
        return found[1]

    def rows(self, status: PostingStatus = PostingStatus.PUBLISHED, **facts: Any) -> SimpleNamespace:
        """A fresh posting of company A, with an application of the seeker and its file where it is public."""
        live = status is PostingStatus.PUBLISHED
        posting = self.board.posting(self.company.id, live=live, status=status, submitted_at=clock.now(), **facts)
        made = SimpleNamespace(
            posting_id=posting.id, slug=posting.slug or "job", version=posting.version,
            mail_id=self._owe(posting.id), companies_slug=self.company.slug, company_version=1,
            stage_id=self.stage_id, source_id=self.source_id, **self.asked, **self.victims(), **self.hook(),
        )
        if live:
            self._apply(made)
            self._report(made)
            self._guest(made)
        return made

    def _owe(self, number: int) -> int:
        """A mail that waits."""
        with self.board.writing() as session:
            mail = owe(session, "application-moved", "ada@example.org", f"world:{number}", clock.now(), number=number)
            session.flush()
            return mail.id

    def hook(self) -> dict[str, int]:
        """A fresh webhook of company A that was sent something; beside it only the first stays."""
        with self.board.writing() as session:
            ids = session.scalars(select(Webhook.id).order_by(Webhook.id)).all()
            session.execute(delete(Webhook).where(Webhook.id.in_(ids[1:])))
            url = f"https://hooks.example.org/{next(_numbers)}"
            hook = Webhook(company_id=self.company.id, url=url, events="", salt="salt", created_at=clock.now())
            session.add(hook)
            session.flush()
            sent = Delivery(
                webhook_id=hook.id, event_id="evt_1", event="test", facts={}, status=DeliveryStatus.DELIVERED,
                created_at=clock.now(), due_at=clock.now(), sent_at=clock.now(), answer_status=200, took_ms=12,
            )
            session.add(sent)
            session.flush()
            return {"webhook_id": hook.id, "delivery_id": sent.id}

    def victims(self) -> dict[str, Any]:
        """Fresh rows for an admin to act upon: somebody with a membership, two companies, two fields of work."""
        mark, now = next(_numbers), clock.now()
        with self.board.writing() as session:
            email = f"victim{mark}@example.org"
            user = User(email=email, email_key=email, name="Victim", password_hash="", created_at=now)
            pair = [
                Company(slug=f"victim-{mark}-{n}", name=f"Victim {n}", name_key=f"victim {mark} {n}", created_at=now)
                for n in (1, 2)
            ]
            fields = [Category(slug=f"field-{mark}-{n}", name=f"Field {n}", position=n) for n in (1, 2)]
            session.add_all([user, *pair, *fields])
            session.flush()
            belonging = join(session, user, pair[0], CompanyRole.RECRUITER, now)
            return {
                "user_id": user.id, "belonging_id": belonging.id, "company_id": pair[0].id, "category_id": fields[0].id,
                "company_into": pair[1].id, "category_into": fields[1].id,
            }

    def _apply(self, made: SimpleNamespace) -> None:
        now = clock.now() - timedelta(minutes=1)
        with self.board.writing() as session:
            number = made.posting_id
            content = b"A resume in plain text."
            key = self._keep(content)
            file = StoredFile(
                public_id=f"opaque{number:037d}", key=key, filename="resume.txt", media_type="text/plain",
                size=len(content), sha256="0" * 64, created_at=now,
            )
            snapshot = PostingSnapshot(
                posting_id=number, posting_version=1, taken_at=now, title="Backend Engineer", place_label="Berlin, DE",
                description_html="<p>Build.</p>",
            )
            session.add_all([file, snapshot])
            session.flush()
            application = Application(
                posting_id=number, user_id=self.seeker_id, name="Ada Lovelace", email=self.email("seeker"),
                email_key=self.email("seeker"), resume_id=file.id, snapshot_id=snapshot.id, stage=Stage.SUBMITTED,
                submitted_at=now, moved_at=now,
                events=[ApplicationEvent(at=now, actor_id=self.seeker_id, after=Stage.SUBMITTED)],
            )
            session.add(application)
            session.flush()
            note = ApplicationNote(
                application_id=application.id, author_id=self.owner_id, body="Sounds good.", created_at=now
            )
            session.add(note)
            session.flush()
            made.note_id = note.id
            made.application_id, made.public_id = application.id, file.public_id
            made.application_version = application.version

    def _guest(self, made: SimpleNamespace) -> None:
        """Sent by the other seeker before they had an account; and what the seeker sent again."""
        now, email = clock.now() - timedelta(minutes=1), self.email("other_seeker")
        settings = self.app.extensions["nexus-settings"]
        with self.board.writing() as session:
            first = session.get_one(Application, made.application_id)
            guest = Application(
                posting_id=made.posting_id, name="Charles Babbage", email=email, email_key=email,
                snapshot_id=first.snapshot_id, stage=Stage.SUBMITTED, submitted_at=now, moved_at=now,
                events=[ApplicationEvent(at=now, after=Stage.SUBMITTED)],
            )
            again = ApplicationProposal(
                application_id=first.id, user_id=self.seeker_id, name="Ada King", cover_letter="I build.", answers=[],
                file_id=first.resume_id, created_at=now,
            )
            session.add_all([guest, again])
            session.flush()
            made.proposal_id = again.id
            made.applications_token = path_of(Links("", settings.key), guest).rsplit("/", 1)[1]

    def _report(self, made: SimpleNamespace) -> None:
        with self.board.writing() as session:
            session.add(
                Report(
                    posting_id=made.posting_id, sender="somebody", network="somewhere", reason=ReportReason.SCAM,
                    words="They ask for money.", created_at=clock.now(),
                )
            )

    def _keep(self, content: bytes) -> str:
        return UploadStore(self.app.extensions["nexus-settings"].upload_dir).put(content)


def fill(rule: Rule, values: dict[str, Any]) -> str:
    """An address of this rule, `slug` under /companies taken from `companies_slug`.

    A placeholder without a value is a KeyError: say in the test what it stands for.
    """
    path = plain(rule)
    room = path.split("/")[1]
    for name in rule.arguments:
        path = path.replace(f"<{name}>", str(values.get(f"{room}_{name}") or values[name]))
    return path
