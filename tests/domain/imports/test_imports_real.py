"""The real postings of 26 sources; collected only where NEXUS_DATA names them."""

import json
import os
from collections import Counter
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from app.domain.imports.normalise import RowError, normalise
from app.domain.imports.readers import jsonl
from app.domain.postings.models import Workplace

DATA = Path(os.environ.get("NEXUS_DATA", "."))
NOW = datetime(2026, 11, 23, tzinfo=UTC)
MONEY = ("adzuna", "glassdoor", "himalayas", "indeed", "simplyhired", "usajobs", "pl_")


@pytest.mark.parametrize("path", sorted((DATA / "postings").glob("*.jsonl.gz")), ids=lambda path: path.name[:-9])
def test_a_source_is_read_well(path):
    seen = Counter()
    for entry in islice(jsonl.read(path), 0, None, 8):
        try:
            posting = normalise(entry.row, NOW, True, 60)
        except RowError as refused:
            assert str(refused).endswith(".")
            seen["refused"] += 1
            continue
        seen["read"] += 1
        seen["located"] += bool(entry.row["location"])
        somewhere = posting.places or posting.eligible or posting.workplace is Workplace.REMOTE
        seen["placed"] += bool(entry.row["location"] and somewhere)
        seen["stated"] += bool(entry.row["salary"] or entry.row["salary_raw"])
        seen["paid"] += posting.pay is not None
        seen["filed"] += posting.category != "other"
    assert seen["refused"] <= 0.03 * seen["read"]
    assert seen["placed"] >= 0.79 * seen["located"]
    assert seen["filed"] >= 0.7 * seen["read"]
    if path.name.startswith(MONEY):
        assert seen["paid"] >= 0.95 * seen["stated"]


def test_the_sample_goes_in_once(app):
    command = ["import", str(DATA / "sample_stratified.jsonl"), "--publish", "--as-new"]
    first = app.test_cli_runner().invoke(args=command)
    counts = dict(part.split() for part in first.stdout.strip().splitlines()[-1].split(", "))
    assert int(counts["kept"]) >= 480, first.output
    assert sum(map(int, counts.values())) == 520
    assert app.test_cli_runner().invoke(args=command).stdout.strip().endswith(
        f"kept 0, updated 0, unchanged {520 - int(counts['rejected'])}, duplicates 0, rejected {counts['rejected']}"
    )


def test_no_line_of_the_sample_is_lost():
    path = DATA / "sample_stratified.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [entry.row["id"] for entry in jsonl.read(path)] == [row["id"] for row in rows]
