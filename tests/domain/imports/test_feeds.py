"""Every format in small: what is read of a good job, what becomes of bad jobs and of hostile files."""

import gzip
import json
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO

import pytest

from app.domain.imports.normalise import RowError, normalise
from app.domain.imports.readers import FORMATS, UnknownFormat, documents, elements, format_of
from tests.domain.imports.feeds import FEEDS, HTML, TEXT
from tests.domain.imports.rows import lines, row

NOW = datetime(2026, 3, 10, tzinfo=UTC)
JSON = sorted(name for name, feed in FEEDS.items() if feed.content[:1] in b"[{")
XML = ("personio", "indeed-xml", "rss")


def write(folder, content, name="feed"):
    path = folder / name
    path.write_bytes(content)
    return path


def read(path, written_as):
    return list(FORMATS[written_as].read(path))


def posting(entry):
    return normalise(entry.row, NOW, False, 60)


def reasons(path, written_as):
    return [entry.reason for entry in read(path, written_as)]


@pytest.mark.parametrize("written_as", FEEDS)
def test_a_job_is_read_whole_and_a_bad_one_costs_itself_only(tmp_path, written_as):
    feed = FEEDS[written_as]
    path = write(tmp_path, feed.content)
    assert format_of(path, None) == written_as
    first, *others = read(path, written_as)
    job = posting(first)
    assert (job.source, job.source_id, job.title, job.company) == (
        feed.source, feed.source_id, "Bridge builder", feed.company,
    )
    assert tuple(place.slug for place in job.places) == feed.places
    assert job.published_at.date().isoformat() == feed.posted
    assert (job.valid_through and job.valid_through.isoformat()) == feed.until
    assert (job.workplace.value, job.type and job.type.value, job.url) == (feed.workplace, feed.type, feed.url)
    assert (job.pay and (job.pay.low, job.pay.high, job.pay.currency, job.pay.period.value)) == feed.pay
    assert TEXT in job.text and "&lt;" not in job.html
    assert all(other.line > first.line for other in others)
    for other in others:
        with pytest.raises(RowError, match=r"title"):
            posting(other)
    assert len(others) == (written_as != "workday")
    assert FORMATS[written_as].lines(path) >= [first, *others][-1].line


def test_every_format_has_a_feed_here():
    assert FORMATS.keys() == {"jsonl", *FEEDS}


@pytest.mark.parametrize("written_as", [name for name in FEEDS if name != "xlsx"])
def test_a_gzipped_feed_reads_the_same(tmp_path, written_as):
    path = write(tmp_path, gzip.compress(FEEDS[written_as].content))
    assert format_of(path, None) == written_as
    assert posting(read(path, written_as)[0]).title == "Bridge builder"


@pytest.mark.parametrize("written_as", JSON)
@pytest.mark.parametrize("odd", [None, True, 5, 1e400, "x", "", [], [None, 5], {}, {"name": []}])
def test_a_value_of_another_kind_costs_its_job_at_most(tmp_path, written_as, odd):
    """Each value of a document in turn becomes another kind of thing."""
    document = json.loads(FEEDS[written_as].content)
    for number, (spot, key) in enumerate(list(_spots(document))):
        kept, spot[key] = spot[key], odd
        content = json.dumps(document).replace("Infinity", "1e400").encode()
        for entry in read(write(tmp_path, content, f"feed{number}"), written_as):
            with suppress(RowError):
                assert entry.reason or posting(entry)
        spot[key] = kept


def _spots(value):
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _spots(inner)


@pytest.mark.parametrize("written_as", JSON)
def test_a_document_that_cannot_be_read_is_one_refusal(tmp_path, written_as, monkeypatch):
    whole = FEEDS[written_as].content
    cut = write(tmp_path, whole[:-5], "cut")
    assert [reason[:22] for reason in reasons(cut, written_as)] == ["It is not valid JSON: "]
    assert reasons(write(tmp_path, b"[" * 100_000, "deep"), written_as) == [
        "It is not valid JSON: a number or a nesting in it cannot be read."
    ]
    assert reasons(write(tmp_path, b'{"\xff": 1}', "bytes"), written_as) == [
        "The file is not valid UTF-8 (byte 3)."
    ]
    assert reasons(write(tmp_path, gzip.compress(whole)[:-9], "packed"), written_as) == ["The archive is damaged."]
    monkeypatch.setattr(documents, "LARGEST", 50)
    assert reasons(write(tmp_path, whole, "large"), written_as) == ["The file is larger than 0 MB."]
    for name in ("cut", "deep", "bytes", "packed", "large"):
        with pytest.raises(UnknownFormat):
            format_of(tmp_path / name, None)
        assert FORMATS[written_as].lines(tmp_path / name) >= 0


