"""One system measured in a process of its own: `python -m bench.probe KIND SYSTEM ENGINE SIZE OUT` writes OUT."""

import json
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from html import unescape
from pathlib import Path
from typing import Any

from bench import systems
from bench.caller import Caller
from bench.timing import Figure, at, figure, once, repeated
from bench.workload import FULL, workload

_NEXT = re.compile(r'"(/jobs/results\?[^"]*after=[^"]*)"')
DEEP = 500
"""The page that must cost what the first one costs."""
DEEP_LISTS = {
    "everything, newest first": "", "engineer, by relevance": "q=engineer", "experience, by relevance": "q=experience",
}  # fmt: skip
""""experience" stands in few titles and very many bodies: its far page is among the latter."""
PATIENCE = 40.0
"""Seconds that one kind of measurement may take of a slow system."""

Found = dict[str, Any]


def page(query: str) -> str:
    """Where the product answers a listing's fragment."""
    return f"/jobs/results?{query}"


def following(call: Caller, path: str) -> str:
    """The path of the page after this one; empty at the end."""
    found = _NEXT.search(call.get(path, htmx=True).body.decode())
    return unescape(found[1]) if found else ""


def mixed(call: Callable[[str], object], asked: Sequence[str], passes: int = 5) -> Found:
    """The mix, first by a process that met little of it, then again and again: p50 and p95 within each pass, and how
    many a second that is.

    A system that is too slow for that is measured in as much of the first pass as fits into `PATIENCE`.
    """
    began, first = time.perf_counter(), []
    for query in asked:
        first.append(once(lambda query=query: call(query)))  # type: ignore[misc]
        if time.perf_counter() - began > PATIENCE:
            break
    runs, spent = [first], time.perf_counter() - began
    if len(first) == len(asked):
        passes = max(1, min(passes, int(PATIENCE / spent)))
        runs = [[once(lambda query=query: call(query)) for query in asked] for _ in range(passes)]  # type: ignore[misc]
    return {
        "p50": figure([at(run, 0.5) for run in runs]), "p95": figure([at(run, 0.95) for run in runs]),
        "a_second": figure([1000 * len(run) / sum(run) for run in runs]), "asked": len(first), "passes": len(runs),
        "first_p50": figure([at(first, 0.5)]), "first_p95": figure([at(first, 0.95)]),
    }  # fmt: skip


def product(name: str, engine: str, size: str) -> Found:
    """The product's pages, by its index."""
    app = systems.application(name, engine, size)
    from bench import product as hooks

    call, work = Caller(app), workload()
    found: Found = {}
    with hooks.memo(on=False):
        builds = [hooks.built(app) for _ in range(3)]
        found["build_s"] = figure([build["seconds"] for build in builds])
        found["bytes"], found["learn_s"] = builds[-1]["bytes"], hooks.learned(app)
        found["bytes_learned"] = hooks.weighed()
        found |= _cold(call, app, work.cold)
        full, later = page(FULL), following(call, page(FULL))
        found["later"] = later
        systems.page_of(engine, size).write_bytes(call.get(f"/jobs?{FULL}").body)
        found["full"] = repeated(lambda: call.get(full, htmx=True))
        found["page"] = repeated(lambda: call.get(f"/jobs?{FULL}"))
        found["statements"] = {kind: _counted(call, app, path) for kind, path in {
            "full": full, "scroll": later, "no words": page("country=US&type=full_time"),
        }.items()}  # fmt: skip
        found["scroll"] = repeated(lambda: call.get(later, htmx=True))
        found["deep"] = {said: _deep(call, query) for said, query in DEEP_LISTS.items()}
        found["mix"] = mixed(lambda query: call.get(page(query), htmx=True), work.mix)
        found["nasty"] = {said: _tried(call, page(query)) for said, query in work.nasty.items()}
        found["bytes_after"] = hooks.weighed()
    with hooks.memo(on=True):
        found["full_memo"] = repeated(lambda: call.get(full, htmx=True))
        found["scroll_memo"] = repeated(lambda: call.get(later, htmx=True))
    found["healthz"] = repeated(lambda: call.get("/healthz"))
    return found


