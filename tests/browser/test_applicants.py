"""Applicants at a browser: dragging, refusing with a reason, the side panel, keys, several at once."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.core import clock
from app.core.actor import Actor
from app.core.db import transaction
from app.domain.applications import services
from app.domain.applications.models import Application, Stage
from tests.factories import Board
from tests.web.people import Cast

pytestmark = pytest.mark.browser
SQLITE = pytest.mark.parametrize("built", ["sqlite"], indirect=True)


@pytest.fixture
def cast(board: Board) -> Cast:
    made = Cast(board)
    made.apply(made.posting.id, "grace@example.org", name="Grace Hopper")
    return made


def _open(person: Any, cast: Cast, query: str = "", **options: Any) -> Page:
    page: Page = person(viewport={"width": 1500, "height": 900}, **options).sign_in("owner@example.org")
    page.goto(f"/employer/postings/{cast.posting.id}/applicants{query}")
    return page


def _drag(page: Page, application_id: int, stage: str) -> None:
    card = page.locator(f'[data-application="{application_id}"]')
    card.locator("header").hover(position={"x": 150, "y": 4})
    page.mouse.down()
    box = page.locator(f"#cards-{stage}").bounding_box()
    assert box
    for part in (0.5, 0.6):
        page.mouse.move(box["x"] + box["width"] * part, box["y"] + 40, steps=6)
    page.mouse.up()


def _stage(board: Board, application_id: int) -> Stage:
    with board.reading() as session:
        return session.get_one(Application, application_id).stage


def _by_a_colleague(board: Board, cast: Cast, to: str) -> None:
    """A colleague is faster."""
    with board.app.app_context(), transaction() as session:
        found = session.get_one(Application, cast.application.id)
        actor = Actor(user_id=_recruiter(session), how="session")
        services.move(session, found, to, found.version, actor, "", "no", clock.now())


def _recruiter(session: Any) -> int:
    from sqlalchemy import select

    from app.domain.accounts.models import User

    return int(session.scalars(select(User.id).where(User.email == "recruiter@example.org")).one())


@SQLITE
def test_a_card_is_dragged_where_it_may_go_and_taken_back(board: Board, cast: Cast, person: Any) -> None:
    page, number = _open(person, cast), cast.application.id
    _drag(page, number, "interview")
    expect(page.locator(f'[data-stage="interview"] [data-application="{number}"]')).to_be_visible()
    expect(page.locator("#count-interview")).to_have_text("1")
    toast = page.locator("#toasts .toast")
    expect(toast).to_contain_text("Ada Lovelace: interview")
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator(f'[data-stage="submitted"] [data-application="{number}"]')).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    _drag(page, number, "hired")
    expect(page.locator(f'[data-stage="submitted"] [data-application="{number}"]')).to_be_visible()
    assert _stage(board, number) is Stage.SUBMITTED


@SQLITE
def test_dropping_on_rejected_asks_why(board: Board, cast: Cast, person: Any) -> None:
    page, number = _open(person, cast), cast.application.id
    page.locator("#cards-rejected").scroll_into_view_if_needed()
    page.locator(f'[data-application="{number}"] a').first.focus()
    page.keyboard.press("r")
    dialog = page.locator("#reject")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    page.set_viewport_size({"width": 2000, "height": 900})
    _drag(page, number, "rejected")
    expect(dialog).to_be_visible()
    expect(page.locator(f'[data-stage="submitted"] [data-application="{number}"]')).to_be_visible()
    dialog.locator("select").select_option(index=1)
    expect(dialog.locator("textarea")).to_have_value(re.compile("Thank you for applying"))
    dialog.get_by_role("button", name="Reject").click()
    expect(page.locator(f'[data-stage="rejected"] [data-application="{number}"]')).to_be_visible()
    assert _stage(board, number) is Stage.REJECTED


@SQLITE
def test_the_loser_of_a_race_sees_the_winners_card(board: Board, cast: Cast, person: Any) -> None:
    page, number = _open(person, cast), cast.application.id
    _by_a_colleague(board, cast, "in_review")
    _drag(page, number, "interview")
    card = page.locator(f'[data-stage="in_review"] [data-application="{number}"]')
    expect(card).to_contain_text("Recruiter moved this application")
    expect(page.locator("#cards-interview [data-application]")).to_have_count(0)
    assert _stage(board, number) is Stage.IN_REVIEW


@SQLITE
def test_an_applicant_opens_beside_the_board_and_back_returns(cast: Cast, person: Any) -> None:
    page, number = _open(person, cast, "?sort=name"), cast.application.id
    page.get_by_role("link", name="Ada Lovelace").click()
    panel = page.locator("#detail")
    expect(panel.locator("h2.name")).to_be_focused()
    expect(page).to_have_url(re.compile(rf"/employer/applications/{number}\?sort=name$"))
    page.keyboard.press("4")
    expect(panel.locator("#score-4")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(f"#application-{number} .stars")).to_contain_text("4.0")
    panel.locator("#note").fill("Knows her engines.")
    panel.get_by_role("button", name="Add note").click()
    expect(panel.locator(".note-body")).to_have_text("Knows her engines.")
    page.keyboard.press("Escape")
    panel.locator("h2.name").evaluate("e => e.focus()")
    page.keyboard.press("j")
    expect(panel.locator("h2.name")).to_have_text("Grace Hopper")
    page.go_back()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/applicants\?sort=name$"))
    expect(page.locator("#detail .applicant")).to_have_count(0)
    expect(page.locator("#cards-submitted [data-application]")).to_have_count(2)
    _drag(page, number, "interview")
    expect(page.locator(f'[data-stage="interview"] [data-application="{number}"]')).to_be_visible()


@SQLITE
def test_keys_stay_out_of_fields_and_the_list_names_those_of_this_page(cast: Cast, person: Any) -> None:
    page = _open(person, cast)
    page.locator("#q").press_sequentially("trx?")
    expect(page.locator("#q")).to_have_value("trx?")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.locator("h1").click()
    page.keyboard.press("Control+b")
    expect(page).not_to_have_url(re.compile("view=table"))
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_contain_text("Reject, with a reason")
    expect(page.locator("#shortcuts")).not_to_contain_text("Open the job")


@SQLITE
def test_what_is_offered_in_a_toast_goes_with_its_time(cast: Cast, person: Any) -> None:
    page = person(viewport={"width": 1500, "height": 900}).sign_in("owner@example.org")
    page.clock.install()
    page.goto(f"/employer/postings/{cast.posting.id}/applicants")
    card = page.locator(f'[data-application="{cast.application.id}"]')
    card.locator("select[name=to]").first.select_option("in_review")
    card.get_by_role("button", name="Move").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.clock.fast_forward(9_000)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.locator("#toasts .toast").hover()
    page.clock.fast_forward(2_000)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


@SQLITE
def test_whoever_was_hired_is_not_called_spam_by_a_slip(board: Board, cast: Cast, person: Any) -> None:
    for stage in ("interview", "offer", "hired"):
        _by_a_colleague(board, cast, stage)
    page = _open(person, cast)
    page.locator(f'[data-application="{cast.application.id}"]').get_by_role("button", name="Move").click()
    expect(page.locator("select:invalid")).to_have_count(1)
    assert _stage(board, cast.application.id) is Stage.HIRED


@SQLITE
def test_ending_a_job_asks_what_its_applicants_are_told(board: Board, cast: Cast, person: Any) -> None:
    for scripts in (False, True):
        page = person(viewport={"width": 390, "height": 900}, java_script_enabled=scripts).sign_in("owner@example.org")
        page.goto("/employer/postings")
        row = page.locator(f"#posting-{cast.posting.id}")
        row.locator("summary", has_text="Close").click()
        row.get_by_role("button", name="I answer them within 14 days").locator("visible=true").click()
        expect(row.locator(".badge")).to_have_text("Closed")
        assert _stage(board, cast.application.id) is Stage.SUBMITTED
        if not scripts:
            page.get_by_role("button", name="Undo").click()
            expect(row.locator(".badge")).to_have_text("Published")


@SQLITE
def test_views_switch_by_key_and_keep_what_was_asked(cast: Cast, person: Any) -> None:
    page = _open(person, cast)
    page.fill("#q", "grace")
    expect(page.locator("[data-application]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.locator("h1").click()
    page.keyboard.press("t")
    expect(page).to_have_url(re.compile(r"view=table.*q=grace|q=grace.*view=table"))
    expect(page.locator("tr[data-application]")).to_have_count(1)
    page.keyboard.press("b")
    expect(page).to_have_url(re.compile(r"/applicants\?q=grace$"))
    page.get_by_role("link", name="Clear all").click()
    expect(page.locator("[data-application]")).to_have_count(2)


@SQLITE
def test_several_are_moved_at_once_and_back(board: Board, cast: Cast, person: Any) -> None:
    page = _open(person, cast, "?view=table")
    expect(page.locator("#bulk")).not_to_be_visible()
    for box in page.locator("[name=pick]").all():
        box.check()
    expect(page.locator("[data-selected]")).to_have_text("2 selected")
    page.locator("#bulk select[name=to]").select_option("in_review")
    page.locator("#bulk").get_by_role("button", name="Move").click()
    expect(page.locator("#toasts")).to_contain_text("2 applicants moved")
    assert _stage(board, cast.application.id) is Stage.IN_REVIEW
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("back where they were")
    assert _stage(board, cast.application.id) is Stage.SUBMITTED


@SQLITE
def test_one_applicant_without_scripts(board: Board, cast: Cast, person: Any) -> None:
    page = _open(person, cast, java_script_enabled=False)
    page.get_by_role("link", name="Ada Lovelace").click()
    page.locator("[data-move] select[name=to]").select_option("interview")
    page.locator("[data-move]").get_by_role("button", name="Move").click()
    page.get_by_role("button", name="Undo your move").click()
    assert _stage(board, cast.application.id) is Stage.SUBMITTED
    page.locator("#score-3").click()
    expect(page.locator("#scores")).to_contain_text("3.0 of 5")


