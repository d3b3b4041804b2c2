"""No screen breaks an accessibility rule axe knows, in light or dark, on a phone or a desk."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from app.core import clock
from app.core.actor import ANONYMOUS, SYSTEM
from app.core.links import Links
from app.domain.accounts.models import TokenPurpose, User
from app.domain.accounts.notices import Notice, unsubscribe_path
from app.domain.accounts.services import ask_to_change
from app.domain.accounts.services.tokens import mint as mint_link
from app.domain.applications import services
from app.domain.applications.guests import path_of
from app.domain.applications.models import Application
from app.domain.applications.resumes import check
from app.domain.board.queries import LegalPage
from app.domain.board.services import Wish, edit_board
from app.domain.companies.services.invitations import invite, mint
from app.domain.imports.models import ImportRun, ImportSource
from app.domain.postings.models import PostingStatus, Report, ReportReason
from app.domain.webhooks.models import Delivery, DeliveryStatus, Webhook
from tests.factories import PASSWORD, Board

pytestmark = pytest.mark.browser
RESUME = Path(__file__).parent / "resume.pdf"
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
OWNER, SEEKER, ADMIN = "owner@example.org", "seeker@example.org", "admin@example.org"
UNSURE = "unsure@example.org"
"""Whose address is not confirmed, and who wants another."""

SCREENS: dict[str, tuple[str, str | None]] = {
    "site.home": ("/", None),
    "site.listing": ("/jobs", None),
    "site.posting": ("{posting.path}", None),
    "site.apply_form": ("/jobs/{posting.id}/-/apply", None),
    "site.receipt": ("/jobs/{posting.id}/-/receipt", None),
    "site.report_form": ("/jobs/{posting.id}/-/report", None),
    "site.reported": ("/jobs/{posting.id}/-/reported", None),
    "site.legal": ("/legal/imprint", None),
    "site.companies": ("/companies", None),
    "site.company": ("/companies/{company.slug}", None),
    "site.invitation": ("/invitations/{invitation}", None),
    "site.sign_in": ("/sign-in", None),
    "site.sign_up": ("/sign-up", None),
    "site.find_application": ("/applications?sent=yes", None),
    "site.guest_application": ("{guest}", None),
    "site.sign_in_code": ("/sign-in/code", None),
    "site.forgot_password": ("/forgot-password", None),
    "site.verify_email": ("/verify-email/{verify}", None),
    "site.reset_password_form": ("/reset-password/{reset}", None),
    "site.change_email": ("/change-email/{change}", None),
    "site.unsubscribe": ("{unsubscribe}", None),
    "site.me": ("/me", SEEKER),
    "site.security": ("/me/security", UNSURE),
    "site.password_form": ("/me/security/password", SEEKER),
    "site.email_form": ("/me/security/email", SEEKER),
    "site.close_form": ("/me/security/close", SEEKER),
    "site.second_factor": ("/me/security/second-factor", SEEKER),
    "site.my_tokens": ("/me/tokens", OWNER),
    "site.token_form": ("/me/tokens/new", OWNER),
    "site.notifications": ("/me/notifications", OWNER),
    "site.my_applications": ("/me/applications", SEEKER),
    "site.my_application": ("/me/applications/{application}", SEEKER),
    "site.saved_postings": ("/me/saved", SEEKER),
    "site.searches": ("/me/searches", SEEKER),
    "desk.home": ("/employer", OWNER),
    "desk.postings": ("/employer/postings", OWNER),
    "desk.editor_new": ("/employer/postings/new", OWNER),
    "desk.editor": ("/employer/postings/{draft.id}", OWNER),
    "desk.applicants": ("/employer/postings/{posting.id}/applicants", OWNER),
    "desk.application": ("/employer/applications/{application}", OWNER),
    "desk.stages": ("/employer/stages", OWNER),
    "desk.company": ("/employer/company", OWNER),
    "desk.team": ("/employer/team", OWNER),
    "desk.webhooks": ("/employer/webhooks", OWNER),
    "desk.webhook": ("/employer/webhooks/{webhook}", OWNER),
    "desk.company_statistics": ("/employer/statistics", OWNER),
    "admin.home": ("/admin", ADMIN),
    "admin.postings": ("/admin/postings", ADMIN),
    "admin.reviews": ("/admin/reviews", ADMIN),
    "admin.reports_list": ("/admin/reports", ADMIN),
    "admin.flagged_list": ("/admin/flagged", ADMIN),
    "admin.flagged_one": ("/admin/flagged/{flagged}", ADMIN),
    "admin.audit_log": ("/admin/audit", ADMIN),
    "admin.board_settings": ("/admin/settings", ADMIN),
    "admin.categories": ("/admin/categories", ADMIN),
    "admin.companies_list": ("/admin/companies", ADMIN),
    "admin.health_page": ("/admin/health", ADMIN),
    "admin.imports": ("/admin/imports", ADMIN),
    "admin.import_problems": ("/admin/imports/{run}", ADMIN),
    "admin.outbox": ("/admin/mail", ADMIN),
    "admin.outbox_mail": ("/admin/mail/1", ADMIN),
    "admin.users": ("/admin/users", ADMIN),
    "admin.user_page": ("/admin/users/1", ADMIN),
    "admin.company_admin": ("/admin/companies/{company.id}", ADMIN),
    "admin.company_merge_form": ("/admin/companies/{company.id}/merge", ADMIN),
    "admin.category_merge_form": ("/admin/categories/1/merge", ADMIN),
}
"""Endpoint → (address, who looks at it)."""

STATES: list[tuple[str, str | None]] = [
    ("/jobs?q=nothing+like+this&type=contract", None),
    ("/jobs?place=nowhere+at+all&salary_min=lots", None),
    ("/nothing/here", None),
    ("{ended.path}", None),
    ("/applications/not-whole", None),
    ("/jobs", SEEKER),
    ("/employer/postings/{posting.id}/applicants?view=table", OWNER),
    ("/reset-password/nonsense", None),
    ("/me/notifications", SEEKER),
    ("/me/tokens", SEEKER),
]
"""Screens in a state of their own: empty, wrong, gone, personal."""

NO_SCREENS = {
    "admin.audit_export": "a table for spreadsheets",
    "static": "files",
    "site.healthz": "JSON",
    "site.readyz": "JSON",
    "site.show_metrics": "text for Prometheus",
    "site.results": "redirects to the listing unless a script asks",
    "site.suggestions": "redirects to the listing unless a script asks",
    "site.company_logo": "a picture",
    "site.download": "files",
    "site.posting_out": "redirects to where one applies",
    "site.posting_panel": "a fragment of the posting",
    "site.posting_short": "redirects to the posting",
    "desk.editor_pay": "a fragment of the editor",
    "desk.more_cards": "a fragment of the board",
    "desk.applicant_rows": "a fragment of the table",
    "desk.application_panel": "a fragment of the applicant's page",
    "desk.applicants_csv": "CSV",
    "site.page_image": "a picture",
    "feeds.atom": "XML",
    "feeds.rss": "XML",
    "feeds.json_feed": "JSON",
    "feeds.posting_json": "JSON",
    "feeds.indeed": "XML",
    "feeds.sitemap": "XML",
    "feeds.sitemap_pages": "XML",
    "feeds.sitemap_part": "XML",
    "feeds.robots": "text for crawlers",
    "api.openapi": "JSON",
    "api.docs": "Swagger UI, whose markup is not ours; looked at in test_api_docs.py",
    "api.graphiql": "GraphiQL, whose markup is not ours; looked at in test_graphiql.py",
    "api.postings": "JSON",
    "api.posting": "JSON",
    "api.categories": "JSON",
    "api.companies": "JSON",
    "api.me": "JSON",
    "api.applications": "JSON",
    "api.application": "JSON",
    "api.tokens": "JSON",
    "api.webhook": "JSON",
    "api.webhooks": "JSON",
    "api.webhook_deliveries": "JSON",
}
"""Endpoints that answer a GET with something else than a page, and with what."""


_AT_REST = """() => !document.querySelector('.htmx-request') && !document.getAnimations().some(one => {
    const {delay, iterations} = one.effect.getComputedTiming()
    return one.playState === 'running' && iterations !== Infinity && delay < 1000
})"""
"""Nothing is on its way and nothing fades: what is half there has half its contrast."""


def violations(page: Page) -> list[str]:
    """What axe finds on a page once it has come to rest."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE)
    page.wait_for_function(_AT_REST)
    found: list[dict[str, Any]] = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)"
    )
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"][:2]]


