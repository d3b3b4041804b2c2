import gzip

import pytest

from app.domain.imports.readers import UnknownFormat, format_of, jsonl
from tests.domain.imports.rows import lines, row


def write(folder, content, name="rows.jsonl"):
    path = folder / name
    path.write_bytes(content)
    return path


def test_rows_come_with_their_lines(tmp_path):
    path = write(tmp_path, b"\xef\xbb\xbf" + lines(row(1), b"", b"  ", row(2)))
    assert [(entry.line, entry.row["source_id"]) for entry in jsonl.read(path)] == [(1, "b-1"), (4, "b-2")]


def test_a_gzipped_file_reads_the_same(tmp_path):
    path = write(tmp_path, gzip.compress(lines(row(1), row(2))), "rows.jsonl.gz")
    assert [entry.line for entry in jsonl.read(path)] == [1, 2]
    assert jsonl.lines(path) == 3


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b'{"title": "\xff"}', "The line is not valid UTF-8 (byte 12)."),
        (b'{"title": "cut', "The line is not valid JSON: Unterminated string starting at at character 11."),
        (b"[1, 2]", "The line holds no JSON object."),
        (b'{"min": NaN}', "The line is not valid JSON: a number or a nesting in it cannot be read."),
        (b'{"min": ' + b"9" * 5_000 + b"}", "The line is not valid JSON: a number or a nesting in it cannot be read."),
        (b"[" * 100_000, "The line is not valid JSON: a number or a nesting in it cannot be read."),
        (b'{"a": "' + b"x" * jsonl.LONGEST_LINE + b'"}', "The line is longer than 4 MB."),
    ],
    ids=["utf-8", "cut", "list", "nan", "digits", "deep", "long"],
)
def test_a_broken_line_costs_itself_only(tmp_path, broken, reason):
    found = list(jsonl.read(write(tmp_path, lines(row(1), broken, row(3)))))
    assert [(entry.line, entry.reason) for entry in found] == [(1, None), (2, reason), (3, None)]


def test_a_damaged_archive_keeps_what_came_before(tmp_path):
    whole = gzip.compress(lines(*(row(n) for n in range(1, 400))), compresslevel=1)
    found = list(jsonl.read(write(tmp_path, whole[: len(whole) // 2], "rows.jsonl.gz")))
    assert found[0].row and len(found) > 10
    assert found[-1].reason == "The archive is damaged: from this line on nothing could be read."


def test_the_format_is_told_by_name_or_by_looking(tmp_path):
    assert format_of(write(tmp_path, b"", "a.jsonl"), None) == "jsonl"
    assert format_of(write(tmp_path, lines(row()), "rows.txt"), None) == "jsonl"
    assert format_of(write(tmp_path, b"?", "x"), "jsonl") == "jsonl"


STRANGE = [b"", b"title,company\n", b"<xml/>", b'{"jobs": []}', b"\x1f\x8bbroken", b"\x00" * 50]


@pytest.mark.parametrize("content", STRANGE)
def test_an_unknown_format_is_refused(tmp_path, content):
    with pytest.raises(UnknownFormat):
        format_of(write(tmp_path, content, "x"), None)
    with pytest.raises(UnknownFormat):
        format_of(write(tmp_path, lines(row()), "a.jsonl"), "smoke-signals")
