"""Invented feeds, one a format: a whole job first, then one that lacks its title."""

import json
from io import BytesIO
from typing import Any, NamedTuple

from openpyxl import Workbook

TEXT = (
    "You plan, draw and build small wooden bridges together with a crew of four, and write down what each of them can"
    " carry. We pay for courses, boots and lunch, and nobody works after five."
)
HTML = f"<p>{TEXT}</p>"
ESCAPED = HTML.replace("<", "&lt;").replace(">", "&gt;")


class Feed(NamedTuple):
    """A file's content, and what its first job must come to."""

    content: bytes
    source: str
    source_id: str
    company: str | None = "Bridges"
    places: tuple[str, ...] = ("berlin-de",)
    posted: str = "2026-03-02"
    until: str | None = None
    workplace: str = "on_site"
    type: str | None = None
    pay: tuple[int, int, str, str] | None = None
    url: str | None = None


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _both(job: dict[str, Any], title: str = "title") -> list[dict[str, Any]]:
    return [job, {**{name: value for name, value in job.items() if name != title}, title: ""}]


def _greenhouse() -> Feed:
    url = "https://job-boards.greenhouse.io/bridges/jobs/7"
    job = {
        "id": 7, "title": "Bridge builder", "absolute_url": url, "company_name": "Bridges", "content": ESCAPED,
        "location": {"name": "Berlin, Germany"}, "first_published": "2026-03-02T23:30:00-04:00",
        "application_deadline": "2026-04-30T10:00:00Z", "departments": [{"name": "Building"}],
        "pay_input_ranges": [{"min_cents": 4_000_000, "max_cents": 5_000_000, "currency_type": "EUR"}],
    }
    return Feed(
        _json({"jobs": _both(job)}), "greenhouse:bridges", "7", until="2026-04-30", url=url,
        pay=(4_000_000, 5_000_000, "EUR", "year"),
    )


def _lever() -> Feed:
    url = "https://jobs.lever.co/bridges/a-7"
    job = {
        "id": "a-7", "text": "Bridge builder", "hostedUrl": url, "createdAt": 1772409600000, "description": HTML,
        "lists": [{"text": "You bring", "content": "<li>Boots</li>"}], "additional": "<p>And a hat</p>",
        "categories": {"location": "Berlin", "commitment": "Full Time", "team": "Building"}, "country": "DE",
        "workplaceType": "hybrid",
        "salaryRange": {"min": 3000, "max": 4000, "currency": "EUR", "interval": "per-month-salary"},
    }
    return Feed(
        _json(_both(job, "text")), "lever:bridges", "a-7", "bridges", type="full_time", workplace="hybrid", url=url,
        pay=(300_000, 400_000, "EUR", "month"),
    )


def _ashby() -> Feed:
    url = "https://jobs.ashbyhq.com/bridges/a-7"
    pay = {"compensationType": "Salary", "interval": "1 HOUR", "currencyCode": "EUR", "minValue": 20, "maxValue": 30}
    job = {
        "id": "a-7", "title": " Bridge builder", "jobUrl": url, "publishedAt": "2026-03-02T10:00:00.531+00:00",
        "descriptionHtml": HTML, "location": "Berlin", "secondaryLocations": [{"location": "Paris, France"}],
        "employmentType": "PartTime", "workplaceType": "Hybrid", "isRemote": True, "isListed": True,
        "compensation": {"summaryComponents": [{"compensationType": "EquityPercentage"}, pay]},
    }
    return Feed(
        _json({"apiVersion": "1", "jobs": _both(job)}), "ashby:bridges", "a-7", "bridges", ("berlin-de", "paris-fr"),
        type="part_time", workplace="hybrid", pay=(2_000, 3_000, "EUR", "hour"), url=url,
    )


def _workable() -> Feed:
    url = "https://apply.workable.com/j/B7"
    job = {
        "shortcode": "B7", "title": "Bridge builder", "url": url, "published_on": "2026-03-02", "description": HTML,
        "employment_type": "Full-time", "telecommuting": False, "function": "Construction",
        "locations": [{"city": "Berlin", "region": "Berlin", "country": "Germany"}],
    }
    elsewhere = {**job, "locations": [{"city": "Paris", "country": "France"}, {"city": "Rome", "hidden": True}]}
    jobs = [job, elsewhere, {**job, "shortcode": "B8", "title": ""}]
    return Feed(
        _json({"name": "Bridges", "jobs": jobs}), "workable", "B7", places=("berlin-de", "paris-fr"), type="full_time",
        url=url,
    )