BOMB = b"""<!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;">]>"""
OUTSIDE = b"""<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>"""
ENTITIES = "The file declares entities, which are not read. From here on nothing could be read."


@pytest.mark.parametrize("written_as", XML)
def test_hostile_xml_is_refused(tmp_path, written_as):
    whole = FEEDS[written_as].content
    body = whole[whole.index(b"?>") + 2 :] if b"?>" in whole else whole
    for name, content in (("bomb", BOMB + body), ("outside", OUTSIDE + body)):
        path = write(tmp_path, content.replace(b"Bridge builder", b"&a;"), name)
        assert reasons(path, written_as) == [ENTITIES]
        with pytest.raises(UnknownFormat):
            format_of(path, None)
    root = body[: body.index(b">") + 1]
    deep = write(tmp_path, root + b"<a>" * 200_000, "deep")
    assert reasons(deep, written_as) == ["Elements are nested more than 100 deep. From here on nothing could be read."]
    other = write(tmp_path, b"<jobs><job/></jobs>", "other")
    assert reasons(other, written_as) == [
        "The outermost element is <jobs>, which is none of this format. From here on nothing could be read."
    ]
    strange = write(tmp_path, b"<?xml version='1.0' encoding='klingon'?>" + body, "strange")
    assert len(reasons(strange, written_as)) == 1
    assert len(reasons(write(tmp_path, b"", "empty"), written_as)) == 1


@pytest.mark.parametrize("written_as", XML)
def test_xml_that_breaks_off_keeps_the_jobs_before(tmp_path, written_as):
    whole = FEEDS[written_as].content
    at = whole.rindex(b"<guid") if written_as == "rss" else whole.rindex(b"Bridges")
    first, last = read(write(tmp_path, whole[:at] + b" R & D " + whole[at:]), written_as)
    assert posting(first).title == "Bridge builder"
    assert last.line == 2
    assert last.reason.startswith("The file is not well-formed XML (line 1, column ")


def test_an_endless_item_of_xml_is_not_held(tmp_path, monkeypatch):
    monkeypatch.setattr(elements, "LARGEST_RECORD", 200_000)
    path = write(tmp_path, FEEDS["indeed-xml"].content.replace(b"</source>", b"<job><title>" + b"x" * 400_000))
    assert [entry.reason for entry in read(path, "indeed-xml")] == [
        None, None, "An item is larger than 0 MB. From here on nothing could be read.",
    ]


