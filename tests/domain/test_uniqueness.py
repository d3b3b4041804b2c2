"""What there is once only, as the database itself holds it: services may look first, but only it decides races."""

from flask import Flask
from sqlalchemy import inspect

from app.core.db import db

ONCE = {
    "account_tokens": {"token_hash"},
    "api_tokens": {"token_hash"},
    "application_proposals": {"idempotency_key application_id"},
    "application_ratings": {"application_id user_id"},
    "applications": {"posting_id email_key …", "posting_id user_id …", "posting_id idempotency_key"},
    "categories": {"slug"},
    "companies": {"slug"},
    "company_invitations": {"token_hash", "company_id email_key …"},
    "company_stages": {"company_id name_key"},
    "failed_attempts": {"address_hash"},
    "idempotency_keys": {"user_id operation key_hash"},
    "import_links": {"source key"},
    "import_sources": {"url_key"},
    "memberships": {"user_id company_id …"},
    "notice_choices": {"user_id notice"},
    "outbox_mails": {"key"},
    "places": {"slug"},
    "posting_reports": {"posting_id sender …"},
    "posting_snapshots": {"posting_id posting_version"},
    "postings": {"source source_id …"},
    "refresh_tokens": {"token_hash"},
    "saved_searches": {"user_id digest"},
    "second_factors": {"user_id"},
    "stored_files": {"public_id", "key"},
    "user_sessions": {"token_hash"},
    "users": {"email_key"},
    "webhook_deliveries": {"webhook_id event_id"},
}
"""Table → columns that are unique together; `…` where only among some of its rows."""
PAIRS = {
    "import_sightings": "source_id posting_id",
    "saved_postings": "user_id posting_id",
    "posting_countries": "posting_id country",
    "posting_places": "posting_id place_id",
}
"""Tables whose key is itself the rule: one row for each pair."""


def test_the_database_holds_what_there_is_once(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        schema = inspect(connection)
        found: dict[str, set[str]] = {}
        for table in schema.get_table_names():
            if table.startswith(("posting_fts", "huey_")):
                continue
            unique = {" ".join(map(str, each["column_names"])) for each in schema.get_unique_constraints(table)}
            for index in schema.get_indexes(table):
                partial = any(key.endswith("_where") for key in index.get("dialect_options", {}))
                if index["unique"]:
                    unique.add(" ".join(map(str, index["column_names"])) + (" …" if partial else ""))
            if unique:
                found[table] = unique
        pairs = {table: " ".join(schema.get_pk_constraint(table)["constrained_columns"]) for table in PAIRS}
    assert found == ONCE, "say in this file what is unique"
    assert pairs == PAIRS
