"""`bench/RESULTS.md` out of everything that was measured."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import where
from bench.goals import Results, verdicts

SIZES = ("10000", "100000", "1000000")
TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
HERE = Path(__file__).parent
_ROWS = (
    ("empty view of a bare Flask application", ("floor", "empty")),
    ("the same bytes out of a ready string, bare Flask", ("floor", "same")),
    ("the same bytes out of a file, bare WSGI", ("floor", "static")),
    ("the product's own emptiest page, `/healthz`", ("index", "healthz")),
    ("**full listing**, fragment", ("index", "full")),
    ("full listing, fragment, remembered", ("index", "full_memo")),
    ("full listing, whole page", ("index", "page")),
    ("**scroll page**", ("index", "scroll")),
    ("scroll page, remembered", ("index", "scroll_memo")),
    ("a word never asked before", ("index", "cold")),
    ("the same words again", ("index", "cold_again")),
    ("mix of 200 listings, p50", ("index", "mix", "p50")),
    ("mix of 200 listings, p95", ("index", "mix", "p95")),
    ("the mix for the first time, p50", ("index", "mix", "first_p50")),
    ("the mix for the first time, p95", ("index", "mix", "first_p95")),
    ("plain SQL: full listing", ("plain", "full")),
    ("plain SQL: mix, p50", ("plain", "mix", "p50")),
    ("naive board: the listing", ("naive", "full")),
    ("naive board: mix, p50", ("naive", "mix", "p50")),
    ("Django board: the listing", ("django", "full")),
    ("Django board: mix, p50", ("django", "mix", "p50")),
)
_SEARCH = (
    ("the product: the ordinary listing", ("index", "full")), ("tantivy: the same", ("tantivy", "full")),
    ("the product: mix, p50", ("index", "mix", "p50")), ("tantivy: the same", ("tantivy", "mix", "p50")),
    ("the product: mix, p95", ("index", "mix", "p95")), ("tantivy: the same", ("tantivy", "mix", "p95")),
    ("the product: words never asked before", ("index", "cold")), ("tantivy: the same", ("tantivy", "cold")),
)  # fmt: skip
_SERVED = (
    ("empty", "empty view, bare Flask"), ("same", "the same bytes, bare Flask"),
    ("static", "the same bytes, bare WSGI"), ("full", "**full listing**"), ("mix", "**mix of 200 listings**"),
    ("scroll", "**scroll page**"), ("full_memo", "full listing, remembered"), ("mix_memo", "mix, remembered"),
    ("scroll_memo", "scroll page, with a memo"), ("plain", "plain SQL: mix"), ("naive", "naive board: mix"),
    ("django", "Django board: mix"),
)  # fmt: skip


_FEEDS = "## Feeds out"


def with_feeds(page: str) -> str:
    """The page with the feeds' section anew and every other as it stands."""
    head, _, rest = page.partition(f"\n{_FEEDS}\n")
    rest = rest[rest.index("\n## ") :] if rest else ""
    if not rest:
        head, end, rest = page.partition("\n## Typing\n")
        rest = end + rest
    return f"{head.rstrip()}\n\n{_FEEDS}\n\n{feeds(_measured())}\n{rest}"


def written() -> str:
    """The page."""
    return drawn(_measured(), _read(where.folder() / "result-typing.json"), (HERE / "notes.md").read_text("utf-8"))


def _measured() -> Results:
    found = {}
    for size in SIZES:
        for engine in where.ENGINES:
            result = _read(where.folder() / f"result-{size}-{engine}.json")
            if result:
                found[size, engine] = result
    return found


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text())) if path.exists() else {}


def drawn(results: Results, typing: Mapping[str, Any], notes: str) -> str:
    """The page of these results."""
    parts = [(HERE / "preface.md").read_text("utf-8").strip(), _machine(results), "## Goals", _goals(results)]
    parts += ["## In process", _LEGEND, _times(results, _ROWS)]
    parts += ["## Over gunicorn", _served(results), "## Search and facets alone", _times(results, _SEARCH, "search")]
    parts += ["## The index", _index(results), "## The worst that can be asked", _worst(results)]
    parts += [_FEEDS, feeds(results)]
    parts += ["## Typing", _typing(typing), notes.strip()]
    return "\n\n".join(part for part in parts if part) + "\n"


_LEGEND = (
    "Milliseconds, the median of repeated rounds and in brackets the least and the most; behind it, as a multiple of"
    " the empty view on the same machine in the same run."
)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _machine(results: Results) -> str:
    said: dict[str, list[str]] = {}
    for (size, engine), found in results.items():
        versions = ", ".join(f"{name} {number}" for name, number in sorted(found["versions"].items()))
        bodies = "resampled" if found["data"]["resampled"] else "real"
        load = found.get("busy", 0)
        busy = f", while others were at work: a load of {load:.1f} before it began" if load > 1.5 else ""
        run = f"{int(size):,} postings ({bodies}) on {TITLES[engine]}{busy}"
        said.setdefault(f"{found['machine']} {versions}.", []).append(run)
    return "\n\n".join(machine + "\n- " + "\n- ".join(runs) for machine, runs in said.items())


