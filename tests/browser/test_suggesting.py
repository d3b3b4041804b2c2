"""Suggestions while typing, by keyboard and pointer, on home and in the listing."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_axe import violations
from tests.factories import Board

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("built", ["sqlite"], indirect=True)]


@pytest.fixture
def wards(board: Board) -> Board:
    company = board.company("Nurses and Sons", owner="owner@example.org").id
    for title in ("Night Nurse", "Nurse", "Nurse", "Numerical Analyst"):
        board.posting(company, title=title, description_text="Nursing in Python.")
    return board


def _type(page: Page, text: str, box: str = "#q") -> None:
    page.locator(box).click()
    page.locator(box).press_sequentially(text, delay=20)
    expect(page.locator(f"{box}-options")).to_be_visible()


def _active(page: Page) -> str | None:
    return page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.innerText.split('\\n')[0]"
    )


def test_arrows_walk_and_enter_follows(wards: Board, person: Any) -> None:
    page: Page = person().page
    page.goto("/")
    _type(page, "nurse")
    box = page.get_by_role("combobox", name="What")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#q-options + [role=status]")).to_have_text(re.compile(r"\d suggestions?"))
    names = page.locator("#q-options [role=option] > span:first-child").all_inner_texts()
    assert names[:1] == ["Nurse"] and "Nurses and Sons" in names
    page.keyboard.press("ArrowDown")
    assert _active(page) == "Nurse"
    page.keyboard.press("ArrowUp")
    assert _active(page) is None
    page.keyboard.press("ArrowUp")
    assert _active(page) == names[-1]
    page.keyboard.press("ArrowDown")
    assert _active(page) is None
    for _ in range(1 + names.index("Nurses and Sons")):
        page.keyboard.press("ArrowDown")
    expect(page.locator("[role=option][aria-selected=true]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs?company=nurses-and-sons")
    expect(page.locator("#count")).to_contain_text("4 jobs")


def test_enter_without_a_choice_searches_for_what_was_typed(wards: Board, person: Any) -> None:
    page: Page = person().page
    page.goto("/")
    _type(page, "night nur")
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs?q=night+nur&place=")


def test_escape_and_leaving_close_it(wards: Board, person: Any) -> None:
    page: Page = person().page
    page.goto("/jobs")
    _type(page, "nurs")
    page.keyboard.press("Escape")
    expect(page.locator("#q-options")).to_be_hidden()
    expect(page.locator("#q")).to_have_value("nurs")
    expect(page.locator("#q")).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#q-options")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#q-options")).to_be_hidden()
    expect(page.locator("#place")).to_be_focused()


def test_a_choice_in_the_listing_stays_on_the_page_and_keeps_the_filters(wards: Board, person: Any) -> None:
    page: Page = person().page
    page.goto("/jobs?type=full_time")
    born = page.evaluate("performance.timeOrigin")
    _type(page, "nur")
    expect(page.locator("#count")).to_contain_text("0 jobs that fit")  # so that no company can be ticked
    page.locator("#q-options").get_by_role("option", name="Nurses and Sons").click()
    expect(page).to_have_url(re.compile(r"/jobs\?type=full_time&company=nurses-and-sons$"))
    expect(page.locator("#q")).to_have_value("")
    expect(page.locator("#q-options")).to_be_hidden()
    expect(page.locator("#results article")).to_have_count(4)
    assert page.evaluate("performance.timeOrigin") == born
    page.go_back()
    expect(page).to_have_url(re.compile(r"/jobs\?type=full_time$"))


def test_live_filtering_goes_on_below_it(wards: Board, person: Any) -> None:
    page: Page = person().page
    page.goto("/jobs")
    _type(page, "numerical")
    expect(page.locator("#results article")).to_have_count(1)
    expect(page.locator("#q-options")).to_be_visible()
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#q-options")).to_be_hidden()
    expect(page.locator("#results article mark")).to_have_text("Numerical")


def test_places_are_offered_where_one_asks_where(wards: Board, person: Any) -> None:
    page: Page = person().page
    page.goto("/")
    _type(page, "berl", "#place")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs?place=berlin-de")


def test_on_a_phone_the_finger_chooses(wards: Board, person: Any) -> None:
    page: Page = person(viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True).page
    page.goto("/")
    _type(page, "nurse")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    heights = page.eval_on_selector_all("[role=option]", "all => all.map(one => one.getBoundingClientRect().height)")
    assert min(heights) >= 44
    page.locator("#q-options").get_by_role("option", name="Nurses and Sons").tap()
    page.wait_for_url("**/jobs?company=nurses-and-sons")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_an_open_list_or_in_marks(wards: Board, person: Any, scheme: str) -> None:
    page: Page = person(color_scheme=scheme, bypass_csp=True).page
    for path, there in (("/", "**/"), ("/jobs?q=night", "**/jobs?q=nurse")):
        page.goto(path)
        page.locator("#q").fill("")
        _type(page, "nurse")
        page.keyboard.press("ArrowDown")
        page.wait_for_url(there)
        assert violations(page) == []


def test_without_a_script_the_box_is_a_box(wards: Board, person: Any) -> None:
    page: Page = person(java_script_enabled=False).page
    page.goto("/")
    page.fill("#q", "nrse")
    page.press("#q", "Enter")
    page.wait_for_url("**/jobs?q=nrse&place=")
    assert "Showing results for nurse" in page.inner_text("#results")
    page.click("text=Search for “nrse” only")
    assert "No job fits all of that" in page.inner_text("#results")
