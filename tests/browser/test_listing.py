"""Filtering, scrolling and coming back, as a person does it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.factories import Board

pytestmark = pytest.mark.browser
NAVIGATED = "performance.getEntriesByType('navigation').length + ':' + performance.timeOrigin"


def _fill(board: Board, many: int = 130) -> None:
    company = board.company("Northwind", owner="owner@example.org").id
    for number in range(many):
        board.posting(company, title=f"Baker {number}")
    for title in ("Python Developer", "Pythagorean Tutor", "Pytest Wizard"):
        board.posting(company, title=title)


def _ids(page: Page) -> list[str]:
    ids: list[str] = page.eval_on_selector_all("#results article", "rows => rows.map(r => r.dataset.posting)")
    return ids


def test_filtering_never_leaves_the_page_and_the_last_word_wins(board: Board, person: Any) -> None:
    _fill(board, 30)
    page: Page = person().page
    page.goto("/jobs")
    born = page.evaluate(NAVIGATED)
    page.locator("#q").press_sequentially("python", delay=60)
    expect(page.locator("#count")).to_contain_text("1 job")
    expect(page.locator("#results article")).to_have_count(1)
    assert page.evaluate(NAVIGATED) == born
    assert "q=python" in page.url
    page.locator("#q").fill("")
    expect(page.locator("#count")).to_contain_text("33 jobs")
    page.locator('[data-facet="type"][data-value="full_time"] input').check()
    expect(page).to_have_url(re.compile("type=full_time"))
    expect(page.locator("#chips")).to_contain_text("Full time")
    assert page.evaluate(NAVIGATED) == born
    page.locator("#chips a.chip").first.click()
    expect(page).not_to_have_url(re.compile("type="))


def test_more_companies_stay_while_filtering_until_back(board: Board, person: Any) -> None:
    for number in range(13):
        board.posting(board.company(f"Company {number}", owner=f"owner{number}@example.org").id)
    page: Page = person().page
    page.goto("/jobs")
    companies = page.locator('[data-facet="company"]')
    expect(companies).to_have_count(10)
    page.locator("#more-company").focus()
    page.keyboard.press("Enter")
    expect(companies).to_have_count(13)
    expect(page.locator("#more-company")).to_be_focused()
    page.locator('[data-facet="type"][data-value="full_time"] input').check()
    expect(page).to_have_url(re.compile("type=full_time&more=company"))
    expect(companies).to_have_count(13)
    page.go_back()
    page.go_back()
    expect(companies).to_have_count(10)


def test_a_slow_older_answer_never_overwrites_a_newer_one(board: Board, person: Any) -> None:
    _fill(board, 5)
    one = person()
    page: Page = one.page
    held: list[Any] = []
    page.goto("/jobs")
    page.route(re.compile(r"/jobs/results\?.*q=pyth(&|$)"), lambda route: held.append(route))
    page.locator("#q").fill("pyth")
    page.wait_for_timeout(600)
    page.locator("#q").fill("python")
    expect(page.locator("#count")).to_contain_text("1 job")
    for route in held:
        route.continue_()
    page.wait_for_timeout(500)
    expect(page.locator("#count")).to_contain_text("1 job")
    assert held, "the first request was never sent"


def test_three_batches_come_by_themselves_then_a_link(board: Board, person: Any) -> None:
    _fill(board)
    page: Page = person().page
    page.goto("/jobs")
    for batch in (40, 60, 80):
        page.mouse.wheel(0, 60_000)
        expect(page.locator("#results article")).to_have_count(batch)
    page.mouse.wheel(0, 60_000)
    page.wait_for_timeout(700)
    assert len(_ids(page)) == 80
    expect(page.locator("footer")).to_be_in_viewport()
    page.locator("a[rel=next]").click()
    expect(page.locator("#results article")).to_have_count(100)
    assert len(set(_ids(page))) == 100


def test_back_returns_to_the_same_row(board: Board, person: Any) -> None:
    _fill(board)
    page: Page = person(viewport={"width": 900, "height": 800}).page
    page.goto("/jobs")
    for batch in (40, 60, 80):
        page.mouse.wheel(0, 60_000)
        expect(page.locator("#results article")).to_have_count(batch)
    row = page.locator("#results article").nth(70)
    wanted = row.get_attribute("data-posting")
    row.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    row.locator("a").first.click()
    expect(page).to_have_url(re.compile(rf"/jobs/{wanted}/"))
    expect(page.locator("h1")).to_contain_text("Baker")
    page.go_back()
    expect(page).to_have_url(re.compile(r"/jobs$"))
    expect(page.locator("#results article")).to_have_count(80)
    expect(page.locator(f'article[data-posting="{wanted}"]')).to_be_in_viewport()
    assert abs(page.evaluate("scrollY") - before) < 120


def test_wide_screens_open_the_posting_beside_the_list(board: Board, person: Any) -> None:
    _fill(board, 3)
    page: Page = person(viewport={"width": 1400, "height": 900}).page
    page.goto("/jobs")
    page.locator("#results article a").first.click()
    expect(page.locator("#detail")).to_contain_text("Pytest Wizard")
    expect(page).to_have_url(re.compile(r"/jobs/\d+/backend-engineer"))
    expect(page.locator("#results article")).to_have_count(6)


def test_a_job_opened_while_the_list_is_on_its_way_stays_open(board: Board, person: Any) -> None:
    _fill(board, 3)
    page: Page = person(viewport={"width": 1400, "height": 900}).page
    held: list[Any] = []
    page.goto("/jobs")
    page.route(re.compile(r"/jobs/results\?.*q=baker"), lambda route: held.append(route))
    page.fill("#q", "baker")
    page.keyboard.press("Enter")
    page.locator("#results article a").first.click()
    expect(page.locator("#detail")).to_contain_text("Pytest Wizard")
    page.wait_for_timeout(400)
    for route in held:
        route.continue_()
    expect(page.locator("#count")).to_contain_text("3 jobs")
    expect(page.locator("#detail")).to_contain_text("Pytest Wizard")
    expect(page).to_have_url(re.compile(r"/jobs/\d+/backend-engineer"))


def test_the_same_without_scripts(board: Board, person: Any) -> None:
    _fill(board, 30)
    page: Page = person(java_script_enabled=False).page
    page.goto("/jobs")
    page.fill("#q", "python")
    page.locator("#search .btn-primary").first.click()
    expect(page.locator("#count")).to_contain_text("1 job")
    page.goto("/jobs")
    page.locator("a[rel=next]").click()
    expect(page.locator("#results article")).to_have_count(13)