def _goals(results: Results) -> str:
    by_engine = [verdicts(results, engine) for engine in where.ENGINES]
    rows = []
    for each in zip(*by_engine, strict=True):
        said = ["not measured" if v.figure is None else f"{v.figure} {'met' if v.met else '**not met**'}" for v in each]
        rows.append([each[0].goal, each[0].sought, *said])
    return _table(["goal", "sought", *TITLES.values()], rows)


def _columns(results: Results) -> list[tuple[str, str]]:
    return [(size, engine) for engine in where.ENGINES for size in SIZES if (size, engine) in results]


def _head(results: Results) -> list[str]:
    return [f"{TITLES[engine]} {_short(size)}" for size, engine in _columns(results)]


def _short(size: str) -> str:
    return {"10000": "10k", "100000": "100k", "1000000": "1M"}[size]


def _at(found: Any, path: Sequence[str]) -> Any:
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _times(results: Results, wanted: Sequence[tuple[str, Sequence[str]]], within: str = "") -> str:
    rows = []
    for words, path in wanted:
        cells = []
        for key in _columns(results):
            figure = _at(results[key], [*([within] if within else []), *path])
            empty = _at(results[key], ("floor", "empty"))
            times = f" {figure[0] / empty[0]:,.1f}×" if figure and empty and not within else ""
            cells.append(f"{spread(figure)}{times}" if figure else "–")
        if any(cell != "–" for cell in cells):
            rows.append([words, *cells])
    return _table(["ms", *_head(results)], rows)


def spread(figure: Sequence[float]) -> str:
    """A figure with its least and most, where it was measured more than once."""
    if figure[1] == figure[2]:
        return number(figure[0])
    return f"{number(figure[0])} ({number(figure[1])}–{number(figure[2])})"