@pytest.mark.parametrize("built", ["sqlite"], indirect=True)
def test_every_page_is_looked_at(built: Flask) -> None:
    pages = {rule.endpoint for rule in built.url_map.iter_rules() if "GET" in (rule.methods or set())}
    assert pages - SCREENS.keys() - NO_SCREENS.keys() == set(), "add the new screens to SCREENS"


def _apply(board: Board, posting: SimpleNamespace) -> int:
    browser = board.sign_in(SEEKER)
    form = {
        "name": "Sam Seeker", "email": SEEKER, "cover_letter": "I like the wind.", "idempotency_key": "once",
        "csrf_token": board.csrf(browser, f"/jobs/{posting.id}/-/apply"), "resume": RESUME.open("rb"),
    }
    assert browser.post(f"/jobs/{posting.id}/applications", data=form).status_code == 303
    with board.reading() as session:
        return session.scalars(select(Application.id)).one()


def _guest(board: Board, posting_id: int) -> str:
    """The way to a guest's application, to which something was sent again."""
    now, settings = clock.now(), board.app.extensions["nexus-settings"]
    with board.writing() as session:
        for number, letter in enumerate(("I like the wind.", "I like it more than ever.")):
            given = services.Given("Guy Guest", "guy@example.org", letter, (("Why?", letter),), f"guest {number}")
            resume = services.keep(session, check(RESUME.read_bytes(), "cv.pdf"), f"{number:064d}", now)
            done = services.apply(session, posting_id, ANONYMOUS, given, resume, now)
        return path_of(Links("", settings.key), session.get_one(Application, done.application_id))


