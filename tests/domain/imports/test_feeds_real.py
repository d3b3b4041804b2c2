"""Captures of real feeds, and what people read in them; collected only where NEXUS_DATA names them."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import select

from app.core.money import format_range
from app.domain.companies.models import Company
from app.domain.imports.normalise import RowError, normalise
from app.domain.imports.readers import FORMATS, UnknownFormat, format_of
from app.domain.postings.models import Posting

DATA = Path(os.environ.get("NEXUS_DATA", "."))
NOW = datetime(2026, 11, 23, tzinfo=UTC)
UNTOLD = "The list has no descriptions: import "


class Job(NamedTuple):
    """What a job in a feed says, read there by eye; `place` is a slug or the words that were kept."""

    title: str
    company: str | None
    place: str
    posted: str
    pay: str
    text: str


class Capture(NamedTuple):
    """How many items a file has, how many can be taken, why the others cannot, and two of those taken."""

    written_as: str
    items: int
    read: int
    reason: str
    jobs: tuple[Job, ...] = ()


CAPTURES = {
    "ashby/careerkit_ashby.json": Capture("ashby", 2, 2, "", (
        Job("Senior Technical Recruiter", "HighlightTA", "canada", "2026-04-20", "", "About HighlightTA"),
        Job("Senior Site Reliability Engineer", "HighlightTA", "toronto-ca", "2026-07-08", "CA$102.8k – CA$137k a year",
            "Company Overview"),
    )),
    "ashby/ramp_2026.json": Capture("ashby", 6, 6, "", (
        Job("Security Engineer, Cloud", "ramp", "new-york-city-us", "2026-04-07", "", "About Ramp"),
        Job("Software Engineer, Frontend", "ramp", "new-york-city-us", "2023-03-09", "", "About Ramp"),
    )),
    "ashby/render_2026.json": Capture("ashby", 2, 2, "", (
        Job("Open Application", "render", "united-states", "2026-02-04", "", "At Render, we’re building"),
        Job("Software Engineer, Product (all levels)", "render", "united-states", "2025-07-10", "", "At Render, we’re"),
    )),
    "greenhouse/departments_2026.json": Capture("greenhouse", 131, 0, UNTOLD),
    "greenhouse/discord_offices_2020.json": Capture("greenhouse", 57, 0, UNTOLD),
    "greenhouse/honeycomb_etc_2026.json": Capture("greenhouse", 2, 2, "", (
        Job("Field Marketing Specialist", "Honeycomb.io", "united-states", "2026-08-10", "", "What We’re Building"),
        Job("Mid Market Account Executive", "Honeycomb.io", "united-states", "2025-10-16", "", "What We’re Building"),
    )),
    "greenhouse/netlify_departments_2020.json": Capture("greenhouse", 13, 0, UNTOLD),
    "greenhouse/stripe_nocontent_2026.json": Capture("greenhouse", 6, 0, UNTOLD),
    "himalayas/himalayas_2026.json": Capture("himalayas", 3, 3, "", (
        Job("Physics Expert - Fully Remote | Upto $135/hr", "mercor", "united-kingdom", "2026-08-11",
            "$80 – $135 an hour", "About the job"),
        Job("Amazon Brand Manager", "ScaleJet", "poland", "2026-08-11", "", "Our client, an eco-friendly Home &"),
    )),
    "indeed_xml/aloksteels_in_2026.xml": Capture("indeed-xml", 1, 0, "The description says nothing"),
    "indeed_xml/orchid_2025.xml": Capture("indeed-xml", 6, 6, "", (
        Job("Security Officer – Long Beach", "Orchid Protection Services", "long-beach-us", "2025-10-02", "",
            "Orchid Protection Services is hiring professional Security Officers to serve Long Beach"),
        Job("Security Officer – San Diego", "Orchid Protection Services", "san-diego-us", "2025-10-02", "",
            "Join our San Diego team"),
    )),
    "indeed_xml/remotetalents_nl_2026.xml": Capture("indeed-xml", 2, 2, "", (
        Job("Accountmanager", "RemoteTalents", "netherlands", "2026-01-26", "", "Functieomschrijving"),
        Job("B2B Leadgenerator & Afspraakplanner", "RemoteTalents", "netherlands", "2026-01-26", "",
            "Functieomschrijving"),
    )),
    "indeed_xml/talia_fr_2026.xml": Capture("indeed-xml", 16, 16, "", (
        Job("Vendeur(se) en alternance H/F", "Talia", "levallois-perret-fr", "2026-06-22", "€500 – €1,700 a month",
            "L'École Talia, école 100% en ligne"),
        Job("Conseiller(ère) de vente en alternance H/F", "Talia", "montpellier-fr", "2026-06-22",
            "€500 – €1,700 a month", "L'École Talia, école 100% en ligne"),
    )),
    "jsonld/cryptojobslist_2026.html": Capture("jsonld", 1, 1, "", (
        Job("Blockchain - Sr Lead Security Engineer", "JPMorgan Chase & Co", "plano-us", "2026-07-23",
            "$180k – $250k a year", "Design and operate secure wallet infrastructure."),
    )),
    "jsonld/cryptovalley_2026.html": Capture("jsonld", 1, 1, "", (
        Job("Data Scientist - Fraud Risk", "Solana Foundation", "new-york-city-us", "2026-08-10", "", "Detect fraud"),
    )),
    "jsonld/schemaorg_jobposting_examples.txt": Capture("jsonld", 1, 1, "", (
        Job("Software Engineer", None, "kirkland-wa-us", "2011-10-31", "$100k a year", "Description: ABC Company Inc."),
    )),
    "jsonld/topcv_vn_2019.html": Capture("jsonld", 1, 1, "", (
        Job("Chuyên viên tư vấn khóa học cho trẻ em (Xoay ca, thu nhập hấp dẫn)", "I Can Read", "ho-chi-minh-city-vn",
            "2019-10-09", "", "Mô tả công việc"),
    )),
    "lever/1password_2021.json": Capture("lever", 24, 24, "", (
        Job("Account Manager", "1password", "canada", "2021-01-12", "", "Over 70,000 businesses"),
        Job("Intermediate Accountant", "1password", "toronto-ca", "2021-01-06", "", "Over 70,000 businesses"),
    )),
    "lever/careerkit_lever.json": Capture("lever", 2, 2, "", (
        Job("(1099 Contract) Nonprofit Salesforce Consultant: Enterprise Project Manager", "idealistconsulting",
            "chicago-us", "2025-11-27", "", "Are you tenacious"),
        Job("(1099 Contract) Salesforce for Nonprofits: Solution Architect", "idealistconsulting", "washington-us",
            "2023-01-29", "", "Are you tenacious"),
    )),
    "lever/jumpcloud_2026.json": Capture("lever", 2, 2, "", (
        Job("Account Executive, North America SMB - India", "jumpcloud", "bengaluru-in", "2026-07-29", "",
            "All roles at JumpCloud"),
        Job("Account Manager - Singapore", "jumpcloud", "singapore-sg", "2026-07-28", "", "All roles at JumpCloud"),
    )),
    "personio/careerkit_personio.xml": Capture("personio", 2, 0, "The position has no job descriptions."),
    "recruitee/aikido_2026.json": Capture("recruitee", 3, 3, "", (
        Job("Customer Success Engineer Tel Aviv", "Aikido Security", "tel-aviv-il", "2026-08-11", "",
            "🌍 We’re making security suck less for developers."),
        Job("Office Manager Chicago", "Aikido Security", "chicago-us", "2026-08-10", "", "🌍 We’re taking on"),
    )),
    "remoteok/remoteok_2026.json": Capture("remoteok", 2, 2, "", (
        Job("Group leader", "PAYTM SERVICES PVT LTD", "krishnagiri-in", "2026-08-11", "", "paytm qr , soundbox,loan"),
        Job("Handyman", "Ocean Hotels Group BARBADOS", "", "2026-08-11", "", "Company: Chickmont Foods Ltd."),
    )),
    "remotive/remotive_2026.json": Capture("remotive", 5, 5, "", (
        Job("Data Labeling Specialists", "Workada", "united-states", "2026-07-26", "$18 – $22 an hour", "Who We Are"),
        Job("Business Development Representative", "Outsite", "united-kingdom", "2026-07-23", "$45k – $50k a year",
            "## About Outsite"),
    )),
    "rss/researchcomputing_2026.rss": Capture("rss", 350, 350, "", (
        Job("Director of Computing Innovation", "Colby College", "waterville-me-us", "2026-01-30", "",
            "The Director of Computing Innovation is a key technical leadership role"),
        Job("Director for Behavioral Health Research, AI Hub", "New York University", "new-york-city-us", "2024-02-03",
            "", "Reporting to the Executive Director of NYU McSilver"),
    )),
    "rss/weworkremotely_2026.xml": Capture("rss", 4, 4, "", (
        Job("Maths Coach", "Mathmo", "", "2026-07-10", "", "Headquarters: London"),
        Job("Technical Customer Support Specialist", "Qase", "", "2026-07-10", "", "Headquarters: Delaware, USA"),
    )),
    "rss/weworkremotely_sales_2026.rss": Capture("rss", 3, 3, "", (
        Job("Account Executive DACH", "Remote", "", "2026-08-11", "", "Headquarters: Austria Remote"),
        Job("Senior Enterprise Account Executive", "Amplitude", "", "2026-08-11", "", "Headquarters: Remote - Saudi"),
    )),
    "smartrecruiters/automationanywhere_detail.json": Capture("smartrecruiters", 1, 0, "The row has no title."),
    "smartrecruiters/automationanywhere_page0.json": Capture("smartrecruiters", 3, 0, UNTOLD),
    "smartrecruiters/automationanywhere_page1.json": Capture("smartrecruiters", 1, 0, UNTOLD),
    "smartrecruiters/careerkit_smartrecruiters.json": Capture("smartrecruiters", 1, 0, UNTOLD),
    "teamtailor/careerkit_teamtailor.json": Capture("teamtailor", 2, 0, "The row has no description."),
    "usajobs/usajobs_search_2016.json": Capture("usajobs", 25, 25, "", (
        Job("Policy Analyst (Tribal Climate)", "Office of the Secretary of the Interior", "washington-us", "2016-05-03",
            "$77,490 – $141,555 a year", "The U.S. Department of the Interior (DOI) protects Americas"),
        Job("Registered Nurse - PMDB Coordinator", "Veterans Affairs, Veterans Health Administration",
            "richmond-va-us", "2016-05-04", "$57,064 – $108,732 a year", "Our Mission: To fulfill President Lincoln's"),
    )),
    "workable/careerkit_workable.json": Capture("workable", 1, 0, UNTOLD),
    "workable/v3_api_2020.json": Capture("workable", 2, 0, UNTOLD),
    "workable/vasion_2026.json": Capture("workable", 2, 2, "", (
        Job("Account Executive (Partner First) - APAC", "Vasion", "new-south-wales-region-au", "2026-08-05", "",
            "Vasion is a cloud-native SaaS platform"),
        Job("Account Executive - UK&I / Northern Europe", "Vasion", "london-gb", "2026-08-10", "",
            "Vasion is a cloud-native SaaS platform"),
    )),
    "workday/careerkit_workday.json": Capture("workday", 2, 0, UNTOLD),
    "workday/workday_page1_2020.json": Capture("workday", 50, 0, UNTOLD),
}  # fmt: skip

TABLES = {
    "adzuna_uk_2012.csv.gz": 2144,
    "careercenter_am_2004_semicolon_crlf.csv.gz": 425,
    "emscad.csv.gz": 1116,
    "glassdoor_na_2020.csv.gz": 1599,
    "glassdoor_us_2020.csv.gz": 830,
    "glassdoor_us_2021.csv.gz": 579,
    "google_2018.csv.gz": 1044,
    "indeed_in_2022.csv.gz": 813,
    "indeed_na_2020.csv.gz": 1533,
    "linkedin_na_2020.csv.gz": 1720,
    "pl_jobads_2021_cp1250.csv.gz": 8462,
    "pl_jobads_2021_first3000.xlsx": 3000,
    "simplyhired_us_2020.csv.gz": 2824,
    "metadata_only/seek_au_2018_6284.csv.gz": 6284,
}
"""Records that are not blank, counted apart from the readers."""

STRANGERS = [
    "bamboohr", "comeet", "eightfold", "eleduck", "hn", "hrmdirect", "icims", "oracle_orc", "oracle_orc_detail",
    "other_xml", "phenom", "pinpoint", "rippling",
]  # fmt: skip
CUSTOM = ["rss/nber_predoc_2025.xml"]
"""XML of somebody's own that stands among the feeds of RSS."""


