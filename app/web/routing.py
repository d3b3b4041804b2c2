"""Address parts that cannot overflow a database."""

from flask import Flask
from werkzeug.routing import BaseConverter

_LARGEST = 2**63 - 1


class RowId(BaseConverter):
    """A row's id. A larger number than a database holds is read as the largest, which no row has (404).

    Refused here it would be 405 wherever another method has the same address.
    """

    regex = r"[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        return min(int(value), _LARGEST)

    def to_url(self, value: int) -> str:
        return str(value)


def install(app: Flask) -> None:
    app.url_map.converters["id"] = RowId