def _smartrecruiters() -> Feed:
    job = {
        "id": "7437", "name": "Bridge builder", "refNumber": "R7", "releasedDate": "2026-03-02T19:42:44.000Z",
        "company": {"identifier": "Bridges1", "name": "Bridges"}, "typeOfEmployment": {"label": "Full-time"},
        "location": {"city": "Reno", "region": "NV", "country": "us", "remote": False, "hybrid": True},
        "jobAd": {"sections": {"jobDescription": {"title": "The job", "text": HTML}}},
    }
    return Feed(
        _json({"totalFound": 2, "content": _both(job, "name")}), "smartrecruiters:Bridges1", "7437",
        places=("reno-us",), type="full_time", workplace="hybrid", url="https://jobs.smartrecruiters.com/Bridges1/7437",
    )


def _recruitee() -> Feed:
    url = "https://bridges.recruitee.com/o/builder"
    job = {
        "id": 7, "title": "Bridge builder", "careers_url": url, "published_at": "2026-03-02 20:45:29 UTC",
        "close_at": "2026-04-30 10:00:00 UTC", "company_name": "Bridges", "description": HTML,
        "requirements": "<ul><li>Boots</li></ul>", "remote": True, "location": "Remote job",
        "locations": [{"city": "Berlin", "state": "Berlin", "country": "Germany"}], "country_code": "DE",
        "employment_type_code": "fulltime_permanent",
        "salary": {"min": "3000", "max": "4000", "currency": "EUR", "period": "month"},
    }
    return Feed(
        _json({"offers": _both(job)}), "recruitee:bridges.recruitee.com", "7", until="2026-04-30", type="full_time",
        workplace="remote", pay=(300_000, 400_000, "EUR", "month"), url=url,
    )


def _teamtailor() -> Feed:
    url = "https://career.bridges.example/jobs/7-builder"
    posting = {
        "@type": "JobPosting", "description": HTML, "employmentType": "FULL_TIME",
        "jobLocation": [{"address": {"addressLocality": "Berlin", "addressRegion": "Europe", "addressCountry": "DE"}}],
    }
    item = {
        "id": "a-7", "title": "Bridge builder", "url": url, "date_published": "2026-03-02T09:26:20+01:00",
        "_jobposting": posting,
    }
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Bridges", "items": _both(item)}
    return Feed(_json(feed), "teamtailor:career.bridges.example", "a-7", type="full_time", url=url)


def _workday() -> Feed:
    url = "https://bridges.wd5.myworkdayjobs.com/Bridges/job/Berlin/Builder_JR7"
    job = {
        "id": "abc", "jobReqId": "JR7", "title": "Bridge builder", "jobDescription": HTML, "externalUrl": url,
        "location": "Berlin", "country": {"descriptor": "Germany"}, "startDate": "2026-03-02", "timeType": "Full time",
        "remoteType": "Hybrid",
    }
    document = {"jobPostingInfo": job, "hiringOrganization": {"name": "Bridges"}}
    return Feed(
        _json(document), "workday:bridges.wd5.myworkdayjobs.com", "JR7", type="full_time", workplace="hybrid", url=url
    )


def _usajobs() -> Feed:
    url = "https://www.usajobs.gov:443/GetJob/ViewDetails/7"
    job = {
        "PositionTitle": "Bridge builder", "PositionURI": url, "OrganizationName": "Bridges",
        "PositionLocation": [{"LocationName": "Reno, Nevada", "CountryCode": "United States"}],
        "PositionSchedule": [{"Name": "Full-Time"}], "PublicationStartDate": "2026-03-02T00:00:00Z",
        "ApplicationCloseDate": "2026-04-30T00:00:00Z", "UserArea": {"Details": {"JobSummary": TEXT}},
        "PositionRemuneration": [{"MinimumRange": "20", "MaximumRange": "30.5", "RateIntervalCode": "Per Hour"}],
    }
    items = [
        {"MatchedObjectId": "7", "MatchedObjectDescriptor": job},
        {"MatchedObjectId": "8", "MatchedObjectDescriptor": {**job, "PositionTitle": ""}},
    ]
    return Feed(
        _json({"SearchResult": {"SearchResultItems": items}}), "usajobs", "7", places=("reno-us",), until="2026-04-30",
        type="full_time", pay=(2_000, 3_050, "USD", "hour"), url=url,
    )