def feed(name):
    return DATA / "feeds" / name


def said(path, written_as):
    """(postings, reasons) of a file."""
    postings, reasons = [], []
    for entry in FORMATS[written_as].read(path):
        try:
            if entry.row is None:
                reasons.append(entry.reason)
            else:
                postings.append(normalise(entry.row, NOW, False, 60))
        except RowError as refusal:
            reasons.append(str(refusal))
    return postings, reasons


def told(posting):
    pay = posting.pay
    shown = format_range(pay.low, pay.high, pay.currency, pay.period).replace("\xa0", " ") if pay else ""
    place = posting.places[0].slug if posting.places else posting.place_label
    return posting.title, posting.company, place, posting.published_at.date().isoformat(), shown


def test_the_docs_count_as_people_did():
    docs = (Path(__file__).resolve().parents[3] / "docs" / "imports.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+/\S+) \| `([a-z-]+)` \| (\d+) \| (\d+) \|", docs, re.M)
    told = {name: (written_as, int(items), int(read)) for name, written_as, items, read in rows}
    assert told == {name: (one.written_as, one.items, one.read) for name, one in CAPTURES.items()}


def test_every_capture_is_either_read_or_a_stranger():
    there = {path.relative_to(DATA / "feeds").as_posix() for path in (DATA / "feeds").glob("*/*")}
    known = {name for name in there if name in CAPTURES or name in CUSTOM or name.split("/")[0] in STRANGERS}
    assert there == known and CAPTURES.keys() <= there


