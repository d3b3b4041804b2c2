"""From a key to the painted frame, in a real browser: `python -m bench.typing` on a board of every real posting."""

import json
import re
import shutil
import sys
import time
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Page, TimeoutError, sync_playwright

from bench import where
from bench.data import store
from bench.probe import page as fragment
from bench.results import written
from bench.server import serving
from bench.timing import at

SEARCHES = (
    "engineer", "nurse", "python developer", "data analyst", "project manager", "c++", "accountant", "kierowca",
    "remote designer", "night shift", "marketing", "several roles", "machine learning", "sales", "warehouse",
)  # fmt: skip
FAST = 110
"""Milliseconds between the keys of somebody who types fluently."""
_PAUSE = re.compile(r"input[^,]*delay:(\d+)(ms|s)")
_LISTEN = """
() => {
  const seen = window.benchSeen = { key: 0, asked: 0, painted: 0 };
  document.addEventListener("input", () => { seen.key = performance.now(); seen.asked = seen.painted = 0; }, true);
  document.addEventListener("htmx:before:request", () => { seen.asked = performance.now(); }, true);
  document.addEventListener("htmx:after:swap", () => {
    const asked = seen.asked;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      if (asked && asked === seen.asked && !seen.painted) seen.painted = performance.now();
    }));
  }, true);
}
"""
_TOOK = "() => [benchSeen.painted - benchSeen.key, benchSeen.painted - benchSeen.asked]"
Sample = tuple[float, float]
"""Milliseconds from the key, and from the request, to the painted frame."""


def measured(engine: str = "sqlite", size: str = where.REAL) -> dict[str, Any]:
    """Types into the listing of a board, served as in production."""
    where.begin(engine, size)
    store.ready(engine, size)
    with serving("index", engine, size, fragment("q=engineer"), memo=True) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(base_url=f"http://127.0.0.1:{server.port}", viewport={"width": 1280, "height": 900})
        page.goto("/jobs")
        pause = _pause(page)
        page.evaluate(_LISTEN)
        for search in SEARCHES[:2]:
            _typed(page, search, wait_for_each=True)
        every = [sample for search in SEARCHES for sample in _typed(page, search, wait_for_each=True)]
        fluent = [sample for search in SEARCHES for sample in _typed(page, search, wait_for_each=False)]
        postings = page.locator("#count").inner_text()
        browser.close()
    kinds = {
        f"every key waited for, with the page's pause of {pause} ms": [key for key, _ in every],
        "every key waited for, from the end of that pause": [asked for _, asked in every],
        f"typed fluently ({FAST} ms a key), with the pause": [key for key, _ in fluent],
        "typed fluently, from the end of the pause": [asked for _, asked in fluent],
    }
    return {"said": _said(engine, size, postings), "kinds": {name: _kind(took) for name, took in kinds.items()}}


def _pause(page: Page) -> int:
    """What the listing waits after a key before it asks."""
    found = _PAUSE.search(page.locator("#search").get_attribute("hx-trigger") or "")
    return int(found[1]) * (1000 if found[2] == "s" else 1) if found else 0


def _typed(page: Page, search: str, *, wait_for_each: bool) -> list[Sample]:
    """Type a search into the empty box; what is measured after each key, or after the last."""
    box = page.locator("#q")
    box.fill("")
    _painted(page)
    samples = []
    for place, letter in enumerate(search):
        box.press("Space" if letter == " " else letter)
        if wait_for_each or place == len(search) - 1:
            samples += _painted(page)
        else:
            time.sleep(FAST / 1000)
    return samples


def _painted(page: Page) -> list[Sample]:
    """Wait for the frame; none where the key asked nothing new."""
    try:
        page.wait_for_function("() => benchSeen.painted", timeout=3_000)
    except TimeoutError:
        return []
    key, asked = page.evaluate(_TOOK)
    return [(key, asked)]


def _kind(took: Sequence[float]) -> dict[str, float]:
    return {
        "p50": at(took, 0.5), "p95": at(took, 0.95), "share": sum(one < 100 for one in took) / max(1, len(took)),
        "keys": len(took),
    }  # fmt: skip


def _said(engine: str, size: str, postings: str) -> str:
    facts = json.loads((where.folder() / f"{engine}-{size}.made").read_text())
    return (
        f"Chromium beside the server on one machine, a board of all {facts['size']:,} real postings on {engine},"
        f" gunicorn as in production; {len(SEARCHES)} searches, typed key by key. The frame is the second one after"
        " htmx has swapped the results in, so that it is surely painted: up to 33 ms of each figure are that."
    )


if __name__ == "__main__":
    found = measured(*sys.argv[1:])
    (where.folder() / "result-typing.json").write_text(json.dumps(found, indent=1))
    where.ROOT.joinpath("bench", "RESULTS.md").write_text(written(), encoding="utf-8")
    print(json.dumps(found["kinds"], indent=1))