def _flagged(board: Board, posting_id: int) -> int:
    """An application that an employer called spam."""
    with board.writing() as session:
        given = services.Given("Spam Sam", "spam@example.org", "Buy!", (("Why?", "Cheap."),), "spam")
        resume = services.keep(session, check(RESUME.read_bytes(), "cv.pdf"), "f" * 64, clock.now())
        done = services.apply(session, posting_id, ANONYMOUS, given, resume, clock.now())
        application = session.get_one(Application, done.application_id)
        services.move(session, application, "spam", 1, SYSTEM, "", "no", clock.now())
        return application.id


def _links(board: Board) -> dict[str, str]:
    """Mailed links of somebody whose address is not confirmed and who wants another."""
    now = clock.now()
    who = board.user(UNSURE, email_verified_at=None)
    with board.writing() as session:
        user = session.get_one(User, who.id)
        change = ask_to_change(session, user, "sure@example.org", now)
        kinds = {"verify": TokenPurpose.VERIFY_EMAIL, "reset": TokenPurpose.RESET_PASSWORD}
        made = {name: mint_link(session, user, kind, user.email, now) for name, kind in kinds.items()}
        old = TokenPurpose.CHANGE_EMAIL_OLD
        made["change"] = mint_link(session, user, old, user.email, now, change_id=change.id)
    key = board.app.extensions["nexus-settings"].key
    made["unsubscribe"] = unsubscribe_path(Links("", key), who.id, Notice.NEW_APPLICANT)
    return made


def _feeds(run_id: int) -> list[ImportSource]:
    """Feeds in each of their states."""
    now = clock.now()
    states: list[dict[str, Any]] = [
        {}, {"looked_at": now, "outcome": "Read: 3 the same."}, {"paused_at": now},
        {"run_id": run_id, "looked_at": now},
        {"looked_at": now, "failures": 2, "outcome": "feeds.example.org did not answer in time."},
        {"looked_at": now, "held_back": True, "outcome": "It came empty.", "claimed_until": now + timedelta(minutes=5)},
    ]
    return [
        ImportSource(
            url=f"https://feeds.example.org/{number}/jobs/of/northwind-energy.xml?language=en&country=all",
            url_key=f"{number:064d}", every_hours=24, created_at=now, due_at=now + timedelta(hours=3), **facts,
        )
        for number, facts in enumerate(states)
    ]


def _webhook(board: Board, company_id: int) -> int:
    """A webhook that was sent something, and has something waiting."""
    with board.writing() as session:
        url = "https://hooks.example.org/a-rather-long-way-in/to-where-events-are-taken"
        hook = Webhook(company_id=company_id, url=url, events="", salt="s", created_at=clock.now())
        hook.failing_since = clock.now()
        session.add(hook)
        session.flush()
        for number, status in enumerate(DeliveryStatus):
            session.add(
                Delivery(
                    webhook_id=hook.id, event_id=f"evt_{number:024}", event="application.submitted", facts={},
                    status=status, created_at=clock.now(), due_at=clock.now() + timedelta(hours=1), attempts=number,
                    answer_status=200 if number == 1 else None, took_ms=31,
                    answer_text=None if number == 1 else "hooks.example.org did not answer in time.",
                )
            )
        return hook.id


