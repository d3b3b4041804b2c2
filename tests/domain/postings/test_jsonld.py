"""What a posting's page tells machines, read from the page as served."""

from datetime import timedelta
from typing import Any

import extruct
import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.core import clock
from app.core.money import Period
from app.domain.accounts.models import User
from app.domain.companies.models import Company
from app.domain.postings.models import (
    EmploymentType,
    Posting,
    PostingCountry,
    PostingStatus,
    Workplace,
)
from tests.factories import Board


def _served(client: FlaskClient, path: str) -> list[dict[str, Any]]:
    page = client.get(path).get_data(as_text=True)
    found: list[dict[str, Any]] = extruct.extract(page, syntaxes=["json-ld"])["json-ld"]
    return found


def _only(client: FlaskClient, path: str) -> dict[str, Any]:
    [one] = _served(client, path)
    return one


def _accept(board: Board, posting_id: int, *codes: str) -> None:
    with board.writing() as session:
        session.get_one(Posting, posting_id).countries = [PostingCountry(country=code, eligible=True) for code in codes]


def test_an_on_site_job_states_everything(board: Board, client: FlaskClient) -> None:
    company = board.company("Northwind <&> Söhne", owner="owner@example.org")
    with board.writing() as session:
        session.get_one(Company, company.id).website = "https://northwind.example"
    made = board.posting(
        company.id, title="R&D </script><script>alert(1)</script>", salary_min=1850, salary_max=2200,
        salary_period=Period.HOUR, type=EmploymentType.CONTRACT,
    )
    raw = client.get(made.path).get_data(as_text=True)
    block = raw.split('<script type="application/ld+json">', 1)[1].split("</script>", 1)[0]
    assert not set("<>&") & set(block)
    with board.reading() as session:
        posting = session.get_one(Posting, made.id)
        assert posting.published_at is not None and posting.expires_at is not None
        dates = (posting.published_at.isoformat(), posting.expires_at.isoformat())
    assert _only(client, made.path) == {
        "@context": "https://schema.org", "@type": "JobPosting",
        "title": "R&D </script><script>alert(1)</script>",
        "description": "<p>Build <strong>things</strong>.</p>",
        "datePosted": dates[0], "validThrough": dates[1],
        "hiringOrganization": {
            "@type": "Organization", "name": "Northwind <&> Söhne", "sameAs": "https://northwind.example",
        },
        "identifier": {"@type": "PropertyValue", "name": "Northwind <&> Söhne", "value": str(made.id)},
        "employmentType": "CONTRACTOR",
        "baseSalary": {
            "@type": "MonetaryAmount", "currency": "EUR",
            "value": {"@type": "QuantitativeValue", "minValue": 18.5, "maxValue": 22, "unitText": "HOUR"},
        },
        "directApply": True,
        "jobLocation": {
            "@type": "Place",
            "address": {
                "@type": "PostalAddress", "addressLocality": "Berlin", "addressRegion": "Berlin",
                "addressCountry": "DE",
            },
        },
    }  # fmt: skip


def test_nobody_applies_here_where_nobody_receives_it(board: Board, client: FlaskClient) -> None:
    company = board.company("Northwind", owner="owner@example.org")
    made = board.posting(company.id)
    assert _only(client, made.path)["directApply"] is True
    with board.writing() as session:
        session.execute(update(User).where(User.email == "owner@example.org").values(suspended_at=clock.now()))
    assert "directApply" not in _only(client, made.path)


def test_a_remote_job_names_its_countries_and_no_place(board: Board, client: FlaskClient) -> None:
    made = board.posting(workplace=Workplace.REMOTE)
    _accept(board, made.id, "DE", "FR")
    served = _only(client, made.path)
    assert served["jobLocationType"] == "TELECOMMUTE"
    assert [country["name"] for country in served["applicantLocationRequirements"]] == ["Germany", "France"]
    assert "jobLocation" not in served


def test_a_worldwide_job_names_every_country(board: Board, client: FlaskClient) -> None:
    made = board.posting(workplace=Workplace.REMOTE, place=None)
    _accept(board, made.id, "001")
    names = {country["name"] for country in _only(client, made.path)["applicantLocationRequirements"]}
    assert len(names) > 240 and {"Germany", "Kenya", "Japan"} <= names
    assert not {"Worldwide", "world", "European Union"} & names


def test_remote_work_that_names_nobody_claims_nothing(board: Board, client: FlaskClient) -> None:
    served = _only(client, board.posting(workplace=Workplace.REMOTE, place=None).path)
    assert not {"jobLocationType", "applicantLocationRequirements", "jobLocation"} & set(served)


def test_a_hybrid_job_is_at_its_place(board: Board, client: FlaskClient) -> None:
    served = _only(client, board.posting(workplace=Workplace.HYBRID).path)
    assert served["jobLocation"]["address"]["addressCountry"] == "DE"
    assert "jobLocationType" not in served


def test_an_import_without_pay_and_company_says_neither(board: Board, client: FlaskClient) -> None:
    made = board.posting(
        salary_min=None, salary_max=None, salary_currency=None, salary_period=None, source="feed", source_id="REQ-7",
        apply_url="https://example.org/apply",
    )
    with board.writing() as session:
        session.get_one(Posting, made.id).company_id = None
    served = _only(client, made.path)
    assert not {"baseSalary", "directApply"} & set(served)
    assert served["hiringOrganization"]["name"] == "confidential"
    assert served["identifier"]["value"] == "REQ-7"


@pytest.mark.parametrize("kind", list(EmploymentType))
def test_every_type_has_its_word(board: Board, client: FlaskClient, kind: EmploymentType) -> None:
    word = _only(client, board.posting(type=kind).path)["employmentType"]
    assert word in {"FULL_TIME", "PART_TIME", "CONTRACTOR", "TEMPORARY", "INTERN", "VOLUNTEER", "PER_DIEM", "OTHER"}


def test_nothing_when_it_is_not_live(board: Board, client: FlaskClient) -> None:
    now = clock.now()
    for facts in (
        {"status": PostingStatus.FILLED}, {"frozen_at": now},
        {"published_at": now - timedelta(days=9), "expires_at": now - timedelta(days=1)},
    ):
        made = board.posting(**facts)
        assert client.get(made.path).status_code == 410
        assert _served(client, made.path) == []
