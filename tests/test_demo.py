"""The demo board: big, varied, whole, loaded once, never in production."""

import io
from pathlib import Path
from random import Random

import pypdf
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import create_app
from app.core import clock
from app.core.db import reading
from app.core.settings import Settings
from app.demo import PASSWORD, SIGN_INS
from app.demo.agencies import rows
from app.demo.countries import COUNTRIES
from app.demo.pdf import resume
from app.demo.wording import Author, employers
from app.domain.applications.models import Application, ApplicationNote, CompanyStage, Stage, StoredFile
from app.domain.applications.resumes import check
from app.domain.companies.models import Company, Membership
from app.domain.mail.models import MailStatus, OutboxMail
from app.domain.postings import gazetteer
from app.domain.postings.models import Posting, PostingCountry, PostingStatus, PostingViews, Report, Workplace
from app.domain.postings.queries import live
from tests.factories import Board, instant

DESKS = {
    "seeker@nexus.example": ("/me/applications", "/me/saved"),
    "employer@nexus.example": ("/employer", "/employer/postings", "/employer/team"),
    "recruiter@nexus.example": ("/employer/postings",),
    "rival@nexus.example": ("/employer/postings",),
    "admin@nexus.example": ("/admin", "/admin/reviews", "/admin/postings", "/admin/mail"),
}


def run(app: Flask) -> str:
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 0, result.output
    return result.output


def number(query: object) -> int:
    return int(reading().scalar(query) or 0)  # type: ignore[call-overload]


def test_the_board_is_big_varied_and_whole_and_loads_once(app: Flask) -> None:
    assert "live postings" in run(app)
    with app.app_context():
        now, session = clock.now(), reading()
        is_live = select(func.count(Posting.id)).where(live(now))
        assert number(is_live) >= 1500
        fields = select(func.count(Posting.category_id.distinct())).where(live(now))
        assert number(fields) >= 12
        assert number(select(func.count(PostingCountry.country.distinct()))) >= 15
        assert number(select(func.count(Posting.salary_currency.distinct()))) >= 15
        assert set(session.scalars(select(Posting.workplace).distinct())) == set(Workplace)
        assert set(session.scalars(select(Posting.status).distinct())) >= set(PostingStatus) - {PostingStatus.REMOVED}
        assert 10 <= number(select(func.count(Posting.id)).where(Posting.status == PostingStatus.PENDING)) <= 20
        assert number(is_live.where(Posting.featured_at.is_not(None))) >= 5
        assert number(select(func.count(Posting.id)).where(Posting.frozen_at.is_not(None))) >= 5
        at_members = select(Membership.company_id).where(Membership.ended_at.is_(None))
        inline = is_live.where(Posting.apply_url.is_(None))
        assert number(inline.where(Posting.company_id.not_in(at_members))) == 0, "nobody would receive an application"
        assert number(select(func.count(Posting.id)).where(Posting.published_at > now)) == 0
        assert number(select(func.count(OutboxMail.id)).where(OutboxMail.status != MailStatus.SENT)) == 0
        northwind = select(Application).join(Application.posting).join(Posting.company)
        northwind = northwind.where(Company.slug == "northwind-energy")
        applications = list(session.scalars(northwind))
        assert len(applications) >= 60
        assert {application.stage for application in applications} == set(Stage)
        assert all(a.events[-1].after is a.stage and a.events[-1].at == a.moved_at for a in applications)
        assert all(a.events[-1].reason for a in applications if a.stage is Stage.REJECTED)
        assert {application.rating is None for application in applications} == {True, False}
        for model in (ApplicationNote, CompanyStage, PostingViews, Report):
            assert number(select(func.count()).select_from(model)) >= 2, model
        assert any(application.company_stage_id for application in applications)
        folder = app.extensions["nexus-settings"].upload_dir
        files = list(session.scalars(select(StoredFile)))
        assert all((Path(folder) / file.key[:2] / file.key).stat().st_size == file.size for file in files)
        before = number(select(func.count(Posting.id)))
    assert "loaded already" in run(app)
    with app.app_context():
        assert number(select(func.count(Posting.id))) == before
    _everybody_signs_in(app)


def _everybody_signs_in(app: Flask) -> None:
    assert {who.email for who in SIGN_INS} == DESKS.keys()
    for email, paths in DESKS.items():
        client: FlaskClient = app.test_client()
        fields = {"email": email, "password": PASSWORD, "csrf_token": Board.csrf(client, "/sign-in")}
        assert client.post("/sign-in", data=fields).status_code == 303, email
        for path in paths:
            assert client.get(path).status_code == 200, f"{path} as {email}"


def test_production_refuses_the_demo(tmp_path: Path) -> None:
    settings = Settings(
        nexus_env="production", secret_key="k" * 40, base_url="https://jobs.example.org",
        database_url=f"sqlite:///{tmp_path / 'empty.db'}",
    )
    result = create_app(settings).test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 1
    assert "never loaded in production" in result.output


def test_every_town_of_the_demo_is_a_city_we_know() -> None:
    for code, country in COUNTRIES.items():
        for town in country.cities:
            place = gazetteer.search(town)
            assert place is not None and (place.kind, place.country) == ("city", code), town
    assert all(gazetteer.by_slug(slug) for row in rows() for slug in row["places"])


def test_invented_postings_are_the_same_each_time_differ_from_each_other_and_pay_in_order() -> None:
    def written() -> list[tuple[str, str, str, str]]:
        rng = Random(1)
        facts = [author.posting() for each in employers(rng) for author in [Author(rng, each)] for _ in range(3)]
        return [(each.title, each.description, each.salary_min, each.salary_max) for each in facts]

    made = written()
    assert made == written()
    assert len({description for _, description, _, _ in made}) == len(made)
    assert all(0 < float(low) <= float(high) for _, _, low, high in made)
    assert not any("{" in description for _, description, _, _ in made)


def test_a_resume_is_a_pdf_that_our_own_check_takes() -> None:
    content = resume("Zoë (Zo) O'Neil\\", ["Straße 1", "since 2019"])
    assert check(content, "zoe.pdf").media_type == "application/pdf"
    text = pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()
    assert "Zoë (Zo) O'Neil\\" in text and "Straße 1" in text


def test_the_board_loads_late_on_a_monday_too(app: Flask) -> None:
    """Most dates are drawn around now: what is told of a posting must not come before it was public."""
    with clock.stopped(instant(2026, 11, 30, 20, 47)):
        assert "live postings" in run(app)