def _remoteok() -> Feed:
    url = "https://remoteok.com/remote-jobs/builder-7"
    job = {
        "slug": "builder-7", "id": "7", "epoch": 1772409600, "company": "Bridges", "position": "Bridge builder",
        "tags": ["exec"], "description": HTML, "location": "Berlin", "salary_min": 40000, "salary_max": 0, "url": url,
    }
    content = _json([{"last_updated": 1, "legal": "Please link back."}, *_both(job, "position")])
    return Feed(
        content, "remoteok", "7", workplace="remote", pay=(4_000_000, 4_000_000, "USD", "year"), url=url
    )


def _remotive() -> Feed:
    url = "https://remotive.com/remote-jobs/7"
    job = {
        "id": 7, "url": url, "title": "Bridge builder", "company_name": "Bridges", "job_type": "part_time",
        "publication_date": "2026-03-02T14:23:05", "candidate_required_location": "Germany", "salary": "$18 - $22/hr",
        "description": HTML, "category": "Construction",
    }
    return Feed(
        _json({"jobs": _both(job)}), "remotive", "7", places=("germany",), type="part_time", workplace="remote",
        pay=(1_800, 2_200, "USD", "hour"), url=url,
    )


def _arbeitnow() -> Feed:
    url = "https://www.arbeitnow.com/jobs/companies/bridges/builder-7"
    job = {
        "slug": "builder-7", "company_name": "Bridges", "title": "Bridge builder", "description": HTML,
        "remote": False, "url": url, "tags": ["Construction"], "job_types": ["full time"], "location": "Berlin",
        "created_at": 1772409600,
    }
    return Feed(_json({"data": _both(job), "links": {}}), "arbeitnow", "builder-7", type="full_time", url=url)


def _himalayas() -> Feed:
    url = "https://himalayas.app/companies/bridges/jobs/7"
    job = {
        "title": "Bridge builder", "companyName": "Bridges", "employmentType": "Contractor", "minSalary": 20,
        "maxSalary": 30, "salaryPeriod": "hourly", "currency": "EUR", "locationRestrictions": ["Germany"],
        "description": HTML, "pubDate": 1772409600, "expiryDate": 1777507200, "applicationLink": url, "guid": url,
    }
    return Feed(
        _json({"totalCount": 2, "jobs": _both(job)}), "himalayas", url, places=("germany",), until="2026-04-30",
        type="contract", workplace="remote", pay=(2_000, 3_000, "EUR", "hour"), url=url,
    )


def _personio() -> Feed:
    position = (
        "<position><id>7</id><subcompany>Bridges</subcompany><office>Berlin</office><additionalOffices>"
        "<office>Munich</office></additionalOffices><name>{}</name><jobDescriptions><jobDescription>"
        f"<name>The job</name><value><![CDATA[{HTML}]]></value></jobDescription></jobDescriptions>"
        "<employmentType>permanent</employmentType><schedule>part-time</schedule>"
        "<createdAt>2026-03-02T14:10:41+00:00</createdAt></position>"
    )
    content = f"<workzag-jobs>{position.format('Bridge builder')}{position.format('')}</workzag-jobs>".encode()
    return Feed(content, "personio", "7", places=("berlin-de", "munich-de"), type="part_time")


def _indeed_xml() -> Feed:
    url = "https://bridges.example/7"
    job = (
        "<job><title><![CDATA[{}]]></title><date><![CDATA[Mon, 02 Mar 2026 12:12:33 GMT]]></date>"
        f"<referencenumber>B7</referencenumber><url><![CDATA[{url}]]></url><company>Bridges</company><city>Berlin</city>"
        f"<state></state><country>DE</country><description><![CDATA[{HTML}]]></description>"
        "<salary>De 2500€ à 3000€ par mois</salary><jobtype>fulltime</jobtype><remotetype>Hybrid remote</remotetype>"
        "<expirationdate>2026-04-30</expirationdate></job>"
    )
    head = "<?xml version='1.0'?><source><publisher>B</publisher><publisherurl>https://board.example</publisherurl>"
    content = f"{head}{job.format('Bridge builder')}{job.format(' ')}</source>".encode()
    return Feed(
        content, "indeed-xml:board.example", "B7", until="2026-04-30", type="full_time", workplace="hybrid",
        pay=(250_000, 300_000, "EUR", "month"), url=url,
    )