def plain(name: str, engine: str, size: str) -> Found:
    """The product by plain SQL: the full listing, and the mix."""
    call, asked = Caller(systems.application(name, engine, size)), workload().mix
    return {
        "full": repeated(lambda: call.get(page(FULL), htmx=True)),
        "mix": mixed(lambda query: call.get(page(query), htmx=True), asked),
    }


def _cold(call: Caller, app: Any, words: Sequence[str]) -> Found:
    """Words that this process never met, each asked once, then again; and the statements the first time takes."""
    from bench import product as hooks

    call.get(page("posted_within=30"), htmx=True)
    took, asked, again = [], [], []
    for word in words:
        with hooks.statements(app) as said:
            took.append(once(lambda word=word: call.get(page(f"q={word}"), htmx=True)))  # type: ignore[misc]
        asked.append(len(said))
        again.append(once(lambda word=word: call.get(page(f"q={word}"), htmx=True)))  # type: ignore[misc]
    return {"cold": figure(took), "cold_again": figure(again), "cold_statements": figure(asked)}


def _counted(call: Caller, app: Any, path: str) -> int:
    from bench import product as hooks

    with hooks.statements(app) as said:
        call.get(path, htmx=True)
    return len(said)


def _deep(call: Caller, query: str) -> Found:
    """The second page, which draws no facets either, beside the 500th or the last but one."""
    paths = [following(call, page(query))]
    while len(paths) < DEEP and paths[-1]:
        paths.append(following(call, paths[-1]))
    last = [path for path in paths if path][:-1][-1]
    shallow, deep = [], []
    for _ in range(5):
        shallow.append(repeated(lambda: call.get(paths[0], htmx=True), 1, 0.3).median)
        deep.append(repeated(lambda: call.get(last, htmx=True), 1, 0.3).median)
    ratios = [far / near for near, far in zip(shallow, deep, strict=True)]
    return {"near": figure(shallow), "far": figure(deep), "ratio": figure(ratios), "page": paths.index(last) + 2}


def _tried(call: Caller, path: str) -> Found | None:
    """First and later; None where the product gave up."""
    try:
        first = once(lambda: call.get(path, htmx=True))
        again = once(lambda: call.get(path, htmx=True))
        later = repeated(lambda: call.get(path, htmx=True), 3, 0.4) if again < 1000 else Figure(again, again, again)
    except RuntimeError:
        return None
    return {"first": first, "later": later}


def peer(name: str, engine: str, size: str) -> Found:
    """A peer's listing."""
    call = Caller(systems.application(name, engine, size))
    few = size not in ("10000", "100000")
    full = repeated(lambda: call.get(f"/jobs?{FULL}"), 1 if few else 3, 5)
    asked = workload().mix[: 5 if few else None]
    return {"full": full, "mix": mixed(lambda query: call.get(f"/jobs?{query}"), asked, 1)}


def floor(name: str, engine: str, size: str) -> Found:
    """What costs next to nothing."""
    call = Caller(systems.application("floor", engine, size))
    static = Caller(systems.application("static", engine, size))
    return {
        "empty": repeated(lambda: call.get("/empty")), "same": repeated(lambda: call.get("/same")),
        "static": repeated(lambda: static.get("/")), "bytes": len(static.get("/").body),
    }  # fmt: skip


def main() -> None:
    kind, name, engine, size, out = sys.argv[1:]
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)  # a line is written for each request, as in life; nobody reads it
    from bench import feeds, reading, searching

    measure = {
        "index": product, "plain": plain, "peer": peer, "floor": floor, "search": searching.measured,
        "feeds": feeds.measured, "reading": reading.checked,
    }[kind]  # fmt: skip
    Path(out).write_text(json.dumps(measure(name, engine, size)), encoding="utf-8")


if __name__ == "__main__":
    main()
