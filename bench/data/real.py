"""Real postings through the product's own import, once: what came out is kept as plain rows."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from app.domain.imports.normalise import NormalisedPosting, RowError, normalise
from app.domain.imports.readers import FORMATS
from app.domain.postings.services.stating import place_label
from bench.where import NOW, ROOT, folder, sources

DAYS = 60
"""How long a posting stays."""


@dataclass(frozen=True, slots=True)
class Real:
    """A posting as the import understands it. `places` are slugs; `pay` is (low, high, currency, period), in
    minor units.
    """

    source: str
    title: str
    company: str | None
    html: str
    text: str
    type: str | None
    workplace: str
    experience: str | None
    category: str
    places: tuple[str, ...]
    place_label: str
    eligible: tuple[str, ...]
    pay: tuple[int | None, int, str, str] | None
    language: str | None
    openings: int
    url: str | None


def postings() -> list[Real]:
    """Every real posting that the import takes, repeats too, in the order of the files."""
    kept = folder() / f"real-{_key()}.jsonl.gz"
    if not kept.exists():
        print("Reading the real postings, once …", flush=True)
        _keep(kept)
    with gzip.open(kept, "rt", encoding="utf-8") as lines:
        return [_of(json.loads(line)) for line in lines]


def distinct(rows: list[Real]) -> list[Real]:
    """The first posting with each text."""
    return list({row.text: row for row in reversed(rows)}.values())[::-1]


def _key() -> str:
    """Changes with the data and with what reads it."""
    held = hashlib.sha256()
    for path in sources():
        held.update(f"{path.name} {path.stat().st_size}".encode())
    for path in sorted((ROOT / "app" / "domain" / "imports").rglob("*.py")):
        held.update(path.read_bytes())
    return held.hexdigest()[:12]


def _keep(path: Path) -> None:
    half = path.with_suffix(".half")
    with gzip.open(half, "wt", encoding="utf-8", compresslevel=3) as lines:
        for row in _normalised():
            lines.write(json.dumps(astuple(_plain(row)), ensure_ascii=False) + "\n")
    half.rename(path)


def _normalised() -> Iterator[NormalisedPosting]:
    for path in sources():
        for entry in FORMATS["jsonl"].read(path):
            if entry.row is not None:
                try:
                    yield normalise(entry.row, NOW, True, DAYS)
                except RowError:
                    continue


def _plain(row: NormalisedPosting) -> Real:
    pay = row.pay
    return Real(
        row.source, row.title, row.company, row.html, row.text, row.type, row.workplace, row.experience, row.category,
        tuple(place.slug for place in row.places),
        (place_label(row.places, set(row.eligible)) or row.place_label)[:200], row.eligible,
        (pay.low, pay.high, pay.currency, pay.period.value) if pay else None, row.language, row.openings, row.url,
    )


def _of(values: list[Any]) -> Real:
    plain: list[Any] = [tuple(value) if isinstance(value, list) else value for value in values]
    return Real(*plain)