def _rss() -> Feed:
    url = "https://bridges.example/7"
    item = (
        "<item><title>{}</title><media:content url='x'/><description><p>"
        f"{TEXT}</p><p><strong>Location:</strong> Berlin, Germany</p></description><company>Bridges</company>"
        "<pubDate>Mon, 02 Mar 2026 22:45:30 EST</pubDate><expires_at>Thu, 30 Apr 2026 10:00:00 +0000</expires_at>"
        f"<guid isPermaLink='false'>job-7</guid><link>{url}</link><type>Contract</type></item>"
    )
    head = (
        "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss' xmlns:atom='http://www.w3.org/2005/Atom'>"
        "<channel><title>Jobs</title><atom:link href='https://elsewhere.example'/><link>https://board.example/jobs</link>"
    )
    content = f"{head}{item.format('Bridge builder')}{item.format('')}</channel></rss>".encode()
    return Feed(content, "rss:board.example", "job-7", until="2026-04-30", type="contract", url=url)


def _jsonld() -> Feed:
    url = "https://bridges.example/7"
    posting = {
        "@type": ["JobPosting"], "title": "Bridge builder", "description": ESCAPED, "url": url,
        "datePosted": "2026-03-02", "validThrough": "2026-04-30T00:00:00Z", "employmentType": ["FULL_TIME"],
        "hiringOrganization": [{"name": "Bridges"}],
        "jobLocation": [{"address": {"addressLocality": "Berlin", "addressCountry": {"name": "Germany"}}}],
        "baseSalary": {"currency": "EUR", "value": {"minValue": 3000, "maxValue": "4000", "unitText": "MONTH"}},
    }
    graph = json.dumps({"@context": "https://schema.org", "@graph": [{"@type": "WebPage"}, *_both(posting)]})
    script = f"<script defer type='application/ld+json'>{graph}</script>"
    page = f"<!doctype html><title>x</title><script>1 < 2</script>{script}<p>…</p>"
    return Feed(
        page.encode(), "jsonld:bridges.example", url, until="2026-04-30", type="full_time",
        pay=(300_000, 400_000, "EUR", "month"), url=url,
    )


_HEADER = ("Job ID", "job.title", "Company Name", "Location", "Job Description", "date", "Salary Estimate", "Deadline")
_CELLS = (
    "7", "Bridge builder", "Bridges\n4.5", "Berlin", f"{TEXT}\n\nCafé; or not?", "02 March 2026", "€40k - €50k", "NA",
)


def _table(format_name: str, content: bytes) -> Feed:
    return Feed(content, format_name, "7", pay=(4_000_000, 5_000_000, "EUR", "year"))


def _csv() -> Feed:
    quoted = ";".join(f'"{cell}"' for cell in _CELLS).replace("\n", "\r\n")
    blank = ";" * (len(_CELLS) - 1)
    lines = [";".join(_HEADER), quoted, blank, quoted.replace("Bridge builder", "-1"), blank, blank, ""]
    return _table("csv", "\r\n".join(lines).encode("cp1252"))


def _xlsx() -> Feed:
    book = Workbook()
    for cells in (_HEADER, (7, *_CELLS[1:]), [None] * len(_CELLS), (7, None, *_CELLS[2:])):
        book.active.append(cells)
    saved = BytesIO()
    book.save(saved)
    return _table("xlsx", saved.getvalue())


FEEDS = {
    "csv": _csv(), "xlsx": _xlsx(), "greenhouse": _greenhouse(), "lever": _lever(), "ashby": _ashby(),
    "workable": _workable(), "smartrecruiters": _smartrecruiters(), "recruitee": _recruitee(), "personio": _personio(),
    "teamtailor": _teamtailor(), "workday": _workday(), "usajobs": _usajobs(), "remoteok": _remoteok(),
    "remotive": _remotive(), "arbeitnow": _arbeitnow(), "himalayas": _himalayas(), "indeed-xml": _indeed_xml(),
    "rss": _rss(), "jsonld": _jsonld(),
}
