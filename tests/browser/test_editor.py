"""A draft that keeps itself, as a person meets it."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.domain.postings.models import Posting
from tests.factories import Board

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("built", ["sqlite"], indirect=True)
def test_a_draft_keeps_itself_and_is_handed_in_from_where_it_was_begun(board: Board, person: Any) -> None:
    board.category()
    company = board.company("Northwind", owner="owner@example.org")
    page = person(viewport={"width": 390, "height": 900}).sign_in("owner@example.org")
    page.goto("/employer/postings/new")
    page.fill("#title", "Baker")
    expect(page.locator("#saved")).to_contain_text("Saved")
    expect(page).to_have_url(re.compile(r"/employer/postings/\d+$"))
    page.fill("#salary_min", "40k")
    page.fill("#description", "We bake.")
    page.click("#ask-add")
    page.fill("#question-2", "Why?")
    page.click("#editor-save")
    page.wait_for_load_state()
    expect(page.locator("#salary_min")).to_have_attribute("aria-invalid", "true")
    page.fill("#salary_min", "40000")
    page.fill("#salary_max", "50000")
    page.select_option("#salary_period", "year")
    page.select_option("#category", "engineering")
    page.select_option("#type", "full_time")
    page.fill("#places", "Berlin, Germany")
    page.click("#editor-submit")
    expect(page.locator(".page-head .badge")).to_have_text("Pending")
    with board.reading() as session:
        posting = session.scalars(select(Posting).where(Posting.company_id == company.id)).one()
        assert (posting.title, posting.status.value) == ("Baker", "pending")


@pytest.mark.parametrize("built", ["sqlite"], indirect=True)
def test_two_people_on_one_draft(board: Board, person: Any) -> None:
    company = board.company("Northwind", owner="owner@example.org")
    board.member(company.id, "recruiter@example.org")
    draft = board.posting(company.id, live=False, title="Baker")
    one, two = (person().sign_in(f"{role}@example.org") for role in ("owner", "recruiter"))
    for page in (one, two):
        page.goto(f"/employer/postings/{draft.id}")
    one.fill("#title", "Baker by night")
    expect(one.locator("#saved")).to_contain_text("Saved")
    two.fill("#title", "Baker by day")
    expect(two.locator("[data-stale]")).to_contain_text("Baker by night")
    assert two.input_value("#title") == "Baker by day"
    two.click("text=Save mine over it")
    expect(two.locator("h1")).to_have_text("Baker by day")


@pytest.mark.parametrize("built", ["sqlite"], indirect=True)
def test_a_live_posting_is_not_left_with_changes_unasked(board: Board, person: Any) -> None:
    company = board.company("Northwind", owner="owner@example.org")
    live = board.posting(company.id, title="Baker")
    page = person().sign_in("owner@example.org")
    page.goto(f"/employer/postings/{live.id}")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.fill("#title", "Baker by night")
    page.get_by_role("link", name="Team").click()
    expect(page).to_have_url(re.compile(rf"/employer/postings/{live.id}$"))
    assert asked == ["beforeunload"]
    assert page.input_value("#title") == "Baker by night"
