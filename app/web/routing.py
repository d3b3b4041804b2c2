"""Address parts that cannot overflow a database."""

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError


class RowId(BaseConverter):
    """A row's id, 1 to 2^63 - 1; anything else is no address of ours (404)."""

    regex = r"[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if number >= 2**63:
            raise ValidationError
        return number

    def to_url(self, value: int) -> str:
        return str(value)


def install(app: Flask) -> None:
    app.url_map.converters["id"] = RowId
