"""The board's main job, from the first filter to the frozen posting, with scripts and without."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.factories import Board

pytestmark = pytest.mark.browser
RESUME = Path(__file__).parent / "resume.pdf"


class Cast:
    """The three people of the story and what they meet."""

    def __init__(self, board: Board) -> None:
        self.employer, self.seeker = "owner@example.org", board.user("seeker@example.org", name="Sam Seeker").email
        self.admin = board.admin("admin@example.org").email
        company = board.company("Northwind Energy", owner=self.employer).id
        for number in range(25):
            board.posting(company, title=f"Baker {number}")
        self.posting = board.posting(company, title="Wind Turbine Technician")


def _find_and_apply(page: Page, cast: Cast) -> None:
    page.goto("/jobs")
    page.fill("#q", "turbine")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_contain_text("1 job")
    page.locator("#results article a").first.click()
    expect(page).to_have_url(re.compile(cast.posting.path))
    page.locator('a[href$="/-/apply"]:visible').first.click()
    form = page.locator('form[action$="/applications"]')
    expect(form).to_be_visible()
    form.locator("[name=cover_letter]").fill("I climb well, and I like the wind.")
    form.locator("[name=resume]").set_input_files(RESUME)
    form.locator("button[type=submit]").last.click()
    expect(page.locator(".receipt")).to_be_visible()
    expect(page.locator('a[href$="/-/apply"]:visible')).to_have_count(0)


def _move_to_interview(page: Page, cast: Cast) -> None:
    page.goto(f"/employer/postings/{cast.posting.id}/applicants")
    card = page.locator('[data-stage="submitted"] [data-application]')
    expect(card).to_contain_text("Sam Seeker")
    card.locator("a").first.click()
    with page.expect_download() as download:
        page.locator('a[href^="/files/"]').first.click()
    assert Path(download.value.path()).read_bytes() == RESUME.read_bytes()
    page.goto(f"/employer/postings/{cast.posting.id}/applicants")
    card = page.locator('[data-stage="submitted"] [data-application]')
    card.locator("select[name=to]").select_option("interview")
    button = card.locator("button[type=submit]:visible")
    if button.count():
        button.first.click()
    expect(page.locator('[data-stage="interview"] [data-application]')).to_contain_text("Sam Seeker")


def _freeze(page: Page, cast: Cast) -> None:
    page.goto("/admin/postings?q=turbine")
    row = page.locator(f'tr[data-posting="{cast.posting.id}"]')
    row.locator('[formaction$="/freeze"], form[action$="/freeze"] button').first.click()
    expect(page.locator(f'tr[data-posting="{cast.posting.id}"]')).to_contain_text("rozen")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_the_whole_story(board: Board, person: Any, scripts: bool) -> None:
    cast = Cast(board)
    seeker, employer, admin, stranger = (person(java_script_enabled=scripts) for _ in range(4))
    seeker.sign_in(cast.seeker)
    _find_and_apply(seeker.page, cast)
    _move_to_interview(employer.sign_in(cast.employer), cast)
    seeker.page.goto("/me/applications")
    expect(seeker.page.locator("main")).to_contain_text("Wind Turbine Technician")
    expect(seeker.page.locator("main")).to_contain_text(re.compile("interview", re.IGNORECASE))
    assert 'application/ld+json' in stranger.page.goto(cast.posting.path).text()
    _freeze(admin.sign_in(cast.admin), cast)
    gone = stranger.page.goto(cast.posting.path)
    assert gone.status == 410
    assert "application/ld+json" not in gone.text()
    stranger.page.goto("/jobs?q=turbine")
    expect(stranger.page.locator("#count")).to_contain_text("0 jobs")
    counts = stranger.page.eval_on_selector_all("[data-facet=type]", "os => os.map(o => o.dataset.count)")
    assert set(counts) == {"0"}


def test_the_keyboard_follows_an_application(board: Board, person: Any) -> None:
    cast = Cast(board)
    page = person().page
    keyboard = page.keyboard
    page.goto(cast.posting.path)
    page.locator('.posting-actions a[href$="/-/apply"]').focus()
    keyboard.press("Enter")
    expect(page.locator("#apply-form")).to_be_focused()
    keyboard.press("Tab")
    keyboard.type("Sam")
    keyboard.press("Enter")
    expect(page.locator("#apply-form .error-summary")).to_be_focused()
    page.fill("#apply-form [name=email]", "sam@example.org")
    page.locator("#apply-form [name=resume]").set_input_files(RESUME)
    page.locator("#apply-form button[type=submit]").last.focus()
    keyboard.press("Enter")
    expect(page.locator(".receipt")).to_be_focused()