def number(value: float) -> str:
    """Three digits are all that is known."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def _served(results: Results) -> str:
    rows = []
    for name, words in _SERVED:
        cells = []
        for key in _columns(results):
            found, empty = _at(results[key], ("served", name)), _at(results[key], ("served", "empty"))
            if not found:
                cells.append("–")
                continue
            times = empty["a_second"][0] / max(found["a_second"][0], 1e-9)
            bad = f", {found['bad']} bad" if found["bad"] else ""
            cells.append(f"{number(found['a_second'][0])} /s, p95 {number(found['p95'][0])} ms, {times:,.1f}×{bad}")
        rows.append([words, *cells])
    return _table(["answers a second", *_head(results)], rows)


def _index(results: Results) -> str:
    rows: list[list[str]] = [[words] for words in _INDEX]
    for size, engine in _columns(results):
        index, served = results[size, engine].get("index", {}), results[size, engine].get("served", {})
        memory, asked = served.get("memory", {}), index.get("statements", {})
        deep = max(index.get("deep", {}).values(), key=lambda one: one["ratio"][0], default=None)
        cells = [
            f"{index['build_s'][0]:.2f}" if index else "–", f"{index['learn_s']:.1f}" if "learn_s" in index else "–",
            f"{index['bytes'] / int(size):.1f}" if index else "–",
            f"{index['bytes_learned'] / int(size):.1f}" if "bytes_learned" in index else "–",
            f"{index['bytes_after'] / int(size):.1f}" if index else "–",
            f"{served['start_s']:.1f} / {served['restart_s']:.1f}" if "start_s" in served else "–",
            " / ".join(f"{memory[kind]:.0f}" for kind in ("rss", "pss", "uss")) if memory else "–",
            ", ".join(f"{kind} {n}" for kind, n in asked.items()) or "–",
            spread(index["cold_statements"]) if index else "–",
            f"{spread(deep['ratio'])}, page {deep['page']}" if deep else "–",
        ]
        for row, cell in zip(rows, cells, strict=True):
            row.append(cell)
    return _table(["", *_head(results)], rows)


_INDEX = (
    "seconds to build it", "seconds to learn the common words, once", "bytes a posting, new", "with the common words",
    "bytes a posting, after all that is asked here",
    "seconds from start to first answer: the first time / again", "MB a worker after the load: resident / share / own",
    "statements",
    "statements with a word never asked", "a far page over the second",
)  # fmt: skip


_SENT = (
    ("Indeed's XML", "indeed"), ("Indeed's XML, gzip", "indeed_gzip"), ("the sitemap's index", "sitemap_index"),
    ("the sitemap's parts, all", "sitemap"),
)  # fmt: skip
MOST_GROWN = 50
"""MB by which sending all of it may make a process grow."""


def feeds(results: Results) -> str:
    """What goes out whole: size, time and memory, and that it was read."""
    sent = {key: found for key, found in results.items() if "feeds" in found}
    if not sent:
        return "Not measured."
    keys = _columns(sent)
    rows = [["live postings", *(f"{sent[key]['feeds']['read']['live']:,}" for key in keys)]]
    for words, name in _SENT:
        cells = [(sent[key]["feeds"][name], sent[key]["feeds"]["read"]["live"]) for key in keys]
        rows += [
            [f"**{words}**", *(_size(one["bytes"]) for one, _ in cells)],
            ["seconds, of them its own work", *(f"{number(o['seconds'])}, {number(o['worked'])}" for o, _ in cells)],
            ["MB that memory grew by", *(f"{one['grew']:.1f}" for one, _ in cells)],
        ]
        if name != "sitemap_index":
            rows += [["postings a second", *(f"{live / one['seconds']:,.0f}" for one, live in cells)]]
    rows += [
        ["nothing new (304), ms: Indeed's XML", *(spread(sent[key]["feeds"]["unchanged"]) for key in keys)],
        ["nothing new (304), ms: the sitemap", *(spread(sent[key]["feeds"]["unchanged_sitemap"]) for key in keys)],
        ["MB the process took before", *(number(sent[key]["feeds"]["before"]) for key in keys)],
        [f"**most it grew by** (sought: < {MOST_GROWN} MB)", *(_grown(sent[key]["feeds"]) for key in keys)],
        ["read: jobs / addresses in so many parts", *(_read_back(sent[key]["feeds"]["read"]) for key in keys)],
        ["read: entries of Atom and RSS", *(f"{sent[key]['feeds']['read']['entries']:,}" for key in keys)],
        ["load before it began", *(f"{sent[key]['feeds']['busy']:.1f}" for key in keys)],
    ]  # fmt: skip
    shared = _SHARED if any(sent[key]["feeds"]["busy"] > 1.5 for key in keys) else ""
    return f"{_SENT_LEGEND}{shared}\n\n{_table(['', *_head(sent)], rows)}"


def _size(length: int) -> str:
    return f"{number(length / 1e6)} MB" if length >= 100_000 else f"{number(length / 1e3)} kB"


def _grown(found: Mapping[str, Any]) -> str:
    most = max(found[name]["peak"] for _, name in _SENT) - found["before"]
    return f"{most:.1f} {'met' if most < MOST_GROWN else '**not met**'}"


def _read_back(read: Mapping[str, int]) -> str:
    return f"{read['jobs']:,} / {read['addresses']:,} in {read['parts']}"


_SENT_LEGEND = (
    "Every live posting, with its description, as Indeed's XML and as the sitemap: one process sends them to nobody,"
    " part by part, in the order of the rows, having answered one empty page before. Memory is what is resident, its"
    " peak counted from the first byte of each. Then another process reads all of it to the end: every element against"
    " the XML schemas in `tests/web/schemas` (by libxml2, as it streams); as many jobs as the search counts, none"
    " twice; the same ones in the sitemap, no address twice; and `feedparser` the first pages of Atom and of RSS. The"
    " bench fails where one of these does not hold."
)
_SHARED = (
    " The two cores were shared with others at work, as the load tells: what the process worked itself says more than"
    " the seconds do."
)


def _worst(results: Results) -> str:
    names = list(dict.fromkeys(name for found in results.values() for name in _at(found, ("index", "nasty")) or {}))
    lines, rows = [], []
    for key in _columns(results):
        nasty = {name: one for name, one in (_at(results[key], ("index", "nasty")) or {}).items() if one}
        if nasty:
            first = max(nasty, key=lambda name: nasty[name]["first"])
            later = max(nasty, key=lambda name: nasty[name]["later"][0])
            lines.append(
                f"- {TITLES[key[1]]} {_short(key[0])}: worst the first time “{first}”,"
                f" {_against(nasty[first]['first'], results[key], 'cold')}; later “{later}”,"
                f" {_against(nasty[later]['later'][0], results[key], 'full')}."
            )
    for name in names:
        cells = []
        for key in _columns(results):
            one = _at(results[key], ("index", "nasty", name))
            cells.append(f"{number(one['first'])} / {number(one['later'][0])}" if one else "gave up")
        rows.append([name, *cells])
    table = _table(["ms the first time / later", *_head(results)], rows) if rows else ""
    return "\n".join(lines) + ("\n\n" + table if table else "")


def _against(ms: float, found: Mapping[str, Any], usual: str) -> str:
    """Milliseconds, and how many times those of what is usual they are."""
    one = _at(found, ("index", usual))
    return f"{number(ms)} ms" + (f", {ms / one[0]:.1f}×" if one else "")


def _typing(typing: Mapping[str, Any]) -> str:
    if not typing:
        return "Not measured."
    rows = [[kind, *(f"{number(found[name])}" for name in ("p50", "p95")), f"{found['share']:.0%}", str(found["keys"])]
            for kind, found in typing["kinds"].items()]  # fmt: skip
    head = ["from the last key to the painted frame", "p50 ms", "p95 ms", "under 100 ms", "searches"]
    return f"{typing['said']}\n\n" + _table(head, rows)
