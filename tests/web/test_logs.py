"""What goes wrong is told in the log without what people wrote."""

import pytest
import structlog
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core.db import reading

SECRET = "correct horse battery staple"


def test_a_traceback_shows_no_variables(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    password = SECRET.title()
    try:
        raise RuntimeError(len(password))
    except RuntimeError:
        structlog.get_logger().exception("unhandled error")
    told = capsys.readouterr().out
    assert "RuntimeError" in told and password not in told
    assert "\x1b" not in told, "colours are for terminals"


def test_a_statement_that_fails_is_told_without_its_parameters(app: Flask) -> None:
    with app.app_context(), pytest.raises(SQLAlchemyError) as failed:
        reading().execute(text("SELECT * FROM nowhere WHERE word = :word"), {"word": SECRET})
    assert "nowhere" in str(failed.value) and SECRET not in str(failed.value)