@pytest.mark.parametrize("name", CAPTURES)
def test_a_capture_says_what_people_read_in_it(name):
    capture = CAPTURES[name]
    assert format_of(feed(name), None) == capture.written_as
    postings, reasons = said(feed(name), capture.written_as)
    assert (len(postings) + len(reasons), len(postings)) == (capture.items, capture.read)
    assert FORMATS[capture.written_as].lines(feed(name)) == capture.items
    assert all(reason.startswith(capture.reason) and capture.reason for reason in reasons)
    found = {told(posting): posting.text for posting in postings}
    for job in capture.jobs:
        assert found[job[:-1]].startswith(job.text)


@pytest.mark.parametrize(
    "path",
    [path for folder in STRANGERS for path in sorted((DATA / "feeds" / folder).glob("*"))] + [feed(n) for n in CUSTOM],
    ids=lambda path: path.name,
)
def test_a_capture_of_another_format_is_a_stranger(path):
    with pytest.raises(UnknownFormat):
        format_of(path, None)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_record_by_record(name):
    path = DATA / "raw" / name
    written_as = format_of(path, None)
    assert written_as == ("xlsx" if name.endswith("xlsx") else "csv")
    entries = list(FORMATS[written_as].read(path))
    assert len(entries) == TABLES[name]
    assert [entry.reason for entry in entries if entry.reason] == []
    assert sum(bool(entry.row["title"]) for entry in entries) >= 0.98 * len(entries)