def _build(board: Board) -> dict[str, Any]:
    company = board.company("Northwind Energy", owner=OWNER)
    board.user(SEEKER)
    board.admin(ADMIN)
    with board.writing() as session:
        edit_board(session, Wish(pages={LegalPage.IMPRINT: "## Who runs this\n\nNorthwind."}), 0, SYSTEM, clock.now())
    postings = [board.posting(company.id, title=f"Baker {number}") for number in range(22)]
    board.posting(company.id, title="Waiting for review", live=False, status=PostingStatus.PENDING)
    with board.writing() as session:
        run = ImportRun(name="feed.jsonl", format="jsonl", fingerprint="0" * 64, started_at=clock.now(), rejected=2)
        session.add(run)
        session.flush()
        run_id = run.id
        session.add_all(_feeds(run_id))
        whom = {"sender": "a", "network": "a", "created_at": clock.now(), "posting_id": postings[1].id}
        session.add(Report(reason=ReportReason.SCAM, words="They ask for money.", **whom))
    with board.writing() as session:
        asked = invite(session, company.id, "new@example.org", "recruiter", SYSTEM, clock.now())
        token = mint(session, asked, b"a key")
    return _links(board) | {
        "invitation": token, "company": company,
        "posting": postings[0], "draft": board.posting(company.id, title="A draft", live=False),
        "ended": board.posting(company.id, title="Over", status=PostingStatus.CLOSED),
        "application": _apply(board, postings[0]), "guest": _guest(board, postings[0].id), "run": run_id,
        "flagged": _flagged(board, postings[2].id), "webhook": _webhook(board, company.id),
    }


@pytest.mark.parametrize("built", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_screen_has_a_violation(board: Board, person: Any, scheme: str) -> None:
    made = _build(board)
    found: list[str] = []
    options = {"color_scheme": scheme, "bypass_csp": True}
    browsers: dict[str | None, Page] = {None: person(**options).page}
    for path, who in [*SCREENS.values(), *STATES]:
        if who not in browsers:
            browsers[who] = person(**options).sign_in(str(who))
        page, address = browsers[who], path.format(**made)
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            if width == 1280:
                answer = page.goto(address)
                assert answer is not None
                assert answer.status < 400 or (path, who) in STATES, address
            found += [f"{address} at {width} px: {line}" for line in violations(page)]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{address}: scrolls sideways at {width} px")
    assert found == []


@pytest.mark.parametrize("built", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_no_screen_behind_an_act_has_a_violation(board: Board, person: Any, scheme: str, width: int) -> None:
    made = _build(board)
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}, "bypass_csp": True}
    page: Page = person(**options).page
    found: list[str] = []

    def look(words: str) -> None:
        page.locator("main").get_by_text(words).first.wait_for(timeout=8_000)
        found.extend(f"{words}: {line}" for line in violations(page))

    page.goto(f"/change-email/{made['change']}")
    page.click("main form button >> nth=0")
    look("Done")
    page.goto(made["guest"])
    page.click("summary:has-text('Withdraw')")
    look("cannot be taken back")
    page.click("text=Yes, withdraw it")
    look("You withdrew")
    page = person(**options).sign_in(SEEKER)
    page.goto("/me/security/second-factor")
    key = page.inner_text("main code").replace(" ", "")
    page.fill("#current_password", PASSWORD)
    page.fill("#otp", pyotp.TOTP(key).at(clock.now()))
    page.click("main form button")
    look("The second factor is on")
    page.goto("/me/security/second-factor")
    look("recovery codes")
    page.goto("/me/tokens/new")
    page.fill("#name", "Calendar")
    page.get_by_label("Read who you are").check()
    page.fill("#current_password", PASSWORD)
    page.get_by_role("button", name="Make the token").click()
    look("Your new token")
    page = person(**options).sign_in(OWNER)
    page.goto("/employer/webhooks")
    page.fill("#url", "https://hooks.example.org/nexus")
    page.get_by_role("button", name="Add it").click()
    look("The webhook is added")
    page = person(**options).page
    page.goto("/sign-in")
    page.fill("#email", SEEKER)
    page.fill("#password", PASSWORD)
    page.click("main form button")
    look("Code")
    assert found == []