def test_many_items_of_xml_are_no_large_one(tmp_path, monkeypatch):
    monkeypatch.setattr(elements, "LARGEST_RECORD", 200_000)
    whole = FEEDS["indeed-xml"].content
    job = whole[whole.index(b"<job>") : whole.index(b"</job>") + 6]
    path = write(tmp_path, whole.replace(b"</source>", job * 2_000 + b"</source>"))
    assert sum(entry.row is not None for entry in read(path, "indeed-xml")) == 2_002
    assert FORMATS["indeed-xml"].lines(path) == 2_002


ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Jobs</title><id>x</id>
<link rel="self" href="https://elsewhere.example/"/>
<entry><id>urn:7</id><title>Bridge builder</title><link rel="alternate" href="https://bridges.example/7"/>
<published>2026-03-02T10:00:00Z</published><updated>2026-03-09T10:00:00Z</updated>
<category term="x"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{HTML}</div></content></entry></feed>"""


def test_atom_is_read(tmp_path):
    path = write(tmp_path, ATOM.encode())
    assert format_of(path, None) == "rss"
    job = posting(read(path, "rss")[0])
    assert (job.source, job.source_id, job.url) == ("rss:bridges.example", "urn:7", "https://bridges.example/7")
    assert job.published_at.date().isoformat() == "2026-03-02"
    assert job.text == TEXT


def test_only_boards_that_are_known_for_it_name_the_company_in_the_title(tmp_path):
    said = (
        "<rss><channel><link>https://{}</link><item><title>Bridges: Builder: wood</title><region>Anywhere in the World"
        f"</region><description>{TEXT}</description></item></channel></rss>"
    )
    known = posting(read(write(tmp_path, said.format("weworkremotely.com/x").encode()), "rss")[0])
    assert (known.title, known.company, known.workplace.value) == ("Builder: wood", "Bridges", "remote")
    other = posting(read(write(tmp_path, said.format("board.example").encode()), "rss")[0])
    assert (other.title, other.company) == ("Bridges: Builder: wood", None)


@pytest.mark.parametrize(
    ("written_as", "document", "reason"),
    [
        ("greenhouse", {"jobs": [{"id": 1, "title": "x", "absolute_url": "x"}]}, "?content=true"),
        ("greenhouse", {"departments": [{"name": "y", "jobs": [{"id": 1, "title": "x"}]}]}, "?content=true"),
        ("greenhouse", {"offices": [{"departments": [{"jobs": [{"id": 1, "title": "x"}]}]}]}, "?content=true"),
        ("workable", {"results": [{"shortcode": "x", "title": "x"}]}, "?details=true"),
        ("smartrecruiters", {"content": [{"name": "x", "refNumber": "x", "releasedDate": "x"}]}, "/postings/ID"),
        ("workday", {"jobPostings": [{"title": "x", "externalPath": "x"}]}, "own document"),
        (
            "workday",
            {"body": {"children": [{"children": [{"listItems": [{"title": {"commandLink": "x"}}]}]}]}},
            "own document",
        ),
    ],
)
def test_a_list_without_descriptions_says_what_to_import_instead(tmp_path, written_as, document, reason):
    path = write(tmp_path, json.dumps(document).encode())
    assert format_of(path, None) == written_as
    (said,) = reasons(path, written_as)
    assert said.startswith("The list has no descriptions: import ") and reason in said


def test_what_ashby_does_not_list_stays_unlisted(tmp_path):
    document = json.loads(FEEDS["ashby"].content)
    document["jobs"][0]["isListed"] = False
    assert reasons(write(tmp_path, json.dumps(document).encode()), "ashby")[0].startswith("The job is not listed")


def test_json_ld_stands_alone_in_lists_and_in_several_scripts(tmp_path):
    one = {"@type": "JobPosting", "title": "Bridge builder", "description": HTML, "jobLocationType": "TELECOMMUTE",
           "applicantLocationRequirements": [{"@type": "Country", "name": "Germany"}], "baseSalary": "40000",
           "salaryCurrency": "EUR", "identifier": {"name": "Bridges", "value": 7}}  # fmt: skip
    path = write(tmp_path, json.dumps([{"@type": "schema:JobPosting"}, [one]]).encode(), "x.json")
    assert format_of(path, None) == "jsonld"
    job = posting(read(path, "jsonld")[1])
    assert (job.source, job.source_id, job.workplace.value) == ("jsonld", "Bridges 7", "remote")
    assert (job.eligible, job.pay.high, job.pay.period.value) == (("DE",), 4_000_000, "year")
    script = '<script type="application/ld+json">{}</script>'
    page = script.format('{"a": ') + script.format(json.dumps(one)) + '<SCRIPT type="application/ld+json">{'
    found = read(write(tmp_path, page.encode()), "jsonld")
    assert [bool(entry.row) for entry in found] == [False, True]
    assert found[0].reason.startswith("A script of the page cannot be read. It is not valid JSON")


def test_html_is_told_from_escaped_html_and_from_text(tmp_path):
    html = f"<p>{TEXT}</p><p><strong>Boots</strong></p>"
    texts = {html: html, html.replace("<", "&lt;"): html, f"{TEXT}\n\n1 &lt; 2": f"<p>{TEXT}</p>\n<p>1 &lt; 2</p>"}
    for number, (said, shown) in enumerate(texts.items()):
        document = {"@type": "JobPosting", "title": "Bridge builder", "description": said}
        path = write(tmp_path, json.dumps(document).encode(), f"{number}.json")
        assert posting(read(path, "jsonld")[0]).html.replace("\n", "") == shown.replace("\n", "")


def test_cells_may_hold_anything(tmp_path):
    header = "title,company,description,remote,city,country,salary_min,salary_max,currency,salary_period\n"
    line = f'Builder,Bridges,"{TEXT}",yes,Berlin,DE,3000,4000,EUR,month\n'
    content = header + line + f'{line.strip()},,\n{line.strip()},more\n"never closed,' + "x" * 140_000 + f"\n{line}"
    found = read(write(tmp_path, content.encode()), "csv")
    assert [(entry.line, entry.reason) for entry in found] == [
        (2, None), (3, None), (4, "The line has 11 cells, the header names 10 columns."),
        (5, "The line cannot be read: field larger than field limit (131072)."), (6, None),
    ]  # fmt: skip
    job = posting(found[0])
    assert (job.workplace.value, job.eligible) == ("remote", ("DE",))
    assert (job.pay.low, job.pay.high, job.pay.period.value) == (300_000, 400_000, "month")


POLISH = "Szukamy kogoś, kto zbuduje mosty: świeże drewno, żadnych gwoździ, dużo słońca i ciężkiej pracy w źródle."
FRENCH = (
    "Nous recherchons un maçon expérimenté, à l'aise avec le bois, où que ce soit, pour bâtir des ponts à Nîmes dès la"
    " rentrée. Vous êtes à l'écoute, là où il faut, et prêt à relever le défi près de chez vous."
)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (POLISH, "utf-8"), (POLISH, "utf-8-sig"), (POLISH, "utf-16"), (POLISH, "utf-16-le"), (POLISH, "utf-16-be"),
        (POLISH, "cp1250"), (FRENCH, "cp1252"),
    ],
)
def test_the_encoding_of_a_table_is_told_by_looking(tmp_path, text, encoding):
    path = write(tmp_path, f"title\tcompany\tdescription\nBuilder\tBridges\t{text}\n".encode(encoding))
    assert format_of(path, None) == "csv"
    assert posting(read(path, "csv")[0]).text == text


@pytest.mark.parametrize(
    ("low", "high", "currency", "said"),
    [
        ("50,000", "$70k", "", (50_000, 70_000)), ("50000", "70,000.00", "USD", (50_000, 70_000)),
        ("$50,000", "", "", (50_000, 50_000)), ("", "70 000", "USD", (None, 70_000)), ("ask us", "", "USD", None),
    ],
)  # fmt: skip
def test_ends_of_pay_are_read_as_people_type_them(tmp_path, low, high, currency, said):
    header = "title,company,description,salary_min,salary_max,currency,salary_period\n"
    line = f'Builder,Bridges,"{TEXT}","{low}","{high}",{currency},year\n'
    pay = posting(read(write(tmp_path, (header + line).encode()), "csv")[0]).pay
    assert (pay and (pay.low and pay.low // 100, pay.high // 100)) == said
    assert pay is None or (pay.currency, pay.period.value) == ("USD", "year")


def test_a_table_of_something_else_is_none_of_postings(tmp_path):
    for header in (b"name,description,price\n", b"title,company\n", b"a;b;c\n"):
        with pytest.raises(UnknownFormat):
            format_of(write(tmp_path, header + b"1,2,3\n"), None)


def _workbook(sheet, *others):
    saved = BytesIO()
    with zipfile.ZipFile(BytesIO(FEEDS["xlsx"].content)) as whole, zipfile.ZipFile(saved, "w") as target:
        for name in whole.namelist():
            target.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else whole.read(name))
        for name in others:
            target.writestr(name, b"\0" * 2_000_000)
    return saved.getvalue()


def test_hostile_workbooks_are_refused(tmp_path, monkeypatch):
    cut = write(tmp_path, FEEDS["xlsx"].content[:-100], "cut")
    assert reasons(cut, "xlsx") == ["The file is no Excel workbook, or a damaged or locked one."]
    assert reasons(write(tmp_path, _workbook(BOMB + b"<worksheet/>"), "bomb"), "xlsx") == [
        "The workbook declares entities, which are not read."
    ]
    broken = write(tmp_path, _workbook(b"<worksheet><sheetData><row"), "broken")
    assert [reason[:28] for reason in reasons(broken, "xlsx")] == ["The workbook cannot be read "]
    monkeypatch.setattr("app.domain.imports.readers.xlsx_table._LARGEST", 1_000_000)
    large = write(tmp_path, _workbook(b"<worksheet/>", "x"), "large")
    assert reasons(large, "xlsx") == ["The workbook is larger than 1 MB unpacked."]
    for name in ("cut", "bomb", "broken", "large"):
        with pytest.raises(UnknownFormat):
            format_of(tmp_path / name, None)
        assert FORMATS["xlsx"].lines(tmp_path / name) == 1


STRANGERS = {
    "a list of jobs nobody here knows": b'{"jobs": [{"id": 1, "title": "x", "location": "y"}]}',
    "an empty board": b'{"jobs": []}',
    "words": b'"title"',
    "a feed that is none": b"<rss><jobs><job><title>x</title></job></jobs></rss>",
    "another xml": b"<jobs><job id='1'><name>x</name></job></jobs>",
    "a page without postings": b"<script type='application/ld+json'>{\"@type\": \"Article\"}</script>",
    "an archive": b"PK\x05\x06" + b"\0" * 18,
}


@pytest.mark.parametrize("content", STRANGERS.values(), ids=STRANGERS)
def test_a_stranger_is_not_taken_for_a_format(tmp_path, content):
    with pytest.raises(UnknownFormat):
        format_of(write(tmp_path, content), None)


@pytest.mark.parametrize("written_as", ["jsonl", *FEEDS])
def test_no_file_breaks_a_reader(tmp_path, written_as):
    contents = [b"", b"\0" * 50, b"{}", b"[]", b"null", b"\x1f\x8bbroken", lines(row())]
    for content in [*contents, *(feed.content for feed in FEEDS.values())]:
        path = write(tmp_path, content)
        assert FORMATS[written_as].lines(path) >= 0
        for entry in read(path, written_as):
            with suppress(RowError):
                assert entry.reason or posting(entry)