def test_letters_of_another_code_page_are_read():
    first = next(FORMATS["csv"].read(DATA / "raw" / "pl_jobads_2021_cp1250.csv.gz"))
    assert (first.line, first.row["source"], first.row["source_id"]) == (2, "csv:gratka.pl", "256449")
    assert first.row["location"] == "Krużlowa Wyżna, nowosądecki, małopolskie"
    assert "uczniem słabosłyszącym" in first.row["description"]


def summary(done):
    return {what: int(count) for what, count in (part.split() for part in done.stdout.splitlines()[-1].split(", "))}


@pytest.mark.parametrize("name", CAPTURES)
def test_a_capture_goes_in_as_the_format_it_is(app, board, name):
    capture = CAPTURES[name]
    command = ["import", str(feed(name)), "--publish"]
    first = app.test_cli_runner().invoke(args=command)
    counts = summary(first)
    assert first.exit_code == (0 if capture.read else 1)
    assert counts["kept"] + counts["duplicates"] + counts["updated"] + counts["unchanged"] == capture.read
    assert counts["rejected"] == capture.items - capture.read
    with board.reading() as session:
        facts = select(Posting.title, Company.name, Posting.published_at)
        rows = session.execute(facts.outerjoin(Company, Company.id == Posting.company_id)).all()
    assert len(rows) == counts["kept"]
    found = {(title, company, posted.date().isoformat()) for title, company, posted in rows}
    assert {(job.title, job.company, job.posted) for job in capture.jobs} <= found
    again = summary(app.test_cli_runner().invoke(args=command))
    assert (again["kept"], again["updated"], again["unchanged"]) == (0, 0, capture.read)


def test_a_stranger_among_captures_changes_nothing(app, board):
    known, stranger = feed("remotive/remotive_2026.json"), feed("other_xml/wakam_greenhouse_2023.xml")
    done = app.test_cli_runner().invoke(args=["import", str(known), str(stranger)])
    assert (done.exit_code, done.stderr) == (2, "unknown format, nothing changed\n")
    with board.reading() as session:
        assert session.scalar(select(Posting.id)) is None


def test_a_capture_that_is_not_well_formed_harms_no_other(app, board):
    known, broken = feed("indeed_xml/orchid_2025.xml"), feed("other_xml/wakam_greenhouse_2023.xml")
    done = app.test_cli_runner().invoke(args=["import", str(broken), str(known), "--format", "indeed-xml"])
    assert summary(done) == {"kept": 6, "updated": 0, "unchanged": 0, "duplicates": 0, "rejected": 1}
