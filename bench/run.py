"""`make bench SIZE=…`: everything of one size, on both engines, each system in a process of its own."""

import argparse
import json
import os
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from bench import where
from bench.results import with_feeds, written
from proof.machine import described

PARTS = ("index", "plain", "peers", "floor", "search", "served", "feeds")
VERSIONS = ("Flask", "SQLAlchemy", "numpy", "pyroaring", "gunicorn", "Django", "tantivy")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", choices=("10000", "100000", "1000000"))
    parser.add_argument("--engines", nargs="+", choices=where.ENGINES, default=list(where.ENGINES))
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="Measure some of it anew.")
    parser.add_argument("--seconds", type=float, default=4, help="Of each round over gunicorn.")
    asked = parser.parse_args()
    for engine in asked.engines:
        if engine == "postgresql" and not _answers():
            print("PostgreSQL does not answer: nothing is measured on it (set BENCH_POSTGRES).", flush=True)
            continue
        measure(engine, asked.size, asked.parts, asked.seconds)
    page = where.ROOT / "bench" / "RESULTS.md"
    only_feeds = asked.parts == ["feeds"]
    page.write_text(with_feeds(page.read_text("utf-8")) if only_feeds else written(), encoding="utf-8")
    print("bench/RESULTS.md is written.", flush=True)


def measure(engine: str, size: str, parts: list[str], seconds: float) -> None:
    """One size on one engine; what is not measured now stays as it was."""
    where.begin(engine, size)
    kept = result(size, engine)
    found: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    _said(f"{size} postings on {engine}: the data")
    _child("bench.data", size, engine)
    found |= {"machine": described(), "versions": _versions(engine), "busy": os.getloadavg()[0]}
    found |= {"data": json.loads((where.folder() / f"{engine}-{size}.made").read_text())}
    for part in parts:
        _said(f"{size} postings on {engine}: {part}")
        found |= _part(part, engine, size, seconds, found)
        kept.write_text(json.dumps(found, indent=1))


def _part(part: str, engine: str, size: str, seconds: float, found: dict[str, Any]) -> dict[str, Any]:
    if part == "index":
        return {part: _probed(part, part, engine, size)}
    if part == "plain":
        return {part: _probed(part, part, engine, size)} if part in slow(engine, size) else {}
    if part == "floor":
        return {"floor": _probed("floor", "floor", engine, size)}
    if part == "feeds":
        busy = os.getloadavg()[0]
        sent, read = (_probed(kind, "index", engine, size) for kind in (part, "reading"))
        return {part: sent | {"read": read, "busy": busy}}
    if part == "peers":
        return {name: _peer(name, engine, size) for name in slow(engine, size) if name != "plain"}
    if part == "search":
        _child("bench.data", size, "sqlite")
        _child("bench.fill", "tantivy", "sqlite", size)
        return {"search": {name: _probed("search", name, engine, size) for name in ("index", "tantivy")}}
    from bench import serving

    later = found["index"]["later"]
    served = serving.served(engine, size, seconds, later) | {"static": serving.static(engine, size, seconds)}
    return {"served": served | serving.peers(slow(engine, size), engine, size)}


def slow(engine: str, size: str) -> list[str]:
    """At a million a few requests on one engine say enough: they take seconds each, and on PostgreSQL plain SQL takes
    longer than its limit.
    """
    return ["plain", "naive", "django"] if size != "1000000" or engine == "sqlite" else []


def _peer(name: str, engine: str, size: str) -> Any:
    _child("bench.fill", name, engine, size)
    return _probed("peer", name, engine, size)


def result(size: str, engine: str) -> Path:
    """Where the figures of one size and engine are kept."""
    return where.folder() / f"result-{size}-{engine}.json"


def _probed(kind: str, name: str, engine: str, size: str) -> Any:
    out = where.folder() / "probe.json"
    out.unlink(missing_ok=True)
    _child("bench.probe", kind, name, engine, size, str(out))
    return json.loads(out.read_text())


def _child(module: str, *words: str) -> None:
    """Run one of our modules. Raises SystemExit where it fails: it has said why."""
    done = subprocess.run([sys.executable, "-m", module, *words], cwd=where.ROOT, check=False)
    if done.returncode:
        raise SystemExit(f"{module} {' '.join(words)} failed.")


def _answers() -> bool:
    try:
        psycopg.connect(f"{where.POSTGRES}/postgres", connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


def _versions(engine: str) -> dict[str, str]:
    found = {name: version(name) for name in VERSIONS}
    if engine == "postgresql":
        with psycopg.connect(f"{where.POSTGRES}/postgres") as wire:
            row = wire.execute("SHOW server_version").fetchone()
            found["PostgreSQL"] = str(row[0]).split()[0] if row else ""
    return found


def _said(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words} …", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
